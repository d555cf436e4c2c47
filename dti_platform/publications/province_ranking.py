"""``province_ranking``: who stands where among the provinces, with the pillars and the comparable rank before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Float64, Int32, String

from dti_platform.publications import shaped
from dti_platform.publications.standings import Standings, standings, with_subgroup_ranks

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Xếp hạng chuyển đổi số cấp tỉnh"
TITLE_EN = "Ranking of provinces in digital transformation"
DESCRIPTION_VI = (
    "Mỗi dòng là một tỉnh, thành phố trong một bảng xếp hạng (kỳ, bộ chỉ số, danh mục đơn vị, loại điểm). Bảng đã "
    "công bố luôn đứng đầu (headline); bảng do nền tảng tính đứng bên cạnh. Bảng có đủ tất cả các đơn vị; đơn vị chưa "
    "có số liệu ghi obs_status L (không tìm thấy công bố) hoặc O (không tính theo quy tắc). Hạng trong vùng và trong "
    "các thành phố trực thuộc trung ương suy từ hạng chung, khi mọi đơn vị ở đó đều có hạng. Chỉ so sánh với kỳ trước "
    "khi cùng danh mục đơn vị, cùng loại điểm và cùng họ bộ chỉ số; nếu không, cột comparison nói lý do."
)
INPUTS = ("scores", "rankings", "observations")
INPUTS_BEFORE = ("scores", "rankings", "observations")
PILLARS = ("digital_government", "digital_economy", "digital_society")


class ProvinceRanking(Standings):
    """A province in one ranking: its rank, score and pillars, and the places gained since the comparable one before.

    All provinces of the geography stand in every ranking of it: one without a figure has obs_status L (no publication
    found) or O (not computed by our rule). The published ranking leads (headline) wherever there is one, even for a
    province whose rank was not found; ours stand beside. Where sources differ, the one that leads stands here and the
    others in ``reconciliation``. The figures of 63 and of 34 provinces are two rankings and are never compared;
    ``predecessors`` says who became whom. Places within the region and among the centrally-run cities follow from the
    ranks of the whole.
    """

    region: String = pa.Field(nullable=True)
    region_name_vi: String = pa.Field(nullable=True)
    region_name_en: String = pa.Field(nullable=True)
    rank_in_region: Int32 = pa.Field(nullable=True, ge=1)
    rank_among_cities: Int32 = pa.Field(nullable=True, ge=1)
    score_digital_government: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_digital_government: Int32 = pa.Field(nullable=True, ge=1)
    score_digital_economy: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_digital_economy: Int32 = pa.Field(nullable=True, ge=1)
    score_digital_society: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank_digital_society: Int32 = pa.Field(nullable=True, ge=1)

    @pa.dataframe_check(error="a place within a region or among the cities is below the place among all")
    @classmethod
    def circles_are_within(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A unit stands no lower among some of its peers than among all of them; without a rank it has no place."""
        ranks = (pl.col(name) for name in ("rank_in_region", "rank_among_cities"))
        within = [rank.is_null() | (rank <= pl.col("rank")).fill_null(value=False) for rank in ranks]
        return data.lazyframe.select(pl.all_horizontal(within))

    class Config(Standings.Config):
        """Key: a province stands once in a ranking."""

        unique = ["period", "framework", "geography", "unit", "basis"]


MODEL = ProvinceRanking


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The rankings of provinces of a year, sorted by key."""
    ranking = standings(inputs, before, units, frameworks, "provincial", PILLARS)
    return shaped(with_subgroup_ranks(ranking, units), MODEL)
