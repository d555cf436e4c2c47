"""Every file is judged when it comes: nothing that counts is taken away in silence, by whatever way a file comes."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from dti_platform import feeds, units
from dti_platform.feeds import Known
from dti_platform.report.terminal import arrivals
from dti_platform.storage import Confirmation, Refused, Store, account
from dti_platform.submissions import Desk, Offer, Reception, Register, keep_answer, list_answers, unanswered, withdraw
from dti_platform.submissions.answer import Answer
from dti_platform.submissions.reception import MOST_RETRIED, SENT_AGAIN
from tests.feeds.drafts import HOME, Draft
from tests.languages import english
from tests.submissions.in_process import in_this_process

pytestmark = pytest.mark.usefixtures("answer_alone")

FEED = "self_assessment"
SELF = "Tự đánh giá"


@pytest.fixture(autouse=True)
def opened_here(monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "feeds").mkdir()
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


@pytest.fixture
def whole(draft: Draft) -> bytes:
    return draft.csv()


@pytest.fixture
def part(draft: Draft) -> bytes:
    """The same without two figures: one is left out, one can't be read."""
    draft.put("1.2", SELF, None)
    draft.put("1.3", SELF, "tốt")
    return draft.csv()


def submit(
    store: Store,
    known: Known,
    content: bytes,
    name: str = "phieu.csv",
    period: str | None = None,
    *,
    answered: bool = True,
) -> Answer:
    """Hands a file in; the answer is kept, unless the process is killed before that."""
    (served,) = Desk(store, known).serve([Offer(content, name, FEED, period=period)])
    if answered:
        keep_answer(store, served)
    return served.answer


def put(folder: Path, content: bytes, place: str = "2022/phieu.csv") -> Path:
    path = folder / FEED / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def told(store: Store, receipt: int) -> dict[str, Any]:
    return json.loads((store.answers().places()[str(receipt)] / "answer.json").read_bytes())


def standing(store: Store) -> list[int]:
    return [each.number for each in store.landing.standing()]


def waiting(store: Store) -> list[int]:
    return [each.number for each in store.landing.held().waiting()]


def test_a_submission_that_lacks_figures_waits_and_the_same_sent_again_confirms_it(
    store: Store, known: Known, whole: bytes, part: bytes
) -> None:
    submit(store, known, whole)
    answer = submit(store, known, part)
    assert (answer.outcome, answer.receipt, answer.standing.receipt, answer.counted["withdrawn"]) == (
        "waiting",
        2,
        1,
        2,
    )
    assert (standing(store), waiting(store)) == ([1], [2])
    again = submit(store, known, part, "another name.csv")
    assert (again.outcome, again.receipt, again.supersedes) == ("accepted_in_part", 2, 1)
    assert (standing(store), waiting(store), len(store.landing.receipts())) == ([2], [], 2)
    (confirmation,) = (each for each in store.landing.history() if isinstance(each, Confirmation))
    assert (confirmation.receipts, confirmation.by, confirmation.reason) == ([2], account(), SENT_AGAIN)
    assert told(store, 2)["outcome"] == "accepted_in_part", "the answer is given anew"


def test_what_nobody_was_told_of_is_not_confirmed_by_sending_it_again(
    store: Store, known: Known, whole: bytes, part: bytes
) -> None:
    submit(store, known, whole)
    submit(store, known, part, answered=False)
    again = submit(store, known, part)
    assert (again.outcome, again.receipt, standing(store)) == ("waiting", 2, [1])
    (first, second) = (each.answer for each in Desk(store, known).serve([Offer(part, "phieu.csv", FEED)] * 2))
    assert (first.outcome, second.outcome) == ("accepted_in_part", "unchanged")


