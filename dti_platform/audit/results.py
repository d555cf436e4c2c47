"""What the audit of the platform's own rankings gives, as tables with contracts of their own.

Here: the models, and the rows of one ranking. No release holds them: they lie beside it, as its site does, and no
figure rests on them. Not here: which rankings are audited, and where the tables lie (``pipeline.robustness``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandera.polars as pa
import polars as pl
from numpy.typing import NDArray
from pandera.engines.polars_engine import Bool, Float64, Int32, Int64, String

from dti_platform import tables
from dti_platform.audit.robustness import WIDE, Robustness
from dti_platform.audit.sensitivity import Index
from dti_platform.glossary import terms
from dti_platform.language import Bilingual, format_number, rounded
from dti_platform.periods import PERIOD

WORDS = terms("audit_words")
#: Values of a table by column.
Columns = Mapping[str, Sequence[Any] | NDArray[Any] | pl.Series]
#: What tells one ranking from another.
RANKING: tuple[str, ...] = ("period", "framework", "geography", "peer_group", "basis")
#: The quantiles of ranks, as ``robustness.QUANTILES`` has them.
NAMES = ("rank_p05", "rank_median", "rank_p95")


class Audited(tables.Table):
    """What every table of the audit says of the ranking that a row is of."""

    period: String = pa.Field(str_matches=PERIOD)
    framework: String
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    peer_group: String = pa.Field(nullable=True)
    basis: String = tables.coded("basis")


class AuditedRankings(Audited):
    """A ranking, and what its audit says of it as a whole; where it could not be audited, why.

    ``shifted_little`` is the headline that JRC's audits give: the share of units whose rank lies less than 3 places
    from the median of the simulated ones. ``neighbours_alike`` of ``neighbours`` pairs of next units can't be told
    apart: neither stands above the other in more than 95 % of the draws.
    """

    units: Int32 = pa.Field(ge=0)
    draws: Int32 = pa.Field(ge=0)
    seed: Int64 = pa.Field(ge=0)
    shifted_little: Float64 = pa.Field(nullable=True, ge=0, le=1)
    neighbours: Int32 = pa.Field(nullable=True, ge=0)
    neighbours_alike: Int32 = pa.Field(nullable=True, ge=0)
    not_audited: String = pa.Field(nullable=True)
    made_from: String = pa.Field(str_matches=r"^[0-9a-f]{64}$")
    evidence: String = tables.coded("evidence")

    class Config(Audited.Config):
        """Key: a ranking."""

        unique = [*RANKING]


class RankRobustness(Audited):
    """Where a unit may stand in a ranking under all draws of weights, scale, mean, treatment and unknown rules.

    ``rank`` is the released one; ``rank_best`` and ``rank_worst`` are what rounding and gaps of the figures allow, and
    no draw. All else is of the draws in which the unit has a rank, ``draws_ranked`` of them: fewer than all where a
    rule that withholds it is drawn. ``share_above_next`` is of those in which the next unit has one, too.
    """

    unit: String
    rank: Int32 = pa.Field(nullable=True, ge=1)
    rank_p05: Float64 = pa.Field(ge=1)
    rank_median: Float64 = pa.Field(ge=1)
    rank_p95: Float64 = pa.Field(ge=1)
    rank_mean: Float64 = pa.Field(ge=1)
    share_top10: Float64 = pa.Field(ge=0, le=1)
    rank_best: Int32 = pa.Field(nullable=True, ge=1)
    rank_worst: Int32 = pa.Field(nullable=True, ge=1)
    next_unit: String = pa.Field(nullable=True)
    share_above_next: Float64 = pa.Field(nullable=True, ge=0, le=1)
    told_apart: Bool = pa.Field(nullable=True)
    draws_ranked: Int32 = pa.Field(ge=1)
    evidence: String = tables.coded("evidence")

    class Config(Audited.Config):
        """Key: a unit in a ranking."""

        unique = [*RANKING, "unit"]

    @pa.dataframe_check(error="the ends of an interval and its median are out of order")
    @classmethod
    def intervals_are_in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """5 % <= median <= 95 %."""
        low, middle, high = (pl.col(name) for name in NAMES)
        return data.lazyframe.select((low <= middle) & (middle <= high))


class RankPairs(Audited):
    """In which share of the draws a unit stands above another, of those in which both have a rank; ties are neither."""

    unit: String
    other_unit: String
    share_above: Float64 = pa.Field(ge=0, le=1)
    evidence: String = tables.coded("evidence")

    class Config(Audited.Config):
        """Key: a unit and another in a ranking."""

        unique = [*RANKING, "unit", "other_unit"]


class RankAcceptability(Audited):
    """In which share of the draws that rank it a unit has a rank; what never happens has no row."""

    unit: String
    rank: Int32 = pa.Field(ge=1)
    share_of_draws: Float64 = pa.Field(gt=0, le=1)
    evidence: String = tables.coded("evidence")

    class Config(Audited.Config):
        """Key: a unit and a rank in a ranking."""

        unique = [*RANKING, "unit", "rank"]


class RankSensitivity(Audited):
    """How much of the ranks' uncertainty a choice makes: Sobol indices of the mean shift of ranks, with 90 % intervals.

    ``first_order``: alone; ``total_order``: with all others. By the centred estimator of Saltelli and that of Jansen.
    """

    choice: String
    first_order: Float64
    total_order: Float64
    first_order_p05: Float64
    first_order_p95: Float64
    total_order_p05: Float64
    total_order_p95: Float64
    sample_size: Int32 = pa.Field(ge=1)
    evidence: String = tables.coded("evidence")

    class Config(Audited.Config):
        """Key: a choice in a ranking."""

        unique = [*RANKING, "choice"]


TABLES: Mapping[str, type[tables.Table]] = {
    "audited_rankings": AuditedRankings,
    "rank_robustness": RankRobustness,
    "rank_pairs": RankPairs,
    "rank_acceptability": RankAcceptability,
    "rank_sensitivity": RankSensitivity,
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking that is audited: its columns ``RANKING`` in order, and the evidence on which it rests."""

    key: tuple[str | None, ...]
    evidence: str

    def rows(self, table: str, columns: Columns) -> pl.DataFrame:
        """Rows of a table, of which these columns differ."""
        schema = tables.polars_schema(TABLES[table])
        constants = {**dict(zip(RANKING, self.key, strict=True)), "evidence": self.evidence}
        frame = pl.DataFrame({name: pl.Series(values, dtype=schema[name]) for name, values in columns.items()})
        fixed = [pl.lit(value, pl.String).alias(name) for name, value in constants.items()]
        return frame.with_columns(fixed).select([*schema])


