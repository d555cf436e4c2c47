"""The tables of a book that match a declared layout, and faults: what resembles a table and is not read.

Here: the caption, the end and the subject of each table of a sheet, and what is missing. Not here: the declaration
(``layout``), and finding headers (``headers``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable
from dti_platform.reading.printed.headers import Header, Near, find_headers
from dti_platform.reading.printed.layout import Body, Layout
from dti_platform.reading.printed.pairing import check_pairs
from dti_platform.reading.printed.titles import DEEPEST, Drawing, Meaning, is_title, lines_of
from dti_platform.reading.text import comparable, heading, normalise

_CONTINUED = re.compile(r"\b(tiếp|continued|cont)\b")


@dataclass(slots=True)
class Survey:
    """The declared tables of a book, and the faults: what resembles a table and is not read."""

    bodies: list[Body] = field(default_factory=list[Body])
    faults: list[Bilingual] = field(default_factory=list[Bilingual])


def _knows_none(name: str) -> None:
    """A meaning that knows no names."""


def find_bodies(book: Book, layout: Layout) -> list[Body]:
    """Finds every table of a book with the declared layout, sheet by sheet.

    Raises Unreadable: there is no table, or a table repeats a header.
    """
    return survey(book, [layout]).bodies


def survey(book: Book, layouts: Sequence[Layout], meaning: Meaning = _knows_none) -> Survey:
    """Finds every table of a book with one of the layouts, sheet by sheet.

    Faults are: a title of names outside any table, a sheet that lacks a header, an undeclared caption.
    Raises Unreadable: a layout has no table, or a table repeats a header.
    """
    result = Survey()
    incomplete: dict[Layout, list[tuple[Sheet, Near | None]]] = {layout: [] for layout in layouts}
    for sheet in book.sheets:
        drawing = Drawing(sheet)
        headers: list[tuple[Layout, Header]] = []
        nearest: list[tuple[Layout, Near]] = []
        for layout in layouts:
            if layout.reads(sheet):
                others = [other.key_column for other in layouts if other is not layout]
                ours, near = find_headers(
                    drawing, layout.columns, layout.repeated, layout.key, others, layout.knows(meaning)
                )
                headers += [(layout, header) for header in ours]
                incomplete[layout] += [] if ours else [(sheet, near)]
                nearest += [(layout, near)] if near else []
        captions = _add_captions(drawing, [header for _, header in headers])
        start = len(result.bodies)
        _add_bodies(result, sheet, [(layout, header) for (layout, _), header in zip(headers, captions, strict=True)])
        result.faults += check_pairs(drawing, result.bodies[start:], meaning)
        result.faults += [_missing_headers(sheet, *pair) for pair in nearest[:1] if not headers]
    for layout in layouts:
        if not any(body.layout is layout for body in result.bodies):
            raise _no_table(book, layout, incomplete[layout], result.faults)
    return result


def _add_bodies(result: Survey, sheet: Sheet, headers: list[tuple[Layout, Header]]) -> None:
    """Adds the tables of one sheet; each ends where the next begins."""
    strays = list(_strays(sheet, headers))
    result.faults += [_stray_title(cell) for cell in strays]
    subjects: list[tuple[Header, str]] = []
    for layout, header in headers:
        tops = [other.begin for _, other in headers if other.top > header.bottom and not other.is_beside(header)]
        tops += [cell.row for cell in strays if cell.row > header.bottom and cell.column in header.titled_columns]
        subject = layout.subject(header.caption) or _continued_subject(header, subjects)
        subjects += [(header, subject)] if subject else []
        if layout.captions and not subject:
            result.faults.append(_undeclared_caption(sheet, header))
        else:
            bottom = min(tops, default=len(sheet.rows) + 1) - 1
            result.bodies.append(Body(sheet, header, layout, bottom, subject))


def _strays(sheet: Sheet, headers: list[tuple[Layout, Header]]) -> Iterator[Cell]:
    """Titles of columns of names, beside other titles, that are outside all headers."""
    keys = {
        text
        for layout, _ in headers
        for column in layout.columns
        if column.name == layout.key
        for text in column.headers
    }
    titled = (
        cell for cell in sheet.cells() if cell.kind == "text" and not keys.isdisjoint(map(heading, lines_of(cell)))
    )
    for cell in titled if keys else ():
        beside = any(is_title(other) for other in sheet.rows[cell.row - 1] if other.column != cell.column)
        if beside and not any(header.contains(cell) for _, header in headers):
            yield cell


def _continued_subject(header: Header, above: Sequence[tuple[Header, str]]) -> str | None:
    """The subject of the table above, if a table has no caption or one that says that it is continued."""
    if header.caption and not any(_CONTINUED.search(comparable(text)) for text in header.caption):
        return None
    return next((subject for other, subject in reversed(above) if not other.is_beside(header)), None)


def _stray_title(cell: Cell) -> Bilingual:
    return _sentence("title_alone", place=cell.place, title=normalise(cell.raw))


def _undeclared_caption(sheet: Sheet, header: Header) -> Bilingual:
    place = sheet.rows[header.top - 1][min(header.titled_columns) - 1].place
    caption = " / ".join(map(normalise, header.caption))
    return _sentence("not_declared", place=place, caption=caption)


def _missing_headers(sheet: Sheet, layout: Layout, near: Near | None) -> Bilingual:
    """What a sheet lacks, what was expected, and its undeclared titles, the most similar first."""
    missing = near.missing if near else [column for column in layout.columns if column.required]
    names = "; ".join(f"{column.name} ({' | '.join(column.aliases or (column.name,))})" for column in missing)
    parts = [_sentence("headers_missing", sheet=sheet.called, headers=names)]
    if near is not None:
        titles = ", ".join(f"“{normalise(text)}”" for text in _most_similar(near)[:5]) or "-"
        parts.append(_sentence("nearest", row=near.top, titles=titles))
    if _is_transposed(sheet, layout):
        parts.append(_sentence("turned"))
    return Bilingual(*map("".join, zip(*parts, strict=True)))


def _sentence(name: str, **values: object) -> Bilingual:
    return catalogue("warning")["unread_table"].detail[name].format(**values)


def _most_similar(near: Near) -> list[str]:
    aliases = [alias for column in near.missing for alias in column.headers]
    similarity = {
        text: max(SequenceMatcher(None, heading(text), alias).ratio() for alias in aliases) for text in near.undeclared
    }
    return sorted(similarity, key=lambda text: -similarity[text])


def _is_transposed(sheet: Sheet, layout: Layout) -> bool:
    """Whether required titles are one below another instead of side by side."""
    required = [column for column in layout.columns if column.required]
    columns = [
        {cell.column for cell in sheet.cells() if cell.kind == "text" and column.fits(lines_of(cell))}
        for column in required
    ]
    return len(columns) > 1 and bool(set.intersection(*columns))


def _no_table(
    book: Book, layout: Layout, incomplete: Sequence[tuple[Sheet, Near | None]], faults: Sequence[Bilingual]
) -> Unreadable:
    """The refusal of a book without a table: what the sheet nearest to a table lacks."""
    if incomplete:
        sheet, near = min(incomplete, key=lambda pair: len(pair[1].missing) if pair[1] else len(layout.columns))
        return Unreadable("header_missing", _missing_headers(sheet, layout, near))
    if faults:
        return Unreadable("header_missing", faults[0])
    return Unreadable("header_missing", "no_sheet", file=book.name)


def _add_captions(drawing: Drawing, headers: Sequence[Header]) -> list[Header]:
    """Returns the headers of a sheet with their captions."""
    headers = [replace(header, left=_left_edge(header, headers)) for header in headers]
    captions = [_caption_rows(drawing, header, headers) for header in headers]
    return [
        replace(header, caption=tuple(rows.values()), begin=min(rows, default=header.top))
        for header, rows in zip(headers, captions, strict=True)
    ]


def _left_edge(header: Header, headers: Sequence[Header]) -> int:
    """The first column that may belong to a header: the one after the tables to the left."""
    before = (
        max(other.titled_columns) + 1 for other in headers if max(other.titled_columns) < min(header.titled_columns)
    )
    return max([header.left, *before])


def _caption_rows(drawing: Drawing, header: Header, headers: Sequence[Header]) -> dict[int, str]:
    """The rows of text above a header; beside other tables, only rows in which another table also has text."""
    peers = [other for other in headers if other is not header and other.top == header.top]
    peers = [peer for peer in peers if peer.is_beside(header)]
    rows: dict[int, str] = {}
    for row in range(header.top - 1, max(0, header.top - 1 - DEEPEST), -1):
        text = _text_above(drawing, header, row)
        if text is None or (not text and rows):
            break
        if text and (not peers or any(_text_above(drawing, peer, row) for peer in peers)):
            rows[row] = text
    return dict(sorted(rows.items()))


def _text_above(drawing: Drawing, header: Header, row: int) -> str | None:
    """The texts of a row that belong to a table: those above its columns, or that begin directly before them.

    None if there is a figure among them: the row belongs to another table.
    """
    columns = range(min(header.titled_columns), max(header.titled_columns) + 1)
    cells: dict[int, Cell] = {}
    for column in range(header.left, columns.stop):
        _, start = drawing.anchors.get((row, column), (row, column))
        cell = drawing.cell(row, column)
        if cell is not None and not cell.blank and (column in columns or start >= header.left):
            cells[start] = cell
    if not all(map(is_title, cells.values())):
        return None
    return " ".join(cell.raw.strip() for cell in cells.values())
