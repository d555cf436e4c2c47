"""Blocking files: the received files on which the failing rows of a check rest, and how one of them is taken back.

Here: from failing rows to cells, files and receipts, those from outside first. Not here: the checks (``gate``), and
showing the files (``orchestration``, ``report``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import publications
from dti_platform.pipeline.flow import stored

if TYPE_CHECKING:
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Receipt, Store

#: So many files of a check are named, and so many cells of a file.
MOST_FILES, MOST_CELLS = 5, 5
_CELL = ("feed", "file", "file_name", "locator")
#: What a failing row and the observations that it rests on have in common, as far as the row has it.
_SHARED = ("file", "locator", "period", "geography", "unit", "feed", "basis")
_SOURCES = ("source", "parts_of", "our_source", "score_source", "rank_source")


@dataclass(frozen=True, slots=True)
class BlockingFile:
    """A file on which failing rows of a check rest.

    Attributes:
        check: table and name of the check.
        receipt: the number by which it can be withdrawn.
        feed, period, file_name: what it was sent as.
        cells: where in the file; the first of them.
    """

    check: str
    receipt: int
    feed: str
    period: str
    file_name: str
    cells: Sequence[str]

    def to_dict(self) -> dict[str, object]:
        """For ``--json`` and the UI."""
        return {**asdict(self), "command": f"./dti withdraw {self.receipt} --reason TEXT"}


def blocking_files(store: Store, results: Iterable[CheckResult]) -> list[BlockingFile]:
    """The files behind every check that stops a publication."""
    failed = [each for each in results if each.blocks and each.rows.height]
    return [file for each in failed for file in _of_check(store, each)]


def _of_check(store: Store, result: CheckResult) -> Iterator[BlockingFile]:
    """Its files; where it misses a figure of the last release, what came last under the name of the figure's file."""
    standing = sorted(store.landing.standing(), key=lambda each: each.number)
    receipts: dict[tuple[str, str], Receipt] = {(each.feed, each.sha256): each for each in standing}
    cells = _cells(result.rows, stored(store, "observations")).drop("file_name")
    if cells.is_empty():
        receipts = {(each.feed, each.name): each for each in standing}
        cells = _cells(result.rows, _released(store)).drop("file")
    by_file: dict[int, list[str]] = {}
    for feed, file, locator in cells.iter_rows():
        if receipt := receipts.get((feed, file)):
            by_file.setdefault(receipt.number, []).append(locator)
    named = [(store.landing.receipt(number), locators) for number, locators in by_file.items()]
    for receipt, locators in sorted(named, key=lambda pair: pair[0].channel == store.feeds.name)[:MOST_FILES]:
        places = tuple(dict.fromkeys(locators))[:MOST_CELLS]
        check = f"{result.table}.{result.name}"
        yield BlockingFile(check, receipt.number, receipt.feed, receipt.period, receipt.name, places)


def _released(store: Store) -> pl.DataFrame:
    latest = store.releases.latest()
    return store.releases.open(latest.name).table("observations") if latest else publications.empty("observations")


def _cells(rows: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """Feed, file and place of the observations that failing rows are of, those at the node of a row first."""
    asked = rows.rename({"indicator": "node"}, strict=False)
    if "basis" in asked.columns:
        asked = asked.with_columns(pl.col("basis").replace("recomputed", "published"))
    shared = [name for name in _SHARED if name in asked.columns]
    if not shared:
        return observed.select(_CELL).clear()
    sources = {value for name in _SOURCES if name in rows.columns for value in rows[name].drop_nulls()}
    matching = observed.join(asked.select(shared).unique(), on=shared, how="semi", nulls_equal=True)
    of_sources = matching.filter(pl.col("source").is_in(sources))
    nodes = asked["node"].unique().to_list() if "node" in asked.columns else []
    ordered = (of_sources if of_sources.height else matching).sort(~pl.col("node").is_in(nodes), maintain_order=True)
    return ordered.select(_CELL).unique(maintain_order=True)