def test_in_the_inbox_a_second_name_confirms_once_the_first_was_answered(
    store: Store, known: Known, whole: bytes, part: bytes
) -> None:
    put(store.inbox, whole)
    Reception(store, known).take()
    put(store.inbox, part)
    put(store.inbox, part, "2022/phieu (1).csv")
    Reception(store, known).take()
    assert [told(store, number)["outcome"] for number in (1, 2, 3)] == ["accepted", "waiting", "waiting"]
    assert (standing(store), waiting(store)) == ([1], [2]), "a browser's second copy is nobody's word"
    Reception(store, known).take()
    assert (standing(store), len(store.landing.receipts())) == ([1], 3), "nor is what lies there still"
    put(store.inbox, part, "2022/confirmed.csv")
    Reception(store, known).take()
    assert (standing(store), waiting(store)) == ([2], [])
    answer = told(store, 4)
    assert (answer["outcome"], answer["standing"]["receipt"]) == ("accepted_in_part", 2)
    assert (answer["standing"]["file_name"], answer["confirms"], answer["supersedes"]) == ("phieu (1).csv", 2, 1)
    assert answer["effect"]["vi"].startswith("Biên nhận 4 xác nhận biên nhận 2. ")
    assert answer["effect"]["vi"].endswith(" 2 số liệu được chấp nhận trước đó không còn được tính.")
    list_answers(store)
    listed = json.loads((store.answers().places()["2"].parent / "index.json").read_bytes())
    assert listed["2"]["since"]["vi"].startswith("đã được biên nhận 4 xác nhận lúc ")
    replaced = [each.to_dict() for each in Register(store).replacements(after=3)]
    assert [(each["receipt"], each["confirms"], each["replaces"]) for each in replaced] == [(4, 2, 1)]


def test_without_senders_the_same_bytes_under_another_name_confirm_what_came_under_the_first(
    store: Store, known: Known
) -> None:
    def come(name: str, *rows: str) -> dict[str, Any]:
        path = store.inbox / "verification" / "2022" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["unit_id,code,verified", *rows]), encoding="utf-8")
        Reception(store, known).take()
        return told(store, len(store.landing.receipts()))

    both, one = ("VN63-19,1.2,7", "VN63-19,1.3,5"), ("VN63-19,1.2,8",)
    come("a.csv", *both)
    assert come("a.csv", *one)["outcome"] == "waiting"
    answer = come("b.csv", *one)
    assert (answer["outcome"], answer["file_name"], answer["standing"]["file_name"]) == ("accepted", "b.csv", "a.csv")
    assert answer["counted"] == {"new": 0, "changed": 1, "unchanged": 0, "withdrawn": 1}
    assert answer["effect"]["en"].startswith("Receipt 3 confirms receipt 2. ")
    page = (store.answers().places()["3"] / "answer.html").read_text(encoding="utf-8")
    assert "lưu lại với tên a.csv rồi gửi" in page, "its name stands for its sender"


def test_without_senders_the_same_bytes_under_another_name_change_nothing_and_go_with_the_first(
    store: Store, known: Known
) -> None:
    def come(name: str, *rows: str) -> Answer:
        content = "\n".join(["unit_id,code,verified", *rows]).encode()
        path = store.inbox / "verification" / "2022" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        Reception(store, known).take()
        return next(Desk(store, known).serve([Offer(content, name, "verification", period="2022")])).answer

    come("a.csv", "VN63-19,1.2,7.5", "VN63-19,1.3,5")
    second = ("VN63-19,1.2,10", "VN63-19,1.3,5", "VN63-19,1.4,5")
    assert [come("b.csv", *second).cells[name] for name in ("accepted", "quarantined")] == [5, 1]
    answer = come("copy of b.csv", *second)
    assert (answer.outcome, answer.standing.receipt, answer.standing.file_name) == ("unchanged", 2, "b.csv")
    assert (answer.cells["quarantined"], answer.counted["unchanged"]) == (1, 1), "as it counts beside the first"
    assert [each.reason for each in answer.errors] == ["contradicts_another"]
    assert (told(store, 3)["cells"], standing(store)) == (answer.cells, [1, 2])
    come("b.csv", "VN63-19,1.3,5", "VN63-19,1.4,7.5")
    assert standing(store) == [1, 2, 4], "the copy does not count beside the corrected file"


