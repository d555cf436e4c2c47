"""``codes``: every value that a coded column of the release may hold, with its name and meaning in both languages.

Here: the lists of ``dti_platform.codes``, and those that the reference data, the frameworks and the feeds make up. Not
here: which column holds which list (``describe``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Int32, String

from dti_platform import tables
from dti_platform.codes import LISTS, Code, CodeList
from dti_platform.language import Bilingual
from dti_platform.publications import shaped

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.publications import Declared
    from dti_platform.units import Unit

TITLE_VI = "Danh mục mã"
TITLE_EN = "Code lists"
DESCRIPTION_VI = (
    "Mỗi dòng là một mã của một danh mục, với tên và ý nghĩa bằng hai thứ tiếng; riêng đơn vị tính có bội số và số chữ "
    "số thập phân. Cột nào của bảng nào dùng danh mục nào được ghi trong datapackage.json (dti:list)."
)
INPUTS = ()


class Codes(tables.Table):
    """A value that a coded column may hold: its list, its name and what it means, in Vietnamese and English.

    A column named in ``datapackage.json`` with ``dti:list`` holds codes of that list: those of a closed list also stand
    there (``enum``, ``categories``); units, indicators, regions, geographies, frameworks, feeds, ranked groups and
    concepts are open lists, which a new index or feed extends. ``position`` is the order in the list.
    """

    list: String
    list_name_vi: String
    list_name_en: String
    code: String
    position: Int32 = pa.Field(ge=1)
    name_vi: String
    name_en: String
    meaning_vi: String = pa.Field(nullable=True)
    meaning_en: String = pa.Field(nullable=True)
    multiplier: Int32 = pa.Field(nullable=True)
    decimals: Int32 = pa.Field(nullable=True, ge=0)

    class Config(tables.Table.Config):
        """Key: a code stands once in a list."""

        unique = ["list", "code"]


MODEL = Codes


def listed(declared: Declared) -> pl.DataFrame:
    """Every code list, sorted by key."""
    rows = [row for each in lists(declared).values() for row in _rows(each)]
    return shaped(pl.DataFrame(rows, schema=tables.polars_schema(MODEL), orient="row"), MODEL)


def _rows(codes: CodeList) -> Iterator[tuple[object, ...]]:
    for position, each in enumerate(codes.codes, 1):
        meaning = each.meaning or (None, None)
        yield codes.name, *codes.title, each.code, position, *each.name, *meaning, each.multiplier, each.decimals


def lists(declared: Declared) -> Mapping[str, CodeList]:
    """The lists of ``codes.toml``, and those that ``codes.REFERENCED`` names, by name."""
    units, frameworks = declared.units, declared.frameworks
    made = (
        CodeList("unit", Bilingual("Đơn vị", "Unit"), tuple(map(_unit, units.all.values()))),
        CodeList("geography", Bilingual("Danh mục đơn vị", "Set of units"), tuple(_geographies(units.all.values()))),
        CodeList("region", Bilingual("Vùng kinh tế - xã hội", "Socio-economic region"), tuple(_regions(units.all))),
        CodeList(
            "indicator",
            Bilingual("Chỉ tiêu điều hành", "Operational indicator"),
            tuple(Code(each.code, Bilingual(each.name_vi, each.name_en)) for each in units.indicators.values()),
        ),
        CodeList("framework", Bilingual("Bộ chỉ số", "Framework"), tuple(_versions(frameworks.all))),
        CodeList(
            "feed",
            Bilingual("Luồng báo cáo", "Feed"),
            tuple(Code(feed, title) for feed, title in declared.feeds.items()),
        ),
        _extended(LISTS["concept"], _concepts(frameworks.all)),
        _extended(LISTS["peer_group"], _groups(frameworks.all)),
    )
    return {**LISTS, **{each.name: each for each in made}}


def _extended(codes: CodeList, others: Iterable[Code]) -> CodeList:
    """A list, and the codes that are not in it, once each."""
    further = {each.code: each for each in others if each.code not in codes.names}
    return CodeList(codes.name, codes.title, (*codes.codes, *further.values()))


def _unit(unit: Unit) -> Code:
    name = Bilingual(unit.name_vi, unit.name_en)
    return Code(unit.id, name, None if unit.full_name_vi == name.vi else Bilingual(unit.full_name_vi, name.en))


def _geographies(units: Iterable[Unit]) -> Iterator[Code]:
    return (_unit(each) for each in units if each.id == each.geography)


def _regions(units: Mapping[str, Unit]) -> list[Code]:
    regions = {
        each.region: Code(each.region, Bilingual(each.region_vi, each.region_en))
        for each in units.values()
        if each.region and each.region_vi and each.region_en
    }
    return list(regions.values())


def _versions(frameworks: Iterable[Framework]) -> list[Code]:
    """Each version once: what it is called at each level, with the decision."""
    titles: dict[str, list[Framework]] = {}
    for each in frameworks:
        if each.overlay is None:
            titles.setdefault(each.version, []).append(each)
    return [
        Code(
            version,
            Bilingual(f"Bộ chỉ số {version}", f"Framework {version}"),
            Bilingual("; ".join(each.title_vi for each in of), "; ".join(each.title_en for each in of)),
        )
        for version, of in titles.items()
    ]


def _concepts(frameworks: Iterable[Framework]) -> Iterator[Code]:
    """The concepts of all nodes, by the name of the node."""
    return (
        Code(node.concept, Bilingual(node.name_vi, node.name_en))
        for framework in frameworks
        for node in framework.nodes.values()
        if node.concept
    )


def _groups(frameworks: Iterable[Framework]) -> Iterator[Code]:
    """The ranked groups that frameworks speak of; one without a name is called by its code."""
    named = {group for each in frameworks for group in each.membership.values()}
    named |= {exemption.group for each in frameworks for exemption in each.exemptions}
    return (Code(group, Bilingual.same(group)) for group in sorted(named))
