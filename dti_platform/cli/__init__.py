"""The command line: thin. Each command imports what it needs when it runs, so that ``--help`` costs nothing.

Here: the group of all commands. Not here: the commands (a module for each kind) and what they share (``options``).
"""

from __future__ import annotations

import click

from dti_platform import __version__
from dti_platform.cli import looking, methodology, releases, running, sheets, submitting


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version=__version__, prog_name="dti")
def main() -> None:
    """The platform of Vietnam's Digital Transformation Index (Chỉ số chuyển đổi số, DTI).

    Feeds in; a checked, traceable ranking out. Start with: dti run
    """


for command in (
    running.run,
    running.release,
    running.test,
    running.ui,
    looking.read,
    submitting.submit,
    submitting.withdraw,
    releases.trace,
    releases.releases,
    releases.diff,
    releases.export,
    releases.verify,
    releases.rebuild,
    sheets.generate,
    sheets.template,
    methodology.methodology,
    running.config,
):
    main.add_command(command)
