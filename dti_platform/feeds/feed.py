"""A feed, what it receives and what it gives: the types that every feed speaks in.

Here: the declaration of a feed, a received file, and what was read of it. Not here: finding feeds and reading files by
them (the package itself).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from dti_platform.feeds.extract import Extract, Quotation, Remark, Stated
from dti_platform.language import Bilingual
from dti_platform.reading import Book, Column, Unreadable

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.codes import Evidence
    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units


#: The index of the platform: a feed that names none is of it.
OWN_INDEX = "DTI"
#: The rule of owners that new files come under: what a unit's file quotes of the verifier's scores never counts.
RULE = "owners"


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
    index: str = OWN_INDEX
    """The index that its scores are of: the framework of each is that of this index in force then."""
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

    @property
    def title(self) -> Bilingual:
        """Its title in both languages."""
        return Bilingual(self.title_vi, self.title_en)


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
    extract: Extract | Unreadable | None = None
    """What it gives, where it was read in a batch already."""
    sender: str | None = None
    """Unit id of the sender, where it is known from elsewhere than the file."""
    number: int = 0
    """Of its receipt: the order in which files came; 0 where it has none yet."""
    ours: bool = False
    """A file that is committed with the platform: it may be opened in this process; any other is opened in a child."""
    rule: str = RULE
    """The rule of owners that it came under; empty: it came before there was one, and verified and final scores in a
    unit's file count."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a feed may look names up in: the units and the loaded frameworks."""

    units: Units
    frameworks: Frameworks


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file gave: three frames that meet the contracts of ``dti_platform.tables``, and what it says besides."""

    observations: pl.DataFrame
    quarantine: pl.DataFrame
    submissions: pl.DataFrame
    stated: Stated = Stated()  # noqa: RUF009 - a tuple, which nobody can change
    remarks: tuple[Remark, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    corrected: tuple[str, ...] = ()
    """The declared corrections that were applied, as they name themselves."""
    repeated: int = 0
    """How many of its figures other files that stand gave before it, so that they are not given here."""
    outlived: Bilingual | None = None
    """Why no correction was applied: the source has outlived a declared one."""
    refusal: Unreadable | None = None
    """Why nothing of the file can be used, where nothing can."""


class FeedModule(Protocol):
    """The two names that make a module a feed.

    It may have more: ``period_said(book)`` (the period that a file says it is of), ``sender_said(received, known)``
    (the unit that a refused file says it is of), ``choices(known)`` (by column, the words that the template offers),
    ``rows(known, framework, period, geography, scores)`` (what the template of a framework prints, row by row and
    column by column), ``PRINTED`` (those columns), ``limits(known, printed)`` (what the open cells of such rows take)
    and ``GUIDE`` (how they are filled in), ``coded_rows(book)`` (the rows by code, where they are those of a
    framework), ``sent_template(book, known)`` (the template that a workbook was filled in from).
    """

    __name__: str
    FEED: Feed

    @staticmethod
    def parse(received: Received, known: Known) -> Extract:
        """Reads a file; raises Unreadable where nothing of it can be used.

        A file from outside is read in a child process, within bounds, that has no Polars and no Pandera.
        """
        ...
