"""Headers of tables: which columns of a sheet bear which declared title, and over which rows.

Here: finding them, side by side and one below another, and which reading of tables side by side holds. Not here: how a
title reads (``titles``), what stands above a header (``survey``), and the rows below (``layout``). No row or column is
ever given by its number: a table that was moved, or has a new column, is still found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Cell, Sheet, Unreadable, letters
from dti_platform.reading.printed.titles import DEEPEST, SAMPLE, Drawing, Meaning, Titles, is_title, lines_of
from dti_platform.reading.table import Column
from dti_platform.reading.text import comparable, heading

#: The most looks at a title for a declared header in a sheet: one that begins headers again and again has no table.
MOST_LOOKS = 800_000
_NUMBERED = re.compile(r"[(\[]?([a-z]|\d{1,2})[)\]]?|[(\[]?\d{1,2}[)\]]?\s*=.*")


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that stand under one title of their own, such as a year, and again under the next."""

    title: str
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """Where one table's header stands; rows and columns from 1, ends included."""

    top: int
    bottom: int
    left: int
    right: int
    columns: dict[str, int]
    groups: tuple[Group, ...] = ()
    caption: tuple[str, ...] = ()
    """What stands right above the table, within its columns: row by row, the nearest last."""
    begin: int = 0
    """The first row of the caption, or of the header where there is none."""

    @property
    def places(self) -> list[int]:
        """The columns that bear a declared title."""
        return [*self.columns.values(), *(place for group in self.groups for place in group.columns.values())]

    def beside(self, other: Header) -> bool:
        """Whether no column of the one lies between columns of the other."""
        return max(self.places) < min(other.places) or max(other.places) < min(self.places)

    def bears(self, cell: Cell) -> bool:
        """Whether a cell stands among its titles."""
        return self.begin <= cell.row <= self.bottom and self.left <= cell.column <= self.right


@dataclass(frozen=True, slots=True)
class Near:
    """The rows that come nearest to a header: what they lack, and their undeclared titles."""

    top: int
    bottom: int
    missing: tuple[Column, ...]
    strangers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """A window of rows, and where in it each declared column stands."""

    titles: Titles
    positions: dict[str, list[int]]
    missing: tuple[Column, ...]
    foreign: frozenset[int]
    """Columns of another table's."""
    untitled: Sequence[int]
    """Columns of names that bear no title of their own."""


