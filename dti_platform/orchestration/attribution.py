"""Who launched a run: the name from a login in front of the UI, as a tag of the run.

Here: the run coordinator of ``deploy/dagster.production.yaml``, which writes the tag, and reading it. Not here: whether
the name is trusted (``web_login``), and commands, whose account the ledger records (``storage.accounts``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from dti_platform.storage import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The header in which the proxy names the logged-in user.
HEADER = "X-Forwarded-User"
#: Tag of a run: who launched it. A run that is tried again keeps it.
USER = "dti/user"
#: The most characters of a name that are kept.
LONGEST = 200


class AttributedRunCoordinator(dg.QueuedRunCoordinator):
    """Dagster's queue; a run that a person launches in the UI is tagged with that person's name."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Queue a run; the user of the login replaces any user that its tags claim."""
        if user := context.get_request_header(HEADER):
            self._instance.add_run_tags(context.dagster_run.run_id, {USER: printable(user)[:LONGEST]})
        return super().submit_run(context)


def launched_by(tags: Mapping[str, str]) -> str | None:
    """Who launched the run of these tags; None: the platform itself, or nobody had to log in."""
    return tags.get(USER)
