"""Every reason for which a whole file is refused, in Vietnamese and English, with the file and how to fix it."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import openpyxl
import pytest

from dti_platform import feeds
from dti_platform.feeds import Extract, Known, Received, intake, self_assessment
from dti_platform.problems import catalogue
from dti_platform.reading.sandbox import Limits
from dti_platform.storage import Store
from dti_platform.submissions import AnsweredFile, Desk
from dti_platform.submissions.answer import Refusal
from dti_platform.submissions.forms import html, workbook
from dti_platform.submissions.forms.text import lines
from dti_platform.submissions.forms.words import HEADINGS
from tests.feeds import test_printed_tables
from tests.feeds.drawings import PLAIN
from tests.languages import is_vietnamese
from tests.submissions.in_process import in_this_process
from tests.submissions.refused import FILE, MOST_HELD, WAYS, tables

pytestmark = pytest.mark.usefixtures("one_child_for_all")


def refused(desk: Desk, reason: str, monkeypatch: pytest.MonkeyPatch) -> tuple[AnsweredFile, Refusal]:
    if reason == "unsafe":
        monkeypatch.setattr(feeds, "LIMITS", Limits(wall=0.0))
    if reason in ("broken_reader", "two_readings", "too_many_errors"):
        in_this_process(monkeypatch)
    if reason == "broken_reader":
        monkeypatch.setattr(self_assessment, "find_sheet", lambda _: 1 / 0)
    if reason == "two_readings":
        monkeypatch.setattr(self_assessment, "parse", read_as_drawn)
    if reason == "too_many_errors":
        monkeypatch.setattr(intake, "MOST_QUARANTINED", MOST_HELD)
    if reason == "year_not_held":  # by the inbox: the period of a submission is asked before it is read
        monkeypatch.setattr(Desk, "_check_period", lambda *_: None)
    *_, last = desk.serve(WAYS[reason]().offers())
    assert last.answer.refusal is not None
    return last, last.answer.refusal


def read_as_drawn(received: Received, known: Known) -> Extract:
    """As a feed of tables drawn for print."""
    book = feeds.opened(self_assessment.FEED, received, known)
    return test_printed_tables.extract(received.content, [PLAIN], known, book=book)


def test_every_reason_is_provoked() -> None:
    assert set(catalogue("file")) == set(WAYS)


@pytest.mark.parametrize("reason", WAYS)
def test_a_refusal_is_said_whole_in_each_language_and_in_every_form_of_the_answer(
    desk: Desk, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    served, refusal = refused(desk, reason, monkeypatch)
    assert (served.answer.outcome, refusal.reason, store.landing.receipts()[-1].refusal) == ("refused", reason, reason)
    for said in (refusal.why, refusal.detail, refusal.mend):
        assert said.vi != said.en
        assert is_vietnamese(said.vi.replace(FILE, "")), said.vi
        assert said.en
        assert not is_vietnamese(said.en.replace(FILE, "")), said.en
    assert FILE in refusal.detail.vi
    assert FILE in refusal.detail.en
    told = (refusal.why, refusal.detail, refusal.mend)
    vi, en = ("\n".join(lines(served.answer, language)) for language in ("vi", "en"))
    assert all(each.vi in vi and each.vi not in en and each.en in en and each.en not in vi for each in told)
    page = unescape(html.page(served.answer))
    assert all(each.vi in page and each.en in page for each in told)
    spelt = served.answer.to_dict()["refusal"]
    assert [spelt[name] for name in ("why", "detail", "mend")] == [each._asdict() for each in told]
    if served.book is not None:
        (tmp_path / "answer.xlsx").write_bytes(workbook.workbook(served.answer, served.book))
        book = openpyxl.load_workbook(tmp_path / "answer.xlsx")
        cells = "\n".join(str(cell.value) for row in book.worksheets[-1].iter_rows() for cell in row)
        assert all(each.vi in cells and each.en in cells for each in told)
        assert book.active is book.worksheets[-1], "a refused file opens at the answer"


def test_the_table_of_submissions_says_a_refusal_in_both_languages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, refusal = refused(desk, "several_tables", monkeypatch)
    received = feeds.Received("self_assessment", "2022", FILE, "0" * 64, tables("VN63-19", "VN63-19"))
    parsed = feeds.read(*feeds.read_apart([received], desk.known), desk.known)
    vi, en = (f"{getattr(refusal.why, name)}: {getattr(refusal.detail, name)}" for name in ("vi", "en"))
    assert parsed.submissions["reason"].to_list() == [f"several_tables: {vi} / {en}"]


def test_all_headings_of_answers_are_in_both_languages() -> None:
    assert [text for text in HEADINGS.values() if not is_vietnamese(text.vi) and text.vi != "Nay"] == []
    assert [text for text in HEADINGS.values() if is_vietnamese(text.en)] == []


def test_a_header_is_named_as_the_sender_knows_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(desk, "header_missing", monkeypatch)[1].detail.vi.endswith("tiêu đề: Tự đánh giá")
    assert "the header Tự đánh giá 2 times" in refused(desk, "header_repeated", monkeypatch)[1].detail.en
