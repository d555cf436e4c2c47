"""The command line: thin. Each command imports what it needs when it runs, so that ``--help`` costs nothing."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.storage import Store

PROJECT = Path(__file__).parents[1]
REFUSED = 3
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
LANGUAGE = click.option(
    "--lang", envvar="DTI_LANGUAGE", type=click.Choice(["vi", "en"]), default="vi", show_default=True
)


def FRAMEWORK(command: Callable[..., None]) -> Callable[..., None]:  # noqa: N802 - a decorator made of options
    """The options that name a framework, a period and a geography."""
    for option in (
        click.option("--geography", default="VN63", show_default=True, help="VN63, VN34, MIN22 or MIN25."),
        click.option("--period", required=True, metavar="PERIOD"),
        click.option("--level", default="provincial", show_default=True),
        click.option("--framework", required=True, metavar="VERSION", help="922, for instance."),
    ):
        command = option(command)
    return command


RELEASE = click.option("--release", metavar="NAME", help="A release by name or number (default: the newest).")


def at_data_root(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its store, from ``--data`` or DTI_DATA."""

    def with_store(data: Path | None, **arguments: Any) -> None:
        from dti_platform.storage import StorageError, Store

        if data is not None:
            os.environ["DTI_DATA"] = str(data)
        try:
            command(store=Store.from_environment(), **arguments)
        except StorageError as error:
            raise click.ClickException(str(error)) from error

    with_store.__doc__ = command.__doc__
    with_store.__name__ = command.__name__
    option = click.option("--data", type=click.Path(path_type=Path), help="Data root (DTI_DATA; default: data).")
    return option(with_store)


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Say an error of the methodology or of the reference data in its own words, without a traceback."""

    @functools.wraps(command)
    def said(**arguments: Any) -> None:
        try:
            command(**arguments)
        except (ValueError, KeyError) as error:
            raise click.ClickException(str(error)) from error

    return said


def overlaid(frameworks: Frameworks, version: str, level: str) -> Framework:
    """A framework by version and level, with its overlay where there is one."""
    return frameworks.overlaid(frameworks.get(version, level))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version="0.1.0", prog_name="dti")
def main() -> None:
    """The platform of Vietnam's Digital Transformation Index (Chỉ số chuyển đổi số, DTI).

    Feeds in; a checked, traceable ranking out. Start with: dti run
    """


@main.command()
@click.option("--period", "periods", multiple=True, metavar="YEAR", help="Only this year (may be repeated).")
@LANGUAGE
@AS_JSON
@at_data_root
def run(store: Store, periods: tuple[str, ...], lang: str, *, as_json: bool) -> None:
    """Land, read, check, score, rank and publish; print the ranking.

    Exits 0 when a release stands for what came in, 1 when something stops the publication.
    """
    with progress(shown=not as_json) as step:
        from dti_platform.orchestration.run import UnknownPeriod, run_main_job

        try:
            outcome = run_main_job(store, periods, on_step=step).to_dict()
        except UnknownPeriod as error:
            raise click.BadParameter(str(error), param_hint="--period") from error
    if as_json:
        print_json(outcome)
    else:
        from dti_platform.report.terminal import show, summary

        show(summary(outcome, lang))
    sys.exit(0 if outcome["success"] else 1)


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the test suite; arguments go to pytest."""
    os.chdir(PROJECT)
    replace_process("pytest", *arguments)


@main.command()
@click.option("--port", type=int, help="Port (DTI_UI_PORT, default 3000).")
def ui(port: int | None) -> None:
    """Open the Dagster UI on 127.0.0.1, with the daemon, over the storage that runs share."""
    from dti_platform.settings import Settings

    settings = Settings()
    os.chdir(PROJECT)
    place = ("-h", settings.ui_host, "-p", str(port or settings.ui_port))
    click.echo(f"Dagster: http://{settings.ui_host}:{port or settings.ui_port}  (Ctrl+C ends it)")
    replace_process("dagster", "dev", "-w", "workspace.yaml", *place)


@main.command()
@click.argument("unit", required=False)
@click.option("--period", metavar="PERIOD", help="2022, for instance.")
@click.option("--node", metavar="CODE", help="A pillar, main index or indicator (default: the index).")
@click.option(
    "--from", "origin", nargs=2, metavar="FILE CELL", help="From a cell to the scores and ranks that it moves."
)
@RELEASE
@LANGUAGE
@AS_JSON
@at_data_root
def trace(
    store: Store,
    unit: str | None,
    period: str | None,
    node: str | None,
    origin: tuple[str, str] | None,
    release: str | None,
    lang: Literal["vi", "en"],
    *,
    as_json: bool,
) -> None:
    """Follow a published score of UNIT down to file, sheet, cell, raw text and rule; and why the rank.

    The other way, --from FILE CELL: which scores and ranks a received cell moves.
    """
    from dti_platform import explain, units

    opened = store.releases.open(release)
    try:
        if origin:
            found = explain.reach(opened, *origin)
            lines = explain.reach_lines(found, lang)
        elif unit and period:
            found = explain.trace(opened, units.load(check=False), unit, period, node)
            lines = explain.trace_lines(found, lang)
        else:
            raise click.UsageError('say whose score: dti trace "Thái Nguyên" --period 2022, or --from FILE CELL')
    except explain.NothingToTrace as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo("\n".join(lines))


