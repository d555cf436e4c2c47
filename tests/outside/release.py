"""A release as an outsider reads it: Parquet by PyArrow, frameworks and crosswalks by the standard library.

Nothing of the platform's code is imported in this folder, which a test holds. Numbers are exact fractions.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = Mapping[str, Any]
PROJECT = Path(__file__).parents[2]


def rows(release: Path, table: str) -> list[Row]:
    """The rows of a table, then those that lie apart because they are illustrative."""
    places = (release / f"{table}.parquet", release / "illustrative" / f"{table}.parquet")
    return [row for place in places if place.exists() for row in pq.read_table(place).to_pylist()]


def exact(number: float) -> Fraction:
    """The decimal that a float was read from."""
    return Fraction(repr(number))


def half_up(number: Fraction, decimals: int) -> Fraction:
    """Rounded as the frameworks declare it: from 0.5 on, up."""
    scaled = Decimal((number * 10 ** (decimals + 3)).__floor__()).scaleb(-3)
    return Fraction(scaled.quantize(Decimal(1), ROUND_HALF_UP)) / 10**decimals


@dataclass
class Tree:
    """A framework by its file: what is added up, and how."""

    version: str
    level: str
    nodes: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    geographies: set[str]
    merging: dict[str, Any] | None
    provincial: bool = field(init=False)

    def __post_init__(self) -> None:
        self.provincial = self.level == "provincial"

    def parts(self, code: str) -> list[str]:
        """The nodes that a node is computed from; none of one whose parts are not all listed, or that takes values."""
        node = self.nodes[code]
        listed = node.get("members") or [each for each, below in self.nodes.items() if below.get("parent") == code]
        return [each for each in listed if self.nodes[each].get("scored", True)] if node.get("complete", True) else []

    def maximum(self, code: str) -> Fraction | None:
        """The most points of a node, as declared or as its parts add up to."""
        declared = self.nodes[code].get("max_points")
        if declared is not None:
            return exact(declared)
        known = [self.maximum(part) for part in self.parts(code)]
        return sum((each for each in known if each is not None), Fraction(0)) if known and all(known) else None


def trees() -> dict[tuple[str, str, bool], Tree]:
    """Every framework, by version, level, and whether an illustrative list of indicators lies over it."""
    folder = PROJECT / "dti_platform" / "methodology" / "frameworks"
    files = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))}
    found: dict[tuple[str, str, bool], Tree] = {}
    for name, file in files.items():
        if "overlay" not in file:
            found[file["version"], file["level"], False] = _tree(file, [])
            over = files.get(f"{name}.illustrative")
            found[file["version"], file["level"], True] = _tree(file, [over] if over else [])
    return found


def _tree(base: dict[str, Any], overlays: list[dict[str, Any]]) -> Tree:
    nodes = {node["code"]: dict(node) for node in base["nodes"]}
    for over in overlays:
        for gone in over.get("without", []):
            del nodes[gone]
        for node in over["nodes"]:
            nodes[node["code"]] = nodes.get(node["code"], {}) | node
    geographies = {each["geography"] for each in base["in_force"]}
    return Tree(base["version"], base["level"], nodes, base["settings"], geographies, base.get("merging"))


def predecessors() -> dict[str, list[str]]:
    """By unit of the 34, the provinces of the 63 that it was made of."""
    found: dict[str, list[str]] = {}
    with (PROJECT / "data" / "reference" / "province_crosswalk.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["successor"], []).append(row["unit"])
    return found


def levels() -> dict[str, str]:
    """The level of each geography."""
    with (PROJECT / "data" / "reference" / "geographies.csv").open(encoding="utf-8") as file:
        return {row["geography"]: row["level"] for row in csv.DictReader(file)}


def months(period: str) -> tuple[int, int] | None:
    """First and last month of a period, counted from the year 0; None of a day and of several years."""
    year, _, part = period.partition("-")
    if not year.isdigit() or "-" in part:
        return None
    start, kind, number = int(year) * 12, part[:1], int(part[1:] or 1)
    length = {"": 12, "S": 6, "Q": 3, "M": 1}[kind]
    return start + (number - 1) * length, start + number * length - 1


def years(table: list[Row]) -> Iterator[str]:
    yield from sorted({row["period"] for row in table})
