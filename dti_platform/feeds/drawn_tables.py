"""Tables drawn for print, as a feed takes them: the rows of units, and printed totals held against their sums.

Here: the fate of every cell around the figures, and what is said of a total that differs. Not here: finding tables
(``reading.layout``), and what a figure means (each feed). A printed total is compared and reported, never taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dti_platform.feeds.fields import Held, number
from dti_platform.feeds.intake import Fate, Intake
from dti_platform.reading import Body, Cell, Convention, Layout, Line, find_bodies
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

    def hold(self, lines: list[Line], tolerance: Decimal) -> None:
        """Holds the printed totals of one table against the sums of its units; a figure that can't be read adds 0."""
        for name in self.names:
            found = sum((self._value(line, name) or Decimal(0) for line in lines if line.kind == "unit"), Decimal(0))
            for line in lines:
                printed = self._value(line, name) if line.kind == "total" else None
                if printed is not None:
                    self.printed.append(line.cells[name])
                    if abs(printed - found) > tolerance:
                        self.differences.append((line.cells[name], printed, found))

    def _value(self, line: Line, name: str) -> Decimal | None:
        cell = line.cells.get(name)
        if cell is None or cell.blank:
            return None
        try:
            return number(cell, self.convention).value
        except Held:
            return None


def unit_lines(
    intake: Intake, layout: Layout, sums: Sums | None = None, tolerance: Decimal = Decimal(1)
) -> Iterator[tuple[Body, Line]]:
    """Every row of a unit of every table, each to be taken inside ``with intake.row(...)``; the rest gets its fate.

    With ``sums`` each printed total of a whole table is compared, and what differs is remarked on. Raises Unreadable
    where the book has no such table.
    """
    ours: set[str] = set()
    for body in find_bodies(intake.book, layout):
        intake.mark("header", body.titles)
        lines = list(body.lines())
        for line in lines:
            cells = [cell for cell in (*line.cells.values(), *line.grouped.values()) if not cell.blank]
            if line.kind == "unit":
                ours.update(cell.locator for cell in cells)
                yield body, line
            else:
                intake.mark(_FATES[line.kind], cells)
        if sums is not None:
            sums.hold(lines, tolerance)
    intake.mark("note", (cell for cell in intake.book.cells() if cell.locator not in ours))
    _report(intake, sums)


def _report(intake: Intake, sums: Sums | None) -> None:
    for cell, printed, found in sums.differences if sums is not None else ():
        at, says, gives = cell.place, written(printed), written(found)
        intake.remark(
            f"{at.vi}: tổng in là {says.vi}, cộng các dòng được {gives.vi}",
            f"{at.en}: the printed total is {says.en}, the rows add up to {gives.en}",
        )
