"""The rows of a released table as observations in SDMX-CSV 2.0.

Here: one observation for each measure of a row, with every component as text. A value is the shortest text that parses
back to it; a count has no decimals. Texts are not escaped for spreadsheets: these files are for machines. Source:
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

#: How texts are converted to ids, by code list or text type; codes use ``code_id``.
_CONVERTERS: Mapping[str, Callable[[str], str]] = {
    "freq": frequency_id,
    "source": source_id,
    "ObservationalTimePeriod": time_period,
}
#: The column with the number of the row of an observation.
_ROW = "row"
_MISSING_ROW = pl.col("obs_status").is_in(MISSING)


def data(released: Released, table: str) -> bytes:
    """A table as SDMX-CSV 2.0, in the order of its rows; ``illustrative/<table>`` gives its illustrative rows.

    Raises:
        NoDataflow: the table has no dataflow, or the release predates the code lists.
        CorruptRelease: the bytes of the release are not those that were published.
    """
    flow = flow_of(table)
    in_half = (pl.col("evidence") == ILLUSTRATIVE) == (table == halves_of(flow.table)[1])
    rows = observations(flow, released.rows(flow.table).filter(in_half).collect(), released.codes())
    head = {"STRUCTURE": "dataflow", "STRUCTURE_ID": f"{AGENCY}:{flow.id}({released.version})", "ACTION": "I"}
    sink = io.BytesIO()
    rows.select(*(pl.lit(text).alias(name) for name, text in head.items()), pl.all()).write_csv(sink)
    return sink.getvalue()


def observations(flow: Flow, rows: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """The observations of a table: the components of its dataflow as text, in the order of the rows.

    Args:
        flow: the dataflow.
        rows: the table.
        codes: the code lists of the release, with decimals and multipliers of units of measure.
    """
    units = codes.filter(pl.col("list") == "unit_measure").select("code", "multiplier", "decimals")
    numbered = rows.with_row_index(_ROW)
    parts = [_measure_rows(flow, measure, numbered, units) for measure in flow.measures]
    return pl.concat(parts).sort(_ROW, maintain_order=True).drop(_ROW)


def _measure_rows(flow: Flow, measure: Measure, rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    code, _, column = measure.unit_measure.partition(":")
    observed = rows.filter(_is_observed(flow, measure)).with_columns(
        measure=pl.lit(measure.column),
        value=pl.col(measure.column),
        unit_measure=pl.col(column) if column else pl.lit(code),
        obs_status=_status(measure),
        **_provenance(measure),
        **{COMPONENTS[name].column: pl.lit(value) for name, value in flow.fixed.items()},
    )
    observed = observed.join(units, left_on="unit_measure", right_on="code", how="left", maintain_order="left")
    return observed.select(
        _ROW,
        *(
            (_text(component, observed) if flow.has(component, measure) else pl.lit(None, pl.String)).alias(
                component.id
            )
            for component in flow.components
        ),
    )


def _is_observed(flow: Flow, measure: Measure) -> pl.Expr:
    """Whether a row has an observation of a measure; see ``dataflows.toml``."""
    observed = pl.col(measure.column).is_not_null()
    if measure is flow.measures[0]:
        observed |= _MISSING_ROW
    return observed | pl.col(measure.even_if_missing).is_not_null() if measure.even_if_missing else observed


def _status(measure: Measure) -> pl.Expr:
    """The row's status; without a value, a measure that can be missing is not published or not computed."""
    absent = pl.when(pl.col("basis") == "published").then(pl.lit("L")).otherwise(pl.lit("O"))
    known = pl.col(measure.column).is_not_null() | _MISSING_ROW
    return pl.when(known).then("obs_status").otherwise(absent) if measure.even_if_missing else pl.col("obs_status")


def _provenance(measure: Measure) -> dict[str, pl.Expr]:
    """Source, class and certainty of a value; class and certainty are only known for the row's own source."""
    known = pl.col(measure.column).is_not_null() | _MISSING_ROW
    source = pl.when(known).then(measure.source)
    first = known & pl.all_horizontal(pl.col(measure.after).is_null()) if measure.after else known
    is_own_source = source == pl.col("source")
    return {
        "source": source,
        "source_class": pl.when(is_own_source).then("source_class"),
        "certainty": pl.when(is_own_source & (first | _MISSING_ROW)).then("certainty"),
    }


def _text(component: Component, rows: pl.DataFrame) -> pl.Expr:
    """The values of a component as text."""
    name = _CONVERTERS.get(component.list or component.text or "") or (code_id if component.list else None)
    text = _with_ids(component.column, rows, name) if name else _as_text(component.column, rows)
    return text.fill_null(NOT_APPLICABLE) if component.nullable else text


def _with_ids(column: str, rows: pl.DataFrame, name: Callable[[str], str]) -> pl.Expr:
    """The texts of a column as ids; most are ids already."""
    names = {text: new for text in rows[column].unique().drop_nulls() if (new := name(text)) != text}
    return pl.col(column).replace(names) if names else pl.col(column)


def _as_text(column: str, rows: pl.DataFrame) -> pl.Expr:
    """Numbers and flags as text; whole numbers in a float column have no decimals."""
    text = pl.col(column).cast(pl.String)
    return text.str.strip_suffix(".0") if rows.schema[column].is_float() else text