@dataclass(frozen=True, slots=True)
class _Search:
    """What is searched for in a drawing."""

    drawing: Drawing
    columns: Sequence[Column]
    repeated: Sequence[Column]
    key: str
    others: Sequence[Column]
    """The columns of names of other tables."""
    meaning: Meaning

    def headers(self, band: range) -> tuple[list[Header], list[_Match]]:
        """Every header within a band of columns, from the top down; and the windows that lack a column."""
        headers: list[Header] = []
        lacking: list[_Match] = []
        top = looks = 0
        while (top := top + 1) <= len(self.drawing.sheet.rows):
            if looks > MOST_LOOKS:
                raise _endless(self.drawing.sheet, top)
            matches = [self._match(Titles(self.drawing, band, top, bottom)) for bottom in self._bottoms(band, top)]
            looks += sum(len(self.drawing.row(top, band)) * len(self.columns) for _ in matches)
            if complete := [match for match in matches if not match.missing]:
                best = max(complete, key=self._worth)
                last = self._last(best)
                headers += self._side_by_side(best, last)
                top = last
            lacking += [match for match in matches if match.missing]
        return headers, lacking

    def _bottoms(self, band: range, top: int) -> Iterator[int]:
        """Where a header that begins in a row may end: its rows hold titles alone, and the last is not empty.

        Columns that hold figures beside its first row already are undeclared, and don't count.
        """
        texts = {line for cell in self.drawing.row(top, band) if is_title(cell) for line in lines_of(cell) if line}
        if not any(_begins(column, text) for column in self.columns for text in texts):
            return
        untitled = Titles(self.drawing, band, top, top).figures
        for bottom in range(top, min(top + DEEPEST, len(self.drawing.sheet.rows) + 1)):
            filled = [cell for cell in self.drawing.row(bottom, band) if cell.column not in untitled]
            if not all(map(is_title, filled)):
                return
            if filled:
                yield bottom

    def _worth(self, match: _Match) -> tuple[int, int, int]:
        """The better a window, the more tables, then the more columns it has; of equal ones the deepest."""
        tables = min((len(match.positions[each.name]) for each in self.columns if each.required), default=1)
        return tables, sum(map(bool, match.positions.values())), match.titles.bottom

    def _match(self, titles: Titles) -> _Match:
        """Where each declared column stands, and which required ones stand nowhere."""
        places = [at for at in titles.band if at not in titles.figures and titles.parts(at)]
        fitting = zip(self.columns, titles.fitting(self.columns, places), strict=True)
        positions = {each.name: self._bearing(titles, each.name, ats) for each, ats in fitting}
        foreign = self._foreign(titles, positions)
        positions = {name: [at for at in ats if at not in foreign] for name, ats in positions.items()}
        missing = tuple(each for each in self.columns if each.required and not positions[each.name])
        untitled = [] if missing else self._untitled(titles, positions)
        positions[self.key] = sorted([*positions[self.key], *untitled])
        return _Match(titles, positions, missing, foreign, untitled)

    def _bearing(self, titles: Titles, name: str, places: Sequence[int]) -> list[int]:
        """The columns that bear a declared title; of one that is merged over names and figures those of figures."""
        if name == self.key:
            return titles.bearing(places, names=True)
        areas = titles.areas(places)
        figures = (
            [at for at in area if not self._units(at, titles.bottom)] if len(area) > 1 else area for area in areas
        )
        return titles.bearing(at for own, area in zip(figures, areas, strict=True) for at in own or area)

    def _untitled(self, titles: Titles, positions: Mapping[str, list[int]]) -> list[int]:
        """Columns of names without a title of their own, which don't repeat the names under a title."""
        ours = {at for places in positions.values() for at in places}
        areas = [area for area in titles.areas(titles.band) if not titles.parts(area[0]) or not ours.isdisjoint(area)]
        units = {at: self._units(at, titles.bottom) for area in areas for at in area if at not in ours}
        titled = [self._units(at, titles.bottom) for at in positions[self.key]]
        return [at for at, own in units.items() if own and not any(own.items() <= other.items() for other in titled)]

    def _units(self, column: int, bottom: int) -> dict[int, str]:
        """By row the units that a column names below a header; none where most are unknown, or its title follows."""
        rows = range(bottom + 1, min(bottom + SAMPLE, len(self.drawing.sheet.rows)) + 1)
        cells = [cell for row in rows if (cell := self.drawing.cell(row, column)) and not cell.blank]
        units = {cell.row: unit for cell in cells if cell.kind == "text" and (unit := self.meaning(cell.raw))}
        is_titled = any(self.named.fits(lines_of(cell)) for cell in cells if cell.row not in units)
        return units if len(units) * 2 >= len(cells) and not is_titled else {}

    @property
    def named(self) -> Column:
        """The column of names."""
        return next(each for each in self.columns if each.name == self.key)

    def _foreign(self, titles: Titles, positions: Mapping[str, list[int]]) -> frozenset[int]:
        """Columns beyond an empty one that begin with names, at most a number before: they are another table's."""
        ours = {at for places in positions.values() for at in places}
        needed = {at for each in self.columns if each.required for at in positions[each.name]}
        foreign: set[int] = set()
        for band in self.drawing.bands if titles.band not in self.drawing.bands else ():
            titled = [at for at in band if titles.parts(at)]
            names = [at for at in titled[:2] if at not in ours and self._has_names(at, titles.bottom)]
            names = names if {*positions[self.key]}.isdisjoint(band) else []
            foreign.update(band if names and needed.isdisjoint(range(band.start, names[0])) else ())
        return frozenset(foreign)

    def _has_names(self, column: int, bottom: int) -> bool:
        rows = range(bottom + 1, min(bottom + SAMPLE, len(self.drawing.sheet.rows)) + 1)
        cells = [cell for cell in (self.drawing.cell(row, column) for row in rows) if cell and not cell.blank]
        return sum(cell.kind == "text" and is_title(cell) for cell in cells) * 2 > len(cells)

    def _last(self, match: _Match) -> int:
        """The last row of the header: a second header or a row of column numbers below it is part of it."""
        titles, bottom = match.titles, match.titles.bottom
        places = {at: each for each in self.columns for at in match.positions[each.name]}
        above = {heading(text) for place in places for text in titles.readings(place)}
        named = set(match.positions.get(self.key, ()))
        for number in range(bottom + 1, min(bottom + DEEPEST, len(self.drawing.sheet.rows)) + 1):
            filled = self.drawing.row(number, titles.band)
            ours = {cell.column: cell for cell in filled if cell.column in places}
            plain = [comparable(cell.raw) for cell in ours.values() if cell.kind != "error"]
            numbered = all(map(_NUMBERED.fullmatch, plain)) and len(ours) * 2 > len(places) and named & ours.keys()
            # Plain numbers alone may be codes and figures: the rows below tell (``layout``).
            numbered = numbered and not all(cell.raw.strip().isdecimal() for cell in filled)
            again = all(cell.kind == "text" for cell in filled) and len(ours) == len(places)
            again = again and any(heading(cell.raw) in above for cell in ours.values())
            if filled and not (numbered or again):
                break
            bottom = number if filled else bottom
        return bottom

    def _side_by_side(self, match: _Match, last: int) -> Iterator[Header]:
        """One header for each time that the required columns stand beside one another.

        Raises Unreadable: a column stands again beside a table without a column of names before it, or may be two.
        """
        _check_titles(match)
        titles, left = match.titles, match.titles.band.start
        others = self._of_others(match)
        blocks = list(_blocks({**match.positions, self.key: [*match.positions[self.key], *others]}))
        required = {each.name for each in self.columns if each.required}
        starts = [min(block.values()) for block in blocks]
        seen_table = False
        for block, after in zip(blocks, [*starts[1:], titles.band.stop], strict=True):
            if block.get(self.key) in others:
                pass  # another table, though its other titles are ours as well
            elif required <= block.keys():
                columns = {each.name: block[each.name] for each in self.columns if each.name in block}
                groups = self._groups(match, min(block.values()), after)
                yield Header(titles.top, last, left, after - 1, columns, groups)
                seen_table = True
            elif self.key not in block and seen_table:
                raise _twice(titles, next(iter(block)), min(block.values()))
            elif block.get(self.key) in match.untitled and len(block) > 1:
                raise self._either(match, block)
            left = max(block.values()) + 1

    def _either(self, match: _Match, block: Mapping[str, int]) -> Unreadable:
        """A table would lack a column if the figures of a block belong to the names beside them that bear no title."""
        untitled = block[self.key]
        names = (at for at in match.positions[self.key] if at not in match.untitled)
        titled = min(names, key=lambda at: abs(at - untitled))
        figures = next(at for name, at in block.items() if name != self.key)
        first, second = sorted([titled, untitled])
        below = {
            each: self._below(match, at) for each, at in (("figures", figures), ("first", first), ("second", second))
        }
        return Unreadable("two_readings", "names", **below)

    def _below(self, match: _Match, column: int) -> Bilingual:
        """The first cell below a header that holds something."""
        rows = self.drawing.sheet.rows[match.titles.bottom :]
        cells = (row[column - 1] for row in rows if len(row) >= column)
        return next((cell.place for cell in cells if not cell.blank), Bilingual.same(letters(column)))

    def _of_others(self, match: _Match) -> list[int]:
        """The columns that bear the names of other tables, and no title of ours."""
        ours = {at for places in match.positions.values() for at in places}
        titled = [at for at in match.titles.band if at not in ours and match.titles.parts(at)]
        fitting = match.titles.fitting(self.others, titled)
        return match.titles.bearing(sorted({at for places in fitting for at in places}), names=True)

    def _groups(self, match: _Match, left: int, after: int) -> tuple[Group, ...]:
        """Columns that stand once under every group: the group's title is what stands above their own."""
        groups: dict[str, dict[str, int]] = {}
        title = ""
        within = sorted({*range(left, after)} - match.foreign - {*match.positions[self.key]})
        fitting = [[at for at in within if match.titles.under(each, at) is not None] for each in self.repeated]
        bearing = [match.titles.bearing(places) for places in fitting]
        for column in within:
            for each, places in zip(self.repeated, bearing, strict=True):
                if column in places and (above := match.titles.under(each, column)) is not None:
                    title = comparable(above) or title
                    columns = groups.setdefault(title, {})
                    if each.name in columns:
                        raise _twice(match.titles, each.name, column)
                    columns[each.name] = column
        return tuple(Group(title, columns) for title, columns in groups.items())


