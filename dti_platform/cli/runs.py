"""Commands that run the platform or start another program: run, release, test, ui."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dti_platform.cli import unchanged
from dti_platform.cli.options import (
    AS_JSON,
    LANGUAGE,
    accepting_clock,
    appending,
    at_data_root,
    may_append,
    not_blank,
    print_json,
    progress,
)
from dti_platform.language import LANGUAGES

if TYPE_CHECKING:
    from dti_platform.language import Language
    from dti_platform.storage import Store

PROJECT = Path(__file__).parents[2]
IN_CHECKOUT = (PROJECT / "pyproject.toml").is_file()
PERIODS = click.option("--period", "periods", multiple=True, metavar="YEAR", help="Only this year (may be repeated).")


def unless_unchanged(command: Callable[..., None]) -> Callable[..., None]:
    """Print the last run again, instead of running the command, if nothing has changed since."""

    @functools.wraps(command)
    def wrapped(*, force: bool, data: str | None, accept_clock: str | None, **arguments: Any) -> None:
        """Run the command, if there is anything to do."""
        request = unchanged.Request.of(data, arguments["periods"], arguments["publish"])
        last = None if force or accept_clock else unchanged.last_run(request)
        if last is None:
            command(data=data, accept_clock=accept_clock, **arguments)
        elif arguments["as_json"]:
            print_json(last["outcome"])
        else:
            click.echo(last["texts"][arguments["lang"]], nl=False, color=False if "NO_COLOR" in os.environ else None)

    help_text = "Run even though nothing has changed since the last run."
    return click.option("--force", is_flag=True, help=help_text)(wrapped)


@click.command()
@PERIODS
@click.option(
    "--publish", envvar="DTI_PUBLISH", type=click.Choice(["auto", "ask"]), default="auto", show_default=True,
    help="ask: leave a candidate, which `dti release` publishes (DTI_PUBLISH).",
)  # fmt: skip
@LANGUAGE
@AS_JSON
@unless_unchanged
@accepting_clock
@at_data_root
def run(
    store: Store, periods: tuple[str, ...], publish: str, lang: Language, accept_clock: str | None, *, as_json: bool
) -> None:
    """Land, read, check, score, rank and publish; print the ranking.

    If nothing has changed since the last successful run (no file, setting, code or day), its outcome is printed again.

    Exits 0 if a release or a candidate stands for what came in, 1 if something stops it; with --json what stops it is
    in `failure` and `failure_kind`, too.
    """
    from dti_platform.storage import StorageError

    try:
        may_append(store, accept_clock)
        before = unchanged.begin(unchanged.Request(store.root, periods, publish), store)
    except (StorageError, OSError) as error:
        if not as_json:
            raise
        from dti_platform.orchestration.run import not_finished

        print_json(not_finished(store, error, recorded=False).to_dict())
        sys.exit(1)
    with progress(lang, quiet=as_json) as step:
        from dti_platform.orchestration.run import UnknownPeriod, run_main_job

        try:
            outcome = run_main_job(store, periods, on_step=step, publish=publish).to_dict()
        except UnknownPeriod as error:
            raise click.BadParameter(str(error), param_hint="--period") from error
    from dti_platform.report.terminal import printed, show, summary

    if as_json:
        print_json(outcome)
    else:
        show(summary(outcome, lang))
    if not outcome["success"]:
        sys.exit(1)
    ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    repeated = {**outcome, "release_is_new": False, "replaced": [], "unchanged_since": ended}
    before.keep(store, repeated, {language: printed(summary(repeated, language)) for language in LANGUAGES})


@click.command()
@click.argument("candidate", required=False, callback=not_blank)
@click.option("--by", callback=not_blank, metavar="NAME", help="Who decided: stands beside the account in the ledger.")
@click.option(
    "--type", "kind", type=click.Choice(["scheduled", "revision", "correction"]), default="scheduled",
    show_default=True, help="On schedule, better data, or a mistake.",
)  # fmt: skip
@click.option("--reason", callback=not_blank, metavar="TEXT", help="Why: it stands with every changed figure.")
@LANGUAGE
@AS_JSON
@appending
def release(
    store: Store, candidate: str | None, by: str | None, kind: str, reason: str | None, lang: Language, *, as_json: bool
) -> None:
    """Publish the candidate exactly as it was seen.

    The sensor of the inbox leaves a candidate, and so does `dti run --publish ask`; `dti releases` shows it, `dti diff
    RELEASE candidate` what it changes. CANDIDATE is the name that was seen, or its beginning: another one is not
    published. Every table is made again from the stored files and compared; if what stands differs, nothing is
    published. A revision or a correction needs a reason.

    Exits 0 if it is published or there is nothing to publish, 1 if it is refused, 2 without a reason.
    """
    if (kind == "scheduled") != (reason is None):
        raise click.UsageError(
            "a revision or a correction needs --reason, what was wrong or is better; no other has one"
        )
    store.must_exist()
    with progress(lang, quiet=as_json) as step:
        from dti_platform.orchestration.run import publish_candidate
        from dti_platform.storage import printable

        publisher = by and printable(by)
        outcome = publish_candidate(
            store, step, candidate=candidate, on_behalf=publisher, type=kind, reason=reason
        ).to_dict()
    if as_json:
        print_json(outcome)
    else:
        from dti_platform.report.terminal import published, show

        show(published(outcome, lang))
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
    workspace = ("-w", str(PROJECT / "workspace.yaml")) if IN_CHECKOUT else ("-m", "dti_platform.definitions")
    address = ("-h", settings.ui_host, "-p", str(port or settings.ui_port))
    click.echo(f"Dagster: http://{settings.ui_host}:{port or settings.ui_port}  (Ctrl+C ends it)")
    if read_only:
        os.environ["DAGSTER_WEBSERVER_READ_ONLY"] = "1"
    replace_process("dti_platform.orchestration.ui", *workspace, *address)


def replace_process(module: str, *arguments: str) -> None:
    """Replace this process with a module of the same interpreter."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own interpreter
