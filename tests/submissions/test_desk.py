"""The desk: what becomes of a file, beside what is held, and which version counts."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest

from dti_platform.feeds import Extract, Known, Received, self_assessment
from dti_platform.storage import Missing, Refused, Store
from dti_platform.submissions import Desk, Offer, UsageError, withdraw
from dti_platform.submissions.answer import Answer
from dti_platform.submissions.forms.text import lines
from dti_platform.submissions.forms.words import standing
from tests.feeds.drafts import HOME, Draft
from tests.submissions.in_process import in_this_process

pytestmark = pytest.mark.usefixtures("answer_alone")

FEED = "self_assessment"
#: The header of published results.
PUBLISHED = "geography,unit,metric,value,source,certainty\n"


def serve(desk: Desk, content: bytes, name: str = "phieu.xlsx", *, dry_run: bool = False, **said: str) -> Answer:
    return next(desk.serve([Offer(content, name, said.pop("feed", FEED), **said)], dry_run=dry_run)).answer


def counts(store: Store) -> list[int]:
    return [each.number for each in store.landing.standing()]


def test_a_first_submission_is_new_gets_a_receipt_and_stands_for_the_next_run(desk: Desk, store: Store) -> None:
    answer = serve(desk, HOME.read_bytes())
    assert (answer.outcome, answer.receipt, answer.standing.this_one) == ("accepted", 1, True)
    assert answer.counted == {"new": 98, "changed": 0, "unchanged": 0, "withdrawn": 0}
    assert answer.sender is not None
    assert (answer.sender.unit, answer.sender.name.en, answer.period) == ("VN63-19", "Thai Nguyen", "2022")
    (receipt,) = store.landing.standing()
    assert (receipt.channel, receipt.sender, receipt.name) == ("submit", "VN63-19", "phieu.xlsx")
    assert store.landing.read(receipt.sha256) == HOME.read_bytes()
    assert not answer.errors


def test_the_same_again_changes_nothing(desk: Desk, store: Store) -> None:
    first = serve(desk, HOME.read_bytes())
    head = store.ledger.head()
    again = serve(desk, HOME.read_bytes(), "another name.xlsx")
    assert (again.outcome, again.receipt, again.received_at) == ("unchanged", first.receipt, first.received_at)
    assert store.ledger.head() == head


def test_a_later_one_takes_the_place_and_the_earlier_one_is_kept(desk: Desk, store: Store, draft: Draft) -> None:
    serve(desk, HOME.read_bytes())
    before = draft.get("1.2", "Tự đánh giá")
    draft.put("1.2", "Tự đánh giá", 8.5)
    answer = serve(desk, draft.xlsx())
    assert answer.counted == {"new": 0, "changed": 1, "unchanged": 97, "withdrawn": 0}
    (changed,) = answer.changes
    assert (changed.node, changed.basis, changed.before, changed.after) == ("1.2", "self", before, 8.5)
    assert changed.name.vi != "1.2"
    assert (answer.supersedes, answer.standing.receipt, counts(store)) == (1, 2, [2])
    assert [each.number for each in store.landing.receipts()] == [1, 2]


def test_a_changed_document_is_a_change(desk: Desk, draft: Draft) -> None:
    serve(desk, draft.xlsx())
    draft.put("1.2", "Minh chứng/Ghi chú", "Số 1/BC-UBND ngày 01/02/2023")
    answer = serve(desk, draft.xlsx())
    assert [(each.node, each.document_changed) for each in answer.changes] == [("1.2", True)]


def test_a_dry_run_compares_and_keeps_nothing(desk: Desk, store: Store, draft: Draft) -> None:
    serve(desk, HOME.read_bytes())
    head = store.ledger.head()
    draft.put("1.2", "Tự đánh giá", 8.5)
    answer = serve(desk, draft.xlsx(), dry_run=True)
    assert (answer.outcome, answer.receipt, answer.dry_run, answer.counted["changed"]) == ("accepted", None, True, 1)
    assert (answer.standing.receipt, answer.standing.this_one) == (1, False)
    assert store.ledger.head() == head


def test_a_dry_run_finds_held_what_only_lies_in_the_folders_and_what_was_tried_before_it(
    store: Store, known: Known, draft: Draft
) -> None:
    for folder, name in ((store.feeds, "VN63-19.xlsx"), (store.inbox, "phieu.xlsx")):
        (folder / FEED / "2022").mkdir(parents=True)
        (folder / FEED / "2022" / name).write_bytes(draft.xlsx())
        draft.put("1.2", "Tự đánh giá", 8.5)
    draft.put("1.3", "Tự đánh giá", 7.5)
    offers = [Offer(draft.xlsx(), "b.xlsx", FEED)]
    draft.put("1.4", "Tự đánh giá", 6.5)
    offers += [Offer(draft.xlsx(), "c.xlsx", FEED), Offer(draft.xlsx(), "d.xlsx", FEED)]
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    answers = [each.answer for each in Desk(store, known).serve(offers, dry_run=True)]
    assert [(each.outcome, each.counted["changed"]) for each in answers] == [
        *[("accepted", 1), ("accepted", 1), ("unchanged", 0)]
    ]
    assert [each.standing.file_name for each in answers] == ["phieu.xlsx", "b.xlsx", "c.xlsx"]
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


def test_cells_that_can_not_be_read_are_answered_and_the_others_count(desk: Desk, draft: Draft) -> None:
    draft.put("1.2", "Tự đánh giá", "8.5.0")
    draft.put("1.3", "Tự đánh giá", 99)
    answer = serve(desk, draft.xlsx())
    assert answer.outcome == "accepted_in_part"
    found = {each.reason: each for each in answer.errors}
    assert found.keys() == {"ambiguous_number", "out_of_range"}
    ambiguous = found["ambiguous_number"]
    assert (ambiguous.sheet, ambiguous.locator, ambiguous.read) == ("Tự đánh giá", "Tự đánh giá!E13", "8.5.0")
    assert (ambiguous.row, ambiguous.column, ambiguous.node) == (13, 5, "1.2")
    assert ambiguous.expected.vi == "số từ 0 đến 10"
    assert all((*each.why, *each.mend, *each.expected) for each in answer.findings)
    assert answer.counted["new"] == 96


def test_an_answer_says_a_thing_once_and_what_to_do(desk: Desk, draft: Draft) -> None:
    """No place twice in a line, no class in brackets, no dash for no place; nothing of what is not known."""
    for code, text in zip(("1.2", "1.3", "1.4", "1.5"), ("1.234,5", "=5+5", "-", "9.75"), strict=True):
        draft.put(code, "Tự đánh giá", text)
    draft.put("1.6", "Tự đánh giá", 10)
    draft.formulas[len(draft.title) + 1 + draft.row("1.6"), draft.column("Tự đánh giá")] = "=9+1"
    draft.put("2.1", "Hạn xử lý", "31/02/2023")
    draft.put("2.2", "Thẩm định", 4)
    answer = serve(desk, draft.xlsx())
    text = list(lines(answer, "vi"))
    assert not [line for line in text if "[giá trị]" in line or "«»" in line or line.strip().startswith("–")]
    (read,) = (line for line in text if "được đọc là 9,75" in line)
    assert read.count("!E16") == 1
    assert "Tự đánh giá!E16: '9.75' được đọc là 9,75" in read
    (deadline,) = (each for each in answer.warnings if each.reason == "unread_deadline")
    assert (deadline.node, deadline.read) == ("2.1", "31/02/2023")
    assert "để trống ô" in next(line for line in text if "«-»" in line)
    assert "ngoài khoảng cho phép: từ 0 đến 10" in next(line for line in text if "«1.234,5»" in line)
    assert "Công thức chưa được tính" in next(line for line in text if "«=9+1»" in line)


def test_a_row_that_is_gone_is_named_and_hides_no_empty_cell(desk: Desk, draft: Draft) -> None:
    for code in ("1.2", "2.5"):
        draft.put(code, "Tự đánh giá", None)
    del draft.rows[draft.row("1.1")]
    text = list(lines(serve(desk, draft.xlsx()), "vi"))
    (empty,) = (line for line in text if "Chưa có điểm tự đánh giá" in line)
    assert "2 ô: Tự đánh giá!E12 (1.2 " in empty
    (gone,) = (line.strip() for line in text if "không có dòng" in line)
    assert gone.startswith("1.1 ")
    assert "dòng có mã 1.1 và điểm từ 0 đến 10" in gone


def test_text_that_bears_a_workbooks_name_is_said_to_be_text(desk: Desk) -> None:
    answer = serve(desk, "Tỉnh,Điểm\nHà Nội,5\n".encode(), period="2022")
    assert answer.refusal
    assert answer.refusal.detail.vi.startswith("phieu.xlsx mang tên bảng tính Excel nhưng nội dung là văn bản (CSV)")
    assert "các tiêu đề: Mã, " in answer.refusal.detail.vi
    assert "văn bản (CSV)" not in str(serve(desk, b"a,b\n1,2\n", "phieu.csv", period="2022").refusal)


def test_a_file_of_an_unknown_sender_does_not_say_that_nothing_counts(desk: Desk, draft: Draft) -> None:
    assert serve(desk, draft.xlsx()).outcome == "accepted"
    draft.say("Mã đơn vị", "VN63-99")
    answer = serve(desk, draft.xlsx())
    assert answer.refusal
    assert answer.refusal.reason == "wrong_sender"
    assert standing(answer).vi.startswith("không xác định được vì chưa rõ đơn vị gửi")
    refused = next(desk.serve([Offer(b"a,b\n", "a.csv", "verification", period="2022")])).answer
    assert standing(refused).vi == "chưa có phiên bản nào được tính"


def test_an_older_sheet_after_a_newer_one_is_refused_and_kept(desk: Desk, store: Store, draft: Draft) -> None:
    draft.say("Ngày lập", dt.date(2023, 6, 1))
    serve(desk, draft.xlsx())
    draft.say("Ngày lập", dt.date(2023, 5, 1))
    answer = serve(desk, draft.xlsx())
    assert answer.refusal is not None
    assert (answer.outcome, answer.refusal.reason, answer.standing.receipt) == ("refused", "older_than_held", 1)
    assert "ngày 01/05/2023" in answer.refusal.detail.vi
    assert "day 2023-05-01" in answer.refusal.detail.en
    assert answer.counted == {"new": 0, "changed": 0, "unchanged": 98, "withdrawn": 0}
    kept = store.landing.receipts()[-1]
    assert (kept.number, kept.refusal, counts(store)) == (2, "older_than_held", [1])
    assert serve(desk, draft.xlsx()).receipt == 2, "the same refused again has the receipt that it had"
    draft.say("Ngày lập", None)
    assert serve(desk, draft.xlsx()).outcome == "accepted", "a sheet that states no day counts by its receipt"


@pytest.mark.parametrize(
    ("said", "label", "value", "reason"),
    [
        ({"sender": "VN63-01"}, "Phiên bản", None, "wrong_sender"),
        ({"sender": "Hà Nội"}, "Phiên bản", None, "wrong_sender"),
        ({"period": "2021"}, "Phiên bản", None, "wrong_period"),
        ({}, "Mã đơn vị", "VN34-19", "wrong_geography"),
        ({}, "Đơn vị", "Sao Hỏa", "wrong_sender"),
        ({}, "Bộ chỉ số", "405", "wrong_framework"),
    ],
)
def test_what_can_not_be_right_is_refused_with_the_reason(
    desk: Desk, store: Store, draft: Draft, said: dict[str, str], label: str, value: str | None, reason: str
) -> None:
    draft.say(label, value)
    answer = serve(desk, draft.xlsx(), **said)
    assert answer.refusal is not None
    assert (answer.outcome, answer.refusal.reason, answer.standing.receipt) == ("refused", reason, None)
    assert all((*answer.refusal.why, *answer.refusal.detail, *answer.refusal.mend))
    assert (store.landing.receipts()[0].refusal, counts(store)) == (reason, [])


def test_a_blank_sheet_takes_nothing_away(desk: Desk, draft: Draft, store: Store) -> None:
    serve(desk, draft.xlsx())
    for row in draft.rows:
        row[draft.column("Tự đánh giá")] = None
    answer = serve(desk, draft.xlsx())
    assert (answer.refusal and answer.refusal.reason, counts(store)) == ("nothing_given", [1])


def test_what_is_no_workbook_is_kept_with_its_reason(desk: Desk, store: Store) -> None:
    for content in (b"", b"PK\x03\x04 no more", b"<html>"):
        answer = serve(desk, content, period="2022")
        assert answer.outcome == "refused"
        assert store.landing.read(answer.sha256) == content


def test_two_units_with_one_file_name_do_not_meet(desk: Desk, store: Store, draft: Draft) -> None:
    serve(desk, draft.xlsx())
    draft.say("Mã đơn vị", "VN63-01")
    draft.say("Đơn vị", "Hà Nội")
    answers = [each.answer for each in desk.serve([Offer(draft.xlsx(), "phieu.xlsx", FEED)] * 2)]
    assert [each.outcome for each in answers] == ["accepted", "unchanged"]
    assert counts(store) == [2, 1]


def test_what_lies_in_the_folders_came_before(store: Store, known: Known, draft: Draft) -> None:
    folder = store.feeds / FEED / "2022"
    folder.mkdir(parents=True)
    (folder / "VN63-19.xlsx").write_bytes(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 8.5)
    answer = serve(Desk(store, known), draft.xlsx())
    assert (answer.receipt, answer.supersedes, answer.counted["changed"]) == (2, 1, 1)


def test_of_the_committed_sheets_only_the_unit_s_own_are_read_whole(
    store: Store, known: Known, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of one unit under names that tell nothing, one of them with a title that leaves the unit open."""
    folder = store.feeds / FEED / "2022"
    shutil.copytree(HOME.parent, folder)
    draft.say("Ngày lập", dt.date(2023, 6, 1))
    (folder / "ZZ moi.xlsx").write_bytes(draft.xlsx())
    draft.put("1.2", "Tự đánh giá", 8.5)
    draft.say("Mã đơn vị", None)
    draft.say("Ngày lập", dt.date(2023, 5, 1))
    (folder / "khong ro.xlsx").write_bytes(draft.xlsx())
    read, parse = list[str](), self_assessment.parse

    def spy(received: Received, known: Known) -> Extract:
        read.append(received.name)
        return parse(received, known)

    monkeypatch.setattr(self_assessment, "parse", spy)
    in_this_process(monkeypatch)
    draft.say("Ngày lập", dt.date(2023, 5, 15))
    answer = serve(Desk(store, known), draft.xlsx())
    assert sorted(read) == ["VN63-19.xlsx", "ZZ moi.xlsx", "khong ro.xlsx", "phieu.xlsx"]
    assert answer.refusal is not None
    assert (answer.refusal.reason, answer.standing.file_name) == ("older_than_held", "ZZ moi.xlsx")
    read.clear()
    serve(Desk(store, known), draft.csv(), "phieu.csv")
    assert sorted(read) == ["VN63-19.xlsx", "ZZ moi.xlsx", "khong ro.xlsx", "phieu.csv"]


