"""How a run that failed ends: the rows and cells that stop it, what to type, and the release that stands."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from dti_platform.language import Language
from dti_platform.report.failure import MOST_ROWS, ending
from dti_platform.report.markup import markup

ROW = {
    "unit": "VN63-48", "geography": "VN63", "period": "2022", "node": "PDTI", "ours": 0.800175000001, "published": 0.1,
    "framework": None, "unit_name_vi": "Đà Nẵng", "unit_name_en": "Da Nang",
}  # fmt: skip
CHECK = {
    "kind": "failed", "table": "scores", "name": "agree", "found": "1 of 8 rows fail", "reason_vi": "phải khớp [x]",
    "reason_en": "must agree [x]", "rows": [ROW],
}  # fmt: skip
FILE = {
    "check": "scores.agree", "receipt": 7, "feed": "f", "period": "2022", "file_name": "[x].csv",
    "cells": ["line 2, column value", "line 9, column value"], "raw": ["0.1", "\x1b 5"], "committed": False,
    "command": "./dti withdraw 7 --reason TEXT",
}  # fmt: skip
FAILED: dict[str, Any] = {
    "success": False, "failure": "scores_suite: 1 blocking", "failure_kind": "checks", "release": "0001-abc",
    "release_path": "/x/0001-abc", "checks": {"not_passed": [CHECK]}, "blocking": [FILE],
}  # fmt: skip


def told(outcome: dict[str, Any], language: Language = "en") -> list[str]:
    console = Console(width=200)
    with console.capture() as captured:
        for line in ending(outcome, language):
            console.print(markup(line))
    return captured.get().splitlines()


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "vi",
            [
                "Không công bố / Nothing is published: số phép kiểm tra chặn công bố: 1",
                "✗ scores.agree: phải khớp [x]",
                "    Đà Nẵng (VN63-48): period 2022, node PDTI, ours 0,800175, published 0,1",
                "  biên nhận 7, f/2022/[x].csv",
                "    dòng 2, cột value: «0.1»",
                "    dòng 9, cột value: «\\x1b 5»",
                "  → ./dti withdraw 7 --reason TEXT",
                "Bản công bố gần nhất vẫn giữ nguyên: 0001-abc  /x/0001-abc",
            ],
        ),
        (
            "en",
            [
                "Không công bố / Nothing is published: checks that stop the release: 1",
                "✗ scores.agree: must agree [x]",
                "    Da Nang (VN63-48): period 2022, node PDTI, ours 0.800175, published 0.1",
                "  receipt 7, f/2022/[x].csv",
                "    line 2, column value: «0.1»",
                "    line 9, column value: «\\x1b 5»",
                "  → ./dti withdraw 7 --reason TEXT",
                "The last release stands: 0001-abc  /x/0001-abc",
            ],
        ),
    ],
)
def test_a_check_that_stops_the_release_is_told_with_rows_cells_command_and_what_stands(
    language: Language, lines: list[str]
) -> None:
    assert told(FAILED, language) == lines


def test_a_committed_file_is_corrected_or_its_figures_go() -> None:
    committed = {**FILE, "committed": True, "command": "correct it in data/feeds"}
    back = f"./dti withdraw {FILE['receipt']} --reason TEXT"
    english, vietnamese = (" ".join(told({**FAILED, "blocking": [committed]}, each)) for each in ("en", "vi"))
    assert "→ correct it in data/feeds; content received before counts again only once" in english
    assert "→ sửa trong data/feeds; nội dung đã nhận trước đó chỉ được tính lại khi" in vietnamese
    assert back in english
    assert back in vietnamese
    gone = {**committed, "command": "correct it in data/feeds, or let the figures go: ./dti withdraw 3 --reason TEXT"}
    assert told({**FAILED, "blocking": [gone]})[-2].endswith(
        "let the published figures go: ./dti withdraw 3 --reason TEXT"
    )
    since = {**FILE, "cells": [], "raw": []}
    assert told({**FAILED, "blocking": [since]})[4] == "    received since the last release"


def test_of_many_rows_the_first_are_told_and_how_many_more_there_are() -> None:
    lines = told({**FAILED, "checks": {"not_passed": [{**CHECK, "rows": [ROW] * (MOST_ROWS + 3)}]}})
    assert len([line for line in lines if "Da Nang" in line]) == MOST_ROWS
    assert "    and 3 more rows, on the page of the checks" in lines


def test_a_check_that_could_not_run_does_not_blame_the_data_and_one_that_warns_is_not_told() -> None:
    answers = [{**CHECK, "kind": "could not run", "found": "could not run: no such column", "rows": []}]
    lines = told({**FAILED, "checks": {"not_passed": [*answers, {**CHECK, "kind": "warned"}]}, "blocking": []})
    assert lines[2:-1] == ["    could not run, which says nothing of the data: no such column"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("contract", "a table breaks its contract, so it is not written (why [x])"),
        ("locked", "another run holds the data; wait until it has ended, then run again (why [x])"),
        ("other", "why [x]"),
    ],
)
def test_another_failure_is_told_by_its_kind_and_before_the_first_release_nothing_stands(kind: str, said: str) -> None:
    failed = {**FAILED, "failure": "why [x]", "failure_kind": kind, "checks": {"not_passed": []}, "blocking": []}
    assert told({**failed, "release": None, "release_path": None}) == [
        f"Không công bố / Nothing is published: {said}",
        "Nothing has been released yet.",
    ]
