"""Published tables of the committed feeds, year by year, through the real reading, scoring and ranking."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

from dti_platform import feeds, methodology, publications, tables, units
from dti_platform.methodology import Frameworks
from dti_platform.periods import Period
from dti_platform.pipeline import flow
from dti_platform.units import Units

FEEDS = Path(__file__).parents[2] / "data" / "feeds"


@cache
def known() -> tuple[Units, Frameworks]:
    loaded = units.load(check=False)
    return loaded, methodology.load(units=loaded)


def declared() -> publications.Declared:
    """What the platform declares, for the catalogues."""
    return flow.declared(feeds.Known(*known()))


@cache
def shared(year: int) -> dict[str, pl.DataFrame]:
    """The five shared tables of a year."""
    held = feeds.Known(*known())
    parsed = [feeds.read(received, held) for received in _arrivals(year)]
    frames = {
        name: pl.concat([getattr(each, name) for each in parsed] or [tables.empty(tables.TABLES[name])])
        for name in ("observations", "quarantine", "submissions")
    }
    frames["scores"] = methodology.score_year(year, frames["observations"], *known())
    frames["rankings"] = methodology.rank_year(year, frames["scores"], frames["observations"], *known())
    return frames


def _arrivals(year: int) -> list[feeds.Received]:
    found = []
    for path in sorted(FEEDS.glob("*/*/*")):
        feed, period, name = path.parts[-3:]
        if feed in feeds.discover() and Period.parse(period).year == year:
            content = path.read_bytes()
            found.append(feeds.Received(feed, period, name, hashlib.sha256(content).hexdigest(), content))
    return found


@cache
def published(name: str, year: int) -> pl.DataFrame:
    """A published table of a year, as built."""
    return build(name, year, shared(year), shared(year - 1))


def build(name: str, year: int, now: Mapping[str, pl.DataFrame], before: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A published table from shared tables, after the published ones that it is made from."""
    publication = publications.discover()[name]
    now = {each: now[each] if each in now else build(each, year, now, before) for each in publication.INPUTS}
    return publication.build(year, now, before, *known())
