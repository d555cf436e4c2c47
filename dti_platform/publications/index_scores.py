"""``index_scores``: every unit at every node of its framework: points, maximum, score and rank, by basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, Int32, String

from dti_platform import codes, tables
from dti_platform.methodology.scoring import SUBMITTED
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.figures import figures
from dti_platform.publications.leading import DERIVED, FIGURE, ILLUSTRATIVE, leads
from dti_platform.publications.mean_rules import with_mean_rules
from dti_platform.publications.naming import node_frame, with_source_class, with_units
from dti_platform.publications.verdicts import SCORE_TOLERANCE

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Điểm và hạng theo từng chỉ số"
TITLE_EN = "Scores and ranks of every pillar, main index and indicator"
DESCRIPTION_VI = (
    "Mỗi dòng là một đơn vị tại một mục của bộ chỉ số (chỉ số tổng, trụ cột, nhóm, chỉ số chính, chỉ số thành phần) "
    "trong một kỳ, theo một loại điểm: đã công bố, do người trích dẫn tính ra, tính lại, tự đánh giá, thẩm định, cuối "
    "cùng. Dòng ghi «illustrative» dựa trên dữ liệu giả lập hoặc danh mục chỉ số minh họa, không thay cho số liệu đã "
    "công bố."
)
INPUTS = ("scores", "rankings", "observations")
INPUTS_BEFORE = ()


class IndexScores(tables.Table):
    """A unit at a node of the framework in force, in one period and on one basis: points, maximum, score, rank.

    Where several sources print the figure, the one that leads (rule: docs/reading-releases.md) stands here; the others
    are in ``reconciliation``. A row of unit VN63, VN34 or MIN22 is a printed mean; one of VN is the country's own
    index. What is illustrative never stands in for a published figure: both have a row, told apart by ``basis`` and
    ``evidence``.
    """

    period: String = pa.Field(str_matches=PERIOD)
    framework: String
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    region: String = pa.Field(nullable=True)
    peer_group: String = pa.Field(nullable=True)
    node: String
    node_name_vi: String
    node_name_en: String
    kind: String = tables.coded("kind")
    concept: String = pa.Field(nullable=True)
    parent: String = pa.Field(nullable=True)
    parts: String = pa.Field(nullable=True)
    basis: String = tables.coded("basis")
    headline: Bool
    points: Float64 = pa.Field(nullable=True, ge=0)
    max_points: Float64 = pa.Field(nullable=True, gt=0)
    score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank: Int32 = pa.Field(nullable=True, ge=1)
    rank_best: Int32 = pa.Field(nullable=True, ge=1)
    rank_worst: Int32 = pa.Field(nullable=True, ge=1)
    rank_status: String = tables.coded("rank_status", nullable=True)
    ranked: Int32 = pa.Field(nullable=True, ge=0)
    peers: Int32 = pa.Field(nullable=True, ge=1)
    missing: Int32 = pa.Field(nullable=True, ge=0)
    missing_rule: String = tables.coded("missing_rule", nullable=True)
    rule_vi: String
    rule_en: String
    rounding: String
    obs_status: String = tables.coded("obs_status")
    source: String
    source_class: String = tables.coded("source_class", nullable=True)
    certainty: String = tables.coded("certainty", nullable=True)
    rank_source: String = pa.Field(nullable=True)
    evidence: String = tables.coded("evidence")

    class Config(tables.Table.Config):
        """Key: one figure for a unit at a node, by basis."""

        unique = ["period", "framework", "geography", "unit", "peer_group", "node", "basis"]

    @pa.dataframe_check(error="a row has neither a score, nor points, nor a rank, and does not say that it is missing")
    @classmethod
    def says_something(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A figure has a value or a status that says why not."""
        known = pl.any_horizontal(pl.col("score", "points", "rank").is_not_null())
        return data.lazyframe.select(known | pl.col("obs_status").is_in(codes.MISSING))

    @pa.dataframe_check(error="a figure has no headline, or two")
    @classmethod
    def one_headline(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """One basis leads of each figure, whatever their number; where a figure is derived alone, none does."""
        leading, known = pl.col("headline").sum().over(*FIGURE), (~DERIVED).any().over(*FIGURE)
        return data.lazyframe.select((leading == known.cast(pl.UInt32)) & ~(pl.col("headline") & DERIVED))

    @pa.dataframe_check(error="a rank outside its bounds, or bounds outside the peers")
    @classmethod
    def bounds_hold_the_rank(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Whatever was rounded or is missing, a rank is among those that are possible."""
        return data.lazyframe.select(tables.bounded_rank())

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
    marked = named.with_columns(
        source=pl.coalesce("score_source", "rank_source"),
        certainty=pl.coalesce("score_certainty", "rank_certainty"),
        headline=leads(FIGURE, illustrative=ILLUSTRATIVE),
        **{name: _of_ranking(name) for name in ("rank_status", "ranked", "peers")},
    )
    ruled = with_mean_rules(marked, inputs["scores"], frameworks)
    return shaped(with_source_class(ruled, inputs["observations"]), MODEL)


def _of_ranking(name: str) -> pl.Expr:
    """What a ranking of the index says of itself, also beside a score without a rank, as ``Standings`` does."""
    ranking = ["period", "framework", "geography", "basis", "peer_group", "node"]
    of_index = pl.col("parent").is_null() & (pl.col("unit") != pl.col("geography"))
    return pl.when(of_index).then(pl.coalesce(name, pl.col(name).drop_nulls().first().over(ranking))).otherwise(name)
