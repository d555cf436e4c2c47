"""Every reason for which a whole file is refused, in Vietnamese and English, with the file and how to mend it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from dti_platform import reading
from dti_platform.feeds.reasons import REASONS
from dti_platform.feeds.refusals import REFUSALS
from dti_platform.language import Bilingual
from dti_platform.reading.sandbox import Limits, parent
from dti_platform.storage import Store
from dti_platform.submissions import AnsweredFile, Desk
from dti_platform.submissions.answer import Refusal
from dti_platform.submissions.forms import html, workbook
from dti_platform.submissions.forms.text import lines
from dti_platform.submissions.forms.words import HEADINGS
from dti_platform.submissions.words import CAUTIONS, EXPECTED
from tests.languages import is_vietnamese
from tests.submissions.refused import FILE, WAYS, tables

PACKAGE = Path(reading.__file__).parents[1]


def refused(desk: Desk, reason: str, monkeypatch: pytest.MonkeyPatch) -> tuple[AnsweredFile, Refusal]:
    if reason == "unsafe":
        monkeypatch.setattr(parent.read_batch, "__defaults__", (Limits(wall=0.0),))
    *_, last = desk.serve(WAYS[reason]().offers())
    assert last.answer.refusal is not None
    return last, last.answer.refusal


def test_every_reason_is_provoked() -> None:
    assert set(REFUSALS) == set(WAYS)


@pytest.mark.parametrize("reason", WAYS)
def test_a_refusal_is_said_whole_in_each_language(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch, reason: str
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


@pytest.mark.parametrize("reason", WAYS)
def test_a_refusal_stands_in_every_form_of_the_answer(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    served, refusal = refused(desk, reason, monkeypatch)
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
    from dti_platform import feeds

    _, refusal = refused(desk, "several_tables", monkeypatch)
    received = feeds.Received("self_assessment", "2022", FILE, "0" * 64, tables("VN63-19", "VN63-19"))
    parsed = feeds.read(*feeds.opened_all([received], desk.known), desk.known)
    vi, en = (f"{getattr(refusal.why, name)}: {getattr(refusal.detail, name)}" for name in ("vi", "en"))
    assert parsed.submissions["reason"].to_list() == [f"several_tables: {vi} / {en}"]


def test_all_words_of_answers_are_in_both_languages() -> None:
    cautions = [said for each in CAUTIONS.values() for said in (each.why, each.expected, each.mend)]
    reasons = [Bilingual(*pair) for each in REASONS.values() for pair in (each[1:3], each[3:5])]
    refusals = [Bilingual(*pair) for each in REFUSALS.values() for pair in (each[:2], each[2:])]
    words = [*cautions, *reasons, *refusals, *EXPECTED.values(), *HEADINGS.values()]
    bare = {"Nay", "{remark}", "không quá {other}", "mã {code}"}
    assert [said for said in words if not is_vietnamese(said.vi) and said.vi not in bare] == []
    assert [said for said in words if is_vietnamese(said.en)] == []


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Every refusal that is raised by a reason and sentences written there."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Unreadable":
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


@pytest.mark.parametrize(("at", "call"), [pytest.param(*each, id=each[0]) for each in raised()])
def test_every_sentence_of_a_refusal_is_written_in_both_languages(at: str, call: ast.Call) -> None:
    reason, *sentences = call.args
    if isinstance(reason, ast.Constant):
        assert reason.value in REFUSALS, at
    written = [_words(each) for each in sentences if isinstance(each, ast.JoinedStr | ast.Constant)]
    if len(written) == 2:
        assert (is_vietnamese(written[0]), is_vietnamese(written[1])) == (True, False), at


def _words(text: ast.JoinedStr | ast.Constant) -> str:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{x}" for part in parts)


def test_a_header_is_named_as_the_sender_knows_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "tiêu đề: Tự đánh giá (self)" in refused(desk, "header_missing", monkeypatch)[1].detail.vi
    assert "the header Tự đánh giá (self) 2 times" in refused(desk, "header_repeated", monkeypatch)[1].detail.en
