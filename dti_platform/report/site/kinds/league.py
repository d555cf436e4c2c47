"""The league tables: a page for each ranking of the release, and the list of all.

A page holds one index, level, period and set of units; ministries have a table for each group. Where every rank is
published, a map stands beside the table. What is ours is marked; units without a published rank are listed by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.codes import LISTS
from dti_platform.glossary import COMPARISONS
from dti_platform.language import Bilingual
from dti_platform.periods import name_of
from dti_platform.report.site import map as maps
from dti_platform.report.site.figures import score
from dti_platform.report.site.kinds.profile import OWN_INDEX, RECOMPUTED, profile_path
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


def pages(content: Content) -> Iterator[Page]:
    """The list, and a page for each ranking, the newest first."""
    contests = rankings(content)
    listed = [{**contest, "title": title(contest), "path": path_of(contest)} for contest in contests]
    yield Page("xep-hang/index.html", TITLE, {"listed": listed})
    for contest in contests:
        yield Page(path_of(contest), title(contest), values(content, contest))


def rankings(content: Content) -> Sequence[Row]:
    """Every ranking of which a rank is known: index, level, period, geography, how many ranks, among how many units."""
    table = content.table("league_table")
    contest = ["index_name", "level", "period", "geography"]
    counted = table.group_by(contest).agg(pl.col("rank").count().alias("known"), pl.len().alias("units"))
    own_first = (pl.col("index_name") != OWN_INDEX).alias("other")
    listed = counted.filter(pl.col("known") > 0).with_columns(own_first)
    order = ["other", "index_name", "level", "period", "geography"]
    return listed.sort(order, descending=[False, False, True, True, True]).drop("other").to_dicts()


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


def values(content: Content, contest: Row) -> Mapping[str, object]:
    """What the template is given."""
    chosen = {name: contest[name] for name in ("index_name", "level", "period", "geography")}
    rows = content.table("league_table").filter(**chosen)
    of_ranked = rows.filter(pl.col("rank").is_not_null())
    groups = rows.partition_by("peer_group", maintain_order=True)
    made = [ranking(group) for group in groups if group["rank"].count()]
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
        "not_compared": sorted({COMPARISONS[each] for each in of_ranked["comparison"].drop_nulls()}),
        "is_ours": is_ours,
        "names": {row["unit"]: row for row in rows.to_dicts()},
        "drawn": on_map(contest, made),
    }


def ranking(rows: pl.DataFrame) -> Ranking:
    """One ranking: a column that has no figure is left out."""
    scores = ["score", *(f"score_{pillar}" for pillar in PILLARS)]
    first = rows.row(0, named=True)
    group = first["peer_group"]
    ranked = rows.filter(pl.col("rank").is_not_null()).sort("rank", "unit")
    return Ranking(
        LISTS["peer_group"].names[group] if group else None,
        ranked.to_dicts(),
        rows.filter(pl.col("rank").is_null()).sort("unit").to_dicts(),
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
