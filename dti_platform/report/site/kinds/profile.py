"""The profile of a unit: its ranks over the years, its scores beside its peers', what it was made of, its figures.

A page for each province of the 63 and of the 34, and for each ministry of both lists. Where scores were computed
from illustrative input, they lie on a marked page of their own.
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
#: The index that needs no name, and the basis of what the platform worked out.
OWN_INDEX, RECOMPUTED = "DTI", "recomputed"
#: The nodes of an illustrative page, the whole first: the index, its pillars and main indices.
UPPER = ("index", "pillar", "main_index")
#: What such a page shows of a node.
_MADE_UP = (
    "unit", "period", "basis", "kind", "node", "node_name_vi", "node_name_en", "points", "max_points", "score", "rank",
)  # fmt: skip
#: Decimals of points, as the frameworks give them.
POINTS = 2


#: What became of a unit: another one, or the same under the newer list.
NEW_UNIT = Bilingual("{unit} mới ({parts})", "the new {unit} ({parts})")
NOT_MERGED = Bilingual("{unit} (không sáp nhập)", "{unit} (not merged)")
#: The framework whose pillars share a group of indices, so that the total can be below all three.
SHARED_GROUP = "922"
#: Known units from which a median and a maximum are shown.
ENOUGH = 5
#: Why two rankings are not compared, as pages say it.
COMPARED = {
    **COMPARISONS,
    "not_ranked_before": Bilingual("không tìm thấy hạng của kỳ trước", "no earlier rank was found"),
}
#: A node of a group of units in a period.
_PEERS = ("period", "framework", "geography", "peer_group", "node")

#: A unit in a ranking: index, period, unit.
Of = tuple[str, str, str]


class Peers(NamedTuple):
    """The scores of a node that are known in a period: median, best, how many, and which of them rest on ours."""

    median: float
    best: float
    known: int
    is_ours: bool
    is_best_ours: bool


class Standing(NamedTuple):
    """A node of a unit in a period: its row, and its peers where enough are known, among how many if that is known."""

    row: Row
    median: float | None = None
    best: float | None = None
    known: int = 0
    is_ours: bool = False
    is_best_ours: bool = False
    of: int | None = None


class Known(NamedTuple):
    """What is known beside the rows of a unit: of its peers by node, of ranks that are quoted, and of breaks."""

    peers: Mapping[tuple[str | None, ...], Peers]
    quoted: Mapping[Of, Row]
    breaks: Sequence[Row]


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
    by_unit = {name: _by_unit(content.table(name)) for name in ("league_table", "provincial_scorecard")}
    leading = led(content.table("index_scores"))
    by_unit["index_scores"] = _by_unit(leading)
    known = Known(_peers(leading), quoted(content), comparable_breaks(content))
    upper = content.illustrative("index_scores").filter(pl.col("kind").is_in(UPPER)).select(_MADE_UP).collect()
    made_up = upper.partition_by("unit", as_dict=True)
    for unit in units(content):
        own = {name: rows.get(unit.id, []) for name, rows in by_unit.items()}
        page = profile_path(unit.id)
        apart = page.replace(".html", "-minh-hoa.html") if (unit.id,) in made_up else None
        yield Page(page, _name(unit), _values(content, unit, own, known) | {"apart": apart})
        if apart:
            scores = _by_basis(made_up[unit.id,].to_dicts())
            values = {"scores": scores, "score": score, "points": _points, "bases": BASES, "back": page}
            yield Page(apart, ILLUSTRATIVE.format(unit=_name(unit)), values, illustrative=True)


def units(content: Content) -> list[Unit]:
    """The provinces and ministries of every list, whether or not a ranking knows them; the country is none."""
    known = [each for each, members in content.units.geographies.items() if members != (each,)]
    lists = sorted((each for each in known if each.startswith(("VN", "MIN"))), key=lambda each: each.startswith("MIN"))
    return [content.units.all[unit] for geography in lists for unit in content.units.geographies[geography]]


def _name(unit: Unit) -> Bilingual:
    return Bilingual(unit.name_vi, unit.name_en)


def _by_unit(table: pl.DataFrame) -> Mapping[str, Sequence[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in table.to_dicts():
        rows.setdefault(row["unit"], []).append(row)
    return rows


def led(scores: pl.DataFrame) -> pl.DataFrame:
    """The rows that lead; a score that was not published is ours where its parts are known, as in ``league_table``."""
    key = [*_PEERS, "unit"]
    ours = scores.filter(~pl.col("headline"), pl.col("score").is_not_null(), basis=RECOMPUTED)
    filled = scores.filter("headline").join(ours.select(*key, ours="score"), on=key, how="left", nulls_equal=True)
    is_filled = pl.col("score").is_null() & pl.col("ours").is_not_null()
    basis = pl.when(is_filled).then(pl.lit(RECOMPUTED)).otherwise("basis").alias("basis")
    return filled.with_columns(basis, score=pl.coalesce("score", "ours")).drop("ours")


def quoted(content: Content) -> Mapping[Of, Row]:
    """Ranks of the index that their quoters worked out: of no ranking, so that they stand beside one, marked."""
    ranks = content.table("index_scores").filter(pl.col("rank").is_not_null(), kind="index", basis="derived")
    return {(OWN_INDEX, row["period"], row["unit"]): row for row in ranks.sort("source").to_dicts()}


def comparable_breaks(content: Content) -> Sequence[Row]:
    """The breaks with one family on both sides, so that ranks are compared over them all the same, newest first."""
    return content.table("breaks").filter("comparable").sort("period", descending=True).to_dicts()


def crossed(breaks: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """The breaks over which ranks of these rows are compared."""
    moved = {(row["level"], row["period"], row["geography"]) for row in rows if row["rank_change"] is not None}
    return [each for each in breaks if (each["level"], each["period"], each["geography"]) in moved]


def _peers(leading: pl.DataFrame) -> Mapping[tuple[str | None, ...], Peers]:
    """Of each node in each period, and group of ministries: the scores that are known, where they are enough."""
    known = leading.filter(pl.col("score").is_not_null(), pl.col("unit") != pl.col("geography"))
    ours = pl.col("basis") == RECOMPUTED
    score = pl.col("score")
    figures = known.group_by(_PEERS).agg(
        score.median().alias("median"),
        score.max().alias("best"),
        pl.len().alias("known"),
        ours.any().alias("is_ours"),
        ours.filter(score == score.max()).all().alias("is_best_ours"),
    )
    enough = figures.filter(pl.col("known") >= ENOUGH).rows()
    return {row[: len(_PEERS)]: Peers(*row[len(_PEERS) :]) for row in enough}


def _values(content: Content, unit: Unit, own: Mapping[str, Sequence[Row]], known: Known) -> dict[str, object]:
    rankings = sorted(own["league_table"], key=lambda row: (row["period"], row["geography"]), reverse=True)
    ranked = [
        {
            **row,
            "quoted": known.quoted.get((row["index_name"], row["period"], unit.id)),
            "interval": content.interval(row),
        }
        for row in rankings
    ]
    standings = _standings(content, own["index_scores"], known.peers)
    predecessors = _kin(content, content.units.predecessors(unit.id), _name)
    successor = content.units.successor(unit.id)
    return {
        "unit": unit,
        "region": Bilingual(unit.region_vi or "", unit.region_en or ""),
        "rankings": ranked,
        "breaks": crossed(known.breaks, rankings),
        "chart": _chart(rankings),
        "standings": standings,
        "figures": [_figure(row) for row in sorted(own["provincial_scorecard"], key=_newest_first, reverse=True)],
        "predecessors": predecessors,
        "is_same": [name for name, *_ in predecessors] == [_name(unit)],
        # Of a list that is no longer kept only those that went into another as a whole are known.
        "is_partly_told": any(not path for _, path in predecessors),
        "successors": _kin(content, filter(None, [successor]), partial(_successor, content)),
        "became": _since(content, successor) if successor else None,
        "score": score,
        "index": OWN_INDEX,
        "ours": any(each["score_basis"] == RECOMPUTED for each in rankings)
        or any(_rests_on_ours(each) for _, nodes, *_ in standings for each in nodes),
        "comparison": COMPARED,
    }


def _kin(content: Content, others: Iterable[str], label: Callable[[Unit], Bilingual]) -> list[tuple[Bilingual, str]]:
    """Labels of other units and where their profiles lie; of a list that is no longer kept (64 provinces) none does."""
    kept = content.units.geographies
    named = [content.units.all[each] for each in others]
    return [(label(each), profile_path(each.id) if each.geography in kept else "") for each in named]


def _successor(content: Content, unit: Unit) -> Bilingual:
    """A unit of a newer list: the new one, with what it was made of; or the same as before."""
    parts = [_name(content.units.all[each]) for each in content.units.predecessors(unit.id)]
    if parts == [_name(unit)]:
        return NOT_MERGED.format(unit=_name(unit))
    joined = Bilingual(" + ".join(each.vi for each in parts), " + ".join(each.en for each in parts))
    return NEW_UNIT.format(unit=_name(unit), parts=joined)


def _since(content: Content, unit: str) -> Bilingual | None:
    """The month from which the list of a unit holds; None: from the beginning."""
    since = content.units.all[content.units.all[unit].geography].valid_from
    return name_of(f"{since:%Y-M%m}") if since else None


def _newest_first(row: Row) -> tuple[str, str]:
    return row["period"], row["indicator"]


def _standings(
    content: Content, rows: Sequence[Row], peers: Mapping[tuple[str | None, ...], Peers]
) -> list[tuple[str, list[Standing], Bilingual | None, bool]]:
    """By period, the newest first: the nodes that lead, how they were read, whether the total is below all pillars."""
    shown = [row for row in rows if row["score"] is not None or row["rank"] is not None]
    ordered = sorted(sorted(shown, key=_place), key=_period, reverse=True)
    told = [(period, list(nodes)) for period, nodes in groupby(ordered, key=_period)]
    return [
        (period, [_standing(content, row, peers) for row in nodes], _read(nodes), _is_below_its_pillars(nodes))
        for period, nodes in told
    ]


def _read(rows: Iterable[Row]) -> Bilingual | None:
    """How figures were read that aren't as printed; None where all are."""
    ways = [CERTAINTIES[each] for each in sorted({row["certainty"] for row in rows} & CERTAINTIES.keys())]
    return Bilingual("; ".join(each.vi for each in ways), "; ".join(each.en for each in ways)) if ways else None


