"""The rows of one unit's scores, as a feed takes them: what is its sender's to say counts, the rest is quoted.

Here: scores, quotations of scores that somebody else gives, and printed sums, which are compared with what the rows add
up to and never taken. Not here: whose rows they are, for which period and framework (``feeds.self_assessment``,
``feeds.verification``).

Self, verified and final scores are kept apart, as three bases. An empty cell is missing, never zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from dti_platform.feeds.fields import Held, exact, interval, is_figure, prose
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.sheet.declaration import BASES, LABELS, RAW, TOTAL, UNSCORED, lines
from dti_platform.feeds.sheet.names import Names
from dti_platform.language import Bilingual, format_number
from dti_platform.reading import Cell, Convention, Number, comparable, normalise, parse

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node
    from dti_platform.methodology.rules import Limits
    from dti_platform.units import Unit

#: Columns of use to the sender alone, or that say the same of every row.
NOTES = (
    "group", "measured_in", "status", "department", "deadline", "evidence_lines", "previous", "previous_evidence",
    "source", *LABELS,
)  # fmt: skip
#: The largest raw figure that rules compute with.
LARGEST = 10**15
#: The range of a raw figure, and of a numerator.
RAW_RANGE = Bilingual("từ 0 đến một triệu tỷ", "0 to a quadrillion")
_UP_TO_WHOLE = Bilingual("từ 0 đến mẫu số ({whole})", "0 to the denominator ({whole})")
#: What a workbook's binary numbers may be off by.
TOLERANCE = Decimal("1e-9")
Row = dict[str, Cell]


class ScoreRows:
    """Takes the rows of one unit, and then compares what is printed with what they add up to."""

    def __init__(
        self, intake: Intake, framework: Framework, unit: Unit, group: str | None, codes: Counter[str],
        mark: Literal[",", "."], own: Collection[str],
    ) -> None:  # fmt: skip
        """``group``: the ranked group of a ministry; ``codes``: how often each code stands; ``mark``: the decimal.

        ``own``: the bases whose scores are the sender's to give; those of the others are quotations.
        """
        self.mark: Literal[",", "."] = mark
        self.intake, self.framework, self.unit, self.group, self.codes = intake, framework, unit, group, codes
        self.own, self.names = own, Names(framework)
        self.merged: Mapping[str, Cell] = {}
        self.rows = _rows(framework)
        self.sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.printed: list[tuple[str, str, Cell]] = []
        """What is derived from rows, and printed too: node, basis or ``difference``, cell."""

    def take(self, rows: Iterable[Row], merged: Mapping[str, Cell] | None = None) -> None:
        """Every row whole, or its bad cells held back; remarks at the end.

        ``merged``: by the locator of a cell the one whose content it shows; of evidence that counts for each row.
        """
        self.merged = merged or {}
        for row in rows:
            node = normalise(row["code"].raw) or None
            with self.intake.row(row.values(), unit=self.unit.id, node=node if node in self.framework.nodes else None):
                self.take_row(row)
        self._compare()

    def take_row(self, row: Row) -> None:
        """A row of scores, of printed sums, or of notes. Raises Held where it can't be taken."""
        if all(row[name].blank for name in ("maximum", *BASES) if name in row) and self._is_note(row):
            self._take_note(row)
        elif row["code"].blank and "name" in row and _is_total(row["name"]):
            self._take_sum(row, self.framework.root.code)
        else:
            code = self._code(row["code"])
            if code in self.rows:
                self._take_values(row, self.framework.nodes[code])
            else:
                self._take_sum(row, code)

    def _is_note(self, row: Row) -> bool:
        return normalise(row["code"].raw) not in self.rows

    def _take_note(self, row: Row) -> None:
        """A row below or between those of the table; a figure in it belongs to nothing."""
        if normalise(row["code"].raw) not in self.framework.nodes:
            self.intake.loose(cell for name, cell in row.items() if name not in ("code", *LABELS))
        self.intake.mark("note", row.values())

    def _code(self, cell: Cell) -> str:
        """A code of the framework: text, or a whole number that reads the same."""
        code = normalise(cell.raw)
        if cell.blank:
            raise Held(cell, "missing_value")
        if not is_code(cell):
            as_date = {"detail": "as_date"} if cell.kind == "date" else {}
            raise Held(cell, "code_as_number", **as_date)
        if code not in self.framework.nodes:
            raise Held(cell, "unknown_node")
        if self.codes[code] > 1:
            times = self.codes[code]
            raise Held(
                cell,
                "repeated_value",
                first=Bilingual(f"{times} dòng cùng mã {code}", f"{times} rows of the code {code}"),
            )
        return code

    def _take_values(self, row: Row, node: Node) -> None:
        if "name" in row and (others := self.names.others(node.code, row["name"].raw)):
            raise Held(row["name"], "name_of_another", code=node.code, others=", ".join(others))
        if "maximum" in row:
            self._check_maximum(row["maximum"], node)
        document = _document(row, self.mark, self.merged)
        self._take_raw(row, node, document)
        for basis in BASES:
            if basis in row and not row[basis].blank:
                (self._take_score if basis in self.own else self._quote)(row[basis], node, basis, document)
        self.intake.mark("note", [row[name] for name in NOTES if name in row])
        if "difference" in row:
            self.intake.mark("total", [row["difference"]])
            self.printed += [(node.code, "difference", row["difference"])]

    def _take_score(self, cell: Cell, node: Node, basis: str, document: str | None) -> None:
        """One score; a cell that can't be one is held back alone."""
        try:
            value = self._score(cell, node)
        except Held as error:
            self.intake.quarantine(cell, error.reason, unit=self.unit.id, node=node.code, **error.details)
            return
        self._add(node, basis, value)
        made_up = "illustrative" if node.evidence == "illustrative" else None
        measure, of = ("points", "points") if node.scored else ("value", "count")
        self.intake.observe(
            cell, unit=self.unit.id, geography=self.unit.geography, framework=self.framework.version, group=self.group,
            node=node.code, measure=measure, basis=basis, value=value, unit_measure=of, document=document,
            evidence=made_up,
        )  # fmt: skip

    def _take_raw(self, row: Row, node: Node, document: str | None) -> None:
        """Both raw figures, where the rule takes them; one outside the limits of the rule is held back, with the other.

        One alone is taken too: then no points follow, and the self score counts.
        """
        cells = {name: row[name] for name in RAW if name in row and not row[name].blank}
        if not set(RAW) <= set(node.rule.takes):
            self.intake.mark("note", cells.values())
            for cell in filter(is_figure, cells.values()):
                self.intake.remark("loose_figure", "not_a_share", cell, place=cell.place, raw=cell.raw)
            return
        read = {name: value for name, cell in cells.items() if (value := self._raw(cell, node, name)) is not None}
        together = {name: node.rule.limits(name, read) for name in read}
        within = [self._within(cells[name], node, value, together[name], read) for name, value in read.items()]
        if not all(within):
            return
        for name, value in read.items():
            self.intake.observe(
                cells[name], unit=self.unit.id, geography=self.unit.geography, framework=self.framework.version,
                group=self.group, node=node.code, measure=name, basis="self", value=value, unit_measure="count",
                document=document, evidence="illustrative" if node.evidence == "illustrative" else None,
            )  # fmt: skip

    def _raw(self, cell: Cell, node: Node, name: str) -> Decimal | None:
        """A raw figure that is within the limits of the rule by itself; None where it is held back."""
        try:
            value = self.intake.exact(cell, Convention(self.mark, minimum=-LARGEST, maximum=LARGEST))
        except Held as error:
            error.details["range"] = RAW_RANGE
            self.intake.quarantine(cell, error.reason, unit=self.unit.id, node=node.code, **error.details)
            return None
        return value if self._within(cell, node, value, node.rule.limits(name, {}), {}) else None

    def _within(self, cell: Cell, node: Node, value: Decimal, limits: Limits, figures: Mapping[str, Decimal]) -> bool:
        """Whether a raw figure is within limits; one that is not is held back."""
        if not limits.hold(value):
            allowed = _range(limits, figures)
            self.intake.quarantine(cell, "out_of_range", unit=self.unit.id, node=node.code, range=allowed)
        return limits.hold(value)

    def _quote(self, cell: Cell, node: Node, basis: str, _: str | None) -> None:
        """A score that is somebody else's to give; what can't be one is quoted without a value."""
        self.intake.mark("note", [cell])
        value: Decimal | None = None
        with suppress(Held):
            value = self._score(cell, node)
            self._add(node, basis, value)
        self.intake.quote(cell, unit=self.unit.id, node=node.code, basis=basis, value=value)

    def _score(self, cell: Cell, node: Node) -> Decimal:
        try:
            return self.intake.exact(cell, _convention(self.mark, node.max_points, scored=node.scored))
        except Held as error:
            score, most = parse(cell, Convention(self.mark)), node.max_points
            if error.reason != "out_of_range" or not isinstance(score, Number) or most is None or score.value <= most:
                raise
            points = {"score": format_number(score.value), "maximum": format_number(most)}
            raise Held(cell, error.reason, detail="above_maximum", **points) from None

    def _check_maximum(self, cell: Cell, node: Node) -> None:
        """What the sheet prints as the maximum is the framework's, where that is known."""
        if cell.blank or (not node.scored and comparable(cell.raw) == comparable(UNSCORED)):
            return
        if node.scored and node.max_points is None:
            return
        if not self._says(cell, node.max_points or Decimal(0)):
            exact(cell, Convention(self.mark, unit="points"))  # raises Held where it is no number
            expected = format_number(node.max_points) if node.max_points else Bilingual(UNSCORED, "not scored")
            raise Held(cell, "maximum_differs", expected=expected)

    def _says(self, cell: Cell, number: Decimal) -> bool:
        """Whether a cell holds a number that is known; its decimal mark then need not be the declared one."""
        read = parse(cell, _close_to(number, self.mark))
        read = read if isinstance(read, Number) else read.admitted
        return read is not None and read.qualifier == "exact"

    def _take_sum(self, row: Row, code: str) -> None:
        self.intake.mark("total", row.values())
        self.printed += [(code, name, row[name]) for name in (*BASES, "difference") if name in row]

    def _compare(self) -> None:
        """What is printed is recomputed and compared, never taken."""
        for code, name, cell in self.printed:
            ours = self._ours(code, name)
            if not cell.blank and comparable(cell.raw) != comparable(UNSCORED) and ours is not None:
                self._differ(cell, ours)

    def _ours(self, code: str, name: str) -> Decimal | None:
        """What the rows give; None for the difference of scores that are not both there."""
        if name != "difference":
            summed = self.framework.nodes[code].members or (code,)
            return sum((self.sums[member, name] for member in summed), Decimal(0))
        claimed, verified = (self.sums.get((code, basis)) for basis in ("self", "verified"))
        return None if claimed is None or verified is None else claimed - verified

    def _differ(self, cell: Cell, ours: Decimal) -> None:
        place, added = cell.place, format_number(ours)
        if self._says(cell, ours):
            return
        try:
            printed = format_number(exact(cell, Convention(self.mark)))
        except Held:
            self.intake.remark("sum_unread", "inexact", cell, place=place, raw=cell.raw, added=added)
        else:
            self.intake.remark("sum_differs", "sheet", cell, place=place, printed=printed, added=added)

    def _add(self, node: Node, basis: str, value: Decimal) -> None:
        """To the row's own sum, and to those of all nodes above it if it is scored."""
        self.sums[node.code, basis] += value
        while node.scored and node.parent is not None:
            node = self.framework.nodes[node.parent]
            self.sums[node.code, basis] += value


