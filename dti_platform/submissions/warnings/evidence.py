"""Warnings of evidence: there is none, or the day of its document can't be.

Here: one function for each. Not here: reading a document (``feeds.documents``), nor which days can be (``sheet.days``).
"""

from __future__ import annotations

from collections.abc import Iterator

from dti_platform.feeds.documents import read_document
from dti_platform.feeds.sheet.days import can_be_evidence
from dti_platform.language import Bilingual
from dti_platform.reading import comparable
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.warnings.context import Context

__all__ = ["impossible_day", "out_of_time", "without_evidence"]

#: What people write where they have nothing to name.
NOTHING = frozenset(
    {
        "có", "có minh chứng", "đã có", "đã có minh chứng", "không", "không có", "không có minh chứng", "chưa",
        "chưa có", "chưa có minh chứng", "đang bổ sung", "đang cập nhật", "bổ sung sau", "gửi sau", "kèm theo",
        "đính kèm", "như trên", "ok", "đạt", "yes", "no", "none", "nil", "null", "nan", "n/a", "na", "tbd",
    }
)  # fmt: skip


def without_evidence(context: Context) -> Iterator[Finding]:
    """A score beside which no document is named, or a word that names none."""
    for node, said in context.documents.items():
        if names_nothing(said):
            yield context.place.caution("score_without_evidence", context.at(node, "evidence"), node)


def names_nothing(text: str) -> bool:
    """Whether evidence is none: blank, marks alone, a single letter or digit, or a word for nothing.

    >>> [names_nothing(text) for text in ("", "-", "x", "N/A", "Không có.", "Báo cáo của Sở")]
    [True, True, True, True, True, False]
    """
    said = comparable(text).strip(" .,;:!?()[]-–—_*/")
    return sum(map(str.isalnum, said)) <= 1 or said in NOTHING


def impossible_day(context: Context) -> Iterator[Finding]:
    """A day that no calendar has."""
    for node, said in context.documents.items():
        if day := read_document(said).impossible:
            yield context.place.caution("impossible_day", context.at(node, "evidence"), node, day=Bilingual.same(day))


def out_of_time(context: Context) -> Iterator[Finding]:
    """A document of a day that is out of the question: later than the sheet, or long before or after its period."""
    issued = context.version.parsed.stated.on
    for node, said in context.documents.items():
        day = read_document(said).date
        if day and not can_be_evidence(day, context.period, issued):
            told = Bilingual(f"{day:%d/%m/%Y}", f"{day}")
            yield context.place.caution("day_out_of_time", context.at(node, "evidence"), node, day=told)
