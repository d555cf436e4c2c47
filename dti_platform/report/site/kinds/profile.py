"""The profile of a unit: its ranks over the years, its scores beside its peers', what it was made of, its figures.

A page for each province of the 63 and of the 34, and for each ministry of both lists. Where scores were computed
from illustrative input, they lie on a marked page of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.amounts import amount, amount_of
from dti_platform.glossary import BASES, COMPARISONS
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import name_of
from dti_platform.report.site.figures import score
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row
    from dti_platform.units import Unit

KIND = Kind(40)
FOLDERS = {"provincial": "tinh", "ministerial": "bo"}
ILLUSTRATIVE = Bilingual("{unit}: điểm minh họa", "{unit}: illustrative scores")
#: The index that needs no name, and the basis of what the platform worked out.
OWN_INDEX, RECOMPUTED = "DTI", "recomputed"
#: The nodes of an illustrative page, the whole first: the index, its pillars and main indices.
UPPER = ("index", "pillar", "main_index")
#: Decimals of points, as the frameworks give them.
POINTS = 2


class Standing(NamedTuple):
    """A node of a unit in a period beside its peers: score, rank, the median and the best of those that are known."""

    row: Row
    median: float | None
    best: float | None
    known: int


class Dot(NamedTuple):
    """A rank in the chart: the year, the rank, and whether a line leads to it from the year before."""

    year: int
    rank: int
    joined: bool


def profile_path(unit: str) -> str:
    """Where the profile of a unit lies."""
    return f"{FOLDERS['provincial' if unit.startswith('VN') else 'ministerial']}/{unit}.html"


def pages(content: Content) -> Iterator[Page]:
    """A profile for each unit, then the marked pages."""
    by_unit = {name: _by_unit(content.table(name)) for name in ("league_table", "provincial_scorecard", "index_scores")}
    peers = _peers(content.table("index_scores"))
    made_up = _by_unit(content.illustrative("index_scores").filter(pl.col("kind").is_in(UPPER)))
    for unit in units(content):
        own = {name: rows.get(unit.id, []) for name, rows in by_unit.items()}
        page = profile_path(unit.id)
        apart = page.replace(".html", "-minh-hoa.html") if unit.id in made_up else None
        yield Page(page, _name(unit), _values(content, unit, own, peers) | {"apart": apart})
        if apart:
            scores = _by_basis(made_up[unit.id])
            values = {"scores": scores, "score": score, "points": _points, "bases": BASES, "back": page}
            yield Page(apart, ILLUSTRATIVE.format(unit=_name(unit)), values, illustrative=True)


def units(content: Content) -> list[Unit]:
    """The provinces and ministries of every list, whether or not a ranking knows them."""
    known = content.units.geographies
    lists = sorted((each for each in known if each.startswith(("VN", "MIN"))), key=lambda each: each.startswith("MIN"))
    return [content.units.all[unit] for geography in lists for unit in known[geography]]


def _name(unit: Unit) -> Bilingual:
    return Bilingual(unit.name_vi, unit.name_en)


def _by_unit(table: pl.DataFrame) -> Mapping[str, Sequence[Row]]:
    return {str(unit): rows.to_dicts() for (unit,), rows in table.partition_by("unit", as_dict=True).items()}


def _peers(scores: pl.DataFrame) -> Mapping[tuple[str, ...], tuple[float, float, int]]:
    """Of each node in each period: median and best of the scores that lead, and how many are known."""
    by = ["period", "framework", "geography", "node"]
    of_units = scores.filter(pl.col("headline"), pl.col("score").is_not_null(), pl.col("unit") != pl.col("geography"))
    known = of_units.group_by(by).agg(
        pl.col("score").median().alias("median"), pl.col("score").max().alias("best"), pl.len().alias("known")
    )
    return {tuple(row[:4]): (row[4], row[5], row[6]) for row in known.select(*by, "median", "best", "known").rows()}


def _values(
    content: Content,
    unit: Unit,
    own: Mapping[str, Sequence[Row]],
    peers: Mapping[tuple[str, ...], tuple[float, float, int]],
) -> dict[str, object]:
    rankings = sorted(own["league_table"], key=lambda row: (row["period"], row["geography"]), reverse=True)
    return {
        "unit": unit,
        "region": Bilingual(unit.region_vi or "", unit.region_en or ""),
        "rankings": rankings,
        "chart": _chart(rankings),
        "standings": _standings(own["index_scores"], peers),
        "figures": [_figure(row) for row in sorted(own["provincial_scorecard"], key=_newest_first, reverse=True)],
        "predecessors": _kin(content, content.units.predecessors(unit.id)),
        "successors": _kin(content, filter(None, [content.units.successor(unit.id)])),
        "score": score,
        "index": OWN_INDEX,
        "ours": any(each["score_basis"] == RECOMPUTED for each in rankings)
        or any(each["basis"] == RECOMPUTED for each in own["index_scores"]),
        "comparison": COMPARISONS,
    }


def _kin(content: Content, others: Iterable[str]) -> list[tuple[Bilingual, str]]:
    """Names of other units, and where their profiles lie; of a list that is no longer kept (64 provinces) none does."""
    kept = content.units.geographies
    named = [content.units.all[each] for each in others]
    return [(_name(each), profile_path(each.id) if each.geography in kept else "") for each in named]


def _newest_first(row: Row) -> tuple[str, str]:
    return row["period"], row["indicator"]


def _standings(
    rows: Sequence[Row], peers: Mapping[tuple[str, ...], tuple[float, float, int]]
) -> list[tuple[str, list[Standing]]]:
    """By period, the newest first: each node that leads, beside median and best."""
    shown = [row for row in rows if row["headline"] and (row["score"] is not None or row["rank"] is not None)]
    periods = sorted({row["period"] for row in shown}, reverse=True)
    ordered = sorted(shown, key=_place)
    return [(period, [_standing(row, peers) for row in ordered if row["period"] == period]) for period in periods]


def _by_basis(rows: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    """By period, the newest first, and basis: the nodes, the whole before its parts."""
    ordered = sorted(sorted(rows, key=lambda row: (row["basis"], *_place(row))), key=_period, reverse=True)
    return [(*of, list(nodes)) for of, nodes in groupby(ordered, key=lambda row: (row["period"], row["basis"]))]


def _period(row: Row) -> str:
    return row["period"]


def _place(row: Row) -> tuple[int, str]:
    """Where a node stands in a table: the whole before its pillars, those before their parts."""
    return (UPPER.index(row["kind"]) if row["kind"] in UPPER else len(UPPER)), row["node"]


def _standing(row: Row, peers: Mapping[tuple[str, ...], tuple[float, float, int]]) -> Standing:
    key = (row["period"], row["framework"], row["geography"], row["node"])
    median, best, known = peers.get(key, (None, None, 0))
    return Standing(row, median if known > 1 else None, best if known > 1 else None, known)


def _chart(rankings: Sequence[Row]) -> list[tuple[str, int, list[Dot]]]:
    """By geography: how many units, and the ranks by year; a line joins two that are compared, and no others."""
    series: dict[str, list[Row]] = {}
    for row in sorted(rankings, key=lambda row: row["period"]):
        if row["rank"] is not None and row["period"].isdecimal():
            series.setdefault(row["geography"], []).append(row)
    return [
        (
            geography,
            rows[0]["peers"],
            [Dot(int(row["period"]), row["rank"], row["rank_change"] is not None) for row in rows],
        )
        for geography, rows in series.items()
        if len(rows) > 1 and rows[0]["peers"]
    ]


def _figure(row: Row) -> Mapping[str, object]:
    """An operational figure in words, with its plan."""
    plan = None if row["plan"] is None else amount(row["plan"], row["plan_unit_measure"] or row["unit_measure"])
    return {
        "name": Bilingual(row["indicator_name_vi"], row["indicator_name_en"]),
        "period": name_of(row["period"]),
        "value": amount_of(row),
        "plan": plan,
        "source": row["source"],
    }


def _points(value: float | None) -> Bilingual:
    return Bilingual("", "") if value is None else format_number(round(value, POINTS), POINTS)
