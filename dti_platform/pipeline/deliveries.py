"""What each feed has brought so far: files and cells, in all and by year, and when the last file came.

Here: counting it from receipts and submissions. Not here: what one run brought (``orchestration.run``), and where it is
shown.
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

#: What is counted of every file.
COUNTED = ("cells", "accepted", "quarantined")


@dataclass(frozen=True)
class Delivered:
    """What a feed has brought.

    Attributes:
        last_arrival: when the last file came, UTC, whatever became of it; None: none ever did.
        files: how many files are read; those that were refused as they came are not.
        cells: of these files; of them ``accepted`` and ``quarantined``, the rest is blank, head or note.
        by_year: the same figures by the year in which a file's period ends.
    """

    last_arrival: str | None = None
    files: int = 0
    cells: int = 0
    accepted: int = 0
    quarantined: int = 0
    by_year: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])


def delivered(feeds: Iterable[str], receipts: Iterable[Receipt], submissions: pl.DataFrame) -> dict[str, Delivered]:
    """What each of these feeds has brought.

    Args:
        feeds: their ids.
        receipts: all that came, in order.
        submissions: the table of all years.
    """
    last = {each.feed: each.received_at for each in receipts}
    years: dict[str, dict[str, Counter[str]]] = {}
    for feed, period, *cells in submissions.select("feed", "period", *COUNTED).sort("feed", "period").iter_rows():
        counted = years.setdefault(feed, {}).setdefault(str(Period.parse(period).year), Counter())
        counted.update(files=1, **dict(zip(COUNTED, cells, strict=True)))
    return {feed: _delivered(last.get(feed), years.get(feed, {})) for feed in feeds}


def _delivered(last_arrival: str | None, years: dict[str, Counter[str]]) -> Delivered:
    total = sum(years.values(), Counter[str]())
    by_year = {year: dict(counted) for year, counted in sorted(years.items())}
    return Delivered(last_arrival, **{name: total[name] for name in ("files", *COUNTED)}, by_year=by_year)
