"""``reconciliation``: every printed figure beside ours, with the difference and what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, String

from dti_platform import tables
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.matching import HELD_AGAINST, pairs
from dti_platform.publications.naming import with_units
from dti_platform.publications.verdicts import BILLIONTH, Compared, judge, why

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Đối chiếu số đã công bố với số tính lại"
TITLE_EN = "Reconciliation of published figures with ours"
DESCRIPTION_VI = (
    "Mỗi dòng là một số liệu đã công bố theo một nguồn, đặt cạnh số của nền tảng: khớp, lệch, khớp vì dữ liệu giả lập "
    "được dựng theo số đã công bố, hoặc không tính được và vì sao. Các nguồn khác nhau được giữ cạnh nhau, không lấy "
    "trung bình."
)
INPUTS = ("observations", "scores", "rankings")
INPUTS_BEFORE = ()


class Reconciliation(tables.Table):
    """A figure as one source prints it, beside ours on one basis: difference, tolerance, verdict and why.

    Scores agree within 1e-4: printed inputs have 4 decimals, so a total recomputed from them may differ by up to that;
    a score that is quoted with fewer decimals agrees within half a unit of its last one (0.496: 5e-4), 5e-3 at most.
    Points agree within 1e-4 of their maximum, ranks only if they are the same; a list of the best holds if ours is in
    it. ``by construction``: ours was made to agree (synthetic submissions), so it proves nothing. ``not computable``:
    ``reason`` and ``why`` say why. What a quoter worked out (basis derived) is not printed, and does not stand here.
    Conflicting sources are rows side by side, marked by ``sources_differ``; nothing is averaged.
    """

    period: String = pa.Field(str_matches=PERIOD)
    framework: String
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    peer_group: String = pa.Field(nullable=True)
    metric: String = pa.Field(str_matches=r"^(score|points|rank|change|top\d+|bottom\d+|minimum|units)_[a-z0-9_.]+$")
    node: String
    source: String
    as_published: Float64
    certainty: String = tables.coded("certainty")
    basis: String = tables.coded("basis", only=HELD_AGAINST)
    ours: Float64 = pa.Field(nullable=True)
    our_source: String = pa.Field(nullable=True)
    difference: Float64 = pa.Field(nullable=True)
    tolerance: Float64 = pa.Field(ge=0)
    verdict: String = tables.coded("verdict")
    reason: String = tables.coded("verdict_reason", nullable=True)
    why_vi: String = pa.Field(nullable=True)
    why_en: String = pa.Field(nullable=True)
    sources_differ: Bool
    evidence: String = tables.coded("evidence")

    class Config(tables.Table.Config):
        """Key: a printed figure is held once against each basis of ours."""

        unique = ["period", "framework", "geography", "unit", "peer_group", "metric", "source", "basis"]

    @pa.dataframe_check(error="a verdict that its figures do not bear out")
    @classmethod
    def verdict_follows_figures(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Within the tolerance or not, there or not there: the verdict says the same as the numbers."""
        verdict, apart = pl.col("verdict"), pl.col("difference").abs() > pl.col("tolerance") + BILLIONTH / 2
        listed = pl.col("metric").str.contains("^(top|bottom)")
        absent = (verdict == "not computable") == pl.col("ours").is_null()
        borne_out = listed | pl.col("ours").is_null() | ((verdict == "differs") == apart)
        return data.lazyframe.select((absent & borne_out).fill_null(value=False))

    @pa.dataframe_check(error="an agreement that rests on synthetic input, or a verdict without its reason")
    @classmethod
    def nothing_illustrative_agrees(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What was constructed to agree never counts as agreeing; everything but an agreement says why."""
        agrees = pl.col("verdict") == "agrees"
        explained = pl.all_horizontal(pl.col("reason", "why_vi", "why_en").is_not_null())
        return data.lazyframe.select((agrees != explained) & ~(agrees & (pl.col("evidence") == "illustrative")))

    @pa.dataframe_check(error="a difference that is not ours - as_published")
    @classmethod
    def difference_is_ours_less_theirs(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """To the billionth."""
        gap = (pl.col("ours") - pl.col("as_published") - pl.col("difference")).abs()
        return data.lazyframe.select((gap <= BILLIONTH).fill_null(value=True))


MODEL = Reconciliation


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Every printed figure of a year against ours, sorted by key."""
    paired = pairs(inputs, units, frameworks)
    judged = pl.DataFrame(
        [_verdict(row) for row in cast("Iterable[Compared]", paired.iter_rows(named=True))],
        schema=_VERDICT,
        orient="row",
    )
    evidence = pl.when("illustrative").then(pl.lit("illustrative")).otherwise(pl.lit("official"))
    rows = pl.concat([paired, judged], how="horizontal").with_columns(evidence=evidence)
    return shaped(with_units(rows, units, ("unit_name_vi", "unit_name_en")), MODEL)


_VERDICT = {"verdict": pl.String, "reason": pl.String, "why_vi": pl.String, "why_en": pl.String}


def _verdict(row: Compared) -> tuple[str | None, ...]:
    verdict, reason = judge(row)
    return verdict, reason, *why(reason, row)
