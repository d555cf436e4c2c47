"""The data of a release: its files with their hashes, how to read and cite them, and the meaning of each column.

One page for all files and one for each table, plus ``catalog.jsonld`` and ``CITATION.cff`` (``catalogue``), and
``sdmx/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from dti_platform.glossary import feed_name
from dti_platform.language import Bilingual, format_number
from dti_platform.publications import key_of
from dti_platform.report import sdmx
from dti_platform.report.described import description_of, split_text, title_of
from dti_platform.report.site import catalogue
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content

KIND = Kind(60, Bilingual("Dữ liệu", "Data"), "du-lieu.html")
TITLE = Bilingual("Dữ liệu của bản công bố {release}", "The data of release {release}")
#: The table that the examples read, in the folder of the newest release.
LATEST = "data/published/latest/league_table.parquet"
EXAMPLES = {
    "Python": "import polars as pl\n\n"
    'pl.read_parquet("{path}").filter(headline=True, level="provincial", period="{period}")',
    "DuckDB": "select rank, unit_name_vi, score from '{path}'\n"
    "where headline and level = 'provincial' and period = '{period}' order by rank",
    "R": 'library(arrow)\nsubset(read_parquet("{path}"), headline & level == "provincial" & period == "{period}")',
}


class Table(NamedTuple):
    """A file of the release, as in its descriptor."""

    name: str
    title: Bilingual
    description: Bilingual
    rows: int
    size: int
    sha256: str
    fields: Sequence[Mapping[str, Any]]
    key: Sequence[str]

    @property
    def is_illustrative(self) -> bool:
        """Whether it holds the illustrative rows of a table."""
        return self.name.startswith("illustrative/")

    @property
    def path(self) -> str:
        """The path of the page of its columns, which both halves of a table share."""
        return f"tu-dien/{self.name.removeprefix('illustrative/')}.html"


def pages(content: Content) -> Iterator[Page]:
    """The page of all files, then one for each table."""
    tables = tables_of(content)
    title = TITLE.format(release=content.release.name)
    newest = max(content.table("league_table").filter(level="provincial", headline=True)["period"], default="2022")
    examples = {name: text.format(path=LATEST, period=newest) for name, text in EXAMPLES.items()}
    values = {
        "tables": tables,
        "examples": examples,
        "number": lambda value: format_number(value, grouped=True),  # pyright: ignore[reportUnknownLambdaType]
        "citation": catalogue.citation(content),
        "licences": catalogue.licences(content),
        "sources": catalogue.sources(content),
        "made_up": [feed_name(feed) for feed in illustrative_feeds(content)],
        "schema_org": catalogue.schema_org(content),
        "downloads": {path.removesuffix(".parquet"): catalogue.DOWNLOADS + path for path in catalogue.copied(content)},
        "sdmx": list(sdmx_files(content)),
    }
    yield Page("du-lieu.html", title, values)
    for table in tables:
        if not table.is_illustrative:
            yield Page(table.path, table.title, {"table": table, "split_text": split_text})


def illustrative_feeds(content: Content) -> Sequence[str]:
    """The feeds of illustrative observations."""
    return content.illustrative("observations").select(pl.col("feed").unique().sort()).collect()["feed"].to_list()


def files(content: Content) -> Iterator[tuple[str, bytes]]:
    """The figures in SDMX, the official tables as released, the catalogue entry, and the citation file."""
    contents = {path: make() for path, make in sdmx_files(content).items()}
    yield from contents.items()
    for path in catalogue.copied(content):
        yield catalogue.DOWNLOADS + path, content.release.read(path)
    yield "catalog.jsonld", catalogue.dcat(content, contents)
    yield "CITATION.cff", catalogue.citation_file(content)


def sdmx_files(content: Content) -> dict[str, Callable[[], bytes]]:
    """The functions that make the SDMX files, by path, without illustrative rows; none if the release has no codes."""
    if content.table("codes").is_empty():
        return {}
    makers = sdmx.files(sdmx.Released(content.record, content.release, content.scan))
    return {f"sdmx/{name}": make for name, make in makers.items()}


def tables_of(content: Content) -> list[Table]:
    """The files of a release, official tables first."""
    resources = content.release.descriptor["resources"]
    tables = [_table(resource) for resource in resources]
    return sorted(tables, key=lambda table: (table.is_illustrative, table.name))


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource["schema"]
    return Table(
        name=resource["path"].removesuffix(".parquet"),
        title=title_of(resource),
        description=description_of(resource),
        rows=resource.get("dti:rows", 0),
        size=resource["bytes"],
        sha256=resource["hash"].removeprefix("sha256:"),
        fields=schema["fields"],
        key=key_of(schema),
    )
