"""The figures of the country: every one that a report gave, by indicator, beside its plan and its source.

The first page shows those that have a plan, a session those that it was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from dti_platform.amounts import amount, amount_of
from dti_platform.glossary import CERTAINTIES
from dti_platform.language import Bilingual
from dti_platform.periods import Period, name_of
from dti_platform.report.site.figures import plan_of, signed
from dti_platform.report.site.page import Kind, Page
from dti_platform.units import fold

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row

KIND = Kind(15)
PATH = "quoc-gia.html"
TITLE = Bilingual("Số liệu quốc gia", "Figures of the country")


class Figure(NamedTuple):
    """A national figure, and its plan if one is known: how it was read, and for which other period it is."""

    name: Bilingual
    period: Bilingual
    value: Bilingual | None
    plan: Bilingual | None
    gap: Bilingual | None
    how: Bilingual | None
    plan_of: Bilingual | None
    row: Row


def pages(content: Content) -> Iterator[Page]:
    """One page; none where the release has no such figure."""
    if told := figures(content):
        by_indicator = sorted(told, key=lambda each: fold(each.name.vi))  # periods stay, newest first
        grouped = groupby(by_indicator, key=lambda each: each.name)
        yield Page(PATH, TITLE, {"indicators": [(name, list(each)) for name, each in grouped]})


def figures(content: Content) -> Sequence[Figure]:
    """Every national figure, and every plan of one, the newest first."""
    rows = content.table("national_scorecard").to_dicts()
    known = [row for row in rows if row["value"] is not None or row["plan"] is not None]
    known.sort(key=lambda row: (Period.parse(row["period"]).sort_key, row["indicator"]), reverse=True)
    return [_figure(row) for row in known]


def _figure(row: Row) -> Figure:
    planned = row["plan"] is not None
    return Figure(
        name=Bilingual(row["indicator_name_vi"], row["indicator_name_en"]),
        period=name_of(row["period"]),
        value=None if row["value"] is None else amount_of(row),
        plan=amount(row["plan"], row["plan_unit_measure"] or row["unit_measure"]) if planned else None,
        gap=None if row["gap"] is None else signed(row["gap"], row["gap_unit_measure"]),
        how=CERTAINTIES.get(row["plan_certainty"]),
        plan_of=plan_of(row) if row["plan_of_other_period"] else None,
        row=row,
    )
