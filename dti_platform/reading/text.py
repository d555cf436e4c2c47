"""Text as it should compare and be kept: one Unicode form, no invisible characters, plain spaces.

Here: what is true of any text. Not here: names of provinces, nor folding to ASCII (``units``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["comparable", "heading", "normalise"]

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """NFC, without invisible characters, every run of white space one space, ends stripped."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text.translate(_INVISIBLE))).strip()


def comparable(text: str) -> str:
    """What two writings of one header have in common: normalised, without case."""
    return normalise(text).casefold()


@lru_cache(maxsize=16_384)
def heading(text: str) -> str:
    """What two writings of one title have in common: no case, spaces or punctuation; a per cent sign counts."""
    return "".join(sign for sign in comparable(text) if sign == "%" or unicodedata.category(sign)[0] not in "PZ")