def test_withdrawing_lets_the_one_before_count_again(desk: Desk, store: Store, draft: Draft) -> None:
    serve(desk, HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 8.5)
    serve(desk, draft.xlsx())
    gone, counting = withdraw(store, 2, "sent by mistake")
    assert (gone.number, counting and counting.number, counts(store)) == (2, 1, [1])
    with pytest.raises(Refused, match="does not count"):
        withdraw(store, 2, "again")
    with pytest.raises(Missing):
        withdraw(store, 7, "no such")
    assert withdraw(store, 1, "that one, too")[1] is None


@pytest.mark.parametrize(
    ("offer", "message"),
    [
        (Offer(HOME.read_bytes(), "a.xlsx", "no_such"), "no feed is called no_such"),
        (Offer(HOME.read_bytes(), "a.xlsx", FEED, period="latest"), "'latest' is no period"),
        (Offer(HOME.read_bytes(), "a.xlsx", FEED, period="2022-13"), "'2022-13' is no period"),
        (Offer(b"unit,value\n", "a.csv", "published_results", period="1850"), "holds 2020 to .*, not 1850"),
        (Offer(HOME.read_bytes(), "a.xlsx", FEED, sender="Atlantis"), "'Atlantis' means 0 units"),
        (Offer(PUBLISHED.encode(), "a.csv", "published_results"), "doesn't say its period"),
    ],
)
def test_what_is_asked_wrongly_is_no_submission(desk: Desk, store: Store, offer: Offer, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        list(desk.serve([offer]))
    assert store.landing.receipts() == []


def test_a_file_is_confirmed_beside_what_counts_by_then(desk: Desk, store: Store) -> None:
    """Three files print one figure; while all wait, each alone would count."""
    rows = [f"VN63,Huế,score_overall,0.{n},https://example.vn/x,verbatim\n" for n in (5, 6, 7)]
    more = "VN63,Hà Nội,score_overall,0.6,https://example.vn/x,verbatim\n"
    for name, content in {"a.csv": rows[0], "b.csv": rows[1], "c.csv": rows[2] + more}.items():
        sent = serve(desk, (PUBLISHED + content).encode(), name, feed="published_results", period="2022")
        assert sent.outcome == "waiting"
    assert desk.confirm(1, "compared with its source").answer.counted["new"] == 1
    with pytest.raises(
        Refused, match=r"Receipt 2 can't be confirmed: .+ which a\.csv, line 2, column value gives already"
    ):
        desk.confirm(2, "compared with its source")
    assert counts(store) == [1]
    partly = desk.confirm(3, "compared with its source").answer
    assert (partly.outcome, partly.counted["new"]) == ("accepted_in_part", 1)
    assert [each.reason for each in partly.errors] == ["contradicts_another"]


def test_a_file_is_not_confirmed_after_a_later_one_whose_name_differs_in_capitals_alone(
    desk: Desk, store: Store
) -> None:
    for name, value in (("m.csv", 5), ("M.csv", 6), ("m.csv", 7)):
        row = f"VN63,Huế,score_overall,0.{value},https://example.vn/x,verbatim\n"
        serve(desk, (PUBLISHED + row).encode(), name, feed="published_results", period="2022")
    desk.confirm(3, "compared with its source")
    with pytest.raises(Refused, match="Receipt 2 can't be confirmed any more: receipt 3 came after it and counts"):
        desk.confirm(2, "compared with its source")
    assert counts(store) == [3]


def test_a_feed_without_senders_is_compared_by_file_name(desk: Desk) -> None:
    rows = [f"VN63,{name},score_overall,0.{n},https://printed.vn,verbatim\n" for n, name in ((5, "Hà Nội"), (6, "Huế"))]
    first = serve(desk, (PUBLISHED + rows[0]).encode(), "p.csv", feed="published_results", period="2022")
    assert (first.outcome, first.counted["new"], first.sender) == ("waiting", 1, None)
    assert first.receipt
    assert desk.confirm(first.receipt, "compared with its source").answer.outcome == "accepted"
    second = serve(desk, (PUBLISHED + "".join(rows)).encode(), "p.csv", feed="published_results", period="2022")
    assert second.counted == {"new": 1, "changed": 0, "unchanged": 1, "withdrawn": 0}


def test_the_answer_is_json_with_both_languages(desk: Desk, draft: Draft) -> None:
    draft.put("1.2", "Tự đánh giá", "tốt")
    told = json.loads(json.dumps(serve(desk, draft.xlsx()).to_dict()))
    assert told["outcome"] == "accepted_in_part"
    assert told["errors"] == 1
    finding = next(each for each in told["findings"] if each["severity"] == "error")
    assert finding["why"].keys() == finding["mend"].keys() == {"vi", "en"}
    assert (finding["read"], finding["error_class"]) == ("tốt", "value")


def test_a_file_that_cannot_be_read_is_told_what_counts_of_its_sender(desk: Desk) -> None:
    serve(desk, HOME.read_bytes())
    for content, reason in ((b"PK\x03\x04", "damaged"), (HOME.with_name("VN63-01.xlsx").read_bytes(), "wrong_sender")):
        answer = serve(desk, content, sender="VN63-19", period="2022")
        assert answer.refusal is not None
        assert (answer.refusal.reason, answer.standing.receipt, answer.standing.this_one) == (reason, 1, False)
