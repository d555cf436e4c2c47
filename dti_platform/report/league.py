"""Questions about the rankings: a period's league table, one unit over the years, figures against plan.

Here: choosing the rows of a release. Not here: printing them (``terminal``), or computing them
(``publications.league_table``, the scorecards).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.lookup import NothingToTrace, find_units, released
from dti_platform.periods import Period

if TYPE_CHECKING:
    from dti_platform.storage import OpenRelease
    from dti_platform.tables import Row
    from dti_platform.units import Units

_RANKED = pl.col("rank").is_not_null()
_HEAD = (
    "level", "period", "geography", "framework", "peer_group", "basis", "evidence", "source", "peers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class League:
    """One ranking: its index, level and period, how many of its ranks are known, and its rows by rank.

    A row is one of ``league_table`` plus ``recomputed``: the names of the scores that we computed ourselves.
    """

    release: str
    index: str
    level: str
    period: str
    geography: str
    framework: str
    peer_group: str | None
    basis: str
    evidence: str
    source: str | None
    peers: int | None
    ranked: int
    rows: Sequence[Row]

    def first(self, number: int) -> dict[str, object]:
        """The same with its first rows, for ``--json``."""
        return asdict(replace(self, rows=self.rows[:number]))

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OverTheYears:
    """One unit in all its rankings, by period; a unit and its predecessor of the same name are one."""

    release: str
    unit_name_vi: str
    unit_name_en: str
    rows: Sequence[Row]

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Figures:
    """The operational figures of the country or a province in a period, as in the scorecard."""

    release: str
    period: str
    unit_name_vi: str
    unit_name_en: str
    rows: Sequence[Row]

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


def leagues(
    release: OpenRelease, level: str, period: str | None, geography: str | None, index: str
) -> tuple[League, ...]:
    """The league tables of a level in a period, one for each index and peer group.

    Without a period those of the newest: of the given index, and official, if there are any. If the period was ranked
    for several geographies, the headline one, unless ``geography`` names another.

    Raises:
        NothingToTrace: the release has no such ranking; the message lists those it has.
    """
    table = _table(release).filter(pl.col("level") == level, _RANKED)
    table = table if period else _preferred(table, index)
    chosen = _period(table, period, f"{level} ranking", release)
    of_period = table.filter(pl.col("period") == chosen)
    shown = of_period.filter(pl.col("headline") if geography is None else pl.col("geography") == geography)
    if shown.is_empty():
        geographies = ", ".join(sorted(of_period["geography"].unique()))
        raise NothingToTrace(f"{chosen} was not ranked for {geography}, but for {geographies}; name one by --geography")
    groups = shown.partition_by("index_name", "peer_group", maintain_order=True)
    return tuple(_league(release, group) for group in groups)


def newest(release: OpenRelease | None, years: Collection[int], index: str) -> League | None:
    """The newest provincial ranking of some years; one whose ranks are all known goes before others.

    Of several indexes, the given one goes before others, and an official ranking before illustrative ones.
    """
    year, is_headline = pl.col("period").str.slice(0, 4).cast(pl.Int32), pl.col("headline")
    table = released(release, "league_table").filter(pl.col("level") == "provincial", is_headline, _RANKED)
    ranked = _preferred(table.filter(year.is_in(list(years))), index)
    complete = ranked.filter(pl.len().over("index_name", "period", "geography") == pl.col("peers"))
    rows = ranked if complete.is_empty() else complete
    of_newest = rows.filter(pl.col("period") == pl.col("period").max())
    of_first_index = of_newest.filter(pl.col("index_name") == pl.col("index_name").min())
    return _league(release, of_first_index) if release and of_first_index.height else None


def _preferred(table: pl.DataFrame, index: str) -> pl.DataFrame:
    """The rankings of an index, and of those the official ones; other rows only where there are none of these."""
    for condition in (pl.col("index_name") == index, pl.col("evidence") == "official"):
        rows = table.filter(condition)
        table = table if rows.is_empty() else rows
    return table


def over_the_years(release: OpenRelease, units: Units, unit: str, period: str | None) -> OverTheYears:
    """One unit in every ranking that shows it, headline or not; in one period if one is given.

    Raises:
        NothingToTrace: the release does not rank the unit, or not in that period; the message suggests similar names.
    """
    table = _table(release)
    match = find_units(units, unit, table.select("geography", "unit").unique().sort("geography", "unit").rows())
    if not match.units:
        raise NothingToTrace(f"no ranking of release {release.name} has {unit!r}{match.near.en}")
    has_figure = pl.col("headline") | pl.any_horizontal(pl.col("^(rank|score)(_digital.*)?$").is_not_null())
    rows = table.filter(pl.col("unit").is_in([matched.id for matched in match.units]), has_figure)
    if period:
        rows = rows.filter(pl.col("period") == _period(rows, period, f"ranking of {unit}", release))
    last = rows.sort("period")[-1].to_dicts()[0]
    ordered = rows.sort("period", pl.col("headline"), descending=[False, True]).to_dicts()
    return OverTheYears(
        release.name, last["unit_name_vi"], last["unit_name_en"], [_with_recomputed(row) for row in ordered]
    )


def figures(release: OpenRelease, units: Units, unit: str | None, period: str | None) -> Figures:
    """The operational figures of the country or a province in a period (default: the newest).

    Raises:
        NothingToTrace: the release has no such figures; the message lists those it has.
    """
    table = released(release, "provincial_scorecard" if unit else "national_scorecard")
    if unit:
        match = find_units(units, unit, table.select("geography", "unit").unique().sort("geography", "unit").rows())
        table = table.filter(pl.col("unit").is_in([matched.id for matched in match.units]))
        if table.is_empty():
            raise NothingToTrace(f"release {release.name} has no operational figures of {unit!r}{match.near.en}")
    what = f"operational figures of {unit or 'the country'}"
    provincial = None if unit else released(release, "provincial_scorecard")
    if period and provincial is not None and period not in table["period"] and period in provincial["period"]:
        count = provincial.filter(period=period)["unit"].n_unique()
        raise NothingToTrace(
            f"release {release.name} has no {what} for {period}, but of {count} provinces; name one by --unit"
        )
    chosen = _period(table, period, what, release)
    rows = table.filter(pl.col("period") == chosen).sort("indicator", "source").to_dicts()
    subject = units.all[rows[0]["unit"] if unit else "VN"]
    return Figures(release.name, chosen, subject.name_vi, subject.name_en, rows)


def _table(release: OpenRelease) -> pl.DataFrame:
    table = released(release, "league_table")
    if table.is_empty():
        raise NothingToTrace(f"release {release.name} has no league table: it has no rankings, or an earlier schema")
    return table


def _period(table: pl.DataFrame, period: str | None, what: str, release: OpenRelease) -> str:
    """The given period, or the newest."""
    periods = sorted(map(Period.parse, table["period"].unique()), key=lambda parsed: parsed.sort_key)
    texts = [parsed.text for parsed in periods]
    if not texts or (period and period not in texts):
        known = f"; it has {', '.join(texts)}" if texts else ""
        raise NothingToTrace(f"release {release.name} has no {what} for {period or 'any period'}{known}")
    return period or texts[-1]


def _league(release: OpenRelease, ranked: pl.DataFrame) -> League:
    rows = ranked.sort("rank", "unit").to_dicts()
    head = {name: rows[0][name] for name in _HEAD}
    return League(
        release=release.name,
        index=rows[0]["index_name"],
        **head,
        ranked=len(rows),
        rows=[_with_recomputed(row) for row in rows],
    )


def _with_recomputed(row: Row) -> Row:
    """A row with the names of the scores that we computed in a ranking that is not ours."""
    bases = {"score": "score_basis"} | {
        name: name.replace("score", "basis") for name in row if name.startswith("score_digital")
    }
    recomputed = [score for score, basis in bases.items() if row[basis] == "recomputed" != row["basis"]]
    return {**row, "recomputed": recomputed}
