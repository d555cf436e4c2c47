"""SDMX identifiers of codes, sources and periods, which may contain characters that SDMX forbids; and the inverse.

Here: one rule for each. Sources: SDMX 3.0, ``IDType`` (``[A-Za-z0-9_@$-]+``) and ``ObservationalTimePeriodType``;
SDMX CL_FREQ 2.1.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

from dti_platform.periods import Period

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_-]")
#: The code of a dimension without a value.
NOT_APPLICABLE = "_Z"
_FREQUENCIES = {"year": "A", "half": "S", "quarter": "Q", "month": "M", "day": "D"}
#: Hex digits of the id of a source.
_SHORT = 12


def code_id(code: str) -> str:
    """The id of a code: a dot becomes ``@``, any other forbidden character ``$`` and its bytes in hex.

    >>> code_id("8.3"), code_id("by construction")
    ('8@3', 'by$20construction')
    """
    return _NOT_ALLOWED.sub(lambda match: "@" if match[0] == "." else _hex(match[0]), code)


def code_of(identifier: str) -> str:
    """The code of an id.

    >>> code_of("CQS@1")
    'CQS.1'
    """
    return unquote(identifier.replace("@", ".").replace("$", "%"))


def _hex(letter: str) -> str:
    return "".join(f"${byte:02X}" for byte in letter.encode())


def source_id(source: str) -> str:
    """The id of a source: the beginning of the sha256 of its text; the text is the name of the code."""
    return hashlib.sha256(source.encode()).hexdigest()[:_SHORT]


def frequency_id(period: str) -> str:
    """The frequency of a period; several years are ``A`` and their number.

    >>> frequency_id("2022-S1"), frequency_id("2021/2025")
    ('S', 'A5')
    """
    parsed = Period.parse(period)
    return _FREQUENCIES.get(parsed.frequency) or f"A{parsed.year - parsed.first_year + 1}"


def time_period(period: str) -> str:
    """A period in SDMX: several years are a day and a duration, any other period stays as it is.

    >>> time_period("2021/2025"), time_period("2022-M08")
    ('2021-01-01/P5Y', '2022-M08')
    """
    parsed = Period.parse(period)
    return f"{parsed.first_year}-01-01/P{frequency_id(period)[1:]}Y" if parsed.frequency == "years" else period


def period_of(text: str) -> str:
    """The period of an SDMX text.

    >>> period_of("2021-01-01/P5Y")
    '2021/2025'
    """
    start, _, length = text.partition("/P")
    return f"{start[:4]}/{int(start[:4]) + int(length.rstrip('Y')) - 1}" if length else text
