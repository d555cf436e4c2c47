"""A made-up verification of all 63 provinces for 2022, beside what was published: illustrative, as every such table."""

from functools import cache

import polars as pl

from dti_platform import methodology, tables
from tests.publications.flow import build, known, shared

YEAR = 2022


def observations(*, without: tuple[str, ...] = (), basis: str = "verified") -> pl.DataFrame:
    """Points of every input, falling from the first unit to the last; some units may send nothing."""
    units, frameworks = known()
    framework = frameworks.for_period(YEAR, "VN63", "DTI")
    assert framework is not None
    nodes = [(node.code, float(node.max_points or 0)) for node in frameworks.overlaid(framework).inputs]
    sent = [unit for unit in units.geographies["VN63"] if unit not in without]
    rows = [_row(unit, place, node, most, basis) for place, unit in enumerate(sent) for node, most in nodes]
    return pl.DataFrame(rows, schema=tables.polars_schema(tables.Observations))


def _row(unit: str, place: int, node: str, most: float, basis: str) -> dict[str, object]:
    points = round(most * (0.9 - place / 100), 3)
    return {
        "feed": "self_assessment", "source": f"submission {unit}", "period": str(YEAR), "geography": "VN63",
        "framework": "922", "unit": unit, "peer_group": None, "node": node, "measure": "points", "basis": basis,
        "value": points, "qualifier": "exact", "unit_measure": "points", "denominator": None, "obs_status": "A",
        "certainty": "submitted", "evidence": "illustrative", "file": "ab" * 32, "file_name": f"{unit}.xlsx",
        "locator": f"Phiếu!F{node}", "raw": str(points), "document": None,
        "document_number": None, "document_date": None, "plan_period": None, "source_class": None,
    }  # fmt: skip


@cache
def inputs(*, without: tuple[str, ...] = ()) -> dict[str, pl.DataFrame]:
    """The shared tables of 2022 as committed, with the made-up verification instead of any committed submission."""
    committed = shared(YEAR)["observations"].filter(pl.col("basis").is_in(("published", "reported")))
    frames = shared(YEAR) | {"observations": pl.concat([committed, observations(without=without)])}
    frames["scores"] = methodology.score_year(YEAR, frames["observations"], *known())
    frames["rankings"] = methodology.rank_year(YEAR, frames["scores"], frames["observations"], *known())
    return frames


@cache
def built(name: str, *, without: tuple[str, ...] = ()) -> pl.DataFrame:
    """A published table of 2022 with that verification."""
    return build(name, YEAR, inputs(without=without), shared(YEAR - 1))
