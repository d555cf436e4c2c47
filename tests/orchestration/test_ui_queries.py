"""What the UI asks is answered: a run of the command line stands on every page, nothing seems out of date."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget

from dti_platform.orchestration import origin
from tests.conftest import Flow

#: What the timeline asks of each run: the row that it stands in, by location, repository and job.
TIMELINE = """query { runsOrError { ... on Runs { results {
  id pipelineName repositoryOrigin { repositoryName repositoryLocationName } } } } }"""
#: What the page of jobs shows beside each.
JOBS = """query($job: PipelineSelector!) { pipelineOrError(params: $job) {
  ... on Pipeline { runs(limit: 5) { id } } } }"""
#: The filter of a job's tab of runs.
RUNS = """query($filter: RunsFilter) { pipelineRunsOrError(filter: $filter) { ... on Runs { results { id } } } }"""
#: What the graph of assets shows beside each.
STALE = "{ assetNodes { assetKey { path } staleStatus } }"
JOB = {"repositoryLocationName": "dti_platform", "repositoryName": "__repository__", "pipelineName": "dti_main"}


@pytest.fixture(scope="module")
def ui(flow: Flow, project: Path) -> Iterator[WorkspaceProcessContext]:
    """What the webserver holds, over the history of the one run, with the location in this process."""
    target = LoadableTargetOrigin(module_name="dti_platform.definitions", working_directory=str(project))
    location = InProcessCodeLocationOrigin(target, location_name=JOB["repositoryLocationName"])
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(action="ignore", category=DeprecationWarning),  # of Dagster's own snapshots
        dg.DagsterInstance.from_config(str(flow.home)) as instance,
    ):
        patch.setenv("DTI_DATA", str(flow.store.root))
        with WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget(location)) as context:
            yield context


def ask(ui: WorkspaceProcessContext, query: str, variables: Mapping[str, object] | None = None) -> Any:
    from dagster_graphql.test.utils import execute_dagster_graphql  # a CPU s: every worker collects this module

    answer = execute_dagster_graphql(ui.create_request_context(), query, variables)
    (data,) = answer.data.values()
    return data


def test_the_timeline_finds_the_row_of_the_run(ui: WorkspaceProcessContext, flow: Flow) -> None:
    (run,) = ask(ui, TIMELINE)["results"]
    assert run["id"] == flow.outcome.run_id
    assert {**run["repositoryOrigin"], "pipelineName": run["pipelineName"]} == JOB


def test_the_jobs_page_shows_the_run(ui: WorkspaceProcessContext, flow: Flow) -> None:
    assert ask(ui, JOBS, {"job": JOB}) == {"runs": [{"id": flow.outcome.run_id}]}


def test_the_jobs_tab_of_runs_holds_the_run(ui: WorkspaceProcessContext, flow: Flow) -> None:
    label = f"{JOB['repositoryName']}@{JOB['repositoryLocationName']}"
    tags = [{"key": ".dagster/repository", "value": label}]
    assert ask(ui, RUNS, {"filter": {"pipelineName": "dti_main", "tags": tags}}) == {
        "results": [{"id": flow.outcome.run_id}]
    }


def test_no_asset_that_the_run_made_seems_out_of_date(ui: WorkspaceProcessContext) -> None:
    """The feeds say what they brought only once their files are read: no reason to land them again."""
    statuses = {"/".join(each["assetKey"]["path"]): each["staleStatus"] for each in ask(ui, STALE)}
    assert statuses["receipts"] == "FRESH"
    assert "STALE" not in statuses.values()


def test_the_location_has_one_name(project: Path) -> None:
    workspace = yaml.safe_load((project / "workspace.yaml").read_text(encoding="utf-8"))
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    named = {each["python_module"]["location_name"] for each in workspace["load_from"]}
    assert named | {settings["tool"]["dagster"]["code_location_name"]} == {origin.LOCATION}
