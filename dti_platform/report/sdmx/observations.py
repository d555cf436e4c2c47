"""The rows of a released table as observations: SDMX-CSV 2.0.

Here: one observation for each measure of a row, every component as text. A value is the shortest text that reads back
to it; a count has no decimals. Texts of sources stay as they are: these files are for machines. Source of the form:
SDMX-CSV 2.0.0 field guide (one dataset, action I, no labels).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import MISSING
from dti_platform.publications.halves import ILLUSTRATIVE, halves_of
from dti_platform.report.sdmx.dataflows import AGENCY, COMPONENTS, flow_of
from dti_platform.report.sdmx.identifiers import NOT_APPLICABLE, code_id, frequency_id, source_id, time_period

if TYPE_CHECKING:
    from dti_platform.report.sdmx.dataflows import Component, Flow, Measure, Released

#: How the texts of lists and types are written that are not codes of ours.
_NAMES: Mapping[str, Callable[[str], str]] = {
    "freq": frequency_id,
    "source": source_id,
    "ObservationalTimePeriod": time_period,
}
#: The number of the row that an observation is of.
_ROW = "row"
_MISSING_ROW = pl.col("obs_status").is_in(MISSING)


def data(released: Released, table: str) -> bytes:
    """A table as SDMX-CSV 2.0, in the order of its rows; ``illustrative/<table>``: its illustrative rows.

    Raises:
        NoDataflow: the table is none of figures, or the release older than its code lists.
        CorruptRelease: the bytes of the release are not those that were published.
    """
    flow = flow_of(table)
    wanted = (pl.col("evidence") == ILLUSTRATIVE) == (table == halves_of(flow.table)[1])
    rows = observations(flow, released.rows(flow.table).filter(wanted).collect(), released.codes())
    head = {"STRUCTURE": "dataflow", "STRUCTURE_ID": f"{AGENCY}:{flow.id}({released.version})", "ACTION": "I"}
    sink = io.BytesIO()
    rows.select(*(pl.lit(text).alias(name) for name, text in head.items()), pl.all()).write_csv(sink)
    return sink.getvalue()


def observations(flow: Flow, rows: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """The observations of rows of a table: the components of its dataflow, all text, in the order of the rows.

    Args:
        flow: the dataflow.
        rows: the table.
        codes: the code lists of the release: decimals and multipliers of units of measure.
    """
    units = codes.filter(pl.col("list") == "unit_measure").select("code", "multiplier", "decimals")
    numbered = rows.with_row_index(_ROW)
    parts = [_of_measure(flow, measure, numbered, units) for measure in flow.measures]
    return pl.concat(parts).sort(_ROW, maintain_order=True).drop(_ROW)


def _of_measure(flow: Flow, measure: Measure, rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    code, _, column = measure.unit_measure.partition(":")
    told = rows.filter(_is_told(flow, measure)).with_columns(
        measure=pl.lit(measure.column),
        value=pl.col(measure.column),
        unit_measure=pl.col(column) if column else pl.lit(code),
        obs_status=_status(measure),
        **_provenance(measure),
        **{COMPONENTS[name].column: pl.lit(value) for name, value in flow.fixed.items()},
    )
    told = told.join(units, left_on="unit_measure", right_on="code", how="left", maintain_order="left")
    return told.select(
        _ROW,
        *(
            (_text(each, told) if flow.stands_beside(each, measure) else pl.lit(None, pl.String)).alias(each.id)
            for each in flow.components
        ),
    )


def _is_told(flow: Flow, measure: Measure) -> pl.Expr:
    """Whether a row gives an observation of a measure; see ``dataflows.toml``."""
    told = pl.col(measure.column).is_not_null()
    if measure is flow.measures[0]:
        told |= _MISSING_ROW
    return told | pl.col(measure.even_if_missing).is_not_null() if measure.even_if_missing else told


def _status(measure: Measure) -> pl.Expr:
    """The row's status; of a measure without a value beside one with: not published, or not computed."""
    absent = pl.when(pl.col("basis") == "published").then(pl.lit("L")).otherwise(pl.lit("O"))
    known = pl.col(measure.column).is_not_null() | _MISSING_ROW
    return pl.when(known).then("obs_status").otherwise(absent) if measure.even_if_missing else pl.col("obs_status")


def _provenance(measure: Measure) -> dict[str, pl.Expr]:
    """Source, class and certainty of a value: the last two are told of the row's own source alone."""
    known = pl.col(measure.column).is_not_null() | _MISSING_ROW
    source = pl.when(known).then(measure.source)
    first = known & pl.all_horizontal(pl.col(measure.after).is_null()) if measure.after else known
    own = source == pl.col("source")
    return {
        "source": source,
        "source_class": pl.when(own).then("source_class"),
        "certainty": pl.when(own & (first | _MISSING_ROW)).then("certainty"),
    }


def _text(component: Component, rows: pl.DataFrame) -> pl.Expr:
    """What a component holds, as text."""
    name = _NAMES.get(component.list or component.text or "") or (code_id if component.list else None)
    told = _renamed(component.column, rows, name) if name else _plain(component.column, rows)
    return told.fill_null(NOT_APPLICABLE) if component.nullable else told


def _renamed(column: str, rows: pl.DataFrame, name: Callable[[str], str]) -> pl.Expr:
    """The texts of a column, each by its new name; most keep theirs."""
    names = {text: new for text in rows[column].unique().drop_nulls() if (new := name(text)) != text}
    return pl.col(column).replace(names) if names else pl.col(column)


def _plain(column: str, rows: pl.DataFrame) -> pl.Expr:
    """Numbers and flags as text; a whole number in a column of decimals has none."""
    text = pl.col(column).cast(pl.String)
    return text.str.strip_suffix(".0") if rows.schema[column].is_float() else text
