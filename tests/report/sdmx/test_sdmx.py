"""Exports in SDMX, judged by two readers that aren't ours: pysdmx, with the schemas of the standard, and sdmx1."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import publications
from dti_platform.cli import main
from dti_platform.explain.lookup import released as rows_of
from dti_platform.report import sdmx
from dti_platform.report.sdmx.dataflows import AGENCY, COMPONENTS, FLOWS, NoDataflow, Released
from dti_platform.report.sdmx.identifiers import code_id, code_of, period_of, source_id, time_period
from dti_platform.report.sdmx.observations import observations
from tests.conftest import Flow

if TYPE_CHECKING:
    from pysdmx.io.pd import PandasDataset

    Datasets = Callable[[str], PandasDataset]

HALVES = [half for table in FLOWS for half in (table, f"illustrative/{table}")]
#: The whole proof reads 41,000 observations of the synthetic workbooks.
SOME = [each if each != "illustrative/index_scores" else pytest.param(each, marks=pytest.mark.heavy) for each in HALVES]
TIME = re.compile(r"\d{4}(-S[12]|-Q[1-4]|-M(0[1-9]|1[0-2])|-\d\d-\d\d|-01-01/P\d+Y)?")
NAME = re.compile(r'<com:Name xml:lang="(\w\w)">([^<]+)</com:Name>')


@pytest.fixture(scope="module")
def released(flow: Flow) -> Released:
    opened = flow.store.open_release()
    return Released.of(flow.store.releases.find(opened.name), opened)


@pytest.fixture(scope="module")
def structure(released: Released) -> str:
    return sdmx.structure(released).decode()


@pytest.fixture(scope="module")
def lists(structure: str) -> Mapping[str, Mapping[str, Any]]:
    """The codes of every list as pysdmx reads them, by the list's name of ours."""
    from pysdmx.io import read_sdmx

    return {
        each.id.removeprefix("CL_").lower(): {code.id: code for code in each.items}
        for each in read_sdmx(structure).get_codelists()
    }


def read(released: Released, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sdmx.data(released, table).decode())))


def half(released: Released, table: str) -> pl.DataFrame:
    name = table.rpartition("/")[2]
    return released.rows(name).filter((pl.col("evidence") == "illustrative") == (name != table)).collect()


@pytest.fixture(scope="module")
def datasets(released: Released, structure: str, tmp_path_factory: pytest.TempPathFactory) -> Datasets:
    """The data of a table as pysdmx reads them with their structure, once."""
    folder = tmp_path_factory.mktemp("datasets")
    (folder / "structure.xml").write_text(structure, encoding="utf-8")

    def dataset(table: str) -> PandasDataset:
        from pysdmx.io import get_datasets

        (folder / "data.csv").write_bytes(sdmx.data(released, table))
        (made,) = get_datasets(folder / "data.csv", folder / "structure.xml", validate=False)
        return made

    return cache(dataset)


def test_the_structure_is_valid(structure: str) -> None:
    from pysdmx.io.xml.doc_validation import validate_doc

    validate_doc(structure)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('usage="mandatory"', 'usage="compulsory"'),
        ('<str:Code id="8@3">', '<str:Code id="8.3">'),
        ('<com:Name xml:lang="vi">', '<com:Name lang="vi">'),
        ('textType="Double"', 'textType="Decimals"'),
    ],
)
def test_what_is_wrong_with_a_structure_is_caught(structure: str, right: str, wrong: str) -> None:
    from pysdmx.errors import Invalid
    from pysdmx.io.xml.doc_validation import validate_doc

    assert right in structure
    with pytest.raises(Invalid):
        validate_doc(structure.replace(right, wrong, 1))


