"""What our reader says of a file beside what another says: where they differ, but for what either may leave out."""

import datetime as dt
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dti_platform.reading import Book, Cell
from tests.reading.peers import Place, Seen

__all__ = ["differences"]


def differences(book: Book, peer: str, seen: Seen) -> list[tuple[Place, Cell | None, Any]]:
    """Place, our cell and their value, of each that is not the same and has no excuse; neither side may lack a cell."""
    ours = dict(placed(book))
    both = ((place, ours.get(place), seen.get(place)) for place in ours.keys() | seen.keys())
    return [(place, cell, value) for place, cell, value in both if not agree(peer, cell, value)]


def placed(book: Book) -> Iterator[tuple[Place, Cell]]:
    """Our cells that are not blank; those of JSON by their pointer, without the labels that its keys are."""
    for cell in book.cells():
        if cell.locator.startswith("/"):
            yield (cell.locator, 0, 0), cell
        elif not cell.locator.startswith("key /"):
            yield (cell.sheet, cell.row, cell.column), cell


def agree(peer: str, cell: Cell | None, value: Any) -> bool:
    if cell is None or value is None:
        return cell is not None and left_out(peer, cell)
    if cell.kind == "error":
        return same_fault(cell, value)
    if cell.kind == "number" and cell.locator.startswith("/"):
        return type_of(value) is float and same_number(cell.raw, value)
    if cell.kind == "text" and peer == "openpyxl":
        return isinstance(value, str) and cell.value in (value, unescaped(value))
    if cell.kind == "date":
        return same_moment(cell.value, value)
    return type_of(cell.value) is type_of(value) and cell.value == value


def left_out(peer: str, cell: Cell) -> bool:
    """Openpyxl keeps one cell of a merged range, calamine gives an error as an empty cell; and what was never
    calculated is nothing to either."""
    return (
        never_calculated(cell)
        or (peer == "openpyxl" and bool(cell.merged))
        or (peer == "calamine" and cell.kind == "error")
    )


def unescaped(text: str) -> str:
    """Openpyxl leaves the escapes of ECMA-376, part 1, 22.9.2.19, as they stand."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def never_calculated(cell: Cell) -> bool:
    return cell.kind == "error" and cell.formula is not None and cell.raw == f"={cell.formula}"


def same_fault(cell: Cell, value: Any) -> bool:
    """What others take for a value, and we keep as an error: never calculated, no character, no finite number, or one
    that is absurdly long; or the error itself."""
    if never_calculated(cell):
        return True
    if isinstance(value, str):
        return cell.raw in (value, value.encode("unicode_escape", "surrogatepass").decode("ascii"))
    if isinstance(value, list | dict):
        return json.loads(cell.raw) == value
    if isinstance(value, float) and not math.isfinite(value):
        return str(float(cell.raw)) == str(value)
    if isinstance(value, int):
        return len(cell.raw) == LONGEST and str(value).startswith(cell.raw)
    return isinstance(value, float) and len(cell.raw) == LONGEST and math.isclose(float(cell.raw), value)


def same_number(raw: str, value: float) -> bool:
    """JSON's numbers are kept as they are written; others give a whole one exactly, else the nearest double."""
    return Decimal(raw) == value if isinstance(value, int) else float(raw) == value


#: How much of a number we show that is too long.
LONGEST = 40
#: We keep a moment to the second.
SECOND = dt.timedelta(seconds=0.5)


def same_moment(ours: Any, theirs: Any) -> bool:
    """Others give a day as the midnight that begins it, and a time with its fractions of a second."""
    return isinstance(theirs, dt.date | dt.time) and abs(moment(ours) - moment(theirs)) <= SECOND


def moment(value: Any) -> dt.datetime:
    if isinstance(value, dt.time):
        return dt.datetime.combine(dt.date(1900, 1, 1), value)
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


def type_of(value: Any) -> type:
    """One type for all numbers; a truth value is none."""
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)
