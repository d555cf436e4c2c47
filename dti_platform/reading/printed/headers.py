"""Headers of tables: which columns of a sheet have which declared title, and in which rows.

Here: finding headers side by side and one below another, and resolving tables side by side. Not here: reading a title
(``titles``), captions above a header (``survey``), and the rows below (``layout``). No row or column is declared by
number: a table that was moved, or has a new column, is still found.
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

#: The most comparisons of titles with declared headers in a sheet; a sheet that needs more holds no table.
MOST_LOOKS = 800_000
_NUMBERED = re.compile(r"[(\[]?([a-z]|\d{1,2})[)\]]?|[(\[]?\d{1,2}[)\]]?\s*=.*")


@dataclass(frozen=True, slots=True)
class Group:
    """Columns under a common title, such as a year; the same columns are repeated under the next title."""

    title: str
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """The position of the header of one table; rows and columns from 1, ends included."""

    top: int
    bottom: int
    left: int
    right: int
    columns: dict[str, int]
    groups: tuple[Group, ...] = ()
    caption: tuple[str, ...] = ()
    """The text directly above the table, within its columns, by row: the nearest last."""
    begin: int = 0
    """The first row of the caption; without one, of the header."""

    @property
    def titled_columns(self) -> list[int]:
        """The columns with a declared title."""
        return [*self.columns.values(), *(column for group in self.groups for column in group.columns.values())]

    def is_beside(self, other: Header) -> bool:
        """Whether the columns of the two headers do not interleave."""
        ours, others = self.titled_columns, other.titled_columns
        return max(ours) < min(others) or max(others) < min(ours)

    def contains(self, cell: Cell) -> bool:
        """Whether a cell is among its titles."""
        return self.begin <= cell.row <= self.bottom and self.left <= cell.column <= self.right


@dataclass(frozen=True, slots=True)
class Near:
    """The rows nearest to a header: the columns that they lack, and their undeclared titles."""

    top: int
    bottom: int
    missing: tuple[Column, ...]
    undeclared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """A window of rows, and the positions of each declared column in it."""

    titles: Titles
    positions: dict[str, list[int]]
    missing: tuple[Column, ...]
    foreign: frozenset[int]
    """Columns of another table."""
    untitled: Sequence[int]
    """Columns of names without a title."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for headers in a drawing."""

    drawing: Drawing
    columns: Sequence[Column]
    repeated: Sequence[Column]
    key: str
    others: Sequence[Column]
    """The declared columns of names of other layouts."""
    meaning: Meaning

    def headers(self, band: range) -> tuple[list[Header], list[_Match]]:
        """Every header in a band of columns, from the top; and the windows that lack a column."""
        headers: list[Header] = []
        incomplete: list[_Match] = []
        top = looks = 0
        while (top := top + 1) <= len(self.drawing.sheet.rows):
            if looks > MOST_LOOKS:
                raise _too_many_looks(self.drawing.sheet, top)
            matches = [self._match(Titles(self.drawing, band, top, bottom)) for bottom in self._bottoms(band, top)]
            looks += sum(len(self.drawing.row(top, band)) * len(self.columns) for _ in matches)
            if complete := [match for match in matches if not match.missing]:
                best = max(complete, key=self._quality)
                last = self._last_row(best)
                headers += self._split_tables(best, last)
                top = last
            incomplete += [match for match in matches if match.missing]
        return headers, incomplete

    def _bottoms(self, band: range, top: int) -> Iterator[int]:
        """The rows in which a header with the first row ``top`` may end: all rows hold only titles.

        The last row is not empty. Columns with figures in the first row are undeclared, and ignored.
        """
        texts = {line for cell in self.drawing.row(top, band) if is_title(cell) for line in lines_of(cell) if line}
        if not any(_may_begin(declared, text) for declared in self.columns for text in texts):
            return
        untitled = Titles(self.drawing, band, top, top).figures
        for bottom in range(top, min(top + DEEPEST, len(self.drawing.sheet.rows) + 1)):
            filled = [cell for cell in self.drawing.row(bottom, band) if cell.column not in untitled]
            if not all(map(is_title, filled)):
                return
            if filled:
                yield bottom

    def _quality(self, match: _Match) -> tuple[int, int, int]:
        """Sort key of windows: the number of tables, then of columns, then the last row; greater is better."""
        tables = min((len(match.positions[declared.name]) for declared in self.columns if declared.required), default=1)
        return tables, sum(map(bool, match.positions.values())), match.titles.bottom

    def _match(self, titles: Titles) -> _Match:
        """Finds the positions of each declared column, and the required columns that are missing."""
        titled = [column for column in titles.band if column not in titles.figures and titles.parts(column)]
        matches = zip(self.columns, titles.match_columns(self.columns, titled), strict=True)
        positions = {declared.name: self._select(titles, declared.name, columns) for declared, columns in matches}
        foreign = self._foreign(titles, positions)
        positions = {name: [column for column in ours if column not in foreign] for name, ours in positions.items()}
        missing = tuple(declared for declared in self.columns if declared.required and not positions[declared.name])
        untitled = [] if missing else self._untitled(titles, positions)
        positions[self.key] = sorted([*positions[self.key], *untitled])
        return _Match(titles, positions, missing, foreign, untitled)

    def _select(self, titles: Titles, name: str, columns: Sequence[int]) -> list[int]:
        """The columns with a declared title; under a title merged over names and figures, those of figures."""
        if name == self.key:
            return titles.select_filled(columns, names=True)
        areas = titles.areas(columns)
        figures = (
            [column for column in area if len(area) == 1 or not self._units(column, titles.bottom)] for area in areas
        )
        return titles.select_filled(
            column for part, area in zip(figures, areas, strict=True) for column in part or area
        )

    def _untitled(self, titles: Titles, positions: Mapping[str, list[int]]) -> list[int]:
        """Columns of names without a title that do not repeat the names of a titled column."""
        ours = {column for columns in positions.values() for column in columns}
        areas = [area for area in titles.areas(titles.band) if not titles.parts(area[0]) or not ours.isdisjoint(area)]
        units = {column: self._units(column, titles.bottom) for area in areas for column in area if column not in ours}
        titled = [self._units(column, titles.bottom) for column in positions[self.key]]
        return [
            column
            for column, names in units.items()
            if names and not any(names.items() <= other.items() for other in titled)
        ]

    def _units(self, column: int, bottom: int) -> dict[int, str]:
        """The units that a column names below a header, by row; none if most are unknown, or its title follows."""
        rows = range(bottom + 1, min(bottom + SAMPLE, len(self.drawing.sheet.rows)) + 1)
        cells = [cell for row in rows if (cell := self.drawing.cell(row, column)) and not cell.blank]
        units = {cell.row: unit for cell in cells if cell.kind == "text" and (unit := self.meaning(cell.raw))}
        is_titled = any(self.key_column.fits(lines_of(cell)) for cell in cells if cell.row not in units)
        return units if len(units) * 2 >= len(cells) and not is_titled else {}

    @property
    def key_column(self) -> Column:
        """The declared column of names."""
        return next(declared for declared in self.columns if declared.name == self.key)

    def _foreign(self, titles: Titles, positions: Mapping[str, list[int]]) -> frozenset[int]:
        """Columns beyond an empty one that begin with names, or a number and names: they belong to another table."""
        ours = {column for columns in positions.values() for column in columns}
        needed = {column for declared in self.columns if declared.required for column in positions[declared.name]}
        foreign: set[int] = set()
        for band in self.drawing.bands if titles.band not in self.drawing.bands else ():
            titled = [column for column in band if titles.parts(column)]
            names = [column for column in titled[:2] if column not in ours and self._has_names(column, titles.bottom)]
            names = names if {*positions[self.key]}.isdisjoint(band) else []
            foreign.update(band if names and needed.isdisjoint(range(band.start, names[0])) else ())
        return frozenset(foreign)

    def _has_names(self, column: int, bottom: int) -> bool:
        rows = range(bottom + 1, min(bottom + SAMPLE, len(self.drawing.sheet.rows)) + 1)
        cells = [cell for cell in (self.drawing.cell(row, column) for row in rows) if cell and not cell.blank]
        return sum(cell.kind == "text" and is_title(cell) for cell in cells) * 2 > len(cells)

    def _last_row(self, match: _Match) -> int:
        """The last row of the header, including a repeated header or a row of column numbers below it."""
        titles, bottom = match.titles, match.titles.bottom
        titled = {column: declared for declared in self.columns for column in match.positions[declared.name]}
        title_texts = {heading(text) for column in titled for text in titles.readings(column)}
        keys = set(match.positions.get(self.key, ()))
        for number in range(bottom + 1, min(bottom + DEEPEST, len(self.drawing.sheet.rows)) + 1):
            filled = self.drawing.row(number, titles.band)
            ours = {cell.column: cell for cell in filled if cell.column in titled}
            texts = [comparable(cell.raw) for cell in ours.values() if cell.kind != "error"]
            numbered = all(map(_NUMBERED.fullmatch, texts)) and len(ours) * 2 > len(titled) and keys & ours.keys()
            # A row of only plain numbers may hold codes and figures: ``layout`` decides by the rows below.
            numbered = numbered and not all(cell.raw.strip().isdecimal() for cell in filled)
            repeated = all(cell.kind == "text" for cell in filled) and len(ours) == len(titled)
            repeated = repeated and any(heading(cell.raw) in title_texts for cell in ours.values())
            if filled and not (numbered or repeated):
                break
            bottom = number if filled else bottom
        return bottom

    def _split_tables(self, match: _Match, last: int) -> Iterator[Header]:
        """One header for every set of required columns side by side.

        Raises Unreadable: a column is repeated beside a table without a column of names before it, or is ambiguous.
        """
        _check_titles(match)
        titles, left = match.titles, match.titles.band.start
        others = self._columns_of_others(match)
        blocks = list(_blocks({**match.positions, self.key: [*match.positions[self.key], *others]}))
        required = {declared.name for declared in self.columns if declared.required}
        starts = [min(block.values()) for block in blocks]
        seen_table = False
        for block, end in zip(blocks, [*starts[1:], titles.band.stop], strict=True):
            if block.get(self.key) in others:
                pass  # another table, though its other titles are ours as well
            elif required <= block.keys():
                columns = {declared.name: block[declared.name] for declared in self.columns if declared.name in block}
                groups = self._groups(match, min(block.values()), end)
                yield Header(titles.top, last, left, end - 1, columns, groups)
                seen_table = True
            elif self.key not in block and seen_table:
                raise _repeated_title(titles, next(iter(block)), min(block.values()))
            elif block.get(self.key) in match.untitled and len(block) > 1:
                raise self._ambiguous_names(match, block)
            left = max(block.values()) + 1

    def _ambiguous_names(self, match: _Match, block: Mapping[str, int]) -> Unreadable:
        """The refusal of figures that may belong to the titled names or to the untitled names beside them."""
        untitled = block[self.key]
        names = (column for column in match.positions[self.key] if column not in match.untitled)
        titled = min(names, key=lambda column: abs(column - untitled))
        figures = next(column for name, column in block.items() if name != self.key)
        first, second = sorted([titled, untitled])
        columns = {"figures": figures, "first": first, "second": second}
        places = {role: self._first_below(match, column) for role, column in columns.items()}
        return Unreadable("two_readings", "names", **places)

    def _first_below(self, match: _Match, column: int) -> Bilingual:
        """The location of the first filled cell below the header."""
        rows = self.drawing.sheet.rows[match.titles.bottom :]
        cells = (row[column - 1] for row in rows if len(row) >= column)
        return next((cell.place for cell in cells if not cell.blank), Bilingual.same(letters(column)))

    def _columns_of_others(self, match: _Match) -> list[int]:
        """The columns with the titles of names of other tables, and without a title of ours."""
        ours = {column for columns in match.positions.values() for column in columns}
        titled = [column for column in match.titles.band if column not in ours and match.titles.parts(column)]
        matches = match.titles.match_columns(self.others, titled)
        return match.titles.select_filled(sorted({column for columns in matches for column in columns}), names=True)

    def _groups(self, match: _Match, left: int, end: int) -> tuple[Group, ...]:
        """The repeated columns by group: the title of a group is the text above the title of a column."""
        groups: dict[str, dict[str, int]] = {}
        title = ""
        candidates = sorted({*range(left, end)} - match.foreign - {*match.positions[self.key]})
        titles = match.titles
        matches = [
            [column for column in candidates if titles.group_title(declared, column) is not None]
            for declared in self.repeated
        ]
        selected = list(map(titles.select_filled, matches))
        for column in candidates:
            for declared, titled in zip(self.repeated, selected, strict=True):
                if column in titled and (above := titles.group_title(declared, column)) is not None:
                    title = comparable(above) or title
                    columns = groups.setdefault(title, {})
                    if declared.name in columns:
                        raise _repeated_title(titles, declared.name, column)
                    columns[declared.name] = column
        return tuple(Group(title, columns) for title, columns in groups.items())


