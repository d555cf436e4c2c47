"""Common parts of commands: options, the data root, errors as messages, JSON, progress.

Here: what more than one command needs. Not here: the commands (their own modules).
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.language import as_typed, shown

if TYPE_CHECKING:
    from dti_platform.language import Bilingual, Language
    from dti_platform.methodology import Framework
    from dti_platform.storage import Store


class PlainFile(click.Path):
    """An existing, readable file that is not too large: no folder, and no pipe or device, which might never end."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; for anything else, a usage error that names it."""
        if barred := _barred(Path(os.fsdecode(value))):
            from dti_platform.storage.accounts import rights_of

            self.fail(
                f"account {rights_of()} can't read {barred}; copy the file to where it can, such as /tmp", param, ctx
            )
        path = Path(str(super().convert(value, param, ctx)))
        if not path.is_file():
            self.fail(f"{path} is a pipe or device, not a file; name a plain file", param, ctx)
        from dti_platform.storage.arrivals import MOST_BYTES

        if path.stat().st_size > MOST_BYTES:
            most = f"{MOST_BYTES // 2**20} MiB"
            self.fail(f"{path} is larger than {most}; take out what is not needed, or split it", param, ctx)
        return path


def _barred(path: Path) -> Path | None:
    """The path, if this account can't read it or look into a folder above it."""
    try:
        path.stat()
    except PermissionError:
        return path
    except OSError:
        return None
    return None if os.access(path, os.R_OK) else path


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
LANGUAGE = click.option(
    "--lang", envvar="DTI_LANGUAGE", type=click.Choice(["vi", "en"]), default="vi", show_default=True
)
RELEASE = click.option(
    "--release", metavar="NAME", help="A release by name or number, or `candidate` (default: the newest release)."
)


def FRAMEWORK(command: Callable[..., None], *, required: bool = True) -> Callable[..., None]:  # noqa: N802 - made of options
    """The options that name a framework, a period and a geography."""
    for option in (
        click.option("--geography", help="VN63, VN34, MIN22... (default: the first for which it is in force then)."),
        click.option("--period", required=required, metavar="PERIOD"),
        click.option("--level", default="provincial", show_default=True),
        click.option("--framework", required=required, metavar="VERSION", help="922, for instance."),
    ):
        command = option(command)
    return command


def geography_of(framework: Framework, period: str | None, chosen: str | None) -> str:
    """The chosen geography; else the first for which a framework is in force in a period, or in any."""
    if chosen:
        return chosen
    in_period = [geography for year, geography in framework.in_force if period and period.startswith(year)]
    return next(iter([*in_period, *(geography for _, geography in framework.in_force)]))


def at_data_root(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its store, from ``--data`` or DTI_DATA."""

    def with_store(data: str | None, **arguments: object) -> None:
        """Run the command at its data root; a storage error becomes a message."""
        from dti_platform.storage import NoFolder, StorageError, Store

        if data is not None:
            os.environ["DTI_DATA"] = data
        try:
            command(store=Store.from_environment(), **arguments)
        except NoFolder as error:
            raise click.UsageError(shown(str(error))) from error
        except StorageError as error:
            raise click.ClickException(shown(str(error))) from error
        except PermissionError as error:
            raise click.ClickException(shown(f"{error.filename}: {error.strerror}")) from error

    with_store.__doc__ = command.__doc__
    with_store.__name__ = command.__name__
    option = click.option("--data", metavar="PATH", help="Data root (DTI_DATA; default: data).")
    return option(with_store)


def appending(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that writes to the ledger its store, and an option for a clock behind its last entry.

    The command does not start on a ledger that is older than the releases in its data root.
    """

    def with_clock(store: Store, accept_clock: str | None, **arguments: object) -> None:
        """Run the command, unless the ledger could not record it."""
        may_append(store, accept_clock)
        command(store=store, **arguments)

    with_clock.__doc__ = command.__doc__
    with_clock.__name__ = command.__name__
    return accepting_clock(at_data_root(with_clock))


def accepting_clock(command: Callable[..., None]) -> Callable[..., None]:
    """The option by which somebody accepts a clock that is behind the last entry."""
    about = "Why the clock is right though the last entry of the ledger is later; stands in the ledger."
    return click.option("--accept-clock", metavar="REASON", callback=not_blank, help=about)(command)


def may_append(store: Store, accept_clock: str | None) -> None:
    """Refuses to begin what could not be written down.

    Raises:
        LedgerBehind: the ledger is older than the releases beside it.
        ClockBehind: the clock is far behind the last entry, and nobody accepts it.
    """
    store.releases.check_known()
    if accept_clock:
        store.ledger.accept_clock(accept_clock)
    store.ledger.check_clock()


def not_blank(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """The text without surrounding blanks; None stays None.

    Raises:
        click.BadParameter: it is blank.
    """
    if text is not None and not text.strip():
        raise click.BadParameter("must not be blank")
    return text and text.strip()


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Report an error of the methodology or of the reference data as its message, without a traceback."""

    @functools.wraps(command)
    def wrapped(**arguments: object) -> None:
        """Run the command; an error becomes a message."""
        try:
            command(**arguments)
        except (ValueError, KeyError) as error:
            raise click.ClickException(str(error)) from error

    return wrapped


@contextmanager
def progress(language: Language, *, quiet: bool) -> Generator[Callable[[Bilingual], None]]:
    """Print a line for each finished step on standard error, also through a pipe; a terminal shows a spinner below."""
    if quiet:
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with console.status("./dti"):
        yield lambda step: console.print(shown(step.text(language)), markup=False, emoji=False, soft_wrap=True)


def empty_folder(folder: Path) -> None:
    """Make a folder to write into.

    Raises:
        click.ClickException: the folder is not empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    check_empty(folder)


def check_empty(folder: Path) -> None:
    """Refuse a folder that has files in it; a folder that doesn't exist is empty.

    Raises:
        click.ClickException: the folder is not empty.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: name an empty folder, so that nothing is overwritten")


def say(*lines: str, err: bool = False) -> None:
    """Print lines without control characters for the terminal; each stays one line, even with a file's text in it."""
    click.echo("\n".join(shown(as_typed(line)).replace("\n", "\\n") for line in lines), err=err)


def print_json(value: object) -> None:
    """Print one JSON document on standard output; control characters for the terminal are escaped as in JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    if shown(text) != text:
        text = "".join(char if shown(char) == char else json.dumps(char)[1:-1] for char in text)
    click.echo(text)
