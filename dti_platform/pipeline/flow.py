"""The flow, defined once for assets and rebuilding: every table that a run makes, from which tables, and how.

Here: the recipe of each table of a year, making all of them in one process, and the tables of a release from the tables
of all years. Not here: how a file is read (``inputs``), how Dagster runs a recipe (``orchestration.assets``), and any
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
    """The years of a table; each is read or made on access, and not held in memory."""

    def __init__(self, years: Iterable[int], read: Callable[..., pl.DataFrame]) -> None:
        """``read`` gives the table of a year; for a stored table it takes ``columns``, the columns to read."""
        self._years, self._read = sorted(years), read

    @classmethod
    def of(cls, frames: Years) -> Yearly:
        """Years whose frames are in memory."""
        return cls(frames, lambda year, columns=None: frames[year].select(columns or pl.all()))

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
    """A table of a year that is computed from other tables of that year and, for some, of the previous year.

    Attributes:
        name: the table.
        group: its stage of the flow.
        model: its contract.
        rooms: the rooms whose code makes it.
        inputs: the tables of the year that it is made from.
        before: the tables of the previous year that it is made from.
        build: makes it: year, inputs, inputs of the previous year, units, frameworks -> rows.
    """

    name: str
    group: str
    model: type[tables.Table]
    rooms: tuple[str, ...]
    inputs: tuple[str, ...]
    before: tuple[str, ...]
    build: Callable[[int, Frames, Frames, Units, Frameworks], pl.DataFrame]

    def make(self, year: int, sources: Mapping[str, Years], known: Known) -> pl.DataFrame:
        """The table of a year; an input that does not exist for a year has no rows."""
        current = {name: sources[name].get(year, publications.empty(name)) for name in self.inputs}
        previous = {name: sources[name].get(year - 1, publications.empty(name)) for name in self.before}
        return self.build(year, current, previous, known.units, known.frameworks)


def recipes() -> list[Recipe]:
    """Every computed table, each after its inputs.

    Published tables are discovered from the modules of ``publications``, not registered here.
    """
    published = {name: module for name, module in publications.discover().items() if name not in tables.TABLES}
    unsorted = [
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
    by_name = {recipe.name: recipe for recipe in unsorted}
    ordered_names = graphlib.TopologicalSorter(
        {recipe.name: [*recipe.inputs, *recipe.before] for recipe in unsorted}
    ).static_order()
    return [by_name[name] for name in ordered_names if name in by_name]


def _scores(year: int, inputs: Frames, _: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Every unit at every node of every framework in force."""
    return methodology.score_year(year, inputs["observations"], units, frameworks)


