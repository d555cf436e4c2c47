"""Feeds: one module each, a small declaration (``FEED``) and ``parse``.

Here: what a feed declares, what it receives and what it gives. Not here: reading of formats
(``reading``), and landing of files (``storage``). A module of this package that has ``FEED`` and
``parse`` is a feed: it is found by scanning, never registered. The package ``sheet`` is no
feed: it holds the self-assessment's sheet and its template.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import polars as pl

from dti_platform.language import Bilingual
from dti_platform.reading import Book, Column, Form, Request, Unreadable, read_batch, read_file

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units

__all__ = [
    "Feed",
    "FeedModule",
    "Known",
    "Parsed",
    "Received",
    "Remark",
    "Stated",
    "discover",
    "form_of",
    "opened",
    "opened_all",
    "read",
]

Evidence = Literal["official", "illustrative"]


@dataclass(frozen=True, slots=True)
class Feed:
    """What is known of a feed before any file of it arrives."""

    id: str
    title_vi: str
    title_en: str
    publisher: str
    licence: str
    rhythm: str
    """ISO 8601 duration between two submissions: ``P1Y``, ``P6M``."""
    evidence: Evidence
    pattern: str = "*.csv"
    """Names of its files, as in fnmatch."""
    sender: Literal["none", "unit"] = "none"
    """``unit``: every submission comes from one unit, which it names."""
    delimiter: str = ","
    """Of its delimited text."""
    encoding: str | None = None
    """A legacy encoding that its senders use (``reading.ENCODINGS``); Unicode needs no declaration."""
    columns: tuple[Column, ...] = ()
    """Of its one table, for reading and for the template; none where its tables are drawn by others."""
    header: tuple[Column, ...] = ()
    """Of a feed with a template of its own the columns that its delimited text has."""


@dataclass(frozen=True, slots=True)
class Received:
    """A landed file: its bytes are what its sha256 says."""

    feed: str
    period: str
    name: str
    sha256: str
    content: bytes
    opened: Book | Unreadable | None = None
    """What it holds, where it was opened in a batch already."""
    sender: str | None = None
    """Unit id of whoever sent it, where that is known from elsewhere than the file."""
    number: int = 0
    """Of its receipt: the order in which files came; 0 where it has none yet."""
    ours: bool = False
    """A file that is committed with the platform: it may be opened in this process; any other is opened in a child."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a feed may look names up in: the units and the loaded frameworks."""

    units: Units
    frameworks: Frameworks


class Stated(NamedTuple):
    """What a file says of its own place among others of its sender."""

    version: int | None = None
    on: dt.date | None = None


class Remark(NamedTuple):
    """What is to be said of a file, or of a cell of it, that holds nothing back."""

    said: Bilingual
    locator: str | None = None
    reason: str = "sum_differs"
    """Which warning it becomes in an answer."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file gave: three frames that meet the contracts of ``dti_platform.tables``, and what it says besides."""

    observations: pl.DataFrame
    quarantine: pl.DataFrame
    submissions: pl.DataFrame
    stated: Stated = Stated()  # noqa: RUF009 - a tuple, which nobody can change
    remarks: tuple[Remark, ...] = ()
    corrected: tuple[str, ...] = ()
    """The declared corrections that were applied, as they name themselves."""
    refusal: Unreadable | None = None
    """Why nothing of the file can be used, where nothing can."""


class FeedModule(Protocol):
    """The two names that make a module a feed.

    It may have more: ``period_said(book)`` (the period that a file says it is of), ``choices(known)`` (by column, the
    words that the template offers), ``coded_rows(book)`` (the rows by code, where they are those of a framework).
    """

    FEED: Feed

    @staticmethod
    def parse(received: Received, known: Known) -> Parsed:
        """Reads a file; raises Unreadable where nothing of it can be used."""
        ...


@cache
def discover() -> Mapping[str, FeedModule]:
    """Every feed by its id, in the order of the ids."""
    found: dict[str, FeedModule] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.ispkg:
            continue
        module: Any = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "FEED") and hasattr(module, "parse"):
            found[module.FEED.id] = module
    return dict(sorted(found.items()))


def opened(feed: Feed, received: Received, known: Known) -> Book:
    """What a received file holds, whatever its format.

    Raises Unreadable where nothing of it can be read.
    """
    found = received.opened or read_file(received.content, received.name, form_of(feed, known))
    if isinstance(found, Unreadable):
        raise found
    return found


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
    if isinstance(received.opened, Unreadable):
        raise received.opened
    asked = getattr(discover()[received.feed], "period_said", None)
    return asked(received.opened) if asked and received.opened else None


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

    Raises KeyError: no such feed. CorrectionError: a source whose error is declared was mended.
    """
    from dti_platform.feeds import corrections
    from dti_platform.feeds.intake import refused

    module = discover()[received.feed]
    try:
        parsed = module.parse(received, known)
        entries = () if as_received else corrections.declared(received.feed)
        if cells := corrections.wanted(entries, parsed, received.period):
            book = corrections.corrected(opened(module.FEED, received, known), cells)
            return corrections.noted(module.parse(replace(received, opened=book), known), parsed, cells)
    except Unreadable as refusal:
        return refused(module.FEED, received, refusal)
    return parsed