def _range(limits: Limits, figures: Mapping[str, Decimal]) -> Bilingual:
    """The limits in words."""
    if limits.above:
        return Bilingual("lớn hơn {least}", "above {least}").format(least=format_number(limits.least))
    if limits.most == figures.get("denominator"):
        return _UP_TO_WHOLE.format(whole=format_number(limits.most))
    return RAW_RANGE if (limits.least, limits.most) == (0, LARGEST) else interval(limits.least, limits.most)


@lru_cache(maxsize=64)
def _rows(framework: Framework) -> frozenset[str]:
    """The codes at which its sheet takes values."""
    return frozenset(line.code for line in lines(framework) if line.kind == "row")


@lru_cache(maxsize=1_024)  # the same for one sheet after the other
def _convention(mark: Literal[",", "."], most: Decimal | None, *, scored: bool) -> Convention:
    return Convention(mark, unit="points" if scored else "count", maximum=most)


@lru_cache(maxsize=1_024)
def _close_to(number: Decimal, mark: Literal[",", "."]) -> Convention:
    return Convention(mark, minimum=number - TOLERANCE, maximum=number + TOLERANCE)


def _is_total(cell: Cell) -> bool:
    return comparable(cell.raw).startswith(comparable(TOTAL.split()[0]))


def is_code(cell: Cell) -> bool:
    """Text, or a whole number that reads the same: 4.1 as a number may have been 4.10."""
    return cell.kind == "text" or (cell.kind == "number" and normalise(cell.raw).isdecimal())


def _document(row: Row, mark: str, merged: Mapping[str, Cell]) -> str | None:
    """The evidence, or the verifier's opinion, as received; of an export that merely counts its lines, that count."""
    text = row.get("evidence") or row.get("opinion")
    text = merged.get(text.locator, text) if text is not None and text.blank else text
    if text is not None and not text.blank:
        return prose(text, mark)
    counted = row.get("evidence_lines")
    count = normalise(prose(counted, mark)) if counted is not None else ""
    return f"{count} dòng minh chứng / lines of evidence" if count.strip("0") else None