def test_every_name_is_in_both_languages(structure: str) -> None:
    named = [line for line in structure.splitlines() if "<com:Name" in line or "<com:Description" in line]
    languages = [re.findall(r'xml:lang="(\w\w)">.', line) for line in named]
    assert languages == [["vi"], ["en"]] * (len(named) // 2)
    assert len(NAME.findall(structure)) > 900


def test_another_reader_finds_the_same_names(structure: str, lists: Mapping[str, Mapping[str, Any]]) -> None:
    import sdmx as other

    message = other.read_sdmx(io.BytesIO(structure.encode()))
    assert {each.id for each in message.dataflow.values()} == {flow.id for flow in FLOWS.values()}
    assert {name.lower() for name in message.codelist} == {f"cl_{name}" for name in lists}
    assert {code.id for code in message.codelist["CL_NODE"]} == lists["node"].keys()
    assert message.codelist["CL_BASIS"]["published"].name.localizations == {"vi": "đã công bố", "en": "published"}
    structures = {each.id: each for each in message.structure.values()}
    for flow in FLOWS.values():
        assert [each.id for each in structures[flow.id].dimensions] == [each.id for each in flow.dimensions]


@pytest.mark.parametrize("table", SOME)
def test_the_data_are_what_the_writer_of_pysdmx_writes(released: Released, datasets: Datasets, table: str) -> None:
    """Its reader turns ranks and flags into floats and Python's own, so it is given back the texts."""
    import pandas as pd
    from pysdmx.io.csv.sdmx20.writer import write

    rows = read(released, table)
    if not rows:
        assert half(released, table).is_empty()
        return
    made = copy(datasets(table))
    texts = pd.DataFrame([{name: row[name] or None for name in made.data.columns} for row in rows])
    made.data = texts[list(reversed(texts.columns))]
    assert write([made]).encode() == sdmx.data(released, table)


@pytest.mark.parametrize("table", SOME)
def test_what_pysdmx_reads_back_is_the_released_table(released: Released, datasets: Datasets, table: str) -> None:
    """Every column that a dataflow has: values, what stands beside them, and what is empty."""
    flow, expected = FLOWS[table.rpartition("/")[2]], half(released, table)
    if expected.is_empty():
        assert not read(released, table)
        return
    made = datasets(table).data.astype(object)
    made = made.where(made.notna(), None)
    back = pl.DataFrame({name: [None if each in {None, ""} else str(each) for each in made[name]] for name in made})
    key = key_of(flow)
    sources = {source_id(text): text for text in expected["source"].drop_nulls().unique()}
    for measure in flow.measures:
        own = [each for each in flow.attributes if each.id not in MADE and flow.has(each, measure)]
        of = back.filter(MEASURE=measure.column) if "MEASURE" in back.columns else back
        told = of.select(
            as_text(of["OBS_VALUE"]).alias(measure.column),
            *(turned(each.id, of, sources).alias(each.column) for each in (*key, *own)),
        )
        wanted = expected.select(as_text(expected[name]).alias(name) for name in told.columns)
        lost = wanted.join(told, on=told.columns, how="anti", nulls_equal=True)
        assert told.join(wanted, on=told.columns, how="anti", nulls_equal=True).is_empty()
        assert lost[measure.column].is_null().all()
        assert lost.is_empty() or measure is not flow.measures[0] or table.endswith("index_scores")


#: Components that a row does not say of each of its measures alike.
MADE = {"OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT", "DECIMALS", "SOURCE", "SOURCE_CLASS", "CERTAINTY"}


def key_of(flow: Any) -> list[Any]:
    """The dimensions that are columns of the key of our table."""
    return [each for each in flow.dimensions if each.id not in {"FREQ", "MEASURE", *flow.fixed}]


def turned(component: str, frame: pl.DataFrame, sources: Mapping[str, str]) -> pl.Series:
    """What a component holds, as our tables have it."""
    column, told = as_text(frame[component]), COMPONENTS[component]
    if component == "REPORT":
        return column.replace_strict(sources)
    if told.text == "ObservationalTimePeriod":
        return pl.Series(column.name, [each and period_of(each) for each in column], pl.String)
    if told.list:
        return pl.Series(column.name, [None if each in {None, "_Z"} else code_of(each) for each in column], pl.String)
    return column


def as_text(column: pl.Series) -> pl.Series:
    text = column.cast(pl.String)
    return text.str.strip_suffix(".0").replace({"True": "true", "False": "false"})


@pytest.mark.parametrize("table", FLOWS)
def test_statuses_and_sources_are_those_of_the_row(released: Released, table: str) -> None:
    """A value has the row's status and its own source; a row without a figure has one observation, without value."""
    flow, expected = FLOWS[table], half(released, table)
    key = key_of(flow)
    rows = {tuple(row[each.column] for each in key): row for row in expected.iter_rows(named=True)}
    texts = {source_id(text): text for text in expected["source"].drop_nulls()}
    frame = pl.DataFrame(read(released, table))
    places = zip(*(turned(each.id, frame, texts) for each in key), strict=True)
    told: dict[tuple[object, ...], dict[str, dict[str, str]]] = {}
    for place, each in zip(places, frame.iter_rows(named=True), strict=True):
        told.setdefault(place, {})[each.get("MEASURE", flow.measures[0].column)] = each
    assert told.keys() == rows.keys()
    for place, measures in told.items():
        row = rows[place]
        for measure in flow.measures:
            if row[measure.column] is not None:
                each = measures[measure.column]
                assert each["OBS_STATUS"] == row["obs_status"]
                assert each["SOURCE"] == row[measure.source]
                assert each["EVIDENCE"] == "official"
                assert each["SOURCE_CLASS"] in {"", row["source_class"]}
        assert (row["certainty"] or "") in {each["CERTAINTY"] for each in measures.values()}
        assert (row["source"] or "") in {each["SOURCE"] for each in measures.values()}
        empty = [each for each in measures.values() if not each["OBS_VALUE"]]
        assert all(each["OBS_STATUS"] in {"L", "O"} for each in empty)
        assert bool(empty) or row["obs_status"] not in {"L", "O"}


@pytest.mark.parametrize("table", SOME)
def test_every_code_is_in_its_list_every_period_of_its_form_and_the_key_unique(
    released: Released, lists: Mapping[str, Mapping[str, Any]], table: str
) -> None:
    flow, rows = FLOWS[table.rpartition("/")[2]], read(released, table)
    assert strays(flow.components, rows, lists) == set()
    key = [each.id for each in flow.dimensions]
    assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)
    assert all(row[name] for row in rows for name in (*key, "OBS_STATUS", "EVIDENCE", "UNIT_MEASURE"))
    assert {row["EVIDENCE"] for row in rows} <= {"illustrative" if "/" in table else "official"}
    numbers = [each.id for each in flow.components if each.text in {"Double", "Integer"}]
    assert not {row[name] for row in rows for name in numbers if row[name].endswith(".0")}
    assert all(row["OBS_VALUE"].isdecimal() for row in rows if row.get("MEASURE") == "rank" and row["OBS_VALUE"])


