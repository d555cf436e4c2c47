"""Text as it should compare and be kept: one Unicode form, no invisible characters, plain spaces.

Here: what is true of any text. Not here: names of provinces, nor folding to ASCII (``units``).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["comparable", "normalise"]

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """NFC, without invisible characters, every run of white space one space, ends stripped."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text.translate(_INVISIBLE))).strip()


def comparable(text: str) -> str:
    """What two writings of one header have in common: normalised, without case."""
    return normalise(text).casefold()
