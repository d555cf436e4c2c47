"""The files of ``data/reference`` as Pandera models: the contract of each file by itself.

Here: columns, keys, and the rules of a single file. Not here: reading the files and looking units up (``units``), the
rules between files (``rules``), and the tables that pass between rooms (``tables``).

Every column is text, as in the file: a code is never a number, a day is ISO 8601 (2025-07-01), an
empty cell is null. ``source`` holds one or more ids of ``sources.csv``, separated by a space.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import String

from dti_platform.codes import INDICATOR_KINDS, LEVELS, LISTS, MEASURES, SOURCE_CLASSES
from dti_platform.periods import PERIOD
from dti_platform.tables import Table

GEOGRAPHY = r"^[A-Z]{2,}\d*$"
PROVINCE = r"^VN(64|63|34)-\d{2}$"
MINISTRY = r"^MIN(22|25)-[A-Z]+$"
DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
SOURCES = r"^[a-z0-9_]+( [a-z0-9_]+)*$"
CERTAINTIES = ("seen", "inferred", "general_knowledge")


class Reference(Table):
    """What every reference file shares: tidy text, its own source in every row."""

    @pa.dataframe_check(error="a text is not in NFC, or holds a line break, an outer space or an invisible character")
    @classmethod
    def text_is_tidy(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Two spellings of one name that look alike would not meet."""
        cell = pl.all()
        visible = (cell == cell.str.strip_chars()) & ~cell.str.contains(r"[\p{Cc}\p{Cf}\x{A0}]")
        return data.lazyframe.select(pl.all_horizontal((visible & (cell == cell.str.normalize("NFC"))).fill_null(True)))


class Dated(Reference):
    """What files share whose rows hold from ``valid_from`` to ``valid_to``."""

    @pa.dataframe_check(error="a day is not in the calendar, or valid_to is before valid_from")
    @classmethod
    def days_are_in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A span of time has at least one day."""
        first, last = pl.col("valid_from"), pl.col("valid_to")
        real = [day.is_null() | day.str.to_date("%Y-%m-%d", strict=False).is_not_null() for day in (first, last)]
        return data.lazyframe.select(pl.all_horizontal(*real, (first <= last).fill_null(True)))


class Sources(Reference):
    """Where the reference data was read: the one place of titles, addresses and licences."""

    source: String = pa.Field(str_matches=r"^[a-z0-9_]+$", description="id, used in every other file")
    title: String = pa.Field(description="what it is: decision, list, report")
    address: String = pa.Field(nullable=True, str_matches=r"^https?://\S+$", description="where it was read, if known")
    licence: String = pa.Field(nullable=True, description="what allows its use")
    note: String = pa.Field(nullable=True, description="what a reader should know of it")

    class Config(Table.Config):
        """Key: the id."""

        unique = ["source"]


class Geographies(Dated):
    """A set of units at one time; ``VN64`` is held only for Hà Tây, and is no ranking of its own."""

    geography: String = pa.Field(str_matches=GEOGRAPHY, description="id, the first part of its units' ids")
    level: String = pa.Field(isin=LEVELS, description="level of the frameworks")
    units: String = pa.Field(str_matches=r"^[1-9]\d*$", description="how many units it has")
    complete: String = pa.Field(isin=("yes", "no"), description="whether all of them are held here")
    name_vi: String = pa.Field(description="name in Vietnamese")
    name_en: String = pa.Field(description="name in English")
    valid_from: String = pa.Field(nullable=True, str_matches=DAY, description="first day; empty: not known")
    valid_to: String = pa.Field(nullable=True, str_matches=DAY, description="last day; empty: still in force")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: the id."""

        unique = ["geography"]


