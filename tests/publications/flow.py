"""Published tables of the committed feeds, year by year, through the real reading, scoring and ranking."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from dti_platform import methodology, publications, tables
from dti_platform.methodology import Frameworks
from dti_platform.pipeline import flow
from dti_platform.units import Units
from tests import committed
from tests.once import once


def known() -> tuple[Units, Frameworks]:
    held = committed.known()
    return held.units, held.frameworks


def declared() -> publications.Declared:
    """What the platform declares, for the catalogues."""
    return flow.declared(committed.known())


@cache
def shared(year: int) -> dict[str, pl.DataFrame]:
    """The five shared tables of a year: as the session's run left them, if one was made, else from the files."""
    if store := committed.stored():
        return {name: flow.stored(store, name, [year]) for name in tables.TABLES}
    return once(f"shared {year}", lambda: made(year))


def made(year: int) -> dict[str, pl.DataFrame]:
    """What a run makes of what the files say."""
    parsed = committed.of_year(year)
    frames = {
        name: pl.concat([getattr(each, name) for each in parsed] or [tables.empty(tables.TABLES[name])])
        for name in ("observations", "quarantine", "submissions")
    }
    frames["scores"] = methodology.score_year(year, frames["observations"], *known())
    frames["rankings"] = methodology.rank_year(year, frames["scores"], frames["observations"], *known())
    return frames


@cache
def published(name: str, year: int) -> pl.DataFrame:
    """A published table of a year, as built."""
    return once(f"{name} {year}", lambda: build(name, year, shared(year), shared(year - 1)))


def build(name: str, year: int, now: Mapping[str, pl.DataFrame], before: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A published table from shared tables, after the published ones that it is made from."""
    publication = publications.discover()[name]
    now = {each: now[each] if each in now else build(each, year, now, before) for each in publication.INPUTS}
    return publication.build(year, now, before, *known())
