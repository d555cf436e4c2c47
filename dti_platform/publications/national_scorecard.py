"""``national_scorecard``: the country's operational figures, against plan and against the figure before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dti_platform.publications import shaped
from dti_platform.publications.naming import with_source_class
from dti_platform.publications.series import Scorecard, scorecard

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Chỉ tiêu điều hành cấp quốc gia"
TITLE_EN = "National scorecard of operational indicators"
DESCRIPTION_VI = (
    "Mỗi dòng là một chỉ tiêu của cả nước trong một kỳ theo một nguồn: giá trị và cách diễn đạt (đúng, trên, "
    "khoảng), kế hoạch và kỳ kế hoạch, chênh lệch so với kế hoạch (giữa hai tỷ lệ: điểm phần trăm), số liệu so sánh. "
    "Chỉ so sánh hai kỳ dài như nhau: số liệu thời điểm với kỳ liền trước, số liệu khác với cùng kỳ năm trước. "
    "repeats_previous báo số liệu lặp lại của báo cáo trước (có thể đã cũ); denominator_changed báo mẫu số đã đổi; "
    "plan_of_other_period báo kế hoạch đặt cho kỳ khác (số liệu 6 tháng bên kế hoạch năm). Đây không phải điểm DTI."
)
INPUTS = ("observations",)
INPUTS_BEFORE = ("observations",)


class NationalScorecard(Scorecard):
    """An operational figure of the country in a period, as one source printed it, with plan, gap and the one before.

    These are reported figures. Published results of the index that a report repeats (``index_result`` in the reference
    data) stand in ``observations`` and ``index_scores``, and not here. Two sources that differ are two rows. Like is
    compared with like, in the same year or the year before: a stock with the last figure of a period as long, anything
    else with the same period of the year before. The report before, of whatever length, stands beside it: a value that
    repeats it and a denominator that changed are flagged, not changed; so is a plan for another period.
    """

    class Config(Scorecard.Config):
        """Key: a source prints one figure of an indicator for a period."""

        unique = ["indicator", "period", "source"]


MODEL = NationalScorecard


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The country's figures of a year, sorted by key."""
    results = [each.code for each in units.indicators.values() if each.index_result]
    now, earlier = (each["observations"].filter(~pl.col("node").is_in(results)) for each in (inputs, before))
    return shaped(with_source_class(scorecard(now, earlier, units, national=True), now), MODEL)
