"""Feeds: one module each, a small declaration (``FEED``) and ``parse``.

Here: finding feeds, and reading files by them. Not here: the types of a feed (``feed``), reading of formats
(``reading``), and landing of files (``storage``). A module of this package that has ``FEED`` and ``parse`` is a feed:
found by scanning, never registered; one that lacks ``parse`` is an error. The package ``sheet`` is no feed: it holds
the self-assessment's sheet and its template.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dti_platform.feeds.boundary import contained
from dti_platform.feeds.feed import RULE, Feed, FeedModule, Known, Parsed, Quotation, Received, Remark, Stated
from dti_platform.reading import Book, Form, Request, Unreadable, read_batch, read_file
from dti_platform.reference_tables.files import default_folder

if TYPE_CHECKING:
    from dti_platform.feeds.corrections import Correction

__all__ = [
    "RULE",
    "Feed",
    "FeedModule",
    "Known",
    "Parsed",
    "Quotation",
    "Received",
    "Remark",
    "Stated",
    "discover",
    "form_of",
    "opened",
    "opened_all",
    "read",
    "reader_version",
]


@cache
def discover() -> Mapping[str, FeedModule]:
    """Every feed by its id, in the order of the ids."""
    modules: dict[str, FeedModule] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.ispkg:
            continue
        module: Any = importlib.import_module(f"{__name__}.{info.name}")
        if not hasattr(module, "FEED"):
            continue
        if not hasattr(module, "parse"):
            raise TypeError(f"{module.__name__}: parse missing; a feed has FEED and parse(received, known)")
        modules[module.FEED.id] = module
    return dict(sorted(modules.items()))


@cache
def reader_version(feed: str) -> str:
    """Twelve hex digits over everything that decides how files of a feed are read: another version may read others.

    Raises KeyError where there is no such feed.
    """
    modules = {each: Path(inspect.getfile(module.parse)) for each, module in discover().items()}
    package = Path(__file__).parents[1]
    shared = (package / "reading", package / "feeds", package / "methodology" / "frameworks", default_folder())
    files = {file for folder in shared for file in folder.rglob("*") if file.suffix in {".py", ".toml", ".csv"}}
    digest = hashlib.sha256()
    for file in sorted(files - {*modules.values()} | {modules[feed]}):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def opened(feed: Feed, received: Received, known: Known) -> Book:
    """What a received file holds, whatever its format.

    Raises Unreadable where nothing of it can be read.
    """
    book = received.opened or read_file(received.content, received.name, form_of(feed, known))
    if isinstance(book, Unreadable):
        raise book
    return book


def form_of(feed: Feed, known: Known) -> Form:
    """What is known of a feed's files; the names of whole geographies may show a legacy encoding."""
    units = known.units
    names = tuple(tuple(units.all[unit].name_vi for unit in members) for members in units.geographies.values())
    headers = tuple(column.headers for column in feed.columns or feed.header if column.required)
    return Form(feed.delimiter, feed.encoding, names, headers)


def period_said(received: Received) -> str | None:
    """The period that an opened file says it is of; None where it doesn't, or its feed knows no way to ask.

    Raises Unreadable: the file can't be opened, has no table, or says two periods.
    """
    opened = received.opened
    if isinstance(opened, Unreadable):
        raise opened
    asked = getattr(discover()[received.feed], "period_said", None)
    period = contained(received.name, lambda: asked(opened)) if asked and opened else None
    if isinstance(period, Unreadable):
        raise period
    return period


def opened_all(batch: Sequence[Received], known: Known) -> Iterator[Received]:
    """Received files, those that are not ours opened in one child, within its bounds.

    Raises KeyError where there is no such feed.
    """
    strange = [each for each in batch if not each.ours and each.opened is None]
    forms = {each: form_of(discover()[each].FEED, known) for each in {received.feed for received in strange}}
    books = read_batch([Request(each.content, each.name, forms[each.feed]) for each in strange])
    for received in batch:
        yield received if received.ours or received.opened else replace(received, opened=next(books))


def read(received: Received, known: Known, *, as_received: bool = False) -> Parsed:
    """Reads a received file by its feed; a file that can't be read is a refused submission, not an error.

    Not opened yet, it is opened in this process: fit for a file of our own. Known errors of the source are corrected
    (``corrections``), unless it is to be read as received.

    Raises KeyError: no such feed. CorrectionError: a source whose error is declared was fixed.
    """
    from dti_platform.feeds import corrections, intake  # import Polars and Pandera

    module = discover()[received.feed]
    entries = () if as_received else corrections.declared(received.feed)
    outcome = contained(
        received.name, lambda: _parsed(module, received, known, entries), (corrections.CorrectionError,)
    )
    return intake.refused(module.FEED, received, outcome) if isinstance(outcome, Unreadable) else outcome


def _parsed(module: FeedModule, received: Received, known: Known, entries: Sequence[Correction]) -> Parsed:
    from dti_platform.feeds import corrections, door

    parsed = module.parse(received, known)
    if cells := corrections.wanted(entries, parsed, received.period):
        book = corrections.corrected(opened(module.FEED, received, known), cells)
        parsed = corrections.noted(module.parse(replace(received, opened=book), known), parsed, cells)
    return door.admitted(parsed, known)
