"""The command line: a thin layer. Each command imports what it needs when it runs, so that ``--help`` is fast.

Here: the group of all commands. Not here: the commands (a module for each kind) and their common parts (``options``).
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
    gc.set_threshold(30_000, 10, 10)  # objects of Dagster and the checks live long: fewer collections save CPU
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices are small: more threads would only wait and cost CPU
    from dti_platform.storage import NoFolder
    from dti_platform.storage.store import folder_of

    try:
        folder_of(os.environ.get("DTI_DATA", ""))
    except NoFolder as error:
        raise click.UsageError(str(error)) from error


def hidden(command: click.Command) -> click.Command:
    """A command of ``dev`` under its old name at the top level, hidden from the help."""
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