def _is_below_its_pillars(rows: Sequence[Row]) -> bool:
    if rows[0]["framework"] != SHARED_GROUP:
        return False
    scores = {
        kind: [row["score"] for row in rows if row["kind"] == kind and row["score"] is not None] for kind in UPPER
    }
    return bool(scores["index"] and scores["pillar"]) and max(scores["index"]) < min(scores["pillar"])


def _rests_on_ours(standing: Standing) -> bool:
    """Whether a score, median or best of a row bears the mark of what is ours."""
    own = standing.row["score"] is not None and standing.row["basis"] == RECOMPUTED
    return own or standing.is_ours or standing.is_best_ours


def _by_basis(rows: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    """By period, the newest first, and basis: the nodes, the whole before its parts."""
    ordered = sorted(sorted(rows, key=lambda row: (row["basis"], *_place(row))), key=_period, reverse=True)
    return [(*of, list(nodes)) for of, nodes in groupby(ordered, key=lambda row: (row["period"], row["basis"]))]


def _period(row: Row) -> str:
    return row["period"]


def _place(row: Row) -> tuple[int, str]:
    """Where a node stands in a table: the whole before its pillars, those before their parts."""
    return (UPPER.index(row["kind"]) if row["kind"] in UPPER else len(UPPER)), row["node"]


def _standing(content: Content, row: Row, peers: Mapping[tuple[str | None, ...], Peers]) -> Standing:
    known = peers.get(tuple(row[name] for name in _PEERS))
    among = None if row["peer_group"] else len(content.units.geographies[row["geography"]])
    return Standing(row, *known, among) if known else Standing(row)


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
        "how": CERTAINTIES.get(row["plan_certainty"]),
        "plan_of": plan_of(row) if row["plan_of_other_period"] else None,
        "row": row,
    }


def _points(value: float | None) -> Bilingual:
    return Bilingual("", "") if value is None else format_number(round(value, POINTS), POINTS)
