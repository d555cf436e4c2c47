"""The national figures: every reported one, by indicator, with its plan, source and cell.

The start page shows those that have a plan, a session page those that its report gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.amounts import amount, amount_of
from dti_platform.glossary import CERTAINTIES
from dti_platform.language import Bilingual, place
from dti_platform.periods import Period, name_of
from dti_platform.report.site.figures import plan_of, signed
from dti_platform.report.site.page import Kind, Page
from dti_platform.units import fold

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row

KIND = Kind(15)
PATH = "quoc-gia.html"
COUNTRY = "VN"
#: Hex digits of a file's sha256 shown after its name, because files of several periods have the same name.
SHORT = 12
TITLE = Bilingual("Số liệu quốc gia", "Figures of the country")


class Figure(NamedTuple):
    """A national figure, and its plan if known: how the plan was read, and its period if that differs.

    ``cell`` is where it was read: the file name, the beginning of its sha256, and the location in the file.
    """

    name: Bilingual
    period: Bilingual
    value: Bilingual | None
    plan: Bilingual | None
    gap: Bilingual | None
    how: Bilingual | None
    plan_of: Bilingual | None
    cell: Bilingual | None
    row: Row


def pages(content: Content) -> Iterator[Page]:
    """One page; none if the release has no national figure."""
    if all_figures := figures(content):
        by_indicator = sorted(all_figures, key=lambda figure: fold(figure.name.vi))  # periods stay, newest first
        groups = groupby(by_indicator, key=lambda figure: figure.name)
        yield Page(PATH, TITLE, {"indicators": [(name, list(group)) for name, group in groups]})


def figures(content: Content) -> Sequence[Figure]:
    """Every national figure and plan, the newest first."""
    rows = content.table("national_scorecard").to_dicts()
    known = [row for row in rows if row["value"] is not None or row["plan"] is not None]
    known.sort(key=lambda row: (Period.parse(row["period"]).sort_key, row["indicator"]), reverse=True)
    cells = _cells(content)
    return [_figure(row, cells.get((row["indicator"], row["period"], row["source"]))) for row in known]


def _cells(content: Content) -> Mapping[tuple[str, str, str], Bilingual]:
    """The cells of national figures by indicator, period and source; for a plan without a value, its cell."""
    observed = content.table("observations").filter(pl.col("unit") == COUNTRY).sort("measure")  # a plan before a value
    return {(row["node"], row["period"], row["source"]): _cell(row) for row in observed.to_dicts()}


def _cell(row: Row) -> Bilingual:
    file, cell = f"{row['file_name']} ({row['file'][:SHORT]})", place(row["locator"])
    return Bilingual(f"{file}: {cell.vi}", f"{file}: {cell.en}")


def _figure(row: Row, cell: Bilingual | None) -> Figure:
    planned = row["plan"] is not None
    return Figure(
        name=Bilingual(row["indicator_name_vi"], row["indicator_name_en"]),
        period=name_of(row["period"]),
        value=None if row["value"] is None else amount_of(row),
        plan=amount(row["plan"], row["plan_unit_measure"] or row["unit_measure"]) if planned else None,
        gap=None if row["gap"] is None else signed(row["gap"], row["gap_unit_measure"]),
        how=CERTAINTIES.get(row["plan_certainty"]),
        plan_of=plan_of(row) if row["plan_of_other_period"] else None,
        cell=cell,
        row=row,
    )
