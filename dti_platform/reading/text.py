"""Text normalised for comparing and storing: one Unicode form, no invisible characters, plain spaces.

Here: rules for any text, and for Vietnamese letters. Not here: names of provinces, and folding to ASCII (``units``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"[^\W_]+|%")
#: Ð (Eth) and Ɖ, which old keyboards and fonts produce for Đ and which look the same.
_LETTERS = dict(zip("ÐðƉɖ", "ĐđĐđ", strict=True))
_LETTER = re.compile(f"[{''.join(_LETTERS)}]")
#: At the end of a syllable, oa, oe and uy carry their tone on either vowel: Hòa and Hoà are the same word.
_TONES = dict(
    zip(
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        strict=True,
    )
)
_TONED = re.compile(r"(?:[òóỏõọ][ae]|[ùúủũụ]y)(?!\w)")


def normalise(text: str) -> str:
    """Text in NFC without invisible characters; every run of white space is one space, and the ends are stripped."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def one_spelling(text: str) -> str:
    """Text in one spelling, for comparing only: Đ for letters that look like it, and the tone as in Hoà.

    >>> one_spelling("Ðơn vị: Hòa Bình, Quý, Thủy")
    'Đơn vị: Hoà Bình, Quý, Thuỷ'
    """
    if text.isascii():
        return text
    return _TONED.sub(lambda match: _TONES[match[0]], _LETTER.sub(lambda match: _LETTERS[match[0]], text))


def comparable(text: str) -> str:
    """The form in which texts are compared: normalised, in one spelling, without case."""
    return _cached_comparable(text) if len(text) <= LONGEST_CACHED else _comparable(text)


def _comparable(text: str) -> str:
    return one_spelling(normalise(text).casefold())


#: Headers, labels and names recur; longer texts are not cached, for they would fill the memory.
LONGEST_CACHED = 200
_cached_comparable = lru_cache(maxsize=16_384)(_comparable)


@lru_cache(maxsize=16_384)
def heading(text: str) -> str:
    """The form in which titles are compared: without case, spaces and punctuation, but with per cent signs."""
    return "".join(char for char in comparable(text) if char == "%" or unicodedata.category(char)[0] not in "PZ")


class Heads(NamedTuple):
    """The readings of a title, normalised by ``heading``: whole, and up to the end of each word."""

    whole: frozenset[str]
    begins: frozenset[str]


def heads(readings: Iterable[str]) -> Heads:
    """The heads of the readings of a title.

    >>> sorted(heads(["Thu NSNN (%)"]).begins)
    ['thu', 'thunsnn', 'thunsnn%']
    """
    texts = list(readings)
    return Heads(frozenset(map(heading, texts)), frozenset(head for text in texts for head in _beginnings(text)))


@lru_cache(maxsize=16_384)
def _beginnings(text: str) -> tuple[str, ...]:
    text = comparable(text)
    return tuple(heading(text[: word.end()]) for word in _WORD.finditer(text))