def test_confirming_by_number(store: Store, known: Known, whole: bytes, part: bytes, draft: Draft) -> None:
    submit(store, known, whole)
    submit(store, known, part)
    answer = Desk(store, known).confirm(2, "the rest was a mistake").answer
    assert (answer.outcome, answer.receipt, answer.counted["withdrawn"]) == ("accepted_in_part", 2, 2)
    assert answer.confirmed_at == store.landing.held().confirmed[2].confirmed_at
    assert standing(store) == [2]
    with pytest.raises(Refused, match="doesn't wait"):
        Desk(store, known).confirm(2, "again")
    draft.put("1.4", SELF, None)
    submit(store, known, draft.csv())
    submit(store, known, whole)
    with pytest.raises(Refused, match="receipt 4 came after it and counts"):
        Desk(store, known).confirm(3, "too late")
    withdraw(store, 4, "a mistake")
    assert (standing(store), waiting(store)) == ([2], [3])


def test_a_committed_file_waits_where_it_would_take_away_what_a_unit_sent(
    store: Store, known: Known, whole: bytes, part: bytes, draft: Draft
) -> None:
    put(store.feeds, whole, "2022/VN63-19.csv")
    Reception(store, known).take()
    put(store.feeds, part, "2022/VN63-19.csv")
    Reception(store, known).take()
    assert ([each.number for each in store.landing.standing() if each.sender], waiting(store)) == ([2], [])
    draft.put("1.2", SELF, 8.5)
    assert submit(store, known, draft.csv()).outcome == "accepted_in_part"
    draft.put("1.5", SELF, None)
    put(store.feeds, draft.csv(), "2022/VN63-19.csv")
    Reception(store, known).take()
    assert ([each.number for each in store.landing.standing() if each.sender], waiting(store)) == ([3], [4])


