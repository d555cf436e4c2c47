"""What a check found: one record per entry of a suite, plain enough to be stored and shown anywhere.

Here: the record and its JSON form. Not here: running a check (``checks``) or drawing it (``check_page``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import polars as pl

from dti_platform.quality.waivers import Waiver

Severity = Literal["critical", "warning", "info"]
Outcome = Literal["passed", "failed", "could_not_run"]


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult:
    """The answer of one check on one table.

    ``checked`` and ``failing`` count rows of the check's frame; ``rows`` holds up to 20 failing ones.
    ``detail`` says what was seen, or why the check could not run: that is never the data's fault.
    """

    table: str
    name: str
    severity: Severity
    outcome: Outcome
    reason_vi: str
    reason_en: str
    checked: int = 0
    failing: int = 0
    detail: str = ""
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    waiver: Waiver | None = None

    @property
    def reason(self) -> str:
        """Why the check is there, in English."""
        return self.reason_en

    @property
    def blocks(self) -> bool:
        """Whether a release must not be made: a critical check without a passed answer or a waiver in force."""
        return self.severity == "critical" and self.outcome != "passed" and self.waiver is None

    @property
    def shown_severity(self) -> Severity:
        """The severity to act by: a waiver in force turns critical into warning."""
        return "warning" if self.waiver and self.severity == "critical" else self.severity

    def waived(self, waiver: Waiver | None) -> Self:
        """The same answer under a waiver."""
        return replace(self, waiver=waiver)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form; rows keep their types. The waiver is left out: it depends on the day."""
        fields = {name: getattr(self, name) for name in self.__slots__ if name not in ("rows", "waiver")}
        return {**fields, "rows": self.rows.serialize(format="json") if self.rows.width else ""}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Back from ``to_dict``."""
        fields = {name: value for name, value in stored.items() if name != "rows"}
        rows = (
            pl.DataFrame.deserialize(io.StringIO(stored["rows"]), format="json") if stored["rows"] else pl.DataFrame()
        )
        return cls(**fields, rows=rows)
