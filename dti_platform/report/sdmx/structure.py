"""What the columns of SDMX-CSV mean: code lists, concepts, data structures and dataflows, in SDMX-ML 3.0.

Here: the lists of a release as SDMX has them, every name in Vietnamese and English, and the XML. Not here: which
component holds which list (``dataflows.toml``). Source of the form: SDMX 3.0, SDMXStructure.xsd.
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
    """A code or a concept: id, name, and what it means; None: the name says all."""

    id: str
    name: Bilingual
    meaning: Bilingual | None = None


class Items(NamedTuple):
    """A code list, or the concepts of a table."""

    id: str
    name: Bilingual
    entries: Sequence[Item]


class Described(NamedTuple):
    """A dataflow with its texts."""

    flow: Flow
    title: Bilingual
    description: Bilingual
    concepts: Items


def structure(released: Released, *tables: str) -> bytes:
    """The structure of some tables, or of all: whole lists, so that a list is the same in every file of a release.

    Raises:
        NoDataflow: a table is none of figures, or the release older than its code lists.
        CorruptRelease: the bytes of the release are not those that were published.
    """
    flows = list({flow.table: flow for flow in map(flow_of, tables or FLOWS)}.values())
    used = dict.fromkeys(each.list for flow in flows for each in flow.components if each.list)
    lists = code_lists(released)
    text = render(
        TEMPLATE,
        agency=AGENCY,
        version=released.version,
        record=released.record,
        lists=[lists[name] for name in used],
        list_id=list_id,
        flows=[described(flow, released.opened.described(flow.table)) for flow in flows],
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


def described(flow: Flow, resource: Mapping[str, Any]) -> Described:
    """The texts of a dataflow: what the release says of its table, and what its columns mean."""
    title = title_of(resource)
    concepts = [Item(each.id, each.name, _meaning(flow, each)) for each in flow.components]
    return Described(flow, title, description_of(resource), Items(f"CS_{flow.id}", title, concepts))


def _meaning(flow: Flow, component: Component) -> Bilingual:
    return MEANINGS.get(component.id) or meaning(flow.table, component.column)


def code_lists(released: Released) -> dict[str, Items]:
    """Every list by name: those of the release, and those that SDMX asks for beside them.

    A list that the release is older than is today's: so are the columns that hold it.

    Raises:
        NoDataflow: the release is older than its code lists.
    """
    told = {"freq": _frequencies(released), "node": _nodes(released), "source": _sources(released)}
    made = {name: _of_today(codes) for name, codes in CODES.items()}
    made |= {name: Items(list_id(name), Bilingual(*LISTS[name]["title"]), items) for name, items in told.items()}
    nullable = {each.list for flow in FLOWS.values() for each in flow.dimensions if each.nullable}
    none = Item(NOT_APPLICABLE, Bilingual(*LISTS["not_applicable"]["name"]))
    for name, codes in groupby(released.codes().sort("list", "position").iter_rows(named=True), itemgetter("list")):
        held = list(codes)
        title = Bilingual(held[0]["list_name_vi"], held[0]["list_name_en"])
        made[str(name)] = Items(list_id(str(name)), title, [*map(_item, held), *([none] if name in nullable else [])])
    return made


def _of_today(codes: CodeList) -> Items:
    """A list of ``codes.toml``."""
    return Items(list_id(codes.name), codes.title, [Item(code_id(each.code), *each[1:3]) for each in codes.codes])


def _item(code: Mapping[str, str]) -> Item:
    """A row of the table of codes."""
    told = Bilingual(code["meaning_vi"], code["meaning_en"]) if code["meaning_vi"] else None
    return Item(code_id(code["code"]), Bilingual(code["name_vi"], code["name_en"]), told)


def _frequencies(released: Released) -> list[Item]:
    """The frequencies of SDMX that periods of ours can have, and the means of years that the release holds."""
    told = LISTS["freq"]
    held = {frequency_id(period) for table in FLOWS for period in _values(released, table, "period")}
    years = sorted(int(each[1:]) for each in held - told["codes"].keys())
    plain = [Item(code, Bilingual(*name)) for code, name in told["codes"].items()]
    return plain + [Item(f"A{number}", Bilingual(*told["years"]).format(number=number)) for number in years]


def _values(released: Released, table: str, column: str) -> pl.Series:
    """What stands in a column of a table, once each."""
    return released.rows(table).select(pl.col(column).unique()).collect()[column]


def _nodes(released: Released) -> list[Item]:
    """The nodes that the release has figures of; one that frameworks call otherwise has all of its names.

    A node of illustrative rows alone says so.
    """
    nodes = released.rows("index_scores").group_by("node", "framework", "node_name_vi", "node_name_en")
    known = nodes.agg(official=(pl.col("evidence") != ILLUSTRATIVE).any()).collect()
    ordered = known.sort("node", "framework", "node_name_vi")
    made_up = CODES["evidence"].names[ILLUSTRATIVE]
    return [
        Item(code_id(node), _names(held := list(rows)), None if any(each["official"] for each in held) else made_up)
        for node, rows in groupby(ordered.iter_rows(named=True), itemgetter("node"))
    ]


def _names(nodes: Sequence[Mapping[str, str]]) -> Bilingual:
    """The name of a node; where frameworks differ, each of its names with the framework."""
    names = [(each["framework"], Bilingual(each["node_name_vi"], each["node_name_en"])) for each in nodes]
    if len({name for _, name in names}) == 1:
        return names[0][1]
    return Bilingual(*("; ".join(f"{of}: {name.text(each)}" for of, name in names) for each in LANGUAGES))


def _sources(released: Released) -> list[Item]:
    """The sources of the scorecards, each by its text."""
    tables = [table for table, flow in FLOWS.items() if any(each.list == "source" for each in flow.dimensions)]
    texts = {text for table in tables for text in _values(released, table, "source")}
    return [Item(source_id(text), Bilingual.same(text)) for text in sorted(texts)]
