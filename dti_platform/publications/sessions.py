"""``sessions``: every figure that a session reported, with its value as the release holds it and where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, Int32, String

from dti_platform import tables
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.naming import with_units
from dti_platform.sessions import Figure

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Frames
    from dti_platform.units import Units

TITLE_VI = "Số liệu của các phiên họp"
TITLE_EN = "Figures of the sessions"
DESCRIPTION_VI = (
    "Mỗi dòng là một số liệu được báo cáo tại một phiên họp của Ủy ban Quốc gia về chuyển đổi số: giá trị và cách diễn "
    "đạt, kế hoạch, số liệu có lặp lại báo cáo trước hay không, tệp và ô đã đọc. Giá trị được tra từ các bảng khác của "
    "lần công bố này, không nhập lại."
)
INPUTS = ("observations", "national_scorecard", "provincial_scorecard")
INPUTS_BEFORE = ("observations",)

#: What leads from a figure of a session to its observation.
_KEY = ["feed", "source", "period", "unit", "node", "measure"]
_OBSERVED = [
    "geography", "framework", "basis", "value", "qualifier", "unit_measure", "denominator", "certainty", "obs_status",
    "evidence", "file", "file_name", "locator",
]  # fmt: skip
_COMPARED = [
    "plan", "plan_period", "plan_unit_measure", "plan_certainty", "plan_of_other_period", "gap", "gap_unit_measure",
    "report_before", "repeats_previous",
]  # fmt: skip


class Sessions(tables.Table):
    """A figure that a session reported, in the order of the session: what it is, its value, and where it was read.

    Which figures a session reported is declared in ``data/reference/session_figures.csv``; the value with its wording,
    plan and flags is that of ``observations`` and of the scorecards, by feed, source, period, unit, node and measure.
    A figure of the index is the one that the session's report printed, whichever source leads in ``index_scores``.
    Of a row without a value the report was received, and the figure is not in it, or its cell is held: a check warns of
    it. Of a report that was not received there is no row.
    """

    session: String
    session_name_vi: String
    session_name_en: String
    held: String = pa.Field(str_matches=PERIOD)
    reported_period: String = pa.Field(str_matches=PERIOD)
    position: Int32 = pa.Field(ge=1)
    title_vi: String
    title_en: String
    feed: String
    geography: String = pa.Field(nullable=True, str_matches=tables.GEOGRAPHY)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    framework: String = pa.Field(nullable=True)
    node: String
    measure: String = tables.coded("measure")
    basis: String = tables.coded("basis", nullable=True)
    period: String = pa.Field(str_matches=PERIOD)
    source: String
    value: Float64 = pa.Field(nullable=True)
    qualifier: String = tables.coded("qualifier", nullable=True)
    unit_measure: String = tables.coded("unit_measure", nullable=True)
    denominator: Float64 = pa.Field(nullable=True)
    plan: Float64 = pa.Field(nullable=True)
    plan_period: String = pa.Field(nullable=True, str_matches=PERIOD)
    plan_unit_measure: String = tables.coded("unit_measure", nullable=True)
    plan_certainty: String = tables.coded("certainty", nullable=True)
    plan_of_other_period: Bool = pa.Field(nullable=True)
    gap: Float64 = pa.Field(nullable=True)
    gap_unit_measure: String = tables.coded("unit_measure", nullable=True)
    report_before: String = pa.Field(nullable=True, str_matches=PERIOD)
    repeats_previous: Bool = pa.Field(nullable=True)
    certainty: String = tables.coded("certainty", nullable=True)
    obs_status: String = tables.coded("obs_status")
    evidence: String = tables.coded("evidence")
    file: String = pa.Field(nullable=True, str_matches=r"^[0-9a-f]{64}$")
    file_name: String = pa.Field(nullable=True)
    locator: String = pa.Field(nullable=True)

    class Config(tables.Table.Config):
        """Key: a place in a session."""

        unique = ["session", "position"]

    @pa.dataframe_check(error="a figure is found without its place, wording or unit, or is missing unmarked")
    @classmethod
    def found_is_whole(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What is found can be followed to its cell; what is not is marked L."""
        found = pl.col("value").is_not_null()
        told = [pl.col(name).is_not_null() == found for name in ("qualifier", "unit_measure", "file", "locator")]
        return data.lazyframe.select(pl.all_horizontal(*told, (pl.col("obs_status") != "L") == found))


MODEL = Sessions


def build(year: int, inputs: Frames, before: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The figures of the sessions that were held in a year, of that year and of the year before, sorted by key."""
    observed = pl.concat([before["observations"], inputs["observations"]]).select(*_KEY, *_OBSERVED)
    found = _figures(year, units).join(observed, on=_KEY, how="left")
    received = pl.col("value").is_not_null().any().over("session", "feed", "source", "period")
    compared = found.filter(received).join(
        _scorecards(inputs).with_columns(measure=pl.lit("value")),
        on=["unit", "node", "measure", "period", "source"],
        how="left",
    )
    marked = compared.with_columns(
        obs_status=pl.col("obs_status").fill_null("L"), evidence=pl.col("evidence").fill_null("official")
    )
    return shaped(with_units(marked, units, ("unit_name_vi", "unit_name_en")), MODEL)


def _figures(year: int, units: Units) -> pl.DataFrame:
    """The declared figures of the sessions that were held in a year."""
    held = [session for session in units.sessions if session.year == year]
    schema = {name: pl.Int32 if name == "position" else pl.String for name in Figure._fields}
    figures = pl.DataFrame([figure for session in held for figure in session.figures], schema=schema, orient="row")
    named = [(each.id, *each.name, each.held, each.reported) for each in held]
    columns = ("session", "session_name_vi", "session_name_en", "held", "reported_period")
    return figures.join(pl.DataFrame(named, schema=dict.fromkeys(columns, pl.String), orient="row"), on="session")


def _scorecards(inputs: Frames) -> pl.DataFrame:
    """The country's and the provinces' rows of the scorecards: what a figure is compared with."""
    national = inputs["national_scorecard"].with_columns(unit=pl.lit("VN"))
    cards = (national, inputs["provincial_scorecard"])
    return pl.concat([card.select("unit", "period", "source", *_COMPARED, node="indicator") for card in cards])
