"""The first page: what this is, the newest ranking, and where to go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dti_platform.language import Bilingual
from dti_platform.report.league import newest
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content

TITLE = Bilingual("Xếp hạng chuyển đổi số", "Digital transformation rankings")
KIND = Kind(10, Bilingual("Trang đầu", "Start"), "index.html")
#: The index whose ranking leads.
INDEX = "DTI"
FIRST = 10


def pages(content: Content) -> Iterator[Page]:
    """One page."""
    years = sorted({int(period[:4]) for period in content.table("league_table")["period"]})
    league = newest(content.release, years, INDEX)
    yield Page("index.html", TITLE, {"league": league and league.first(FIRST)})
