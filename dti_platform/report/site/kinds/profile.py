"""The profile of a unit: ranks over the years, scores compared with peers, predecessors, operational figures.

A page for each province of the 63 and of the 34, and for each ministry of both lists. Scores computed from illustrative
input are on a marked page of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.amounts import amount, amount_of
from dti_platform.glossary import BASES, CERTAINTIES, COMPARISONS
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import name_of
from dti_platform.report.site.figures import plan_of, score
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row
    from dti_platform.units import Unit

KIND = Kind(40)
FOLDERS = {"provincial": "tinh", "ministerial": "bo"}
ILLUSTRATIVE = Bilingual("{unit}: điểm minh họa", "{unit}: illustrative scores")
#: The index whose name is left out, and the basis of scores that the platform computed.
OWN_INDEX, RECOMPUTED = "DTI", "recomputed"
#: Kinds of nodes on an illustrative page, from the top: index, pillars, main indices.
UPPER = ("index", "pillar", "main_index")
#: The columns of nodes on an illustrative page.
_NODE_COLUMNS = (
    "unit", "period", "basis", "kind", "node", "node_name_vi", "node_name_en", "points", "max_points", "score", "rank",
)  # fmt: skip
#: Decimals of points, as in the frameworks.
POINTS = 2


#: The successor of a unit: a new unit, or the same unit in the newer list.
NEW_UNIT = Bilingual("{unit} mới ({parts})", "the new {unit} ({parts})")
NOT_MERGED = Bilingual("{unit} (không sáp nhập)", "{unit} (not merged)")
#: The framework whose pillars share a group of indices, so that the total can be below all three.
SHARED_GROUP = "922"
#: The fewest known scores for which a median and a maximum are shown.
ENOUGH = 5
#: Reasons why two rankings are not compared, as worded on pages.
COMPARED = {
    **COMPARISONS,
    "not_ranked_before": Bilingual("không tìm thấy hạng của kỳ trước", "no earlier rank was found"),
}
#: The key of a node of a peer group in a period.
_PEERS = ("period", "framework", "geography", "peer_group", "node")

#: A unit in a ranking: index, period, unit.
RankKey = tuple[str, str, str]


class Peers(NamedTuple):
    """The known scores of a node in a period: median, best, number, and whether any or the best ones are ours."""

    median: float
    best: float
    known: int
    is_ours: bool
    is_best_ours: bool


class Standing(NamedTuple):
    """A node of a unit in a period, with its peers if enough are known, and the number of peers if that is known."""

    row: Row
    median: float | None = None
    best: float | None = None
    known: int = 0
    is_ours: bool = False
    is_best_ours: bool = False
    peers: int | None = None


class Known(NamedTuple):
    """Data besides the rows of a unit: its peers by node, ranks quoted by third parties, and breaks."""

    peers: Mapping[tuple[str | None, ...], Peers]
    quoted: Mapping[RankKey, Row]
    breaks: Sequence[Row]


class Dot(NamedTuple):
    """A rank in the chart: year, rank, and whether it is comparable with the previous year's."""

    year: int
    rank: int
    joined: bool


def profile_path(unit: str) -> str:
    """The path of the profile of a unit."""
    return f"{FOLDERS['provincial' if unit.startswith('VN') else 'ministerial']}/{unit}.html"


def pages(content: Content) -> Iterator[Page]:
    """A profile for each unit, with its illustrative page if there is one."""
    by_unit = {name: _by_unit(content.table(name)) for name in ("league_table", "provincial_scorecard")}
    leading = leading_rows(content.table("index_scores"))
    by_unit["index_scores"] = _by_unit(leading)
    known = Known(_peers(leading), derived_ranks(content), comparable_breaks(content))
    upper = content.illustrative("index_scores").filter(pl.col("kind").is_in(UPPER)).select(_NODE_COLUMNS).collect()
    illustrative = upper.partition_by("unit", as_dict=True)
    for unit in units(content):
        tables = {name: rows.get(unit.id, []) for name, rows in by_unit.items()}
        page = profile_path(unit.id)
        illustrative_path = page.replace(".html", "-minh-hoa.html") if (unit.id,) in illustrative else None
        yield Page(page, _name(unit), _values(content, unit, tables, known) | {"illustrative_path": illustrative_path})
        if illustrative_path:
            scores = _by_basis(illustrative[unit.id,].to_dicts())
            values = {"scores": scores, "score": score, "points": _points, "bases": BASES, "back": page}
            yield Page(illustrative_path, ILLUSTRATIVE.format(unit=_name(unit)), values, illustrative=True)


def units(content: Content) -> list[Unit]:
    """The provinces and ministries of every list, ranked or not; without the country."""
    known = [code for code, members in content.units.geographies.items() if members != (code,)]
    lists = sorted((code for code in known if code.startswith(("VN", "MIN"))), key=lambda code: code.startswith("MIN"))
    return [content.units.all[unit] for geography in lists for unit in content.units.geographies[geography]]


