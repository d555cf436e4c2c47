"""Whose a figure is where several columns of names stand side by side: the rows show it, and a doubt is a refusal.

Here: which columns hold names, and whether the tables found by their titles can be read in one way alone. Not here:
finding them (``headers``), the ways to read them (``readings``), and which names are known (they are handed in).
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
    """Holds that no figure of a sheet's tables can belong to other names than those of its table.

    Gives the names and figures beside the tables that look like theirs and are in none. Raises Unreadable: one can.
    """
    unread: list[Bilingual] = []
    for first, last in dict.fromkeys((body.header.bottom + 1, body.bottom) for body in bodies):
        sharing = [body for body in bodies if body.header.bottom < last and first <= body.bottom]
        rows = _Rows(drawing, sharing, first, last, meaning)
        for body in sharing if len(rows.names) > 1 else ():
            _check(rows, body)
        unread += rows.unread()
    return list(dict.fromkeys(unread))


def _check(rows: _Rows, body: Body) -> None:
    key = _key_of(body)
    for place in sorted(_figures_of(body)):
        for other in sorted(rows.owners[place]):
            if not rows.repeats(key, other):
                first, second = (rows.place(column) for column in sorted([key, other]))
                raise Unreadable("two_readings", "names", figures=rows.place(place), first=first, second=second)


@dataclass(frozen=True)
class _Rows:
    """The rows that tables share, and what stands in their columns."""

    drawing: Drawing
    bodies: Sequence[Body]
    """The tables that reach into these rows."""
    first: int
    last: int
    meaning: Meaning

    @cached_property
    def columns(self) -> dict[int, dict[int, Cell]]:
        """What stands in every column, by row: of the rows alone that hold a figure of a table, if it has any."""
        figures = {place for body in self.bodies for place in _figures_of(body)}
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
    def taken(self) -> Mapping[int, tuple[str, str]]:
        """The columns that a table takes besides its names: declared name and group."""
        own = {place: (name, "") for body in self.bodies for name, place in body.header.columns.items()}
        groups = [group for body in self.bodies for group in body.header.groups]
        own |= {place: (name, group.title) for group in groups for name, place in group.columns.items()}
        return {place: each for place, each in own.items() if place not in self.keys}

    @cached_property
    def names(self) -> list[int]:
        """The columns of names, from the left."""
        others = [at for at in self.columns if at not in self.keys and at not in self.taken]
        return sorted([*self.keys, *filter(self._holds_names, others)])

    @cached_property
    def owners(self) -> dict[int, set[int]]:
        """For each column that a table takes the columns of names to which it may belong."""
        distinct = sorted(self.keys)
        for column in self.names:
            distinct += [] if any(self.repeats(column, other) for other in distinct) else [column]
        return owners(self.names, sorted(distinct), self.items)

    @cached_property
    def items(self) -> list[Item]:
        """The columns between those of names."""
        return [self._item(at) for at in sorted({*self._figures, *self.taken} - {*self.names})]

    def unread(self) -> Iterator[Bilingual]:
        """Names of units of the tables, and figures under a declared title beside their names, that no table takes."""
        units = {self._unit(cell) for key in self.keys for cell in self._cells(key)}
        for column in self.names:
            own = [self._unit(cell) in units for cell in self._cells(column)]
            if sum(own) * 2 >= len(own) and not any(self.repeats(column, key) for key in self.keys):
                yield _unread("names_alone", self.place(column))
        keys = {body.layout.key for body in self.bodies}
        declared = {each.name for body in self.bodies for each in (*body.layout.columns, *body.layout.repeated)} - keys
        for item in self.items:
            is_ours = item.title in declared and not self.keys.isdisjoint(self.owners[item.column])
            if item.column not in self.taken and item.kind == "figures" and is_ours:
                yield _unread("figures_alone", self.place(item.column))

    def repeats(self, column: int, other: int) -> bool:
        """Whether a column names in every row the unit that another column names there."""
        there = self.columns.get(other, {})
        cells = self.columns.get(column, {}).items()
        return column == other or all(at in there and self._unit(cell) == self._unit(there[at]) for at, cell in cells)

    def place(self, column: int) -> Bilingual:
        """The first cell of a column that holds something."""
        return next((cell.place for cell in self._cells(column)), Bilingual.same(letters(column)))

    def _cells(self, column: int) -> Collection[Cell]:
        return self.columns.get(column, {}).values()

    def _known(self, cell: Cell) -> str | None:
        return self.meaning(self.bodies[0].layout.bare(cell.raw)) if cell.kind == "text" else None

    def _unit(self, cell: Cell) -> str:
        return self._known(cell) or heading(self.bodies[0].layout.bare(cell.raw))

    def _holds_names(self, column: int) -> bool:
        """Whether a column that no table takes holds names: known ones, or beside figures untitled ones that differ."""
        cells = self._cells(column)
        known = sum(self._known(cell) is not None for cell in cells)
        if any(titles.parts(column) for titles in self._titles):
            is_key = self._title(column) in {body.layout.key for body in self.bodies}
            return known * 2 >= len(cells) or (is_key and _are_words(cells))
        nearest = [*[at for at in self._figures if at < column][-1:], *[at for at in self._figures if at > column][:1]]
        words = known > 0 or (_are_words(cells) and len({cell.raw for cell in cells}) == len(cells))
        return words and len(cells) * 2 >= min(len(self.columns[at]) for at in nearest)

    @cached_property
    def _figures(self) -> list[int]:
        return [at for at in self.columns if any(map(_is_figure, self._cells(at)))]

    def _item(self, column: int) -> Item:
        title, group = self.taken.get(column) or (self._title(column), None)
        serial = "serial" if _is_serial(self._numbers(column)) else "figures"
        return Item(column, title, group, "text" if _are_words(self._cells(column)) else serial)

    def _numbers(self, column: int) -> list[str]:
        """The figures of a column, from where the first of the tables begins."""
        rows = self.drawing.sheet.rows[min(body.header.bottom for body in self.bodies) : self.last]
        cells = (row[column - 1] for row in rows if len(row) >= column)
        return [cell.raw.strip() for cell in cells if _is_figure(cell)]

    def _title(self, column: int) -> str | None:
        """The declared name of a column that no table takes, or else all that stands above it."""
        declared = [each for body in self.bodies for each in (*body.layout.columns, *body.layout.repeated)]
        own = (each.name for each in declared for titles in self._titles if titles.under(each, column) is not None)
        return next(own, None) or heading(" ".join(self._titles[-1].parts(column).values())) or None

    @cached_property
    def _titles(self) -> list[Titles]:
        """The titles of the tables, with and without rows that a header may have below them."""
        width = range(1, max(self.columns) + 1)
        rows = dict.fromkeys((each.header.top, each.header.bottom) for each in self.bodies)
        return [Titles(self.drawing, width, top, end) for top, bottom in rows for end in range(top, bottom + 1)]


def _unread(what: str, place: Bilingual) -> Bilingual:
    return catalogue("warning")["unread_table"].detail[what].format(place=place)


def _key_of(body: Body) -> int:
    return body.header.columns[body.layout.key]


def _figures_of(body: Body) -> set[int]:
    return {*body.header.places} - {_key_of(body)}


def _is_figure(cell: Cell) -> bool:
    return cell.kind == "number" or (cell.kind == "text" and not is_title(cell))


def _are_words(cells: Collection[Cell]) -> bool:
    """Whether most of some cells hold letters and no digit."""
    texts = [cell.raw for cell in cells if cell.kind == "text"]
    words = [text for text in texts if any(map(str.isalpha, text)) and not any(map(str.isdecimal, text))]
    return len(words) * 2 > len(cells)


def _is_serial(numbers: Sequence[str]) -> bool:
    """Whether numbers count 1, 2, 3, over again at most from 1 on; of a page that goes on, three or more from any."""
    counts = [int(number) if number.isdecimal() else 0 for number in numbers]
    first = counts[0] - 1 if len(counts) > 2 and counts[0] else 0  # noqa: PLR2004
    return all(after in {1, before + 1} for before, after in pairwise([first, *counts]))
