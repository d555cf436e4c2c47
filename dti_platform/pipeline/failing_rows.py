"""Failing rows with the cells that they rest on: whose figure it is, what stands in which file, and where.

Here: from the rows of a check's frame to observations, once for everybody who shows them (the page of the checks, the
UI, the end of a run). Not here: the words (``failing_row``), and which receipt can be taken back (``blocking``).
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

#: So many cells of a row are named.
MOST_CELLS = 3
#: What a failing row and the observations that it rests on have in common, as far as the row has it.
SHARED = ("file", "locator", "period", "geography", "unit", "feed", "basis")
#: The column by which a check says that a figure of the last release is missing.
MISSING = "still_there"
#: What makes a figure of the last release the same.
_FIGURE = ["period", "geography", "framework", "feed", "basis", "unit", "peer_group", "node", "measure"]
_SOURCES = ("source", "parts_of", "our_source", "score_source", "rank_source")
_CELL = ("file_name", "locator", "raw")
_SCHEMA = {name: pl.Float64 if name == "value" else pl.String for name in FIRST}
#: Of several cells those not named are counted.
_MORE = "… +{}"


def placed(store: Store, results: Iterable[CheckResult]) -> list[CheckResult]:
    """The results, each with the places of its failing rows: read them as ``CheckResult.failing_rows``.

    For each failing row: unit_name_vi, unit_name_en, value, raw, file_name as received, locator, feed. A value that the
    row has stands as it is; of several cells (a sum) those that hold the row's own figure, else the first three, are
    told one after the other, with `` | `` between them. Nothing is read where no row fails.
    """
    results = list(results)
    if not any(each.rows.height for each in results):
        return results
    names = {code: (unit.name_vi, unit.name_en) for code, unit in units.load(check=False).all.items()}
    observed = stored(store, "observations")
    gone = lost(store, observed) if any(MISSING in each.rows.columns for each in results) else observed
    return [
        replace(each, places=_places(each.rows, gone if MISSING in each.rows.columns else observed, names))
        if each.rows.height
        else each
        for each in results
    ]


def missing(store: Store, observed: pl.DataFrame) -> pl.DataFrame:
    """The observations of the last release whose figures do not stand any more."""
    latest = store.releases.latest()
    released = publications.of_release(store.releases.open(latest.name) if latest else None, "observations")
    return released.join(observed, on=_FIGURE, how="anti", nulls_equal=True)


def lost(store: Store, observed: pl.DataFrame) -> pl.DataFrame:
    """The same, each with what is now held back in its place, where that is so."""
    by = ["feed", "period", "locator"]
    held = stored(store, "quarantine").select(*by, now_name="file_name", now_raw="raw").unique(by, keep="first")
    both = missing(store, observed).join(held, on=by, how="left", maintain_order="left")
    return both.with_columns(
        file_name=pl.coalesce("now_name", "file_name"), raw=pl.coalesce("now_raw", "raw")
    ).drop("now_name", "now_raw")  # fmt: skip


def resting(rows: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """The observations that failing rows are of, with ``exactness``: 2 shows a row's own figure, 1 its node, 0 neither.

    The most exact first; none where the rows have nothing in common with observations.
    """
    if not {*rows.columns} & {*SHARED}:
        return observed.clear().with_columns(exactness=pl.lit(0))
    sources = {value for name in _SOURCES if name in rows.columns for value in rows[name].drop_nulls()}
    found = matching(rows, observed, SHARED)
    of_sources = found.filter(pl.col("source").is_in(sources))
    named = rows.rename({"indicator": "node"}, strict=False)
    nodes = named["node"].unique().to_list() if "node" in named.columns else []
    numbers = (column.cast(pl.Float64) for column in named.iter_columns() if column.dtype.is_numeric())
    figures = [value for column in numbers for value in column.drop_nulls()]
    at_node = pl.col("node").is_in(nodes).fill_null(value=False)
    exactness = at_node.cast(pl.Int8) + (at_node & pl.col("value").is_in(figures).fill_null(value=False)).cast(pl.Int8)
    ordered = (of_sources if of_sources.height else found).with_columns(exactness=exactness)
    return ordered.sort("exactness", descending=True, maintain_order=True)


def matching(rows: pl.DataFrame, observed: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The observations that agree with a failing row in those of these columns that it has and fills."""
    shared = [name for name in columns if name in rows.columns and rows[name].null_count() < rows.height]
    if not shared:
        return observed
    asked = rows.select(shared).unique()
    if "basis" in shared:
        asked = asked.with_columns(pl.col("basis").replace("recomputed", "published"))
    return observed.join(asked, on=shared, how="semi", nulls_equal=True)


def _places(rows: pl.DataFrame, observed: pl.DataFrame, names: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    near = matching(rows, observed, SHARED)
    return pl.DataFrame([_place(rows[at], near, names) for at in range(rows.height)], schema=_SCHEMA, orient="row")


def _place(row: pl.DataFrame, near: pl.DataFrame, names: Mapping[str, tuple[str, str]]) -> Row:
    """The first columns of one failing row; null where nothing is known."""
    cells = resting(row, near)
    cells = cells.filter(pl.col("exactness") == pl.col("exactness").max())
    told = cells.select(_CELL).unique(maintain_order=True)
    first, more = told.head(MOST_CELLS), told.height - MOST_CELLS
    own = {"unit": None, "value": None, "feed": None, **row.row(0, named=True)}
    of = [*cells["unit"].unique()] if own["unit"] is None else [own["unit"]]
    name_vi, name_en = names.get(of[0], (None, None)) if len(of) == 1 else (None, None)
    values = cells["value"].unique()
    joined = {name: BETWEEN.join(_once(first[name].to_list(), name)) or None for name in _CELL}
    if more > 0:
        joined["locator"] = f"{joined['locator']}{BETWEEN}{_MORE.format(more)}"
    seen = own["value"] if isinstance(own["value"], float) else values[0] if values.len() == 1 else None
    feed = cells["feed"].unique()
    joined["feed"] = feed[0] if feed.len() == 1 else own["feed"]
    return {"unit_name_vi": name_vi, "unit_name_en": name_en, "value": seen, **joined}


def _once(texts: Sequence[str | None], name: str) -> list[str]:
    """Texts of several cells; the name of the one file that all of them stand in once."""
    held = [each or "" for each in texts]
    return [*dict.fromkeys(held)] if name == "file_name" and len({*held}) == 1 else held
