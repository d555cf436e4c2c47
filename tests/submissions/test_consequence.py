"""An answer begins with its consequence, which is what the next release says when nothing else arrives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from dti_platform.feeds import Known
from dti_platform.pipeline import Platform
from dti_platform.pipeline.flow import READ, recipes
from dti_platform.publications import of_release
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Effect, Offer, effect, keep_answer
from dti_platform.submissions.answer import Answer, Consequence, UnitScore, grouped
from dti_platform.submissions.forms import text, words
from tests.feeds.drafts import HOME, Draft
from tests.pipeline.in_process import run, short_releases

UNIT, BASIS = "VN63-19", "self"


@pytest.fixture(autouse=True)
def only_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    short_releases(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "feeds").mkdir()
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def send(desk: Desk, draft: Draft, period: str | None = None, *, dry_run: bool = False) -> Answer:
    offer = Offer(draft.xlsx(), "phieu.xlsx", "self_assessment", period=period)
    (served,) = desk.serve([offer], dry_run=dry_run)
    return served.answer


def consequence(answer: Answer) -> Consequence:
    """Of the sender's basis."""
    return next(each for each in answer.consequences if each.basis == BASIS)


def next_tables(store: Store) -> pl.DataFrame:
    """The scores that the next run would release, of what has come."""
    platform = Platform(store)
    parsed = platform.reader.read(store.landing.standing(2022))
    made = {name: {2022: getattr(parsed, name)} for name in READ}
    for recipe in recipes():
        if recipe.name in ("scores", "rankings", "index_scores"):
            made[recipe.name] = {2022: recipe.make(2022, made, platform.known)}
    return made["index_scores"][2022]


def next_release(store: Store) -> pl.DataFrame:
    """The scores that the next run releases."""
    run(Platform(store), "run", years=(2022,))
    return of_release(store.releases.open(), "index_scores")


Scores = Callable[[Store], pl.DataFrame]


def worth(table: pl.DataFrame) -> UnitScore | None:
    """What a table says of the unit."""
    rows = table.filter(pl.col("unit") == UNIT, pl.col("node") == "PDTI", pl.col("basis") == BASIS).to_dicts()
    return UnitScore(rows[0]["points"], rows[0]["score"], rows[0]["missing"], None) if rows else None


FIVE = ("1.3", "1.4", "1.5", "2.1", "2.2")
STEPS: dict[str, tuple[tuple[str, ...], object, str]] = {
    "whole": ((), None, "2022"),
    "one figure changed": (("1.2",), 5, "2022"),
    "five bad cells": (FIVE, "tốt", "2022"),
    "five cells empty": (FIVE, None, "2022"),
    "filled again": (FIVE, 0, "2022"),
    "refused": ((), None, "2019"),
    "the same once more": ((), None, "2022"),
}


@pytest.mark.parametrize("scores", [next_tables, pytest.param(next_release, marks=pytest.mark.heavy)])
def test_it_is_what_the_next_release_says_for_files_of_every_kind(
    store: Store, known: Known, draft: Draft, scores: Scores
) -> None:
    """Each file is followed by a run, and by nothing else."""
    before: UnitScore | None = None
    for codes, value, period in STEPS.values():
        draft.say("Kỳ", period)
        for code in codes:
            draft.put(code, "Tự đánh giá", value)  # type: ignore[arg-type]
        answer = send(Desk(store, known), draft, period="2022")
        after = worth(scores(store))
        if answer.outcome == "waiting":
            assert after == before
            store.landing.confirm(answer.receipt or 0, "as meant")
            after = worth(scores(store))
        told = [(each.before, each.after) for each in answer.consequences if each.basis == BASIS]
        assert told == ([] if answer.outcome == "refused" else [(before, after)])
        before = after
    assert before is not None
    assert before.score is not None
    last = store.landing.standing(2022)[-1]
    changes = effect(store, known, last)
    assert isinstance(changes, Effect)
    told = [(each.before, each.after) for each in changes.consequences if each.basis == BASIS]
    store.landing.withdraw_one(last.number, "a mistake")
    assert told == [(before, worth(scores(store)))], "a withdrawal tells what the next release says, too"


def test_what_is_missing_is_named_and_the_loss_of_the_score_is_said_first(desk: Desk, draft: Draft) -> None:
    first = send(desk, draft)
    for code in ("1.3", "1.4", "1.5", "2.1", "2.2"):
        draft.put(code, "Tự đánh giá", "tốt")
    found = consequence(send(desk, draft, dry_run=True))
    assert (found.before, found.after) == (consequence(first).after, UnitScore(None, None, 5, None))
    assert [each.code for each in found.missing] == ["1.3", "1.4", "1.5", "2.1", "2.2"]
    assert words.unit_score(found, found.after).vi == "không tính được điểm (thiếu 5/95 chỉ số thành phần)"
    assert words.unit_score(found, found.before).vi == "0,6888 (688,81 trên 1000 điểm)"
    named = words.missing_indicators(found)
    assert named is not None
    assert named.vi.startswith("còn thiếu 5/95 chỉ số thành phần: 1.3 Tỷ lệ phiên họp")
    assert named.vi.endswith("và 2 mục khác")