def find_headers(
    drawing: Drawing,
    columns: Sequence[Column],
    repeated: Sequence[Column],
    key: str,
    others: Sequence[Column],
    meaning: Meaning,
) -> tuple[list[Header], Near | None]:
    """Finds every header with all required columns, and the rows nearest to one.

    Searches each band of filled columns first, so that tables side by side may begin in different rows, then across
    empty columns. ``key`` is the column of names, ``others`` are those of other tables; ``meaning`` identifies names.
    Raises Unreadable: a table repeats a header.
    """
    search = _Search(drawing, columns, repeated, key, others, meaning)
    width = range(1, max((band.stop for band in drawing.bands), default=1))
    headers: list[Header] = []
    incomplete: list[_Match] = []
    for band in drawing.bands:
        band_headers, windows = search.headers(band)
        headers += band_headers
        incomplete += windows
    if len(drawing.bands) > 1:
        band_headers, windows = search.headers(width)
        headers = list(_join_bands(headers, band_headers))
        incomplete += windows
    headers.sort(key=lambda header: (header.top, min(header.titled_columns)))
    return headers, _nearest(search, incomplete)


def _may_begin(declared: Column, text: str) -> bool:
    return any(alias.startswith(heading(text)) for alias in declared.headers) or declared.fits([text])


