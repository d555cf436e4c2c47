"""Blocking files: the received files on which the failing rows of a check rest, and how one of them is taken back.

Here: from failing rows to cells, files and receipts, those from outside first. Not here: the checks (``gate``), and
showing the files (``orchestration``, ``report``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.pipeline.failing_rows import MISSING, matching, missing, resting
from dti_platform.pipeline.flow import stored
from dti_platform.submissions import Register

if TYPE_CHECKING:
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Receipt, Store

#: So many files of a check are named, and so many cells of a file.
MOST_FILES, MOST_CELLS = 5, 5
_CELL = ("feed", "file", "locator", "raw")


@dataclass(frozen=True, slots=True)
class BlockingFile:
    """A file on which failing rows of a check rest.

    Attributes:
        check: table and name of the check.
        receipt: the number by which it can be withdrawn.
        feed, period, file_name: what it was sent as.
        cells: where in the file; the first of them. None where it came since the last release, which passed without it.
        committed: whether it is a file of the committed feeds, which is corrected there and not withdrawn.
        before: the receipt in whose place it came, whose published figures it lacks.
        raw: what stands in each of the cells.
    """

    check: str
    receipt: int
    feed: str
    period: str
    file_name: str
    cells: Sequence[str]
    committed: bool = False
    before: int | None = None
    raw: Sequence[str] = ()

    def to_dict(self) -> dict[str, object]:
        """For ``--json`` and the UI."""
        withdraw = "./dti withdraw {} --reason TEXT"
        let_go = f", or let the figures go: {withdraw.format(self.before)}" if self.before else ""
        correct = f"correct it in data/feeds{let_go}"
        return {**asdict(self), "command": correct if self.committed else withdraw.format(self.receipt)}


def blocking_files(store: Store, results: Iterable[CheckResult]) -> list[BlockingFile]:
    """The files behind every check that stops a publication."""
    failed = [each for each in results if each.blocks and each.rows.height]
    if not failed:
        return []
    newcomers, observed = _newcomers(store), stored(store, "observations")
    named = (
        [*_in_place_of_missing(store, each, observed)]
        or _with_newcomers(store, each, [*_of_check(store, each, observed)], newcomers, observed)
        for each in failed
    )
    return [file for files in named for file in files]


def _newcomers(store: Store) -> list[Receipt]:
    """What came from outside and counts since the last release, the newest first: without it the checks passed."""
    latest = store.releases.latest()
    released = set[object](latest.record.get("receipts", ())) if latest else set[object]()
    standing = [each for each in store.landing.standing() if each.channel != store.feeds.name]
    return sorted((each for each in standing if each.number not in released), key=lambda each: -each.number)


def _with_newcomers(
    store: Store,
    result: CheckResult,
    files: Sequence[BlockingFile],
    newcomers: Sequence[Receipt],
    observed: pl.DataFrame,
) -> list[BlockingFile]:
    """The files of a check from outside, else what came since the last release of its periods, feeds and bases.

    Committed files are named where there is neither.
    """
    outside = [each for each in files if not each.committed]
    likely = matching(result.rows, observed, ("period", "geography", "feed", "basis"))
    named = {*likely.select("feed", "file").iter_rows()}
    came = [each for each in newcomers if (each.feed, each.sha256) in named][:MOST_FILES]
    suspects = [_file(store, result, each) for each in came]
    return outside or suspects or [*files]


def _in_place_of_missing(store: Store, result: CheckResult, observed: pl.DataFrame) -> Iterator[BlockingFile]:
    """Where a check misses figures of the last release, the files that took the place of theirs.

    Of such a file the cells that are held back in the places of those figures.
    """
    if MISSING not in result.rows.columns:
        return
    lost_cells = _cells(result.rows, missing(store, observed))
    files = {*lost_cells.select("feed", "file").iter_rows()}
    register = Register(store)
    lost = [each for each in store.landing.receipts() if (each.feed, each.sha256) in files]
    replaced = [each for each in lost if register.line(each).state == "superseded"]
    came = {now.number: (now, each.number) for each in replaced if (now := register.counting_without(each))}
    held = stored(store, "quarantine").filter(pl.col("locator").is_in(lost_cells["locator"].to_list()))
    for receipt, before in came.values():
        now = held.filter(feed=receipt.feed, file=receipt.sha256).select("locator", "raw").rows()
        yield replace(_file(store, result, receipt, dict(now[:MOST_CELLS])), before=before)


def _file(store: Store, result: CheckResult, receipt: Receipt, cells: Mapping[str, str] | None = None) -> BlockingFile:
    check, committed = f"{result.table}.{result.name}", receipt.channel == store.feeds.name
    places, raw = tuple(cells or {}), tuple((cells or {}).values())
    return BlockingFile(check, receipt.number, receipt.feed, receipt.period, receipt.name, places, committed, raw=raw)


def _of_check(store: Store, result: CheckResult, observed: pl.DataFrame) -> Iterator[BlockingFile]:
    """The files that its failing rows are of, those from outside first."""
    standing = sorted(store.landing.standing(), key=lambda each: each.number)
    receipts: dict[tuple[str, str], Receipt] = {(each.feed, each.sha256): each for each in standing}
    by_file: dict[int, dict[str, str]] = {}
    for feed, file, locator, raw in _cells(result.rows, observed).iter_rows():
        if receipt := receipts.get((feed, file)):
            by_file.setdefault(receipt.number, {}).setdefault(locator, raw)
    named = [(store.landing.receipt(number), cells) for number, cells in by_file.items()]
    for receipt, cells in sorted(named, key=lambda pair: pair[0].channel == store.feeds.name)[:MOST_FILES]:
        yield _file(store, result, receipt, dict(islice(cells.items(), MOST_CELLS)))


def _cells(rows: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """Feed, file, place and text of the observations that failing rows are of: those whose figures they show first."""
    return resting(rows, observed).select(_CELL).unique(maintain_order=True)
