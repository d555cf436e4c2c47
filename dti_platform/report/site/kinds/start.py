"""The first page: what this is, the newest ranking, figures against plan, and what changed in this release and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.amounts import amount, amount_of
from dti_platform.explain import Change, difference_since
from dti_platform.glossary import CERTAINTIES, RELEASE_TYPES
from dti_platform.language import Bilingual
from dti_platform.periods import Period, name_of
from dti_platform.report.league import newest
from dti_platform.report.site import figures
from dti_platform.report.site.content import ILLUSTRATIVE
from dti_platform.report.site.figures import score, signed
from dti_platform.report.site.kinds.league import path_of, title
from dti_platform.report.site.kinds.profile import OWN_INDEX, profile_path
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row

TITLE = Bilingual("Xếp hạng chuyển đổi số", "Digital transformation rankings")
KIND = Kind(10, Bilingual("Trang đầu", "Start"), "index.html")
#: Rows of the newest ranking, and changed scores and ranks, that are shown here.
FIRST, MOST_CHANGES = 10, 40


class Planned(NamedTuple):
    """A national figure beside its plan; how the plan was read, and for which other period it is."""

    name: Bilingual
    period: Bilingual
    value: Bilingual | None
    plan: Bilingual
    gap: Bilingual | None
    how: Bilingual | None
    plan_of: Bilingual | None
    row: Row


def pages(content: Content) -> Iterator[Page]:
    """One page."""
    yield Page("index.html", TITLE, {**_newest(content), **_changes(content), "planned": planned(content)})


def _newest(content: Content) -> Mapping[str, object]:
    """The first of the newest ranking."""
    years = sorted({int(period[:4]) for period in content.table("league_table")["period"]})
    league = newest(content.release, years, OWN_INDEX)
    if league is None:
        return {"league": None}
    of = {name: getattr(league, name) for name in ("level", "period", "geography")} | {"index_name": league.index}
    found = {"title_of_ranking": title(of), "path": path_of(of), "profile_path": profile_path, "score": score}
    return {"league": league.first(FIRST), **found}


def planned(content: Content) -> Sequence[Planned]:
    """Every national figure for which a plan is known, the newest first."""
    rows = content.table("national_scorecard").filter(pl.col("plan").is_not_null()).to_dicts()
    ordered = sorted(rows, key=lambda row: (Period.parse(row["period"]).sort_key, row["indicator"]), reverse=True)
    return [_planned(row) for row in ordered]


def _planned(row: Row) -> Planned:
    return Planned(
        name=Bilingual(row["indicator_name_vi"], row["indicator_name_en"]),
        period=name_of(row["period"]),
        value=None if row["value"] is None else amount_of(row),
        plan=amount(row["plan"], row["plan_unit_measure"] or row["unit_measure"]),
        gap=None if row["gap"] is None else signed(row["gap"], row["gap_unit_measure"]),
        how=CERTAINTIES.get(row["plan_certainty"]),
        plan_of=figures.plan_of(row) if row["plan_of_other_period"] else None,
        row=row,
    )


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