def find_headers(
    drawing: Drawing,
    columns: Sequence[Column],
    repeated: Sequence[Column],
    key: str,
    others: Sequence[Column],
    meaning: Meaning,
) -> tuple[list[Header], Near | None]:
    """Every header that bears all required columns, and else what comes nearest to one.

    First in each run of columns that hold something, so that tables side by side may begin in different rows; then
    across empty columns. ``key`` is the column of names, ``others`` are those of other tables; ``meaning`` knows names.
    Raises Unreadable: a header stands twice in one table.
    """
    search = _Search(drawing, columns, repeated, key, others, meaning)
    width = range(1, max((band.stop for band in drawing.bands), default=1))
    headers: list[Header] = []
    lacking: list[_Match] = []
    for band in drawing.bands:
        band_headers, windows = search.headers(band)
        headers += band_headers
        lacking += windows
    if len(drawing.bands) > 1:
        band_headers, windows = search.headers(width)
        headers = list(_joined(headers, band_headers))
        lacking += windows
    headers.sort(key=lambda each: (each.top, min(each.places)))
    return headers, _nearest(search, lacking)


def _begins(column: Column, text: str) -> bool:
    return any(alias.startswith(heading(text)) for alias in column.headers) or column.fits([text])


def _blocks(positions: Mapping[str, list[int]]) -> Iterator[dict[str, int]]:
    """From left to right: a table ends where one of its titles comes again."""
    block: dict[str, int] = {}
    for place, name in sorted((place, name) for name, places in positions.items() for place in places):
        if name in block:
            yield block
            block = {}
        block[name] = place
    if block:
        yield block