def _rankings(year: int, inputs: Frames, _: Frames, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """The rank of every unit among its peers."""
    return methodology.rank_year(year, inputs["scores"], inputs["observations"], units, frameworks)


def models() -> Mapping[str, type[tables.Table]]:
    """The contract of every table that is stored by year."""
    return tables.TABLES | {name: module.MODEL for name, module in publications.discover().items()}


def make(parsed: Mapping[int, Parsed], known: Known) -> dict[str, Years]:
    """Every table of these years from the files that were read, each validated against its contract, but not stored.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    results: dict[str, Years] = {}
    for name in READ:
        frames = {year: getattr(year_tables, name) for year, year_tables in parsed.items()}
        results[name] = quality.contracts(name, tables.TABLES[name], frames)
    for recipe in recipes():
        frames = {year: recipe.make(year, results, known) for year in parsed}
        results[recipe.name] = quality.contracts(recipe.name, recipe.model, frames)
    return results


#: The columns of a table to load; None: all.
Columns = Sequence[str] | None


class LazyTables(dict[str, pl.DataFrame]):
    """Tables of which some columns are loaded on each access, and not held in memory."""

    def __init__(self, load: Callable[[str, Columns], pl.DataFrame], columns: Mapping[str, Columns]) -> None:
        super().__init__()
        self._load, self._columns = load, columns

    def __missing__(self, table: str) -> pl.DataFrame:
        """The table, loaded anew."""
        return self._load(table, self._columns.get(table))


def yearly_tables(
    yearly: Callable[[str], Yearly], met: Collection[int] = ()
) -> Iterator[tuple[str, str, Iterator[pl.DataFrame]]]:
    """Every table of a release that is made from years: its name, the name of its half (official or not), and its rows.

    The rows meet the contract and are in the order of the key, part by part: no table of many years is held in memory.

    Args:
        yearly: gives the years of a published table.
        met: the years whose tables already met their contracts when the same code made them.

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
    """The selected rows of all years in the order of the key, year by year where the keys of years don't overlap."""
    key = tables.key(publications.model_of(table))
    first_columns = (frame.to_series() for frame in years.columns(key[:1]))
    spans: list[tuple[Any, Any]] = [(column.min(), column.max()) for column in first_columns if column.len()]
    yield publications.empty(table)
    if all(one[1] < other[0] for one, other in itertools.pairwise(spans)):
        yield from (by_key(years[year].filter(rows), key) for year in years)
    else:
        yield gathered([years[year].filter(rows) for year in years], key)


def made_by_release(
    yearly: Callable[[str], Yearly], before: Sequence[OpenRelease], announced: Announced, known: Known
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table that the release itself makes, meeting its contract and sorted by key, one after the other.

    Args:
        yearly: gives the years of a published table.
        before: the previous releases, the newest first, whose changes the chronicles record.
        announced: number, type and reason of the release.
        known: units and frameworks, which the catalogues list with the feeds.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    for name, catalogue in publications.catalogues().items():
        yield name, quality.contract(name, catalogue.MODEL, catalogue.listed(declared(known)))
    for name, chronicle in publications.chronicles().items():
        earlier = LazyTables(partial(released_before, before), chronicle.COLUMNS)
        current = LazyTables(lambda table, columns: of_all_years(table, yearly(table), columns), chronicle.COLUMNS)
        yield name, quality.contract(name, chronicle.MODEL, chronicle.changed(announced, earlier, current))


def of_all_years(table: str, years: Yearly, columns: Columns = None) -> pl.DataFrame:
    """A table with the rows of all years, sorted by key; ``columns``: only these."""
    model = publications.model_of(table)
    frames = [*years.columns(columns or [*tables.polars_schema(model)])]
    return gathered(frames, tables.key(model)) if frames else publications.empty(table)


def released_before(releases: Sequence[OpenRelease], table: str, columns: Columns = None) -> pl.DataFrame:
    """A table of the newest of these releases, or some columns of it; a chronicle is read from all of them."""
    if table in publications.chronicles():
        return publications.history(releases, table)
    return publications.of_release(next(iter(releases), None), table, columns)


def declared(known: Known) -> Declared:
    """The units, frameworks and feeds that the catalogues list."""
    return Declared(
        known.units, known.frameworks, {name: module.FEED.title for name, module in feeds.discover().items()}
    )


def unverified(store: Store) -> list[int]:
    """The years with a table that is missing or not as the ledger records it; the next run makes them again.

    These include a year that was released without a record, as by earlier versions, and a year whose tables have other
    columns than the current code writes.
    """
    schemas = {name: tables.polars_schema(model) for name, model in models().items()}
    years = {*store.releases.years(), *(year for name in schemas for year in store.tables.years(name))}
    is_whole = store.tables.is_whole
    return sorted(year for year in years if not all(is_whole(name, year, schema) for name, schema in schemas.items()))


def stored_years(store: Store, table: str, years: Iterable[int] | None = None) -> Yearly:
    """The stored rows of a table by year (default: all), each file verified against its sha256 when it is read."""
    selected = None if years is None else set(years)
    available = (year for year in store.tables.years(table) if selected is None or year in selected)
    return Yearly(available, partial(store.tables.read, table))


def stored(store: Store, table: str, years: Iterable[int] | None = None) -> pl.DataFrame:
    """The stored rows of a table of these years (default: all), each file verified against its sha256."""
    return concatenated(table, list(stored_years(store, table, years).values()))


def concatenated(table: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one table as one; no frames give a table without rows."""
    return pl.concat(frames) if frames else publications.empty(table)