def _name(unit: Unit) -> Bilingual:
    return Bilingual(unit.name_vi, unit.name_en)


def _by_unit(table: pl.DataFrame) -> Mapping[str, Sequence[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in table.to_dicts():
        rows.setdefault(row["unit"], []).append(row)
    return rows


def leading_rows(scores: pl.DataFrame) -> pl.DataFrame:
    """The leading rows; a missing score is filled by ours if it can be recomputed, as in ``league_table``."""
    key = [*_PEERS, "unit"]
    recomputed = scores.filter(~pl.col("headline"), pl.col("score").is_not_null(), basis=RECOMPUTED)
    filled = scores.filter("headline").join(recomputed.select(*key, ours="score"), on=key, how="left", nulls_equal=True)
    is_filled = pl.col("score").is_null() & pl.col("ours").is_not_null()
    basis = pl.when(is_filled).then(pl.lit(RECOMPUTED)).otherwise("basis").alias("basis")
    return filled.with_columns(basis, score=pl.coalesce("score", "ours")).drop("ours")


def derived_ranks(content: Content) -> Mapping[RankKey, Row]:
    """Ranks of the index that third parties derived; they belong to no ranking and are shown marked beside one."""
    ranks = content.table("index_scores").filter(pl.col("rank").is_not_null(), kind="index", basis="derived")
    return {(OWN_INDEX, row["period"], row["unit"]): row for row in ranks.sort("source").to_dicts()}


def comparable_breaks(content: Content) -> Sequence[Row]:
    """The breaks across which ranks are still compared (one family on both sides), newest first."""
    return content.table("breaks").filter("comparable").sort("period", descending=True).to_dicts()


def crossed_breaks(breaks: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """The breaks across which ranks of these rows are compared."""
    compared = {(row["level"], row["period"], row["geography"]) for row in rows if row["rank_change"] is not None}
    return [row for row in breaks if (row["level"], row["period"], row["geography"]) in compared]


def _peers(leading: pl.DataFrame) -> Mapping[tuple[str | None, ...], Peers]:
    """The known scores of each node, by period and peer group, where they are enough."""
    scored = leading.filter(pl.col("score").is_not_null(), pl.col("unit") != pl.col("geography"))
    is_ours = pl.col("basis") == RECOMPUTED
    score = pl.col("score")
    figures = scored.group_by(_PEERS).agg(
        score.median().alias("median"),
        score.max().alias("best"),
        pl.len().alias("known"),
        is_ours.any().alias("is_ours"),
        is_ours.filter(score == score.max()).all().alias("is_best_ours"),
    )
    enough = figures.filter(pl.col("known") >= ENOUGH).rows()
    return {row[: len(_PEERS)]: Peers(*row[len(_PEERS) :]) for row in enough}


def _values(content: Content, unit: Unit, tables: Mapping[str, Sequence[Row]], known: Known) -> dict[str, object]:
    rankings = sorted(tables["league_table"], key=lambda row: (row["period"], row["geography"]), reverse=True)
    ranking_rows = [
        {
            **row,
            "quoted": known.quoted.get((row["index_name"], row["period"], unit.id)),
            "interval": content.interval(row),
        }
        for row in rankings
    ]
    standings = _standings(content, tables["index_scores"], known.peers)
    predecessors = _related(content, content.units.predecessors(unit.id), _name)
    successor = content.units.successor(unit.id)
    return {
        "unit": unit,
        "region": Bilingual(unit.region_vi or "", unit.region_en or ""),
        "rankings": ranking_rows,
        "breaks": crossed_breaks(known.breaks, rankings),
        "chart": _chart(rankings),
        "standings": standings,
        "figures": [_figure(row) for row in sorted(tables["provincial_scorecard"], key=_newest_first, reverse=True)],
        "predecessors": predecessors,
        "is_same": [name for name, *_ in predecessors] == [_name(unit)],
        # Predecessors of an outdated list are only known as far as they were merged as a whole.
        "is_partly_known": any(not path for _, path in predecessors),
        "successors": _related(content, filter(None, [successor]), partial(_successor, content)),
        "became": _list_start(content, successor) if successor else None,
        "score": score,
        "index": OWN_INDEX,
        "ours": any(row["score_basis"] == RECOMPUTED for row in rankings)
        or any(_has_ours(standing) for _, nodes, *_ in standings for standing in nodes),
        "comparison": COMPARED,
    }


def _related(
    content: Content, unit_ids: Iterable[str], label: Callable[[Unit], Bilingual]
) -> list[tuple[Bilingual, str]]:
    """Labels of other units and the paths of their profiles, empty for units of an outdated list (64 provinces)."""
    geographies = content.units.geographies
    related = [content.units.all[unit_id] for unit_id in unit_ids]
    return [(label(unit), profile_path(unit.id) if unit.geography in geographies else "") for unit in related]


def _successor(content: Content, unit: Unit) -> Bilingual:
    """The label of a successor: a new unit with its parts, or the same unit as before."""
    parts = [_name(content.units.all[predecessor]) for predecessor in content.units.predecessors(unit.id)]
    if parts == [_name(unit)]:
        return NOT_MERGED.format(unit=_name(unit))
    joined = Bilingual(" + ".join(part.vi for part in parts), " + ".join(part.en for part in parts))
    return NEW_UNIT.format(unit=_name(unit), parts=joined)


def _list_start(content: Content, unit: str) -> Bilingual | None:
    """The month in which the list of a unit becomes valid; None: from the beginning."""
    since = content.units.all[content.units.all[unit].geography].valid_from
    return name_of(f"{since:%Y-M%m}") if since else None


def _newest_first(row: Row) -> tuple[str, str]:
    return row["period"], row["indicator"]


def _standings(
    content: Content, rows: Sequence[Row], peers: Mapping[tuple[str | None, ...], Peers]
) -> list[tuple[str, list[Standing], Bilingual | None, bool]]:
    """By period, newest first: the leading nodes, how they were read, and whether the total is below all pillars."""
    shown = [row for row in rows if row["score"] is not None or row["rank"] is not None]
    ordered = sorted(sorted(shown, key=_node_order), key=_period, reverse=True)
    periods = [(period, list(nodes)) for period, nodes in groupby(ordered, key=_period)]
    return [
        (period, [_standing(content, row, peers) for row in nodes], _readings(nodes), _is_below_its_pillars(nodes))
        for period, nodes in periods
    ]


def _readings(rows: Iterable[Row]) -> Bilingual | None:
    """How figures were read that are not as published; None if there are none."""
    ways = [CERTAINTIES[certainty] for certainty in sorted({row["certainty"] for row in rows} & CERTAINTIES.keys())]
    return Bilingual("; ".join(way.vi for way in ways), "; ".join(way.en for way in ways)) if ways else None


def _is_below_its_pillars(rows: Sequence[Row]) -> bool:
    if rows[0]["framework"] != SHARED_GROUP:
        return False
    scores = {
        kind: [row["score"] for row in rows if row["kind"] == kind and row["score"] is not None] for kind in UPPER
    }
    return bool(scores["index"] and scores["pillar"]) and max(scores["index"]) < min(scores["pillar"])


def _has_ours(standing: Standing) -> bool:
    """Whether a score, median or best score of a row is marked as ours."""
    score_is_ours = standing.row["score"] is not None and standing.row["basis"] == RECOMPUTED
    return score_is_ours or standing.is_ours or standing.is_best_ours


def _by_basis(rows: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    """The nodes by period, newest first, and basis; each node before its parts."""
    ordered = sorted(sorted(rows, key=lambda row: (row["basis"], *_node_order(row))), key=_period, reverse=True)
    return [(*key, list(nodes)) for key, nodes in groupby(ordered, key=lambda row: (row["period"], row["basis"]))]


def _period(row: Row) -> str:
    return row["period"]


def _node_order(row: Row) -> tuple[int, str]:
    """The order of nodes in a table: index, pillars, main indices, then the others by code."""
    return (UPPER.index(row["kind"]) if row["kind"] in UPPER else len(UPPER)), row["node"]


def _standing(content: Content, row: Row, peers: Mapping[tuple[str | None, ...], Peers]) -> Standing:
    known = peers.get(tuple(row[name] for name in _PEERS))
    peer_count = None if row["peer_group"] else len(content.units.geographies[row["geography"]])
    return Standing(row, *known, peer_count) if known else Standing(row)


def _chart(rankings: Sequence[Row]) -> list[tuple[str, int, list[Dot]]]:
    """By geography: the number of units and the rank of each year; a line joins comparable neighbours only."""
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
        if len(rows) > 1 and (rows[0]["peers"] or 0) > 1
    ]


def _figure(row: Row) -> Mapping[str, object]:
    """An operational figure in words, with its plan."""
    plan = None if row["plan"] is None else amount(row["plan"], row["plan_unit_measure"] or row["unit_measure"])
    return {
        "name": Bilingual(row["indicator_name_vi"], row["indicator_name_en"]),
        "period": name_of(row["period"]),
        "value": amount_of(row),
        "plan": plan,
        "how": CERTAINTIES.get(row["plan_certainty"]),
        "plan_of": plan_of(row) if row["plan_of_other_period"] else None,
        "row": row,
    }


def _points(value: float | None) -> Bilingual:
    return Bilingual("", "") if value is None else format_number(value, POINTS)
