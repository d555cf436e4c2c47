"""The context of warnings: one version of a file, its framework, and the values accepted before it.

Here: its scores by unit, node and basis, its rows by code, and the cells of a row by column. Not here: any rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform.feeds.sheet.declaration import BASES, RAW
from dti_platform.feeds.sheet.names import Names
from dti_platform.submissions.points import computed_points

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node
    from dti_platform.reading import Cell, Sheet
    from dti_platform.submissions.verdict import Cells
    from dti_platform.submissions.versions import Accepted, Version
    from dti_platform.tables import Row


class Score(NamedTuple):
    """A score in a file, and the locator of its cell."""

    value: float
    locator: str


@dataclass(frozen=True)
class Context:
    """A version, with all that its figures are compared with."""

    version: Version
    cells: Cells
    nodes: Mapping[str, Node]
    """The nodes of the framework of its figures, by code; empty where they belong to no framework."""
    framework: Framework | None
    """None where the file is no unit's sheet."""
    sheet: Mapping[str, Mapping[str, Cell]]
    """The cells of each row of a unit's sheet, by code and column; empty where the file is no such sheet."""
    last: Mapping[str, Accepted]
    """The values accepted last before this file, by node."""
    standing: Mapping[tuple[str, str, str], float] = field(default_factory=dict[tuple[str, str, str], float])
    """The standing scores by unit, node and basis, from any owner."""
    received_on: dt.date | None = None
    """The day on which the file came; None in a dry run."""

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The figures that were read from the file."""
        return self.version.parsed.observations.to_dicts()

    @cached_property
    def by_unit_and_node(self) -> Mapping[tuple[str, str], Mapping[str, Row]]:
        """The self, verified and final scores of the file, by unit and node, and by basis."""
        scores: dict[tuple[str, str], dict[str, Row]] = {}
        for row in self.rows:
            if row["basis"] in BASES and row["measure"] not in RAW:
                scores.setdefault((row["unit"], row["node"]), {})[row["basis"]] = row
        return scores

    @cached_property
    def computed_points(self) -> Mapping[str, float]:
        """The points computed from the raw figures of a unit's sheet, by node."""
        points = computed_points(self.version.parsed.observations, self.framework)
        return dict(points.select("node", "computed").iter_rows())

    @cached_property
    def lone_raw(self) -> Mapping[str, Row]:
        """The raw figure of each node of which the other one is neither given nor quarantined."""
        raw: dict[str, list[Row]] = {}
        for row in self.rows:
            if row["measure"] in RAW and self.framework:
                raw.setdefault(row["node"], []).append(row)
        held = {*self.version.parsed.quarantine.filter(pl.col("locator").is_in(self._raw_locators))["node"]}
        return {node: rows[0] for node, rows in raw.items() if len(rows) == 1 and node not in held}

    @cached_property
    def _raw_locators(self) -> Sequence[str]:
        return [row[name].locator for row in self.sheet.values() for name in RAW if name in row]

    @cached_property
    def scores(self) -> Mapping[tuple[str, str], Mapping[str, Score]]:
        """Every score in the file, read as a figure or as a quotation, by unit and node, and by basis."""
        scores: dict[tuple[str, str], dict[str, Score]] = {}
        for quoted in self.version.parsed.quotations:
            if quoted.value is not None:
                scores.setdefault((quoted.unit, quoted.node), {})[quoted.basis] = Score(quoted.value, quoted.locator)
        for key, rows in self.by_unit_and_node.items():
            scores.setdefault(key, {}).update(
                {basis: Score(row["value"], row["locator"]) for basis, row in rows.items()}
            )
        return scores

    @cached_property
    def by_node(self) -> Mapping[str, Mapping[str, Row]]:
        """The scores of a unit's sheet, by node and basis; empty where the file is no such sheet."""
        return {node: rows for (_, node), rows in self.by_unit_and_node.items()} if self.framework else {}

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """The evidence of each node with a figure, as written; an empty text where none is named."""
        return {node: next(iter(rows.values()))["document"] or "" for node, rows in self.by_node.items()}

    @cached_property
    def coded_rows(self) -> Mapping[str, Mapping[str, Cell]]:
        """The rows with a code of the framework."""
        return {code: row for code, row in self.sheet.items() if code in self.nodes}

    @cached_property
    def names(self) -> Names:
        """The names of the framework's nodes."""
        assert self.framework, "only rows of a framework have names to compare"
        return Names(self.framework)

    @cached_property
    def quarantined(self) -> frozenset[str]:
        """The locators of quarantined cells."""
        return frozenset(self.version.parsed.quarantine["locator"].to_list())

    @cached_property
    def anchors(self) -> frozenset[tuple[str | None, int, int]]:
        """The visible cell of each merged area: the first one."""
        return frozenset((sheet.name, area.top, area.left) for sheet in self.sheets for area in sheet.merged)

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The sheets of the file."""
        return self.cells.book.sheets if self.cells.book else ()

    @property
    def period(self) -> str:
        """The period for which the file was sent."""
        return self.version.received.period

    @cached_property
    def with_unread_code(self) -> frozenset[str]:
        """The codes whose names stand in rows with a code that can't be read: such rows have their error already."""
        held = (row["name"].raw for row in self.sheet.values() if "name" in row and self._code_is_held(row))
        return frozenset(code for name in held for code in self.names.bearing(name))

    def _code_is_held(self, row: Mapping[str, Cell]) -> bool:
        return "code" in row and row["code"].locator in self.quarantined

    def merged_into(self, code: str, column: str) -> Cell | None:
        """The visible cell over a blank one that it is merged with, in a row of a unit's sheet."""
        cell = self.sheet.get(code, {}).get(column)
        if cell is None or not cell.blank or not cell.merged:
            return None
        anchors = (sheet.merged_columns() for sheet in self.sheets if sheet.name == cell.sheet)
        return next((by_locator[cell.locator] for by_locator in anchors if cell.locator in by_locator), None)

    def locator(self, code: str, column: str) -> str | None:
        """The locator of a row's cell in a column; that of its code where the sheet lacks the column."""
        row = self.sheet.get(code, {})
        cell = row.get(column) or row.get("code")
        return cell.locator if cell else None
