"""What later steps would stop at goes to quarantine at the door: row by row, and where files give one figure twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform import tables
from dti_platform.feeds import Known, Parsed, Received, door, read, read_all
from dti_platform.feeds.sheet.template import template
from dti_platform.quality import contract, suites
from tests.feeds.drafts import HOME, Draft

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
PRINTED = FEEDS / "published_results" / "2022" / "provinces.csv"
MINISTRIES = PRINTED.with_name("ministries.csv")
NATIONAL = FEEDS / "national_report" / "2022" / "indicators.csv"
REPORT = FEEDS / "provincial_report" / "2023" / "indicators.csv"
FIRST = pl.int_range(pl.len()) == 0


def parsed(path: Path, known: Known, content: bytes | None = None, name: str | None = None) -> Parsed:
    """A committed file, or another content in its place."""
    content, mark = content or path.read_bytes(), "0" if name is None else "1"
    return read(Received(path.parts[-3], path.parts[-2], name or path.name, mark * 64, content), known)


@pytest.fixture(scope="module")
def files(known: Known) -> dict[Path, Parsed]:
    return {path: parsed(path, known) for path in (PRINTED, MINISTRIES, REPORT, NATIONAL, HOME)}


def holds(parsed: Parsed) -> None:
    """The contracts of what a file gives, and that no cell vanishes."""
    for name in ("observations", "quarantine", "submissions"):
        contract(name, tables.TABLES[name], getattr(parsed, name))


SCORE, POINTS, RANK = ({"measure": measure} for measure in ("score", "points", "rank"))
OFFICIAL, ILLUSTRATIVE = {"evidence": "official"}, {"evidence": "illustrative"}
#: By critical check that the door asks, and by check that was merged into one: a file and what breaks it.
BREAKS: dict[str, tuple[Path, dict[str, Any]]] = {
    "observations.values_lie_within_their_bounds": (MINISTRIES, SCORE | {"value": 1.01}),
    "observations.scores_lie_between_0_and_1": (PRINTED, SCORE | {"value": 1.01}),
    "observations.points_are_not_negative": (PRINTED, POINTS | {"value": -1.0}),
    "observations.points_do_not_exceed_the_maximum": (PRINTED, POINTS | {"value": 1001.0}),
    "observations.ranks_start_at_1": (PRINTED, RANK | {"value": 0.0}),
    "observations.ranks_are_whole_numbers": (PRINTED, RANK | {"value": 1.5}),
    "observations.ranks_fit_the_geography": (PRINTED, RANK | {"value": 64.0}),
    "observations.published_figures_are_official": (PRINTED, ILLUSTRATIVE),
    "observations.synthetic_files_are_illustrative": (HOME, OFFICIAL),
    "observations.made_up_nodes_are_illustrative": (HOME, OFFICIAL),
    "scores.points_are_not_negative": (HOME, {"value": -1.0}),
    "scores.points_do_not_exceed_the_maximum": (HOME, {"value": 1001.0}),
    "scores.score_is_points_over_maximum": (
        PRINTED,
        POINTS | {"value": 999.0, "node": "PDTI", "unit": "VN63-48", "source": "https://dti.gov.vn/xep-hang-2022"},
    ),
    "scores.published_figures_are_official": (PRINTED, SCORE | {"value": 0.5} | ILLUSTRATIVE),
    "scores.made_up_nodes_are_illustrative": (HOME, OFFICIAL),
    "index_scores.points_do_not_exceed_the_maximum": (HOME, {"value": 1001.0}),
    "index_scores.published_figures_are_official": (PRINTED, ILLUSTRATIVE),
    "league_table.published_figures_are_official": (PRINTED, ILLUSTRATIVE),
    "index_scores.made_up_nodes_are_illustrative": (HOME, OFFICIAL),
    "rankings.published_figures_are_official": (PRINTED, RANK | {"value": 1.0} | ILLUSTRATIVE),
    "ministry_ranking.published_figures_are_official": (MINISTRIES, ILLUSTRATIVE),
    "province_ranking.published_figures_are_official": (PRINTED, ILLUSTRATIVE),
    "national_scorecard.counts_are_not_negative": (NATIONAL, {"unit_measure": "teams", "value": -1.0}),
    "provincial_scorecard.counts_are_not_negative": (REPORT, {"unit_measure": "teams", "value": -1.0}),
}


def test_every_critical_check_that_is_asked_at_the_door_has_a_case() -> None:
    asked = {
        name
        for suite in suites().values()
        for entry in suite.entries
        for name in (f"{suite.table}.{entry.name}", *entry.formerly)
        if (entry.severity, entry.asked) == ("critical", "door")
    }
    assert asked == BREAKS.keys()


@pytest.mark.parametrize("check", BREAKS)
def test_what_would_break_a_check_is_held_back(files: dict[Path, Parsed], known: Known, check: str) -> None:
    path, change = BREAKS[check]
    spoilt = replace(files[path], observations=changed(files[path].observations, change))
    (held,) = door.reconciled(door.admitted([spoilt], known, "DTI"), known)
    assert held.observations.height == files[path].observations.height - 1
    assert held.quarantine.height == files[path].quarantine.height + 1
    holds(held)


def changed(observations: pl.DataFrame, change: dict[str, Any]) -> pl.DataFrame:
    """The first of them made another."""
    types = observations.schema
    return observations.with_columns(
        pl.when(FIRST).then(pl.lit(value, types[name])).otherwise(name).alias(name) for name, value in change.items()
    )


@pytest.mark.parametrize("path", [PRINTED, REPORT, HOME], ids=lambda path: path.parts[-3])
def test_a_good_file_passes_as_it_is(files: dict[Path, Parsed], known: Known, path: Path) -> None:
    """But for the class of each source, which the door says."""
    given, (passed,) = files[path], door.admitted([files[path]], known, "DTI")
    assert passed.observations.equals(given.observations)
    assert passed.quarantine is given.quarantine
    assert passed.submissions is given.submissions
    assert not given.observations.is_empty()


def test_a_score_of_another_index_than_the_feed_s_is_held_back(files: dict[Path, Parsed], known: Known) -> None:
    (held,) = door.admitted([files[PRINTED]], known, "PAPI")
    assert held.observations.is_empty()
    assert set(held.quarantine["reason"]) == {"no_framework"}


def test_scores_that_add_up_to_more_than_the_maximum_are_held_back_together(known: Known) -> None:
    """Of decision 405 the maxima of the main indices are not known, that of the whole is."""
    points = {str(number): 126.0 for number in range(1, 9)}
    within, beyond = (sheet_of_405(values, known) for values in ({**points, "8": 118.0}, points))
    assert (within.observations.height, within.submissions["status"][0]) == (8, "accepted")
    assert beyond.observations.is_empty()
    assert beyond.quarantine["reason"].to_list() == ["sum_above_maximum"] * 8
    assert "1008" in beyond.quarantine["reason_vi"][0]
    assert "1000" in beyond.quarantine["reason_vi"][0]
    (single,) = sheet_of_405({"1": 1000.5}, known).quarantine["reason"]
    assert single == "out_of_range"
    holds(beyond)


def sheet_of_405(points: dict[str, float], known: Known) -> Parsed:
    """What the sheet of Thái Nguyên for 2024 gives."""
    framework, unit = known.frameworks.get("405", "provincial"), known.units.all["VN34-19"]
    draft = Draft.of(template(framework, "2024", unit))
    for code, value in points.items():
        draft.put(code, "Tự đánh giá", value)
    return read(Received("self_assessment", "2024", "405.xlsx", "0" * 64, draft.xlsx()), known)


@pytest.mark.parametrize(
    ("path", "change", "reason"),
    [
        (REPORT, {"certainty": "rumoured"}, "out_of_contract"),
        (REPORT, {"value": float("nan")}, "out_of_contract"),
        (REPORT, {"period": "2023-13"}, "out_of_contract"),
        (REPORT, {"basis": "recomputed"}, "out_of_contract"),
        (REPORT, {"period": "2022"}, "wrong_period"),
        (REPORT, {"unit": "VN34-01"}, "unknown_unit"),
        (REPORT, {"geography": "VN99"}, "unknown_unit"),
        (REPORT, {"geography": "VN34", "unit": "VN34-01"}, "geography_of_another_time"),
        (REPORT, {"node": "moonshots"}, "unknown_indicator"),
        (REPORT, {"framework": "922"}, "no_framework"),
        (REPORT, {"basis": "published"}, "no_framework"),
        (REPORT, {"unit_measure": "teams", "value": -1.0}, "out_of_range"),
        (REPORT, {"value": 1e16}, "out_of_range"),
        (REPORT, {"denominator": 1e16}, "out_of_range"),
        (PRINTED, {"framework": "405"}, "no_framework"),
        (PRINTED, {"framework": None}, "no_framework"),
        (PRINTED, {"node": "4.10"}, "unknown_node"),
        (PRINTED, {"peer_group": "with_public_services"}, "group_without_ranking"),
        (PRINTED, {"evidence": "illustrative"}, "wrong_evidence"),
        (PRINTED, {"measure": "score", "value": 1.01}, "out_of_range"),
        (PRINTED, {"measure": "rank", "value": 64.0}, "out_of_range"),
        (PRINTED, {"measure": "rank", "value": 1.5}, "not_whole"),
        (PRINTED, {"measure": "units", "value": 0.0}, "out_of_range"),
        (HOME, {"node": "99.9"}, "unknown_node"),
        (HOME, {"measure": "numerator"}, "unknown_node"),
        (HOME, {"value": 1e4}, "out_of_range"),
        (HOME, {"value": -1.0}, "out_of_range"),
        (HOME, {"evidence": "official"}, "wrong_evidence"),
    ],
)  # fmt: skip
def test_an_observation_that_a_later_table_can_not_hold_is_quarantined(
    files: dict[Path, Parsed], known: Known, path: Path, change: dict[str, Any], reason: str
) -> None:
    file = files[path]
    (held,) = door.admitted([replace(file, observations=changed(file.observations, change))], known, "DTI")
    assert held.observations.equals(file.observations[1:])
    assert held.quarantine[-1].select("locator", "reason").row(0) == (file.observations["locator"][0], reason)
    assert held.submissions["quarantined"][0] == file.submissions["quarantined"][0] + 1
    assert held.submissions["status"][0] == "accepted_in_part"
    holds(held)


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({"certainty": "invented"}, "certainty = invented"),
        ({"period": "2023-13", "qualifier": "nearly"}, "period = 2023-13, qualifier = nearly"),
        ({"basis": "recomputed"}, "basis = recomputed, certainty = verbatim"),
    ],
)
def test_a_feed_that_gives_what_no_table_holds_is_told_which_column(
    files: dict[Path, Parsed], known: Known, change: dict[str, Any], columns: str
) -> None:
    """The value was blamed for a certainty that the module of the feed gives."""
    file = files[REPORT]
    (held,) = door.admitted([replace(file, observations=changed(file.observations, change))], known, "DTI")
    assert held.quarantine["reason_en"][-1] == f"The feed gives what can't stand in the table of figures: {columns}"


def test_files_asked_together_give_what_each_gives_alone(files: dict[Path, Parsed], known: Known) -> None:
    spoilt = replace(files[MINISTRIES], observations=changed(files[MINISTRIES].observations, SCORE | {"value": 1.01}))
    empty = replace(files[PRINTED], observations=files[PRINTED].observations.clear())
    together = door.admitted([files[PRINTED], empty, spoilt, files[NATIONAL]], known, "DTI")
    for one, other in zip(together, [files[PRINTED], empty, spoilt, files[NATIONAL]], strict=True):
        (alone,) = door.admitted([other], known, "DTI")
        assert all(
            getattr(one, name).equals(getattr(alone, name)) for name in ("observations", "quarantine", "submissions")
        )
    assert [each.quarantine.height - files[PRINTED].quarantine.height for each in together[:2]] == [0, 0]
    assert together[2].quarantine.height == spoilt.quarantine.height + 1


def test_a_file_that_is_refused_at_the_door_takes_no_other_with_it(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed, beyond = PRINTED.read_bytes(), PRINTED.read_bytes().replace(b",rank_overall,54,", b",rank_overall,99,")
    contents = [MINISTRIES.read_bytes(), beyond, printed]
    batch = [Received("published_results", "2022", f"{n}.csv", str(n) * 64, each) for n, each in enumerate(contents)]
    assert [each.quarantine.height for each in read_all(batch, known)] == [0, 1, 0]
    monkeypatch.setattr(door, "MOST_QUARANTINED", 0)
    good, refused, last = read_all(batch, known)
    assert refused.refusal is not None
    assert refused.refusal.reason == "too_many_errors"
    assert good.refusal is last.refusal is None


@pytest.mark.parametrize(
    ("geography", "period", "taken"),
    [
        ("VN34", "2025-S1", False), ("VN34", "2025", True), ("VN63", "2025-S2", True), ("VN63", "2026-Q1", False),
        ("VN34", "2026-Q1", True),
    ],
)  # fmt: skip
def test_provinces_are_reported_of_periods_in_which_they_were_in_force(
    known: Known, geography: str, period: str, taken: bool
) -> None:
    header = "geography,province,indicator,name_vi,name_en,period,value,unit,source,certainty\n"
    row = f"{geography},Huế,community_digital_teams,,,{period},3,teams,https://s.vn,verbatim\n"
    content = (header + row).encode()
    file = read(Received("provincial_report", period, "r.csv", "0" * 64, content), known)
    assert file.observations.height == taken
    reasons = file.quarantine["reason_en"].to_list()
    since = "VN34 were not in force in the row's period (from 2025-07-01)"
    until = "VN63 were not in force in the row's period (from 2008-08-01 to 2025-06-30)"
    assert reasons == [] if taken else [f"The units of {since if geography == 'VN34' else until}"]


def test_a_copy_under_another_name_gives_nothing_again(files: dict[Path, Parsed], known: Known) -> None:
    """A committed file and one blank line broke a uniqueness contract at every run, for good."""
    copy = parsed(REPORT, known, REPORT.read_bytes() + b"\n", "indicators (1).csv")
    first, again = door.reconciled([files[REPORT], copy], known)
    assert first is files[REPORT]
    assert again.observations.is_empty()
    assert again.repeated == first.observations.height
    assert again.submissions.select("status", "accepted").row(0) == ("accepted", copy.submissions["accepted"][0])
    assert "indicators.csv" in again.submissions["reason"][0]
    assert [each.reason for each in again.remarks][-1] == "given_already"
    contract("observations", tables.Observations, pl.concat([first.observations, again.observations]))


@pytest.mark.parametrize("path", [REPORT, PRINTED], ids=lambda path: path.parts[-3])
def test_another_value_of_one_key_is_quarantined_with_both_places(
    files: dict[Path, Parsed], known: Known, path: Path
) -> None:
    file = files[path]
    changed = file.observations.with_columns(value=pl.when(FIRST).then(1.0).otherwise("value"), file_name=pl.lit("b"))
    first, other = door.reconciled([file, replace(file, observations=changed)], known)
    assert first is file
    row = other.quarantine.row(-1, named=True)
    assert (row["reason"], row["locator"]) == ("contradicts_another", changed["locator"][0])
    assert f"{path.name}, {changed['locator'][0]}" in row["reason_en"]
    assert other.repeated == file.observations.height - 1
    holds(other)


def test_a_plan_whose_value_contradicts_another_is_held_back_with_it(known: Known) -> None:
    header = "indicator,name_vi,name_en,period,value,unit,source,certainty,plan,plan_document,plan_certainty\n"
    rows = (
        "fixed_broadband_speed,,,2022,{value},Mbps,https://s.vn,verbatim,{plan},,{sure}\n",
        "eid_accounts,,,2022,5,million,https://s.vn,verbatim,,,\n",
    )
    texts = [rows[0].format(value=50, plan="", sure=""), rows[0].format(value=60, plan=70, sure="verbatim") + rows[1]]
    files = [parsed(NATIONAL, known, (header + text).encode(), f"{at}.csv") for at, text in enumerate(texts)]
    _, other = door.reconciled(files, known)
    assert other.observations["node"].to_list() == ["eid_accounts"]
    assert {*other.quarantine.select("raw", "reason").rows()} == {
        ("60", "contradicts_another"),
        ("70", "held_with_row"),
    }
    holds(other)


def test_reports_of_two_feeds_give_one_scorecard(files: dict[Path, Parsed], known: Known) -> None:
    file = files[REPORT]
    other = replace(file, observations=file.observations.with_columns(feed=pl.lit("household_survey")))
    assert door.reconciled([file, other], known)[1].observations.is_empty()
    printed = files[PRINTED]
    other = replace(printed, observations=printed.observations.with_columns(feed=pl.lit("another")))
    assert door.reconciled([printed, other], known)[1] is other


def test_two_files_of_a_feed_without_senders_give_one_figure_of_a_unit(files: dict[Path, Parsed], known: Known) -> None:
    """The source of what such a feed submits is the name of its file: two files told two figures, and both counted."""
    file = files[HOME]
    first, second = (
        replace(file, observations=file.observations.with_columns(source=pl.lit(name), file_name=pl.lit(name)))
        for name in ("a.csv", "b.csv")
    )
    changed = second.observations.with_columns(value=pl.when(FIRST).then(0.25).otherwise("value"))
    kept, other = door.reconciled([first, replace(second, observations=changed)], known)
    assert kept is first
    assert other.observations.is_empty()
    assert other.quarantine.row(-1, named=True)["reason"] == "contradicts_another"
    assert other.repeated == file.observations.height - 1
    holds(other)


def test_an_official_figure_counts_before_an_illustrative_one_that_came_first(
    files: dict[Path, Parsed], known: Known
) -> None:
    file = files[REPORT]
    rows = file.observations.with_columns(feed=pl.lit("household_survey"), evidence=pl.lit("illustrative"))
    changed = rows.with_columns(value=pl.when(FIRST).then(1.0).otherwise("value"), file_name=pl.lit("made_up.csv"))
    made_up, official = door.reconciled([replace(file, observations=changed), file], known)
    assert official is file
    assert made_up.observations.is_empty()
    row = made_up.quarantine.row(-1, named=True)
    assert (row["reason"], row["locator"]) == ("contradicts_another", changed["locator"][0])
    assert made_up.repeated == file.observations.height - 1
    holds(made_up)


def test_an_illustrative_plan_never_stands_beside_an_official_figure(files: dict[Path, Parsed], known: Known) -> None:
    file = files[REPORT]
    plans = file.observations.filter(measure="value").with_columns(
        measure=pl.lit("plan"), evidence=pl.lit("illustrative"), plan_period="period"
    )
    made_up, official = door.reconciled([replace(file, observations=plans), file], known)
    assert official is file
    assert made_up.observations.is_empty()
    assert set(made_up.quarantine["reason"][-plans.height :]) == {"contradicts_another"}


def test_a_score_and_points_that_differ_are_not_both_taken(known: Known) -> None:
    rows = "VN63,Huế,score_overall,0.5,https://s.vn,verbatim\n{row}"
    header = "geography,unit,metric,value,source,certainty\n"

    def taken(row: str) -> list[str]:
        file = parsed(PRINTED, known, (header + rows.format(row=row)).encode(), "x.csv")
        return door.reconciled([file], known)[0].observations["measure"].to_list()

    assert taken("VN63,Huế,sum_overall,300,https://s.vn,verbatim\n") == ["score"]
    assert taken("VN63,Huế,sum_overall,500,https://s.vn,verbatim\n") == ["score", "points"]
    assert taken("VN63,Huế,sum_overall,300,https://t.vn,verbatim\n") == ["score", "points"]
