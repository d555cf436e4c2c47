"""Waivers: in force, past their day, and misspelt."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from dti_platform import quality
from dti_platform.language import Bilingual

TODAY = dt.date(2026, 11, 24)
WAIVER = """
[[waiver]]
check = "rankings.status_is_earned"
who = "DTI programme office"
why = "the ministry announced a corrected table"
until = 2026-11-24
"""


def result(outcome: str = "failed", name: str = "status_is_earned", severity: str = "critical") -> quality.CheckResult:
    return quality.CheckResult(
        "rankings", name, severity, outcome, Bilingual("vì", "why"), rows=pl.DataFrame({"unit": ["u"]})
    )  # type: ignore[arg-type]


SUITES = quality.suites()


def read(folder: Path, text: str = WAIVER, **kwargs: Mapping[str, quality.Suite]) -> tuple[quality.Waiver, ...]:
    (folder / "waivers.toml").write_text(text, encoding="utf-8")
    return quality.waivers(folder, **kwargs)


def test_in_force_a_critical_failure_becomes_a_warning_that_prints_the_waiver(tmp_path: Path) -> None:
    (waived,) = quality.waive([result()], read(tmp_path), TODAY)
    assert (waived.blocks, waived.shown_severity, waived.outcome) == (False, "warning", "failed")
    assert str(waived.waiver) == (
        "rankings.status_is_earned waived until 2026-11-24 by DTI programme office: "
        "the ministry announced a corrected table"
    )


def test_it_also_covers_a_check_that_could_not_run(tmp_path: Path) -> None:
    (waived,) = quality.waive([result("could_not_run")], read(tmp_path), TODAY)
    assert not waived.blocks


def test_it_covers_that_check_alone_and_nothing_that_passed(tmp_path: Path) -> None:
    other, passed = quality.waive([result(name="other"), result("passed")], read(tmp_path), TODAY)
    assert other.blocks
    assert (other.waiver, passed.waiver) == (None, None)


def test_past_its_day_it_has_no_effect_and_is_named(tmp_path: Path) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    waivers = read(tmp_path)
    (failed,) = quality.waive([result()], waivers, tomorrow)
    assert failed.blocks
    assert quality.expired(waivers, tomorrow) == list(waivers)
    assert quality.expired(waivers, TODAY) == []


def test_of_two_the_longer_one_counts(tmp_path: Path) -> None:
    waivers = read(tmp_path, WAIVER + WAIVER.replace("2026-11-24", "2026-12-31"))
    (waived,) = quality.waive([result()], waivers, TODAY)
    assert waived.waiver is not None
    assert waived.waiver.until == dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WAIVER.replace("why =", "because ="), "waiver 1 must have exactly"),
        (WAIVER.replace('"DTI programme office"', '""'), "must be texts that say something"),
        (WAIVER.replace("2026-11-24", '"soon"'), "until must be a date"),
        (WAIVER.replace("2026-11-24", "2026-11-24T00:00:00"), "until must be a date"),
        (WAIVER.replace("status_is_earned", "status_is_erned"), "no check is called rankings.status_is_erned"),
        (
            WAIVER.replace("rankings.status", "province_ranking.status"),
            "province_ranking.status_is_earned is part of rankings.status_is_earned now: write that",
        ),
        (
            WAIVER.replace("rankings.status_is_earned", "ministry_ranking.printed_ranks_are_competition_ranks"),
            "is part of index_scores.printed_ranks_are_competition_ranks and rankings.printed_ranks",
        ),
        (WAIVER.replace("[[waiver]]", "[[waivers]]"), "must hold nothing but"),
        ("[[waiver", "is not TOML"),
    ],
)
def test_a_waiver_that_is_not_one_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(quality.SuiteError, match=r"waivers\.toml") as caught:
        read(tmp_path, text, known=SUITES)
    assert said in str(caught.value)


def test_no_file_is_no_waiver_and_ours_names_existing_checks(tmp_path: Path) -> None:
    assert quality.waivers(tmp_path) == ()
    quality.waivers(known=SUITES)
