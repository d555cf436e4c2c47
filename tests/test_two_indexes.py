"""Two indexes that rank the same provinces in the same years: DTI and a stand-in of PAPI (giả lập), side by side."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from dti_platform.storage import Store
from tests.copies import PROJECT, Copy, copied, dti, put, run
from tests.stand_ins.papi import papi as drawn
from tests.stand_ins.papi import rows

if TYPE_CHECKING:
    from tests.conftest import Flow

RECIPES = Path(__file__).parent / "recipes"
YEARS = (2021, 2022)
FRAMEWORK = "papi16"
#: The tables that have rows of it.
TOLD = {"codes", "coverage", "index_scores", "league_table", "observations", "province_ranking", "reconciliation"}
IN_FORCE = '  { period = "2016", geography = "VN63" },\n'


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """All committed figures, and beside them the other index, by its recipe, for two years in which the DTI is."""
    root = tmp_path_factory.mktemp("both")
    before = copied(root)
    shutil.copytree(PROJECT / "data" / "feeds", root / "data" / "feeds")
    put(RECIPES / "papi.py", root / "dti_platform" / "feeds" / "papi.py")
    declared = (RECIPES / "papi16-provincial.toml").read_text(encoding="utf-8")
    years = "".join(IN_FORCE.replace("2016", str(year)) for year in YEARS)
    frameworks = root / "dti_platform" / "methodology" / "frameworks"
    (frameworks / "papi16-provincial.toml").write_text(declared.replace(IN_FORCE, years), encoding="utf-8")
    for year in YEARS:
        received = root / "data" / "feeds" / "papi" / str(year) / "PAPI.xlsx"
        received.parent.mkdir(parents=True)
        received.write_bytes(drawn(YEARS))
    return run(root, before)


def of_the_other(table: pl.DataFrame) -> pl.Expr:
    """Its rows: those of its framework, and what the table of codes says of it and of its feed."""
    if "framework" in table.columns:
        return pl.col("framework").eq_missing(FRAMEWORK)
    if "list" in table.columns:
        return pl.struct("list", "code").is_in(
            [{"list": "framework", "code": FRAMEWORK}, {"list": "feed", "code": "papi"}]
        )
    return pl.lit(value=False)


def test_both_go_through_the_whole_flow(both: Copy) -> None:
    assert both.outcome["failure"] is None
    (papi,) = [each for each in both.outcome["received"] if each["feed"] == "papi"]
    assert (papi["files"], papi["refused"], papi["quarantined"]) == (2, 0, 0)
    assert not both.outcome["checks"]["failed"]


def test_every_row_of_the_dti_is_as_it_is_alone(both: Copy, flow: Flow) -> None:
    alone, beside = flow.store.open_release(), Store(both.root / "data").open_release()
    assert alone.tables == beside.tables
    for name in alone.tables:
        own, before = (each.table(name).drop("position", strict=False) for each in (beside, alone))
        assert own.filter(~of_the_other(own)).equals(before), name
        assert (own.height > before.height) == (name in TOLD), name


def test_the_other_index_is_ranked_by_its_own_points_and_compared_with_its_own_ranks(both: Copy) -> None:
    ranking = both.table("province_ranking").filter(framework=FRAMEWORK, basis="recomputed")
    places = {year: totals(year) for year in YEARS}
    for year, points in places.items():
        ranks = {row["unit_name_vi"]: row["rank"] for row in ranking.filter(period=str(year)).to_dicts()}
        assert ranks == {name: 1 + sum(other > own for other in points.values()) for name, own in points.items()}
    first, second = (ranking.filter(period=str(year)) for year in YEARS)
    assert set(first["comparison"]) == {"no_earlier_ranking"}, "the DTI of 2020 is none of it"
    then = dict(first.select("unit", "rank").rows())
    assert second["previous_rank"].to_list() == [then[unit] for unit in second["unit"]]
    assert set(second["previous_period"]) == {"2021"}


def totals(year: int) -> dict[str, float]:
    """The total that is printed of each province."""
    return {str(row[2]): round(float(row[-1] or 0), 6) for row in rows(year)[2:-1]}


def test_a_trace_and_the_ranking_of_a_run_say_which_index(both: Copy) -> None:
    told = dti(both.root, "trace", "Thái Nguyên", "--period", "2022")
    assert [(each["framework"], each["node"]) for each in told["units"]] == [("922", "PDTI"), (FRAMEWORK, "PAPI")]
    assert {each["framework"] for unit in told["units"] for each in unit["standings"]} == {"922", FRAMEWORK}
    assert told["units"][0]["standings"][0]["rank"] == 8
    assert told["units"][1]["losses"][0]["scale"] == 60
    assert (both.outcome["ranking"]["index"], both.outcome["ranking"]["framework"]) == ("DTI", "922")


def test_what_it_lacks_and_how_it_agrees_is_told_of_its_own_figures(both: Copy) -> None:
    covered = both.table("coverage").filter(framework=FRAMEWORK)
    assert set(covered.select("feed", "computed", "missing").unique().rows()) == {("papi", True, 0)}
    held = both.table("reconciliation").filter(framework=FRAMEWORK)
    assert set(held["basis"]) == {"recomputed"}
    assert set(held.filter(metric="points_overall")["verdict"]) == {"agrees"}
