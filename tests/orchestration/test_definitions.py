"""Everything that Dagster is told, by name: a change of lineage shows here, and in review."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dti_platform import feeds
from dti_platform.orchestration import feed_assets
from dti_platform.orchestration.build import JOB, build
from dti_platform.storage import Store
from tests.orchestration.snapshot import FILE, snapshot


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build(Store(tmp_path_factory.mktemp("data")))


def test_names_inputs_and_checks_are_as_reviewed(definitions: dg.Definitions) -> None:
    """After a change that is meant: python -m tests.regenerate."""
    assert snapshot(definitions) == json.loads(FILE.read_text(encoding="utf-8"))


def test_every_asset_says_what_it_is_and_whose(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners == ["team:dti-data-engineering"], key
        assert node.code_version, key
        assert node.kinds, key


def test_lineage_begins_at_the_feeds_which_name_publisher_licence_and_rhythm(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
    assert roots == {feed_assets.key_of(feed) for feed in feeds.discover()} == graph.external_asset_keys
    assert graph.get(dg.AssetKey("receipts")).parent_keys == roots
    for key in roots:
        assert all(graph.get(key).metadata[name] for name in ("publisher", "licence", "rhythm", "evidence"))


def test_every_asset_says_where_it_lies_and_where_its_code_is(definitions: dg.Definitions, project: Path) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        metadata = graph.get(key).metadata
        assert metadata["dagster/uri"].startswith("file:///"), key
        (source,) = metadata["dagster/code_references"].code_references
        line = Path(source.file_path).read_text(encoding="utf-8").splitlines()[source.line_number - 1]
        assert Path(source.file_path).is_relative_to(project / "dti_platform"), key
        assert "def " in line, key
        assert graph.get(key).tags["stage"] == graph.get(key).group_name


def test_a_feed_lies_where_its_committed_files_do_or_else_in_the_inbox(tmp_path: Path) -> None:
    store = Store(tmp_path)
    committed = store.feeds / "verification"
    committed.mkdir(parents=True)
    places = {each.key: each.metadata["dagster/uri"] for each in feed_assets.specs(store)}
    assert places[feed_assets.key_of("verification")] == committed.as_uri()
    assert places[feed_assets.key_of("self_assessment")] == (store.inbox / "self_assessment").as_uri()


def test_column_lineage_leads_to_columns_that_there_are(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    schemas = {key: graph.get(key).metadata.get("dagster/column_schema") for key in graph.get_all_asset_keys()}
    names = {key: {column.name for column in schema.columns} for key, schema in schemas.items() if schema}
    for key, columns in names.items():
        for column, sources in graph.get(key).metadata["dagster/column_lineage"].deps_by_column.items():
            assert column in columns, key
            assert all(each.asset_key in graph.get(key).parent_keys for each in sources), key
            assert all(each.column_name in names[each.asset_key] for each in sources), key
    scored = graph.get(dg.AssetKey("rankings")).metadata["dagster/column_lineage"].deps_by_column["score"]
    assert [each.asset_key.to_user_string() for each in scored] == ["scores"]


def test_what_no_framework_changes_is_tagged(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    free = {key for key in graph.get_all_asset_keys() if graph.get(key).tags.get("framework-free") == "true"}
    assert free == {key for key in free if dg.AssetKey("scores") not in graph.get_ancestor_asset_keys(key)}
    assert dg.AssetKey("national_scorecard") in free
    assert dg.AssetKey("league_table") not in free


def test_years_extend_by_themselves_and_a_backfill_is_one_run(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    partitioned = [graph.get(key) for key in graph.get_all_asset_keys() if graph.get(key).is_partitioned]
    assert partitioned
    for node in partitioned:
        assert node.backfill_policy == dg.BackfillPolicy.single_run()
    keys = definitions.resolve_job_def(JOB).partitions_def.get_partition_keys()
    assert keys[0] == "2020"
    assert keys == [str(year) for year in range(2020, 2020 + len(keys))]


def test_runs_stay_in_this_process(definitions: dg.Definitions) -> None:
    assert definitions.resolve_job_def(JOB).executor_def.name == "in_process"


@pytest.mark.heavy
def test_the_workspace_loads(tmp_path: Path, project: Path) -> None:
    """By Dagster's own command; by default the running UI of ``test_web_guard`` loads it, and is asked for the job."""
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    done = subprocess.run(
        command,
        cwd=project,
        env={"PATH": "/usr/bin:/bin", "DTI_DATA": str(tmp_path), "DAGSTER_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_nothing_waits_for_the_audit_of_rankings(definitions: dg.Definitions) -> None:
    node = definitions.resolve_asset_graph().get(dg.AssetKey("rank_robustness"))
    assert node.parent_keys == {dg.AssetKey("release")}
    assert not node.child_keys
    assert not node.check_keys
