"""``observations``: the evidence of a release: every value that was read, with file, place and raw text.

The shared table itself, released as it stands, so that a release can be traced from its own files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import tables
from dti_platform.publications import shaped

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Bằng chứng: mọi giá trị đã đọc"
TITLE_EN = "Evidence: every value that was read"
DESCRIPTION_VI = (
    "Mỗi dòng là một giá trị của một chỉ số, cho một đơn vị, trong một kỳ, theo một nguồn, kèm tệp, trang tính, ô và "
    "nguyên văn. Các nguồn khác nhau về cùng một số liệu được giữ cạnh nhau."
)
INPUTS = ("observations",)
INPUTS_BEFORE = ()
MODEL = tables.Observations


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The observations of a year, sorted by key."""
    return shaped(inputs["observations"], MODEL)