def _blocks(positions: Mapping[str, list[int]]) -> Iterator[dict[str, int]]:
    """Splits columns from left to right: a table ends where one of its titles is repeated."""
    block: dict[str, int] = {}
    for column, name in sorted((column, name) for name, columns in positions.items() for column in columns):
        if name in block:
            yield block
            block = {}
        block[name] = column
    if block:
        yield block


def _check_titles(match: _Match) -> None:
    """Raises Unreadable: a column has the titles of two, or a title is merged over several columns of figures."""
    titles = match.titles
    for first, second in combinations(match.positions, 2):
        if common := {*match.positions[first]} & {*match.positions[second]}:
            place = titles.drawing.sheet.rows[titles.top - 1][min(common) - 1].place
            raise Unreadable("two_readings", "column", place=place, first=first, second=second)
    for name, columns in match.positions.items():
        if shared := next((area for area in titles.areas(columns) if len(area) > 1), None):
            raise _merged_title(titles, name, shared)


def _repeated_title(titles: Titles, name: str, column: int) -> Unreadable:
    sheet = titles.drawing.sheet
    place = sheet.rows[titles.top - 1][column - 1].place
    return Unreadable("header_repeated", "again", sheet=sheet.called, title=name, place=place)


def _too_many_looks(sheet: Sheet, row: int) -> Unreadable:
    return Unreadable("header_repeated", "too_often", sheet=sheet.called, row=row)


