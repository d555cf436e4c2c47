"""Assigns figures to names where several columns of names are side by side; an ambiguous figure is refused.

Here: which columns hold names, and whether the tables found by their titles have only one reading. Not here: finding
the tables (``headers``), their possible readings (``readings``), and the known names (callers pass them).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.reading.cells import Cell, Unreadable, letters
from dti_platform.reading.printed.layout import Body
from dti_platform.reading.printed.readings import Item, owners
from dti_platform.reading.printed.titles import Drawing, Meaning, Titles, is_title
from dti_platform.reading.text import heading


def check_pairs(drawing: Drawing, bodies: Sequence[Body], meaning: Meaning) -> list[Bilingual]:
    """Checks that no figure of the tables of a sheet can belong to names outside its table.

    Returns faults: names and figures that look like those of the tables, but are in none. Raises Unreadable: a figure
    is ambiguous.
    """
    unread: list[Bilingual] = []
    for first, last in dict.fromkeys((body.header.bottom + 1, body.bottom) for body in bodies):
        sharing = [body for body in bodies if body.header.bottom < last and first <= body.bottom]
        rows = _Rows(drawing, sharing, first, last, meaning)
        for body in sharing if len(rows.names) > 1 else ():
            _check_body(rows, body)
        unread += rows.unread()
    return list(dict.fromkeys(unread))


def _check_body(rows: _Rows, body: Body) -> None:
    key = _key_of(body)
    for figures in sorted(_figures_of(body)):
        for other in sorted(rows.owners[figures]):
            if not rows.repeats(key, other):
                first, second = (rows.place(column) for column in sorted([key, other]))
                raise Unreadable("two_readings", "names", figures=rows.place(figures), first=first, second=second)


@dataclass(frozen=True)
class _Rows:
    """The rows that tables share, and the cells of their columns."""

    drawing: Drawing
    bodies: Sequence[Body]
    """The tables that reach into these rows."""
    first: int
    last: int
    meaning: Meaning

    @cached_property
    def columns(self) -> dict[int, dict[int, Cell]]:
        """The filled cells of every column by row; if the tables have figures, only of rows with a figure."""
        figures = {column for body in self.bodies for column in _figures_of(body)}
        columns: dict[int, dict[int, Cell]] = {}
        for row in self.drawing.sheet.rows[self.first - 1 : self.last]:
            cells = [cell for cell in row if not cell.blank]
            if not figures or any(cell.column in figures and _is_figure(cell) for cell in cells):
                for cell in cells:
                    columns.setdefault(cell.column, {})[cell.row] = cell
        return dict(sorted(columns.items()))

    @cached_property
    def keys(self) -> set[int]:
        """The columns of names of the tables."""
        return {_key_of(body) for body in self.bodies}

    @cached_property
    def assigned(self) -> Mapping[int, tuple[str, str]]:
        """The declared name and the group of every column of a table other than its names."""
        titles = {column: (name, "") for body in self.bodies for name, column in body.header.columns.items()}
        groups = [group for body in self.bodies for group in body.header.groups]
        titles |= {column: (name, group.title) for group in groups for name, column in group.columns.items()}
        return {column: title for column, title in titles.items() if column not in self.keys}

    @cached_property
    def names(self) -> list[int]:
        """The columns of names, from the left."""
        others = [column for column in self.columns if column not in self.keys and column not in self.assigned]
        return sorted([*self.keys, *filter(self._holds_names, others)])

    @cached_property
    def owners(self) -> dict[int, set[int]]:
        """The columns of names to which each column of a table may belong."""
        distinct = sorted(self.keys)
        for column in self.names:
            distinct += [] if any(self.repeats(column, other) for other in distinct) else [column]
        return owners(self.names, sorted(distinct), self.items)

    @cached_property
    def items(self) -> list[Item]:
        """The columns that hold no names."""
        return [self._item(column) for column in sorted({*self._figure_columns, *self.assigned} - {*self.names})]

    def unread(self) -> Iterator[Bilingual]:
        """Names of units of the tables, and figures under a declared title beside them, that are in no table."""
        units = {self._unit(cell) for key in self.keys for cell in self._cells(key)}
        for column in self.names:
            are_known = [self._unit(cell) in units for cell in self._cells(column)]
            if sum(are_known) * 2 >= len(are_known) and not any(self.repeats(column, key) for key in self.keys):
                yield _unread("names_alone", self.place(column))
        keys = {body.layout.key for body in self.bodies}
        declared = {
            column.name for body in self.bodies for column in (*body.layout.columns, *body.layout.repeated)
        } - keys
        for item in self.items:
            is_ours = item.title in declared and not self.keys.isdisjoint(self.owners[item.column])
            if item.column not in self.assigned and item.kind == "figures" and is_ours:
                yield _unread("figures_alone", self.place(item.column))

    def repeats(self, column: int, other: int) -> bool:
        """Whether a column names the same unit as another column in each of its rows."""
        others = self.columns.get(other, {})
        cells = self.columns.get(column, {}).items()
        return column == other or all(
            row in others and self._unit(cell) == self._unit(others[row]) for row, cell in cells
        )

    def place(self, column: int) -> Bilingual:
        """The location of the first filled cell of a column."""
        return next((cell.place for cell in self._cells(column)), Bilingual.same(letters(column)))

    def _cells(self, column: int) -> Collection[Cell]:
        return self.columns.get(column, {}).values()

    def _known_unit(self, cell: Cell) -> str | None:
        return self.meaning(self.bodies[0].layout.bare(cell.raw)) if cell.kind == "text" else None

    def _unit(self, cell: Cell) -> str:
        return self._known_unit(cell) or heading(self.bodies[0].layout.bare(cell.raw))

    def _holds_names(self, column: int) -> bool:
        """Whether a column outside the tables holds names: known names, or untitled distinct words beside figures."""
        cells = self._cells(column)
        known = sum(self._known_unit(cell) is not None for cell in cells)
        if any(titles.parts(column) for titles in self._titles):
            is_key = self._title(column) in {body.layout.key for body in self.bodies}
            return known * 2 >= len(cells) or (is_key and _are_words(cells))
        before = [figures for figures in self._figure_columns if figures < column]
        after = [figures for figures in self._figure_columns if figures > column]
        words = known > 0 or (_are_words(cells) and len({cell.raw for cell in cells}) == len(cells))
        return words and len(cells) * 2 >= min(len(self.columns[figures]) for figures in (*before[-1:], *after[:1]))

    @cached_property
    def _figure_columns(self) -> list[int]:
        return [column for column in self.columns if any(map(_is_figure, self._cells(column)))]

    def _item(self, column: int) -> Item:
        title, group = self.assigned.get(column) or (self._title(column), None)
        serial = "serial" if _is_serial(self._numbers(column)) else "figures"
        return Item(column, title, group, "text" if _are_words(self._cells(column)) else serial)

    def _numbers(self, column: int) -> list[str]:
        """The figures of a column below the first header of the tables."""
        rows = self.drawing.sheet.rows[min(body.header.bottom for body in self.bodies) : self.last]
        cells = (row[column - 1] for row in rows if len(row) >= column)
        return [cell.raw.strip() for cell in cells if _is_figure(cell)]

    def _title(self, column: int) -> str | None:
        """The declared name of a column outside the tables, or else all text above it."""
        declared = [header for body in self.bodies for header in (*body.layout.columns, *body.layout.repeated)]
        names = (
            header.name
            for header in declared
            for titles in self._titles
            if titles.group_title(header, column) is not None
        )
        return next(names, None) or heading(" ".join(self._titles[-1].parts(column).values())) or None

    @cached_property
    def _titles(self) -> list[Titles]:
        """The titles of the tables, for every possible last row of their headers."""
        width = range(1, max(self.columns) + 1)
        rows = dict.fromkeys((body.header.top, body.header.bottom) for body in self.bodies)
        return [Titles(self.drawing, width, top, end) for top, bottom in rows for end in range(top, bottom + 1)]


def _unread(what: str, place: Bilingual) -> Bilingual:
    return catalogue("warning")["unread_table"].detail[what].format(place=place)


def _key_of(body: Body) -> int:
    return body.header.columns[body.layout.key]


def _figures_of(body: Body) -> set[int]:
    return {*body.header.titled_columns} - {_key_of(body)}


def _is_figure(cell: Cell) -> bool:
    return cell.kind == "number" or (cell.kind == "text" and not is_title(cell))


def _are_words(cells: Collection[Cell]) -> bool:
    """Whether most cells hold letters and no digits."""
    texts = [cell.raw for cell in cells if cell.kind == "text"]
    words = [text for text in texts if any(map(str.isalpha, text)) and not any(map(str.isdecimal, text))]
    return len(words) * 2 > len(cells)


def _is_serial(numbers: Sequence[str]) -> bool:
    """Whether numbers count 1, 2, 3, with restarts at 1; three or more may start at any number, as on a second page."""
    counts = [int(number) if number.isdecimal() else 0 for number in numbers]
    first = counts[0] - 1 if len(counts) > 2 and counts[0] else 0  # noqa: PLR2004
    return all(after in {1, before + 1} for before, after in pairwise([first, *counts]))
