"""``league_table``: the ranking as a reader is shown it, a row for each unit and ranking, and who says each figure.

Here: the rows that lead of ``province_ranking`` and ``ministry_ranking``, with what is shown of total and pillars, and
which set of units is shown where a year was ranked for two. Not here: ranking, and which basis leads (``leading``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, Int32, String

from dti_platform import codes, tables
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.leading import DERIVED, place
from dti_platform.publications.province_ranking import PILLARS

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Bảng xếp hạng để tra cứu"
TITLE_EN = "League table"
DESCRIPTION_VI = (
    "Mỗi dòng là một đơn vị trong một bảng xếp hạng (cấp, kỳ, danh mục đơn vị, nhóm): hạng, hạng kỳ trước, thay đổi, "
    "điểm và ba trụ cột như được trình bày cho người đọc. Điểm đã công bố luôn đứng trước; nếu chưa công bố thì là "
    "điểm tính lại từ các phần đã công bố; cột cạnh mỗi điểm cho biết loại điểm và nguồn. Một năm có hai bảng (2024: "
    "63 và 34 tỉnh, thành phố) thì headline chỉ bảng được trình bày: theo danh mục đơn vị mới nhất đã công bố hạng."
)
INPUTS = ("province_ranking", "ministry_ranking", "index_scores")
INPUTS_BEFORE = ()

#: What one ranking of the table shares.
RANKING = ["level", "index_name", "period", "geography", "peer_group"]
_CONTEST = ["level", "index_name", "period"]
_UNIT = ["period", "framework", "geography", "peer_group", "unit"]
#: The index itself, as the concept beside the pillars.
_INDEX = ""
_FIGURE = ("score", "basis", "source", "source_class")
_OFFICIAL = pl.col("evidence") == "official"


class LeagueTable(tables.Table):
    """A unit in a ranking as it is shown: rank, the rank before, the change, score and pillars, and who says each.

    The rows are those that lead (``headline``) in ``province_ranking`` and ``ministry_ranking``; other bases stand
    there. A score or pillar that was not published is ours from published parts (its basis is ``recomputed``), where
    they are known; ranks are never filled in. ``rank_change`` is null where ``comparison`` says what parts the two
    rankings. Where a level was ranked for two sets of units (2024: 63 and 34 provinces), ``headline`` is true for one:
    the newest set of which ranks were published, for it was in force when they were. With ``headline`` a level has one
    ranking a period (ministries: one for each group).
    """

    level: String = tables.coded("level")
    index_name: String
    period: String = pa.Field(str_matches=PERIOD)
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    framework: String
    peer_group: String = tables.coded("peer_group", nullable=True)
    headline: Bool
    rank: Int32 = pa.Field(nullable=True, ge=1)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    region: String = pa.Field(nullable=True)
    region_name_vi: String = pa.Field(nullable=True)
    region_name_en: String = pa.Field(nullable=True)
    previous_period: String = pa.Field(nullable=True, str_matches=PERIOD)
    previous_rank: Int32 = pa.Field(nullable=True, ge=1)
    rank_change: Int32 = pa.Field(nullable=True)
    comparison: String = tables.coded("comparison", nullable=True)
    rank_in_region: Int32 = pa.Field(nullable=True, ge=1)
    rank_among_cities: Int32 = pa.Field(nullable=True, ge=1)
    basis: String = tables.coded("basis")
    source: String = pa.Field(nullable=True)
    source_class: String = tables.coded("source_class", nullable=True)
    certainty: String = tables.coded("certainty", nullable=True)
    rank_status: String = tables.coded("rank_status")
    ranked: Int32 = pa.Field(ge=0)
    peers: Int32 = pa.Field(nullable=True, ge=1)
    rank_best: Int32 = pa.Field(nullable=True, ge=1)
    rank_worst: Int32 = pa.Field(nullable=True, ge=1)
    score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    score_basis: String = tables.coded("basis", nullable=True)
    score_source: String = pa.Field(nullable=True)
    score_source_class: String = tables.coded("source_class", nullable=True)
    score_digital_government: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_digital_government: Int32 = pa.Field(nullable=True, ge=1)
    basis_digital_government: String = tables.coded("basis", nullable=True)
    source_digital_government: String = pa.Field(nullable=True)
    source_class_digital_government: String = tables.coded("source_class", nullable=True)
    score_digital_economy: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_digital_economy: Int32 = pa.Field(nullable=True, ge=1)
    basis_digital_economy: String = tables.coded("basis", nullable=True)
    source_digital_economy: String = pa.Field(nullable=True)
    source_class_digital_economy: String = tables.coded("source_class", nullable=True)
    score_digital_society: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_digital_society: Int32 = pa.Field(nullable=True, ge=1)
    basis_digital_society: String = tables.coded("basis", nullable=True)
    source_digital_society: String = pa.Field(nullable=True)
    source_class_digital_society: String = tables.coded("source_class", nullable=True)
    predecessors: String = pa.Field(nullable=True)
    obs_status: String = tables.coded("obs_status")
    evidence: String = tables.coded("evidence")

    class Config(tables.Table.Config):
        """Key: a unit stands once in a ranking."""

        unique = [*RANKING, "unit"]

    @pa.dataframe_check(error="a level is shown for two sets of units in a period, or for a part of one")
    @classmethod
    def one_geography_is_shown(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """2024 has no two first places: all of a set of units, and of no other of that level, index and period."""
        shown = pl.col("headline")
        geographies = pl.col("geography").filter(shown).n_unique().over(_CONTEST)
        whole = shown.n_unique().over([*_CONTEST, "geography"])
        return data.lazyframe.select((geographies == 1) & (whole == 1))

    @pa.dataframe_check(error="a figure without who says it, or the other way round")
    @classmethod
    def every_figure_is_said_by_somebody(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Basis and source stand beside each score, and beside the rank of a pillar."""
        figures = [["score"], *([f"score_{pillar}", f"rank_{pillar}"] for pillar in PILLARS)]
        said = [
            pl.any_horizontal(pl.col(figure).is_not_null()) == pl.col(column).is_not_null()
            for figure, (_, basis, source, _) in zip(figures, _shown(), strict=True)
            for column in (basis, source)
        ]
        return data.lazyframe.select(pl.all_horizontal(said))

    @pa.dataframe_check(error="a change over a break, or one that is not previous_rank - rank")
    @classmethod
    def change_is_earned(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A change stands exactly where nothing parts the two rankings."""
        change = pl.when(pl.col("comparison").is_null()).then(pl.col("previous_rank") - pl.col("rank"))
        earned = pl.col("comparison").is_null() == pl.col("rank_change").is_not_null()
        return data.lazyframe.select(pl.col("rank_change").eq_missing(change) & earned)


MODEL = LeagueTable


def _shown() -> Iterable[tuple[str, str, str, str]]:
    """The columns of each score that is shown: score, basis, source, class of the source."""
    return (
        ("score", "score_basis", "score_source", "score_source_class"),
        *((f"score_{pillar}", f"basis_{pillar}", f"source_{pillar}", f"source_class_{pillar}") for pillar in PILLARS),
    )


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The rankings of a year as they are shown, sorted by key."""
    provinces, ministries = inputs["province_ranking"], inputs["ministry_ranking"]
    rows = pl.concat(
        [provinces.with_columns(level=pl.lit("provincial")), ministries.with_columns(level=pl.lit("ministerial"))],
        how="diagonal",
    )
    leading = rows.filter("headline").with_columns(
        index_name=pl.col("framework").replace_strict(frameworks.indexes, return_dtype=pl.String)
    )
    whole = _with_shown_scores(leading, inputs["index_scores"])
    return shaped(_with_shown_geography(whole, units), MODEL)


def _with_shown_scores(rows: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Total and pillars as published, else ours from published parts, else of the row's own ranking; who says each."""
    shown = _shown_scores(rows, scores)
    missing = pl.col("obs_status").is_in(codes.MISSING)
    rows = rows.drop("score", "score_source", *(f"score_{pillar}" for pillar in PILLARS))
    for concept, columns in zip((_INDEX, *PILLARS), _shown(), strict=True):
        figures = shown.filter(
            pl.col("concept") == concept, pl.col("score").is_not_null() | (concept != _INDEX)
        ).select(*_UNIT, score_status="obs_status", **dict(zip(columns, _FIGURE, strict=True)))
        rows = rows.join(figures, on=_UNIT, how="left", nulls_equal=True)
        status = pl.coalesce("score_status", "obs_status") if concept == _INDEX else pl.col("obs_status")
        rows = rows.with_columns(obs_status=pl.when(missing).then(status).otherwise("obs_status")).drop("score_status")
    return rows


def _shown_scores(rows: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """The figures of ``index_scores`` that are shown beside ranks: of each unit one of the index, and of each pillar.

    One that has a score goes before one that has a rank alone.
    """
    concept = pl.when(pl.col("parent").is_null()).then(pl.lit(_INDEX)).otherwise("concept")
    said = pl.any_horizontal(pl.col("score", "rank").is_not_null())
    known = scores.filter(said, ~DERIVED).with_columns(concept=concept)
    ranking = rows.select(*_UNIT, ranking_basis="basis", ranking_evidence="evidence")
    beside = known.join(ranking, on=_UNIT, nulls_equal=True).filter(
        pl.col("basis").is_in(("published", "recomputed")) | (pl.col("basis") == pl.col("ranking_basis")),
        _OFFICIAL | (pl.col("evidence") == pl.col("ranking_evidence")),
    )
    return beside.sort(pl.col("score").is_null(), place()).unique(
        [*_UNIT, "concept"], keep="first", maintain_order=True
    )


def _with_shown_geography(rows: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Marks the rows of the set of units that is shown: of which ranks were published, and then the newest."""
    since = {each: str(units.all[each].valid_from or date.min) for each in rows["geography"].unique()}
    printed = ((pl.col("basis") == "published") & pl.col("rank").is_not_null()).any().over([*_CONTEST, "geography"])
    newest = pl.col("geography").replace_strict(since, return_dtype=pl.String)
    order = pl.concat_str(printed.cast(pl.Int8), newest, "geography", separator=" ")
    return rows.with_columns(headline=order == order.max().over(_CONTEST))
