"""Commands that look at a file without receiving it: ``read``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, PlainFile, print_json

if TYPE_CHECKING:
    from dti_platform.reading import Cell, Unreadable
    from dti_platform.said import Language

#: Exit status of a file that is refused, as of `submit`.
REFUSED = 3


@click.command()
@click.argument("file", type=PlainFile())
@LANGUAGE
@AS_JSON
@click.pass_context
def read(context: click.Context, file: Path, lang: Language, *, as_json: bool) -> None:
    """Show every cell of FILE as the platform reads it: place, type, raw text, formula, what is hidden or merged.

    The file is opened in a child process within bounds. Exits 3 where it is refused.
    """
    from dti_platform.reading import Form, Request, Unreadable, read_batch

    book = next(iter(read_batch([Request(file.read_bytes(), file.name, Form())])))
    if isinstance(book, Unreadable):
        refuse(file.name, book, lang, as_json=as_json)
        context.exit(REFUSED)
    if as_json:
        print_json({"file": file.name, "cells": [described(cell) for cell in book.cells()]})
        return
    for cell in book.cells():
        click.echo("\t".join([cell.locator, cell.kind, repr(cell.raw), *marks(cell)]))


def refuse(name: str, unreadable: Unreadable, language: Language, *, as_json: bool) -> None:
    """Say why a file is refused, and how to mend it."""
    from dti_platform.report.answer_text import refusal_lines
    from dti_platform.submissions.judging import refusal

    found = refusal(unreadable.reason, unreadable.of(name).detail)
    told = {"why": found.why._asdict(), "detail": found.detail._asdict(), "mend": found.mend._asdict()}
    if as_json:
        print_json({"file": name, "refused": found.reason, **told})
    else:
        click.echo("\n".join([f"✗ {name}", *refusal_lines(found, language)]))


def described(cell: Cell) -> dict[str, Any]:
    """A cell for a machine: null where the format does not say."""
    value = cell.value if isinstance(cell.value, str | float | bool) or cell.value is None else str(cell.value)
    return {**cell._asdict(), "value": value}


def marks(cell: Cell) -> list[str]:
    """What is to be known of a cell beside its text."""
    told = {"hidden": cell.hidden, "merged": cell.merged}
    found = [name for name, holds in told.items() if holds]
    if cell.formula is not None:
        found.append(f"={cell.formula}")
    return [*found, *([cell.number_format] if cell.number_format else []), *([cell.encoding] if cell.encoding else [])]
