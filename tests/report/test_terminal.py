"""The summary of a run in a terminal: in the language that was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from dti_platform.language import Language
from dti_platform.report.terminal import summary

RUN: dict[str, Any] = {
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
    "not_taken": [{"file": "phieu[1].xlsx.part", "why": "bears the name of a transfer"}],
    "checks": {
        "passed": 3,
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
            }
        ],
    },
    "ranking": None,
    "success": True,
    "release_is_new": False,
    "release": "1-abc",
    "release_path": "published",
    "docs": None,
    "ledger_head": "0" * 64,
    "run_id": "1" * 32,
    "seconds": 1.0,
}


@pytest.mark.parametrize(
    ("language", "words", "others"),
    [
        (
            "vi",
            ("từ chối", "tạm giữ", "minh họa", "1,0 s", "3 đạt", "1 không đạt", "Điểm ngoài khoảng"),
            ("refused", "passed"),
        ),
        (
            "en",
            ("refused", "quarantined", "illustrative", "1.0 s", "3 passed", "A score out of range"),
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
        "score": 0.8002,
        "recomputed": ["score_digital_economy"],
    }
    pillars = {"score_digital_government": None, "score_digital_economy": 0.5, "score_digital_society": 0.5}
    head = {"period": "2022", "geography": "VN63", "basis": "published", "evidence": "official", "source": "ministry"}
    received = [{**RUN["received"][0], "cells": 77616}]
    console = Console(width=160)
    with console.capture() as captured:
        console.print(summary({**RUN, "received": received, "ranking": {**head, "rows": [unit | pillars]}}, language))
    text = captured.get()
    assert [figure for figure in figures if figure not in text] == []


def test_what_others_named_is_shown_as_it_is_and_gives_the_terminal_no_order() -> None:
    run = RUN | {
        "release_path": "/srv/[/x]/:smile:/published",
        "docs": "/srv/[bold]/docs\\",
        "not_taken": [{"file": "[/x]\x1b[31m.csv", "why": "[/] \x07"}],
    }
    shown = shown_of(run)
    for text in ("/srv/[/x]/:smile:/published", "/srv/[bold]/docs\\", "! [/x]\\x1b[31m.csv: [/] \\x07"):
        assert text in shown
    assert not set(shown) & {"\x1b", "\x07"}
    assert "[/x]: broken" in shown_of({**run, "success": False, "failure": "[/x]: broken"})


def shown_of(run: dict[str, Any]) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(summary(run, "vi"))
    return capture.get()


def test_the_head_of_the_ledger_is_shown_whole() -> None:
    head = "0123456789abcdef" * 4
    assert head in shown_of(RUN | {"ledger_head": head}).replace("\n", "")
