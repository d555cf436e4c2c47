"""What each feed has delivered so far: files and cells, in total and by year, and when the last file arrived.

Here: counting it from receipts and submissions. Not here: the deliveries of one run (``orchestration.run``), and where
the counts are shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dti_platform.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from dti_platform.storage import Receipt

#: The columns of submissions that are summed.
COUNTED = ("cells", "accepted", "quarantined")


@dataclass(frozen=True)
class Delivered:
    """What a feed has delivered.

    Attributes:
        last_arrival: when the last file arrived, UTC, even if it was refused; None: no file has arrived.
        files: how many files were read, without those refused on arrival.
        cells: the cells of these files: ``accepted``, ``quarantined``, and blank cells, headers and notes.
        by_year: the same counts by the year in which a file's period ends.
    """

    last_arrival: str | None = None
    files: int = 0
    cells: int = 0
    accepted: int = 0
    quarantined: int = 0
    by_year: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])


def delivered(feeds: Iterable[str], receipts: Iterable[Receipt], submissions: pl.DataFrame) -> dict[str, Delivered]:
    """What each of these feeds has delivered.

    Args:
        feeds: their ids.
        receipts: all receipts, in order.
        submissions: the table of all years.
    """
    last_arrivals = {receipt.feed: receipt.received_at for receipt in receipts}
    years: dict[str, dict[str, Counter[str]]] = {}
    for feed, period, *cells in submissions.select("feed", "period", *COUNTED).sort("feed", "period").iter_rows():
        counts = years.setdefault(feed, {}).setdefault(str(Period.parse(period).year), Counter())
        counts.update(files=1, **dict(zip(COUNTED, cells, strict=True)))
    return {feed: _delivery(last_arrivals.get(feed), years.get(feed, {})) for feed in feeds}


def _delivery(last_arrival: str | None, years: dict[str, Counter[str]]) -> Delivered:
    total = sum(years.values(), Counter[str]())
    by_year = {year: dict(counts) for year, counts in sorted(years.items())}
    return Delivered(last_arrival, **{name: total[name] for name in ("files", *COUNTED)}, by_year=by_year)
