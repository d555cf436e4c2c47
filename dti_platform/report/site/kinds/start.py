"""The first page: what this is, the newest ranking, figures against plan, and what changed in this release and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dti_platform.explain import Change, difference_since
from dti_platform.glossary import RELEASE_TYPES
from dti_platform.language import Bilingual
from dti_platform.report.league import newest
from dti_platform.report.site.content import ILLUSTRATIVE
from dti_platform.report.site.figures import score
from dti_platform.report.site.kinds import national
from dti_platform.report.site.kinds.league import path_of, title
from dti_platform.report.site.kinds.profile import OWN_INDEX, profile_path
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content

TITLE = Bilingual("Xếp hạng chuyển đổi số", "Digital transformation rankings")
KIND = Kind(10, Bilingual("Trang đầu", "Start"), "index.html")
#: How many rows of the newest ranking, and changed scores and ranks, are shown.
FIRST, MOST_CHANGES = 10, 40


def pages(content: Content) -> Iterator[Page]:
    """One page."""
    figures = national.figures(content)
    values = {"planned": [figure for figure in figures if figure.plan], "national": national.PATH if figures else None}
    yield Page("index.html", TITLE, {**_newest(content), **_changes(content), **values})


def _newest(content: Content) -> Mapping[str, object]:
    """The first rows of the newest ranking."""
    years = sorted({int(period[:4]) for period in content.table("league_table")["period"]})
    league = newest(content.release, years, OWN_INDEX)
    if league is None:
        return {"league": None}
    row = {name: getattr(league, name) for name in ("level", "period", "geography")} | {"index_name": league.index}
    values = {"title_of_ranking": title(row), "path": path_of(row), "profile_path": profile_path, "score": score}
    return {"league": league.first(FIRST), **values}


def _changes(content: Content) -> Mapping[str, object]:
    """The differences from the previous release: official scores and ranks of an index, and new rankings."""
    record = content.record
    facts = {"type": RELEASE_TYPES[record.kind], "reason": record.reason, "before": content.before}
    if content.before is None:
        return facts | {"changes": (), "more": 0, "new": ()}
    difference = difference_since(content.before, content.release)
    changes = [change for change in difference.changes if change.is_index and change.evidence != ILLUSTRATIVE]
    new = [ranking for ranking in difference.new if ranking.evidence != ILLUSTRATIVE]
    shown = [(change, _reasons(change)) for change in changes[:MOST_CHANGES]]
    return facts | {"changes": shown, "more": len(changes) - len(shown), "new": new}


def _reasons(change: Change) -> str:
    """The published reasons of a change, each once."""
    return "; ".join(dict.fromkeys(why.reason for why in change.why if why.reason))
