"""The document that a sender names as evidence: its number and its date, where they are written.

Here: reading ``Quyết định số 922/QĐ-BTTTT ngày 20/5/2022``. Not here: whether such a document exists. The text stays
as received beside what is read from it. A date is day, month, year, as Vietnam writes it, or ISO 8601. Numbers are
written as Decree 30/2020/NĐ-CP has it (``12/QĐ-UBND``), as laws are numbered (``15/2022/QĐ-UBND``), and as the Party
numbers its own (``05-NQ/TU``). Of several documents the first is read; a date is its own only right behind it.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import NamedTuple

from dti_platform.reading import normalise, one_spelling

#: Kinds of documents, without case and with d for đ: those of Decree 30/2020/NĐ-CP, of laws, of the Party.
_KINDS = (
    "nq", "qd", "ct", "qc", "qyd", "tc", "tb", "hd", "ctr", "kh", "pa", "da", "bc", "bb", "ttr", "cd", "bgn", "btt",
    "guq", "gm", "ggt", "gnp", "pg", "pc", "pb", "nd", "tt", "ttlt", "cv", "kl",
)  # fmt: skip
_LETTERS = "A-Za-zĐđĂÂÊÔƠƯăâêôơư"
_WORD = rf"[{_LETTERS}][{_LETTERS}0-9&]*"
#: ``15a/2022/QĐ-UBND``, ``12/MH-4.10``: a number, perhaps a year, a kind or a sender, perhaps more of these. Nothing in
#: it matches in two ways: with each more that did, the time to see that a text is no number would double.
_MORE = rf"-[{_LETTERS}0-9&]+(?:\.\d+)*|(?: - ?|- )[A-ZĐ]{{2,}}"
_STATE = rf" ?/ ?(?:\d{{4}} ?/ ?)?(?P<kind>{_WORD})(?P<more>(?:{_MORE})*)"
#: ``05-NQ/TU``: a number, a kind, whose it is.
_PARTY = rf" ?- ?(?P<party>{_WORD}) ?/ ?(?P<whose>{_WORD}(?:-{_WORD})*)"
_SPACE_BESIDE = re.compile(r" (?=[/-])|(?<=[/-]) ")
_NUMBER = re.compile(rf"(?<!\d[.,-])(?<![\w/])\d+[a-zA-Z]?(?:{_STATE}|{_PARTY})(?![\w/]|-\w)")
_DATE = re.compile(
    r"(?<![\d/.-])(?:(?P<d>\d{1,2})(?P<mark>[/.-])(?P<m>\d{1,2})(?P=mark)(?P<y>\d{4})"
    r"|(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d)"
    r"|(?P<day>\d{1,2}) tháng (?P<month>\d{1,2}) năm (?P<year>\d{4}))(?![\d/])",
    re.IGNORECASE,
)
#: The century of a year in two digits is not guessed; that no calendar has such a day is still reported.
_SHORT = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})/(\d{2})(?![\d/])")
#: What may stand between a number and its own date.
_GAP = re.compile(r"[ ,.:(\n]*|[^;\d\n]{0,80}[ ,\n(]ngày ?", re.IGNORECASE)
#: Words of another document, or of a day on which something else began or ended.
_OTHER = re.compile(
    r"\b(hiệu lực|thay|sửa đổi|bổ sung|căn cứ|kèm|theo|và|về|v/v|quyết định|báo cáo|kế hoạch|công văn|nghị quyết"
    r"|nghị định|chỉ thị|thông báo|thông tư|tờ trình|biên bản|hướng dẫn|đề án|chương trình|văn bản)\b",
    re.IGNORECASE,
)
_NAMED = (("d", "D", "day"), ("m", "M", "month"), ("y", "Y", "year"))
_TERM = re.compile(r"\b(từ|đến|trước|sau|hạn|hết)( hết)?( ngày)? ?$", re.IGNORECASE)


class Document(NamedTuple):
    """What is written of it; None where it isn't, or where it may be another document's."""

    number: str | None = None
    date: dt.date | None = None
    impossible: str | None = None
    """A date as written that no calendar has, such as 31/02/2023."""


#: Of a longer text the beginning is read.
LONGEST = 4_000


def read_document(text: str | None) -> Document:
    """The number of the first document that a text names, and its own date.

    >>> read_document("Quyết định số 922/QĐ-BTTTT ngày 20/5/2022; Báo cáo số 7/BC-STTTT ngày 1/6/2022")
    Document(number='922/QĐ-BTTTT', date=datetime.date(2022, 5, 20), impossible=None)
    """
    return _read_document((text or "")[:LONGEST])


@lru_cache(maxsize=4_096)
def _read_document(text: str) -> Document:
    spelled = "\n".join(one_spelling(normalise(line)) for line in text.splitlines())
    number = next((match for match in _NUMBER.finditer(spelled) if _is_number(match)), None)
    dates = [(date, _day(date)) for date in _DATE.finditer(spelled)]
    unreal = [date[0] for date, day in dates if day is None]
    unreal += [date[0] for date in _SHORT.finditer(spelled) if not _in_calendar(2000 + int(date[3]), date[2], date[1])]
    own = {day for date, day in dates if _belongs(spelled, number, date)}
    day = own.pop() if len(own) == 1 else None
    return Document(_SPACE_BESIDE.sub("", number[0]) if number else None, day, next(iter(unreal), None))


def _is_number(match: re.Match[str]) -> bool:
    """A known kind and whose it is, or two capitals: ``3/tháng`` and ``12/Nam`` are no documents."""
    kind, more = match["party"] or match["kind"], match["whose"] or match["more"]
    known = kind.casefold().replace("đ", "d") in _KINDS and bool(more)
    return known or (not match["party"] and kind[0].isupper() and sum(map(str.isupper, kind + more)) > 1)


def _belongs(text: str, number: re.Match[str] | None, date: re.Match[str]) -> bool:
    """Whether a date is the document's: right behind its number, or anywhere where no number is written."""
    if _TERM.search(text, 0, date.start()):
        return False
    gap = text[number.end() : date.start()] if number else ""
    after = number is None or date.start() >= number.end()
    return after and _GAP.fullmatch(gap) is not None and not _OTHER.search(gap)


def _day(date: re.Match[str]) -> dt.date | None:
    return _in_calendar(*(next(filter(None, date.group(*names))) for names in reversed(_NAMED)))


def _in_calendar(year: str | int, month: str, day: str) -> dt.date | None:
    """The day; None where no calendar has it."""
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
