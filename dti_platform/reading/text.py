"""Text as it should compare and be kept: one Unicode form, no invisible characters, plain spaces.

Here: what is true of any text, and of Vietnamese letters. Not here: names of provinces, nor folding to ASCII
(``units``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"[^\W_]+|%")
#: Ð (Eth) and Ɖ, which old keyboards and fonts give for Đ and no eye can tell from it.
_LETTERS = dict(zip("ÐðƉɖ", "ĐđĐđ", strict=True))
_LETTER = re.compile(f"[{''.join(_LETTERS)}]")
#: At the end of a syllable the tone of oa, oe, uy stands on either vowel: Hòa and Hoà are one word.
_TONES = dict(
    zip(
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        strict=True,
    )
)
_TONED = re.compile(r"(?:[òóỏõọ][ae]|[ùúủũụ]y)(?!\w)")


def normalise(text: str) -> str:
    """NFC, without invisible characters, every run of white space one space, ends stripped."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def one_spelling(text: str) -> str:
    """Text in NFC with Đ for what looks like it, and small letters with the tone as in Hoà: for comparing, not keeping.

    >>> one_spelling("Ðơn vị: Hòa Bình, Quý, Thủy")
    'Đơn vị: Hoà Bình, Quý, Thuỷ'
    """
    if text.isascii():
        return text
    return _TONED.sub(lambda match: _TONES[match[0]], _LETTER.sub(lambda match: _LETTERS[match[0]], text))


def comparable(text: str) -> str:
    """What two writings of one header have in common: normalised, in one spelling, without case."""
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _comparable(text)


def _comparable(text: str) -> str:
    return one_spelling(normalise(text).casefold())


#: Headers, labels and names come again and again; longer texts would fill the memory.
LONGEST_REMEMBERED = 200
_remembered = lru_cache(maxsize=16_384)(_comparable)


@lru_cache(maxsize=16_384)
def heading(text: str) -> str:
    """What two writings of one title have in common: no case, spaces or punctuation; a per cent sign counts."""
    return "".join(sign for sign in comparable(text) if sign == "%" or unicodedata.category(sign)[0] not in "PZ")


class Heads(NamedTuple):
    """A title in the ways in which it may be read, as ``heading`` compares them: whole, and up to the end of a word."""

    whole: frozenset[str]
    begins: frozenset[str]


def heads(readings: Iterable[str]) -> Heads:
    """The heads of a title.

    >>> sorted(heads(["Thu NSNN (%)"]).begins)
    ['thu', 'thunsnn', 'thunsnn%']
    """
    texts = list(readings)
    return Heads(frozenset(map(heading, texts)), frozenset(begin for text in texts for begin in _begins(text)))


@lru_cache(maxsize=16_384)
def _begins(text: str) -> tuple[str, ...]:
    text = comparable(text)
    return tuple(heading(text[: word.end()]) for word in _WORD.finditer(text))