def test_every_form_begins_with_it(desk: Desk, draft: Draft) -> None:
    draft.put("1.2", "Tự đánh giá", 5)
    (served,) = desk.serve([Offer(draft.xlsx(), "phieu.xlsx", "self_assessment")])
    folder, effect = keep_answer(desk.store, served), served.answer.effect
    score = words.unit_score(consequence(served.answer), consequence(served.answer).after).vi
    _, second, _, scores, *_ = text.lines(served.answer, "vi")
    assert (second.strip(), score in scores) == (effect.vi, True)
    told = json.loads((folder / "answer.json").read_bytes())
    assert [*told][:3] == ["outcome", "effect", "consequences"]
    assert told["effect"]["en"] == effect.en
    page = (folder / "answer.html").read_text("utf-8")
    assert page.index(effect.vi) < page.index(score) < page.index("Số biên nhận")
    listed = openpyxl.load_workbook(folder / "answer.xlsx").worksheets[-1]
    column = [str(listed.cell(row, 2).value) for row in range(1, 4)]
    assert [effect.vi in column[1], score in column[2]] == [True, True]


def test_rows_name_the_indicator_times_are_vietnams_and_equal_warnings_are_one_line(desk: Desk, draft: Draft) -> None:
    for row in draft.rows:
        if "." in str(row[0]):
            row[draft.column("Minh chứng/Ghi chú")] = None
    (served,) = desk.serve([Offer(draft.xlsx(), "phieu.xlsx", "self_assessment")])
    answer = served.answer
    lines = list(text.lines(answer, "vi"))
    without = [each for each in answer.warnings if each.reason == "score_without_evidence"]
    (line,) = [line for line in lines if "không có minh chứng" in line]
    assert line.strip().startswith(f"{len(without)} ô: Tự đánh giá!K12 (1.1 Người đứng đầu tỉnh")
    assert f"và {len(without) - words.MOST_NAMED} mục khác" in line
    assert sum(len(group.findings) for group in grouped(answer.warnings)) == len(answer.warnings)
    assert any(line.startswith("  Số biên nhận: 1, ") and line.endswith("(giờ Việt Nam)") for line in lines)
    page = words.moment("2026-11-25T18:05:00Z")
    assert page == ("26/11/2026 01:05 (giờ Việt Nam)", "2026-11-26 01:05 (Vietnam time)")


def test_a_file_of_another_feed_names_its_indicators(desk: Desk) -> None:
    content = b"geography,province,indicator,name_vi,name_en,period,value,unit,source,certainty\n"
    content += "VN63,Thái Nguyên,adult_smartphone_share,,,2023,nhiều,%,https://x.vn,verbatim\n".encode()
    (served,) = desk.serve([Offer(content, "r.csv", "provincial_report", period="2023")])
    assert served.answer.consequences == ()
    named = {each.name.vi for each in served.answer.errors if each.name and each.node == "adult_smartphone_share"}
    assert any("điện thoại thông minh" in name for name in named), served.answer.errors


def test_a_verifiers_file_tells_of_every_unit_whose_score_moves(store: Store, known: Known, draft: Draft) -> None:
    desk = Desk(store, known)
    send(desk, draft)
    next_release(store)
    rows = ["unit_id,code,verified"]
    rows += [f"{UNIT},{row[0]},0" for row in draft.rows if "." in str(row[0])]
    (served,) = desk.serve([Offer("\n".join(rows).encode(), "v.csv", "verification", period="2022")])
    (found,) = served.answer.consequences
    assert (found.unit.unit, found.basis, found.before) == (UNIT, "verified", None)
    table = next_tables(store).filter(unit=UNIT, node="PDTI", basis="verified")
    assert found.after == UnitScore(0, 0, 0, None)
    assert table.select("points", "score", "missing").row(0) == (0, 0, 0)
    (again,) = desk.serve([Offer("\n".join(rows[:-1]).encode(), "v.csv", "verification", period="2022")], dry_run=True)
    (lost,) = again.answer.consequences
    assert (lost.before, lost.after) == (found.after, UnitScore(None, None, 1, None))
    next_release(store)
    parts = ["\n".join([rows[0], *(row.replace(",0", ",5") for row in rows[1:])]), "\n".join(rows[:9])]
    for part in parts:
        offer = Offer(part.encode(), "under another name.csv", "verification", period="2022")
        (second,) = desk.serve([offer], dry_run=True)
        assert second.answer.consequences == (), "another file gave these figures before, and no figure counts twice"


def test_printed_scores_are_told_of_with_their_rank(desk: Desk) -> None:
    folder = HOME.parents[2] / "published_results" / "2022"
    for path in sorted(folder.glob("*.csv")):
        (served,) = desk.serve([Offer(path.read_bytes(), path.name, "published_results", period="2022")], dry_run=True)
        told = [
            each for each in served.answer.consequences if each.unit.unit == "VN63-48" and each.basis == "published"
        ]
        if told and told[0].after and told[0].after.rank:
            assert words.unit_score(told[0], told[0].after).vi.endswith("hạng 1")
            break
    else:
        pytest.fail("no committed file prints a rank of Đà Nẵng")


def test_the_means_of_two_ranked_groups_are_not_one_score(desk: Desk) -> None:
    """A file that says nothing of either mean moves none; one that does names the group."""
    committed = HOME.parents[2] / "published_results" / "2023" / "ministries.csv"
    header, mean, size, *others = committed.read_text("utf-8").splitlines()
    (first,) = desk.serve([Offer(committed.read_bytes(), committed.name, "published_results", period="2023")])
    desk.store.landing.confirm(first.answer.receipt or 0, "as printed")
    run(Platform(desk.store), "run", years=(2023,))

    def moved(name: str, *rows: str) -> list[Consequence]:
        offer = Offer("\n".join([header, *rows]).encode(), name, "published_results", period="2023")
        (served,) = desk.serve([offer], dry_run=True)
        return [*served.answer.consequences]

    assert moved("size.csv", size.replace("17", "2")) == []
    (found,) = moved(committed.name, mean.replace("0.6355", "0.7"), size, *others)
    assert "(MIN22, with_public_services)" in words.score_change(found).en
    assert [each and each.score for each in (found.before, found.after)] == [0.6355, 0.7]