def strays(components: Any, rows: list[dict[str, str]], lists: Mapping[str, Mapping[str, Any]]) -> set[tuple[str, str]]:
    """What stands in a column and not in its list, or is no period."""
    found = {(each, row[each.id]) for row in rows for each in components if row[each.id]}
    return {
        (each.id, text)
        for each, text in found
        if (each.list and text not in lists[each.list])
        or (each.text == "ObservationalTimePeriod" and not TIME.fullmatch(text))
    }


def test_a_code_that_is_in_no_list_and_a_period_of_ours_are_found(
    released: Released, lists: Mapping[str, Mapping[str, Any]]
) -> None:
    row = read(released, "province_ranking")[0] | {"BASIS": "wrongcode", "TIME_PERIOD": "2021/2025"}
    wrong = {("BASIS", "wrongcode"), ("TIME_PERIOD", "2021/2025")}
    assert strays(FLOWS["province_ranking"].components, [row], lists) == wrong


def test_a_mean_of_years_and_a_node_that_a_framework_names_freely_are_written_and_declared(released: Released) -> None:
    """Periods and codes that the release has none of today."""
    hostile = {"period": "2021/2025", "node": "a b/ô.1@$", "node_name_en": "<b>\x1b", "node_name_vi": '"&"'}
    scores = (
        half(released, "index_scores").head(1).with_columns(**{name: pl.lit(each) for name, each in hostile.items()})
    )

    def rows(table: str) -> pl.LazyFrame:
        return scores.lazy() if table == "index_scores" else released.rows(table)

    other = replace(released, rows=rows)
    (row, *_) = read(other, "index_scores")
    assert (row["FREQ"], row["TIME_PERIOD"], row["NODE"]) == ("A5", "2021-01-01/P5Y", "a$20b$2F$C3$B4@1$40$24")
    assert (code_of(row["NODE"]), period_of(row["TIME_PERIOD"])) == (hostile["node"], hostile["period"])

    from pysdmx.io import read_sdmx
    from pysdmx.io.xml.doc_validation import validate_doc

    made = sdmx.structure(other, "index_scores").decode()
    validate_doc(made)
    lists = {each.id: {code.id for code in each.items} for each in read_sdmx(made).get_codelists()}
    assert row["FREQ"] in lists["CL_FREQ"]
    assert lists["CL_NODE"] == {row["NODE"]}


