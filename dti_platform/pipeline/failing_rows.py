"""Failing rows with the cells behind them: the unit, the file, the locator and the text of the cell.

Here: from the rows of a check's frame to observations, once for all that show them (the page of the checks, the UI, the
end of a run). Not here: the words (``failing_row``), and which receipt can be withdrawn (``blocking``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import publications, units
from dti_platform.failing_row import BETWEEN, FIRST
from dti_platform.pipeline.flow import stored

if TYPE_CHECKING:
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Store
    from dti_platform.tables import Row

#: The most cells that are listed of a row.
MOST_CELLS = 3
#: Columns by which a failing row is joined with observations, as far as the row has them.
SHARED = ("file", "locator", "period", "geography", "unit", "feed", "basis")
#: The column of a check for missing figures of the last release.
MISSING = "still_there"
#: The column of rows that count quarantined cells, which those are about.
HELD = "quarantined"
#: The key by which a figure of the last release is found in the stored observations.
_FIGURE = ["period", "geography", "framework", "feed", "basis", "unit", "peer_group", "node", "measure"]
_SOURCES = ("source", "parts_of", "our_source", "score_source", "rank_source")
_CELL = ("file_name", "locator", "raw")
_SCHEMA = {name: pl.Float64 if name == "value" else pl.String for name in FIRST}
#: The number of cells that are not listed.
_MORE = "… +{}"


def with_places(store: Store, results: Iterable[CheckResult]) -> list[CheckResult]:
    """The results, each with the places of its failing rows: read them as ``CheckResult.failing_rows``.

    For each failing row: unit_name_vi, unit_name_en, value, raw, file_name as received, locator, feed. A value that the
    row has is kept. Of several cells (a sum), those with the row's own figure are listed, else the first three, joined
    by `` | ``. Nothing is read where no row fails.
    """
    results = list(results)
    if not any(result.rows.height for result in results):
        return results
    names = {code: (unit.name_vi, unit.name_en) for code, unit in units.load(check=False).all.items()}
    observed = stored(store, "observations")
    any_missing = any(MISSING in result.rows.columns for result in results)
    lost = missing_with_raw(store, observed) if any_missing else observed
    held = _held_back(store) if any(HELD in result.rows.columns for result in results) else observed

    def behind(rows: pl.DataFrame) -> pl.DataFrame:
        """The cells that may be behind failing rows."""
        if HELD in rows.columns:
            return held
        return lost if MISSING in rows.columns else observed

    return [
        replace(result, places=_places(result.rows, behind(result.rows), names)) if result.rows.height else result
        for result in results
    ]


def _held_back(store: Store) -> pl.DataFrame:
    """The quarantined cells as observations without value: the causes, not those held back with their row alone."""
    cells = stored(store, "quarantine").filter(pl.col("reason") != "held_with_row")
    unknown = {"source": pl.lit(None, pl.String), "value": pl.lit(None, pl.Float64)}
    return cells.select("file", *_CELL, "period", "unit", "feed", "node").with_columns(**unknown)


def missing(store: Store, observed: pl.DataFrame) -> pl.DataFrame:
    """The observations of the last release whose figures are no longer stored."""
    latest = store.releases.latest()
    released = publications.of_release(store.releases.open(latest.name) if latest else None, "observations")
    return released.join(observed, on=_FIGURE, how="anti", nulls_equal=True)


def missing_with_raw(store: Store, observed: pl.DataFrame) -> pl.DataFrame:
    """The missing observations, with file name and text of the quarantined cell now in the same place, if any."""
    keys = ["feed", "period", "locator"]
    cells = stored(store, "quarantine").select(*keys, now_name="file_name", now_raw="raw").unique(keys, keep="first")
    missing_rows = missing(store, observed).join(cells, on=keys, how="left", maintain_order="left")
    return missing_rows.with_columns(
        file_name=pl.coalesce("now_name", "file_name"), raw=pl.coalesce("now_raw", "raw")
    ).drop("now_name", "now_raw")  # fmt: skip


def observations_behind(rows: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """The observations behind failing rows, with ``exactness``: 2: a row's own figure; 1: its node; 0: neither.

    The most exact come first; none where the rows share no column with observations.
    """
    if not {*rows.columns} & {*SHARED}:
        return observed.clear().with_columns(exactness=pl.lit(0))
    sources = {value for name in _SOURCES if name in rows.columns for value in rows[name].drop_nulls()}
    observations = matching(rows, observed, SHARED)
    same_source = observations.filter(pl.col("source").is_in(sources))
    renamed = rows.rename({"indicator": "node"}, strict=False)
    nodes = renamed["node"].unique().to_list() if "node" in renamed.columns else []
    numbers = (column.cast(pl.Float64) for column in renamed.iter_columns() if column.dtype.is_numeric())
    figures = [value for column in numbers for value in column.drop_nulls()]
    at_node = pl.col("node").is_in(nodes).fill_null(value=False)
    exactness = at_node.cast(pl.Int8) + (at_node & pl.col("value").is_in(figures).fill_null(value=False)).cast(pl.Int8)
    candidates = (same_source if same_source.height else observations).with_columns(exactness=exactness)
    return candidates.sort("exactness", descending=True, maintain_order=True)


def matching(rows: pl.DataFrame, observed: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The observations that agree with a failing row in these columns, as far as the rows have and fill them."""
    present = [name for name in columns if name in rows.columns and name in observed.columns]
    shared = [name for name in present if rows[name].null_count() < rows.height]
    if not shared:
        return observed
    keys = rows.select(shared).unique()
    if "basis" in shared:
        keys = keys.with_columns(pl.col("basis").replace("recomputed", "published"))
    return observed.join(keys, on=shared, how="semi", nulls_equal=True)


def _places(rows: pl.DataFrame, observed: pl.DataFrame, names: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    observations = matching(rows, observed, SHARED)
    return pl.DataFrame(
        [_first_columns(rows[index], observations, names) for index in range(rows.height)], schema=_SCHEMA, orient="row"
    )


def _first_columns(row: pl.DataFrame, observations: pl.DataFrame, names: Mapping[str, tuple[str, str]]) -> Row:
    """The first columns of one failing row; null where nothing is known."""
    cells = observations_behind(row, observations)
    cells = cells.filter(pl.col("exactness") == pl.col("exactness").max())
    texts = cells.select(_CELL).unique(maintain_order=True)
    first, hidden = texts.head(MOST_CELLS), texts.height - MOST_CELLS
    values = {"unit": None, "value": None, "feed": None, **row.row(0, named=True)}
    unit_codes = [*cells["unit"].unique()] if values["unit"] is None else [values["unit"]]
    name_vi, name_en = names.get(unit_codes[0], (None, None)) if len(unit_codes) == 1 else (None, None)
    figures = cells["value"].unique()
    joined = {name: BETWEEN.join(_joinable(first[name].to_list(), name)) or None for name in _CELL}
    if hidden > 0:
        joined["locator"] = f"{joined['locator']}{BETWEEN}{_MORE.format(hidden)}"
    value = values["value"] if isinstance(values["value"], float) else figures[0] if figures.len() == 1 else None
    feed = cells["feed"].unique()
    joined["feed"] = feed[0] if feed.len() == 1 else values["feed"]
    return {"unit_name_vi": name_vi, "unit_name_en": name_en, "value": value, **joined}


def _joinable(texts: Sequence[str | None], name: str) -> list[str]:
    """The texts of several cells, to be joined; a file name that all cells share only once."""
    filled = [text or "" for text in texts]
    return [*dict.fromkeys(filled)] if name == "file_name" and len({*filled}) == 1 else filled
