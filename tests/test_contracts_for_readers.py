"""What readers rely on: columns keep their names and types within a schema version, and old releases are still read."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from dti_platform import publications
from dti_platform.publications.halves import halves_of
from dti_platform.storage import OpenRelease
from tests.golden.freeze import SCHEMAS, columns

FROZEN = json.loads(SCHEMAS.read_text(encoding="utf-8"))
GOLDEN = sorted(path.parent for path in SCHEMAS.parent.glob("*/datapackage.json"))
#: By golden release and table the rows that today's version has no more: a unit of which all was derived.
LEFT_OUT = {("0001-e00e7781a56f", "ministry_ranking"): 1}


def broken(now: dict[str, str], frozen: dict[str, str]) -> list[str]:
    """Columns of a frozen version that are gone or have another type."""
    return [f"{name}: {kind} is now {now.get(name, 'gone')}" for name, kind in frozen.items() if now.get(name) != kind]


@pytest.mark.parametrize("name", sorted(publications.released()))
def test_no_column_goes_or_changes_within_a_version(name: str) -> None:
    publication = publications.released()[name]
    version = publications.SCHEMA_VERSION
    assert version in FROZEN.get(name, {}), f"{name} {version} is not frozen: python -m tests.golden.freeze"
    assert broken(columns(publication), FROZEN[name][version]) == [], "raise SCHEMA_VERSION, say so in CHANGELOG"


def test_the_changelog_says_what_a_version_changed(project: Path) -> None:
    changelog = (project / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"schema version {publications.SCHEMA_VERSION}" in changelog.lower()


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", sorted(publications.released()))
def test_a_golden_release_is_read_as_one_of_the_current_version(name: str, folder: Path) -> None:
    """Every column that came, went or has another name or code is declared in ``publications.schema_changes``."""
    opened = OpenRelease.at(folder)
    now = publications.of_release(opened, name)
    assert now.schema == publications.empty(name).schema
    then = sum(opened.table(half).height for half in halves_of(name) if half in opened.tables)
    assert now.height == then - LEFT_OUT.get((folder.name, name), 0)


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", sorted(publications.released()))
def test_a_golden_release_is_read_in_the_codes_of_today(name: str, folder: Path) -> None:
    """Every code that went or has another name is declared in ``publications.schema_changes``."""
    now = publications.of_release(OpenRelease.at(folder), name)
    for column, held in publications.model_of(name).to_schema().columns.items():
        for check in (each for each in held.checks if each.name == "isin"):
            assert set(now[column].drop_nulls()) <= set(check.statistics["allowed_values"]), column


def test_a_removed_a_renamed_and_a_retyped_column_are_seen() -> None:
    frozen = {"unit": "String", "rank": "Int32"}
    assert broken({"unit": "String", "rank": "Int32", "added": "String"}, frozen) == []
    assert broken({"unit": "String"}, frozen) == ["rank: Int32 is now gone"]
    assert broken({"unit": "String", "place": "Int32"}, frozen) == ["rank: Int32 is now gone"]
    assert broken({"unit": "String", "rank": "Int64"}, frozen) == ["rank: Int32 is now Int64"]


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_a_golden_release_is_still_read(folder: Path) -> None:
    opened = OpenRelease.at(folder)
    assert len(opened.tables) > 8
    assert all(opened.table(name).width for name in opened.tables)
    ranked = opened.table("province_ranking").filter(
        pl.col("unit") == "VN63-19", pl.col("period") == "2022", pl.col("basis") == "published"
    )
    assert ranked.select("rank", "evidence").rows() == [(8, "official")]


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_a_golden_release_has_the_columns_of_its_versions(folder: Path) -> None:
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        fields = {field["name"] for field in resource["schema"]["fields"]}
        assert fields == set(pl.read_parquet(folder / resource["path"]).columns)
        known = [set(each) for each in FROZEN[Path(resource["path"]).stem].values()]
        assert any(fields >= each for each in known), resource["name"]


def test_there_is_a_golden_release() -> None:
    assert GOLDEN
