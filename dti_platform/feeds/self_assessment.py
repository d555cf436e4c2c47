"""Self-assessments: one workbook a unit, every indicator with its self score and its evidence.

Here: finding the sheet and what it says of itself. Not here: the sheet (``sheet.declaration``), who sends it for which
period and framework (``sheet.title``), nor what its rows give (``sheet.scores``). A verified or final score in it is a
quotation: ``feeds.verification`` alone brings those that count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dti_platform.feeds import Extract, Feed, Known, Received, Stated, opened
from dti_platform.feeds.fields import is_figure
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.marks import is_synthetic
from dti_platform.feeds.sheet import template, title
from dti_platform.feeds.sheet.declaration import BASES, COLUMNS, INDEX, decimal_mark, is_answer
from dti_platform.feeds.sheet.scores import Row, ScoreRows, is_code
from dti_platform.feeds.sheet.title import (
    Title,
    can_be_issued,
    find_sheet,
    framework_of,
    geographies,
    said_anywhere,
    said_of,
    sender_of,
    stated,
    years_of_issue,
)  # fmt: skip
from dti_platform.language import Bilingual
from dti_platform.reading import Book, Cell, Sheet, Table, normalise

FEED = Feed(
    id="self_assessment",
    title_vi="Phiếu tự đánh giá chuyển đổi số của các đơn vị",
    title_en="Self-assessments of digital transformation by the units",
    publisher="Đơn vị gửi phiếu; mỗi tệp ghi tên và mã đơn vị",
    licence="Submissions of the units; synthetic files say so themselves",
    rhythm="P1Y",
    index=INDEX,
    evidence="official",
    pattern="*.xlsx",
    sender="unit",
    header=COLUMNS,
)
code_said, sent_template = title.code_said, template.sent_template  # two of the names that a feed may have


def parse(received: Received, known: Known) -> Extract:
    """Reads one sheet: a title block, the header found by its names, and a row for every node that takes values.

    Raises Unreadable: no such sheet or more than one, or a sender, period or framework that can't be right.
    """
    book = opened(FEED, received, known)
    sheet, table = find_sheet(book)
    statements = said_of(table, received.name)
    unit = sender_of(statements, known, received)
    codes = Counter(normalise(row["code"].raw) for row in table.rows() if is_code(row["code"]))
    framework = framework_of(statements, unit, known, received, codes)
    intake = Intake(
        FEED, received, book, geography=unit.geography, framework=framework.version, sender=unit.id,
        evidence="illustrative" if is_synthetic(book) else None,
    )  # fmt: skip
    for other in book.sheets:
        if other is not sheet:
            _pass_over(intake, other)
    when = _when(intake, statements, table)
    group = known.frameworks.overlaid(framework).group_of(unit.id, received.period, known.units)
    header = next(cell.raw for cell in table.header if cell.column == table.columns["self"])
    own = ("self",) if received.rule else BASES
    scores = ScoreRows(intake, framework.of_group(group), unit, group, codes, decimal_mark(header), own)
    scores.take(intake.rows(sheet, COLUMNS, others_are_notes=True), sheet.merged_columns())
    return replace(intake.extract(), stated=when)


def period_said(book: Book) -> str | None:
    """The period that a sheet says it is of, even where its table can't be found; None where it doesn't.

    Raises Unreadable where it says two, or none and has no table.
    """
    return said_anywhere(book, "period").get("period", "").removeprefix("Năm ") or None


def sender_said(received: Received, known: Known) -> str | None:
    """The unit that a sheet says it is of, even where its table can't be found; None: a unit of another time.

    Raises Unreadable where it says two, or none.
    """
    unit = sender_of(said_anywhere(opened(FEED, received, known), "unit", "unit_id"), known, received)
    in_force = geographies(known, received.period)
    return unit.id if unit.geography in in_force or not in_force else None


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


def _when(intake: Intake, title: Title, table: Table) -> Stated:
    """Day and version that the sheet states; an impossible day is remarked on and dropped: it would outlast others."""
    when, unread = stated(title)
    for text in unread:
        intake.remark("day_of_issue", "unread", _cell_of(table, text), text=text)
    period = intake.received.period
    if when.on is None or can_be_issued(when.on, period):
        return when
    day = Bilingual(f"{when.on:%d/%m/%Y}", f"{when.on}")
    years = years_of_issue(period)
    cell, span = _cell_of(table, title["stated_on"]), {"first": str(years[0]), "last": str(years[-1])}
    intake.remark("day_of_issue", "impossible", cell, day=day, period=period, **span)
    return when._replace(on=None)


def _cell_of(table: Table, text: str) -> Cell | None:
    """The cell of the title block that ends with a text."""
    cells = (cell for row in table.sheet.rows[: table.header_row - 1] for cell in row)
    return next((cell for cell in cells if normalise(cell.raw).endswith(text)), None)
