"""A shared folder is all that a sender needs: what lies there counts by the same rule, and is answered."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform import feeds
from dti_platform.feeds import Known
from dti_platform.publications import of_release
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer, Reception, Register, forms, list_answers, unanswered, withdraw
from dti_platform.submissions.folders import arrived, batches
from tests.feeds.drafts import HOME, Draft
from tests.languages import english

pytestmark = pytest.mark.usefixtures("answer_alone")

UNIT = "VN63-19"
FOLDER = Path("self_assessment", "2022")
#: The times in a list.
WHEN = re.compile(r" lúc [\d/: ]+\(giờ Việt Nam\)")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "feeds").mkdir()
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def put(store: Store, content: bytes, name: str = "phieu.xlsx") -> Path:
    path = store.inbox / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def come(store: Store, known: Known, content: bytes, name: str = "phieu.xlsx") -> dict[str, Any]:
    """What is told to whoever put a file into the folder."""
    put(store, content, name)
    assert Reception(store, known).take().new == 1
    list_answers(store)
    return told(store, len(store.landing.receipts()))


def told(store: Store, receipt: int) -> dict[str, Any]:
    (answer,) = (store.root / "answers").glob(f"*/{receipt}/answer.json")
    return json.loads(answer.read_bytes())


def by_the_main_job(store: Store, number: int) -> bool:
    from dti_platform.orchestration.run import run_main_job

    outcome = run_main_job(store, ["2022"])
    assert outcome.failure is None, (number, outcome.checks["not_passed"])
    return outcome.release_is_new


def in_this_process(store: Store, number: int) -> bool:
    from dti_platform.pipeline import Platform
    from tests.pipeline.in_process import run, short_releases

    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch)
        return run(Platform(store), str(number), years=(2022,)).is_new


@pytest.mark.parametrize("run", [in_this_process, pytest.param(by_the_main_job, marks=pytest.mark.heavy)])
def test_a_spoilt_file_put_over_a_good_one_takes_nothing_away_and_a_good_one_over_it_counts(
    store: Store, draft: Draft, run: Callable[[Store, int], bool]
) -> None:
    def points() -> dict[str, float]:
        scores = of_release(store.releases.open(), "index_scores").filter(
            pl.col("unit") == UNIT, pl.col("node") == "1.2"
        )
        return dict(scores.select("basis", "points").iter_rows())

    def received() -> list[tuple[str, str]]:
        return store.tables.read("submissions", 2022).select("file_name", "status").rows()

    put(store, HOME.read_bytes())
    assert run(store, 1)
    before = points()
    put(store, HOME.read_bytes()[:9000])
    assert not run(store, 2)
    assert points() == before
    assert received() == [("phieu.xlsx", "accepted")]
    assert [each.name for each in store.landing.receipts()] == ["phieu.xlsx"] * 2
    refused = told(store, 2)
    assert (refused["outcome"], refused["refusal"]["reason"]) == ("refused", "damaged")
    assert (refused["standing"]["receipt"], refused["standing"]["this_one"]) == (1, False)
    draft.put("1.2", "Tự đánh giá", 8.5)
    path = put(store, draft.xlsx())
    assert run(store, 3)
    assert (points()["self"], received()) == (8.5, [("phieu.xlsx", "accepted")])
    path.unlink()
    assert not run(store, 4)
    assert points()["self"] == 8.5, "what arrived counts, though it no longer lies there"
    assert [each["outcome"] for each in map(told, [store] * 3, (1, 2, 3))] == ["accepted", "refused", "accepted"]


@pytest.mark.usefixtures("whole_answers")
def test_an_arrival_is_answered_in_every_form_beside_what_was_held_when_it_came(
    store: Store, known: Known, draft: Draft
) -> None:
    first = come(store, known, HOME.read_bytes())
    assert (first["outcome"], first["receipt"], first["counted"]["new"]) == ("accepted", 1, 98)
    folder = store.root / "answers" / UNIT / "1"
    assert {each.name for each in folder.iterdir()} == {"answer.json", *forms.discover()}
    assert {"answer.html", "answer.xlsx"} <= forms.discover().keys()
    draft.put("1.2", "Tự đánh giá", 8.5)
    second = come(store, known, draft.xlsx(), "phieu v2.xlsx")
    assert (second["outcome"], second["supersedes"], second["standing"]["receipt"]) == ("accepted", 1, 2)
    assert second["counted"] == {"new": 0, "changed": 1, "unchanged": 97, "withdrawn": 0}
    assert come(store, known, draft.xlsx(), "again.xlsx")["outcome"] == "unchanged"


def test_whoever_has_only_the_folder_finds_the_answer_in_a_list(store: Store, known: Known, draft: Draft) -> None:
    come(store, known, HOME.read_bytes(), "<b>phieu.xlsx")
    draft.put("1.2", "Tự đánh giá", "tốt")
    come(store, known, draft.xlsx(), "phieu v2.xlsx")
    page = (store.root / "answers" / UNIT / "index.html").read_text(encoding="utf-8")
    assert page.index('href="2/answer.html"') < page.index('href="1/answer.html"')
    assert "&lt;b&gt;phieu.xlsx" in page
    assert "Thái Nguyên" in page
    listed = json.loads((store.root / "answers" / UNIT / "index.json").read_bytes())
    assert [(name, each["outcome"], each["errors"]) for name, each in listed.items()] == [
        ("2", "waiting", 1),
        ("1", "accepted", 0),
    ]


def test_the_list_of_all_says_who_got_an_answer_and_nothing_of_what_was_sent(
    store: Store, known: Known, draft: Draft
) -> None:
    come(store, known, HOME.read_bytes(), "phieu.xlsx")
    draft.say("Mã đơn vị", "VN63-99")
    come(store, known, draft.xlsx(), "nobody.xlsx")
    (store.root / "answers" / UNIT / "1").rename(store.root / "answers" / "1")  # as version 0.1 kept it
    (store.root / "answers" / "index.json").write_text('{"1": {"forms": []}}')
    draft.say("Mã đơn vị", "VN63-01")
    draft.say("Đơn vị", "Hà Nội")
    come(store, known, draft.xlsx(), "other.xlsx")
    everything = (store.root / "answers" / "index.json").read_text(encoding="utf-8")
    said = {name: (each["owner"], each["outcome"]) for name, each in json.loads(everything).items()}
    assert said == {"3": ("VN63-01", "accepted"), "2": ("self_assessment", "refused"), "1": (UNIT, "accepted")}
    assert {key for line in json.loads(everything).values() for key in line} == {
        "owner", "received_at", "period", "outcome", "since", "feed_title", "sender",
    }  # fmt: skip
    page = (store.root / "answers" / "index.html").read_text(encoding="utf-8")
    assert 'href="VN63-01/index.html"' in page
    assert "xlsx" not in page
    own = (store.root / "answers" / UNIT / "index.html").read_text(encoding="utf-8")
    assert 'href="../1/answer.html"' in own
    assert "other.xlsx" not in own


def test_the_list_says_what_became_of_a_file_since_it_was_answered(store: Store, known: Known, draft: Draft) -> None:
    def since(folder: str = UNIT) -> dict[str, str]:
        listed = json.loads((store.root / "answers" / folder / "index.json").read_bytes())
        return {name: WHEN.sub("", each["since"]["vi"]) if each["since"] else "" for name, each in listed.items()}

    come(store, known, HOME.read_bytes(), "1.xlsx")
    draft.put("1.2", "Tự đánh giá", 8.5)
    come(store, known, draft.xlsx(), "2.xlsx")
    draft.put("1.3", "Tự đánh giá", None)
    come(store, known, draft.xlsx(), "3.xlsx")
    assert since() == {"3": "", "2": "", "1": "đã được thay thế bằng biên nhận 2"}
    store.landing.confirm(3, "left out on purpose")
    list_answers(store)
    first, second = (f"đã được thay thế bằng biên nhận {number}" for number in (2, 3))
    assert since() == {"3": "đã được xác nhận; từ đó được tính", "2": second, "1": first}
    withdraw(store, 3, "<b>wrong year")
    list_answers(store)
    again = f"{second}; được tính lại từ khi biên nhận 3 bị rút"
    assert since() == {"3": "đã rút", "2": again, "1": first} == since("")
    pages = [store.root / "answers" / folder / "index.html" for folder in (UNIT, "")]
    assert ["&lt;b&gt;wrong year" in page.read_text(encoding="utf-8") for page in pages] == [True, False]
    assert "index.html" in (store.root / "answers" / UNIT / "1" / "answer.html").read_text(encoding="utf-8")
    draft.put("1.4", "Tự đánh giá", None)
    come(store, known, draft.xlsx(), "4.xlsx")
    store.landing.confirm(4, "left out on purpose")
    draft.put("1.2", "Tự đánh giá", 6)
    come(store, known, draft.xlsx(), "5.xlsx")
    assert since() == {
        "5": "", "4": "đã được xác nhận; đã được thay thế bằng biên nhận 5", "3": "đã rút", "2": second, "1": first,
    }  # fmt: skip


def test_the_list_says_that_a_file_waits_again(store: Store, known: Known, draft: Draft) -> None:
    come(store, known, HOME.read_bytes(), "1.xlsx")
    draft.put("1.3", "Tự đánh giá", None)
    come(store, known, draft.xlsx(), "2.xlsx")
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 8.5)
    come(store, known, draft.xlsx(), "3.xlsx")
    withdraw(store, 3, "wrong year")
    list_answers(store)
    listed = json.loads((store.root / "answers" / UNIT / "index.json").read_bytes())
    waits_again = "không được tính vì biên nhận 3 được chấp nhận; lại chờ xác nhận"
    assert WHEN.sub("", listed["2"]["since"]["vi"]) == waits_again


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1]", b'{"1": {"owner": "VN63-19", "outcome": "accepted", "errors": 7}}']
)
def test_a_damaged_list_is_made_again_and_a_damaged_answer_is_not_listed(
    store: Store, known: Known, damage: bytes
) -> None:
    answers = store.root / "answers"
    come(store, known, HOME.read_bytes(), "phieu.xlsx")
    come(store, known, b"no workbook at all", "other.xlsx")
    store.derived.record()
    lists = [answers / "index.json", answers / UNIT / "index.json"]
    before = [path.read_bytes() for path in lists]
    for each in lists:
        each.write_bytes(damage)
        list_answers(Store(store.root))
        assert [path.read_bytes() for path in lists] == before
    (answers / UNIT / "1" / "answer.json").write_bytes(damage)
    lists[0].write_bytes(damage)
    list_answers(Store(store.root))
    assert json.loads(lists[0].read_bytes()).keys() == {"2"}


def test_a_folder_that_the_operator_closed_stays_closed(store: Store, known: Known) -> None:
    closed = store.root / "answers" / UNIT
    closed.mkdir(parents=True)
    closed.chmod(0o2750)
    come(store, known, HOME.read_bytes())
    assert (stat.S_IMODE(closed.stat().st_mode), (closed / "1" / "answer.json").is_file()) == (0o2750, True)
    assert (closed / "1").stat().st_mode & stat.S_ISGID


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda draft: draft.say("Mã đơn vị", "VN63-01"), "wrong_sender"),
        (lambda draft: draft.say("Kỳ", "2021"), "wrong_period"),
        (lambda draft: draft.say("Mã đơn vị", "VN34-19"), "wrong_geography"),
        (lambda draft: draft.say("Ngày lập", "01/02/2023"), "older_than_held"),
    ],
)
def test_whatever_is_refused_takes_nothing_away(
    store: Store, known: Known, draft: Draft, spoil: Any, reason: str
) -> None:
    draft.say("Ngày lập", "01/06/2023")
    come(store, known, draft.xlsx())
    spoil(draft)
    answer = come(store, known, draft.xlsx())
    assert (answer["outcome"], answer["refusal"] and answer["refusal"]["reason"]) == ("refused", reason)
    assert (answer["standing"]["receipt"], answer["standing"]["this_one"]) == (1, False)


def test_an_answer_made_late_tells_how_things_stood_when_the_file_came(
    store: Store, known: Known, draft: Draft
) -> None:
    come(store, known, HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 8.5)
    put(store, draft.xlsx())
    draft.put("1.2", "Tự đánh giá", 7.5)
    (served,) = Desk(store, known).serve([Offer(draft.xlsx(), "by hand.xlsx", "self_assessment")])
    assert (served.answer.receipt, served.answer.supersedes) == (3, 2)
    assert told(store, 2)["outcome"] == "accepted", "received and answered on the way"
    shutil.rmtree(store.answers().places()["2"])
    assert [each.number for each in unanswered(store)] == [2, 3], "as if killed between receipt and answer"
    assert Reception(store, known).answer_rest() == 2
    late = told(store, 2)
    assert (late["supersedes"], [each["after"] for each in late["changes"]]) == (1, [8.5])
    assert (told(store, 3)["supersedes"], unanswered(store)) == (2, [])


def test_a_file_in_its_feeds_own_folder_is_filed_under_the_period_that_it_says(store: Store, known: Known) -> None:
    put(store, HOME.read_bytes(), "../phieu.xlsx")
    header = [column.name for column in feeds.discover()["provincial_report"].FEED.columns]
    put(store, ",".join(header).encode(), "../../provincial_report/r.csv")
    taken = Reception(store, known).take()
    (receipt,) = store.landing.receipts()
    assert (receipt.period, receipt.name, taken.new) == ("2022", "phieu.xlsx", 1)
    (refused,) = taken.refused
    assert (refused.name, english(refused.refusal)) == ("r.csv", "says no period itself")
    assert told(store, 1)["outcome"] == "accepted"
    assert Reception(store, known).take().new == 0


def test_of_large_files_so_many_are_held_at_once_as_fit_into_memory(store: Store) -> None:
    for name, size in (("a", 40), ("b", 40), ("c", 24), ("d", 1)):
        os.truncate(put(store, b"", f"{name}.csv"), size * 2**20)
    assert [[each.name for each in batch] for batch in batches(arrived(store))] == [
        ["a.csv"], ["b.csv", "c.csv"], ["d.csv"],
    ]  # fmt: skip


def test_a_renamed_header_is_answered_to_the_unit_and_in_the_period_of_the_title(
    store: Store, known: Known, draft: Draft
) -> None:
    draft.header[draft.column("Tự đánh giá")] = "Điểm tự chấm"
    put(store, draft.xlsx(), "../VN63-19/a.xlsx")
    put(store, draft.xlsx(), "../b.xlsx")
    taken = Reception(store, known).take()
    (served,) = Desk(store, known).serve([Offer(draft.xlsx(), "c.xlsx", "self_assessment")])
    assert (taken.new, taken.refused, served.answer.owner, served.answer.period) == (2, (), UNIT, "2022")
    lines = list(Register(store).lines(units=[UNIT]))
    assert [(each.receipt.period, each.state, each.reason) for each in lines] == [
        ("2022", "refused", "header_missing")
    ] * 2
    assert {each.parent.parent.name for each in (store.root / "answers").glob("*/*/answer.json")} == {UNIT}
    assert "các tiêu đề: Tự đánh giá" in told(store, 1)["refusal"]["detail"]["vi"]


def test_what_cannot_be_read_is_answered_in_the_newest_period_of_its_feed_and_only_once(
    store: Store, known: Known, draft: Draft
) -> None:
    def periods() -> list[tuple[str, str, str]]:
        return [(each.name, each.period, each.refusal) for each in store.landing.receipts()]

    put(store, HOME.read_bytes())
    Reception(store, known).take()
    put(store, b"PK\x03\x04", "../broken.xlsx")
    put(store, b"geography,province\n", "../../provincial_report/r.csv")
    draft.header[draft.column("Tự đánh giá")] = "Điểm tự chấm"
    draft.say("Kỳ", "năm ngoái")
    put(store, draft.xlsx(), "../unsaid.xlsx")
    assert Reception(store, known).take().refused == ()
    this_year = str(store.clock().year)
    assert periods()[1:] == [
        ("r.csv", this_year, "header_missing"),
        ("broken.xlsx", "2022", "damaged"),
        ("unsaid.xlsx", "2022", "header_missing"),
    ]
    assert (told(store, 3)["outcome"], told(store, 4)["sender"]["unit"]) == ("refused", UNIT)
    put(store, HOME.read_bytes(), "../2023/later.xlsx")
    shutil.rmtree(store.root / "cache")
    assert Reception(store, known).take().new == 1, "where they lie they were answered, whatever came since"


def test_withdrawing_a_spoilt_file_says_what_counts_under_its_name(store: Store, known: Known) -> None:
    come(store, known, HOME.read_bytes())
    come(store, known, b"PK\x03\x04")
    gone, counting = withdraw(store, 2, "spoilt")
    assert (gone.number, counting and counting.number) == (2, 1)
