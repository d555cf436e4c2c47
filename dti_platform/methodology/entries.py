"""Entries of a framework file as values of the type that a field declares; a value of another type is an error.

Here: the types that fields of nodes, settings and rules have. Not here: which entries there are (``loading``,
``rules``), nor which values make sense (``tree``, the faults of a rule).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

#: What a plain type asks for.
_PLAIN = {Decimal: "a number", int: "a whole number", bool: "true or false", str: "text"}


def typed(kind: type, name: str, value: object) -> Any:
    """The value of an entry as the field ``name`` of a dataclass declares it: exact decimals, tuples, mappings.

    Raises:
        ValueError: it is of another type; names the entry and what to give.
    """
    hint = _hints(kind)[name]
    try:
        return _as(hint, value)
    except TypeError as wrong:
        raise ValueError(f"{name} is {_text(value)}. Give {_words(hint)}.") from wrong


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _as(hint: Any, value: Any) -> Any:
    """The value as a type; raises TypeError where it is of another. A truth value is no number."""
    parts = get_args(hint)
    if hint is Decimal and type(value) in (int, Decimal) and Decimal(value).is_finite():
        return Decimal(value)
    if hint in _PLAIN and hint is not Decimal and type(value) is hint:
        return value
    if get_origin(hint) is tuple and isinstance(value, list):
        kinds = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
        if len(kinds) == len(value):
            return tuple(map(_as, kinds, value))
    if get_origin(hint) is Mapping and isinstance(value, dict):
        return {key: _as(parts[1], entry) for key, entry in value.items()}
    if NoneType in parts:
        return _as(_without_none(parts), value)
    raise TypeError


def _without_none(parts: tuple[Any, ...]) -> Any:
    (hint,) = (part for part in parts if part is not NoneType)
    return hint


def _words(hint: Any) -> str:
    """What a type asks for."""
    parts = get_args(hint)
    if NoneType in parts:
        return _words(_without_none(parts))
    if get_origin(hint) is Mapping:
        return f"{{ name = {_words(parts[1])}, ... }}"
    if get_origin(hint) is tuple:
        listed = (_words(parts[0]), "...") if parts[-1] is Ellipsis else map(_words, parts)
        return f"[{', '.join(listed)}]"
    return _PLAIN[hint]


def _text(value: object) -> str:
    """A value about as the file writes it."""
    return json.dumps(value, ensure_ascii=False, default=_number)


def _number(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