class Regions(Reference):
    """The socio-economic regions, within which provinces are also compared."""

    region: String = pa.Field(str_matches=r"^[A-Z_]+$", description="id, the initials of the Vietnamese name")
    name_vi: String = pa.Field(description="name in Vietnamese")
    name_en: String = pa.Field(description="name in English")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: the id."""

        unique = ["region"]


class Provinces(Dated):
    """Provinces and centrally-run cities; a new row for each change of name or kind (Huế, 2025-01-01)."""

    unit: String = pa.Field(str_matches=PROVINCE, description="id: geography and GSO code, such as VN63-19")
    geography: String = pa.Field(str_matches=r"^VN(64|63|34)$", description="the set that it belongs to")
    gso_code: String = pa.Field(str_matches=r"^\d{2}$", description="code of the statistics office, two digits")
    iso_3166_2: String = pa.Field(
        nullable=True, str_matches=r"^VN-(\d{2}|[A-Z]{2})$", description="ISO code, such as VN-69; empty: none known"
    )
    electronic_code: String = pa.Field(
        nullable=True, str_matches=r"^H\d{2}$", description="electronic identification code; empty: not known"
    )
    name_vi: String = pa.Field(
        description="name as it is shown, without its kind; TP. stands before a name that is also a person's"
    )
    full_name_vi: String = pa.Field(str_matches=r"^(Tỉnh|Thành phố) ", description="kind (Tỉnh, Thành phố) and name")
    name_en: String = pa.Field(str_matches=r"^[A-Za-z -]+$", description="name in English, in plain letters")
    kind: String = pa.Field(isin=("province", "centrally_run_city"), description="province or centrally-run city")
    region: String = pa.Field(nullable=True, description="id of regions.csv; empty only where no list has the unit")
    valid_from: String = pa.Field(nullable=True, str_matches=DAY, description="first day; empty: not known")
    valid_to: String = pa.Field(nullable=True, str_matches=DAY, description="last day; empty: still in force")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv for names, codes and days")
    region_source: String = pa.Field(
        nullable=True, str_matches=SOURCES, description="ids of sources.csv for the region"
    )

    class Config(Table.Config):
        """Key: a unit in one form."""

        unique = ["unit", "valid_from"]

    @pa.dataframe_check(error="the id is not geography-gso_code, or the full name or kind disagrees with the name")
    @classmethod
    def province_agrees_with_itself(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The id is made of two columns, and the full name of two others."""
        kind = pl.when(pl.col("kind") == "province").then(pl.lit("Tỉnh")).otherwise(pl.lit("Thành phố"))
        return data.lazyframe.select(
            (pl.col("unit") == pl.concat_str("geography", "gso_code", separator="-"))
            & (pl.col("full_name_vi") == pl.concat_str(kind, pl.col("name_vi").str.strip_prefix("TP. "), separator=" "))
            & (pl.col("region").is_null() == pl.col("region_source").is_null())
        )


