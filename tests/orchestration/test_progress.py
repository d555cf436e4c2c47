"""What a run says of itself as it goes: a line for each step that is done, on standard error alone."""

from __future__ import annotations

import pytest

from dti_platform.cli.options import progress as shown_progress
from dti_platform.language import Bilingual, Language
from dti_platform.orchestration import progress
from dti_platform.quality import CheckResult


def test_a_table_is_told_with_its_rows_over_all_years_by_what_was_done() -> None:
    assert progress.made("scores", 3) == Bilingual("Đã tính điểm: 3 dòng", "Scored: 3 rows")
    assert progress.made("coverage", 3).en == "Made table coverage: 3 rows"


def test_checks_are_told_with_how_many_of_them_stop_the_release() -> None:
    why = Bilingual("", "")
    good = CheckResult("scores", "a", "critical", "passed", why)
    bad = CheckResult("scores", "b", "critical", "could_not_run", why)
    warned = CheckResult("scores", "c", "warning", "failed", why)
    assert progress.checked("scores", [good, warned]).en == "Checked table scores: 2 checks, none stops the release"
    assert progress.checked("scores", [good, bad, warned]).en == "Checked table scores: 1 of 3 checks stop the release"


def test_a_pipe_gets_a_line_a_step_on_standard_error_and_json_none(capfd: pytest.CaptureFixture[str]) -> None:
    long = Bilingual(f"Đã đọc [bold]\x1b {'x' * 200}", f"Read [bold]\x1b {'x' * 200}")
    cases: tuple[tuple[Language, bool], ...] = (("vi", False), ("en", False), ("en", True))
    for language, quiet in cases:
        with shown_progress(language, quiet=quiet) as step:
            step(long)
            step(Bilingual("xong :smile:", "done :smile:"))
    told = capfd.readouterr()
    assert told.out == ""
    lines = [f"{first} [bold]\\x1b {'x' * 200}" for first in ("Đã đọc", "Read")]
    assert told.err.splitlines() == [lines[0], "xong :smile:", lines[1], "done :smile:"]
