"""The context of warnings: one version of a file, its framework, and what was accepted before it.

Here: its figures by node and basis, its rows by code, and where a column of a row stands. Not here: any rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dti_platform.feeds.sheet.names import Names

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node
    from dti_platform.reading import Cell, Sheet
    from dti_platform.submissions.verdict import Cells
    from dti_platform.submissions.versions import Accepted, Version
    from dti_platform.tables import Row


@dataclass(frozen=True)
class Context:
    """A version, with everything that its figures are compared with."""

    version: Version
    cells: Cells
    framework: Framework | None
    """None for figures that are not of a framework's sheet."""
    sheet: Mapping[str, Mapping[str, Cell]]
    """The cells of each row of a unit's sheet, by code and column; none where the file is no such sheet."""
    last: Mapping[str, Accepted]
    """What was last accepted before, by node."""
    came_on: dt.date | None = None
    """The day on which it came; None where it is only tried."""

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The figures taken."""
        return self.version.parsed.observations.to_dicts()

    @cached_property
    def by_node(self) -> Mapping[str, Mapping[str, Row]]:
        """The figures of a framework's sheet, by node and basis; none where the file is no such sheet."""
        by_node: dict[str, dict[str, Row]] = {}
        for row in self.rows if self.framework is not None else ():
            by_node.setdefault(row["node"], {})[row["basis"]] = row
        return by_node

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """The evidence of each node with a figure, as written; empty where there is none."""
        return {node: next(iter(rows.values()))["document"] or "" for node, rows in self.by_node.items()}

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The framework's nodes by code; none where the file is no framework's sheet."""
        return self.framework.nodes if self.framework else {}

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
