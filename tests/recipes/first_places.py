"""``first_places``: how often each province led a headline ranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Int32, String

from dti_platform import tables
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units

TITLE_VI = "Các đơn vị dẫn đầu"
TITLE_EN = "Units that led"
DESCRIPTION_VI = "Mỗi dòng là một đơn vị đứng đầu một bảng xếp hạng chính trong năm."
SCHEMA_VERSION = "1"
INPUTS = ("province_ranking",)
INPUTS_BEFORE = ()


class FirstPlaces(tables.Table):
    """A unit that led a headline ranking."""

    period: String = pa.Field(str_matches=PERIOD, description="the year measured")
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY, description="the set of units")
    unit: String = pa.Field(description="the unit that led")
    rank: Int32 = pa.Field(ge=1, le=1, description="always 1")

    class Config(tables.Table.Config):
        """Key: a unit in a ranking."""

        unique = ["period", "geography", "unit"]


MODEL = FirstPlaces


def build(
    year: int,  # noqa: ARG001
    inputs: Mapping[str, pl.DataFrame],
    before: Mapping[str, pl.DataFrame],  # noqa: ARG001
    units: Units,  # noqa: ARG001
    frameworks: Frameworks,  # noqa: ARG001
) -> pl.DataFrame:
    """The leaders of a year."""
    return shaped(inputs["province_ranking"].filter(pl.col("headline"), pl.col("rank") == 1), MODEL)