def _merged_title(titles: Titles, name: str, area: Sequence[int]) -> Unreadable:
    first, last = (titles.drawing.sheet.rows[titles.top - 1][column - 1].place for column in (area[0], area[-1]))
    return Unreadable("header_repeated", "merged", title=name, first=first, last=last)


def _nearest(search: _Search, incomplete: Sequence[_Match]) -> Near | None:
    """The window that lacks the fewest columns; of several, the one with the fewest rows."""
    near = min(incomplete, key=lambda match: (len(match.missing), match.titles.bottom - match.titles.top), default=None)
    if near is None or len(near.missing) == sum(declared.required for declared in search.columns):
        return None
    ours = {column for columns in near.positions.values() for column in columns}
    titles = near.titles
    strangers = (" ".join(titles.parts(column).values()) for column in titles.band if column not in ours)
    return Near(titles.top, titles.bottom, near.missing, tuple(filter(None, strangers)))


def _rows_disjoint(first: Header, second: Header) -> bool:
    """Whether one header ends above the other."""
    return first.bottom < second.top or second.bottom < first.top


def _join_bands(within: Sequence[Header], across: Sequence[Header]) -> Iterator[Header]:
    """Combines headers within bands and headers across empty columns, so that no table reaches into another.

    Tables side by side may each contain an empty column: then a header between two empty columns is the end of one
    table and the beginning of the next, and the headers across the empty columns are the right ones.
    """
    remaining = list(within)
    for top in sorted({header.top for header in across}):
        spanning = [header for header in across if header.top == top]
        rivals = [header for header in remaining if not all(_rows_disjoint(header, wide) for wide in spanning)]
        if _straddles(rivals, spanning) and _in_same_order(spanning) and _all_columns(rivals) < _all_columns(spanning):
            remaining = [header for header in remaining if header not in rivals]
            yield from spanning
        else:
            yield from _replace_narrower(remaining, spanning)
    yield from remaining


def _replace_narrower(remaining: list[Header], spanning: Sequence[Header]) -> Iterator[Header]:
    for wide in spanning:
        inside = [header for header in remaining if not _rows_disjoint(header, wide) and not header.is_beside(wide)]
        if not inside:
            yield wide
        elif len(inside) == 1 and {*inside[0].titled_columns} < {*wide.titled_columns}:
            remaining.remove(inside[0])
            yield wide


def _straddles(headers: Sequence[Header], spanning: Sequence[Header]) -> bool:
    """Whether a header takes columns of two of the spanning headers."""
    return any(
        sum(not {*header.titled_columns}.isdisjoint(wide.titled_columns) for wide in spanning) > 1 for header in headers
    )


def _in_same_order(headers: Sequence[Header]) -> bool:
    """Whether the columns that all headers share are in the same order in each."""
    common = set.intersection(*({*header.columns} for header in headers))
    orders = {tuple(sorted(common, key=lambda name: header.columns[name])) for header in headers}
    return len(orders) == 1


def _all_columns(headers: Sequence[Header]) -> set[int]:
    return {column for header in headers for column in header.titled_columns}
