"""What counts and is to be looked at all the same: warnings, apart from errors.

Here: verified above self, a score without evidence, a jump since last year, a row without a score, a printed sum that
differs, a code that a spreadsheet would spoil, a day that no calendar has, a hidden or computed score, a correction
that the source has outlived. Not here: cells held back (``findings``). Nothing here changes what counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dti_platform.feeds.documents import read_document
from dti_platform.feeds.sheet.declaration import lines
from dti_platform.feeds.supersession import Version
from dti_platform.reading import Cell
from dti_platform.report.answer import Finding
from dti_platform.said import Said, written
from dti_platform.submissions.findings import Place
from dti_platform.submissions.held import Accepted

__all__ = ["JUMP", "Looked", "cautions"]

#: A score that moves by so much of its maximum since the year before is to be looked at.
JUMP = 0.5
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Looked:
    """A version, with what its figures are looked at beside."""

    version: Version
    place: Place
    framework: Any
    """None for figures that are not of a framework's sheet."""
    sheet: Mapping[str, Mapping[str, Cell]]
    """The cells of each row of a unit's sheet, by code and column; none where the file is no such sheet."""
    last: Mapping[str, Accepted]
    """What was last accepted before, by node."""

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

    def at(self, code: str, column: str) -> str | None:
        """Where a column of a row stands; its code's cell where the sheet lacks the column."""
        row = self.sheet.get(code, {})
        cell = row.get(column) or row.get("code")
        return cell.locator if cell else None


def cautions(looked: Looked) -> list[Finding]:
    """Every warning, kind by kind."""
    kinds = (_above_self, _without_evidence, _jumps, _missing, _sums, _spoilt, _impossible, _unseen, _outlived)
    return [found for kind in kinds for found in kind(looked)]


def _above_self(looked: Looked) -> Iterator[Finding]:
    for node, rows in looked.by_node.items():
        claimed, verified = rows.get("self"), rows.get("verified")
        if claimed and verified and verified["value"] > claimed["value"]:
            other = written(claimed["value"])
            yield looked.place.caution("verified_above_self", verified["locator"], node, other=other)


def _without_evidence(looked: Looked) -> Iterator[Finding]:
    for node, rows in looked.by_node.items():
        if not next(iter(rows.values()))["document"]:
            yield looked.place.caution("score_without_evidence", looked.at(node, "evidence"), node)


def _jumps(looked: Looked) -> Iterator[Finding]:
    for node, rows in looked.by_node.items():
        before, maximum = looked.last.get(node), looked.place.maxima.get(node)
        row = rows.get(before.basis) if before else None
        if before and row and maximum is not None and abs(row["value"] - before.value) >= JUMP * float(maximum):
            said = {"other": written(before.value), "period": Said.alike(before.period)}
            yield looked.place.caution("jump_since_last_year", row["locator"], node, **said)


def _missing(looked: Looked) -> Iterator[Finding]:
    """A scored row without a self score that nothing else is wrong with."""
    if looked.framework is None:
        return
    held = {*looked.version.parsed.quarantine["node"].to_list()}
    for line in lines(looked.framework):
        if line.kind == "row" and line.scored and "self" not in looked.by_node.get(line.code, ()):
            if line.code in held:
                continue
            most = written(line.maximum) if line.maximum is not None else Said.alike("…")
            said = {"code": Said.alike(line.code), "maximum": most}
            yield looked.place.caution("missing_score", looked.at(line.code, "self"), line.code, **said)


def _sums(looked: Looked) -> Iterator[Finding]:
    for remark in looked.version.parsed.remarks:
        yield looked.place.caution("sum_differs", remark.locator, None, remark=remark.said)


def _spoilt(looked: Looked) -> Iterator[Finding]:
    """In delimited text: saved by a spreadsheet, 4.10 becomes 4.1, which is another row."""
    for code, row in looked.sheet.items():
        cell = row["code"]
        if cell.sheet is None and not cell.locator.startswith("/") and code.count(".") == 1 and code.endswith("0"):
            number = code.rstrip("0")
            said = {"code": Said.alike(code), "number": Said.alike(number)}
            yield looked.place.caution("code_like_a_number", cell.locator, code, **said)


def _impossible(looked: Looked) -> Iterator[Finding]:
    for node, rows in looked.by_node.items():
        if day := read_document(next(iter(rows.values()))["document"]).impossible:
            yield looked.place.caution("impossible_day", looked.at(node, "evidence"), node, day=Said.alike(day))


def _unseen(looked: Looked) -> Iterator[Finding]:
    """Figures that a person doesn't see as they are: hidden, or computed by a formula whose result was stored."""
    for row in looked.rows:
        cell = looked.place.cells.get(row["locator"])
        if cell is not None and cell.hidden:
            yield looked.place.caution("hidden_figure", row["locator"], row["node"])
        if cell is not None and cell.formula is not None:
            yield looked.place.caution("computed_figure", row["locator"], row["node"])


def _outlived(looked: Looked) -> Iterator[Finding]:
    if outlived := looked.version.outlived:
        yield looked.place.caution("correction_outlived", None, None, remark=outlived.said)
