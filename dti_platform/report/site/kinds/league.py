"""The league tables: a page for each ranking of the release, and the list of all.

A page holds one index, level, period and set of units; ministries have a table for each peer group. A complete
provincial ranking also has a map. Scores that we computed are marked; units without a known rank
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
    RankKey,
    comparable_breaks,
    crossed_breaks,
    derived_ranks,
    profile_path,
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
#: The id of a geography that is named by its number of provinces.
PROVINCES = re.compile(r"VN(\d+)")


#: The columns of the source of a score and of its class, by column of the score.
_SOURCES = {"score": ("score_source", "score_source_class")} | {
    f"score_{pillar}": (f"source_{pillar}", f"source_class_{pillar}") for pillar in PILLARS
}


class Ranking(NamedTuple):
    """The rows of one ranking on a page: those with a rank, by rank, and those without."""

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
        """The sources of scores that differ from the source of the rank beside them, with the units of each."""
        units: dict[tuple[str, str | None], dict[str, Row]] = {}
        for row in self.ranked:
            for name in self.columns:
                source, source_class = _SOURCES[name]
                if row[name] is not None and row[source] and row[source] != row["source"]:
                    units.setdefault((row[source], row[source_class]), {})[row["unit"]] = row
        ordered = sorted(units.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return [(source, list(rows.values())) for source, rows in ordered]


def pages(content: Content) -> Iterator[Page]:
    """The list, and a page for each ranking, the newest first."""
    contests = rankings(content)
    listed = [_list_entry(contest) for contest in contests]
    quoted = derived_ranks(content)
    yield Page("xep-hang/index.html", TITLE, {"listed": listed})
    for contest in contests:
        yield Page(path_of(contest), title(contest), values(content, contest, contests, quoted))


def _list_entry(contest: Row) -> Row:
    """A ranking in the list: each peer group with the number of known ranks, and of peers if known."""
    names = LISTS["peer_group"].names
    groups = [(names.get(group["peer_group"]), group["known"], group["peers"]) for group in contest["groups"]]
    return {"title": title(contest), "path": path_of(contest), "groups": groups}


def rankings(content: Content) -> Sequence[Row]:
    """Every ranking with a known rank: index, level, period, geography, and for each group how many ranks are known."""
    table = content.table("league_table")
    contest = ["index_name", "level", "period", "geography"]
    of_group = table.group_by(*contest, "peer_group").agg(
        pl.col("rank").count().alias("known"), pl.col("peers").first()
    )
    groups = pl.struct("peer_group", "known", "peers").sort_by("peer_group").alias("groups")
    known = of_group.filter(pl.col("known") > 0).group_by(contest).agg(pl.col("known").sum(), groups)
    own_first = pl.col("index_name") != OWN_INDEX
    order = [own_first, "index_name", "level", "period", "geography"]
    return known.sort(order, descending=[False, False, True, True, True]).to_dicts()


def path_of(contest: Row) -> str:
    """The path of the page of a ranking."""
    index = "" if contest["index_name"] == OWN_INDEX else f"{contest['index_name']}-"
    return f"xep-hang/{index}{contest['geography']}-{contest['period'].replace('/', '-')}.html"


def title(contest: Row) -> Bilingual:
    """Index, year and units of a ranking; provinces with their number, which distinguishes the two lists."""
    units = UNITS.get(contest["level"], LISTS["level"].names[contest["level"]])
    provinces = PROVINCES.fullmatch(contest["geography"])
    return Bilingual.same("{index} {period}: {number}{units}").format(
        index=contest["index_name"],
        period=name_of(contest["period"]),
        number=f"{provinces[1]} " if provinces else "",
        units=units,
    )


def values(
    content: Content, contest: Row, contests: Iterable[Row], quoted: Mapping[RankKey, Row]
) -> Mapping[str, object]:
    """The values for the template."""
    key = {name: contest[name] for name in ("index_name", "level", "period", "geography")}
    rows = content.table("league_table").filter(**key)
    ranked = rows.filter(pl.col("rank").is_not_null())
    all_rows = rows.to_dicts()
    groups = rows.partition_by("peer_group", maintain_order=True)
    tables = [ranking(group, quoted) for group in groups if group["rank"].count()]
    regions = rows.select("region", "region_name_vi", "region_name_en").drop_nulls().unique().sort("region").to_dicts()
    return {
        "contest": contest,
        "units": UNITS[contest["level"]],
        "rankings": tables,
        "regions": regions,
        "change": change,
        "score": score,
        "profile_path": profile_path,
        "ours": any(is_ours(row, name) for table in tables for row in table.ranked for name in table.columns),
        "compared": rows["rank_change"].count() > 0,
        "before": name_of(rows["previous_period"].drop_nulls().max() or ""),  # pyright: ignore[reportArgumentType]
        "not_compared": sorted({COMPARED[reason] for reason in ranked["comparison"].drop_nulls()}),
        "breaks": crossed_breaks(comparable_breaks(content), all_rows),
        "twin_table": twin_table(content, contest, contests),
        "is_ours": is_ours,
        "interval": content.interval,
        "names": {row["unit"]: row for row in all_rows},
        "drawing": map_of(contest, tables),
    }


def twin_table(content: Content, contest: Row, contests: Iterable[Row]) -> Mapping[str, object] | None:
    """The ranking of the same year for the other set of provinces; None if there is none."""
    others = [
        other
        for other in contests
        if all(other[name] == contest[name] for name in ("index_name", "level", "period"))
        and other["geography"] != contest["geography"]
    ]
    if not others or not PROVINCES.fullmatch(contest["geography"]):
        return None
    many, few = sorted(
        (len(content.units.geographies[entry["geography"]]) for entry in (contest, others[0])), reverse=True
    )
    return {"before": many, "after": few, "path": path_of(others[0]), "title": title(others[0])}


def ranking(rows: pl.DataFrame, quoted: Mapping[RankKey, Row]) -> Ranking:
    """One ranking without empty score columns; a unit without a rank has the rank that a third party quotes, if any."""
    scores = ["score", *(f"score_{pillar}" for pillar in PILLARS)]
    first = rows.row(0, named=True)
    group = first["peer_group"]
    ranked = rows.filter(pl.col("rank").is_not_null()).sort("rank", "unit")
    return Ranking(
        LISTS["peer_group"].names[group] if group else None,
        ranked.to_dicts(),
        [
            {**row, "quoted": quoted.get((row["index_name"], row["period"], row["unit"]))}
            for row in rows.filter(pl.col("rank").is_null()).sort("unit").to_dicts()
        ],
        first["peers"],
        [name for name in scores if ranked[name].count()],
    )


def map_of(contest: Row, tables: Sequence[Ranking]) -> Mapping[str, object] | None:
    """The map of a complete ranking; None if ranks are missing, because a map would show them as low."""
    if contest["level"] != "provincial" or not maps.has(contest["geography"]) or not all(t.is_complete for t in tables):
        return None
    ranks = {row["unit"]: row["rank"] for row in tables[0].ranked}
    return maps.drawing(contest["geography"], ranks, len(ranks))


def is_ours(row: Row, name: str) -> bool:
    """Whether a score was not published, but computed by the platform from published parts."""
    basis = row["score_basis" if name == "score" else name.replace("score", "basis")]
    return row[name] is not None and basis == RECOMPUTED


def change(row: Row) -> str:
    """Ranks gained or lost, = for none; empty if the previous ranking can't be compared."""
    places = row["rank_change"]
    if places is None:
        return ""
    return f"+{places}" if places > 0 else f"\N{MINUS SIGN}{-places}" if places < 0 else "="
