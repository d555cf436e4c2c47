"""The code location of a run, by which the UI lists every run in its timeline, jobs and runs.

Here: the tag and the origin that a run of the command line lacks; a run that the UI starts gets both from Dagster.
Not here: which process computes a run (``liveness``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG

if TYPE_CHECKING:
    import dagster as dg

#: The name of the location in workspace.yaml and pyproject.toml.
LOCATION = "dti_platform"
REPOSITORY = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), SINGLETON_REPOSITORY_NAME)
#: Tags that name the location of a run: the pages of a job filter runs by them.
TAGS = {REPOSITORY_LABEL_TAG: REPOSITORY.get_label()}


def sign(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Set the origin of a run that names the location in its tag: the timeline groups runs by origin."""
    if TAGS.items() <= run.tags.items() and run.remote_job_origin is None:
        instance.run_storage.replace_job_origin(run, RemoteJobOrigin(REPOSITORY, run.job_name))
