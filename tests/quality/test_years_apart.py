"""A table of many years is judged some years at a time, and is found to be what it is as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl
import pytest

from dti_platform import publications, quality, tables
from dti_platform.pipeline import Platform, gate
from dti_platform.pipeline.flow import stored
from dti_platform.storage import Store
from tests.conftest import Flow
from tests.quality.miniature import case

#: What the release itself makes is of no year; nor is a table that is not keyed by period judged year by year.
TABLES = [
    name
    for name in quality.suites()
    if name not in publications.of_releases() and "period" in tables.key(publications.model_of(name))
]


def frames(judging: gate.Gate, suite: quality.Suite, years: Collection[int]) -> Mapping[str, pl.DataFrame]:
    """What a suite's entries speak of, over the stored rows of some years."""
    rows = stored(judging.store, suite.table, years)
    others = {name: judging.compared(name, suite.table, years, rows).make() for name in quality.needs(suite)}
    return {each.name: each.frame.sort(pl.all()) for each in quality.questions(suite, rows, others)}


def test_each_frame_of_all_years_is_those_of_each_of_them(flow: Flow) -> None:
    """But for those that are said to look across years, none of which is named in vain."""
    judging, across = Platform(flow.store).gate, set[str]()
    for table in TABLES:
        suite, years = quality.suites()[table], flow.store.tables.years(table)
        by_years, _ = quality.by_years(suite)
        of_each = [frames(judging, suite, [year]) for year in years]
        for name, whole in frames(judging, suite, years).items():
            alike = pl.concat([each[name] for each in of_each], how="vertical_relaxed").sort(pl.all()).equals(whole)
            assert alike or name not in {each.frame for each in by_years.entries}, (table, name)
            across |= set() if alike else {name}
    assert across <= quality.ACROSS_YEARS
    assert {"hosts_of_sources", "parts_of_two_years"} <= across


def test_answers_of_some_years_at_a_time_are_those_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "province_ranking"
    made, others = case(table)
    judging = Platform(Store(tmp_path)).gate
    for year, wrong in {2022: 2, 2023: 0, 2024: 1}.items():
        rank = pl.when(pl.int_range(pl.len()) < wrong).then(pl.col("rank") + 5).otherwise("rank")
        rows = made.with_columns(period=pl.lit(str(year)), rank=rank.cast(pl.Int32))
        judging.store.tables.write(table, year, rows)
        judging.store.tables.write("observations", year, publications.empty("observations"))
        others |= {name: others[name].with_columns(period=pl.lit("2022")) for name in ("scores", "rankings")}
    every = {name: pl.concat([frame.with_columns(period=pl.lit(str(year))) for year in (2022, 2023, 2024)])
             for name, frame in others.items() if "period" in frame.columns}  # fmt: skip

    def compared(_: object, name: str, __: str, years: Collection[int] | None, ___: object) -> gate.Compared:
        frame, periods = {**others, **every}[name], [*map(str, years or ())]
        known = frame.filter(pl.col("period").is_in(periods)) if periods and name in every else frame
        return gate.Compared(None, lambda: known)

    monkeypatch.setattr(gate.Gate, "compared", compared)
    whole = judging.check_stored(table)
    monkeypatch.setattr(gate, "MOST_BYTES", 1)
    apart = judging.check_stored(table)
    assert [told(each) for each in apart] == [told(each) for each in whole]
    assert all(one.rows.equals(other.rows) for one, other in zip(apart, whole, strict=True))
    (stopped,) = (each for each in apart if each.name == "figures_are_as_made")
    assert (stopped.outcome, stopped.failing, stopped.periods) == ("failed", 3, {"2022": 2, "2024": 1})
    assert stopped.rows["period"].to_list() == ["2022", "2022", "2024"]


def told(result: quality.CheckResult) -> dict[str, object]:
    return {name: value for name, value in result.to_dict().items() if name not in ("rows", "known")}
