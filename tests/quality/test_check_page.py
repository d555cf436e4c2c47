"""The page of checks: everything that was found, in two languages, and nothing that a received text could do."""

import datetime as dt
import re
from dataclasses import replace

import polars as pl

from dti_platform import quality
from dti_platform.language import Bilingual

FAILED = quality.CheckResult(
    "rankings", "status_is_earned", "critical", "failed", Bilingual("Vì sao", "Why"), 4, 1, "seen: <b>3</b>",
    pl.DataFrame({"unit": ["<script>alert(1)</script>", None], "rank": [1, 2]}),
)  # fmt: skip
PASSED = replace(FAILED, table="coverage", name="all_there", outcome="passed", failing=0, rows=pl.DataFrame())
UNRUN = replace(FAILED, name="could_not", outcome="could_not_run", rows=pl.DataFrame())
WAIVER = quality.Waiver("rankings.status_is_earned", "office & co", "why <not>", dt.date(2026, 12, 31))


def test_it_says_what_was_found_and_whether_it_stops_a_release() -> None:
    page = quality.check_page([PASSED, FAILED, UNRUN], run="7", begun="2026-11-26T06:30:00Z")
    vi = "3 kiểm tra; 1 không đạt; 1 không chạy được; 2 chặn công bố"
    assert f"{vi} / 3 checks; 1 failed; 1 could not run; 2 stop the release" in page
    assert "<title>✗ Kiểm tra / Checks · 26/11/2026 13:30 (giờ Việt Nam) · lần chạy / run 7</title>" in page
    headings = ["Không đạt / Did not pass", "coverage", "rankings"]
    assert re.findall(r"<h2>(.*?)</h2>", page) == headings
    assert page.index("rankings.status_is_earned") < page.index("rankings.could_not") < page.index("all_there")
    assert "Vì sao" in page
    assert "Why" in page


def test_known_rows_stand_apart_with_their_reason() -> None:
    known = pl.DataFrame({"unit": ["VN63-01"], "known_since": [dt.date(2026, 11, 26)], "known_vi": ["nguồn in vậy"]})
    page = quality.check_page([replace(PASSED, known=known)], run="x")
    assert "1 checks; 1 known rows; nothing stops the release" in page
    assert "<title>✓ Kiểm tra / Checks · lần chạy / run x</title>" in page
    assert "4 dòng, 0 không đạt, 1 đã biết" in page
    apart = page.index("Known and accepted")
    assert apart < page.index("VN63-01") < page.index("nguồn in vậy")


def test_received_text_is_escaped_and_the_page_asks_nobody() -> None:
    page = quality.check_page([replace(FAILED, waiver=WAIVER)], run="<x>", expired=[WAIVER])
    assert "<script" not in page
    assert "<b>3" not in page
    assert "why &lt;not&gt;" in page
    assert "<title>! Kiểm tra" in page
    assert "Expired waiver" in page
    assert not re.findall(r"(?:src|href)=|https?://", page)


def test_the_same_results_give_the_same_page() -> None:
    assert quality.check_page([PASSED, FAILED], run="x") == quality.check_page([FAILED, PASSED], run="x")
