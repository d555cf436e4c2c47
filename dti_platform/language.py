"""Text in Vietnamese and English, numbers as each language writes them, and text of others as it may be shown.

Here: the one bilingual type of the platform. Not here: any sentence or term (``glossary``, ``problems``).
"""

from __future__ import annotations

import os
import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, NamedTuple

Language = Literal["vi", "en"]
#: In the order in which texts stand in both.
LANGUAGES: tuple[Language, Language] = ("vi", "en")

#: A cell's locator in delimited text.
_LINE = re.compile(r"line (\d+), column (.*)", re.DOTALL)
#: A number with decimals in the words of a rule, never a node's code: a weight, a bound, a share or a maximum.
_OF_RULE = re.compile(r"(?<=[:=/] )\d+\.\d+|\d+\.\d+(?= x )")
#: Enough digits for any float with all its decimals.
_HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP)
#: The marks of a number in English, and in their place those of Vietnamese.
_MARKS = str.maketrans(".,", ",.")
#: Of a text that a sentence is filled with: what a file holds can be as long as it likes.
LONGEST_FILLING = 1_000


def shortened(text: str, most: int) -> str:
    """A text, or its beginning with an ellipsis.

    >>> shortened("self-assessment", 5)
    'self…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


class Bilingual(NamedTuple):
    """One text in Vietnamese and English."""

    vi: str
    en: str

    @classmethod
    def same(cls, text: str) -> Bilingual:
        """A text that is the same in both languages, such as a code or a name."""
        return cls(text, text)

    def text(self, language: Language) -> str:
        """The text in one language."""
        return self.vi if language == "vi" else self.en

    def format(self, **values: object) -> Bilingual:
        """Both texts with their ``{placeholders}`` filled; a bilingual value gives each text its own language.

        Texts of more than a thousand letters are cut.

        >>> Bilingual("ô {cell}", "cell {cell}").format(cell="C7")
        Bilingual(vi='ô C7', en='cell C7')
        """
        vi, en = ({name: _filling(value, language) for name, value in values.items()} for language in LANGUAGES)
        return Bilingual(self.vi.format_map(vi), self.en.format_map(en))

    @property
    def both(self) -> str:
        """Both texts in one line; once where they are equal."""
        return self.vi if self.vi == self.en else f"{self.vi} / {self.en}"


def _filling(value: object, language: Language) -> object:
    text = value.text(language) if isinstance(value, Bilingual) else value
    return shortened(text, LONGEST_FILLING) if isinstance(text, str) else text


def format_number(number: Decimal | float, decimals: int | None = None, *, grouped: bool = False) -> Bilingual:
    """A number as each language writes it: a decimal comma in Vietnamese, a point in English.

    With all its digits, or rounded half up to as many decimals as ``decimals`` says; ``grouped``: by the other mark in
    thousands, where it stands in a sentence that names its unit and nobody copies it into a form.

    >>> format_number(1234.5)
    Bilingual(vi='1234,5', en='1234.5')
    >>> format_number(0.8, 4)
    Bilingual(vi='0,8000', en='0.8000')
    >>> format_number(1234.5, grouped=True)
    Bilingual(vi='1.234,5', en='1,234.5')
    """
    exact, comma = Decimal(str(number)), "," if grouped else ""
    english = f"{exact.normalize() if decimals is None else rounded(exact, decimals):{comma}f}"
    return Bilingual(english.translate(_MARKS), english)


def rounded(number: Decimal | float, decimals: int) -> Decimal:
    """A number with so many decimals, rounded half up as it is written: not as the binary number that stands for it.

    >>> rounded(0.74605, 4), round(0.74605, 4)
    (Decimal('0.7461'), 0.746)
    """
    nearest = Decimal(str(number)).quantize(Decimal(1).scaleb(-decimals), context=_HALF_UP)
    return nearest or abs(nearest)  # minus zero is zero


def place(locator: str) -> Bilingual:
    """A cell's locator in words: those of delimited text and of keys in JSON hold English ones; others hold none."""
    if match := _LINE.fullmatch(locator):
        return Bilingual(f"dòng {match[1]}, cột {match[2]}", locator)
    key = locator.removeprefix("key ")
    return Bilingual(f"khóa {key}", locator) if key != locator else Bilingual.same(locator)


def rule_text(rule: str, language: Language) -> str:
    """The words of a rule with numbers as a language writes them; released tables hold them with a decimal point."""
    return _OF_RULE.sub(lambda number: format_number(Decimal(number[0])).text(language), rule)


def shown(text: str) -> str:
    r"""Text that others chose, as a terminal or a page may show it: what they would obey, and no Unicode, is escaped.

    That is control characters, marks that turn the direction of writing or take no place, and what no encoding knows;
    line breaks, tabs and blanks stay.

    >>> shown("a\x1b[2Jb\u202ec")
    'a\\x1b[2Jb\\u202ec'
    """
    if text.isprintable():
        return text
    return "".join(each if _is_shown(each) else each.encode("unicode_escape").decode() for each in text)


def as_typed(text: str) -> str:
    """Our own text with its commands as they are typed on this host: ``dti`` where ``DTI_COMMAND`` says so.

    Only where a text is shown: what is kept says ``./dti``, on whatever host it was made.
    """
    return text.replace("./dti ", f"{os.environ.get('DTI_COMMAND', './dti')} ")


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or letter in "\n\t" or unicodedata.category(letter) == "Zs"
