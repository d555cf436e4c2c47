"""The context of warnings: one version of a file, its framework, and what was accepted before it.

Here: its scores by unit, node and basis, its rows by code, and where a column of a row stands. Not here: any rule.
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
from dti_platform.methodology.exact import as_decimal
from dti_platform.methodology.rules import worked_out

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node
    from dti_platform.reading import Cell, Sheet
    from dti_platform.submissions.verdict import Cells
    from dti_platform.submissions.versions import Accepted, Version
    from dti_platform.tables import Row


class Score(NamedTuple):
    """A score that a file holds, and where."""

    value: float
    locator: str


@dataclass(frozen=True)
class Context:
    """A version, with everything that its figures are compared with."""

    version: Version
    cells: Cells
    nodes: Mapping[str, Node]
    """The nodes of the framework that its figures are of, by code; none where they are of no framework."""
    framework: Framework | None
    """None where the file is no unit's sheet."""
    sheet: Mapping[str, Mapping[str, Cell]]
    """The cells of each row of a unit's sheet, by code and column; none where the file is no such sheet."""
    last: Mapping[str, Accepted]
    """What was last accepted before, by node."""
    standing: Mapping[tuple[str, str, str], float] = field(default_factory=dict[tuple[str, str, str], float])
    """The scores that stand, by unit, node and basis, from any owner."""
    came_on: dt.date | None = None
    """The day on which it came; None where it is only tried."""

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The figures taken."""
        return self.version.parsed.observations.to_dicts()

    @cached_property
    def by_place(self) -> Mapping[tuple[str, str], Mapping[str, Row]]:
        """The self, verified and final scores of the file, by unit and node, and by basis."""
        by_place: dict[tuple[str, str], dict[str, Row]] = {}
        for row in self.rows:
            if row["basis"] in BASES and row["measure"] not in RAW:
                by_place.setdefault((row["unit"], row["node"]), {})[row["basis"]] = row
        return by_place

    @cached_property
    def worked_out(self) -> Mapping[str, float]:
        """By node, the points that follow from the raw figures of a unit's sheet."""
        rows = self.version.parsed.observations.filter(pl.col("basis") == "self", pl.col("measure").is_in(RAW))
        if self.framework is None or rows.is_empty():
            return {}
        found = worked_out(rows, self.framework, ("unit",))
        return dict(found.select("node", as_decimal(pl.col("points"))).iter_rows())

    @cached_property
    def scores(self) -> Mapping[tuple[str, str], Mapping[str, Score]]:
        """Every score in the file, whether it is taken or a quotation, by unit and node, and by basis."""
        scores: dict[tuple[str, str], dict[str, Score]] = {}
        for each in self.version.parsed.quotations:
            if each.value is not None:
                scores.setdefault((each.unit, each.node), {})[each.basis] = Score(each.value, each.locator)
        for place, rows in self.by_place.items():
            scores.setdefault(place, {}).update(
                {basis: Score(row["value"], row["locator"]) for basis, row in rows.items()}
            )
        return scores

    @cached_property
    def by_node(self) -> Mapping[str, Mapping[str, Row]]:
        """The scores of a unit's sheet, by node and basis; none where the file is no such sheet."""
        return {node: rows for (_, node), rows in self.by_place.items()} if self.framework else {}

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """The evidence of each node with a figure, as written; empty where there is none."""
        return {node: next(iter(rows.values()))["document"] or "" for node, rows in self.by_node.items()}

    @cached_property
    def coded(self) -> Mapping[str, Mapping[str, Cell]]:
        """The rows whose code the framework knows."""
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
        """The cells of merged areas that are seen: the first of each."""
        return frozenset((sheet.name, area.top, area.left) for sheet in self.sheets for area in sheet.merged)

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The sheets of the file."""
        return self.cells.book.sheets if self.cells.book else ()

    @property
    def period(self) -> str:
        """For which it was sent."""
        return self.version.received.period

    def at(self, code: str, column: str) -> str | None:
        """Where a column of a row stands; its code's cell where the sheet lacks the column."""
        row = self.sheet.get(code, {})
        cell = row.get(column) or row.get("code")
        return cell.locator if cell else None
