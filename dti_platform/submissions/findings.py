"""What is wrong with a file's cells, each with what was read, what was expected and how to mend it.

Here: cells held back, turned into findings, and where findings stand. Not here: what counts and is merely to be looked
at (``warnings``), nor the words of either (``problems``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from dti_platform.language import Bilingual, format_number
from dti_platform.problems import catalogue
from dti_platform.reading import Book, Cell
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.versions import Version

__all__ = ["Place", "errors"]

_NUMBER_UP_TO = Bilingual("số từ 0 đến {maximum}", "a number from 0 to {maximum}")
_OF_NUMBERS = ("not_a_number", "ambiguous_number", "out_of_range", "formula_error")


@dataclass(frozen=True)
class Place:
    """The cells of a book by their locators, so that an answer can point at them."""

    book: Book | None
    maxima: Mapping[str, Decimal | None]
    """The largest points of each node, as far as they are known."""

    @cached_property
    def cells(self) -> Mapping[str, Cell]:
        """Every cell, blank ones too."""
        sheets = self.book.sheets if self.book else ()
        return {cell.locator: cell for sheet in sheets for row in sheet.rows for cell in row}

    def error(self, row: Mapping[str, Any]) -> Finding:
        """A row of quarantine as a finding."""
        cell = self.cells.get(row["locator"])
        return Finding(
            severity="error", error_class=row["error_class"], reason=row["reason"], locator=row["locator"],
            sheet=cell.sheet if cell else None, row=cell.row if cell else None, column=cell.column if cell else None,
            node=row["node"], read=row["raw"], why=Bilingual(row["reason_vi"], row["reason_en"]),
            expected=self._expected(row), mend=Bilingual(row["mend_vi"], row["mend_en"]),
        )  # fmt: skip

    def caution(self, reason: str, locator: str | None, node: str | None, **details: Bilingual) -> Finding:
        """A warning at a cell, or at none; ``details`` fill its words."""
        problem, cell = catalogue("warning")[reason], self.cells.get(locator or "")
        return Finding(
            severity="warning", error_class=problem.error_class, reason=reason, locator=locator,
            sheet=cell.sheet if cell else None, row=cell.row if cell else None, column=cell.column if cell else None,
            node=node, read=cell.raw if cell else "", why=problem.why.format(**details),
            expected=(problem.expected or problem.fix).format(**details), mend=problem.fix.format(**details),
        )  # fmt: skip

    def _expected(self, row: Mapping[str, Any]) -> Bilingual:
        maximum = self.maxima.get(row["node"])
        if row["reason"] in _OF_NUMBERS and maximum is not None:
            return _NUMBER_UP_TO.format(maximum=format_number(maximum))
        return catalogue("cell")[row["reason"]].expected or Bilingual(row["mend_vi"], row["mend_en"])


def errors(version: Version, place: Place) -> list[Finding]:
    """Every cell held back, in the order of the file."""
    return [place.error(row) for row in version.parsed.quarantine.to_dicts()]
