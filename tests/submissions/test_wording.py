"""What answers say of workbooks as officials fill them: which cell, what is wrong with it, and what to do."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile

import pytest

from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from dti_platform.submissions.answer import Answer, Finding, grouped
from dti_platform.submissions.delivery import keep_answer, list_answers
from dti_platform.submissions.forms.words import expected
from tests.feeds.drafts import HOME, Draft

SELF, EVIDENCE = "Tự đánh giá", "Minh chứng/Ghi chú"


def send(store: Store, known: Known, content: bytes, name: str = "phieu.xlsx") -> Answer:
    return next(Desk(store, known).serve([Offer(content, name, "self_assessment")])).answer


def zipped(content: bytes) -> bytes:
    """An archive with a workbook in it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("phieu.xlsx", content)
    return archive.getvalue()


def findings(answer: Answer, reason: str) -> list[Finding]:
    return [finding for finding in answer.findings if finding.reason == reason]


def position(draft: Draft, code: str, header: str) -> tuple[int, int]:
    return len(draft.title) + 1 + draft.row(code), draft.column(header)


def test_a_percentage_is_named_as_such(store: Store, known: Known, draft: Draft) -> None:
    draft.put("1.3", SELF, 0.975)
    draft.formats[position(draft, "1.3", SELF)] = "0.0%"
    (error,) = send(store, known, draft.xlsx()).errors
    assert (error.reason, error.expected.vi) == ("percent_cell", "số từ 0 đến 10")
    assert "theo phần trăm (97,5 %)" in error.why.vi


def test_a_stray_blank_is_no_thousands_mark(store: Store, known: Known, draft: Draft) -> None:
    draft.put("1.3", SELF, " 7 ,25")
    (error,) = send(store, known, draft.xlsx()).errors
    assert error.reason == "not_a_number"
    assert "dấu cách" in error.mend.vi


def test_a_score_above_the_maximum_is_told_so(store: Store, known: Known, draft: Draft) -> None:
    draft.put("1.1", SELF, 12)
    (error,) = send(store, known, draft.xlsx()).errors
    assert error.why.vi == "Điểm 12 vượt điểm tối đa 10"


def test_a_code_that_became_a_date_is_told_so_and_its_row_is_not_missing(
    store: Store, known: Known, draft: Draft
) -> None:
    draft.put("1.1", "Mã", dt.date(2023, 1, 1))
    answer = send(store, known, draft.xlsx())
    (error,) = findings(answer, "code_as_number")
    assert error.why.vi == "Mã đã bị phần mềm bảng tính đổi thành ngày tháng"
    assert not findings(answer, "missing_row")


def test_a_file_without_a_figure_names_the_cause_of_most_errors(store: Store, known: Known, draft: Draft) -> None:
    for row in draft.rows:
        row[0] = 1.5
    refusal = send(store, known, draft.xlsx()).refusal
    assert refusal is not None
    assert refusal.reason == "nothing_given"
    assert "Mã được lưu ở dạng số" in refusal.detail.vi


def test_a_score_and_evidence_in_merged_cells(store: Store, known: Known, draft: Draft) -> None:
    for code in ("2.1", "2.2", "2.3"):
        draft.put(code, EVIDENCE, "Số 1/BC-UBND ngày 01/02/2023" if code == "2.1" else None)
    draft.put("1.4", SELF, None)
    first, second = position(draft, "1.3", SELF), position(draft, "1.4", SELF)
    top, bottom = position(draft, "2.1", EVIDENCE), position(draft, "2.3", EVIDENCE)
    draft.merged += [(*first, *second), (*top, *bottom)]
    answer = send(store, known, draft.xlsx())
    (warning,) = findings(answer, "merged_score")
    assert (warning.node, warning.locator) == ("1.4", f"Tự đánh giá!E{first[0] + 1}")
    assert not findings(answer, "missing_score")
    assert not {"2.1", "2.2", "2.3"} & {each.node for each in findings(answer, "score_without_evidence")}


def test_evidence_is_the_same_however_its_diacritics_are_stored(store: Store, known: Known, draft: Draft) -> None:
    draft.put("1.2", EVIDENCE, "Báo cáo số 1/BC-UBND ngày 01/02/2023")
    send(store, known, draft.xlsx())
    draft.put("1.2", EVIDENCE, unicodedata.normalize("NFD", "Báo cáo số 1/BC-UBND ngày 01/02/2023"))
    answer = send(store, known, draft.xlsx())
    assert (answer.outcome, answer.counted["changed"]) == ("accepted", 0)


def test_a_column_beside_the_template_is_a_note(store: Store, known: Known, draft: Draft) -> None:
    draft.header.append("Giải trình của Sở")
    for row in draft.rows:
        row.append("Đã có")
    answer = send(store, known, draft.xlsx())
    assert answer.outcome == "accepted"
    (note,) = findings(answer, "unknown_column")
    assert note.severity == "warning"
    assert "không ảnh hưởng đến điểm" in note.why.vi


