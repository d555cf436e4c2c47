"""An opened file is read by its feed: here for a file of our own, in a child process for any other.

Here: how it is opened, what both do with an open file, and the child's side of it. Not here: formats (``reading``), or
the parent's side (the package itself). Nothing here imports Polars or Pandera.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dti_platform.feeds import corrections
from dti_platform.feeds.boundary import contained
from dti_platform.feeds.extract import Extract, packed
from dti_platform.feeds.feed import Feed, FeedModule, Known, Received
from dti_platform.periods import Period
from dti_platform.reading import Book, Form, Unreadable, read_file, tables_of


def opened(feed: Feed, received: Received, known: Known) -> Book:
    """What a received file holds, whatever its format.

    Raises Unreadable where nothing of it can be read.
    """
    book = received.opened or read_file(received.content, received.name, form_of(feed, known))
    if isinstance(book, Unreadable):
        raise book
    return book


def form_of(feed: Feed, known: Known | None) -> Form:
    """What is known of a feed's files; the names of whole geographies may show a legacy encoding."""
    names = () if known is None else _names(known)
    headers = tuple(column.headers for column in feed.columns or feed.header if column.required)
    return Form(feed.delimiter, feed.encoding, names, headers)


def _names(known: Known) -> tuple[tuple[str, ...], ...]:
    units = known.units
    return tuple(tuple(units.all[unit].name_vi for unit in members) for members in units.geographies.values())


def extracted(module: FeedModule, received: Received, known: Known) -> Extract | Unreadable:
    """What a file gives, known errors of its source corrected; or why it is refused, whatever went wrong with it."""
    return contained(received.name, lambda: _corrected(module, received, known))


def _corrected(module: FeedModule, received: Received, known: Known) -> Extract:
    extract = module.parse(received, known)
    try:
        cells = corrections.wanted(corrections.declared(received.feed), extract, received.period)
    except corrections.CorrectionError as error:
        return replace(extract, outlived=error.text)
    if not cells:
        return extract
    book = corrections.corrected(opened(module.FEED, received, known), cells)
    return corrections.noted(module.parse(replace(received, opened=book), known), extract, cells)


def period_said(module: FeedModule, book: Book) -> str | None:
    """The period that an opened file says it is of; empty where it says none, None where it can be read in none."""
    asked = getattr(module, "period_said", None)
    text = contained(book.name, lambda: asked(book) if asked else _with_table(module.FEED, book))
    return None if isinstance(text, Unreadable) or (text and not Period.find(text)) else text or ""


def _with_table(feed: Feed, book: Book) -> None:
    """Raises Unreadable where no sheet has the table that a feed declares."""
    if feed.columns and not tables_of(book, feed.columns):
        raise Unreadable("header_missing", "in_no_sheet", file=book.name)


def _sender_said(module: FeedModule, received: Received, known: Known) -> str | None:
    """The unit that a refused file says it is of; None where it says none, or its feed knows no way to ask."""
    asked = getattr(module, "sender_said", None)
    unit = contained(received.name, lambda: asked(received, known)) if asked else None
    return None if isinstance(unit, Unreadable) else unit


def served(given: bytes) -> Callable[[Book, Mapping[str, Any]], Mapping[str, object]]:
    """In a child: what is done with each open file, once units and frameworks are there."""
    known, folders = pickle.loads(given)  # noqa: S301 - from the parent, which alone writes to this process
    importlib.import_module("dti_platform.feeds").__path__ = folders

    def read(book: Book, asked: Mapping[str, Any]) -> Mapping[str, object]:
        module: Any = importlib.import_module(asked["module"])
        period = asked["period"] or period_said(module, book)
        if period is None:
            period = asked["otherwise"]
        if not (known and period):
            return {"period": period}
        received = Received(**asked["received"], period=period, content=b"", opened=book)
        outcome = extracted(module, received, known)
        if isinstance(outcome, Unreadable):
            sender = _sender_said(module, received, known)
            return {"period": period, "refused": [outcome.reason, outcome.detail], "sender": sender}
        return {"period": period, "extract": packed(outcome)}

    return read
