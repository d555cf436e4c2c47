"""Warnings of the sheet itself: names, words and days beside the scores, what is hidden, remarks of the reading.

Here: one function for each. Not here: scores and their evidence (``scores``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dti_platform.feeds.sheet.declaration import MEASURED_IN, STATUSES_SEEN
from dti_platform.language import Bilingual
from dti_platform.reading import Cell, comparable
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.warnings.context import Context

if TYPE_CHECKING:
    from dti_platform.methodology import Node

__all__ = ["hidden", "names", "not_yet", "outlived", "remarks", "spoilt", "unseen", "words"]


def names(context: Context) -> Iterator[Finding]:
    """A name that is not the code's, and a group that the code is not of."""
    for code, row in context.coded.items():
        quarantined = _is_quarantined(context, row["name"])
        if not quarantined and not row["name"].blank and not context.names.is_of(code, row["name"].raw):
            called = _called(context.nodes[code])
            yield context.cells.warning(
                "unknown_name", row["name"].locator, code, code=Bilingual.same(code), name=called
            )
        group = row.get("group")
        if group and not quarantined and not group.blank and not context.names.is_above(code, group.raw):
            node = context.nodes[code]
            called = _called(context.nodes[node.parent or code])
            yield context.cells.warning("wrong_group", group.locator, code, code=Bilingual.same(code), name=called)


def _called(node: Node) -> Bilingual:
    return Bilingual(node.name_vi, node.name_en or node.name_vi)


def words(context: Context) -> Iterator[Finding]:
    """A status that is none, a deadline that is no day, a unit of measure that is another."""
    allowed = Bilingual.same(", ".join(STATUSES_SEEN))
    for code, row in context.coded.items():
        if (cell := _filled(row.get("status"))) and comparable(cell.raw) not in map(comparable, STATUSES_SEEN):
            yield context.cells.warning("unknown_status", cell.locator, code, allowed=allowed)
        if (cell := _filled(row.get("deadline"))) and not _may_be_a_day(cell):
            yield context.cells.warning("unread_deadline", cell.locator, code)
        if (cell := _filled(row.get("measured_in"))) and _is_other_measure(context, code, cell):
            yield context.cells.warning("other_measure", cell.locator, code)


def _filled(cell: Cell | None) -> Cell | None:
    return None if cell is None or cell.blank else cell


def _is_quarantined(context: Context, cell: Cell) -> bool:
    """A quarantined row has its error already."""
    return cell.locator in context.quarantined


def _may_be_a_day(cell: Cell) -> bool:
    """A date; or a text that says when, such as 31/03/2023 or quý II/2023: not a word, nor a bare number."""
    return cell.kind == "date" or (cell.kind == "text" and any(map(str.isdigit, cell.raw)) and not cell.raw.isdecimal())


def _is_other_measure(context: Context, code: str, cell: Cell) -> bool:
    node = context.nodes[code]
    return node.scored and comparable(cell.raw) not in (comparable(MEASURED_IN[True]), "points", "point")


def remarks(context: Context) -> Iterator[Finding]:
    """What was remarked in reading: a printed sum that differs, a figure outside the table, a day that can't be."""
    for remark in context.version.parsed.remarks:
        yield context.cells.warning(remark.reason, remark.locator, None, remark=remark.said)


def spoilt(context: Context) -> Iterator[Finding]:
    """In delimited text: saved by a spreadsheet, 4.10 becomes 4.1, which is another row."""
    for code, row in context.sheet.items():
        cell = row["code"]
        if cell.sheet is None and not cell.locator.startswith("/") and code.count(".") == 1 and code.endswith("0"):
            number = code.rstrip("0")
            details = {"code": Bilingual.same(code), "number": Bilingual.same(number)}
            yield context.cells.warning("code_like_a_number", cell.locator, code, **details)


def hidden(context: Context) -> Iterator[Finding]:
    """A whole sheet that nobody sees, and figures are taken from it."""
    taken = {row["locator"] for row in context.rows}
    for sheet in context.sheets:
        first = next((cell.locator for cell in sheet.cells() if cell.locator in taken), None) if sheet.hidden else None
        if first:
            yield context.cells.warning("hidden_sheet", first, None, sheet=Bilingual.same(str(sheet.name)))


def unseen(context: Context) -> Iterator[Finding]:
    """Figures that a person doesn't see as they are: hidden, covered, or a formula's result that was stored."""
    hidden = {sheet.name for sheet in context.sheets if sheet.hidden}
    for row in context.rows:
        cell = context.cells.by_locator.get(row["locator"])
        if cell is None:
            continue
        if cell.hidden and cell.sheet not in hidden:
            yield context.cells.warning("hidden_figure", row["locator"], row["node"])
        if cell.merged and (cell.sheet, cell.row, cell.column) not in context.anchors:
            yield context.cells.warning("covered_figure", row["locator"], row["node"])
        if cell.formula is not None:
            yield context.cells.warning("computed_figure", row["locator"], row["node"])


def not_yet(context: Context) -> Iterator[Finding]:
    """A day of issue that is still to come when the sheet comes; the day may begin earlier where its sender is."""
    issued = context.version.parsed.stated.on
    if issued and context.came_on and issued > context.came_on + dt.timedelta(days=1):
        yield context.cells.warning("not_yet", None, None, day=Bilingual(f"{issued:%d/%m/%Y}", f"{issued}"))


def outlived(context: Context) -> Iterator[Finding]:
    """A declared correction of an error that the source no longer has."""
    if error := context.version.outlived:
        yield context.cells.warning("correction_outlived", None, None, remark=error.said)
