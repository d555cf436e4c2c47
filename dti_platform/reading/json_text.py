"""JSON as tables: a list of flat objects is a table, whose header is the objects' keys.

Here: bytes to cells, each with its JSON pointer (RFC 6901). Not here: what a key means. An object at the top gives
its plain members as rows of a label and a value, and every list of objects in it as a table below them, so that a
title block and its table can stand in one file. Numbers keep the text that they are written with.
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
from dti_platform.reading.values import no_text, text

#: How many lists and objects may stand inside one another: a list of objects, in an object, and one to spare.
DEEPEST = 4
_LONGEST_NUMBER = 40
#: How a key looks to a reader: two that look alike are one, whatever their Unicode form.
_seen_as = lru_cache(maxsize=4096)(normalise)
#: A string, closed or not, or a bracket outside of strings: one pass over the text, whatever it holds.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


class _Numeral(str):
    """A number as it is written."""

    __slots__ = ()


#: What ``json.loads`` gives with numbers as they are written.
_Json: TypeAlias = "dict[str, _Json] | list[_Json] | _Numeral | str | bool | None"


def read_json(content: bytes, name: str) -> Book:
    """A book of one sheet without a name.

    Raises Unreadable: not JSON, nested too deep, a key twice in one object, NaN or Infinity, too many cells, or no
    table in it.
    """
    text = decode(content, name)
    _measure(text, name)
    try:
        document = json.loads(
            text,
            object_pairs_hook=partial(_once, name),
            parse_int=_Numeral,
            parse_float=_Numeral,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("damaged", "json", file=name, error=error) from error
    rows = _rows(document, name)
    return Book(name, (Sheet(None, rows),))


def _measure(text: str, name: str) -> None:
    """Refuses what is nested too deep before any parser goes down into it."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in _STEPS:
            depth += _STEPS[token[0]]
        if depth > DEEPEST:
            raise Unreadable("too_deep", "levels", file=name, most=DEEPEST)


def _once(name: str, pairs: list[tuple[str, _Json]]) -> dict[str, _Json]:
    for key, value in pairs:
        for written in (key, value):
            if type(written) is str and not (written.isascii() and len(written) <= LONGEST_TEXT):
                _check(written, Bilingual(f"{name}, khóa {key[:40]!r},", f"{name}, key {key[:40]!r},"))
    members = dict(pairs)
    counts = Counter(_seen_as(key) for key, _ in pairs)
    if len(counts) < len(pairs):
        repeated = counts.most_common(1)[0][0]
        raise Unreadable("duplicate_key", "key", file=name, key=repr(repeated[:40]))
    if any(map(no_text, members)):
        raise ValueError("a key holds what is no character")
    return members


def _check(text: str, where: Bilingual) -> None:
    """What is written in escapes shows its length and its marks only here."""
    if len(text) > LONGEST_TEXT:
        raise too_long(where)
    check_marks(text, where)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _rows(document: _Json, name: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    if isinstance(document, dict):
        plain = {key: value for key, value in document.items() if not isinstance(value, list)}
        for key, value in plain.items():
            pointer = f"/{_escaped(key)}"
            number = len(rows) + 1
            rows.append([_label(key, number, 1, f"key {pointer}"), _cell(value, number, 2, pointer)])
        for key, value in document.items():
            if isinstance(value, list):
                _table(value, f"/{_escaped(key)}", rows, name)
    elif isinstance(document, list):
        _table(document, "", rows, name)
    else:
        raise Unreadable("no_table", "single_value", file=name)
    return rows


def _table(items: list[_Json], pointer: str, rows: list[list[Cell]], name: str) -> None:
    """A header of all keys in the order in which they first come, then a row for every object."""
    records = [item for item in items if isinstance(item, dict)]
    if len(records) < len(items):
        raise Unreadable(
            "no_table", "not_an_object", file=name, pointer=pointer or Bilingual("tầng ngoài cùng", "the top")
        )
    keys = list(dict.fromkeys(key for record in records for key in record))
    if (len(records) + 1) * len(keys) > MOST_CELLS:
        raise Unreadable("too_large", "json_cells", file=name, most=MOST_CELLS)
    first = len(rows) + 1
    rows.append([_label(key, first, at, f"key {pointer}/*/{_escaped(key)}") for at, key in enumerate(keys, 1)])
    for number, record in enumerate(records):
        rows.append(_record(record, keys, first + 1 + number, f"{pointer}/{number}"))


def _record(item: dict[str, _Json], keys: Iterable[str], row: int, pointer: str) -> list[Cell]:
    return [_cell(item.get(key), row, at, f"{pointer}/{_escaped(key)}") for at, key in enumerate(keys, 1)]


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
    return _shown(value), "error", None


def _shown(value: _Json) -> str:
    """JSON again: numbers as written, and escapes for what is not a character."""
    if isinstance(value, dict):
        members = value.items()
        return "{" + ", ".join(f"{_shown(key)}: {_shown(each)}" for key, each in members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value) if isinstance(value, _Numeral) else json.dumps(value, ensure_ascii=no_text(str(value)))


def _number(text: str) -> tuple[str, Kind, Value]:
    """A number that is finite and not absurdly long; else an error that shows how it begins."""
    if len(text) > _LONGEST_NUMBER or not math.isfinite(float(text)):
        return text[:_LONGEST_NUMBER], "error", None
    return text, "number", float(text)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
