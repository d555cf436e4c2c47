"""Who moved between two releases, from what to what, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import explain, publications
from dti_platform.cli import main
from dti_platform.codes import LISTS
from dti_platform.explain.difference import CAUSES, TEXTS
from dti_platform.pipeline.flow import released_before
from dti_platform.publications import revisions
from dti_platform.storage import OpenRelease, Store
from tests.publications.changed import CORRECTION, INDICATOR, PRINTED, YEAR, first, lowered, put, second
from tests.publications.flow import published, shared


@cache
def store() -> Store:
    """Four releases of 2022: the first; a corrected cell; one more; everything as it was at first."""
    root = Store(Path(mkdtemp(prefix="dti-difference-")))
    publish(root, first())
    publish(root, lowered(), "correction", CORRECTION.reason)
    publish(root, second(put(INDICATOR, 4.0)), "revision", "the department sent better data")
    publish(root, second(shared(YEAR)["observations"]))
    return root


def publish(
    root: Store, tables: Mapping[str, pl.DataFrame], kind: str = "scheduled", reason: str | None = None
) -> None:
    before = root.releases.latest()
    past = root.releases.back(before.number if before else 0)
    earlier = {name: released_before(past, name) for name in (*revisions.INPUTS, "revisions")}
    announced = publications.Announced(before.number + 1 if before else 1, kind, reason)
    frames = {**tables, "revisions": revisions.changed(announced, earlier, tables)}
    descriptions = {name: publications.describe(publications.released()[name]) for name in frames}
    assert root.releases.publish(frames, descriptions, kind=kind, reason=reason, record={})


def between(one: int, other: int) -> explain.Difference:
    return differing(store(), one, other)


def differing(root: Store, one: int = 1, other: int = 2) -> explain.Difference:
    return explain.difference(root.releases.open(str(one)), root.releases.open(str(other)), root.releases)


def of_index(found: explain.Difference, unit: str) -> explain.Change:
    (change,) = [each for each in found.changes if each.unit == unit and each.node == "PDTI"]
    return change


def test_a_figure_is_told_from_its_first_to_its_last_value_with_every_reason() -> None:
    change = of_index(between(1, 3), "VN63-19")
    assert (change.old_rank, change.is_index, change.evidence) == (8, True, "illustrative")
    assert [(why.release, why.type, why.reason, why.cause) for why in change.why] == [
        ("0002", "correction", CORRECTION.reason, "cells"),
        ("0003", "revision", "the department sent better data", "cells"),
    ]
    one, two = of_index(between(1, 2), "VN63-19"), of_index(between(2, 3), "VN63-19")
    assert (one.new_score, two.new_score) == (two.old_score, change.new_score)


def test_what_went_back_is_no_difference_and_the_order_of_the_two_does_not_matter() -> None:
    assert between(1, 4).changes == ()
    assert between(1, 1).changes == ()
    assert between(3, 1) == between(1, 3)
    assert explain.difference_lines(between(1, 4), "en")[-1] == TEXTS["none"][1]


def test_changes_of_two_indexes_of_a_period_stand_apart_each_under_its_framework() -> None:
    found = between(1, 2)
    others = tuple(replace(each, framework="papi16") for each in found.changes)
    lines = explain.difference_lines(replace(found, changes=(*found.changes, *others)), "en")
    heading = "2022 · VN63 · verified score · ILLUSTRATIVE"
    assert [line for line in lines if line.startswith(heading)] == [f"{heading} · 922", f"{heading} · papi16"]


def test_a_person_reads_who_moved_and_why_and_how_much_is_below() -> None:
    found = between(1, 2)
    lines = explain.difference_lines(found, "en")
    assert lines[0] == f"From {found.earlier} to {found.later}: {len(found.changes)} scores and ranks changed"
    assert lines[2] == "2022 · VN63 · verified score · ILLUSTRATIVE"
    cause = "«a sum was read twice»: changed cells of Thai Nguyen (VN63-19), 1: 922-provincial.csv"
    assert f"correction of a mistake {cause}" in lines[3]
    assert lines[4] == "    Thai Nguyen (VN63-19): score 0.678685 → 0.670185, rank 8 → 10"
    assert not [line for line in lines[5:-1] if cause in line or not re.match(r" {4}\S.*: rank \d+ → \d+$", line)]
    assert "figures of nodes below (--all)" in lines[-1]
    whole = explain.difference_lines(between(1, 2), "en", whole=True)
    assert len(whole) == 3 + 1 + len(between(1, 2).changes)


def test_both_languages_tell_the_same_lines() -> None:
    vi, en = (explain.difference_lines(between(1, 3), language, whole=True) for language in ("vi", "en"))
    assert len(vi) == len(en)
    assert not [line for line in (*vi, *en) if "{" in line]
    assert {*CAUSES, "peers"} == set(LISTS["cause"].values), "peers reads as the cells of those peers"


def test_a_release_from_before_changes_were_recorded_is_said_to_be(tmp_path: Path) -> None:
    old = Store(tmp_path)
    table = first()["index_scores"]
    old.releases.publish(
        {"index_scores": table},
        {"index_scores": publications.describe(publications.discover()["index_scores"])},
        record={},
    )
    opened = old.releases.open()
    with pytest.raises(explain.NothingToTrace, match="before changes were recorded"):
        explain.difference(opened, opened, old.releases)


def test_the_command_prints_lines_or_json() -> None:
    data = ["--data", str(store().root)]
    done = CliRunner().invoke(main, ["diff", "1", "2", "--lang", "vi", *data])
    assert done.exit_code == 0, done.output
    assert "sửa sai «a sum was read twice»" in done.output
    told = json.loads(CliRunner().invoke(main, ["diff", "1", "2", "--json", *data]).output)
    assert {each["unit"] for each in told["changes"] if each["node"] == "PDTI"} >= {"VN63-19"}
    assert CliRunner().invoke(main, ["diff", "1", "9", *data]).exit_code == 1


def test_printed_figures_are_told_apart_from_illustrative_ones() -> None:
    root = Store(Path(mkdtemp(prefix="dti-difference-")))
    publish(root, first())
    publish(root, second(put(PRINTED, 0.5)), "correction", "a misprint")
    found = differing(root)
    assert {each.evidence for each in found.changes} == {"official"}
    assert not any("ILLUSTRATIVE" in line for line in explain.difference_lines(found, "en"))


COMPUTERS = pl.col("indicator") == "computers_handed_over"
BROADBAND = pl.col("indicator") == "household_fibre_share"


def national() -> pl.DataFrame:
    return published("national_scorecard", YEAR)


def provincial() -> pl.DataFrame:
    return published("provincial_scorecard", YEAR)


def with_figures(folder: Path, *nationals: pl.DataFrame, both: bool = True) -> Store:
    """Releases whose operational figures alone differ."""
    root = Store(folder)
    for figures in nationals:
        scorecards = {"national_scorecard": figures} | ({"provincial_scorecard": provincial()} if both else {})
        publish(root, {**first(), **scorecards})
    return root


def test_operational_figures_that_moved_came_or_went_are_told_in_both_languages(tmp_path: Path) -> None:
    moved = (
        national()
        .filter(~BROADBAND)
        .with_columns(
            value=pl.when(COMPUTERS).then(460000.0).otherwise("value"),
            qualifier=pl.when(COMPUTERS).then(pl.lit("exact")).otherwise("qualifier"),
        )
    )
    root = with_figures(tmp_path, national(), moved)
    found = differing(root)
    assert (found.changes, found.new) == ((), ())
    (computers,) = [each for each in found.scorecards if each.indicator == "computers_handed_over"]
    assert (computers.old_value, computers.new_value, computers.unit) == (450000.0, 460000.0, None)
    gone = [each for each in found.scorecards if each.indicator == "household_fibre_share"]
    assert len(gone) == national().filter(BROADBAND).height == len(found.scorecards) - 1
    assert {each.new_value for each in gone} == {None}
    lines = explain.difference_lines(found, "en")
    assert lines[2:4] == ["", f"National operational figures: {len(found.scorecards)} changed"]
    assert any("value over 450,000 computers → 460,000 computers  ← " in line for line in lines)
    assert any("hơn 450.000 máy tính → 460.000 máy tính" in line for line in explain.difference_lines(found, "vi"))
    assert json.loads(json.dumps(found.to_dict()))["scorecards"][0]["table"] == "national_scorecard"


def test_figures_past_the_first_are_counted_unless_all_are_asked_for(tmp_path: Path) -> None:
    root = with_figures(tmp_path, national().clear(), national())
    found = differing(root)
    assert len(found.scorecards) == national().height > 20
    short, whole = (explain.difference_lines(found, "en", whole=every) for every in (False, True))
    assert short[-1] == f"  … and {national().height - 20} further figures (--all)"
    assert len(whole) == len(short) - 1 + national().height - 20


def test_a_scorecard_that_a_release_lacks_is_left_out(tmp_path: Path) -> None:
    root = with_figures(tmp_path, national(), both=False)
    publish(root, {**first(), "provincial_scorecard": provincial()})
    assert differing(root).scorecards == ()


def test_the_first_release_brings_its_rankings_and_figures(tmp_path: Path) -> None:
    only = with_figures(tmp_path, national()).releases.open("1")
    found = explain.difference_since(None, only)
    assert (found.earlier, found.changes) == (None, ())
    assert {(each.period, each.geography, each.basis) for each in found.new} >= {("2022", "VN63", "published")}
    assert len(found.scorecards) == national().height + provincial().height
    vi, en = (explain.difference_lines(found, language, whole=True) for language in ("vi", "en"))
    assert "the first release" in en[0]
    assert len(vi) == len(en)


def test_a_ranking_that_was_not_there_before_is_new_and_not_changed(tmp_path: Path) -> None:
    root = Store(tmp_path)
    without = first()["index_scores"].filter(pl.col("basis") != "self")
    publish(root, {**first(), "index_scores": without})
    publish(root, first())
    found = differing(root)
    (new,) = found.new
    assert (new.basis, new.units, new.evidence) == ("self", 63, "illustrative")
    assert explain.difference_lines(found, "en")[-1] == "  2022 · VN63 · self score · ILLUSTRATIVE · 922: units 63"


def test_what_is_as_it_was_makes_no_release_after_one_that_changed_figures() -> None:
    root, same = Store(Path(mkdtemp(prefix="dti-difference-"))), lowered()
    publish(root, first())
    publish(root, same, "correction", CORRECTION.reason)
    standing, names = root.releases.open(), [each.name for each in root.releases.list()]
    assert standing.table("revisions").height
    with pytest.raises(AssertionError, match="None"):
        publish(root, same, "correction", "for another reason")
    assert [each.name for each in root.releases.list()] == names


def test_the_history_is_that_of_all_releases_and_ends_at_one_that_holds_all_before_it() -> None:
    releases = store().releases
    told = publications.history(releases.back(4), "revisions")
    assert {*told["release"]} == {"0002", "0003", "0004"}
    assert told.height == sum(releases.open(each).table("revisions").height for each in "234")

    def of_version_2(release: OpenRelease) -> OpenRelease:
        release.described("revisions")["dti:schema_version"] = "2"
        return release

    newest, cumulative, *_ = releases.back(4)
    old = publications.history([newest, of_version_2(cumulative), *releases.back(2)], "revisions")
    assert {*old["release"]} == {"0003", "0004"}, "what is before it is not read"
