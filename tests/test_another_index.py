"""A real index that the platform has never heard of, PAPI 2011 to 2016, by one feed and two framework files alone.

Its workbook may not be committed: the proof runs on a drawn stand-in (giả lập) with its titles, provinces and gaps,
beside all figures of the DTI, and in two years for the same provinces as those; as a heavy test, on the real one alone
where that is.
"""

from __future__ import annotations

import io
import json
import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import cli, feeds
from dti_platform.orchestration.run import run_main_job
from dti_platform.pipeline import Platform, remembered, robustness
from dti_platform.report.site.kinds import profile
from dti_platform.storage import Store
from dti_platform.units import fold
from tests.copies import PROJECT, Copy, copied, put, run
from tests.stand_ins import drawn, of_others, real
from tests.stand_ins.papi import papi as drawn_of
from tests.stand_ins.papi import rows

if TYPE_CHECKING:
    from dti_platform.storage.pruned import Cache
    from tests.conftest import Flow

RECIPES = Path(__file__).parent / "recipes"
WORKBOOK = "PAPI_2011-2016.xlsx"
YEARS = range(2011, 2017)
#: Years in which the DTI is in force, too.
WITH_THE_DTI = (2021, 2022)
FRAMEWORKS = ("papi11", "papi16")
FRAMEWORK = FRAMEWORKS[-1]
IN_FORCE = '  { period = "2016", geography = "VN63" },\n'
#: Tables that have rows of it.
TOLD = {"breaks", "codes", "coverage", "index_scores", "league_table", "observations", "province_ranking",
        "reconciliation"}  # fmt: skip
Key = tuple[str, str, str]
Recall = Callable[["Cache", int], Mapping[str, feeds.Parsed]]


def real_workbook() -> bytes:
    if not real(f"wild/{WORKBOOK}"):
        pytest.skip(f"{WORKBOOK} is not beside the project: the drawn stand-in proves the same")
    return of_others(f"wild/{WORKBOOK}")


@pytest.fixture(scope="module")
def both(flow: Flow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """All committed figures, and beside them the other index, by its recipe, in two years of the DTI, too.

    This process finds what the copy has beyond its own program. The audit takes few draws; of units, the site has pages
    of some; of self-assessments, which are alike, most were read by the session's run.
    """
    root = tmp_path_factory.mktemp("both")
    before = copied(root)
    shutil.copytree(PROJECT / "data" / "feeds", root / "data" / "feeds")
    Platform(store := Store(root / "data")).arrivals.land()  # first, as in the session's run: receipts have its numbers
    follow_the_recipe(root)
    newest = root / "dti_platform" / "methodology" / "frameworks" / f"{FRAMEWORK}-provincial.toml"
    also = "".join(IN_FORCE.replace("2016", str(year)) for year in (2016, *WITH_THE_DTI))
    newest.write_text(newest.read_text(encoding="utf-8").replace(IN_FORCE, also), encoding="utf-8")
    receive(root, YEARS[:1], drawn(f"wild/{WORKBOOK}"))
    for year in (*YEARS[1:], *WITH_THE_DTI):
        receive(root, [year], drawn_of([year]))
    every = profile.pages
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds, "__path__", [*feeds.__path__, str(root / "dti_platform" / "feeds")])
        patch.setattr("dti_platform.methodology.loading.FOLDER", newest.parent)
        patch.setattr(profile, "pages", lambda content: islice(every(content), 0, None, 12))
        patch.setattr(robustness.Effort, "of_evidence", lambda *_: (200, 64))  # draws, and N of the design
        patch.setattr(remembered, "recalled", partial(self_assessments, flow, remembered.recalled))
        feeds.discover.cache_clear()
        yield Copy(root, before, run_main_job(store).to_dict())
    feeds.discover.cache_clear()


def self_assessments(flow: Flow, recalled: Recall, _: Cache, year: int) -> dict[str, feeds.Parsed]:
    """What each self-assessment of a year but the first few gave in the session's run."""
    gave = recalled(flow.store.cache, year).items()
    return dict([(key, each) for key, each in gave if {*each.submissions["feed"]} == {"self_assessment"}][6:])


