"""A real index that the platform has never heard of, PAPI 2011 to 2016, by one feed and two framework files alone.

Its workbook may not be committed: the proof runs on a drawn stand-in (giả lập) with its titles, provinces and gaps,
and, as a heavy test, on the real one where that is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dti_platform.units import fold
from tests.copies import Copy, copied, put, run
from tests.stand_ins import drawn, of_others, real

RECIPES = Path(__file__).parent / "recipes"
WORKBOOK = "PAPI_2011-2016.xlsx"
YEARS = range(2011, 2017)
Key = tuple[str, str, str]


def real_workbook() -> bytes:
    if not real(f"wild/{WORKBOOK}"):
        pytest.skip(f"{WORKBOOK} is not beside the project: the drawn stand-in proves the same")
    return of_others(f"wild/{WORKBOOK}")


@pytest.fixture(scope="module", params=["drawn", pytest.param("real", marks=pytest.mark.heavy)])
def workbook(request: pytest.FixtureRequest) -> bytes:
    return drawn(f"wild/{WORKBOOK}") if request.param == "drawn" else real_workbook()


@pytest.fixture(scope="module")
def papi(workbook: bytes, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("papi")
    before = copied(root)
    put(RECIPES / "papi.py", root / "dti_platform" / "feeds" / "papi.py")
    for name in ("papi11-provincial.toml", "papi16-provincial.toml"):
        put(RECIPES / name, root / "dti_platform" / "methodology" / "frameworks" / name)
    for year in YEARS:
        received = root / "data" / "feeds" / "papi" / str(year) / WORKBOOK
        received.parent.mkdir(parents=True)
        received.write_bytes(workbook)
    return run(root, before)


@pytest.fixture(scope="module")
def printed(workbook: bytes) -> dict[int, dict[str, list[Any]]]:
    return read(workbook)


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
    assert [
        (each["feed"], each["files"], each["refused"], each["quarantined"]) for each in papi.outcome["received"]
    ] == [("papi", 6, 0, 0)]
    assert not papi.outcome["checks"]["failed"]


def test_every_dimension_and_total_of_papi_is_recomputed_within_5e_6(
    papi: Copy, printed: dict[int, dict[str, list[Any]]]
) -> None:
    ours, read = (points(papi.table("index_scores").filter(basis=basis)) for basis in ("recomputed", "published"))
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
    ranking = papi.table("province_ranking").filter(basis="recomputed")
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
    named = papi.table("coverage").filter(period="2014", reason="inputs_missing")
    assert set(named["unit_name_vi"]) == {"Bắc Giang", "Đồng Tháp"}


def test_papi_of_2016_is_not_compared_with_the_years_before(papi: Copy) -> None:
    ranking = papi.table("province_ranking").filter(basis="recomputed")
    assert set(ranking.filter(period="2013")["comparison"]) == {None}
    assert set(ranking.filter(period="2016")["comparison"]) == {"other_framework_family"}
