"""The command line: thin. Each command imports what it needs when it runs, so that ``--help`` costs nothing.

Here: the group of all commands. Not here: the commands (a module for each kind) and what they share (``options``).
"""

from __future__ import annotations

import copy
import gc
import os

import click

from dti_platform import __version__
from dti_platform.cli import audit, audited_ranking, desk, dev, doctor, releases, robustness, runs, template, whatif


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version=__version__, prog_name="dti")
def main() -> None:
    """The platform of Vietnam's Digital Transformation Index (Chỉ số chuyển đổi số, DTI).

    Feeds in; a checked, traceable ranking out. Start with: dti run
    """
    gc.set_threshold(30_000, 10, 10)  # what Dagster and the checks make lives on: looking less often saves CPU
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices are small: further threads would wait, and cost CPU
    from dti_platform.storage import NoFolder
    from dti_platform.storage.store import folder_of

    try:
        folder_of(os.environ.get("DTI_DATA", ""))
    except NoFolder as error:
        raise click.UsageError(str(error)) from error


def hidden(command: click.Command) -> click.Command:
    """The same command under its old name beside ``dev``, left out of the help."""
    alias = copy.copy(command)
    alias.hidden = True
    return alias


for command in (robustness.robustness, audited_ranking.ranking):
    audit.audit.add_command(command)
for command in (
    runs.run,
    runs.release,
    runs.test,
    runs.ui,
    desk.submit,
    desk.confirm,
    desk.receipts,
    desk.withdraw,
    releases.ranking,
    releases.trace,
    releases.releases,
    releases.diff,
    releases.export,
    releases.report,
    audit.audit,
    whatif.whatif,
    releases.verify,
    releases.rebuild,
    template.template,
    doctor.doctor,
    dev.dev,
    *map(hidden, dev.dev.commands.values()),
):
    main.add_command(command)
