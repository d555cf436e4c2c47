"""Periods: their SDMX-style texts, the day on which each ends, its frequency, and which period came before which.

Here: the one reading of a period's text. Not here: which framework is in force in a period (``methodology``), nor the
year of a stored receipt, which ``storage`` takes from its folder, whatever text an older release wrote there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dti_platform.language import Bilingual

if TYPE_CHECKING:
    from dti_platform.codes import Frequency

#: Where days and hours that people read are told.
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
#: The texts of periods, as contracts hold them: see ``EXAMPLES``, and 2021/2025 (a mean of years).
PERIOD = r"^\d{4}(-S[12]|-Q[1-4]|-M(0[1-9]|1[0-2])|-\d{2}-\d{2}|/\d{4})?$"
EXAMPLES = ("2022", "2022-S1", "2022-Q1", "2022-M08", "2022-08-22")
_PATTERN = re.compile(PERIOD.removeprefix("^").removesuffix("$"), re.ASCII)
_FREQUENCY: dict[str, Frequency] = {"": "year", "S": "half", "Q": "quarter", "M": "month"}
_MONTHS: dict[Frequency, int] = {"years": 12, "year": 12, "half": 6, "quarter": 3, "month": 1}
_PARTS: dict[Frequency, str] = {"year": "", "half": "-S{}", "quarter": "-Q{}", "month": "-M{:02}"}
_ROMAN = ("I", "II", "III", "IV")
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH_ENDS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class PeriodError(ValueError):
    """A text is no period."""


def in_vietnam(moment: str) -> dt.datetime:
    """A moment of the ledger as clocks in Vietnam show it.

    >>> in_vietnam("2023-01-31T22:30:00Z").isoformat()
    '2023-02-01T05:30:00+07:00'
    """
    return dt.datetime.fromisoformat(moment).astimezone(VIETNAM)


def moment(at: str | None) -> Bilingual:
    """When something happened, for a person; a dash where that is not known.

    >>> moment("2023-01-31T22:30:00Z").vi
    '01/02/2023 05:30 (giờ Việt Nam)'
    """
    if at is None:
        return Bilingual.same("–")
    there = in_vietnam(at)
    return Bilingual(f"{there:%d/%m/%Y %H:%M} (giờ Việt Nam)", f"{there:%Y-%m-%d %H:%M} (Vietnam time)")


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time that a figure refers to."""

    text: str
    """SDMX style: ``2022``, ``2022-S1``, ``2022-Q1``, ``2022-M08``, ``2022-08-22``; ``2021/2025`` for several years."""
    year: int
    """The calendar year in which it ends."""
    frequency: Frequency
    ends: str
    """The day on which it ends, in ISO, so that texts sort as days do. February ends on the 29th, whatever the year."""

    @classmethod
    def parse(cls, text: str) -> Period:
        """Reads a period's text.

        Raises:
            PeriodError: the text is no period, or a day that no calendar has.

        >>> Period.parse("2022-S1").ends
        '2022-06-30'
        """
        return _parse(text)

    @classmethod
    def find(cls, text: str) -> Period | None:
        """The period of a text, or None if the text is not a period."""
        return _parse(text) if _is_period(text) else None

    @property
    def first_year(self) -> int:
        """The calendar year in which it begins."""
        return int(self.text[:4])

    @property
    def begins(self) -> str:
        """The day on which it begins, in ISO."""
        if self.frequency == "day":
            return self.text
        return f"{self.first_year}-{int(self.ends[5:7]) - _MONTHS[self.frequency] + 1:02}-01"

    @property
    def name(self) -> Bilingual:
        """As people write it.

        >>> Period.parse("2022-S1").name
        Bilingual(vi='6 tháng đầu năm 2022', en='first half of 2022')
        >>> Period.parse("2023-08-22").name
        Bilingual(vi='22/8/2023', en='22 August 2023')
        """
        return _named(self)

    def contains(self, other: Period) -> bool:
        """Whether another one begins and ends within it: 2022-S1 holds 2022-Q1, 2022-M06 and 2022-06-20."""
        return self.begins <= other.begins and other.ends <= self.ends

    @property
    def sort_key(self) -> tuple[str, str]:
        """Puts periods in the order in which they end."""
        return self.ends, self.text

    def precedes(self, later: Period) -> bool:
        """Whether this one ends before another one ends."""
        return self.ends < later.ends

    def is_comparable(self, other: Period) -> bool:
        """Whether figures of two periods may be compared: year with year, half with half, quarter with quarter, ...

        Intervals of years (2021/2025) compare where they hold as many years.
        """
        return (self.frequency, self.year - self.first_year) == (other.frequency, other.year - other.first_year)

    def year_before(self) -> str:
        """The text of the same period a year before: 2021-S1 of 2022-S1. Of 29 February it is no day.

        >>> Period.parse("2021/2025").year_before()
        '2020/2024'
        """
        return re.sub(r"(?<![-\d])\d{4}", lambda year: str(int(year[0]) - 1), self.text)


