"""The tables of a book that are drawn as declared, and what looks like one and is not one.

Here: sheet by sheet, what stands above each table (its caption), where it ends, what it is about, and what is missing.
Not here: the declaration (``layout``), and finding headers (``headers``).
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
    """What a book holds of declared tables, and what looks like one and is not one."""

    bodies: list[Body] = field(default_factory=list[Body])
    faults: list[Bilingual] = field(default_factory=list[Bilingual])


def _unknown(name: str) -> None:
    """No name is known."""


def find_bodies(book: Book, layout: Layout) -> list[Body]:
    """Every table of a book that is drawn as declared, sheet by sheet.

    Raises Unreadable: no table, or a header twice in one.
    """
    return survey(book, [layout]).bodies


def survey(book: Book, layouts: Sequence[Layout], meaning: Meaning = _unknown) -> Survey:
    """Every table of a book that is drawn as one of the layouts says, sheet by sheet.

    Its faults: a title of names that begins no table, a sheet that lacks a header, an undeclared caption.
    Raises Unreadable: of a layout there is no table; or a header stands twice in a table.
    """
    result = Survey()
    lacking: dict[Layout, list[tuple[Sheet, Near | None]]] = {layout: [] for layout in layouts}
    for sheet in book.sheets:
        drawing = Drawing(sheet)
        headers: list[tuple[Layout, Header]] = []
        nearest: list[tuple[Layout, Near]] = []
        for layout in layouts:
            if layout.reads(sheet):
                others = [each.named for each in layouts if each is not layout]
                ours, near = find_headers(
                    drawing, layout.columns, layout.repeated, layout.key, others, layout.knows(meaning)
                )
                headers += [(layout, header) for header in ours]
                lacking[layout] += [] if ours else [(sheet, near)]
                nearest += [(layout, near)] if near else []
        captions = _captioned(drawing, [header for _, header in headers])
        bodies = len(result.bodies)
        _take(result, sheet, [(layout, header) for (layout, _), header in zip(headers, captions, strict=True)])
        result.faults += check_pairs(drawing, result.bodies[bodies:], meaning)
        result.faults += [_lacks(sheet, *each) for each in nearest[:1] if not headers]
    for layout in layouts:
        if not any(body.layout is layout for body in result.bodies):
            raise _none(book, layout, lacking[layout], result.faults)
    return result


def _take(result: Survey, sheet: Sheet, headers: list[tuple[Layout, Header]]) -> None:
    """The tables of one sheet, each down to where the next begins."""
    strays = list(_strays(sheet, headers))
    result.faults += [_stray(cell) for cell in strays]
    subjects: list[tuple[Header, str]] = []
    for layout, header in headers:
        tops = [other.begin for _, other in headers if other.top > header.bottom and not other.beside(header)]
        tops += [cell.row for cell in strays if cell.row > header.bottom and cell.column in header.places]
        subject = layout.subject(header.caption) or _continued(header, subjects)
        subjects += [(header, subject)] if subject else []
        if layout.captions and not subject:
            result.faults.append(_undeclared(sheet, header))
        else:
            bottom = min(tops, default=len(sheet.rows) + 1) - 1
            result.bodies.append(Body(sheet, header, layout, bottom, subject))


def _strays(sheet: Sheet, headers: list[tuple[Layout, Header]]) -> Iterator[Cell]:
    """Titles of the columns of names that stand outside all headers, among other titles."""
    keys = {
        text for layout, _ in headers for each in layout.columns if each.name == layout.key for text in each.headers
    }
    titled = (
        cell for cell in sheet.cells() if cell.kind == "text" and not keys.isdisjoint(map(heading, lines_of(cell)))
    )
    for cell in titled if keys else ():
        beside = any(is_title(other) for other in sheet.rows[cell.row - 1] if other.column != cell.column)
        if beside and not any(header.bears(cell) for _, header in headers):
            yield cell


def _continued(header: Header, above: Sequence[tuple[Header, str]]) -> str | None:
    """What a table under no caption of its own, or one that says that it goes on, is about: as the one above it."""
    if header.caption and not any(_CONTINUED.search(comparable(text)) for text in header.caption):
        return None
    return next((subject for other, subject in reversed(above) if not other.beside(header)), None)


def _stray(cell: Cell) -> Bilingual:
    return _sentence("title_alone", place=cell.place, title=normalise(cell.raw))


def _undeclared(sheet: Sheet, header: Header) -> Bilingual:
    place, caption = (
        sheet.rows[header.top - 1][min(header.places) - 1].place,
        " / ".join(map(normalise, header.caption)),
    )
    return _sentence("not_declared", place=place, caption=caption)


def _lacks(sheet: Sheet, layout: Layout, near: Near | None) -> Bilingual:
    """What a sheet lacks, what was expected, and which titles are there instead, the most similar first."""
    missing = near.missing if near else [each for each in layout.columns if each.required]
    names = "; ".join(f"{each.name} ({' | '.join(each.aliases or (each.name,))})" for each in missing)
    parts = [_sentence("headers_missing", sheet=sheet.called, headers=names)]
    if near is not None:
        titles = ", ".join(f"“{normalise(text)}”" for text in _likest(near)[:5]) or "-"
        parts.append(_sentence("nearest", row=near.top, titles=titles))
    if _is_turned(sheet, layout):
        parts.append(_sentence("turned"))
    return Bilingual(*map("".join, zip(*parts, strict=True)))


def _sentence(name: str, **values: object) -> Bilingual:
    return catalogue("warning")["unread_table"].detail[name].format(**values)


def _likest(near: Near) -> list[str]:
    wanted = [alias for each in near.missing for alias in each.headers]
    likeness = {
        text: max(SequenceMatcher(None, heading(text), alias).ratio() for alias in wanted) for text in near.strangers
    }
    return sorted(likeness, key=lambda text: -likeness[text])


def _is_turned(sheet: Sheet, layout: Layout) -> bool:
    """Whether titles that belong side by side are one below another."""
    required = [each for each in layout.columns if each.required]
    columns = [
        {cell.column for cell in sheet.cells() if cell.kind == "text" and each.fits(lines_of(cell))}
        for each in required
    ]
    return len(columns) > 1 and bool(set.intersection(*columns))


def _none(
    book: Book, layout: Layout, lacking: Sequence[tuple[Sheet, Near | None]], faults: Sequence[Bilingual]
) -> Unreadable:
    """Of the sheets that lack a header the one that comes nearest."""
    if lacking:
        sheet, near = min(lacking, key=lambda each: len(each[1].missing) if each[1] else len(layout.columns))
        return Unreadable("header_missing", _lacks(sheet, layout, near))
    if faults:
        return Unreadable("header_missing", faults[0])
    return Unreadable("header_missing", "no_sheet", file=book.name)


def _captioned(drawing: Drawing, headers: Sequence[Header]) -> list[Header]:
    """The headers of a sheet, each with its caption."""
    headers = [replace(each, left=_left(each, headers)) for each in headers]
    captions = [_caption(drawing, each, headers) for each in headers]
    return [
        replace(each, caption=tuple(rows.values()), begin=min(rows, default=each.top))
        for each, rows in zip(headers, captions, strict=True)
    ]


def _left(header: Header, headers: Sequence[Header]) -> int:
    """The first column that no table to the left takes."""
    before = (max(other.places) + 1 for other in headers if max(other.places) < min(header.places))
    return max([header.left, *before])


def _caption(drawing: Drawing, header: Header, headers: Sequence[Header]) -> dict[int, str]:
    """The rows of text above a header; beside other tables only rows in which another one has a text too."""
    peers = [each for each in headers if each is not header and each.top == header.top]
    peers = [each for each in peers if each.beside(header)]
    rows: dict[int, str] = {}
    for row in range(header.top - 1, max(0, header.top - 1 - DEEPEST), -1):
        text = _above(drawing, header, row)
        if text is None or (not text and rows):
            break
        if text and (not peers or any(_above(drawing, each, row) for each in peers)):
            rows[row] = text
    return dict(sorted(rows.items()))


def _above(drawing: Drawing, header: Header, row: int) -> str | None:
    """The texts of a row that belong to a table: those above its columns, or that begin right before them.

    None where a figure stands among them: that row is another table's.
    """
    own = range(min(header.places), max(header.places) + 1)
    seen: dict[int, Cell] = {}
    for column in range(header.left, own.stop):
        _, begin = drawing.anchors.get((row, column), (row, column))
        cell = drawing.cell(row, column)
        if cell is not None and not cell.blank and (column in own or begin >= header.left):
            seen[begin] = cell
    if not all(map(is_title, seen.values())):
        return None
    return " ".join(cell.raw.strip() for cell in seen.values())
