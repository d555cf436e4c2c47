"""What officials are told, in Vietnamese and English: one pair, used by every room.

Here: the pair, and numbers as each language writes them. Not here: any sentence.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

__all__ = ["Language", "Said", "written"]

Language = Literal["vi", "en"]


class Said(NamedTuple):
    """The same in Vietnamese and English."""

    vi: str
    en: str

    @classmethod
    def alike(cls, text: str) -> Said:
        """What is written the same in both, such as a code or a name."""
        return cls(text, text)

    def within(self, language: Language) -> str:
        """One of the two."""
        return self.vi if language == "vi" else self.en

    @property
    def both(self) -> str:
        """Both in one line; what they share stands once."""
        return self.vi if self.vi == self.en else f"{self.vi} / {self.en}"


def written(number: Decimal | float) -> Said:
    """A number as each language writes it, with every digit that it has.

    >>> written(1234.5)
    Said(vi='1234,5', en='1234.5')
    """
    told = f"{Decimal(str(number)).normalize():f}"
    return Said(told.replace(".", ","), told)