def previous(text: str, known: Iterable[str], *, comparable: bool = True) -> str | None:
    """The last of the known periods that ends before this one ends; ``comparable``: among those that compare with it.

    Raises PeriodError where one of the texts is no period.
    """
    period = Period.parse(text)
    earlier = [other for other in map(Period.parse, known) if other.precedes(period)]
    matching = [other for other in earlier if not comparable or other.is_comparable(period)]
    return max(matching, key=lambda other: other.sort_key).text if matching else None


def just_ended(on: dt.date, frequency: Frequency) -> Period:
    """The last year, half, quarter or month that ended before a day.

    >>> just_ended(dt.date(2027, 1, 5), "month").text
    '2026-M12'
    """
    months = _MONTHS[frequency]
    over = (on.month - 1) // months
    year, number = (on.year, over) if over else (on.year - 1, 12 // months)
    return Period.parse(f"{year}{_PARTS[frequency].format(number)}")


@lru_cache(maxsize=4096)
def _named(period: Period) -> Bilingual:
    year, number = period.year, period.text.rpartition("-")[2].lstrip("SQM0")
    if period.frequency == "half":
        first = number == "1"
        return Bilingual(
            f"6 tháng {'đầu' if first else 'cuối'} năm {year}", f"{'first' if first else 'second'} half of {year}"
        )
    if period.frequency == "quarter":
        return Bilingual(f"quý {_ROMAN[int(number) - 1]}/{year}", f"Q{number} {year}")
    month = int(period.ends[5:7])
    if period.frequency == "month":
        return Bilingual(f"tháng {month}/{year}", f"{_MONTH_NAMES[month - 1]} {year}")
    if period.frequency == "day":
        return Bilingual(f"{number}/{month}/{year}", f"{number} {_MONTH_NAMES[month - 1]} {year}")
    return Bilingual.same(period.text.replace("/", "\N{EN DASH}"))


@lru_cache
def name_of(text: str) -> Bilingual:
    """The name of a period; a text that is none stands as it is."""
    period = Period.find(text)
    return period.name if period else Bilingual.same(text)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Period:
    if not _is_period(text):
        raise PeriodError(f"{text!r} is no period; write it as {', '.join(EXAMPLES[:-1])} or {EXAMPLES[-1]}")
    year, _, part = text.rpartition("/")[2].partition("-")
    frequency: Frequency = "years" if "/" in text else _FREQUENCY.get(part[:1], "day")
    return Period(text, int(year), frequency, f"{year}-{_last_day(part, frequency)}")


def _is_period(text: str) -> bool:
    return bool(_PATTERN.fullmatch(text)) and (len(text) != len("2022-08-22") or _is_day(text))


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _last_day(part: str, frequency: Frequency) -> str:
    """Month and day on which a part of a year ends; a day is its own end."""
    if frequency == "day":
        return part
    number = int(part[1:]) if part else 1
    month = _MONTHS[frequency] * number
    return f"{month:02}-{_MONTH_ENDS[month - 1]}"