def _check_titles(match: _Match) -> None:
    """Raises Unreadable: one column bears the titles of two, or a title is merged over several columns of figures."""
    titles = match.titles
    for one, other in combinations(match.positions, 2):
        if both := {*match.positions[one]} & {*match.positions[other]}:
            place = titles.drawing.sheet.rows[titles.top - 1][min(both) - 1].place
            raise Unreadable("two_readings", "column", place=place, first=one, second=other)
    for name, places in match.positions.items():
        if shared := next((area for area in titles.areas(places) if len(area) > 1), None):
            raise _shared(titles, name, shared)


def _twice(titles: Titles, name: str, column: int) -> Unreadable:
    sheet = titles.drawing.sheet
    place = sheet.rows[titles.top - 1][column - 1].place
    return Unreadable("header_repeated", "again", sheet=sheet.called, title=name, place=place)


def _endless(sheet: Sheet, row: int) -> Unreadable:
    return Unreadable("header_repeated", "too_often", sheet=sheet.called, row=row)


def _shared(titles: Titles, name: str, area: Sequence[int]) -> Unreadable:
    first, last = (titles.drawing.sheet.rows[titles.top - 1][at - 1].place for at in (area[0], area[-1]))
    return Unreadable("header_repeated", "merged", title=name, first=first, last=last)


def _nearest(search: _Search, lacking: Sequence[_Match]) -> Near | None:
    """The window that lacks the fewest columns, and of those the one with the fewest rows."""
    near = min(lacking, key=lambda match: (len(match.missing), match.titles.bottom - match.titles.top), default=None)
    if near is None or len(near.missing) == sum(each.required for each in search.columns):
        return None
    ours = {at for places in near.positions.values() for at in places}
    titles = near.titles
    strangers = (" ".join(titles.parts(at).values()) for at in titles.band if at not in ours)
    return Near(titles.top, titles.bottom, near.missing, tuple(filter(None, strangers)))


def _apart(one: Header, other: Header) -> bool:
    """Whether the one ends above the other."""
    return one.bottom < other.top or other.bottom < one.top


def _joined(within: Sequence[Header], across: Sequence[Header]) -> Iterator[Header]:
    """Tables that end at an empty column, and those that go on beyond it, but never into another table.

    An empty column may also stand within each of some tables side by side: then what was found between two empty ones
    is the end of a table and the beginning of the next, and what was found across them holds.
    """
    left = list(within)
    for top in sorted({each.top for each in across}):
        row = [each for each in across if each.top == top]
        rivals = [each for each in left if not all(_apart(each, wide) for wide in row)]
        if _torn(rivals, row) and _alike(row) and _places(rivals) < _places(row):
            left = [each for each in left if each not in rivals]
            yield from row
        else:
            yield from _wider(left, row)
    yield from left


def _wider(left: list[Header], row: Sequence[Header]) -> Iterator[Header]:
    for wide in row:
        inside = [each for each in left if not _apart(each, wide) and not each.beside(wide)]
        if not inside:
            yield wide
        elif len(inside) == 1 and {*inside[0].places} < {*wide.places}:
            left.remove(inside[0])
            yield wide


def _torn(headers: Sequence[Header], row: Sequence[Header]) -> bool:
    """Whether some header takes columns of two tables of the row."""
    return any(sum(not {*each.places}.isdisjoint(wide.places) for wide in row) > 1 for each in headers)


def _alike(row: Sequence[Header]) -> bool:
    """Whether the columns that all tables have stand in the same order in each."""
    common = set.intersection(*({*each.columns} for each in row))
    orders = {tuple(sorted(common, key=lambda name: each.columns[name])) for each in row}
    return len(orders) == 1


def _places(headers: Sequence[Header]) -> set[int]:
    return {place for each in headers for place in each.places}
