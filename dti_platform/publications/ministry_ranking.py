"""``ministry_ranking``: who stands where among the ministries, in each of the two ranked groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pandera.engines.polars_engine import String

from dti_platform.publications import shaped
from dti_platform.publications.standings import Standings, standings

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Xếp hạng chuyển đổi số cấp bộ"
TITLE_EN = "Ranking of ministries in digital transformation"
DESCRIPTION_VI = (
    "Mỗi dòng là một bộ, cơ quan trong một nhóm xếp hạng (có hoặc không có dịch vụ công), theo kỳ, bộ chỉ số và loại "
    "điểm. Chỉ có những đơn vị tìm thấy số liệu: danh sách đầy đủ của từng nhóm theo năm không công khai."
)
INPUTS = ("scores", "rankings", "observations")
INPUTS_BEFORE = ("scores", "rankings", "observations")


class MinistryRanking(Standings):
    """A ministry in the ranking of its group: rank, score, and the places gained since the comparable one before.

    With and without public services are ranked apart. Only ministries with a figure stand here: who belongs to
    which group in which year is not public in full, so a missing one can't be told from one that is not ranked.
    """

    peer_group: String

    class Config(Standings.Config):
        """Key: a ministry stands once in the ranking of a group."""

        unique = ["period", "framework", "geography", "peer_group", "unit", "basis"]


MODEL = MinistryRanking


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The rankings of ministries of a year, by group, sorted by key."""
    ranking = standings(inputs, before, units, frameworks, "ministerial").filter(pl.col("peer_group").is_not_null())
    return shaped(ranking, MODEL)
