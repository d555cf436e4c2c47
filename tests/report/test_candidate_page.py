"""The page of a candidate: what it would change, in two languages, and nothing that a received text could do."""

from __future__ import annotations

import re
from typing import Any

from dti_platform.explain import Change, Difference, NewRanking, Reported, Why
from dti_platform.language import Bilingual
from dti_platform.quality import CheckResult
from dti_platform.report.candidate import candidate_page

HOSTILE = "<script>alert(1)</script>"
WHY = Why("0002", "scheduled", None, "cells", 1, f"a.xlsx, Phiếu!E13: 10 → 8.5; {HOSTILE}")
CHANGE = Change(
    "2022", "922", "VN63", "published", None, "VN63-19", "Thái Nguyên", "Thai Nguyen", "PDTI", "Chỉ số", "The index",
    True, 0.5, 0.6, 8, 7, "official", (WHY,),
)  # fmt: skip
FIGURE = Reported(
    "national_scorecard", "2023", "fibre", "Cáp quang", "Fibre", None, None, None, HOSTILE,
    "percent", 79.0, 80.0, "exact",
    "about", None, None, "official",
)  # fmt: skip
NEW = NewRanking("2024", "922", "VN63", "self", 63, "illustrative")
REASON = Bilingual("Mọi đơn vị đều có điểm", "Every unit has a score")
RESULTS = (
    *(CheckResult("scores", f"passed {number}", "critical", "passed", REASON) for number in range(3)),
    CheckResult("scores", "whole", "warning", "failed", REASON, 9, 2, HOSTILE),
    CheckResult("scores", "known", "info", "failed", REASON, 9, 1, "\udcff"),
)


def page(**more: Any) -> str:
    difference = Difference("0001-abc", "0002-def", (CHANGE,), (NEW,), (FIGURE,))
    waived, command = ["scores.whole waived by an office"], "./dti release 0002-def"
    return candidate_page(more.get("difference", difference), RESULTS, waived, command)


def test_it_says_what_changes_what_was_checked_and_what_to_type() -> None:
    text = page()
    for told in (
        "./dti release 0002-def", "Bản này chưa được công bố", "This is not published", "3 đạt / passed",
        "scores.whole", "waived by an office", "hạng 8 → 7", "rank 8 → 7", "Bảng xếp hạng mới: 1",
        "khoảng 80", "about 80", "MINH HỌA", "Mọi đơn vị đều có điểm", "2 dòng không đạt", "10 → 8,5", "10 → 8.5",
    ):  # fmt: skip
        assert told in text
    assert "1 cảnh báo / warned" in text
    assert "1 ghi nhận / noted" in text
    assert "không đạt / failed" not in text, "nothing blocks"


def test_received_text_is_escaped_and_the_page_asks_nobody() -> None:
    text = page()
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 3
    assert not re.findall(r"(?:src|href)=|https?://", text)


def test_the_first_candidate_and_the_same_one_again() -> None:
    first = Difference(None, "0001-abc", (), (NEW,), ())
    assert "the first release" in page(difference=first)
    assert page() == page()
