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
#: Rows of the newest ranking, and changed scores and ranks, that are shown here.
FIRST, MOST_CHANGES = 10, 40


def pages(content: Content) -> Iterator[Page]:
    """One page."""
    told = national.figures(content)
    values = {"planned": [each for each in told if each.plan], "national": national.PATH if told else None}
    yield Page("index.html", TITLE, {**_newest(content), **_changes(content), **values})


def _newest(content: Content) -> Mapping[str, object]:
    """The first of the newest ranking."""
    years = sorted({int(period[:4]) for period in content.table("league_table")["period"]})
    league = newest(content.release, years, OWN_INDEX)
    if league is None:
        return {"league": None}
    of = {name: getattr(league, name) for name in ("level", "period", "geography")} | {"index_name": league.index}
    found = {"title_of_ranking": title(of), "path": path_of(of), "profile_path": profile_path, "score": score}
    return {"league": league.first(FIRST), **found}


def _changes(content: Content) -> Mapping[str, object]:
    """What differs from the release before: official scores and ranks of an index, and rankings that came."""
    record = content.record
    told = {"type": RELEASE_TYPES[record.kind], "reason": record.reason, "before": content.before}
    if content.before is None:
        return told | {"changes": (), "more": 0, "new": ()}
    differs = difference_since(content.before, content.release)
    changes = [each for each in differs.changes if each.is_index and each.evidence != ILLUSTRATIVE]
    new = [each for each in differs.new if each.evidence != ILLUSTRATIVE]
    shown = [(each, _reasons(each)) for each in changes[:MOST_CHANGES]]
    return told | {"changes": shown, "more": len(changes) - len(shown), "new": new}


def _reasons(change: Change) -> str:
    """The reasons that were announced with a change, once each."""
    return "; ".join(dict.fromkeys(each.reason for each in change.why if each.reason))
