"""Whether a sentence is in Vietnamese: it has letters that English has not, and no English word."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["english", "is_vietnamese", "plain"]

#: English words that no Vietnamese sentence holds; "do", "than", "to", "an" and the like are words of both.
ENGLISH = frozenset(
    {"the", "of", "is", "are", "not", "or", "and", "with", "has", "have", "holds", "file", "sheet", "cell", "row"}
    | {"column", "header", "line", "key", "value", "number", "more", "once", "twice", "which", "that", "this", "it"}
    | {"be", "where", "unit", "says", "was", "send", "sent", "give", "means", "use", "needs", "reading", "process"}
)
#: What a parser says, what the sender wrote, and commands stand as they are.
QUOTED = re.compile(r"\([^()]*\)|'[^']*'|«[^»]*»|\./dti \w+|\{\w+\}")


def english(bilingual: str | None) -> str:
    """The English half of a text in both languages, up to its first semicolon."""
    return (bilingual or "").rpartition(" / ")[2].partition(";")[0]


def is_vietnamese(text: str) -> bool:
    """Whether a sentence is in Vietnamese, apart from what it quotes."""
    told = QUOTED.sub(" ", text)
    marked = any(ord(letter) > 0x7F and letter.isalpha() for letter in unicodedata.normalize("NFC", told))
    return marked and not plain(told) & ENGLISH


def plain(text: str) -> set[str]:
    """The words of a text that are in plain letters."""
    return set(re.findall(r"\b[a-z]+\b", text.casefold()))
