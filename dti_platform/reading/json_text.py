"""JSON as tables: a list of flat objects is a table, and the keys of the objects are its header.

Here: bytes to cells, each with its JSON pointer (RFC 6901). Not here: what a key means. The scalar members of a
top-level object become rows of a label and a value, and every list of objects in it a table below them, so that
one file can hold a title block and its table. Numbers keep the text that they are written with.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import TypeAlias

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Book, Cell, Kind, Sheet, Unreadable, Value
from dti_platform.reading.encoding import decode
from dti_platform.reading.limits import LONGEST_TEXT, MOST_CELLS, check_marks, too_long
from dti_platform.reading.text import normalise
from dti_platform.reading.values import has_non_character, text

#: How deep lists and objects may nest: a list of objects in an object, and one more.
DEEPEST = 4
_LONGEST_NUMBER = 40
#: How a key looks to a reader: keys that look alike are the same, whatever their Unicode form.
_appearance = lru_cache(maxsize=4096)(normalise)
#: A string, closed or not, or a bracket outside strings: one linear pass over any text.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


class _Numeral(str):
    """A number as written."""

    __slots__ = ()


#: What ``json.loads`` returns, with numbers as written.
_Json: TypeAlias = "dict[str, _Json] | list[_Json] | _Numeral | str | bool | None"


def read_json(content: bytes, name: str) -> Book:
    """A book of one sheet without a name.

    Raises Unreadable: the content is not JSON, nests too deep, repeats a key in an object, holds NaN or Infinity,
    has too many cells, or holds no table.
    """
    text = decode(content, name)
    _check_depth(text, name)
    try:
        document = json.loads(
            text,
            object_pairs_hook=partial(_unique_members, name),
            parse_int=_Numeral,
            parse_float=_Numeral,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("damaged", "json", file=name, error=error) from error
    rows = _rows(document, name)
    return Book(name, (Sheet(None, rows),))


def _check_depth(text: str, name: str) -> None:
    """Refuses text that nests too deep before a parser recurses into it."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in _STEPS:
            depth += _STEPS[token[0]]
        if depth > DEEPEST:
            raise Unreadable("too_deep", "levels", file=name, most=DEEPEST)


def _unique_members(name: str, pairs: list[tuple[str, _Json]]) -> dict[str, _Json]:
    for key, value in pairs:
        for string in (key, value):
            if type(string) is str and not (string.isascii() and len(string) <= LONGEST_TEXT):
                _check_text(string, Bilingual(f"{name}, khóa {key[:40]!r},", f"{name}, key {key[:40]!r},"))
    members = dict(pairs)
    counts = Counter(_appearance(key) for key, _ in pairs)
    if len(counts) < len(pairs):
        repeated = counts.most_common(1)[0][0]
        raise Unreadable("duplicate_key", "key", file=name, key=repr(repeated[:40]))
    if any(map(has_non_character, members)):
        raise ValueError("a key holds NUL or half of a surrogate pair")
    return members


def _check_text(text: str, where: Bilingual) -> None:
    """Checks length and marks once escapes are decoded: the undecoded text does not show them."""
    if len(text) > LONGEST_TEXT:
        raise too_long(where)
    check_marks(text, where)


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a JSON number")


def _rows(document: _Json, name: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    if isinstance(document, dict):
        scalars = {key: value for key, value in document.items() if not isinstance(value, list)}
        for key, value in scalars.items():
            pointer = f"/{_escape(key)}"
            number = len(rows) + 1
            rows.append([_label(key, number, 1, f"key {pointer}"), _cell(value, number, 2, pointer)])
        for key, value in document.items():
            if isinstance(value, list):
                _table(value, f"/{_escape(key)}", rows, name)
    elif isinstance(document, list):
        _table(document, "", rows, name)
    else:
        raise Unreadable("no_table", "single_value", file=name)
    return rows


def _table(items: list[_Json], pointer: str, rows: list[list[Cell]], name: str) -> None:
    """Adds a header of all keys in the order of their first occurrence, then a row for every object."""
    records = [item for item in items if isinstance(item, dict)]
    if len(records) < len(items):
        raise Unreadable(
            "no_table", "not_an_object", file=name, pointer=pointer or Bilingual("tầng ngoài cùng", "the top")
        )
    keys = list(dict.fromkeys(key for record in records for key in record))
    if (len(records) + 1) * len(keys) > MOST_CELLS:
        raise Unreadable("too_large", "json_cells", file=name, most=MOST_CELLS)
    header = len(rows) + 1
    rows.append([_label(key, header, column, f"key {pointer}/*/{_escape(key)}") for column, key in enumerate(keys, 1)])
    for number, record in enumerate(records):
        rows.append(_record(record, keys, header + 1 + number, f"{pointer}/{number}"))


def _record(item: dict[str, _Json], keys: Iterable[str], row: int, pointer: str) -> list[Cell]:
    return [_cell(item.get(key), row, column, f"{pointer}/{_escape(key)}") for column, key in enumerate(keys, 1)]


def _label(key: str, row: int, column: int, locator: str) -> Cell:
    return Cell(None, row, column, locator, key, "text" if key.strip() else "blank", key or None)


def _cell(value: _Json, row: int, column: int, pointer: str) -> Cell:
    raw, kind, meaning = _meaning(value)
    return Cell(None, row, column, pointer, raw, kind, meaning)


def _meaning(value: _Json) -> tuple[str, Kind, Value]:
    if value is None:
        return "", "blank", None
    if isinstance(value, bool):
        return ("TRUE", "bool", True) if value else ("FALSE", "bool", False)
    if isinstance(value, _Numeral):
        return _number(str(value))
    if isinstance(value, str):
        return text(value)
    return _as_json(value), "error", None


def _as_json(value: _Json) -> str:
    """A value as JSON: numbers as written, and escapes for what is not a character."""
    if isinstance(value, dict):
        members = value.items()
        return "{" + ", ".join(f"{_as_json(key)}: {_as_json(member)}" for key, member in members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_json, value)) + "]"
    return str(value) if isinstance(value, _Numeral) else json.dumps(value, ensure_ascii=has_non_character(str(value)))


def _number(text: str) -> tuple[str, Kind, Value]:
    """A number if it is finite and not too long, else an error that shows its beginning."""
    if len(text) > _LONGEST_NUMBER or not math.isfinite(float(text)):
        return text[:_LONGEST_NUMBER], "error", None
    return text, "number", float(text)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