@main.command()
@AS_JSON
@at_data_root
def releases(store: Store, *, as_json: bool) -> None:
    """List the releases and the head of the ledger."""
    listed = [
        {"release": each.name, "published_at": each.published_at, "type": each.kind, "reason": each.reason}
        for each in store.releases.list()
    ]
    head = store.ledger.head()
    if as_json:
        print_json({"releases": listed, "ledger": {"sequence": head.sequence, "sha256": head.sha256}})
        return
    for each in listed:
        click.echo(f"{each['release']}  {each['published_at']}  {each['type']}  {each['reason'] or ''}".rstrip())
    click.echo(f"ledger: entry {head.sequence}, sha256 {head.sha256}")


@main.command()
@click.argument("release", required=False)
@click.option(
    "--head", metavar="SHA256", help="The last head of the ledger that you noted: finds what was cut off, too."
)
@AS_JSON
@at_data_root
def verify(store: Store, release: str | None, head: str | None, *, as_json: bool) -> None:
    """Re-check every byte: the ledger's chain, landing, and a release (default: all of them)."""
    faults = store.releases.verify(release) if release else store.verify(head)
    if as_json:
        print_json({"faults": faults})
    else:
        for fault in faults:
            click.echo(f"✗ {fault}")
        end = store.ledger.head()
        click.echo(f"{'✗' if faults else '✓'} {len(faults)} faults; ledger entry {end.sequence}, sha256 {end.sha256}")
    sys.exit(1 if faults else 0)


@main.command()
@FRAMEWORK
@click.option("--units", "number", type=click.IntRange(min=1), help="Only the first N units (default: all).")
@click.option("--seed", type=int, default=2022, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="An empty folder.")
@reported
def generate(framework: str, level: str, period: str, geography: str, number: int | None, seed: int, out: Path) -> None:
    """Write labelled SYNTHETIC self-assessment workbooks, one for each unit.

    For framework 922, period 2022 and VN63 they agree with every figure that was published and can be met.
    """
    from dti_platform import methodology, units
    from dti_platform.feeds import synthetic

    known = units.load(check=False)
    chosen = overlaid(methodology.load(units=known), framework, level)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise click.ClickException(f"{out} is not empty: name an empty folder, so that nothing is overwritten")
    made = synthetic.generate(chosen, period, known.members(geography)[:number], seed)
    names = [name for name, content in made if (out / name).write_bytes(content)]
    click.echo(f"{len(names)} workbooks in {out}: synthetic, {chosen.name}, {period}, seed {seed}")


@main.command()
@FRAMEWORK
@click.option("--unit", required=True, metavar="UNIT", help="Unit id or name: VN63-19, Thái Nguyên.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The workbook to write.")
@reported
def template(framework: str, level: str, period: str, geography: str, unit: str, out: Path) -> None:
    """Write the workbook that a unit fills in: drop-downs, locked headers, notes in Vietnamese."""
    from dti_platform import methodology, units
    from dti_platform.feeds.sheet.template import template as blank

    known = units.load(check=False)
    match = known.find(unit, geography)
    if match.unit_id is None:
        near = f"; did you mean {', '.join(match.suggestions)}?" if match.suggestions else ""
        raise click.ClickException(f"no unit of {geography} is called {unit!r}{near}")
    out.write_bytes(blank(overlaid(methodology.load(units=known), framework, level), period, known.all[match.unit_id]))
    click.echo(f"{out}: {known.all[match.unit_id].name_vi}, {framework}, {period}")


@main.command()
@AS_JSON
def config(*, as_json: bool) -> None:
    """Print the settings (DTI_* environment variables), secrets masked."""
    from dti_platform.settings import shown

    if as_json:
        print_json(shown())
        return
    for name, value in shown().items():
        click.echo(f"{name}={value}")


@contextmanager
def progress(*, shown: bool) -> Generator[Callable[[str], None]]:
    """A spinner that names the step at work, on standard error."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("dti") as status:
        yield status.update


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def replace_process(module: str, *arguments: str) -> None:
    """Hand this process over to a module of the same interpreter."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main(prog_name="dti")
