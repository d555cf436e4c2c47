"""The document that a sender names as evidence: its number and its date, where they are written.

Here: reading ``Quyết định số 922/QĐ-BTTTT ngày 20/5/2022``. Not here: whether such a document exists. The text stays
as received beside what is read from it. A date is day, month, year, as Vietnam writes it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from dti_platform.reading import normalise

__all__ = ["Document", "read_document"]

#: ``922/QĐ-BTTTT``, ``42/2022/NĐ-CP``: digits, perhaps a year, then a kind in letters; a date has none.
_NUMBER = re.compile(r"(?<![\w/])\d+[a-zA-Z]?/(?:\d{4}/)?[A-ZĐ][A-ZĐa-z0-9&.]*(?:-[\wĐ&]+(?:\.\d+)*)*")
_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?![\d/])")
_SPELT = re.compile(r"(\d{1,2}) tháng (\d{1,2}) năm (\d{4})", re.IGNORECASE)


class Document(NamedTuple):
    """What is written of it; None where it isn't."""

    number: str | None = None
    date: dt.date | None = None
    impossible: str | None = None
    """A date as written that no calendar has, such as 31/02/2023."""


def read_document(text: str | None) -> Document:
    """The first number and the first date of a document that a text names.

    >>> read_document("Quyết định số 922/QĐ-BTTTT ngày 20/5/2022")
    Document(number='922/QĐ-BTTTT', date=datetime.date(2022, 5, 20), impossible=None)
    """
    said = normalise(text or "")
    number = _NUMBER.search(said)
    date = _DATE.search(said) or _SPELT.search(said)
    if date is None:
        return Document(number and number[0])
    try:
        day = dt.date(int(date[3]), int(date[2]), int(date[1]))
    except ValueError:
        return Document(number and number[0], None, date[0])
    return Document(number and number[0], day)
