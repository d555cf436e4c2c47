"""``national_scorecard``: the country's operational figures, against plan and against the figure before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform.publications import shaped
from dti_platform.publications.series import Scorecard, scorecard

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Chỉ tiêu điều hành cấp quốc gia"
TITLE_EN = "National scorecard of operational indicators"
DESCRIPTION_VI = (
    "Mỗi dòng là một chỉ tiêu của cả nước trong một kỳ theo một nguồn: giá trị và cách diễn đạt (đúng, trên, "
    "khoảng), kế hoạch, chênh lệch so với kế hoạch, kỳ trước. repeats_previous báo số liệu lặp lại của báo cáo trước "
    "(có thể đã cũ); denominator_changed báo mẫu số đã đổi. Đây không phải điểm DTI."
)
INPUTS = ("observations",)
INPUTS_BEFORE = ("observations",)


class NationalScorecard(Scorecard):
    """An operational figure of the country in a period, as one source printed it, with plan, gap and the one before.

    These are reported figures, not DTI scores. Two sources that differ are two rows. A figure is compared with the
    last one of comparable length before it, in the same year or the year before; a value that repeats the report
    before and a denominator that changed are flagged, not mended.
    """

    class Config(Scorecard.Config):
        """Key: a source prints one figure of an indicator for a period."""

        unique = ["indicator", "period", "source"]


MODEL = NationalScorecard


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The country's figures of a year, sorted by key."""
    figures = scorecard(inputs["observations"], before["observations"], units, national=True)
    return shaped(figures, MODEL)
