"""Observations made in a line, for tests of scoring and ranking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from dti_platform import tables

PLAIN: dict[str, Any] = {
    "feed": "self_assessment",
    "source": "submission",
    "period": "2022",
    "geography": "VN63",
    "framework": "922",
    "peer_group": None,
    "measure": "points",
    "basis": "verified",
    "qualifier": "exact",
    "unit_measure": "points",
    "denominator": None,
    "obs_status": "A",
    "certainty": "submitted",
    "evidence": "official",
    "file": "0" * 64,
    "file_name": "x.csv",
    "locator": "line 2",
    "raw": "",
    "document": None,
    "document_number": None,
    "document_date": None,
    "plan_period": None,
    "source_class": None,
}
PRINTED: dict[str, Any] = {
    "feed": "published_results",
    "source": "https://a.example",
    "measure": "score",
    "basis": "published",
    "unit_measure": "ratio",
    "certainty": "verbatim",
}


def observed(rows: Iterable[tuple[str, str, float]], **same: Any) -> pl.DataFrame:
    """Rows of (unit, node, value) as Observations; ``same`` holds for all of them."""
    records = [PLAIN | same | {"unit": unit, "node": node, "value": float(value)} for unit, node, value in rows]
    return pl.DataFrame(records, schema=tables.polars_schema(tables.Observations))


def printed(rows: Iterable[tuple[str, str, float]], **same: Any) -> pl.DataFrame:
    """The same, as printed by a source."""
    return observed(rows, **(PRINTED | same))


def one(frame: pl.DataFrame, **where: Any) -> dict[str, Any]:
    """The one row that meets the conditions."""
    found = frame.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in where.items()))
    assert found.height == 1, f"{found.height} rows meet {where}"
    return found.row(0, named=True)