@pytest.fixture(scope="module", params=["drawn", pytest.param("real", marks=pytest.mark.heavy)])
def papi(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The drawn workbook beside the DTI, the real one alone."""
    if request.param == "drawn":
        return request.getfixturevalue("both")
    root = tmp_path_factory.mktemp("papi")
    before = copied(root)
    follow_the_recipe(root)
    receive(root, YEARS, real_workbook())
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DTI_AUDIT_DRAWS", raising=False)
        return run(root, before)


def follow_the_recipe(root: Path) -> None:
    put(RECIPES / "papi.py", root / "dti_platform" / "feeds" / "papi.py")
    for name in (f"{framework}-provincial.toml" for framework in FRAMEWORKS):
        put(RECIPES / name, root / "dti_platform" / "methodology" / "frameworks" / name)


def receive(root: Path, years: Iterable[int], workbook: bytes) -> None:
    for year in years:
        received = root / "data" / "feeds" / "papi" / str(year) / WORKBOOK
        received.parent.mkdir(parents=True)
        received.write_bytes(workbook)


@pytest.fixture(scope="module")
def printed(papi: Copy) -> dict[int, dict[str, list[Any]]]:
    return read((papi.root / "data" / "feeds" / "papi" / str(YEARS[0]) / WORKBOOK).read_bytes())


def read(workbook: bytes) -> dict[int, dict[str, list[Any]]]:
    """What an independent reader finds in the workbook: by year, titles and rows of provinces."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(workbook), read_only=False, data_only=True)
    found: dict[int, dict[str, list[Any]]] = {}
    for year in YEARS:
        titles, _, *rows = book[f"{year}_PAPI"].iter_rows(values_only=True)
        found[year] = {"titles": list(titles), "rows": [row for row in rows if row[0] not in (None, 999)]}
    return found


def figures(printed: dict[int, dict[str, list[Any]]]) -> Iterator[tuple[Key, float]]:
    """Period, English title and folded name, and the figure, of every filled cell; of empty rows the sum is 0."""
    for year, sheet in printed.items():
        for row in (row for row in sheet["rows"] if row[3] is not None):
            for title, value in zip(sheet["titles"][3:], row[3:], strict=True):
                yield (str(year), title, fold(row[2])), float(value)


def test_the_stand_in_has_the_titles_the_provinces_and_the_gaps_of_the_real_workbook() -> None:
    ours, theirs = (shape(read(workbook)) for workbook in (drawn(f"wild/{WORKBOOK}"), real_workbook()))
    assert ours == theirs


def shape(printed: dict[int, dict[str, list[Any]]]) -> dict[int, tuple[list[Any], set[tuple[str, bool]]]]:
    """By year the titles, and whose rows there are, with or without figures."""
    return {
        year: (sheet["titles"], {(fold(row[2]), row[3] is not None) for row in sheet["rows"]})
        for year, sheet in printed.items()
    }


def test_papi_comes_in_by_one_feed_and_two_framework_files_alone(papi: Copy) -> None:
    assert papi.added() == [
        "dti_platform/feeds/papi.py",
        "dti_platform/methodology/frameworks/papi11-provincial.toml",
        "dti_platform/methodology/frameworks/papi16-provincial.toml",
    ]


def test_papi_goes_through_the_whole_flow(papi: Copy) -> None:
    assert papi.outcome["failure"] is None
    assert papi.outcome["success"]
    assert papi.outcome["release_is_new"]
    files = len([*(papi.root / "data" / "feeds" / "papi").iterdir()])
    (received,) = [each for each in papi.outcome["received"] if each["feed"] == "papi"]
    assert (received["files"], received["refused"], received["quarantined"]) == (files, 0, 0)
    assert not papi.outcome["checks"]["failed"]


def of_papi(papi: Copy, table: str) -> pl.DataFrame:
    return papi.table(table).filter(pl.col("framework").is_in(FRAMEWORKS))


def test_every_dimension_and_total_of_papi_is_recomputed_within_5e_6(
    papi: Copy, printed: dict[int, dict[str, list[Any]]]
) -> None:
    ours, read = (points(of_papi(papi, "index_scores").filter(basis=basis)) for basis in ("recomputed", "published"))
    cells = list(figures(printed))
    assert len(cells) == (6 * 63 - 2) * 29
    assert all(abs(read[key] - value) <= 6e-10 for key, value in cells)
    gaps = [abs(ours[key] - value) for key, value in cells if key in ours]
    assert len(gaps) == (6 * 63 - 2) * 7, "six dimensions and the total"
    assert max(gaps) <= 5e-6


def points(scores: pl.DataFrame) -> dict[Key, float]:
    rows = scores.drop_nulls("points").select("period", "node_name_en", "unit_name_vi", "points").iter_rows()
    return {(period, title, fold(name)): value for period, title, name, value in rows}


def test_papi_ranks_are_complete_and_two_provinces_without_figures_are_withheld_by_name(
    papi: Copy, printed: dict[int, dict[str, list[Any]]]
) -> None:
    ranking = of_papi(papi, "province_ranking").filter(basis="recomputed")
    for year in YEARS:
        places = ranking.filter(period=str(year))
        assert places.height == 63
        missing = places.filter(pl.col("rank").is_null())
        expected = {"Bắc Giang", "Đồng Tháp"} if year == 2014 else set()
        assert set(missing["unit_name_vi"]) == expected
        assert set(missing["obs_status"]) == ({"O"} if expected else set())
        status = "provisional" if expected else "complete"
        assert places.select("rank_status", "ranked", "peers").unique().rows() == [(status, 63 - len(expected), 63)]
        totals = {fold(row[2]): row[-1] for row in printed[year]["rows"] if row[3] is not None}
        ours = {fold(row["unit_name_vi"]): row["rank"] for row in places.iter_rows(named=True) if row["rank"]}
        for name, total in totals.items():
            above = sum(other > total + 2e-5 for other in totals.values())
            near = sum(abs(other - total) <= 2e-5 for other in totals.values())
            assert above < ours[name] <= above + near
    named = of_papi(papi, "coverage").filter(period="2014", reason="inputs_missing")
    assert set(named["unit_name_vi"]) == {"Bắc Giang", "Đồng Tháp"}


def test_papi_of_2016_is_not_compared_with_the_years_before(papi: Copy) -> None:
    ranking = of_papi(papi, "province_ranking").filter(basis="recomputed")
    assert set(ranking.filter(period="2013")["comparison"]) == {None}
    assert set(ranking.filter(period="2016")["comparison"]) == {"other_framework_family"}


def test_papi_gives_the_first_rank_intervals_that_rest_on_official_figures(papi: Copy) -> None:
    audit = papi.root / "data" / "published" / "audits" / "latest"
    rankings = pl.read_parquet(audit / "audited_rankings.parquet").filter(pl.col("framework").is_in(FRAMEWORKS))
    assert {*rankings["not_audited"]} == {None}
    assert {*map(str, YEARS)} <= {*rankings["period"]}
    units = pl.read_parquet(audit / "rank_robustness.parquet").filter(pl.col("framework").is_in(FRAMEWORKS))
    released = of_papi(papi, "province_ranking").filter(basis="recomputed").drop_nulls("rank")
    both = units.join(released, on=["period", "unit"], suffix="_released")
    assert both.height == units.height == released.height
    assert both["rank"].to_list() == both["rank_released"].to_list()
    assert {*units["evidence"]} == {"official"}
    pages = papi.root / "data" / "published" / "sites" / "latest"
    profiles = {each.stem: each for each in (pages / "tinh").glob("*.html")}
    one = units.filter(pl.col("unit").is_in([*profiles]), period="2011").sort("rank").row(0, named=True)
    interval = f"{math.floor(one['rank_p05'])}–{math.ceil(one['rank_p95'])}"
    league, profile = pages / "xep-hang" / "PAPI-VN63-2011.html", profiles[one["unit"]]
    mark = "" if one["told_apart"] else " ~"
    assert f'">{interval}{mark}</td><th scope="row"><a href="../tinh/{one["unit"]}.html">' in league.read_text("utf-8")
    assert f"(trong 90% số lần tính lại: {interval})" in profile.read_text("utf-8")
    moved = pl.read_parquet(audit / "rank_sensitivity.parquet").filter(period="2011")
    assert {*moved["choice"]} == {"norm", "treat", "agg", "decimals", "rounding", "ties", "weights"}
    if rankings["draws"][0] == 100_000:  # the real one
        headline = dict(rankings.select("period", pl.col("shifted_little").round(3)).iter_rows())
        assert headline == {"2011": 0.921, "2012": 0.778, "2013": 0.937, "2014": 0.918, "2015": 0.921, "2016": 0.794}


# --- beside the DTI, in the same years -------------------------------------------------------------------------------


def of_the_other(table: pl.DataFrame) -> pl.Expr:
    """Its rows: those of its frameworks, and what the table of codes says of them and of its feed."""
    if "framework" in table.columns:
        return pl.col("framework").is_in(FRAMEWORKS).fill_null(value=False)
    if "list" in table.columns:
        own = [*({"list": "framework", "code": each} for each in FRAMEWORKS), {"list": "feed", "code": "papi"}]
        return pl.struct("list", "code").is_in(own)
    return pl.lit(value=False)


def test_every_row_of_the_dti_is_as_it_is_alone(both: Copy, flow: Flow) -> None:
    alone, beside = flow.store.open_release(), Store(both.root / "data").open_release()
    assert alone.tables == beside.tables
    grown: set[str] = set()
    for name in alone.tables:
        own, before = (each.table(name).drop("position", strict=False) for each in (beside, alone))
        assert own.filter(~of_the_other(own)).equals(before), name
        grown |= {name} if own.height > before.height else set()
    assert grown >= TOLD


def test_the_other_index_is_ranked_by_its_own_points_and_compared_with_its_own_ranks(both: Copy) -> None:
    ranking = of_papi(both, "province_ranking").filter(basis="recomputed")
    places = {year: totals(year) for year in WITH_THE_DTI}
    for year, points in places.items():
        ranks = {row["unit_name_vi"]: row["rank"] for row in ranking.filter(period=str(year)).to_dicts()}
        assert ranks == {name: 1 + sum(other > own for other in points.values()) for name, own in points.items()}
    first, second = (ranking.filter(period=str(year)) for year in WITH_THE_DTI)
    assert set(first["comparison"]) == {"no_earlier_ranking"}, "the DTI of 2020 is none of it"
    then = dict(first.select("unit", "rank").rows())
    assert second["previous_rank"].to_list() == [then[unit] for unit in second["unit"]]
    assert set(second["previous_period"]) == {"2021"}


def totals(year: int) -> dict[str, float]:
    """The total that is printed of each province."""
    return {str(row[2]): round(float(row[-1] or 0), 6) for row in rows(year)[2:-1]}


def test_a_trace_and_the_ranking_of_a_run_say_which_index(both: Copy) -> None:
    asked = ["trace", "Thái Nguyên", "--period", "2022", "--json"]
    told = json.loads(CliRunner().invoke(cli.main, asked, env={"DTI_DATA": str(both.root / "data")}).stdout)
    assert [(each["framework"], each["node"]) for each in told["units"]] == [("922", "PDTI"), (FRAMEWORK, "PAPI")]
    assert {each["framework"] for unit in told["units"] for each in unit["standings"]} == {"922", FRAMEWORK}
    assert told["units"][0]["standings"][0]["rank"] == 8
    assert told["units"][1]["losses"][0]["scale"] == 60
    assert (both.outcome["ranking"]["index"], both.outcome["ranking"]["framework"]) == ("DTI", "922")


def test_what_it_lacks_and_how_it_agrees_is_told_of_its_own_figures(both: Copy) -> None:
    covered = of_papi(both, "coverage").filter(pl.col("period").is_in([str(year) for year in WITH_THE_DTI]))
    assert set(covered.select("feed", "computed", "missing").unique().rows()) == {("papi", True, 0)}
    held = both.table("reconciliation").filter(framework=FRAMEWORK)
    assert set(held["basis"]) == {"recomputed"}
    assert set(held.filter(metric="points_overall")["verdict"]) == {"agrees"}
