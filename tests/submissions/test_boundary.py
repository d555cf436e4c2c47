"""Whatever goes wrong with one file refuses that file alone, by whatever way it came."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dti_platform import feeds
from dti_platform.feeds import Known
from dti_platform.pipeline.inputs import Reader
from dti_platform.pipeline.journal import Journal
from dti_platform.reading.sandbox import Limits
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer, Reception, compose, forms, keep_answer
from dti_platform.submissions.forms import workbook
from tests.feeds.drafts import HOME
from tests.feeds.erratic import scanned, survey
from tests.feeds.erratic.erratic import ERRORS, TRICKS, WORSE, raising

pytestmark = pytest.mark.usefixtures("answer_alone", "one_child_for_all")


@pytest.fixture(autouse=True, scope="module")
def erratic() -> Iterator[None]:
    with scanned():
        yield


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "feeds").mkdir()
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def put(folder: Path) -> None:
    """A good file, and one for each trick."""
    (folder / "erratic" / "2023").mkdir(parents=True)
    for name, note in {"good.csv": "", **{f"{trick}.csv": trick for trick in TRICKS}}.items():
        (folder / "erratic" / "2023" / name).write_bytes(survey(81.5, note))


def test_by_submission_only_the_culprit_is_refused(store: Store, known: Known) -> None:
    offers = [Offer(survey(80, trick), f"{trick}.csv", "erratic", period="2023") for trick in ("", *TRICKS, "")]
    first, *answers, last = [each.answer for each in Desk(store, known).serve(offers)]
    assert (first.outcome, last.outcome) == ("accepted", "unchanged"), first.refusal
    assert {each.refusal.reason if each.refusal else None for each in answers} == {"broken_reader"}
    assert all(len(each.refusal.detail.en) < 200 for each in answers if each.refusal)
    assert [each.number for each in store.landing.standing()] == [1]


def test_a_reader_that_hangs_or_ends_its_process_refuses_its_file_alone(
    store: Store, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "LIMITS", Limits(cpu=1, wall=2.0))
    for name in ("", *WORSE):
        place = store.inbox / "erratic" / "2023" / f"{name or 'good'}.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(survey(80, name))
    Reception(store, known).take()
    refusals = {Path(each.name).stem: each.refusal or None for each in store.landing.receipts()}
    assert refusals == {"good": None, **{name: reason for name, (_, reason) in WORSE.items()}}


def test_by_the_inbox_only_the_culprit_is_refused_and_no_run_reads_it_again(store: Store, known: Known) -> None:
    put(store.inbox)
    Reception(store, known).take()
    refused = [each for each in store.landing.receipts() if each.refusal]
    assert [(each.refusal, each.reader) for each in refused] == [
        ("broken_reader", feeds.reader_version("erratic"))
    ] * len(TRICKS)
    parsed = Reader(store, lambda: known, Journal(store)).read_year(2023)
    assert parsed.submissions.select("file_name", "status").rows() == [("good.csv", "accepted")]


def test_among_the_committed_files_only_the_culprit_is_refused(store: Store, known: Known) -> None:
    put(store.feeds)
    Reception(store, known).take()
    parsed = Reader(store, lambda: known, Journal(store)).read_year(2023)
    assert parsed.observations["file_name"].to_list() == ["good.csv"]
    reasons = dict(parsed.submissions.filter(status="refused").select("file_name", "reason").iter_rows())
    assert {reason.partition(":")[0] for reason in reasons.values()} == {"broken_reader"}
    assert len(reasons) == len(TRICKS)


def test_a_file_that_breaks_its_answer_is_refused_before_it_counts(
    store: Store, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = compose.compare

    def failing(before: object, after: object, names: object) -> object:
        if names:
            raise ZeroDivisionError
        return compared(before, after, names)  # type: ignore[arg-type]

    monkeypatch.setattr(compose, "compare", failing)
    answer = next(Desk(store, known).serve([Offer(HOME.read_bytes(), HOME.name, "self_assessment")])).answer
    assert answer.refusal is not None
    assert (answer.refusal.reason, "ZeroDivisionError" in answer.refusal.detail.en) == ("broken_reader", True)
    assert store.landing.standing() == []


def test_a_form_that_can_not_be_made_is_left_out_of_the_answer(
    store: Store, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = next(Desk(store, known).serve([Offer(survey(80), "good.csv", "erratic", period="2023")]))
    for error in (*ERRORS, RecursionError()):
        monkeypatch.setattr(workbook, "make", lambda _, error=error: raising(error)())
        folder = keep_answer(store, served)
        assert {each.name for each in folder.iterdir()} == {*forms.discover(), "answer.json"} - {"answer.xlsx"}, error
        told = json.loads((folder / "answer.json").read_bytes())
        assert (told["outcome"], [*told["forms_not_made"]]) == ("accepted", ["answer.xlsx"])
        assert type(error).__name__ in told["forms_not_made"]["answer.xlsx"]
        shutil.rmtree(folder)


def test_the_version_of_a_reader_is_that_of_reading_and_of_its_own_feed() -> None:
    versions = {name: feeds.reader_version(name) for name in feeds.discover()}
    assert len({*versions.values()}) == len(versions)
    with pytest.raises(KeyError):
        feeds.reader_version("none")
