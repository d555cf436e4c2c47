"""Tables drawn for print, as a feed takes them: the rows of units, and printed sums held against their sums.

Here: the fate of every cell around the figures, and what is said of a total that differs. Not here: finding tables
(``reading.printed``), and what a figure means (each feed). A printed total is compared and reported, never taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from dti_platform.feeds.feed import Known
from dti_platform.feeds.fields import Held, number
from dti_platform.feeds.intake import Fate, Intake
from dti_platform.language import format_number
from dti_platform.reading import Body, Cell, Convention, Layout, Line, Meaning, Number, Survey, survey
from dti_platform.units import fold

_FATES: dict[str, Fate] = {"total": "total", "region": "total", "note": "note"}


Figure = str | tuple[str, str]
"""Our name of a column; under a group the group's title and the name."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one header's table; a table may go on beside it, below it or in another sheet."""

    sheet: str | None
    lines: list[Line]

    @property
    def units(self) -> list[Line]:
        """The rows of units alone."""
        return [line for line in self.lines if line.kind == "unit"]

    @property
    def blocks(self) -> list[tuple[Line | None, list[Line]]]:
        """Rows of units under the total or the region that stands above them; the first under none."""
        blocks: list[tuple[Line | None, list[Line]]] = [(None, [])]
        for line in self.lines:
            if line.kind == "unit":
                blocks[-1][1].append(line)
            elif line.kind != "note":
                blocks.append((line, []))
        return blocks


class Sums:
    """What the rows of units add up to, column by column, and what is printed as their sum."""

    def __init__(self, names: tuple[str, ...], convention: Convention) -> None:
        """``names``: our names of the columns that can be added up, of those under groups too."""
        self.names, self.convention = names, convention
        self.printed: list[Cell] = []
        """Totals that were compared; ``regions``: sums of regions that were."""
        self.regions: list[Cell] = []
        self.differences: list[tuple[Cell, Decimal, Decimal]] = []
        """Where a sum is printed, what it says, and what its rows add up to."""

    def hold(self, table: Sequence[Part], tolerance: Decimal, unknown: Collection[str] = ()) -> None:
        """Holds the printed sums of a table against the rows of units; a figure that can't be read adds 0.

        A total may be of its part, of its sheet or of the whole table; a region's is of the units below it, or above.
        ``unknown``: locators of names that mean no unit. Their rows are no units or misspelt ones, so that a sum may
        be with them or without.
        """
        for printed, runs in _sums_of(table):
            known = [[line for line in run if not _is_among(line, unknown)] for run in runs]
            figures = dict.fromkeys(figure for line in printed for figure in self._figures(line))
            for figure in figures:
                sums = [self._sum(run, figure) for run in (*known, *runs)]
                for line in printed:
                    self._compare(line, figure, sums, tolerance)

    def _figures(self, line: Line) -> Iterator[Figure]:
        yield from (name for name in line.cells if name in self.names)
        yield from (under for under in line.grouped if under[1] in self.names)

    def _compare(self, line: Line, figure: Figure, sums: Sequence[Decimal], tolerance: Decimal) -> None:
        cell, printed = _cell(line, figure), self._number(line, figure)
        if cell is not None and printed is not None:
            (self.printed if line.kind == "total" else self.regions).append(cell)
            if printed.qualifier == "exact" and all(abs(printed.value - added) > tolerance for added in sums):
                self.differences.append((cell, printed.value, sums[0]))

    def _sum(self, lines: Sequence[Line], figure: Figure) -> Decimal:
        numbers = (self._number(line, figure) for line in lines)
        return sum((each.value for each in numbers if each is not None), Decimal(0))

    def _number(self, line: Line, figure: Figure) -> Number | None:
        cell = _cell(line, figure)
        if cell is None or cell.blank:
            return None
        try:
            return number(cell, self.convention)
        except Held:
            return None


def _cell(line: Line, figure: Figure) -> Cell | None:
    return line.cells.get(figure) if isinstance(figure, str) else line.grouped.get(figure)


def _is_among(line: Line, locators: Collection[str]) -> bool:
    return any(cell.locator in locators for cell in line.cells.values())


def _sums_of(table: Sequence[Part]) -> Iterator[tuple[list[Line], list[list[Line]]]]:
    """Rows that print a sum, and the rows of units of which it may be the sum; the first is what is said."""
    sheets: dict[str | None, list[Line]] = defaultdict(list)
    for part in table:
        sheets[part.sheet] += part.units
    joined = Part(None, [line for part in table for line in part.lines])
    onwards = [runs for _, runs in _regions(joined.blocks)]
    for part in table:
        yield [line for line in part.lines if line.kind == "total"], [part.units, sheets[part.sheet], joined.units]
    for (line, runs), onward in zip((each for part in table for each in _regions(part.blocks)), onwards, strict=True):
        if filled := [run for run in (*runs, *onward) if run]:
            yield [line], filled


def _regions(blocks: Sequence[tuple[Line | None, list[Line]]]) -> Iterator[tuple[Line, list[list[Line]]]]:
    """Each region with the units below it, and with those above it, where it may stand too.

    A region right above another one is of all units down to the next such, or to a total.
    """
    regions = [line is not None and line.kind == "region" for line, _ in blocks]
    upper = [all(pair) and not units for pair, (_, units) in zip(pairwise([*regions, False]), blocks, strict=True)]
    for at, (line, below) in enumerate(blocks):
        if line is not None and upper[at]:
            end = next((n for n in range(at + 1, len(blocks)) if upper[n] or not regions[n]), len(blocks))
            yield line, [[unit for _, units in blocks[at:end] for unit in units]]
        elif line is not None and regions[at]:
            yield line, [below, blocks[at - 1][1]]


def unit_lines(
    intake: Intake, known: Known, layouts: Layout | Sequence[Layout], sums: Sums | None = None,
    tolerance: Decimal = Decimal(1),
) -> Iterator[tuple[Body, Line]]:  # fmt: skip
    """Every row of a unit of every table, each to be taken inside ``with intake.row(...)``; the rest gets its fate.

    With ``sums`` what is printed for each total and region is compared, and what differs is remarked on, as is every
    title that begins no table. Raises Unreadable where the book has no table of a layout, or one that can be read in
    two ways.
    """
    layouts = [layouts] if isinstance(layouts, Layout) else layouts
    result = survey(intake.book, layouts, _meaning(known, intake.geography))
    ours: set[str] = set()
    tables: dict[tuple[object, ...], list[Part]] = defaultdict(list)
    for body in result.bodies:
        intake.mark("header", body.titles)
        lines = list(body.lines())
        tables[body.layout, body.subject].append(Part(body.sheet.name, lines))
        for line in lines:
            cells = [cell for cell in (*line.cells.values(), *line.grouped.values()) if not cell.blank]
            if line.kind == "unit":
                ours.update(cell.locator for cell in cells)
                yield body, line
            else:
                intake.mark(_FATES[line.kind], cells)
        _hold_back(intake, body)
    if sums is not None:
        unknown = intake.held_for("unknown_unit")
        for parts in tables.values():
            sums.hold(parts, tolerance, unknown)
    intake.mark("note", (cell for cell in intake.book.cells() if cell.locator not in ours))
    _report(intake, sums, result, [line for parts in tables.values() for part in parts for line in part.lines])


def _meaning(known: Known, geography: str) -> Meaning:
    """The unit that a name means, in the geography before any other: names show which columns hold names."""
    others = (names for other, names in known.units.names.items() if other != geography)
    geographies = [known.units.names[geography], *others]

    def meaning(name: str) -> str | None:
        key = fold(name)
        match = next((names[key] for names in geographies if key in names), None)
        return match and (match.unit_id or key)

    return meaning


def _hold_back(intake: Intake, body: Body) -> None:
    """Rows of delimited text whose figures can't be assigned to columns."""
    for cell in (cell for cells in body.ragged() for cell in cells):
        intake.quarantine(cell, "ragged_row")


def _report(intake: Intake, sums: Sums | None, result: Survey, lines: Sequence[Line]) -> None:
    for cell, printed, added in sums.differences if sums is not None else ():
        total, own = format_number(printed), format_number(added)
        intake.remark("sum_differs", "table", place=cell.place, printed=total, added=own)
    for fault in result.faults:
        intake.remark("unread_table", fault)
    for line in lines:
        figures = [cell for cell in (*line.cells.values(), *line.grouped.values()) if cell.kind == "number"]
        if line.kind == "note" and len(figures) > 1:
            intake.remark("unread_table", "row_without_name", place=figures[0].place)
