"""Whole numbers, flags and names as a workbook writes them; Python reads more than the format knows.

Here: what XML's own types allow. Not here: what a value means.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["flag", "named", "whole"]

_WHOLE = re.compile(r"\+?[0-9]{1,10}")
_FLAGS = {"0": False, "1": True, "false": False, "true": True}


@lru_cache(maxsize=2**14)
def whole(text: str) -> int:
    """A whole number from 0: no sign below, no ``1_0``, no digits of other scripts; raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no whole number")
    return int(text)


def flag(text: str) -> bool:
    """A truth value of XML; raises ValueError."""
    if text not in _FLAGS:
        raise ValueError(f"{text[:40]!r} is no truth value")
    return _FLAGS[text]


def named(name: str) -> str:
    """The name of a sheet; raises ValueError where there is none, or where it holds a control character."""
    if not name or any(character < " " for character in name):
        raise ValueError(f"a sheet is named {name[:40]!r}")
    return name
