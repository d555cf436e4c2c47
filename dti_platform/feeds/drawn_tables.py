"""Tables drawn for print, as a feed takes them: the rows of units, and printed totals held against their sums.

Here: the fate of every cell around the figures, and what is said of a total that differs. Not here: finding tables
(``reading.layout``), and what a figure means (each feed). A printed total is compared and reported, never taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from dti_platform.feeds.fields import Held, number
from dti_platform.feeds.intake import Fate, Intake
from dti_platform.reading import Body, Cell, Convention, Layout, Line, Survey, survey
from dti_platform.said import written

__all__ = ["Sums", "unit_lines"]

_FATES: dict[str, Fate] = {"total": "total", "region": "total", "note": "note"}


class Sums:
    """What the rows of units add up to, column by column, and what is printed as their sum."""

    def __init__(self, names: tuple[str, ...], convention: Convention) -> None:
        """``names``: our names of the columns that can be added up."""
        self.names, self.convention = names, convention
        self.printed: list[Cell] = []
        self.differences: list[tuple[Cell, Decimal, Decimal]] = []
        """Where a total is printed, what it says, and what its rows add up to."""

    def hold(self, tables: list[list[Line]], tolerance: Decimal) -> None:
        """Holds the printed totals of tables against the sums of their units; a figure that can't be read adds 0.

        Of tables that are parts of one, a total may be of its part or of the whole.
        """
        for name in self.names:
            sums = [self._sum(lines, name) for lines in tables]
            for lines, own in zip(tables, sums, strict=True):
                for line in lines:
                    printed = self._value(line, name) if line.kind == "total" else None
                    if printed is not None:
                        self.printed.append(line.cells[name])
                        if all(abs(printed - found) > tolerance for found in (own, sum(sums))):
                            self.differences.append((line.cells[name], printed, own))

    def _sum(self, lines: list[Line], name: str) -> Decimal:
        return sum((self._value(line, name) or Decimal(0) for line in lines if line.kind == "unit"), Decimal(0))

    def _value(self, line: Line, name: str) -> Decimal | None:
        cell = line.cells.get(name)
        if cell is None or cell.blank:
            return None
        try:
            return number(cell, self.convention).value
        except Held:
            return None


def unit_lines(
    intake: Intake, layouts: Layout | Sequence[Layout], sums: Sums | None = None, tolerance: Decimal = Decimal(1)
) -> Iterator[tuple[Body, Line]]:
    """Every row of a unit of every table, each to be taken inside ``with intake.row(...)``; the rest gets its fate.

    With ``sums`` each printed total is compared, and what differs is remarked on, as is every title that begins no
    table. Raises Unreadable where the book has no table of a layout.
    """
    found = survey(intake.book, [layouts] if isinstance(layouts, Layout) else layouts)
    ours: set[str] = set()
    tables: dict[tuple[object, ...], list[list[Line]]] = defaultdict(list)
    for body in found.bodies:
        intake.mark("header", body.titles)
        lines = list(body.lines())
        tables[body.sheet.name, body.layout, body.subject].append(lines)
        for line in lines:
            cells = [cell for cell in (*line.cells.values(), *line.grouped.values()) if not cell.blank]
            if line.kind == "unit":
                ours.update(cell.locator for cell in cells)
                yield body, line
            else:
                intake.mark(_FATES[line.kind], cells)
        _hold_back(intake, body)
    if sums is not None:
        for parts in tables.values():
            sums.hold(parts, tolerance)
    intake.mark("note", (cell for cell in intake.book.cells() if cell.locator not in ours))
    _report(intake, sums, found, [line for parts in tables.values() for part in parts for line in part])


def _hold_back(intake: Intake, body: Body) -> None:
    """Rows of delimited text whose figures can't be told to columns."""
    for cell in (cell for cells in body.ragged() for cell in cells):
        intake.quarantine(cell, "ragged_row")


def _report(intake: Intake, sums: Sums | None, found: Survey, lines: Sequence[Line]) -> None:
    for cell, printed, added in sums.differences if sums is not None else ():
        at, says, gives = cell.place, written(printed), written(added)
        intake.remark(
            f"{at.vi}: tổng in là {says.vi}, cộng các dòng được {gives.vi}",
            f"{at.en}: the printed total is {says.en}, the rows add up to {gives.en}",
        )
    for fault in found.faults:
        intake.remark(fault.vi, fault.en)
    for line in lines:
        figures = [cell for cell in (*line.cells.values(), *line.grouped.values()) if cell.kind == "number"]
        if line.kind == "note" and len(figures) > 1:
            place = figures[0].place
            intake.remark(f"{place.vi}: dòng có số nhưng không có tên", f"{place.en}: a row of figures without a name")