@pytest.mark.parametrize(("value", "held"), [("9,5 điểm", 1), (None, 0)])
def test_a_file_that_waits_says_what_sending_it_again_means(
    store: Store, known: Known, draft: Draft, value: str | None, held: int
) -> None:
    send(store, known, HOME.read_bytes())
    draft.put("1.3", SELF, value)
    answer = send(store, known, draft.xlsx())
    assert answer.outcome == "waiting"
    effect = answer.effect.vi
    assert "Gửi lại đúng tệp này nghĩa là xác nhận bỏ 1 số liệu đó" in effect
    assert ("1 số liệu ở ô có lỗi. Hãy sửa các ô có lỗi" in effect) == bool(held)
    assert effect.endswith("đơn vị KHÔNG còn tính được điểm.")
    (change,) = answer.changes
    assert change.label.vi == ("không còn được tính (ô lỗi)" if held else "không còn được tính")


def test_a_day_of_issue_may_be_in_words_and_a_wrong_one_names_its_cell(
    store: Store, known: Known, draft: Draft
) -> None:
    draft.say("Ngày lập", "Thái Nguyên, ngày 20 tháng 4 năm 2023")
    assert not findings(send(store, known, draft.xlsx()), "day_of_issue")
    for text in ("31/02/2023", "20/04/2032"):
        draft.say("Ngày lập", text)
        (warning,) = findings(send(store, known, draft.xlsx()), "day_of_issue")
        row = next(at for at, (label, _) in enumerate(draft.title, 1) if label == "Ngày lập")
        assert warning.locator == f"Tự đánh giá!B{row}"


def test_what_is_expected_of_each_of_several_cells_is_told(store: Store, known: Known, draft: Draft) -> None:
    draft.put("1.2", SELF, 9.9)
    draft.put("2.2", SELF, 7)
    answer = send(store, known, draft.xlsx())
    (group,) = (group for group in grouped(answer.findings) if group.first.reason == "not_a_grade")
    first, second = (finding.locator for finding in group.findings)
    text = expected(group).vi
    assert text.startswith(f"{first}: một trong các mức: 0; 2,5; 5; 7,5; 10; {second}: một trong các mức: 0; 5; 10")


@pytest.mark.parametrize(
    ("content", "said", "mend"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "là ảnh: hãy điền vào mẫu .xlsx", "mẫu .xlsx"),
        (b"%PDF-1.7", "là tệp PDF hoặc tệp quét: hãy điền vào mẫu .xlsx", "mẫu .xlsx"),
        (HOME.read_bytes()[:9000], "bị cắt cụt hoặc hỏng", "lưu thành tệp .xlsx mới"),
        (zipped(HOME.read_bytes()), "chứa một tệp nén khác", "giải nén rồi gửi từng tệp .xlsx"),
    ],
)
def test_a_file_that_is_no_workbook_has_a_receipt_and_says_what_to_send(
    store: Store, known: Known, content: bytes, said: str, mend: str
) -> None:
    answer = send(store, known, content, "phieu.bin")
    assert answer.refusal is not None
    assert (answer.outcome, answer.receipt) == ("refused", 1)
    assert said in answer.refusal.detail.vi
    assert mend in answer.refusal.mend.vi


def test_units_of_another_time_are_named_and_a_merger_is_told(store: Store, known: Known, draft: Draft) -> None:
    draft.say("Mã đơn vị", "VN34-19")
    refusal = send(store, known, draft.xlsx()).refusal
    assert refusal is not None
    assert "hãy dùng VN63-06 Bắc Kạn, VN63-19 Thái Nguyên" in refusal.detail.vi
    for label, value in (("Đơn vị", "Bắc Kạn"), ("Mã đơn vị", "VN63-06"), ("Kỳ", "2025")):
        draft.say(label, value)
    refusal = send(store, known, draft.xlsx()).refusal
    assert refusal is not None
    assert "VN63-06 Bắc Kạn, nay thuộc VN34-19 Thái Nguyên" in refusal.detail.vi


def test_the_list_of_answers_says_why_a_file_was_refused(store: Store, known: Known, draft: Draft) -> None:
    draft.header[0] = "STT"
    answered = next(Desk(store, known).serve([Offer(draft.xlsx(), "phieu.xlsx", "self_assessment")]))
    keep_answer(store, answered)
    list_answers(store)
    page = (store.root / "answers" / "VN63-19" / "index.html").read_text("utf-8")
    assert "Không tìm thấy dòng tiêu đề" in page
    refusal = answered.answer.refusal
    assert refusal is not None
    assert "(self)" not in refusal.detail.vi
    assert "./dti" not in refusal.mend.vi
