"""What files gave, as frames: the rows of an extract, and the account of a file that is refused.

Here: from plain rows to the frames of ``dti_platform.tables``. Not here: how rows are read (``intake``).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dti_platform.feeds.extract import Account, Extract
from dti_platform.feeds.feed import Feed, Parsed, Received
from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.reading import Unreadable
from dti_platform.tables import Observations, Quarantine, Submissions, Table, polars_schema


def framed(extract: Extract) -> Parsed:
    """The three frames of an extract, and what the file says besides."""
    return Parsed(
        _frame(Observations, extract.observations),
        _frame(Quarantine, extract.quarantine),
        _frame(Submissions, [extract.account]),
        extract.stated,
        extract.remarks,
        extract.quotations,
        extract.corrected,
        outlived=extract.outlived,
    )


def refused(feed: Feed, received: Received, unreadable: Unreadable) -> Parsed:
    """A file of which nothing can be used: kept, with its reason in both languages."""
    refusal = unreadable.of(received.name)
    text = Bilingual.same("{why}: {detail}").format(why=catalogue("file")[refusal.reason].why, detail=refusal.detail)
    reason = f"{refusal.reason}: {text.both}"
    named = (feed.id, received.sha256, received.name, None, received.period, None, feed.evidence)
    account = Account(*named, "refused", reason, 0, 0, 0, 0, 0, 0, 0)
    frames = _frame(Observations, []), _frame(Quarantine, []), _frame(Submissions, [account])
    return Parsed(*frames, refusal=refusal)


def _frame(model: type[Table], rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Rows turned into columns, at once."""
    schema = polars_schema(model)
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pl.DataFrame(
        [pl.Series(name, values, dtype=kind) for (name, kind), values in zip(schema.items(), columns, strict=True)]
    )
