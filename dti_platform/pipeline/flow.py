"""The flow, stated once: every table that a run makes, from which tables, and how. Assets and rebuilding read it.

Here: the recipe of each table of a year, making all of them in one process, and the tables of a release from those of
all years. Not here: how a file is read (``inputs``), how Dagster runs a recipe (``orchestration.assets``), and any
formula (``methodology``, ``publications``).
"""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from dti_platform import feeds, methodology, publications, quality, tables
from dti_platform.publications import Declared
from dti_platform.row_order import by_key, gathered

if TYPE_CHECKING:
    from dti_platform.feeds import Known, Parsed
    from dti_platform.methodology import Frameworks
    from dti_platform.publications import Announced
    from dti_platform.storage import OpenRelease, Store
    from dti_platform.units import Units

#: A table by year.
Years = Mapping[int, pl.DataFrame]


class Yearly(Mapping[int, pl.DataFrame]):
    """The years of a table, each read, or made, when it is asked for, and not held."""

    def __init__(self, years: Iterable[int], read: Callable[..., pl.DataFrame]) -> None:
        """``read`` gives the table of a year; of a stored one some ``columns`` alone where they are named."""
        self._years, self._read = sorted(years), read

    @classmethod
    def of(cls, made: Years) -> Yearly:
        """Years that are held."""
        return cls(made, lambda year, columns=None: made[year].select(columns or pl.all()))

    def __getitem__(self, year: int) -> pl.DataFrame:
        """The table of a year."""
        if year not in self._years:
            raise KeyError(year)
        return self._read(year)

    def __iter__(self) -> Iterator[int]:
        """The years."""
        return iter(self._years)

    def __len__(self) -> int:
        """How many years there are."""
        return len(self._years)

    def columns(self, names: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Some columns of each year."""
        return (self._read(year, columns=[*names]) for year in self._years)


#: Tables of one year by name.
Frames = Mapping[str, pl.DataFrame]

#: The tables that reading the files of a year gives.
READ = ("observations", "quarantine", "submissions")


class Recipe(NamedTuple):
    """A table of a year that is computed from other tables of the year and, where it looks back, of the year before.

    Attributes:
        name: the table.
        group: its stage of the flow.
        model: its contract.
        rooms: the rooms whose code makes it.
        inputs: the tables of the year that it is made from.
        before: the tables of the year before that it looks back at.
        build: makes it: year, inputs, inputs of the year before, units, frameworks -> rows.
    """

    name: str
    group: str
    model: type[tables.Table]
    rooms: tuple[str, ...]
    inputs: tuple[str, ...]
    before: tuple[str, ...]
    build: Callable[[int, Frames, Frames, Units, Frameworks], pl.DataFrame]

    def make(self, year: int, sources: Mapping[str, Years], known: Known) -> pl.DataFrame:
        """The table of a year; a table that was never made for a year has no rows."""
        current = {name: sources[name].get(year, publications.empty(name)) for name in self.inputs}
        previous = {name: sources[name].get(year - 1, publications.empty(name)) for name in self.before}
        return self.build(year, current, previous, known.units, known.frameworks)


def recipes() -> list[Recipe]:
    """Every computed table, each after those that it is made from.

    A published table is found in its module of ``publications``, not registered here.
    """
    published = {name: module for name, module in publications.discover().items() if name not in tables.TABLES}
    listed = [
        Recipe("scores", "scores", tables.Scores, ("methodology",), ("observations",), (), _scores),
        Recipe("rankings", "rankings", tables.Rankings, ("methodology",), ("observations", "scores"), (), _rankings),
        *(
            Recipe(
                name, "publications", module.MODEL, ("publications", "methodology"),
                module.INPUTS, module.INPUTS_BEFORE, module.build,
            )
            for name, module in published.items()
        ),
    ]  # fmt: skip
    by_name = {recipe.name: recipe for recipe in listed}
    order = graphlib.TopologicalSorter({each.name: [*each.inputs, *each.before] for each in listed}).static_order()
    return [by_name[name] for name in order if name in by_name]


def _scores(year: int, now: Frames, _: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Every unit at every node of every framework in force."""
    return methodology.score_year(year, now["observations"], units, frameworks)


def _rankings(year: int, now: Frames, _: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The place of every unit among its peers."""
    return methodology.rank_year(year, now["scores"], now["observations"], units, frameworks)


def models() -> Mapping[str, type[tables.Table]]:
    """The contract of every table of a year that is written."""
    return tables.TABLES | {name: module.MODEL for name, module in publications.discover().items()}


def make(parsed: Mapping[int, Parsed], known: Known) -> dict[str, Years]:
    """Every table of these years from the files that were read, each held to its contract as if it were stored.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    made: dict[str, Years] = {}
    for name in READ:
        frames = {year: getattr(each, name) for year, each in parsed.items()}
        made[name] = quality.contracts(name, tables.TABLES[name], frames)
    for recipe in recipes():
        frames = {year: recipe.make(year, made, known) for year in parsed}
        made[recipe.name] = quality.contracts(recipe.name, recipe.model, frames)
    return made


#: The columns of a table that are asked for; None: all.
Columns = Sequence[str] | None


class Asked(dict[str, pl.DataFrame]):
    """Tables that are made when they are asked for, some columns of each, and not held."""

    def __init__(self, ask: Callable[[str, Columns], pl.DataFrame], columns: Mapping[str, Columns]) -> None:
        super().__init__()
        self._ask, self._columns = ask, columns

    def __missing__(self, table: str) -> pl.DataFrame:
        """The table, made anew."""
        return self._ask(table, self._columns.get(table))


def yearly_tables(
    yearly: Callable[[str], Yearly], met: Collection[int] = ()
) -> Iterator[tuple[str, str, Iterator[pl.DataFrame]]]:
    """Every table of a release that is made of years: the whole table's name, its own, and its rows.

    They are held to the contract, and come in the order of the key, part by part: no table of many years is held here.

    Args:
        yearly: gives the years of a published table.
        met: the years whose tables met their contracts when they were made, by the same code.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    for name in publications.discover():
        model, years = publications.model_of(name), yearly(name)
        new = {year: years[year] for year in years if year not in met}
        if new:
            quality.contracts(name, model, new)
        for half, rows in publications.rows_of_halves(name, tables.polars_schema(model)).items():
            yield name, half, _in_order(name, years, rows)


def _in_order(table: str, years: Yearly, rows: pl.Expr) -> Iterator[pl.DataFrame]:
    """Some rows of all years in the order of the key, year by year where their keys begin one after the other, too."""
    key = tables.key(publications.model_of(table))
    begins = (each.to_series() for each in years.columns(key[:1]))
    spans: list[tuple[Any, Any]] = [(column.min(), column.max()) for column in begins if column.len()]
    yield publications.empty(table)
    if all(one[1] < other[0] for one, other in itertools.pairwise(spans)):
        yield from (by_key(years[year].filter(rows), key) for year in years)
    else:
        yield gathered([years[year].filter(rows) for year in years], key)


def made_by_release(
    yearly: Callable[[str], Yearly], before: Sequence[OpenRelease], announced: Announced, known: Known
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table that a release itself makes, held to its contract and sorted by key, one after the other.

    Args:
        yearly: gives the years of a published table.
        before: the releases before, the newest first, of which chronicles tell the changes.
        announced: number, type and reason of the release.
        known: units and frameworks, which the catalogues list beside the feeds.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    for name, catalogue in publications.catalogues().items():
        yield name, quality.contract(name, catalogue.MODEL, catalogue.listed(declared(known)))
    for name, chronicle in publications.chronicles().items():
        earlier = Asked(partial(released_before, before), chronicle.COLUMNS)
        now = Asked(lambda table, columns: of_all_years(table, yearly(table), columns), chronicle.COLUMNS)
        yield name, quality.contract(name, chronicle.MODEL, chronicle.changed(announced, earlier, now))


def of_all_years(table: str, years: Yearly, columns: Columns = None) -> pl.DataFrame:
    """A table with the rows of all years, sorted by key; some columns of it, where they are named."""
    model = publications.model_of(table)
    frames = [*years.columns(columns or [*tables.polars_schema(model)])]
    return gathered(frames, tables.key(model)) if frames else publications.empty(table)


def released_before(releases: Sequence[OpenRelease], table: str, columns: Columns = None) -> pl.DataFrame:
    """A table of the newest of these releases, or some columns of it; a chronicle of all of them."""
    if table in publications.chronicles():
        return publications.history(releases, table)
    return publications.of_release(next(iter(releases), None), table, columns)


def declared(known: Known) -> Declared:
    """What catalogues list."""
    return Declared(known.units, known.frameworks, {name: each.FEED.title for name, each in feeds.discover().items()})


def unverified(store: Store) -> list[int]:
    """The years of which a table is missing, or is not as the ledger records it: whatever runs next makes them again.

    Among them is a year that was released and of which nothing is recorded, as earlier versions left it; and one whose
    tables have other columns than the code at hand writes.
    """
    columns = {name: tables.polars_schema(model) for name, model in models().items()}
    years = {*store.releases.years(), *(year for name in columns for year in store.tables.years(name))}
    whole = store.tables.is_whole
    return sorted(year for year in years if not all(whole(name, year, wanted) for name, wanted in columns.items()))


def stored_years(store: Store, table: str, years: Iterable[int] | None = None) -> Yearly:
    """The stored rows of a table by year (default: all), each file verified against its sha256 when it is read."""
    wanted = None if years is None else set(years)
    chosen = (year for year in store.tables.years(table) if wanted is None or year in wanted)
    return Yearly(chosen, partial(store.tables.read, table))


def stored(store: Store, table: str, years: Iterable[int] | None = None) -> pl.DataFrame:
    """The stored rows of a table of these years (default: all), each file verified against its sha256."""
    return concatenated(table, list(stored_years(store, table, years).values()))


def concatenated(table: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one table as one; no frames give a table without rows."""
    return pl.concat(frames) if frames else publications.empty(table)