def no_rows() -> dict[str, pl.DataFrame]:
    """Every table without rows."""
    return {name: tables.empty(model) for name, model in TABLES.items()}


def refused(ranking: Ranking, made_from: str, why: str) -> dict[str, pl.DataFrame]:
    """The tables of a ranking that can't be audited."""
    row = {"units": [0], "draws": [0], "seed": [0], "shifted_little": [None], "neighbours": [None],
           "neighbours_alike": [None], "not_audited": [why], "made_from": [made_from]}  # fmt: skip
    return {**no_rows(), "audited_rankings": ranking.rows("audited_rankings", row)}


def rows(
    ranking: Ranking,
    made_from: str,
    seed: int,
    robustness: Robustness,
    bounds: Mapping[str, tuple[int | None, int | None]],
    indices: Iterable[Index],
    size: int,
) -> dict[str, pl.DataFrame]:
    """The tables of a ranking.

    Args:
        ranking: which one.
        made_from: the hash of all that it was made from.
        seed: of its draws.
        robustness: its ranks under draws.
        bounds: by unit, the best and the worst rank that its figures allow.
        indices: its sensitivity.
        size: of the sample from which that was worked out.
    """
    next_ = {unit: (other, apart) for unit, other, apart in robustness.neighbours()}
    alike = sum(not apart for _, apart in next_.values())
    summary = {
        "units": [len(robustness.units)],
        "draws": [robustness.number],
        "seed": [seed],
        "shifted_little": [robustness.headline],
        "neighbours": [len(next_)],
        "neighbours_alike": [alike],
        "not_audited": [None],
        "made_from": [made_from],
    }
    sensitivities = [*indices]
    return {
        "audited_rankings": ranking.rows("audited_rankings", summary),
        "rank_robustness": ranking.rows("rank_robustness", _units(robustness, bounds, next_)),
        "rank_pairs": ranking.rows("rank_pairs", _pairs(robustness)),
        "rank_acceptability": ranking.rows("rank_acceptability", _acceptability(robustness)),
        "rank_sensitivity": ranking.rows(
            "rank_sensitivity",
            {
                "choice": [index.choice for index in sensitivities],
                "first_order": [index.first for index in sensitivities],
                "total_order": [index.total for index in sensitivities],
                "first_order_p05": [index.first_low for index in sensitivities],
                "first_order_p95": [index.first_high for index in sensitivities],
                "total_order_p05": [index.total_low for index in sensitivities],
                "total_order_p95": [index.total_high for index in sensitivities],
                "sample_size": [size] * len(sensitivities),
            },
        ),
    }


