"""Commands that do the work or start something that does: run, release, test, ui."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, at_data_root, print_json, progress

if TYPE_CHECKING:
    from dti_platform.language import Language
    from dti_platform.storage import Store

PROJECT = Path(__file__).parents[2]
IN_CHECKOUT = (PROJECT / "pyproject.toml").is_file()
PERIODS = click.option("--period", "periods", multiple=True, metavar="YEAR", help="Only this year (may be repeated).")


def not_blank(_: click.Context, __: click.Parameter, reason: str) -> str:
    """A reason in words.

    Raises:
        click.BadParameter: it is blank.
    """
    if not reason.strip():
        raise click.BadParameter("say what was wrong or what is better")
    return reason.strip()


@click.command()
@PERIODS
@LANGUAGE
@AS_JSON
@at_data_root
def run(store: Store, periods: tuple[str, ...], lang: Language, *, as_json: bool) -> None:
    """Land, read, check, score, rank and publish; print the ranking.

    Exits 0 if a release stands for what came in, 1 if something stops the publication.
    """
    main_job(store, periods, lang, as_json=as_json)


@click.command()
@click.option(
    "--type", "kind", type=click.Choice(["revision", "correction"]), required=True, help="Better data, or a mistake."
)
@click.option(
    "--reason", required=True, callback=not_blank, metavar="TEXT", help="Why: it stands with every changed figure."
)
@PERIODS
@LANGUAGE
@AS_JSON
@at_data_root
def release(store: Store, kind: str, reason: str, periods: tuple[str, ...], lang: Language, *, as_json: bool) -> None:
    """Publish as a revision (better data) or a correction (a mistake).

    Runs the main job; the table revisions lists what changed, with this type and reason. If nothing changed, nothing is
    published. Exits as run does; 2 without a reason.
    """
    main_job(store, periods, lang, as_json=as_json, kind=kind, reason=reason)


def main_job(
    store: Store,
    periods: tuple[str, ...],
    lang: Language,
    *,
    as_json: bool,
    kind: str = "scheduled",
    reason: str | None = None,
) -> None:
    """The main job, its outcome printed, its success as the exit code."""
    with progress(shown=not as_json) as step:
        from dti_platform.orchestration.run import UnknownPeriod, run_main_job

        try:
            outcome = run_main_job(store, periods, on_step=step, kind=kind, reason=reason).to_dict()
        except UnknownPeriod as error:
            raise click.BadParameter(str(error), param_hint="--period") from error
    if as_json:
        print_json(outcome)
    else:
        from dti_platform.report.terminal import show, summary

        show(summary(outcome, lang))
    sys.exit(0 if outcome["success"] else 1)


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the test suite; arguments go to pytest.

    All tests run on every core, named tests in one process.
    """
    if not IN_CHECKOUT:
        raise click.UsageError("the tests are not part of an installation: use a checkout")
    os.chdir(PROJECT)
    names_tests = any(Path(argument.partition("::")[0]).exists() for argument in arguments)
    workers = () if names_tests else ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
    replace_process("pytest", *workers, *arguments)


@click.command()
@click.option("--port", type=int, help="Port (DTI_UI_PORT, default 3000).")
@click.option("--read-only", is_flag=True, help="Nobody can launch or change anything in it; schedules still run.")
def ui(port: int | None, *, read_only: bool) -> None:
    """Open the Dagster UI over the storage that runs share.

    It listens on 127.0.0.1, with the daemon beside it. It has no login: requests that other sites could make a browser
    send are refused.
    """
    from dti_platform.settings import Settings

    settings = Settings()
    loaded = ("-w", str(PROJECT / "workspace.yaml")) if IN_CHECKOUT else ("-m", "dti_platform.definitions")
    place = ("-h", settings.ui_host, "-p", str(port or settings.ui_port))
    click.echo(f"Dagster: http://{settings.ui_host}:{port or settings.ui_port}  (Ctrl+C ends it)")
    if read_only:
        os.environ["DAGSTER_WEBSERVER_READ_ONLY"] = "1"
    replace_process("dti_platform.orchestration.ui", *loaded, *place)


def replace_process(module: str, *arguments: str) -> None:
    """Hand this process over to a module of the same interpreter."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own interpreter
