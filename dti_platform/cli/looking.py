"""Commands that look at a file without receiving it: ``read``."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, PlainFile, print_json

if TYPE_CHECKING:
    from dti_platform.language import Language
    from dti_platform.reading import Cell, Form, Unreadable

#: Exit status of a file that is refused, as of `submit`.
REFUSED = 3


@click.command()
@click.argument("file", type=PlainFile())
@click.option("--feed", help="Read it as this feed does: its delimiter, encoding and headers.")
@click.option("--delimiter", help="Of delimited text, where it is not a comma; `tab` is one.")
@click.option("--encoding", help="Of text from before Unicode: tcvn3, vni or windows-1258.")
@LANGUAGE
@AS_JSON
@click.pass_context
def read(context: click.Context, file: Path, lang: Language, *, as_json: bool, **chosen: str | None) -> None:
    """Show every cell of FILE as the platform reads it: place, type, raw text, formula, what is hidden or merged.

    The file is opened in a child process within bounds. Exits 3 where it is refused.
    """
    from dti_platform.reading import Request, Unreadable, read_batch

    content = file.read_bytes()
    book = next(iter(read_batch([Request(content, file.name, declared(**chosen))])))
    if isinstance(book, Unreadable):
        refuse(file.name, book, lang, as_json=as_json)
        context.exit(REFUSED)
    sha256 = hashlib.sha256(content).hexdigest()
    if as_json:
        remarks = [remark._asdict() for remark in book.remarks]
        cells = [described(cell) for cell in book.cells()]
        print_json({"file": file.name, "sha256": sha256, "remarks": remarks, "cells": cells})
        return
    click.echo("\n".join([f"# {file.name}  sha256 {sha256}", *(f"# {each.text(lang)}" for each in book.remarks)]))
    for cell in book.cells():
        click.echo("\t".join([cell.locator, cell.kind, repr(cell.raw), *marks(cell, lang)]))


def declared(feed: str | None, delimiter: str | None, encoding: str | None) -> Form:
    """What is known of the file: of its feed, and what is said here."""
    from dti_platform.reading import ENCODINGS, Form

    form = of_feed(feed) if feed else Form()
    if encoding is not None and encoding not in ENCODINGS:
        raise click.UsageError(
            f"no encoding is called {encoding!r}; known: {', '.join(ENCODINGS)}, and Unicode as it is"
        )
    mark = "\t" if delimiter == "tab" else delimiter
    if mark is not None and (len(mark) != 1 or mark in '"\r\n'):
        raise click.UsageError(f"a delimiter is one character, or `tab`: {delimiter!r} is none")
    return replace(form, delimiter=mark or form.delimiter, encoding=encoding or form.encoding)


def of_feed(name: str) -> Form:
    """What a feed declares of its files."""
    from dti_platform import feeds, methodology, units

    if name not in feeds.discover():
        raise click.UsageError(f"no feed is called {name!r}; known: {', '.join(feeds.discover())}")
    known = feeds.Known(units.load(check=False), methodology.Frameworks(()))
    return feeds.form_of(feeds.discover()[name].FEED, known)


def refuse(name: str, unreadable: Unreadable, language: Language, *, as_json: bool) -> None:
    """Say why a file is refused, and how to mend it."""
    from dti_platform.submissions.forms.text import refusal_lines
    from dti_platform.submissions.verdict import refusal

    found = refusal(unreadable.reason, unreadable.of(name).detail)
    told = {"why": found.why._asdict(), "detail": found.detail._asdict(), "mend": found.mend._asdict()}
    if as_json:
        print_json({"file": name, "refused": found.reason, **told})
    else:
        click.echo("\n".join([f"✗ {name}", *refusal_lines(found, language)]))


def described(cell: Cell) -> dict[str, Any]:
    """A cell for a machine: null where the format does not say."""
    value = cell.value if isinstance(cell.value, str | float | bool) or cell.value is None else str(cell.value)
    pointer = cell.locator if cell.sheet is None and cell.locator.startswith("/") else None
    return {**cell._asdict(), "value": value, "pointer": pointer}


def marks(cell: Cell, language: Language) -> list[str]:
    """What is to be known of a cell beside its text."""
    from dti_platform.language import Bilingual

    told = {"hidden": cell.hidden, "merged": cell.merged}
    found = [name for name, holds in told.items() if holds]
    if cell.formula is not None:
        found.append(f"={cell.formula}")
    if cell.cached is not None:
        not_used = Bilingual("tệp nói là chưa tính, không dùng", "not calculated, says the file: not used")
        found.append(f"{cell.cached!r} ({not_used.text(language)})")
    return [*found, *([cell.number_format] if cell.number_format else []), *([cell.encoding] if cell.encoding else [])]