def _units(
    robustness: Robustness, bounds: Mapping[str, tuple[int | None, int | None]], next_: Mapping[int, tuple[int, bool]]
) -> Columns:
    shares, places = robustness.shares, range(len(robustness.units))
    return {
        "unit": robustness.units,
        "rank": [None if math.isnan(rank) else int(rank) for rank in robustness.nominal.tolist()],
        **dict(zip(NAMES, robustness.quantiles.T, strict=True)),
        "rank_mean": robustness.mean,
        "share_top10": robustness.top,
        "rank_best": [bounds[unit][0] for unit in robustness.units],
        "rank_worst": [bounds[unit][1] for unit in robustness.units],
        "next_unit": [robustness.units[next_[row][0]] if row in next_ else None for row in places],
        "share_above_next": [float(shares[row, next_[row][0]]) if row in next_ else None for row in places],
        "told_apart": [next_[row][1] if row in next_ else None for row in places],
        "draws_ranked": robustness.ranked,
    }


def _pairs(robustness: Robustness) -> Columns:
    ones, others = ((robustness.both > 0) & ~np.eye(len(robustness.units), dtype=np.bool_)).nonzero()
    codes = pl.Series(robustness.units)
    return {"unit": codes[ones], "other_unit": codes[others], "share_above": robustness.shares[ones, others]}


def _acceptability(robustness: Robustness) -> Columns:
    units, ranks = robustness.counts.nonzero()
    return {
        "unit": pl.Series(robustness.units)[units],
        "rank": ranks + 1,
        "share_of_draws": robustness.acceptability[units, ranks],
    }


def name_of(row: Mapping[str, Any]) -> str:
    """The ranking of a row, as a title has it: ``2022 922 VN63 self``."""
    return " ".join(str(row[part]) for part in RANKING if row[part])


def with_widths(rankings: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``audited_rankings`` with what ``rank_robustness`` says of widths.

    ``interval_median`` is the median number of places between a unit's 5 % and 95 % rank, ``intervals_wide`` how many
    units have ``WIDE`` places or more there.
    """
    width = pl.col("rank_p95") - pl.col("rank_p05")
    widths = units.group_by(RANKING).agg(interval_median=width.median(), intervals_wide=(width >= WIDE).sum())
    return rankings.join(widths, on=RANKING, how="left", nulls_equal=True, maintain_order="left")


def headline(row: Mapping[str, Any]) -> Bilingual:
    """What a row of ``with_widths`` says: JRC's headline, how wide intervals are, which neighbours are told apart."""
    name = name_of(row)
    if row["not_audited"]:
        return WORDS["not_audited"].format(name=name, why=row["not_audited"])
    formatted = {
        "share": f"{rounded(100 * Decimal(str(row['shifted_little'])), 0)}%",
        "interval_median": format_number(row["interval_median"]),
    }
    return WORDS["headline"].format(**{**row, "name": name, "wide": WIDE, **formatted})
