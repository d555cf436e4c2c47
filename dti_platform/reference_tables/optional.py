"""Files of ``data/reference`` that need not be there, as Pandera models: units of levels beside the known ones.

Here: what such a file promises by itself. Not here: the files that are always there (``models``).
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import String

from dti_platform.reference_tables.models import DAY, GEOGRAPHY, SOURCES, Dated, Reference
from dti_platform.tables import Table

__all__ = ["OPTIONAL", "LocalUnits"]


class LocalUnits(Dated):
    """Units of any other level (communes, districts, departments), of geographies that ``geographies.csv`` declares."""

    unit: String = pa.Field(str_matches=r"^[A-Z]{2,}\d*-[A-Z0-9]+$", description="id: geography and a code within it")
    geography: String = pa.Field(str_matches=GEOGRAPHY, description="the set that it belongs to")
    name_vi: String = pa.Field(description="name without its kind")
    full_name_vi: String = pa.Field(description="kind and name, as in documents")
    name_en: String = pa.Field(description="name in English")
    kind: String = pa.Field(str_matches=r"^[a-z_]+$", description="what it is: commune, ward, department, ...")
    valid_from: String = pa.Field(nullable=True, str_matches=DAY, description="first day; empty: not known")
    valid_to: String = pa.Field(nullable=True, str_matches=DAY, description="last day; empty: still in force")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a unit in one form."""

        unique = ["unit", "valid_from"]

    @pa.dataframe_check(error="the id does not begin with the geography")
    @classmethod
    def local_unit_agrees_with_itself(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The id begins with the geography."""
        return data.lazyframe.select(pl.col("unit").str.starts_with(pl.concat_str("geography", pl.lit("-"))))


#: File name without ``.csv`` -> its model.
OPTIONAL: dict[str, type[Reference]] = {"local_units": LocalUnits}
