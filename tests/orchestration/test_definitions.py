"""Everything that Dagster is told, by name: a change of lineage shows here, and in review."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dti_platform import feeds
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


def test_the_receipts_name_every_feed_its_publisher_licence_and_rhythm(definitions: dg.Definitions) -> None:
    node = definitions.resolve_asset_graph().get(dg.AssetKey("receipts"))
    shown = node.metadata["feeds"]
    assert isinstance(shown, dg.TableMetadataValue)
    rows = {record.data["id"]: record.data for record in shown.records}
    assert set(rows) == set(feeds.discover())
    assert all(row["publisher"] and row["licence"] and row["rhythm"] for row in rows.values())


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


def test_the_workspace_loads(tmp_path: Path, project: Path) -> None:
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
