"""Blocking files: the received files behind the failing rows of a check, and the command that withdraws one.

Here: from failing rows to cells, files and receipts, files from outside first. Not here: the checks (``gate``), and
showing the files (``orchestration``, ``report``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.pipeline.failing_rows import MISSING, matching, missing, observations_behind
from dti_platform.pipeline.flow import stored
from dti_platform.submissions import Register

if TYPE_CHECKING:
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Receipt, Store

#: The most files listed of a check, and the most cells of a file.
MOST_FILES, MOST_CELLS = 5, 5
_CELL = ("feed", "file", "locator", "raw")


@dataclass(frozen=True, slots=True)
class BlockingFile:
    """A file behind the failing rows of a check.

    Attributes:
        check: table and name of the check.
        receipt: the number by which it can be withdrawn.
        feed, period, file_name: the feed, period and name under which it was sent.
        cells: the first of its cells behind the rows; empty where it is only named because it came since the last
            release, which passed without it.
        committed: whether it is a file of the committed feeds, which is corrected there and not withdrawn.
        before: the receipt that it replaces, whose published figures it lacks.
        raw: the text of each of the cells.
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
        withdraw_before = f", or let the figures go: {withdraw.format(self.before)}" if self.before else ""
        correct = f"correct it in data/feeds{withdraw_before}"
        return {**asdict(self), "command": correct if self.committed else withdraw.format(self.receipt)}


def blocking_files(store: Store, results: Iterable[CheckResult]) -> list[BlockingFile]:
    """The files behind every check that stops a publication."""
    failed = [result for result in results if result.blocks and result.rows.height]
    if not failed:
        return []
    new_receipts, observed = _new_receipts(store), stored(store, "observations")
    files_by_check = (
        [*_replacing_files(store, result, observed)]
        or _suspected_files(store, result, [*_files_of_rows(store, result, observed)], new_receipts, observed)
        for result in failed
    )
    return [file for files in files_by_check for file in files]


def _new_receipts(store: Store) -> list[Receipt]:
    """The receipts from outside that count and are not in the last release, the newest first.

    Without them the checks passed.
    """
    latest = store.releases.latest()
    released = set[object](latest.record.get("receipts", ())) if latest else set[object]()
    standing = [receipt for receipt in store.landing.standing() if receipt.channel != store.feeds.name]
    new = [receipt for receipt in standing if receipt.number not in released]
    return sorted(new, key=lambda receipt: -receipt.number)


def _suspected_files(
    store: Store,
    result: CheckResult,
    files: Sequence[BlockingFile],
    new_receipts: Sequence[Receipt],
    observed: pl.DataFrame,
) -> list[BlockingFile]:
    """The files of a check from outside, else new files of the same periods, feeds and bases, else committed files."""
    outside = [file for file in files if not file.committed]
    observations = matching(result.rows, observed, ("period", "geography", "feed", "basis"))
    likely_files = {*observations.select("feed", "file").iter_rows()}
    likely = [receipt for receipt in new_receipts if (receipt.feed, receipt.sha256) in likely_files][:MOST_FILES]
    return outside or [_file(store, result, receipt) for receipt in likely] or [*files]


def _replacing_files(store: Store, result: CheckResult, observed: pl.DataFrame) -> Iterator[BlockingFile]:
    """Where a check misses figures of the last release, the files that replaced the files of those figures.

    The cells of such a file are those in quarantine at the locators of the missing figures.
    """
    if MISSING not in result.rows.columns:
        return
    lost_cells = _cells(result.rows, missing(store, observed))
    files = {*lost_cells.select("feed", "file").iter_rows()}
    register = Register(store)
    lost = [receipt for receipt in store.landing.receipts() if (receipt.feed, receipt.sha256) in files]
    replaced = [receipt for receipt in lost if register.line(receipt).state == "superseded"]
    replacements = {new.number: (new, old.number) for old in replaced if (new := register.counting_without(old))}
    quarantined = stored(store, "quarantine").filter(pl.col("locator").is_in(lost_cells["locator"].to_list()))
    for receipt, before in replacements.values():
        cells = quarantined.filter(feed=receipt.feed, file=receipt.sha256).select("locator", "raw").rows()
        yield replace(_file(store, result, receipt, dict(cells[:MOST_CELLS])), before=before)


def _file(store: Store, result: CheckResult, receipt: Receipt, cells: Mapping[str, str] | None = None) -> BlockingFile:
    check, committed = f"{result.table}.{result.name}", receipt.channel == store.feeds.name
    locators, raw = tuple(cells or {}), tuple((cells or {}).values())
    return BlockingFile(check, receipt.number, receipt.feed, receipt.period, receipt.name, locators, committed, raw=raw)


def _files_of_rows(store: Store, result: CheckResult, observed: pl.DataFrame) -> Iterator[BlockingFile]:
    """The files of the observations behind failing rows, files from outside first."""
    standing = sorted(store.landing.standing(), key=lambda receipt: receipt.number)
    receipts: dict[tuple[str, str], Receipt] = {(receipt.feed, receipt.sha256): receipt for receipt in standing}
    by_file: dict[int, dict[str, str]] = {}
    for feed, file, locator, raw in _cells(result.rows, observed).iter_rows():
        if receipt := receipts.get((feed, file)):
            by_file.setdefault(receipt.number, {}).setdefault(locator, raw)
    cells_by_receipt = [(store.landing.receipt(number), cells) for number, cells in by_file.items()]
    for receipt, cells in sorted(cells_by_receipt, key=lambda pair: pair[0].channel == store.feeds.name)[:MOST_FILES]:
        yield _file(store, result, receipt, dict(islice(cells.items(), MOST_CELLS)))


def _cells(rows: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """Feed, file, locator and text of the observations behind failing rows, those whose figures the rows show first."""
    return observations_behind(rows, observed).select(_CELL).unique(maintain_order=True)
