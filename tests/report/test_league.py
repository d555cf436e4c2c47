"""``dti ranking`` over a real release: the newest ranking, one unit over the years, figures against plan."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from dti_platform.cli import main
from dti_platform.explain import NothingToTrace
from dti_platform.orchestration.run import leaders, named_years
from dti_platform.report import league
from dti_platform.report.league import leagues, newest
from dti_platform.storage import OpenRelease
from tests.conftest import Flow


def ran(flow: Flow, *arguments: str) -> Result:
    """The command as through a pipe: 80 columns, no colours."""
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["ranking", *arguments, "--data", str(flow.store.root)])


def lines(flow: Flow, *arguments: str) -> list[list[str]]:
    result = ran(flow, *arguments)
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.output.splitlines()]


def test_the_newest_ranking_is_printed_with_one_first_place(flow: Flow) -> None:
    printed = lines(flow)
    assert printed[1][:4] == ["DTI", "2024", "·", "VN34"]
    assert [line for line in printed if line[:1] == ["1"]] == [["1", "·", "Hà", "Nội", "0,8241"]]
    assert printed[-1] == ["Tìm", "thấy", "hạng", "của", "12", "trong", "34", "đơn", "vị."]


def test_a_named_period_and_set_of_units_are_printed(flow: Flow) -> None:
    printed = lines(flow, "2022")
    assert ["1", "0", "Đà", "Nẵng", "0,8002", "0,8638°", "0,8473°", "0,7864°"] in printed
    assert sum(line[:1] != [] and line[0].isdigit() for line in printed) == 63
    assert ["2", "·", "Đà", "Nẵng", "0,8335"] in lines(flow, "2024", "--geography", "VN63")


def test_ministries_have_a_table_for_each_group(flow: Flow) -> None:
    text = ran(flow, "2022", "--level", "ministerial", "--lang", "en").output
    assert text.count("DTI 2022 · MIN22 · ") == 2
    assert "with public services · published" in text
    assert "1  +1  Ministry of Planning and Investment" in text


def test_one_unit_is_printed_over_the_years_though_its_ids_differ(flow: Flow) -> None:
    printed = lines(flow, "--unit", "thai nguyen")
    assert printed[4] == ["2021", "8/63", "12", "·", "0,4960", "0,5496", "(9)", "0,5364", "(5)", "0,5137", "(8)"]
    assert [line[:2] for line in printed[3:8]] == [
        ["2020", "12/63"], ["2021", "8/63"], ["2022", "8/63"], ["2023", "·/63"], ["2024", "8/34"],
    ]  # fmt: skip
    assert [line[0] for line in lines(flow, "2022", "--unit", "VN63-19")[3:]] == ["2022"]


def test_figures_are_printed_against_plan(flow: Flow) -> None:
    text = ran(flow, "2022-S1", "--scorecard").output
    assert "477/832 thôn, bản" in text
    assert "11,27 % 7 % (2022)" in " ".join(text.split())
    assert "hơn 2.100 tiểu thương" in ran(flow, "2022-S1", "--scorecard", "--unit", "Thái Nguyên").output


@pytest.mark.parametrize("arguments", [(), ("2022",), ("--unit", "Đà Nẵng"), ("2022-S1", "--scorecard")])
def test_a_table_fits_80_columns_and_is_the_same_as_json(flow: Flow, arguments: tuple[str, ...]) -> None:
    text = ran(flow, *arguments).output
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "\x1b" not in text
    told = json.loads(ran(flow, *arguments, "--json").output)
    rows = (told[0] if isinstance(told, list) else told)["rows"]
    assert rows[0]["evidence"] == "official"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("2019",), "no provincial ranking for 2019; it has 2020, 2021, 2022, 2023, 2024"),
        (("2022", "--geography", "VN34"), "2022 was not ranked for VN34, but for VN63"),
        (("--unit", "Thái Nguên"), "has 'Thái Nguên'; close to it: Thái Nguyên"),
        (("2019", "--unit", "Đà Nẵng"), "no ranking of Đà Nẵng for 2019; it has 2020"),
        (("1999", "--scorecard"), "no operational figures of the country for 1999; it has 2020"),
        (("--scorecard", "--unit", "Bắc Kạn"), "no operational figures of 'Bắc Kạn'"),
    ],
)
def test_an_error_names_what_there_is(flow: Flow, arguments: tuple[str, ...], told: str) -> None:
    result = ran(flow, *arguments)
    assert result.exit_code == 1
    assert told in result.output


def test_a_whole_ranking_and_one_unit_are_not_asked_for_at_once(flow: Flow) -> None:
    result = ran(flow, "--unit", "Đà Nẵng", "--geography", "VN63")
    assert result.exit_code == 2
    assert "leave out --unit and --scorecard" in result.output


def test_a_period_that_provinces_alone_report_names_the_option_for_them(flow: Flow) -> None:
    result = ran(flow, "2024-M08", "--scorecard")
    assert result.exit_code == 1
    assert "no operational figures of the country for 2024-M08, but of 2 provinces; name one by --unit" in result.output


def with_another_index(release: OpenRelease, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the rankings of a release those of a made-up index, complete and newer."""
    table = league.released(release, "league_table")
    of_2022 = table.filter(period="2022", level="provincial", headline=True)
    other = of_2022.with_columns(
        index_name=pl.lit("ABC"), period=pl.lit("2025"), framework=pl.lit("abc"), evidence=pl.lit("illustrative")
    )
    monkeypatch.setattr(league, "released", lambda *_: pl.concat([table, other]))


def test_the_platform_s_own_index_goes_before_a_newer_illustrative_one(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = flow.store.releases.open()
    with_another_index(release, monkeypatch)
    (shown,) = leagues(release, "provincial", None, None, "DTI")
    assert (shown.index, shown.period, shown.evidence) == ("DTI", "2024", "official")
    (named,) = leagues(release, "provincial", "2025", None, "DTI")
    assert (named.index, named.evidence) == ("ABC", "illustrative")
    chosen = newest(release, range(2020, 2026), "DTI")
    assert chosen
    assert (chosen.index, chosen.period) == ("DTI", "2022")


def test_a_release_without_a_league_table_says_so(project: Path) -> None:
    old = OpenRelease.at(project / "tests" / "golden" / "0001-e00e7781a56f")
    with pytest.raises(NothingToTrace, match="has no league table"):
        leagues(old, "provincial", None, None, "DTI")
    assert newest(old, [2022], "DTI") is None


def test_a_run_shows_the_newest_complete_ranking_and_one_of_a_year_that_year(flow: Flow) -> None:
    every = leaders(flow.store, [2020, 2021, 2022, 2023, 2024], None)
    assert every
    assert (every["period"], len(every["rows"]), every["rows"][0]["recomputed"]) == (
        "2022", 10, [f"score_digital_{pillar}" for pillar in ("government", "economy", "society")],
    )  # fmt: skip
    of_2021 = leaders(flow.store, named_years(["2021-S2"]), None)
    assert of_2021
    assert (of_2021["period"], of_2021["ranked"], of_2021["peers"]) == ("2021", 27, 63)
    assert leaders(flow.store, [2019], None) is None
