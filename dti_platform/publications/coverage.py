"""``coverage``: what was received, accepted, quarantined and missing, unit by unit.

Here: counting the values of each unit and feed. Not here: what follows from a gap (``shortfall``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Int32, String

from dti_platform import tables
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.expected import with_expected
from dti_platform.publications.naming import with_units
from dti_platform.publications.shortfall import with_shortfall

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Mức độ đầy đủ của số liệu"
TITLE_EN = "Coverage: what was received, and what is missing"
DESCRIPTION_VI = (
    "Mỗi dòng là một đơn vị theo một luồng báo cáo trong một kỳ: số giá trị đã nhận, đã chấp nhận, tạm giữ, còn thiếu; "
    "chỉ số tổng có tính được không, bảng xếp hạng tính lại có được đưa ra không, và vì sao không. Mọi đơn vị của danh "
    "mục đều có mặt, kể cả khi chưa nhận được gì."
)
INPUTS = ("observations", "quarantine", "submissions", "scores", "rankings")
INPUTS_BEFORE = ()

ROW = ["period", "geography", "framework", "unit", "feed"]
_FEED = ["period", "geography", "framework", "feed"]
_IN_FORCE = {"geography": pl.String, "index": pl.String, "framework": pl.String}


class Coverage(tables.Table):
    """What one feed brought of a unit in a period: values received, accepted, quarantined, missing; and what follows.

    For the index every unit of the geography has a row, even if nothing came. ``missing`` counts the inputs that are
    expected and lacking, ``lacking`` all that a computed index lacks; ``computed`` says whether there is one;
    ``rank_status`` whether ours are ranked: withheld when fewer peers have a score than the framework asks for. For
    operational figures (framework is null) nothing is
    expected, so nothing is missing. A row without unit counts the quarantined cells whose unit could not be read.
    """

    period: String = pa.Field(str_matches=PERIOD)
    geography: String = pa.Field(nullable=True, str_matches=tables.GEOGRAPHY)
    framework: String = pa.Field(nullable=True)
    unit: String = pa.Field(nullable=True)
    unit_name_vi: String = pa.Field(nullable=True)
    unit_name_en: String = pa.Field(nullable=True)
    feed: String
    received: Int32 = pa.Field(ge=0)
    accepted: Int32 = pa.Field(ge=0)
    quarantined: Int32 = pa.Field(ge=0)
    inputs: Int32 = pa.Field(nullable=True, ge=0)
    lacking: Int32 = pa.Field(nullable=True, ge=0)
    expected: Int32 = pa.Field(nullable=True, ge=0)
    missing: Int32 = pa.Field(nullable=True, ge=0)
    computed: Bool = pa.Field(nullable=True)
    rank_status: String = tables.coded("rank_status", only=("complete", "provisional", "withheld"), nullable=True)
    ranked: Int32 = pa.Field(nullable=True, ge=0)
    peers: Int32 = pa.Field(nullable=True, ge=1)
    reason: String = tables.coded("shortfall", nullable=True)
    why_vi: String = pa.Field(nullable=True)
    why_en: String = pa.Field(nullable=True)
    evidence: String = tables.coded("evidence")

    class Config(tables.Table.Config):
        """Key: a feed is counted once for a unit, period and framework."""

        unique = ["period", "geography", "framework", "unit", "feed"]

    @pa.dataframe_check(error="received is not accepted + quarantined")
    @classmethod
    def nothing_vanishes(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Every value received was accepted or is held back."""
        return data.lazyframe.select(pl.col("received") == pl.col("accepted") + pl.col("quarantined"))

    @pa.dataframe_check(error="more is missing than expected, or an index is computed although all is lacking")
    @classmethod
    def missing_is_of_expected(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What there is of the inputs and of the expected ones is the same, and known wherever a framework is."""
        there = pl.col("inputs") - pl.col("lacking")
        same = there.eq_missing(pl.col("expected") - pl.col("missing")) & (there >= 0).fill_null(value=True)
        within = (pl.col("expected") <= pl.col("inputs")).fill_null(value=True)
        void = (pl.col("computed") & (there == 0) & (pl.col("inputs") > 0)).fill_null(value=False)
        return data.lazyframe.select(same & within & ~void)

    @pa.dataframe_check(error="an index that is not computed, or a ranking withheld, without its reason")
    @classmethod
    def shortfall_says_why(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What is not there says why, and only that."""
        short = (~pl.col("computed")).fill_null(value=False) | (pl.col("rank_status") == "withheld").fill_null(
            value=False
        )
        explained = pl.all_horizontal(pl.col("reason", "why_vi", "why_en").is_not_null())
        return data.lazyframe.select(short == explained)


MODEL = Coverage


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """What was received and what is missing in a year, sorted by key."""
    counted = _counts(year, inputs, units, frameworks)
    short = with_expected(with_shortfall(counted, inputs, units, frameworks))
    return shaped(with_units(short, units, ("unit_name_vi", "unit_name_en")), MODEL)


def _counts(year: int, inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Columns: ROW, received, accepted, quarantined, evidence: one row for a unit and feed, and period or framework."""
    accepted = _accepted(inputs["observations"])
    quarantined = _quarantined(year, inputs, units, frameworks)
    both = pl.concat(
        [accepted, quarantined, _everyone(pl.concat([accepted, quarantined], how="diagonal"), units)], how="diagonal"
    )
    counted = both.group_by(ROW).agg(
        pl.col("accepted", "quarantined").sum(), illustrative=pl.col("illustrative").any().fill_null(value=False)
    )
    return counted.with_columns(
        received=pl.col("accepted") + pl.col("quarantined"),
        evidence=pl.when("illustrative").then(pl.lit("illustrative")).otherwise(pl.lit("official")),
    )


def _accepted(observations: pl.DataFrame) -> pl.DataFrame:
    return observations.group_by(ROW).agg(
        accepted=pl.len().cast(pl.Int32), illustrative=(pl.col("evidence") == "illustrative").any()
    )


def _quarantined(year: int, inputs: Mapping[str, pl.DataFrame], units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Quarantined cells, by their unit where it was read; the framework is that of the feed's index.

    A cell that breaks two rules counts once.
    """
    place = {unit.id: unit.geography for unit in units.all.values()}
    files = inputs["submissions"].select("feed", "file", illustrative=pl.col("evidence") == "illustrative").unique()
    cells = inputs["quarantine"].unique(["feed", "file", "locator"], keep="first", maintain_order=True)
    cells = cells.join(files, on=["feed", "file"], how="left", maintain_order="left")
    known = cells.with_columns(geography=pl.col("unit").replace_strict(place, default=None, return_dtype=pl.String))
    of_index = inputs["observations"].filter(pl.col("framework").is_not_null())
    index = pl.col("framework").replace_strict(frameworks.indexes, return_dtype=pl.String)
    brought = of_index.select("feed", index=index).unique()
    versions = [
        (each, framework.index, framework.version)
        for each in sorted(set(place.values()))
        for framework in frameworks.in_force(year, each)
    ]
    in_force = pl.DataFrame(versions, schema=_IN_FORCE, orient="row")
    scored = pl.col("index").is_not_null()
    return (
        known.join(brought, on="feed", how="left")
        .join(in_force, on=["geography", "index"], how="left")
        .with_columns(period=pl.when(scored & pl.col("unit").is_not_null()).then(pl.lit(str(year))).otherwise("period"))
        .group_by(ROW)
        .agg(quarantined=pl.len().cast(pl.Int32), illustrative=pl.col("illustrative").any())
    )


def _everyone(counted: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Every unit of a geography, for each feed of its index that brought anything."""
    members = [(geography, unit) for geography, ids in units.geographies.items() for unit in ids]
    peers = pl.DataFrame(members, schema={"geography": pl.String, "unit": pl.String}, orient="row")
    feeds = counted.filter(pl.col("framework").is_not_null()).select(_FEED).unique()
    return feeds.join(peers, on="geography").select(
        *ROW, accepted=pl.lit(0, pl.Int32), quarantined=pl.lit(0, pl.Int32), illustrative=pl.lit(value=False)
    )
