"""What a reader asks of the rankings: a period's league table, one unit over the years, figures against plan.

Here: choosing the rows of a release. Not here: how they are printed (``terminal``), nor what they hold
(``publications.league_table``, the scorecards).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.explain.lookup import NothingToTrace, meant, released
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
    """One ranking: whose, of which period, how many of its ranks are known, and its rows by rank.

    A row is one of ``league_table``, with ``recomputed``: the scores in it that were not published and are ours.
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
    """One unit in every ranking of it, by period; a unit and what it was made of are one where they bear one name."""

    release: str
    unit_name_vi: str
    unit_name_en: str
    rows: Sequence[Row]

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Figures:
    """The operational figures of the country, or of a province, in a period, as the scorecard has them."""

    release: str
    period: str
    unit_name_vi: str
    unit_name_en: str
    rows: Sequence[Row]

    def to_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


def leagues(release: OpenRelease, level: str, period: str | None, geography: str | None) -> tuple[League, ...]:
    """The league tables of a level in a period (default: the newest): one for each index and ranked group.

    Of several sets of units the one that is shown, unless one is named.

    Raises:
        NothingToTrace: the release has no such ranking: the message says which it has.
    """
    table = _table(release).filter(pl.col("level") == level, _RANKED)
    chosen = _period(table, period, f"{level} ranking", release)
    of_period = table.filter(pl.col("period") == chosen)
    shown = of_period.filter(pl.col("headline") if geography is None else pl.col("geography") == geography)
    if shown.is_empty():
        there = ", ".join(sorted(of_period["geography"].unique()))
        raise NothingToTrace(f"{chosen} was not ranked for {geography}, but for {there}; name one by --geography")
    groups = shown.partition_by("index_name", "peer_group", maintain_order=True)
    return tuple(_league(release, each) for each in groups)


def newest(release: OpenRelease | None, years: Collection[int], index: str) -> League | None:
    """The newest ranking of provinces in some years: one of which every rank is known before others, if there is one.

    Of several indexes the one that is named goes before others.
    """
    year, shown = pl.col("period").str.slice(0, 4).cast(pl.Int32), pl.col("headline")
    table = released(release, "league_table").filter(pl.col("level") == "provincial", shown, _RANKED)
    ranked = table.filter(year.is_in(list(years)))
    complete = ranked.filter(pl.len().over("index_name", "period", "geography") == pl.col("peers"))
    rows = ranked if complete.is_empty() else complete
    own = rows.filter(pl.col("index_name") == index)
    rows = rows if own.is_empty() else own
    last = rows.filter(pl.col("period") == pl.col("period").max())
    first = last.filter(pl.col("index_name") == pl.col("index_name").min())
    return _league(release, first) if release and first.height else None


def over_the_years(release: OpenRelease, units: Units, unit: str, period: str | None) -> OverTheYears:
    """One unit in every ranking that shows it, and in others that know a figure of it; in one period, if one is named.

    Raises:
        NothingToTrace: no ranking of the release has the unit, or that period: the message says what is close to it.
    """
    table = _table(release)
    found = meant(units, unit, table.select("geography", "unit").unique().sort("geography", "unit").rows())
    if not found.units:
        raise NothingToTrace(f"no ranking of release {release.name} has {unit!r}{found.near.en}")
    known = pl.col("headline") | pl.any_horizontal(pl.col("^(rank|score)(_digital.*)?$").is_not_null())
    rows = table.filter(pl.col("unit").is_in([each.id for each in found.units]), known)
    if period:
        rows = rows.filter(pl.col("period") == _period(rows, period, f"ranking of {unit}", release))
    last = rows.sort("period")[-1].to_dicts()[0]
    ordered = rows.sort("period", pl.col("headline"), descending=[False, True]).to_dicts()
    return OverTheYears(release.name, last["unit_name_vi"], last["unit_name_en"], [_with_ours(row) for row in ordered])


def figures(release: OpenRelease, units: Units, unit: str | None, period: str | None) -> Figures:
    """The operational figures of the country, or of a province, in a period (default: the newest).

    Raises:
        NothingToTrace: the release has no such figures: the message says which it has.
    """
    table = released(release, "provincial_scorecard" if unit else "national_scorecard")
    if unit:
        found = meant(units, unit, table.select("geography", "unit").unique().sort("geography", "unit").rows())
        table = table.filter(pl.col("unit").is_in([each.id for each in found.units]))
        if table.is_empty():
            raise NothingToTrace(f"release {release.name} has no operational figures of {unit!r}{found.near.en}")
    chosen = _period(table, period, f"operational figures of {unit or 'the country'}", release)
    rows = table.filter(pl.col("period") == chosen).sort("indicator", "source").to_dicts()
    whose = units.all[rows[0]["unit"] if unit else "VN"]
    return Figures(release.name, chosen, whose.name_vi, whose.name_en, rows)


def _table(release: OpenRelease) -> pl.DataFrame:
    table = released(release, "league_table")
    if table.is_empty():
        raise NothingToTrace(
            f"release {release.name} has no league table: it has no ranking, or is of an earlier schema"
        )
    return table


def _period(table: pl.DataFrame, period: str | None, what: str, release: OpenRelease) -> str:
    """The period asked for, or the newest."""
    known = sorted(map(Period.parse, table["period"].unique()), key=lambda each: each.sort_key)
    texts = [each.text for each in known]
    if not texts or (period and period not in texts):
        there = f"; it has {', '.join(texts)}" if texts else ""
        raise NothingToTrace(f"release {release.name} has no {what} for {period or 'any period'}{there}")
    return period or texts[-1]


def _league(release: OpenRelease, ranked: pl.DataFrame) -> League:
    rows = ranked.sort("rank", "unit").to_dicts()
    head = {name: rows[0][name] for name in _HEAD}
    return League(
        release=release.name,
        index=rows[0]["index_name"],
        **head,
        ranked=len(rows),
        rows=[_with_ours(row) for row in rows],
    )


def _with_ours(row: Row) -> Row:
    """A row with the names of the scores in it that are ours though the ranking is not."""
    said = {"score": "score_basis"} | {
        name: name.replace("score", "basis") for name in row if name.startswith("score_digital")
    }
    ours = [score for score, basis in said.items() if row[basis] == "recomputed" != row["basis"]]
    return {**row, "recomputed": ours}