class ProvinceCrosswalk(Reference):
    """What became of a province: every one went whole into exactly one other (Resolution 202/2025/QH15)."""

    unit: String = pa.Field(str_matches=PROVINCE, description="the unit that ended")
    successor: String = pa.Field(str_matches=PROVINCE, description="the one unit that took it over whole")
    relation: String = pa.Field(isin=("unchanged", "merged"), description="unchanged: the same area alone")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: the unit that ended, so it has one successor."""

        unique = ["unit"]


class Ministries(Dated):
    """Ministries, ministry-level agencies and government agencies, before and after 2025-03-01."""

    unit: String = pa.Field(str_matches=MINISTRY, description="id: geography and initials, such as MIN22-BTC")
    geography: String = pa.Field(str_matches=r"^MIN(22|25)$", description="the set that it belongs to")
    abbreviation: String = pa.Field(description="as the body is abbreviated in Vietnamese")
    electronic_code: String = pa.Field(
        nullable=True, str_matches=r"^G\d{2}$", description="electronic identification code; empty: not known"
    )
    electronic_code_certainty: String = pa.Field(nullable=True, isin=CERTAINTIES, description="how the code is known")
    name_vi: String = pa.Field(description="full name in Vietnamese")
    name_en: String = pa.Field(description="full name in English")
    kind: String = pa.Field(
        isin=("ministry", "ministry_level_agency", "government_agency"), description="kind of the body"
    )
    valid_from: String = pa.Field(nullable=True, str_matches=DAY, description="first day; empty: not known")
    valid_to: String = pa.Field(nullable=True, str_matches=DAY, description="last day; empty: still in force")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a unit in one form."""

        unique = ["unit", "valid_from"]

    @pa.dataframe_check(error="the id does not begin with the geography, or a code lacks its certainty")
    @classmethod
    def ministry_agrees_with_itself(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The id begins with the geography; a code that was not seen says so."""
        begins = pl.col("unit").str.starts_with(pl.concat_str("geography", pl.lit("-")))
        paired = pl.col("electronic_code").is_null() == pl.col("electronic_code_certainty").is_null()
        return data.lazyframe.select(begins & paired)


class MinistryCrosswalk(Reference):
    """What became of a ministry on 2025-03-01: one main successor, and functions that went elsewhere."""

    unit: String = pa.Field(str_matches=r"^MIN22-[A-Z]+$", description="the body before")
    successor: String = pa.Field(str_matches=r"^MIN25-[A-Z]+$", description="the body that took over")
    relation: String = pa.Field(
        isin=("unchanged", "renamed", "merged", "merged_main_part", "function_transfer"), description="what passed"
    )
    main: String = pa.Field(isin=("yes", "no"), description="whether this is the main successor")
    scope: String = pa.Field(description="which functions passed")
    certainty: String = pa.Field(isin=CERTAINTIES, description="how it is known")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a pair."""

        unique = ["unit", "successor"]

    @pa.dataframe_check(error="only a function_transfer is not main, and a certainty of none names no source")
    @classmethod
    def transfer_agrees_with_itself(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A transfer of some functions makes no successor; what no source says is said to be so."""
        main = (pl.col("relation") == "function_transfer") == (pl.col("main") == "no")
        known = (pl.col("certainty") == "general_knowledge") == (pl.col("source") == "general_knowledge")
        return data.lazyframe.select(main & known)


class MinistryGroups(Reference):
    """In which of the two ranked groups a ministry stood in a year's DTI; no row where that is not public."""

    unit: String = pa.Field(str_matches=MINISTRY, description="the ministry")
    year: String = pa.Field(str_matches=r"^20[2-9]\d$", description="the year measured")
    group: String = pa.Field(
        isin=("with_public_services", "without_public_services"), description="with or without public services"
    )
    certainty: String = pa.Field(isin=CERTAINTIES, description="how it is known")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a ministry in a year."""

        unique = ["unit", "year"]


class Aliases(Reference):
    """Names that do not fold to a unit's own name, and names that must never be taken for one."""

    name: String = pa.Field(description="the name; one spelling stands for all that fold to it")
    geography: String = pa.Field(str_matches=GEOGRAPHY, description="where it holds")
    unit: String = pa.Field(description="the unit that it means, or is mistaken for")
    accepted: String = pa.Field(isin=("yes", "no"), description="no: a known mistake, never mapped")
    kind: String = pa.Field(
        isin=("abbreviation", "descriptive", "historic", "short", "respelling", "map_error"), description="what it is"
    )
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a name in a geography."""

        unique = ["name", "geography"]


class Indicators(Reference):
    """Operational indicators, beside the index; another producer's series is another code.

    Definition, producer, population and reference are given as far as a source says them; where one is empty, none of
    the sources of its figures says it.
    """

    code: String = pa.Field(str_matches=r"^[a-z0-9]+(_[a-z0-9]+)*$", description="code, stable over the years")
    name_vi: String = pa.Field(description="name in Vietnamese, with the producer where that tells two series apart")
    name_en: String = pa.Field(description="name in English, likewise")
    unit_measure: String = pa.Field(
        isin=LISTS["unit_measure"].values, description="unit in which it is mostly printed; a figure keeps its own"
    )
    kind: String = pa.Field(
        isin=INDICATOR_KINDS,
        description="stock: a state at a time; flow: an amount, or a share of one, within the period; cumulative: "
        "likewise, from 1 January to the end of the period; unknown: no source says which",
    )
    level: String = pa.Field(isin=("national", "provincial", "both"), description="whose reports give it")
    index_result: String = pa.Field(isin=("yes", "no"), description="yes: a published result of the index, repeated")
    definition_vi: String = pa.Field(nullable=True, description="what is counted or divided, in Vietnamese")
    definition_en: String = pa.Field(nullable=True, description="the same in English")
    producer_vi: String = pa.Field(nullable=True, description="who makes the figure, in Vietnamese")
    producer_en: String = pa.Field(nullable=True, description="the same in English")
    population_vi: String = pa.Field(nullable=True, description="the whole of which it is a part, in Vietnamese")
    population_en: String = pa.Field(nullable=True, description="the same in English")
    reference_vi: String = pa.Field(nullable=True, description="the day or span that a figure refers to, in Vietnamese")
    reference_en: String = pa.Field(nullable=True, description="the same in English")
    note: String = pa.Field(nullable=True, description="what a reader should know of it")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: the code."""

        unique = ["code"]

    @pa.dataframe_check(error="a text stands in one language alone")
    @classmethod
    def texts_are_in_both_languages(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What is known is told to both readers."""
        pairs = ("definition", "producer", "population", "reference")
        same = (pl.col(f"{name}_vi").is_null() == pl.col(f"{name}_en").is_null() for name in pairs)
        return data.lazyframe.select(pl.all_horizontal(same))


class Sessions(Reference):
    """Sessions at which figures were reported, such as those of the National Committee on Digital Transformation."""

    session: String = pa.Field(str_matches=r"^[a-z0-9]+(_[a-z0-9]+)*$", description="id")
    name_vi: String = pa.Field(description="name in Vietnamese")
    name_en: String = pa.Field(description="name in English")
    held: String = pa.Field(str_matches=PERIOD, description="the day, or the month or year where no source says more")
    reported: String = pa.Field(str_matches=PERIOD, description="the period that its reports tell of")
    note: String = pa.Field(nullable=True, description="what a reader should know of it")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: the id."""

        unique = ["session"]


class SessionFigures(Reference):
    """The figures of a session: where each stands in the feeds, which alone say its value."""

    session: String = pa.Field(str_matches=r"^[a-z0-9]+(_[a-z0-9]+)*$", description="id of sessions.csv")
    position: String = pa.Field(str_matches=r"^[1-9]\d*$", description="place among the session's figures")
    title_vi: String = pa.Field(description="what the figure is, as the session words it, in Vietnamese")
    title_en: String = pa.Field(description="the same in English")
    feed: String = pa.Field(str_matches=r"^[a-z_]+$", description="the feed that brings it")
    unit: String = pa.Field(description="whose figure it is")
    node: String = pa.Field(description="code of the operational indicator, or of the node of the index")
    measure: String = pa.Field(isin=MEASURES, description="what the figure says of it")
    period: String = pa.Field(str_matches=PERIOD, description="the period that it tells of")
    address: String = pa.Field(str_matches=r"^https?://\S+$", description="the source, as in the feed's file")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a place in a session."""

        unique = ["session", "position"]


class SourceClasses(Reference):
    """What kind of body stands behind an address, by domain; a subdomain is of its domain, unless it has a row."""

    domain: String = pa.Field(str_matches=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", description="domain, in small letters")
    source_class: String = pa.Field(isin=SOURCE_CLASSES, description="kind of body, by codes.toml")
    note: String = pa.Field(description="whose it is")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: the domain."""

        unique = ["domain"]


#: File name without ``.csv`` -> its model.
MODELS: dict[str, type[Reference]] = {
    "sources": Sources,
    "geographies": Geographies,
    "regions": Regions,
    "provinces": Provinces,
    "province_crosswalk": ProvinceCrosswalk,
    "ministries": Ministries,
    "ministry_crosswalk": MinistryCrosswalk,
    "ministry_groups": MinistryGroups,
    "aliases": Aliases,
    "indicators": Indicators,
    "source_classes": SourceClasses,
    "sessions": Sessions,
    "session_figures": SessionFigures,
}


class LocalUnits(Dated):
    """Units of any other level (communes, districts, departments), of geographies that ``geographies.csv`` declares."""

    unit: String = pa.Field(str_matches=r"^[A-Z]{2,}\d*-[A-Z0-9]+$", description="id: geography and a code within it")
    geography: String = pa.Field(str_matches=GEOGRAPHY, description="the set that it belongs to")
    name_vi: String = pa.Field(description="name without its kind")
    full_name_vi: String = pa.Field(description="kind and name, as in documents")
    name_en: String = pa.Field(description="name in English")
    kind: String = pa.Field(str_matches=r"^[a-z_]+$", description="what it is: commune, ward, department, ...")
    valid_from: String = pa.Field(nullable=True, str_matches=DAY, description="first day; empty: not known")
    valid_to: String = pa.Field(nullable=True, str_matches=DAY, description="last day; empty: still in force")
    source: String = pa.Field(str_matches=SOURCES, description="ids of sources.csv")

    class Config(Table.Config):
        """Key: a unit in one form."""

        unique = ["unit", "valid_from"]

    @pa.dataframe_check(error="the id does not begin with the geography")
    @classmethod
    def local_unit_agrees_with_itself(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The id begins with the geography."""
        return data.lazyframe.select(pl.col("unit").str.starts_with(pl.concat_str("geography", pl.lit("-"))))


#: File name without ``.csv`` -> its model.
OPTIONAL: dict[str, type[Reference]] = {"local_units": LocalUnits}
