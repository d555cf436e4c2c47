"""Code lists: each value has one name and meaning in both languages, and every coded column names its list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import polars as pl
import pytest

from dti_platform import codes, publications, tables
from dti_platform.codes import LISTS, CodeListError
from dti_platform.feeds import published_results
from dti_platform.glossary import terms
from dti_platform.methodology import comparability, tree
from dti_platform.publications.leading import LEADING_BASES
from tests.publications.flow import declared

if TYPE_CHECKING:
    from tests.conftest import Flow

MODELS = tables.TABLES | {name: module.MODEL for name, module in publications.released().items()}
COLUMNS: dict[str, Any] = {
    f"{table}.{name}": column for table, model in MODELS.items() for name, column in model.to_schema().columns.items()
}


def test_a_column_of_certain_values_names_their_list() -> None:
    for name, column in COLUMNS.items():
        for values in (check.statistics["allowed_values"] for check in column.checks if check.name == "isin"):
            assert column.metadata, f"{name}: declare it by `tables.coded(<list>)`; a list is a section of codes.toml"
            assert set(values) <= set(LISTS[column.metadata["codes"]].values), name


@pytest.mark.parametrize("codelist", LISTS.values(), ids=LISTS)
def test_every_name_of_a_list_is_its_own_in_both_languages(codelist: codes.CodeList) -> None:
    for language in ("vi", "en"):
        names = [each.name.text(language) for each in codelist.codes]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("literal", "name"),
    [(codes.Evidence, "evidence"), (codes.Qualifier, "qualifier"), (codes.ErrorClass, "error_class")],
)
def test_a_type_holds_the_codes_of_its_list(literal: object, name: str) -> None:
    assert get_args(literal) == LISTS[name].values


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (comparability.REASONS, "comparison"),
        (tree.KINDS, "kind"),
        (published_results.GROUPS, "peer_group"),
        (LEADING_BASES, "basis"),
        (codes.MISSING, "obs_status"),
    ],
)
def test_codes_that_code_is_written_against_are_in_their_list(written: tuple[str, ...], name: str) -> None:
    assert set(written) <= set(LISTS[name].values)


@pytest.mark.parametrize(
    ("section", "name"), [("verdict_reasons", "verdict_reason"), ("shortfall_reasons", "shortfall")]
)
def test_every_reason_has_its_sentence(section: str, name: str) -> None:
    assert set(terms(section)) == set(LISTS[name].values)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[a]\ntitle = ["A", "A"]\n[a.codes]\nx = { name = ["X"], meaning = ["X", "X"] }', r"a\.x has \['X'\]"),
        ('[a]\ntitle = ["A", ""]\n[a.codes]', r"a has \['A', ''\]"),
        ('[a]\ntitle = ["A", "A"]\n[a.codes]\nx = { name = ["X", "X"], meaning = ["X", "X"], no = 1 }', "remove it"),
        ("[a]\nx = 1\nx = 2", r"codes\.toml: not readable as TOML .*a code stands once in its list"),
    ],
)
def test_a_list_that_is_not_as_it_should_be_is_named(text: str, fault: str) -> None:
    with pytest.raises(CodeListError, match=fault):
        codes.load(text)


def test_every_list_is_released_and_open_ones_hold_what_is_declared() -> None:
    table = publications.catalogues()["codes"].listed(declared())
    assert set(table["list"]) == {*LISTS, *codes.REFERENCED}
    named = dict(table.filter(list="unit").select("code", "name_vi").rows())
    assert named["VN63-19"] == "Thái Nguyên"
    assert set(table.filter(list="feed")["code"]) == set(declared().feeds)
    assert dict(table.filter(list="region").select("code", "name_vi").rows())["TN"] == "Tây Nguyên"


def test_every_value_of_an_open_list_in_a_release_is_released_with_its_name(flow: Flow) -> None:
    latest = flow.store.releases.open()
    known = latest.table("codes").group_by("list").agg("code")
    codes_of = dict(known.rows())
    for resource in latest.descriptor["resources"]:
        for key in resource["schema"].get("foreignKeys", ()):
            (column,), (referenced,) = key["fields"], key["reference"]["fields"]
            held = set(latest.table(resource["path"].removesuffix(".parquet"))[column].drop_nulls())
            assert held <= set(codes_of[key["dti:list"]]), (resource["name"], column)
            assert held <= set(latest.table(key["reference"]["resource"])[referenced]), (resource["name"], column)


def test_a_key_of_another_table_refers_to_it() -> None:
    (key,) = (
        each
        for each in publications.describe(publications.released()["national_scorecard"]).get("foreign_keys", ())
        if each["fields"] == ["indicator"]
    )
    assert key["reference"] == {"resource": "indicators", "fields": ["indicator"]}


def test_the_query_of_the_page_for_readers_names_codes(flow: Flow, project: Path) -> None:
    import duckdb

    page = (project / "docs" / "reading-releases.md").read_text(encoding="utf-8")
    (query,) = (each for each in re.findall(r'duckdb\.sql\("""(.*?)"""\)', page, re.DOTALL) if "codes.parquet" in each)
    query = query.replace("data/published/latest", str(flow.store.releases.open().path))
    named = dict(duckdb.connect().execute(query).fetchall())
    assert named.keys() <= {name.vi for name in LISTS["certainty"].names.values()}
    assert named["đúng nguyên văn"] > 100


def test_a_descriptor_says_what_coded_columns_hold(flow: Flow) -> None:
    latest = flow.store.releases.open()
    fields = {
        (resource["path"].removesuffix(".parquet"), field["name"]): field
        for resource in latest.descriptor["resources"]
        for field in resource["schema"]["fields"]
    }
    basis = fields["province_ranking", "basis"]
    assert basis["constraints"]["enum"] == list(codes.BASES)
    assert basis["categories"][0] == {"value": "published", "label": "đã công bố · published"}
    coded = [name for name, field in fields.items() if "dti:list" in field]
    table = latest.table("codes")
    for name in coded:
        held = latest.table(name[0])[name[1]].drop_nulls().unique()
        released = table.filter(pl.col("list") == fields[name]["dti:list"])["code"]
        assert set(held) <= set(fields[name]["constraints"]["enum"]) <= set(released), name
