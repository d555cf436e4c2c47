"""``index_scores``: every unit at every node of its framework: points, maximum, score and rank, by basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Float64, Int32, String

from dti_platform import codes, tables
from dti_platform.methodology.scoring import SUBMITTED
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.figures import figures
from dti_platform.publications.naming import node_frame, with_units
from dti_platform.publications.verdicts import SCORE_TOLERANCE

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Điểm và hạng theo từng chỉ số"
TITLE_EN = "Scores and ranks of every pillar, main index and indicator"
DESCRIPTION_VI = (
    "Mỗi dòng là một đơn vị tại một nút của bộ chỉ số (tổng, trụ cột, nhóm, chỉ số chính, chỉ số thành phần) trong "
    "một kỳ, theo một cơ sở: đã công bố, tính lại, tự chấm, thẩm định, chính thức. Dòng ghi «illustrative» dựa trên dữ "
    "liệu giả lập hoặc danh mục chỉ số minh họa, không thay cho số liệu đã công bố."
)
INPUTS = ("scores", "rankings", "observations")
INPUTS_BEFORE = ()


class IndexScores(tables.Table):
    """A unit at a node of the framework in force, in one period and on one basis: points, maximum, score, rank.

    Where several sources print the figure, the one that leads (rule: ``publications/sources.py``) stands here; the
    others are in ``reconciliation``. A row of unit VN63, VN34, VN or MIN22 is a printed mean. What is illustrative
    never stands in for a published figure: both have a row, told apart by ``basis`` and ``evidence``.
    """

    period: String = pa.Field(str_matches=PERIOD, description="the year (or shorter period) measured, SDMX style")
    framework: String = pa.Field(description="version of the framework in force, such as 922")
    geography: String = pa.Field(
        str_matches=tables.GEOGRAPHY, description="the set of units at that time: VN63, VN34, MIN22"
    )
    unit: String = pa.Field(description="unit id such as VN63-19; a geography's id for a mean of it")
    unit_name_vi: String = pa.Field(description="name of the unit in Vietnamese")
    unit_name_en: String = pa.Field(description="name of the unit in English")
    region: String = pa.Field(nullable=True, description="code of a province's socio-economic region; null for others")
    group: String = pa.Field(nullable=True, description="the ranked group of a ministry; null for provinces")
    node: String = pa.Field(description="code of the node in the framework, such as PDTI, CQS, 3 or 3.4")
    node_name_vi: String = pa.Field(description="name of the node in Vietnamese")
    node_name_en: String = pa.Field(description="name of the node in English")
    kind: String = pa.Field(
        isin=("index", "pillar", "group", "main_index", "indicator"), description="what the node is in the tree"
    )
    concept: String = pa.Field(
        nullable=True, description="what the node means across framework versions; null: only here"
    )
    parent: String = pa.Field(nullable=True, description="code of the node above; null for the index itself")
    parts: String = pa.Field(
        nullable=True, description="codes of the nodes that it is computed from, by spaces; null: a value comes in here"
    )
    basis: String = pa.Field(
        isin=codes.BASES,
        description="published: as printed; recomputed: ours from printed parts; self, verified, final: ours from "
        "submissions",
    )
    points: Float64 = pa.Field(
        nullable=True,
        ge=0,
        description="points; of a printed score: score x maximum; null where no score or no maximum is known",
    )
    max_points: Float64 = pa.Field(nullable=True, gt=0, description="most points possible; null where it is not known")
    score: Float64 = pa.Field(nullable=True, ge=0, le=1, description="0 to 1: points / max_points, or as printed")
    rank: Int32 = pa.Field(
        nullable=True, ge=1, description="place among the peers, 1 is best; null: none printed or withheld"
    )
    rank_status: String = pa.Field(
        nullable=True,
        isin=codes.RANK_STATUSES,
        description="published: as printed; ours: complete, provisional (at least 90 % of the peers) or withheld "
        "(fewer)",
    )
    ranked: Int32 = pa.Field(
        nullable=True, ge=0, description="peers that have a score here (published: a printed rank)"
    )
    peers: Int32 = pa.Field(
        nullable=True, ge=1, description="units that the ranking is meant to cover; null: not public"
    )
    missing: Int32 = pa.Field(nullable=True, ge=0, description="parts below the node that have no value")
    missing_rule: String = pa.Field(
        nullable=True, isin=codes.MISSING_RULES, description="what the framework does about a missing part"
    )
    rule_vi: String = pa.Field(description="how the points come about, in Vietnamese")
    rule_en: String = pa.Field(description="how the points come about, in English")
    rounding: String = pa.Field(description="the declared rounding and tie rule (no decision was found to say them)")
    obs_status: String = pa.Field(isin=codes.OBS_STATUSES, description="SDMX observation status of the score")
    source: String = pa.Field(
        description="where the score was printed, or whose submission it rests on (no score: the rank)"
    )
    rank_source: String = pa.Field(
        nullable=True, description="where the rank was printed, or what a computed one rests on"
    )
    evidence: String = pa.Field(
        isin=codes.EVIDENCE, description="illustrative: rests on synthetic input or on a made-up list of indicators"
    )

    class Config(tables.Table.Config):
        """Key: one figure for a unit at a node, by basis."""

        unique = ["period", "framework", "geography", "unit", "group", "node", "basis"]

    @pa.dataframe_check(error="a row has neither a score, nor points, nor a rank, and does not say that it is missing")
    @classmethod
    def says_something(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A figure has a value or a status that says why not."""
        known = pl.any_horizontal(pl.col("score", "points", "rank").is_not_null())
        return data.lazyframe.select(known | pl.col("obs_status").is_in(("M", "O")))

    @pa.dataframe_check(error="points / max_points differs from the score by more than 1e-4")
    @classmethod
    def score_is_points_over_maximum(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The tolerance is that of figures printed with 4 decimals."""
        gap = (pl.col("points") / pl.col("max_points") - pl.col("score")).abs()
        return data.lazyframe.select((gap <= SCORE_TOLERANCE).fill_null(value=True))


MODEL = IndexScores


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Scores and ranks by node with their names and rules, sorted by key."""
    known = figures(inputs, frameworks).filter(pl.any_horizontal(pl.col("score_source", "rank_source").is_not_null()))
    nodes = node_frame(known, frameworks)
    named = with_units(known, units, ("unit_name_vi", "unit_name_en", "region")).join(
        nodes,
        left_on=["framework", "geography", "node", pl.col("basis").is_in(SUBMITTED)],
        right_on=["framework", "geography", "node", "overlaid"],
        how="left",
    )
    return shaped(named.with_columns(source=pl.coalesce("score_source", "rank_source")), MODEL)
