"""What stands above a table: the title of a group of columns, the name of a table, its unit of measure.

Here: which rows above a header are its caption, and which of their texts are its own. Not here: finding headers
(``headers``), and what a caption means (``layout``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dti_platform.reading.cells import Cell
from dti_platform.reading.header import Header
from dti_platform.reading.titles import DEEPEST, Drawing, is_title

__all__ = ["captioned"]


def captioned(drawing: Drawing, headers: Sequence[Header]) -> list[Header]:
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