def test_a_list_that_a_release_is_older_than_is_that_of_today(released: Released, structure: str) -> None:
    codes = released.codes().filter(pl.col("list") != "comparison")
    older = replace(released, rows=lambda table: codes.lazy() if table == "codes" else released.rows(table))
    assert sdmx.structure(older).decode() == structure


def test_a_column_is_a_component_or_left_out_for_a_reason_and_has_the_list_of_its_model() -> None:
    """Left out are names, which lists have, what is of a unit or a node alone, and pillars, which are nodes."""
    elsewhere = re.compile(
        r".*_name_(vi|en)|region|predecessors|(score|rank)_digital_.*|kind|parent|parts|rule_.*|rounding"
    )
    for table, flow in FLOWS.items():
        columns = publications.model_of(table).to_schema().columns
        held = {each.column: each.list for each in flow.components}
        told = {*held, *(name for measure in flow.measures for name in (measure.column, measure.source))}
        assert {name for name in columns if name not in told} == {name for name in columns if elsewhere.fullmatch(name)}
        coded = {name: (column.metadata or {}).get("codes") for name, column in columns.items() if name in held}
        assert {name: held[name] for name, codes in coded.items() if codes} == {
            name: codes for name, codes in coded.items() if codes
        }


def test_ids_are_turned_back(released: Released) -> None:
    nodes = released.rows("index_scores").select("node").unique().collect()["node"]
    codes = [*released.codes()["code"], *nodes, "8.3", "CQS.1", "ă~ %$@._-"]
    assert [code_of(code_id(code)) for code in codes] == codes
    assert all(re.fullmatch(r"[A-Za-z0-9_@$-]+", code_id(code)) for code in codes)
    periods = ["2021/2025", "2022", "2022-S1", "2022-Q4", "2022-M08", "2023-08-22"]
    assert [period_of(time_period(each)) for each in periods] == periods


def test_a_rank_that_is_not_known_beside_a_score_says_why(released: Released) -> None:
    """A published score without its rank: not published; ours without one: not computed, with the bounds that hold."""
    row = half(released, "province_ranking").filter(pl.col("rank").is_not_null(), pl.col("score").is_not_null()).head(1)
    for basis, status in (("published", "L"), ("recomputed", "O")):
        without = row.with_columns(basis=pl.lit(basis), rank=pl.lit(None, pl.Int32), rank_best=pl.lit(3, pl.Int32))
        rank, score = observations(FLOWS["province_ranking"], without, released.codes()).to_dicts()
        assert (rank["OBS_VALUE"], rank["OBS_STATUS"], rank["RANK_BEST"], rank["SOURCE"]) == (None, status, "3", None)
        assert (score["OBS_STATUS"], score["RANK_BEST"]) == (row["obs_status"][0], None)


