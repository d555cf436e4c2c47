"""``indicators``: what is known of each operational indicator, and what no source says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, String

from dti_platform import tables
from dti_platform.language import Bilingual
from dti_platform.publications import shaped

if TYPE_CHECKING:
    from dti_platform.publications import Declared
    from dti_platform.units import Indicator

TITLE_VI = "Chỉ tiêu điều hành"
TITLE_EN = "Operational indicators"
DESCRIPTION_VI = (
    "Mỗi dòng là một chỉ tiêu điều hành: loại số liệu, đơn vị tính, định nghĩa, cơ quan tính, tổng thể và thời điểm "
    "mà số liệu nói đến. Điều mà không nguồn nào nêu được ghi là «chưa rõ», không được suy đoán."
)
INPUTS = ()
#: What stands where no source of an indicator's figures says more.
NOT_KNOWN = Bilingual("chưa rõ: không nguồn nào nêu", "not known: no source says it")


class Indicators(tables.Table):
    """An operational indicator: its kind, unit of measure, definition, producer, population and reference.

    These are figures that reports give, no part of the index. The kind decides what a figure is compared with in the
    scorecards. What none of the sources of its figures says is said to be not known; what is given beyond that follows
    from the printed names.
    """

    indicator: String
    indicator_name_vi: String
    indicator_name_en: String
    indicator_kind: String = tables.coded("indicator_kind")
    unit_measure: String = tables.coded("unit_measure")
    index_result: Bool
    definition_vi: String
    definition_en: String
    producer_vi: String
    producer_en: String
    population_vi: String
    population_en: String
    reference_vi: String
    reference_en: String
    note: String = pa.Field(nullable=True)

    class Config(tables.Table.Config):
        """Key: the indicator."""

        unique = ["indicator"]


MODEL = Indicators


def listed(declared: Declared) -> pl.DataFrame:
    """Every operational indicator, sorted by key."""
    rows = [_row(each) for each in declared.units.indicators.values()]
    return shaped(pl.DataFrame(rows, schema=tables.polars_schema(MODEL), orient="row"), MODEL)


def _row(indicator: Indicator) -> tuple[object, ...]:
    told = (indicator.definition, indicator.producer, indicator.population, indicator.reference)
    texts = [text for each in told for text in each or NOT_KNOWN]
    named = (indicator.code, indicator.name_vi, indicator.name_en)
    return *named, indicator.kind, indicator.unit_measure, indicator.index_result, *texts, indicator.note
