"""The definition of SDMX-CSV columns: code lists, concepts, data structures and dataflows, in SDMX-ML 3.0.

Here: the lists of a release in SDMX, with names in Vietnamese and English, and the XML. Not here: which component has
which list (``dataflows.toml``). Source: SDMX 3.0, SDMXStructure.xsd.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from dti_platform.codes import LISTS as CODES
from dti_platform.columns import meaning
from dti_platform.language import LANGUAGES, Bilingual
from dti_platform.pages import render
from dti_platform.publications.halves import ILLUSTRATIVE
from dti_platform.report.described import description_of, title_of
from dti_platform.report.sdmx.dataflows import AGENCY, COMPONENTS, FLOWS, LISTS, MANDATORY, MEANINGS, OBS_VALUE, flow_of
from dti_platform.report.sdmx.identifiers import NOT_APPLICABLE, code_id, frequency_id, source_id

if TYPE_CHECKING:
    from dti_platform.codes import CodeList
    from dti_platform.report.sdmx.dataflows import Component, Flow, Released

FOLDER = Path(__file__).parent
TEMPLATE = (FOLDER / "structure.xml.j2").relative_to(FOLDER.parents[1]).as_posix()


class Item(NamedTuple):
    """A code or a concept: id, name and meaning; None if the name is enough."""

    id: str
    name: Bilingual
    meaning: Bilingual | None = None


class Items(NamedTuple):
    """A code list, or the concepts of a table."""

    id: str
    name: Bilingual
    entries: Sequence[Item]


class DescribedFlow(NamedTuple):
    """A dataflow with its title, description and concepts."""

    flow: Flow
    title: Bilingual
    description: Bilingual
    concepts: Items


def structure(released: Released, *tables: str) -> bytes:
    """The structure of some or all tables, with complete lists, so that a list is the same in every file of a release.

    Raises:
        NoDataflow: a table has no dataflow, or the release predates the code lists.
        CorruptRelease: the bytes of the release are not those that were published.
    """
    flows = list({flow.table: flow for flow in map(flow_of, tables or FLOWS)}.values())
    used = dict.fromkeys(component.list for flow in flows for component in flow.components if component.list)
    lists = code_lists(released)
    text = render(
        TEMPLATE,
        agency=AGENCY,
        version=released.version,
        record=released.record,
        lists=[lists[name] for name in used],
        list_id=list_id,
        flows=[describe_flow(flow, released.opened.described(flow.table)) for flow in flows],
        mandatory=MANDATORY,
        value=COMPONENTS[OBS_VALUE],
    )
    return text.encode()


def list_id(name: str) -> str:
    """The id of a code list.

    >>> list_id("obs_status")
    'CL_OBS_STATUS'
    """
    return f"CL_{name.upper()}"


def describe_flow(flow: Flow, resource: Mapping[str, Any]) -> DescribedFlow:
    """The texts of a dataflow: title and description from the release, and the meanings of its columns."""
    title = title_of(resource)
    concepts = [Item(component.id, component.name, _meaning(flow, component)) for component in flow.components]
    return DescribedFlow(flow, title, description_of(resource), Items(f"CS_{flow.id}", title, concepts))


def _meaning(flow: Flow, component: Component) -> Bilingual:
    return MEANINGS.get(component.id) or meaning(flow.table, component.column)


def code_lists(released: Released) -> dict[str, Items]:
    """Every list by name: those of the release, and those that SDMX needs besides.

    A list that the release lacks is the current one, and so are the columns that use it.

    Raises:
        NoDataflow: the release predates the code lists.
    """
    computed = {"freq": _frequencies(released), "node": _nodes(released), "source": _sources(released)}
    lists = {name: _current_list(codes) for name, codes in CODES.items()}
    lists |= {name: Items(list_id(name), Bilingual(*LISTS[name]["title"]), items) for name, items in computed.items()}
    nullable = {dimension.list for flow in FLOWS.values() for dimension in flow.dimensions if dimension.nullable}
    null = Item(NOT_APPLICABLE, Bilingual(*LISTS["not_applicable"]["name"]))
    for name, codes in groupby(released.codes().sort("list", "position").iter_rows(named=True), itemgetter("list")):
        rows = list(codes)
        title = Bilingual(rows[0]["list_name_vi"], rows[0]["list_name_en"])
        lists[str(name)] = Items(list_id(str(name)), title, [*map(_item, rows), *([null] if name in nullable else [])])
    return lists


def _current_list(codes: CodeList) -> Items:
    """A list of ``codes.toml``."""
    return Items(list_id(codes.name), codes.title, [Item(code_id(code.code), *code[1:3]) for code in codes.codes])


def _item(code: Mapping[str, str]) -> Item:
    """An item from a row of the table of codes."""
    description = Bilingual(code["meaning_vi"], code["meaning_en"]) if code["meaning_vi"] else None
    return Item(code_id(code["code"]), Bilingual(code["name_vi"], code["name_en"]), description)


def _frequencies(released: Released) -> list[Item]:
    """The SDMX frequencies of our periods, and the frequencies of several years that the release has."""
    freq = LISTS["freq"]
    used = {frequency_id(period) for table in FLOWS for period in _values(released, table, "period")}
    years = sorted(int(frequency[1:]) for frequency in used - freq["codes"].keys())
    items = [Item(code, Bilingual(*name)) for code, name in freq["codes"].items()]
    return items + [Item(f"A{number}", Bilingual(*freq["years"]).format(number=number)) for number in years]


def _values(released: Released, table: str, column: str) -> pl.Series:
    """The distinct values of a column of a table."""
    return released.rows(table).select(pl.col(column).unique()).collect()[column]


def _nodes(released: Released) -> list[Item]:
    """The nodes that the release has figures of; a node with different names in frameworks has all of them.

    A node with illustrative rows alone is marked.
    """
    nodes = released.rows("index_scores").group_by("node", "framework", "node_name_vi", "node_name_en")
    grouped = nodes.agg(official=(pl.col("evidence") != ILLUSTRATIVE).any()).collect()
    ordered = grouped.sort("node", "framework", "node_name_vi")
    mark = CODES["evidence"].names[ILLUSTRATIVE]
    return [
        Item(code_id(node), _names(group := list(rows)), None if any(row["official"] for row in group) else mark)
        for node, rows in groupby(ordered.iter_rows(named=True), itemgetter("node"))
    ]


def _names(nodes: Sequence[Mapping[str, str]]) -> Bilingual:
    """The name of a node; if frameworks differ, each of its names with the framework."""
    names = [(node["framework"], Bilingual(node["node_name_vi"], node["node_name_en"])) for node in nodes]
    if len({name for _, name in names}) == 1:
        return names[0][1]
    return Bilingual(*("; ".join(f"{code}: {name.text(language)}" for code, name in names) for language in LANGUAGES))


def _sources(released: Released) -> list[Item]:
    """The sources of the scorecards, each with its text as the name."""
    tables = [flow.table for flow in FLOWS.values() if any(dimension.list == "source" for dimension in flow.dimensions)]
    texts = {text for table in tables for text in _values(released, table, "source")}
    return [Item(source_id(text), Bilingual.same(text)) for text in sorted(texts)]