def test_class_and_certainty_are_told_of_the_source_that_the_row_tells_them_of(released: Released) -> None:
    """The rank's, where there is one; else the score's. Of a second source the row says neither."""
    row = half(released, "province_ranking").filter(pl.col("rank").is_not_null(), pl.col("score").is_not_null()).head(1)
    told = {"source": "a", "source_class": "press", "certainty": "verbatim"}
    for without, score_source, rank, score in (
        (None, "b", ("a", "press", "verbatim"), ("b", None, None)),
        (None, "a", ("a", "press", "verbatim"), ("a", "press", None)),
        ("rank", "a", (None, None, None), ("a", "press", "verbatim")),
    ):
        of = row.with_columns(
            pl.lit(text).alias(name) for name, text in (told | {"score_source": score_source}).items()
        )
        of = of.with_columns(pl.lit(None, pl.Int32).alias(without)) if without else of
        made = observations(FLOWS["province_ranking"], of, released.codes())
        assert made.select("SOURCE", "SOURCE_CLASS", "CERTAINTY").rows() == [rank, score]


def test_the_same_release_gives_the_same_bytes_and_names_nothing_of_the_day(flow: Flow, released: Released) -> None:
    again = Released.of(released.record, flow.store.open_release())
    for table in ("province_ranking", "national_scorecard"):
        for make in sdmx.FORMS.values():
            assert make(released, table) == make(again, table)
    head = sdmx.structure(again, "national_scorecard").decode().partition("<mes:Structures>")[0]
    assert f"<mes:ID>{released.record.name}</mes:ID>" in head
    assert f"<mes:Prepared>{released.record.published_at}</mes:Prepared>" in head
    assert read(again, "national_scorecard")[0]["STRUCTURE_ID"] == f"{AGENCY}:NATIONAL_SCORECARD({again.version})"
    later = replace(released, record=replace(released.record, number=released.record.number + 1))
    assert later.version != again.version


def test_a_list_is_the_same_in_every_structure_of_a_release(released: Released, structure: str) -> None:
    one = sdmx.structure(released, "provincial_scorecard").decode()
    listed = re.compile(r"<str:Codelist .*?</str:Codelist>", re.DOTALL)
    assert 8 < len(listed.findall(one)) < len(listed.findall(structure))
    assert set(listed.findall(one)) < set(listed.findall(structure))


def test_a_table_with_its_structure_costs_a_fraction_of_a_cpu_second(released: Released) -> None:
    for table in FLOWS:
        released.rows(table)
        before = time.process_time()
        sdmx.data(released, table)
        sdmx.structure(released, table)
        assert time.process_time() - before <= 0.3, table  # 0.03 to 0.09 where nothing else runs


def test_the_command_writes_both_forms(flow: Flow, released: Released, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("DTI_DATA", str(flow.store.root))
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    for form in sdmx.FORMS:
        assert run(main, ["export", "province_ranking", "--illustrative", "--format", form]).exit_code == 0
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {
        f"illustrative-province_ranking-{released.record.name}.sdmx.csv": sdmx.data(
            released, "illustrative/province_ranking"
        ),
        f"illustrative-province_ranking-{released.record.name}.sdmx.xml": sdmx.structure(released, "province_ranking"),
    }
    wrong = run(main, ["export", "coverage", "--format", "sdmx-csv"])
    assert wrong.exit_code == 1
    assert "coverage has no SDMX dataflow; these tables have one: province_ranking" in wrong.output
    candidate = run(main, ["export", "province_ranking", "--format", "sdmx-csv", "--release", "candidate"])
    assert "publishes the candidate" in candidate.output


def test_a_release_without_code_lists_is_refused_and_has_no_files(released: Released) -> None:
    older = replace(released, rows=lambda table: rows_of(None, table).lazy())
    assert sdmx.files(older) == {}
    for make in sdmx.FORMS.values():
        with pytest.raises(
            NoDataflow, match=r"lacks the code lists concept, .* SDMX requires; export its tables as csv"
        ):
            make(older, "province_ranking")


def test_the_site_holds_the_structure_and_the_official_rows(released: Released) -> None:
    files = sdmx.files(released)
    assert list(files) == ["structure.xml", *(f"{table}.csv" for table in FLOWS)]
    assert all(b",illustrative," not in make() for make in list(files.values())[1:])


def test_no_judge_is_loaded_to_make_them() -> None:
    loads = "import sys, dti_platform.pipeline.site, dti_platform.report.sdmx; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True).stdout.split()
    assert not {"lxml", "pysdmx", "sdmx", "pandas"} & set(loaded)
