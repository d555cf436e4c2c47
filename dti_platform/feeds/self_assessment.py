"""Self-assessments: one workbook a unit, every indicator with its self score and its verified score.

Here: what each row gives. Not here: the sheet itself (``sheet.declaration``), who sends it for which period and
framework (``sheet.title``), nor sums over rows: printed ones are compared and remarked on, never taken.

Self, verified and final scores are kept apart, as three bases. An empty cell is missing, never zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from dti_platform.feeds import Feed, Known, Parsed, Received, Stated, opened
from dti_platform.feeds.fields import Held, exact, is_figure, prose
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.sheet import template, title
from dti_platform.feeds.sheet.declaration import (
    COLUMNS,
    LABELS,
    SYNTHETIC,
    TOTAL,
    UNSCORED,
    decimal_mark,
    is_answer,
    lines,
)
from dti_platform.feeds.sheet.names import Names
from dti_platform.feeds.sheet.title import Title, can_be_issued, find_sheet, framework_of, said_of, sender_of, stated
from dti_platform.language import Bilingual, format_number
from dti_platform.reading import Book, Cell, Convention, Sheet, comparable, normalise

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node

FEED = Feed(
    id="self_assessment",
    title_vi="Phiếu tự đánh giá chuyển đổi số của các đơn vị",
    title_en="Self-assessments of digital transformation by the units",
    publisher="Đơn vị gửi phiếu; mỗi tệp ghi tên và mã đơn vị",
    licence="Submissions of the units; synthetic files say so themselves",
    rhythm="P1Y",
    evidence="official",
    pattern="*.xlsx",
    sender="unit",
    header=COLUMNS,
)
code_said, sent_template = title.code_said, template.sent_template  # two of the names that a feed may have
#: The columns that hold scores, which are also their bases.
BASES = ("self", "verified", "final")
#: Columns of use to the sender alone, or that say the same of every row.
NOTES = (
    "group", "measured_in", "status", "department", "deadline", "evidence_lines", "previous", "previous_evidence",
    "source", *LABELS,
)  # fmt: skip
#: What a workbook's binary numbers may be off by.
TOLERANCE = Decimal("1e-9")
Row = dict[str, Cell]


def parse(received: Received, known: Known) -> Parsed:
    """Reads one sheet: a title block, the header found by its names, and a row for every node that takes values.

    Raises Unreadable: no such sheet or more than one, or a sender, period or framework that can't be right.
    """
    book = opened(FEED, received, known)
    sheet, table = find_sheet(book)
    statements = said_of(table, received.name)
    unit = sender_of(statements, known, received)
    codes = Counter(normalise(row["code"].raw) for row in table.rows() if _is_code(row["code"]))
    framework = framework_of(statements, unit, known, received, codes)
    texts = {comparable(cell.raw) for cell in book.cells()}
    synthetic = any(comparable(mark) in text for text in texts for mark in SYNTHETIC)
    intake = Intake(
        FEED, received, book, geography=unit.geography, framework=framework.version, sender=unit.id,
        evidence="illustrative" if synthetic else None,
    )  # fmt: skip
    for other in book.sheets:
        if other is not sheet:
            _pass_over(intake, other)
    when = _when(intake, statements)
    group = known.frameworks.overlaid(framework).group_of(unit.id, received.period, known.units)
    header = next(cell.raw for cell in table.header if cell.column == table.columns["self"])
    applied = framework.of_group(group)
    Taking(intake, applied, unit.id, group, codes, decimal_mark(header)).take(intake.rows(sheet, COLUMNS))
    return replace(intake.parsed(), stated=when)


def period_said(book: Book) -> str | None:
    """The period that a sheet says it is of; None where it doesn't.

    Raises Unreadable where it has no table, or says two.
    """
    return said_of(find_sheet(book)[1], book.name).get("period", "").removeprefix("Năm ") or None


def coded_rows(book: Book) -> dict[str, Row]:
    """The rows of a sheet by their codes.

    Raises Unreadable where it has no table.
    """
    rows = find_sheet(book)[1].rows()
    return {normalise(row["code"].raw): row for row in rows if not row["code"].blank}


def _pass_over(intake: Intake, sheet: Sheet) -> None:
    """Another sheet is notes; a remark states that figures in it were not read."""
    intake.mark("note", sheet.cells())
    if not is_answer(sheet) and (figures := [cell for cell in sheet.cells() if is_figure(cell)]):
        intake.remark("unread_sheet", "figures", figures[0], sheet=sheet.called, count=len(figures))


def _when(intake: Intake, title: Title) -> Stated:
    """Day and version that the sheet states; an impossible day is remarked on and dropped: it would outlast others."""
    when, unread = stated(title)
    for text in unread:
        intake.remark("day_of_issue", "unread", text=text)
    period = intake.received.period
    if when.on is None or can_be_issued(when.on, period):
        return when
    day = Bilingual(f"{when.on:%d/%m/%Y}", f"{when.on}")
    intake.remark("day_of_issue", "impossible", day=day, period=period)
    return when._replace(on=None)


class Taking:
    """Takes the rows of one sheet, and then compares what is printed with what they add up to."""

    def __init__(
        self, intake: Intake, framework: Framework, unit: str, group: str | None, codes: Counter[str],
        mark: Literal[",", "."],
    ) -> None:  # fmt: skip
        """``group``: the ranked group of a ministry; ``codes``: how often each code stands; ``mark``: the decimal."""
        self.mark: Literal[",", "."] = mark
        self.intake, self.framework, self.unit, self.group, self.codes = intake, framework, unit, group, codes
        self.names = Names(framework)
        self.rows = {line.code for line in lines(framework) if line.kind == "row"}
        self.sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.printed: list[tuple[str, str, Cell]] = []
        """What is derived from rows and printed all the same: node, basis or ``difference``, cell."""

    def take(self, rows: Iterator[Row]) -> None:
        """Every row whole, or its bad cells held back; remarks at the end."""
        for row in rows:
            node = normalise(row["code"].raw) or None
            with self.intake.row(row.values(), unit=self.unit, node=node if node in self.framework.nodes else None):
                self._take(row)
        self._compare()

    def _take(self, row: Row) -> None:
        if all(row[name].blank for name in ("maximum", *BASES) if name in row) and self._is_note(row):
            self._take_note(row)
        elif row["code"].blank and comparable(row["name"].raw).startswith(comparable(TOTAL.split()[0])):
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
            self.intake.loose(cell for name, cell in row.items() if name != "code")
        self.intake.mark("note", row.values())

    def _code(self, cell: Cell) -> str:
        """A code of the framework: text, or a whole number that reads the same."""
        code = normalise(cell.raw)
        if cell.blank:
            raise Held(cell, "missing_value")
        if not _is_code(cell):
            raise Held(cell, "code_as_number")
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
        if others := self.names.others(node.code, row["name"].raw):
            raise Held(row["name"], "name_of_another", code=node.code, others=", ".join(others))
        self._check_maximum(row["maximum"], node)
        document = _document(row, self.mark)
        for basis in BASES:
            if basis in row and not row[basis].blank:
                self._take_value(row[basis], node, basis, document)
        self.intake.mark("note", [row[name] for name in NOTES if name in row])
        if "difference" in row:
            self.intake.mark("total", [row["difference"]])
            self.printed += [(node.code, "difference", row["difference"])]

    def _take_value(self, cell: Cell, node: Node, basis: str, document: str | None) -> None:
        """One score; a cell that can't be one is held back alone."""
        measure, of = ("points", "points") if node.scored else ("value", "count")
        try:
            value = exact(cell, Convention(self.mark, unit=of, maximum=node.max_points))
        except Held as error:
            self.intake.quarantine(cell, error.reason, unit=self.unit, node=node.code, **error.details)
            return
        self._add(node, basis, value)
        made_up = "illustrative" if node.evidence == "illustrative" else None
        self.intake.observe(
            cell, unit=self.unit, node=node.code, measure=measure, basis=basis, value=value, unit_measure=of,
            document=document, evidence=made_up, group=self.group,
        )  # fmt: skip

    def _check_maximum(self, cell: Cell, node: Node) -> None:
        """What the sheet prints as the maximum is the framework's, where that is known."""
        if cell.blank or (not node.scored and comparable(cell.raw) == comparable(UNSCORED)):
            return
        if node.scored and node.max_points is None:
            return
        if exact(cell, Convention(self.mark, unit="points")) != (node.max_points or 0):
            expected = format_number(node.max_points) if node.max_points else Bilingual(UNSCORED, "not scored")
            raise Held(cell, "maximum_differs", expected=expected)

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
        claimed, verified = (self.sums.get((code, basis)) for basis in BASES[:2])
        return None if claimed is None or verified is None else claimed - verified

    def _differ(self, cell: Cell, ours: Decimal) -> None:
        place, added = cell.place, format_number(ours)
        try:
            printed = exact(cell, Convention(self.mark))
        except Held:
            self.intake.remark("sum_unread", "inexact", cell, place=place, raw=cell.raw, added=added)
            return
        if abs(printed - ours) > TOLERANCE:
            shown = format_number(printed)
            self.intake.remark("sum_differs", "sheet", cell, place=place, printed=shown, added=added)

    def _add(self, node: Node, basis: str, value: Decimal) -> None:
        """To the row's own sum, and to those of all nodes above it if it is scored."""
        self.sums[node.code, basis] += value
        while node.scored and node.parent is not None:
            node = self.framework.nodes[node.parent]
            self.sums[node.code, basis] += value


def _is_code(cell: Cell) -> bool:
    """Text, or a whole number that reads the same: 4.1 as a number may have been 4.10."""
    return cell.kind == "text" or (cell.kind == "number" and normalise(cell.raw).isdecimal())


def _document(row: Row, mark: str) -> str | None:
    """The evidence as received; of an export that merely counts its lines, that count."""
    if "evidence" in row and not row["evidence"].blank:
        return prose(row["evidence"], mark)
    counted = row.get("evidence_lines")
    count = normalise(prose(counted, mark)) if counted is not None else ""
    return f"{count} dòng minh chứng / lines of evidence" if count.strip("0") else None
