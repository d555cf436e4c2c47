"""``provincial_scorecard``: operational figures of provinces, against plan and against the figure before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
from pandera.engines.polars_engine import String

from dti_platform import tables
from dti_platform.publications import shaped
from dti_platform.publications.naming import with_source_class, with_units
from dti_platform.publications.series import Scorecard, scorecard

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Chỉ tiêu điều hành cấp tỉnh"
TITLE_EN = "Provincial scorecard of operational indicators"
DESCRIPTION_VI = (
    "Mỗi dòng là một chỉ tiêu của một tỉnh, thành phố trong một kỳ theo một nguồn, với cách diễn đạt, kế hoạch, kỳ "
    "trước và các cờ báo như ở cấp quốc gia. Đây không phải điểm DTI."
)
INPUTS = ("observations",)
INPUTS_BEFORE = ("observations",)


class ProvincialScorecard(Scorecard):
    """An operational figure of a province in a period, as one source printed it, with plan, gap and the one before.

    As in ``national_scorecard``. A row whose unit is a geography (VN63) is a printed mean of its provinces.
    """

    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    region: String = pa.Field(nullable=True)

    class Config(Scorecard.Config):
        """Key: a source prints one figure of an indicator for a unit and a period."""

        unique = ["indicator", "period", "unit", "source"]


MODEL = ProvincialScorecard


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The provinces' figures of a year, sorted by key."""
    figures = scorecard(inputs["observations"], before["observations"], units, national=False)
    named = with_units(figures, units, ("unit_name_vi", "unit_name_en", "region"))
    return shaped(with_source_class(named, inputs["observations"]), MODEL)
