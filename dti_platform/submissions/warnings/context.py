"""What is looked at for warnings: one version of a file, and what stands beside it.

Here: its figures by node and basis, its rows by code, and where a column of a row stands. Not here: any rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dti_platform.feeds.sheet.names import Names
from dti_platform.reading import Cell, Sheet
from dti_platform.submissions.findings import Place
from dti_platform.submissions.held import Accepted
from dti_platform.submissions.versions import Version

__all__ = ["Context", "Row"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Context:
    """A version, with what its figures are looked at beside."""

    version: Version
    place: Place
    framework: Any
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
        found: dict[str, dict[str, Row]] = {}
        for row in self.rows if self.framework is not None else ():
            found.setdefault(row["node"], {})[row["basis"]] = row
        return found

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """The evidence of each node with a figure, as written; empty where there is none."""
        return {node: next(iter(rows.values()))["document"] or "" for node, rows in self.by_node.items()}

    @cached_property
    def coded(self) -> Mapping[str, Mapping[str, Cell]]:
        """The rows whose code the framework knows."""
        nodes = self.framework.nodes if self.framework else ()
        return {code: row for code, row in self.sheet.items() if code in nodes}

    @cached_property
    def names(self) -> Names:
        """The names of the framework's nodes."""
        return Names(self.framework)

    @cached_property
    def held(self) -> frozenset[str]:
        """Where cells are held back."""
        return frozenset(self.version.parsed.quarantine["locator"].to_list())

    @cached_property
    def anchors(self) -> frozenset[tuple[str | None, int, int]]:
        """The cells of merged areas that are seen: the first of each."""
        return frozenset((sheet.name, area.top, area.left) for sheet in self.sheets for area in sheet.merged)

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The sheets of the file."""
        return self.place.book.sheets if self.place.book else ()

    @property
    def period(self) -> str:
        """For which it was sent."""
        return self.version.received.period

    def at(self, code: str, column: str) -> str | None:
        """Where a column of a row stands; its code's cell where the sheet lacks the column."""
        row = self.sheet.get(code, {})
        cell = row.get(column) or row.get("code")
        return cell.locator if cell else None
