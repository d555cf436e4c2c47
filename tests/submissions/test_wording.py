"""What answers say of workbooks as officials fill them: which cell, what is wrong with it, and what to do."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest

from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from dti_platform.submissions.answer import Answer, Finding
from tests.feeds.drafts import HOME, Draft

SELF, EVIDENCE = "Tự đánh giá", "Minh chứng/Ghi chú"


def send(store: Store, known: Known, content: bytes, name: str = "phieu.xlsx") -> Answer:
    return next(Desk(store, known).serve([Offer(content, name, "self_assessment")])).answer


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
