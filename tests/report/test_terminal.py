"""The summary of a run in a terminal: in the language that was asked for."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from rich.console import Console

from dti_platform.language import Language
from dti_platform.orchestration.run import received
from dti_platform.report.terminal import PILLARS, candidate_lines, over_the_years, published, ranking, summary
from dti_platform.report.terminal import received as table_of_feeds
from dti_platform.storage import Receipt

RUN: dict[str, Any] = {
    "blocking": [],
    "received": [
        {
            "feed": "self_assessment",
            "files": 2,
            "refused": 1,
            "cells": 9,
            "accepted": 8,
            "quarantined": 1,
            "evidence": "illustrative",
        }
    ],
    "not_taken": [
        {
            "feed": "f",
            "folder": "",
            "period": "2022",
            "file": "phieu[1].xlsx.part",
            "why": "bears the name of a transfer",
        }
    ],
    "refused": [],
    "waiting": [],
    "withdrawn": [],
    "outdated": [],
    "replaced": [],
    "checks": {
        "passed": 3,
        "known": 2,
        "noted": 0,
        "warned": 0,
        "failed": 1,
        "could not run": 0,
        "not_passed": [
            {
                "kind": "failed",
                "table": "index_scores",
                "name": "range",
                "found": "2",
                "reason_vi": "Điểm ngoài khoảng",
                "reason_en": "A score out of range",
                "rows": [],
            }
        ],
    },
    "ranking": None,
    "success": True,
    "release_is_new": False,
    "release": "1-abc",
    "release_path": "published",
    "site": None,
    "candidate": None,
    "docs": None,
    "failure_kind": None,
    "ledger_head": "0" * 64,
    "run_id": "1" * 32,
    "seconds": 1.0,
    "remarks": ["the history can't be opened"],
    "unchanged_since": None,
}


@pytest.mark.parametrize(
    ("language", "words", "others"),
    [
        (
            "vi",
            ("từ chối", "tạm giữ", "minh họa", "1,0 giây", "3 đạt", "1 không đạt", "index_scores.range"),
            ("refused", "passed"),
        ),
        (
            "en",
            ("refused", "quarantined", "illustrative", "1.0 s", "3 passed", "index_scores.range"),
            ("từ chối", "đạt"),
        ),
    ],
)
def test_a_summary_is_in_the_language_asked_for(
    language: Language, words: tuple[str, ...], others: tuple[str, ...]
) -> None:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(summary(RUN, language))
    text = captured.get()
    assert [word for word in words if word not in text] == []
    assert [word for word in others if word in text] == []


@pytest.mark.parametrize(
    ("language", "figures"), [("vi", ("77616", "0,8002", "0,5000°")), ("en", ("77616", "0.8002", "0.5000°"))]
)
def test_figures_are_written_as_the_language_reads_them(language: Language, figures: tuple[str, ...]) -> None:
    unit = {
        "rank": 1,
        "rank_change": None,
        "unit_name_vi": "Đà Nẵng",
        "unit_name_en": "Da Nang",
        "score": 0.8002,
        "recomputed": ["score_digital_economy"],
    }
    pillars = {"score_digital_government": None, "score_digital_economy": 0.5, "score_digital_society": 0.5}
    head = {"index": "DTI", "level": "provincial", "period": "2022", "geography": "VN63", "peer_group": None,
            "basis": "published", "evidence": "official", "source": "ministry", "ranked": 1, "peers": 63}  # fmt: skip
    received = [{**RUN["received"][0], "cells": 77616}]
    console = Console(width=160)
    with console.capture() as captured:
        console.print(summary({**RUN, "received": received, "ranking": {**head, "rows": [unit | pillars]}}, language))
    text = captured.get()
    assert [figure for figure in figures if figure not in text] == []


def test_what_others_named_is_shown_as_it_is_and_gives_the_terminal_no_order() -> None:
    run = RUN | {
        "release_path": "/srv/[/x]/:smile:/published",
        "site": "/srv/[/x]/sites/1-abc/index.html",
        "docs": "/srv/[bold]/docs\\",
        "not_taken": [{"feed": "f", "folder": "VN63-19", "period": "", "file": "[/x]\x1b[31m.csv", "why": "[/] \x07"}],
    }
    shown = shown_of(run)
    for text in (
        "/srv/[/x]/:smile:/published",
        "/site/)  /srv/[/x]/sites/1-abc/index.html",
        "/srv/[bold]/docs\\",
        "! f/VN63-19/[/x]\\x1b[31m.csv: [/] \\x07",
    ):
        assert text in shown
    assert not set(shown) & {"\x1b", "\x07"}
    assert "[/x]: broken" in shown_of({**run, "success": False, "failure": "[/x]: broken", "failure_kind": "other"})


def shown_of(run: dict[str, Any]) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(summary(run, "vi"))
    return capture.get()


def test_the_head_of_the_ledger_is_shown_whole() -> None:
    head = "0123456789abcdef" * 4
    assert head in shown_of(RUN | {"ledger_head": head}).replace("\n", "")


WAITING: dict[str, Any] = {
    "candidate": "0002-abc", "command": "./dti release 0002-abc", "corrected": [],
    "before": "0001-def", "changes": 3, "new": 1, "scorecards": 0,
    "stale": None, "received_since": ["self_assessment/2022/[red]x.xlsx"], "page": "candidate/0002-abc/candidate.html",
}  # fmt: skip


def printed(block: Any) -> list[str]:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(block, crop=False)
    return captured.get().rstrip().splitlines()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("vi", "so với 0001-def: 3 điểm và hạng, 1 bảng xếp hạng mới, 0 chỉ tiêu điều hành thay đổi"),
        ("en", "against 0001-def: 3 scores and ranks, 1 new rankings, 0 operational figures differ"),
    ],
)
def test_a_run_that_leaves_a_candidate_ends_with_what_to_type(language: Language, told: str) -> None:
    lines = printed(summary({**RUN, "candidate": WAITING}, language))
    assert lines[-1].endswith(" ./dti release 0002-abc")
    assert any(told in line for line in lines)
    assert any("[red]x.xlsx" in line for line in lines)
    assert not any("Nothing changed" in line for line in lines)
    failed = printed(
        summary({**RUN, "candidate": WAITING, "success": False, "failure": "no", "failure_kind": "other"}, language)
    )
    assert not any("dti release" in line for line in failed)


def test_a_candidate_that_is_stale_is_said_to_be_and_how_to_make_another() -> None:
    stale = {**WAITING, "stale": {"vi": "nội dung đã bị sửa", "en": "it was altered"}}
    languages: tuple[Language, ...] = ("vi", "en")
    for language, why in zip(languages, stale["stale"].values(), strict=True):
        lines = printed(candidate_lines(stale, language))
        assert [line for line in lines if why in line]
        assert lines[-1].endswith("./dti run --publish ask")
        assert not [line for line in lines if "dti release" in line]


def test_what_was_refused_is_counted_and_is_neither_official_nor_illustrative() -> None:
    read = [("f", "2022", "a", "accepted", "official", 5, 4, 1), ("f", "2022", "b", "refused", "official", 0, 0, 0)]
    columns = ["feed", "period", "file", "status", "evidence", "cells", "accepted", "quarantined"]
    at_the_door = Receipt(2, "g", "2022", "c.xlsx", "c", 1, "", 1)
    rows = received(pl.DataFrame(read, columns, orient="row"), [at_the_door])
    assert [(row["feed"], row["files"], row["refused"], row["evidence"]) for row in rows] == [
        ("f", 1, 0, "official"), ("f", 1, 1, None), ("g", 1, 1, None),
    ]  # fmt: skip
    lines = [line.split() for line in printed(table_of_feeds(rows, "vi"))]
    assert lines[2:] == [["f", "1", "5", "4", "1", "chính", "thức"], ["f", "1", "1", "–"], ["g", "1", "1", "–"]]


def test_what_came_of_publishing_is_told() -> None:
    outcome: dict[str, Any] = {
        "success": True,
        "release": "0002-abc",
        "release_is_new": True,
        "release_path": "p",
        "site": None,
        "failure": None,
    }
    outcome["remarks"] = outcome["blocking"] = []
    outcome["checks"] = {"not_passed": []}
    (released,) = printed(published({**outcome, "candidate": "0002-abc"}, "en"))
    assert "Released 0002-abc" in released
    nothing = printed(published({**outcome, "candidate": None}, "en"))
    assert [line.partition(":")[0] for line in nothing] == ["Nothing to publish", "To make one and see it first"]
    refused = {
        **outcome,
        "candidate": "0002-abc",
        "success": False,
        "failure": "it was altered",
        "failure_kind": "other",
    }
    assert printed(published(refused, "en")) == [
        "Không công bố / Nothing is published: it was altered",
        "The last release stands: 0002-abc  p",
    ]


def arrival(number: int, reason: str = "") -> dict[str, object]:
    named = {"receipt": number, "feed": "f", "period": "2022", "file_name": f"{number} [x].xlsx", "reason": reason}
    return {**named, "withdrawn_before": None, "confirms": None, "spelling": None}


def test_each_file_that_is_to_be_looked_at_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    run = RUN | {"refused": [arrival(3, "damaged"), arrival(4, "of_old")], "waiting": [arrival(5)]}
    Console(width=200).print(summary(run, "en"))
    told = capsys.readouterr().out
    assert "✗ 3 f/2022/3 [x].xlsx: " in told
    assert "✗ 4 f/2022/4 [x].xlsx: of_old" in told
    assert "? 5 f/2022/5 [x].xlsx: waits, its answer says why: ./dti confirm 5" in told
    run = RUN | {"withdrawn": [arrival(6, "misprint")], "replaced": [arrival(7) | {"replaces": 2}]}
    Console(width=200).print(summary(run, "en"))
    told = capsys.readouterr().out
    assert "! 6 f/2022/6 [x].xlsx: was withdrawn (misprint), so it does not count" in told
    assert "→ 7 f/2022/7 [x].xlsx: counts in the place of receipt 2" in told
    Console(width=250).print(summary(RUN | {"outdated": [arrival(1) | {"counting": 9, "later": [9, 3]}]}, "en"))
    told = capsys.readouterr().out
    assert "! 1 f/2022/1 [x].xlsx: lies in the folder as it was before; receipt 9, which came later, counts." in told
    assert "withdraw 9, 3 (./dti withdraw)" in told
    Console(width=200).print(summary(RUN | {"replaced": [arrival(8) | {"replaces": 2, "confirms": 5}]}, "vi"))
    line = "→ 8 f/2022/8 [x].xlsx: xác nhận biên nhận 5, được tính thay cho biên nhận 2"
    assert line in capsys.readouterr().out
    Console(width=200).print(summary(RUN | {"refused": [arrival(each, "damaged") for each in range(50)]}, "en"))
    assert "and 30 more files: ./dti receipts" in capsys.readouterr().out


def test_a_check_that_warns_shows_its_first_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"unit_name_en": "Da Nang", "unit": "VN63-48", "value": each} for each in (0.5, 0.75)]
    warned = {**RUN["checks"]["not_passed"][0], "kind": "warned", "rows": rows}
    Console(width=200).print(summary(RUN | {"checks": RUN["checks"] | {"not_passed": [warned], "warned": 1}}, "en"))
    told = capsys.readouterr().out.splitlines()
    (at,) = (number for number, line in enumerate(told) if "! index_scores.range 2" in line)
    assert told[at + 1].strip() == "Da Nang (VN63-48): value 0.5"
    assert "0.75" not in "".join(told)


def test_what_corrects_published_figures_says_so_and_its_command_is_one_line_however_long() -> None:
    reason = "số liệu trái với trang đã in " * 9
    command = f"./dti release 0002-abc --type correction --reason '{reason}'"
    lines = printed(summary({**RUN, "candidate": {**WAITING, "corrected": [reason], "command": command}}, "vi"))
    assert any("phải công bố là bản sửa sai" in line for line in lines)
    assert " ./dti release 0002-abc --type correction" in lines[-1]
    assert lines[-1].endswith(f"--reason '{reason}'")


def test_ranks_that_are_not_settled_stand_with_their_bounds_and_a_settled_ranking_has_no_column_of_them() -> None:
    row = {
        "rank": 3, "rank_best": 2, "rank_worst": 55, "rank_change": None, "unit_name_en": "Da Nang", "score": 0.8,
        "recomputed": [], "index_name": "DTI", "period": "2022", "peers": 63, "previous_rank": None,
        "comparison": None, "geography": "VN63",
    }  # fmt: skip
    row |= {f"{kind}_{concept}": None for kind in ("rank", "score") for concept, _ in PILLARS}
    head = {
        "index": "DTI", "period": "2022", "geography": "VN63", "basis": "verified", "evidence": "official",
        "source": "x", "level": "provincial", "peer_group": None, "peers": 63, "ranked": 63,
    }  # fmt: skip
    lines = printed(ranking({**head, "rows": [row, {**row, "rank": 1, "rank_best": 1, "rank_worst": 1}]}, "en"))
    assert lines[2].split()[2] == "possible"
    assert [line.split()[:-1] for line in lines[3:5]] == [
        ["3", "·", "between", "2", "and", "55", "Da", "Nang"], ["1", "·", "Da", "Nang"],
    ]  # fmt: skip
    settled = {**row, "rank_best": None, "rank_worst": None}
    assert "possible" not in "".join(printed(ranking({**head, "rows": [settled]}, "en")))
    unit = {"unit_name_en": "Da Nang", "rows": [row, {**settled, "period": "2021"}]}
    assert printed(over_the_years(unit, "en"))[-1] == "2022: rank 3 may be between 2 and 55"