def test_what_is_decided_on_a_ledger_that_moved_is_decided_again(
    store: Store, known: Known, whole: bytes, part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process receives the whole file between the look at what counts and the receipt."""
    receive_all = store.landing.receive_all
    meanwhile = [lambda: submit(Store(store.root, feeds=store.feeds), known, whole)]

    def slow(*batch: Any, **named: Any) -> Any:
        if meanwhile:
            meanwhile.pop()()
        return receive_all(*batch, **named)

    monkeypatch.setattr(store.landing, "receive_all", slow)
    answer = submit(store, known, part)
    assert (answer.outcome, answer.receipt, standing(store)) == ("waiting", 2, [1])


def test_a_file_that_another_process_took_is_not_received_twice(
    store: Store, known: Known, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store.inbox, whole)
    from dti_platform.submissions import reception

    seen = reception.new_arrivals(store, reception.arrived(store))
    Reception(store, known).take()
    monkeypatch.setattr(reception, "new_arrivals", lambda *_: seen)
    assert Reception(store, known).take().new == 0


def test_refused_files_are_read_again_after_an_upgrade_and_then_wait(
    store: Store, known: Known, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store.inbox, b"PK\x03\x04", "2022/broken.xlsx")
    put(store.inbox, whole, "2021/phieu.csv")
    Reception(store, known).take()
    assert [each.refusal for each in store.landing.receipts()] == ["wrong_period", "damaged"]
    assert Reception(store, known).retry() == 0, "the same reader refuses the same"
    parse = feeds.discover()[FEED].parse
    monkeypatch.setattr(feeds, "reader_version", lambda _: "newer")
    assert (Reception(store, known).retry(), Reception(store, known).retry()) == (2, 0)
    monkeypatch.setattr(feeds, "reader_version", lambda _: "newest")
    monkeypatch.setattr(
        feeds.discover()[FEED], "parse", lambda received, known: parse(feeds_of(received, "2022"), known)
    )
    assert Reception(store, known).retry() == 2
    assert (standing(store), waiting(store), len(store.landing.receipts())) == ([], [3], 3)
    again = store.landing.receipt(3)
    assert (again.channel, again.name, again.rule) == ("inbox", "phieu.csv", feeds.RULE)
    assert told(store, 3)["outcome"] == "waiting"
    monkeypatch.setattr(feeds, "reader_version", lambda _: "yet newer")
    assert Reception(store, known).retry() == 1, "what waits is not read once more"
    withdraw(store, 2, "not a file")
    monkeypatch.setattr(feeds, "reader_version", lambda _: "the last")
    assert Reception(store, known).retry() == 0


def feeds_of(received: feeds.Received, period: str) -> feeds.Received:
    from dataclasses import replace

    return replace(received, period=period)


def test_so_many_refused_files_are_read_again_at_once(
    store: Store, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_RETRIED + 3):
        put(store.inbox, b"PK%d" % number, f"2022/{number:02}.xlsx")
    Reception(store, known).take()
    monkeypatch.setattr(feeds, "reader_version", lambda _: "newer")
    assert [Reception(store, known).retry() for _ in range(3)] == [MOST_RETRIED, 3, 0]


def test_an_older_sheet_is_not_refused_by_its_reader(store: Store, known: Known, draft: Draft) -> None:
    for day in ("01/06/2023", "01/05/2023"):
        draft.say("Ngày lập", day)
        submit(store, known, draft.csv())
    assert [(each.refusal, each.reader) for each in store.landing.receipts()] == [("", ""), ("older_than_held", "")]


def test_a_folder_of_a_unit_says_who_sends(store: Store, known: Known, whole: bytes, draft: Draft) -> None:
    """Every layout, and one file name in the folders of two units."""
    put(store.inbox, whole, "VN63-01/2022/phieu.csv")
    put(store.inbox, whole, "VN63-19/phieu.csv")
    draft.say("Mã đơn vị", "VN63-02")
    draft.say("Đơn vị", "Hà Giang")
    put(store.inbox, draft.csv(), "VN63-02/2022/phieu.csv")
    taken = Reception(store, known).take()
    assert (taken.new, taken.refused) == (3, ())
    assert [(each.folder, each.sender, each.refusal) for each in store.landing.receipts()] == [
        ("VN63-01", "VN63-01", "wrong_sender"),
        ("VN63-02", "VN63-02", ""),
        ("VN63-19", "VN63-19", ""),
    ]
    assert {each.by for each in store.landing.receipts()} == {account()}
    assert Reception(store, known).take().new == 0
    assert told(store, 1)["sender"]["unit"] == "VN63-01"


def test_folders_of_nobody_are_named(store: Store, known: Known, whole: bytes) -> None:
    put(store.inbox, whole, "VN63-99/phieu.csv")
    put(store.inbox, whole, "Sao Hỏa/2022/phieu.csv")
    put(store.inbox, whole, "VN63-19/latest/phieu.csv")
    put(store.inbox, whole, "phieu.csv")
    put(store.inbox, whole)
    put(store.inbox, whole, "../published_results/VN63-19/2022/provinces.csv")
    put(store.feeds, whole, "VN63-19/2022/phieu.csv")
    taken = Reception(store, known).take()
    assert [(each.folder or each.period, english(each.refusal)) for each in taken.refused] == [
        ("VN63-19", "the folder VN63-19 is no unit such as VN63-19"),
        ("VN63-19", "published_results has no senders, so no folders of them"),
        ("Sao Hỏa", "the folder Sao Hỏa is no unit such as VN63-19"),
        ("VN63-19", "the folder latest is no period such as 2022 or 2022-S1"),
        ("VN63-99", "no unit is called VN63-99"),
        ("2022", "has the name of another file of its period"),
    ]
    assert taken.new == 1


def test_what_a_killed_process_received_is_answered_later_unless_it_is_withdrawn(
    store: Store, known: Known, whole: bytes, part: bytes
) -> None:
    submit(store, known, whole, answered=False)
    submit(store, known, part, answered=False)
    submit(store, known, b"PK\x03\x04", "broken.xlsx", "2022", answered=False)
    submit(store, known, b"PK\x03\x05", "broken.xlsx", "2022", answered=False)
    withdraw(store, 4, "no file at all")
    assert [each.number for each in unanswered(store)] == [1, 2, 3]
    assert Reception(store, known).answer_rest() == 3
    assert [told(store, number)["outcome"] for number in (1, 2, 3)] == ["accepted", "waiting", "refused"]
    assert not store.answers().has("4")


def test_a_refusal_stands_as_recorded_whatever_reads_the_file_today(
    store: Store, known: Known, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store.inbox, whole, "2021/phieu.csv")
    Reception(store, known).take()
    shutil.rmtree(store.root / "answers")
    parse = feeds.discover()[FEED].parse
    monkeypatch.setattr(
        feeds.discover()[FEED], "parse", lambda received, known: parse(feeds_of(received, "2022"), known)
    )
    Reception(store, known).answer_rest()
    assert (told(store, 1)["outcome"], told(store, 1)["refusal"]["reason"]) == ("refused", "wrong_period")


def test_withdrawing_opens_no_file(
    store: Store, known: Known, whole: bytes, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store.inbox, HOME.read_bytes(), "2022/phieu.xlsx")
    submit(store, known, whole)
    draft.put("1.2", SELF, 8.5)
    submit(store, known, draft.csv())
    put(store.inbox, b"PK\x03\x04", "2022/broken.xlsx")
    Reception(store, known).take()

    def never(*_: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(store.landing, "read", never)
    monkeypatch.setattr(feeds, "read_apart", never)
    for number, counting in ((4, None), (3, 2), (2, 1), (1, None)):
        gone, counts = withdraw(store, number, "sent by mistake")
        assert (gone.number, counts and counts.number) == (number, counting)


def test_what_was_printed_is_not_printed_otherwise_by_a_file_that_came(
    tmp_path: Path, project: Path, known: Known
) -> None:
    """However often it comes: a person who has compared it with its source lets it count."""
    of_2022 = Path("published_results") / "2022" / "provinces.csv"
    store = Store(tmp_path / "data", feeds=tmp_path / "feeds")
    text = (project / "data" / "feeds" / of_2022).read_text(encoding="utf-8")
    for folder, content in (("feeds", text), ("data/inbox", text.replace("rank_overall,24,", "rank_overall,6,", 1))):
        path = tmp_path / folder / of_2022
        path.parent.mkdir(parents=True)
        path.write_text(content, encoding="utf-8")
    assert "rank_overall,24," in text
    Reception(store, known).take()
    (waiting,) = store.landing.held().waiting()
    again = Offer((tmp_path / "data/inbox" / of_2022).read_bytes(), "provinces.csv", "published_results", period="2022")
    (served,) = Desk(store, known).serve([again])
    assert served.answer.outcome == "waiting"
    assert "./dti confirm" in served.answer.effect.en
    assert waiting.number in {each.number for each in store.landing.held().waiting()}
    assert "rank_overall,24," in store.landing.read(store.landing.standing(2022)[-1].sha256).decode()


NATIONAL = "national_report/2022/indicators.csv"


def test_a_file_from_outside_under_a_committed_name_waits_for_an_operator_however_often_it_comes(
    tmp_path: Path, project: Path, known: Known
) -> None:
    """Whatever its figures are of: in a feed without senders nobody else says whose they are."""
    committed = (project / "data" / "feeds" / NATIONAL).read_text("utf-8")
    (tmp_path / "feeds" / NATIONAL).parent.mkdir(parents=True)
    (tmp_path / "feeds" / NATIONAL).write_text(committed, "utf-8")
    store = Store(tmp_path / "data", feeds=tmp_path / "feeds")
    Reception(store, known).take()
    for name in ("indicators.csv", "again.csv"):
        path = store.inbox / "national_report" / "2022" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(committed.replace("2022,14.26", "2022,41.26"), "utf-8")
        Reception(store, known).take()
    assert [each.number for each in store.landing.standing()] == [1]
    (served,) = Reception(store, known).answer([store.landing.receipt(2)])
    assert (served.answer.outcome, served.answer.counted["changed"]) == ("waiting", 1)
    store.landing.confirm(2, "compared with its source")
    assert [each.number for each in store.landing.standing()][:2] == [1, 2], "the reading says which counts"
    (store.inbox / NATIONAL).write_text(committed.replace("2022,14.26", "2022,51.26"), "utf-8")
    Reception(store, known).take()
    assert store.landing.receipts()[-1].waiting, "also in the place of one that an operator let count"


def test_a_withdrawal_of_a_copy_leaves_the_committed_file(tmp_path: Path, project: Path, known: Known) -> None:
    content = (project / "data" / "feeds" / NATIONAL).read_bytes()
    (tmp_path / "feeds" / NATIONAL).parent.mkdir(parents=True)
    (tmp_path / "feeds" / NATIONAL).write_bytes(content)
    store = Store(tmp_path / "data", feeds=tmp_path / "feeds")
    Reception(store, known).take()
    for name in ("copy.csv", "another.csv"):
        copy = store.inbox / "national_report" / "2022" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        Reception(store, known).take()
    assert [each.repeats for each in store.landing.receipts()] == [0, 1, 1], "the same bytes come no second time"
    withdraw(store, 2, "sent by mistake")
    assert [each.number for each in store.landing.standing()] == [1]


def test_a_withdrawal_takes_the_copies_along_that_nobody_confirmed(store: Store, known: Known) -> None:
    content = "geography,unit,metric,value,source,certainty\nVN63,Huế,rank_overall,5,https://s.vn,verbatim\n".encode()
    for name in ("a.csv", "b.csv", "c.csv"):
        next(Desk(store, known).serve([Offer(content, name, "published_results", period="2022")]))
    store.landing.confirm(1, "compared with its source")
    withdraw(store, 1, "forged")
    assert store.landing.standing() == []
    assert store.landing.held().waiting() == []


REPORT = "geography,province,indicator,name_vi,name_en,period,value,unit,source,certainty"


def report(*values: int, geography: str = "VN63", period: str = "2023") -> str:
    """Figures of provinces in the order of the list."""
    known = units.load(check=False)
    provinces = [known.all[unit].name_vi for unit in known.geographies[geography]]
    rows = zip(provinces, values, strict=False)
    given = [
        f"{geography},{name},community_digital_teams,,,{period},{value},teams,https://s.vn,verbatim"
        for name, value in rows
    ]
    return "\n".join([REPORT, *given, ""])


def come(store: Store, known: Known, name: str, content: str, period: str = "2023") -> dict[str, Any]:
    """What is told of a report that somebody put into the folder of a period."""
    path = store.inbox / "provincial_report" / period / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    assert Reception(store, known).take().new == 1
    return told(store, len(store.landing.receipts()))


@pytest.mark.parametrize(("period", "outcome"), [("9999", "refused"), ("2019", "refused"), ("2020", "accepted")])
def test_a_year_that_no_run_reads_is_refused_with_the_years_that_there_are(
    store: Store, known: Known, period: str, outcome: str
) -> None:
    answer = come(store, known, "r.csv", report(3, period=period), period)
    assert answer["outcome"] == outcome
    if outcome == "refused":
        found = answer["refusal"]["detail"]["en"]
        assert found == f"r.csv was sent for {period}; the platform holds 2020 to {store.clock().year}"
        assert [each.reason for each in Register(store).to_look_at().refused] == ["year_not_held"]


@pytest.mark.parametrize(
    ("place", "stated", "header"),
    [
        ("9999/phieu.csv", "2022", SELF),
        ("9999/phieu.csv", None, SELF),
        ("9999/phieu.csv", "9999", "Điểm"),
        ("phieu.csv", "9999", SELF),
    ],
)
def test_the_year_of_a_sheet_is_asked_before_all_else_and_answered_to_its_unit(
    store: Store, known: Known, draft: Draft, place: str, stated: str | None, header: str
) -> None:
    draft.say("Kỳ", stated)
    draft.header[draft.column(SELF)] = header
    put(store.inbox, draft.csv(), place)
    Reception(store, known).take()
    answer = told(store, 1)
    assert (answer["refusal"]["reason"], answer["period"]) == ("year_not_held", "9999")
    assert f"từ năm 2020 đến năm {store.clock().year}" in answer["refusal"]["detail"]["vi"]
    assert store.answers().places()["1"].parent.name == "VN63-19"
    assert [each.receipt.number for each in Register(store).lines(units=["VN63-19"])] == [1]


@pytest.mark.parametrize("name", ["a.csv", "b.csv"])
def test_a_withdrawn_file_that_comes_again_waits_for_an_operator_and_says_so_first(
    store: Store, known: Known, name: str
) -> None:
    come(store, known, "a.csv", report(3))
    withdraw(store, 1, "wrong year")
    content = report(3).encode()
    for _ in range(2):
        (served,) = Desk(store, known).serve([Offer(content, name, "provincial_report", period="2023")])
        keep_answer(store, served)
        assert (served.answer.outcome, served.answer.receipt) == ("waiting", 2), "the same again confirms nothing"
        assert "was withdrawn before (receipt 1)" in served.answer.effect.en
        assert [each.reason for each in served.answer.findings] == ["withdrawn_before"]
    (line,) = Register(store).to_look_at().waiting
    assert line.withdrawn_before == 1
    (shown,) = arrivals(
        {"refused": [], "withdrawn": [], "outdated": [], "replaced": [], "waiting": [line.to_dict()]}, "en"
    )
    assert "was withdrawn before (receipt 1): ./dti confirm 2" in shown
    assert standing(store) == []
    Desk(store, known).confirm(2, "it was right")
    assert standing(store) == [2]
    (served,) = Desk(store, known).serve([Offer(content, "c.csv", "provincial_report", period="2023")])
    assert served.answer.outcome != "waiting", "it counts by now"


def found(answer: dict[str, Any], reason: str) -> list[tuple[str, str]]:
    """Place and English text of the findings of a reason."""
    return [(each["locator"], each["why"]["en"]) for each in answer["findings"] if each["reason"] == reason]


def test_a_figure_of_which_another_source_gives_another_value_waits_and_names_both(store: Store, known: Known) -> None:
    """Beside it new figures count as ever, and so does the same value by another source."""
    come(store, known, "a.csv", report(3))
    other = report(4, 5).replace("teams,https://s.vn,", "teams,https://t.vn,")
    answer = come(store, known, "b.csv", other)
    assert (answer["outcome"], answer["by_operator"]) == ("waiting", True)
    of = "Hanoi, Community digital technology teams"
    both = f"{of}: this file gives 4 teams, but 3 teams counts already (a.csv, line 2, column value)"
    assert found(answer, "contradicts_standing") == [("line 2, column value", both)]
    assert come(store, known, "c.csv", other)["outcome"] == "waiting", "the same again confirms nothing"
    assert (
        come(store, known, "d.csv", report(3, 5).replace("teams,https://s.vn,", "teams,https://t.vn,"))["outcome"]
        == "accepted"
    )
    Desk(store, known).confirm(2, "both sources say so")
    assert come(store, known, "b.csv", other + report(4, 5, 6).splitlines()[-1] + "\n")["outcome"] == "accepted"


@pytest.mark.parametrize(("indicator", "unit"), [("provincial_dti_mean", "index 0-1"), ("un_egdi_rank", "rank")])
def test_a_report_that_repeats_a_result_of_the_index_waits_as_the_result_itself_does(
    store: Store, known: Known, indicator: str, unit: str
) -> None:
    header = "indicator,name_vi,name_en,period,value,unit,source,certainty,plan,plan_document,plan_certainty"
    content = f"{header}\n{indicator},,,2023,1,{unit},https://s.vn,verbatim,,,\n".encode()
    (served,) = Desk(store, known).serve([Offer(content, "q.csv", "national_report", period="2023")])
    assert served.answer.outcome == ("waiting" if indicator == "provincial_dti_mean" else "accepted")


def test_withdrawn_figures_that_come_again_in_other_bytes_wait_unless_another_file_gives_them(
    store: Store, known: Known
) -> None:
    come(store, known, "a.csv", report(3, 4))
    withdraw(store, 1, "wrong year")
    answer = come(store, known, "b.csv", report(3, 5) + "\n")
    assert (answer["outcome"], answer["by_operator"]) == ("waiting", True)
    (again,) = found(answer, "withdrawn_before")
    assert again[1] == "1 figures of this file stood only in a.csv, which was withdrawn (receipt 1)"
    assert come(store, known, "c.csv", report(6, 7))["outcome"] == "accepted", "it was corrected"
    Desk(store, known).confirm(2, "it was right")
    assert found(come(store, known, "d.csv", report(3) + "\n"), "withdrawn_before") == []


@pytest.mark.parametrize(
    ("account_of_it", "content", "outcome"),
    [
        ("binh", report(8, 4), "waiting"),
        ("binh", report(3), "waiting"),
        ("binh", report(3, 4, 5), "accepted"),
        ("an", report(8, 4), "accepted"),
    ],
)
def test_a_file_in_the_place_of_another_account_s_changes_its_figures_once_an_operator_confirms(
    store: Store, known: Known, monkeypatch: pytest.MonkeyPatch, account_of_it: str, content: str, outcome: str
) -> None:
    def sent(by: str, text: str) -> Answer:
        monkeypatch.setenv("DTI_USER", by)
        (served,) = Desk(store, known).serve([Offer(text.encode(), "q.csv", "provincial_report", period="2023")])
        keep_answer(store, served)
        return served.answer

    sent("an", report(3, 4))
    for _ in range(2):
        answer = sent(account_of_it, content)
        assert answer.outcome in (outcome, "unchanged"), "the same again confirms nothing"
        reasons = {each.reason for each in answer.findings}
        assert ("of_another_sender" in reasons) == (outcome == "waiting")


def test_a_unit_s_file_without_a_sender_changes_what_another_account_sent_once_an_operator_confirms(
    store: Store, known: Known, monkeypatch: pytest.MonkeyPatch, whole: bytes, draft: Draft
) -> None:
    monkeypatch.setenv("DTI_USER", "an")
    submit(store, known, whole)
    draft.put("1.2", SELF, 1)
    monkeypatch.setenv("DTI_USER", "binh")
    for sender, outcome in ((None, "waiting"), (None, "waiting"), ("VN63-19", "accepted")):
        offer = Offer(draft.csv(), "phieu.csv", FEED, sender=sender)
        (served,) = Desk(store, known).serve([offer])
        keep_answer(store, served)
        assert served.answer.outcome == outcome


@pytest.mark.parametrize(
    ("first", "second"), [("Thái.csv", "THÁI.csv"), ("Huế.csv", unicodedata.normalize("NFD", "Huế.csv"))]
)
def test_a_name_that_differs_in_capitals_or_marks_alone_replaces_which_answer_and_run_say(
    store: Store, known: Known, first: str, second: str
) -> None:
    come(store, known, first, report(3))
    answer = come(store, known, second, report(4))
    assert (first != second, answer["outcome"], answer["supersedes"]) == (True, "accepted", 1)
    (remark,) = (each["why"]["en"] for each in answer["findings"] if each["reason"] == "other_spelling")
    assert remark.startswith(f"{second} takes the place of {first} (receipt 1)")
    replaced = [each.to_dict() for each in Register(store).replacements(after=1)]
    (shown,) = arrivals({"refused": [], "withdrawn": [], "outdated": [], "replaced": replaced, "waiting": []}, "en")
    assert f"counts in the place of receipt 1 ({first}), for their names differ in capitals" in shown
    answer = come(store, known, "another.csv", report(4, 5, 6))
    assert "other_spelling" not in {each["reason"] for each in answer["findings"]}
