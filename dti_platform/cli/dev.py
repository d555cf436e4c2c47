"""Tools for developers, under ``dti dev``: read, generate, methodology, config.

Here: the group and its commands. Not here: the commands of officials and operators (the other modules).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import (
    AS_JSON,
    FRAMEWORK,
    LANGUAGE,
    PlainFile,
    empty_folder,
    geography_of,
    print_json,
    reported,
    say,
)

if TYPE_CHECKING:
    from dti_platform.language import Language
    from dti_platform.reading import Cell, Form, Unreadable

#: Exit status for a refused file, as in `submit`.
REFUSED = 3


@click.group()
def dev() -> None:
    """Tools for those who build: read, generate, methodology, config."""


@dev.command()
@click.argument("file", type=PlainFile())
@click.option("--feed", help="Read it as this feed does: its delimiter, encoding and headers.")
@click.option("--delimiter", help="Of delimited text, where it is not a comma; `tab` is one.")
@click.option("--encoding", help="Of text from before Unicode: tcvn3, vni or windows-1258.")
@LANGUAGE
@AS_JSON
@click.pass_context
def read(context: click.Context, file: Path, lang: Language, *, as_json: bool, **declaration: str | None) -> None:
    """Show every cell of a file as the platform reads it.

    That is its place, type, raw text, number format, formula, and whether it is hidden or merged. The file is opened in
    a child process within bounds. Exits 3 if it is refused.
    """
    from dti_platform.reading import Request, Unreadable, read_batch

    content = file.read_bytes()
    book = next(iter(read_batch([Request(content, file.name, form_of_file(**declaration))])))
    if isinstance(book, Unreadable):
        refuse(file.name, book, lang, as_json=as_json)
        context.exit(REFUSED)
    sha256 = hashlib.sha256(content).hexdigest()
    if as_json:
        remarks = [remark._asdict() for remark in book.remarks]
        cells = [cell_as_dict(cell) for cell in book.cells()]
        print_json({"file": file.name, "sha256": sha256, "remarks": remarks, "cells": cells})
        return
    say(f"# {file.name}  sha256 {sha256}", *(f"# {remark.text(lang)}" for remark in book.remarks))
    for cell in book.cells():
        say("\t".join([cell.locator, cell.kind, repr(cell.raw), *marks(cell, lang)]))


def form_of_file(feed: str | None, delimiter: str | None, encoding: str | None) -> Form:
    """The form of the file: as its feed declares it, overridden by the options."""
    from dti_platform.reading import ENCODINGS, Form

    form = form_of_feed(feed) if feed else Form()
    if encoding is not None and encoding not in ENCODINGS:
        raise click.UsageError(
            f"no encoding is called {encoding!r}; known: {', '.join(ENCODINGS)}, and Unicode as it is"
        )
    character = "\t" if delimiter == "tab" else delimiter
    if character is not None and (len(character) != 1 or character in '"\r\n'):
        raise click.UsageError(f"a delimiter is one character, or `tab`; {delimiter!r} is not")
    return replace(form, delimiter=character or form.delimiter, encoding=encoding or form.encoding)


def form_of_feed(name: str) -> Form:
    """The form that a feed declares for its files."""
    from dti_platform import feeds, methodology, units

    if name not in feeds.discover():
        raise click.UsageError(f"no feed is called {name!r}; known: {', '.join(feeds.discover())}")
    known = feeds.Known(units.load(check=False), methodology.Frameworks(()))
    return feeds.form_of(feeds.discover()[name].FEED, known)


def refuse(name: str, unreadable: Unreadable, language: Language, *, as_json: bool) -> None:
    """Print why a file is refused, and how to fix it."""
    from dti_platform.submissions.forms.text import refusal_lines
    from dti_platform.submissions.verdict import refusal

    reasons = refusal(unreadable.reason, unreadable.of(name).detail)
    texts = {"why": reasons.why._asdict(), "detail": reasons.detail._asdict(), "mend": reasons.mend._asdict()}
    if as_json:
        print_json({"file": name, "refused": reasons.reason, **texts})
    else:
        say(f"✗ {name}", *refusal_lines(reasons, language))


def cell_as_dict(cell: Cell) -> dict[str, object]:
    """A cell as JSON: null where the file format has no such property."""
    value = cell.value if isinstance(cell.value, str | float | bool) or cell.value is None else str(cell.value)
    pointer = cell.locator if cell.sheet is None and cell.locator.startswith("/") else None
    return {**cell._asdict(), "value": value, "pointer": pointer}


def marks(cell: Cell, language: Language) -> list[str]:
    """The properties of a cell, besides its text."""
    from dti_platform.language import Bilingual

    flags = {"hidden": cell.hidden, "merged": cell.merged}
    texts = [name for name, is_set in flags.items() if is_set]
    if cell.formula is not None:
        texts.append(f"={cell.formula}")
    if cell.cached is not None:
        not_used = Bilingual("tệp nói là chưa tính, không dùng", "not calculated, says the file: not used")
        texts.append(f"{cell.cached!r} ({not_used.text(language)})")
    return [*texts, *([cell.number_format] if cell.number_format else []), *([cell.encoding] if cell.encoding else [])]


@dev.command()
@FRAMEWORK
@click.option("--units", "number", type=click.IntRange(min=1), help="Only the first N units (default: all).")
@click.option("--seed", type=int, default=2022, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="An empty folder.")
@reported
def generate(
    framework: str, level: str, period: str, geography: str | None, number: int | None, seed: int, out: Path
) -> None:
    """Write labelled synthetic workbooks and their verification.

    For framework 922, period 2022 and VN63 they agree with every figure that was published and can be met.
    """
    from dti_platform import methodology, synthetic, units

    known = units.load(check=False)
    frameworks = methodology.load(units=known)
    overlaid = frameworks.overlaid(frameworks.get(framework, level))
    empty_folder(out)
    arguments = (overlaid, period, known.members(geography_of(overlaid, period, geography))[:number], seed, known)
    names = [name for name, content in synthetic.generate(*arguments) if (out / name).write_bytes(content)]
    verification, content = synthetic.verification(*arguments)
    (out / verification).write_bytes(content)
    say(f"{len(names)} workbooks and {verification} in {out}: synthetic, {overlaid.name}, {period}, seed {seed}")


@dev.command("methodology")
@click.argument("framework")
@click.option("--page", is_flag=True, help="The page of docs/methodology, in both languages.")
@LANGUAGE
@AS_JSON
@reported
def print_framework(framework: str, lang: Language, *, page: bool, as_json: bool) -> None:
    """Print a framework: tree, maxima, rules, sources, unknowns.

    FRAMEWORK is a version or a name, such as 922 or 922-ministerial.illustrative.
    """
    from dti_platform.methodology import load
    from dti_platform.methodology.description import described, lines, page_of

    data = described(load().named(framework))
    if as_json:
        print_json(data)
    else:
        say(*(page_of(data).splitlines() if page else lines(data, lang)))


@dev.command()
@AS_JSON
def config(*, as_json: bool) -> None:
    """Print the settings (DTI_* variables), secrets masked."""
    from dti_platform.settings import shown

    if as_json:
        print_json(shown())
        return
    for name, value in shown().items():
        say(f"{name}={value}")
