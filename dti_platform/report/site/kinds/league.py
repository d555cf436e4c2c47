"""The league tables: a page for each ranking of the release, and the list of all.

A page holds one index, level, period and set of units; ministries have a table for each group. Where every rank is
published, a map stands beside the table. What is ours is marked; units without one that was found
are listed by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.codes import LISTS
from dti_platform.language import Bilingual
from dti_platform.periods import name_of
from dti_platform.report.site import map as maps
from dti_platform.report.site.figures import score
from dti_platform.report.site.kinds.profile import (
    COMPARED,
    OWN_INDEX,
    RECOMPUTED,
    Of,
    comparable_breaks,
    crossed,
    profile_path,
    quoted,
)
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row

KIND = Kind(30, Bilingual("Bảng xếp hạng", "Rankings"), "xep-hang/index.html")
TITLE = Bilingual("Các bảng xếp hạng", "All rankings")
PILLARS = ("digital_government", "digital_economy", "digital_society")
UNITS = {
    "provincial": Bilingual("tỉnh, thành phố", "provinces and cities"),
    "ministerial": Bilingual("bộ, cơ quan", "ministries and agencies"),
}
#: A geography that is named by how many provinces it has.
PROVINCES = re.compile(r"VN(\d+)")


#: By column, where the source of a score stands, and its class.
_SOURCES = {"score": ("score_source", "score_source_class")} | {
    f"score_{each}": (f"source_{each}", f"source_class_{each}") for each in PILLARS
}


class Ranking(NamedTuple):
    """The rows of one ranking of a page: those with a rank, by rank, and the units without."""

    peer_group: Bilingual | None
    ranked: Sequence[Row]
    unranked: Sequence[Row]
    peers: int | None
    columns: Sequence[str]

    @property
    def is_complete(self) -> bool:
        """Whether every rank is known."""
        return len(self.ranked) == self.peers

    @property
    def score_sources(self) -> Sequence[tuple[tuple[str, str | None], Sequence[Row]]]:
        """The sources of scores shown that are other than that of the rank beside them, with the units of each."""
        units: dict[tuple[str, str | None], dict[str, Row]] = {}
        for row in self.ranked:
            for name in self.columns:
                source, of = _SOURCES[name]
                if row[name] is not None and row[source] and row[source] != row["source"]:
                    units.setdefault((row[source], row[of]), {})[row["unit"]] = row
        ordered = sorted(units.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return [(source, list(rows.values())) for source, rows in ordered]


def pages(content: Content) -> Iterator[Page]:
    """The list, and a page for each ranking, the newest first."""
    contests = rankings(content)
    listed = [_listed(contest) for contest in contests]
    ranks_quoted = quoted(content)
    yield Page("xep-hang/index.html", TITLE, {"listed": listed})
    for contest in contests:
        yield Page(path_of(contest), title(contest), values(content, contest, contests, ranks_quoted))


def _listed(contest: Row) -> Row:
    """A ranking in the list: its groups by name, each with how many ranks were found, and among how many if known."""
    names = LISTS["peer_group"].names
    groups = [(names.get(each["peer_group"]), each["known"], each["peers"]) for each in contest["groups"]]
    return {"title": title(contest), "path": path_of(contest), "groups": groups}


def rankings(content: Content) -> Sequence[Row]:
    """Every ranking of which a rank is known: index, level, period, geography; of each group how many of how many."""
    table = content.table("league_table")
    contest = ["index_name", "level", "period", "geography"]
    of_group = table.group_by(*contest, "peer_group").agg(
        pl.col("rank").count().alias("known"), pl.col("peers").first()
    )
    groups = pl.struct("peer_group", "known", "peers").sort_by("peer_group").alias("groups")
    listed = of_group.filter(pl.col("known") > 0).group_by(contest).agg(pl.col("known").sum(), groups)
    own_first = pl.col("index_name") != OWN_INDEX
    order = [own_first, "index_name", "level", "period", "geography"]
    return listed.sort(order, descending=[False, False, True, True, True]).to_dicts()


def path_of(contest: Row) -> str:
    """Where the page of a ranking lies."""
    index = "" if contest["index_name"] == OWN_INDEX else f"{contest['index_name']}-"
    return f"xep-hang/{index}{contest['geography']}-{contest['period'].replace('/', '-')}.html"


def title(contest: Row) -> Bilingual:
    """Index, year and units of a ranking: of provinces how many, for that tells their two lists apart."""
    units = UNITS.get(contest["level"], LISTS["level"].names[contest["level"]])
    provinces = PROVINCES.fullmatch(contest["geography"])
    return Bilingual.same("{index} {period}: {number}{units}").format(
        index=contest["index_name"],
        period=name_of(contest["period"]),
        number=f"{provinces[1]} " if provinces else "",
        units=units,
    )


def values(
    content: Content, contest: Row, contests: Iterable[Row], ranks_quoted: Mapping[Of, Row]
) -> Mapping[str, object]:
    """What the template is given."""
    chosen = {name: contest[name] for name in ("index_name", "level", "period", "geography")}
    rows = content.table("league_table").filter(**chosen)
    of_ranked = rows.filter(pl.col("rank").is_not_null())
    told = rows.to_dicts()
    groups = rows.partition_by("peer_group", maintain_order=True)
    made = [ranking(group, ranks_quoted) for group in groups if group["rank"].count()]
    regions = rows.select("region", "region_name_vi", "region_name_en").drop_nulls().unique().sort("region").to_dicts()
    return {
        "contest": contest,
        "units": UNITS[contest["level"]],
        "rankings": made,
        "regions": regions,
        "change": change,
        "score": score,
        "profile_path": profile_path,
        "ours": any(is_ours(row, name) for each in made for row in each.ranked for name in each.columns),
        "compared": rows["rank_change"].count() > 0,
        "before": name_of(rows["previous_period"].drop_nulls().max() or ""),  # pyright: ignore[reportArgumentType]
        "not_compared": sorted({COMPARED[each] for each in of_ranked["comparison"].drop_nulls()}),
        "breaks": crossed(comparable_breaks(content), told),
        "twin_table": twin_table(content, contest, contests),
        "is_ours": is_ours,
        "interval": content.interval,
        "names": {row["unit"]: row for row in told},
        "drawn": on_map(contest, made),
    }


def twin_table(content: Content, contest: Row, contests: Iterable[Row]) -> Mapping[str, object] | None:
    """The ranking of the same year by the other set of provinces; None where there is one alone."""
    others = [
        each
        for each in contests
        if all(each[name] == contest[name] for name in ("index_name", "level", "period"))
        and each["geography"] != contest["geography"]
    ]
    if not others or not PROVINCES.fullmatch(contest["geography"]):
        return None
    many, few = sorted(
        (len(content.units.geographies[each["geography"]]) for each in (contest, others[0])), reverse=True
    )
    return {"before": many, "after": few, "path": path_of(others[0]), "title": title(others[0])}


def ranking(rows: pl.DataFrame, ranks_quoted: Mapping[Of, Row]) -> Ranking:
    """One ranking: a column that has no figure is left out; a unit without a rank has the one that somebody quotes."""
    scores = ["score", *(f"score_{pillar}" for pillar in PILLARS)]
    first = rows.row(0, named=True)
    group = first["peer_group"]
    ranked = rows.filter(pl.col("rank").is_not_null()).sort("rank", "unit")
    return Ranking(
        LISTS["peer_group"].names[group] if group else None,
        ranked.to_dicts(),
        [
            {**row, "quoted": ranks_quoted.get((row["index_name"], row["period"], row["unit"]))}
            for row in rows.filter(pl.col("rank").is_null()).sort("unit").to_dicts()
        ],
        first["peers"],
        [name for name in scores if ranked[name].count()],
    )


def on_map(contest: Row, made: Sequence[Ranking]) -> Mapping[str, object] | None:
    """The map of a complete ranking; None where ranks are missing, which a map would show as if they were low."""
    if contest["level"] != "provincial" or not maps.has(contest["geography"]) or not all(r.is_complete for r in made):
        return None
    ranks = {row["unit"]: row["rank"] for row in made[0].ranked}
    return maps.drawn(contest["geography"], ranks, len(ranks))


def is_ours(row: Row, name: str) -> bool:
    """Whether a score was not published, and worked out by the platform from published parts."""
    basis = row["score_basis" if name == "score" else name.replace("score", "basis")]
    return row[name] is not None and basis == RECOMPUTED


def change(row: Row) -> str:
    """Places gained or lost, = for none; nothing where the ranking before can't be compared."""
    moved = row["rank_change"]
    if moved is None:
        return ""
    return f"+{moved}" if moved > 0 else f"\N{MINUS SIGN}{-moved}" if moved < 0 else "="
