"""The workbook that a unit fills: the sheet of its framework, locked but for the cells to fill.

Here: what is locked, allowed and explained. Not here: the sheet (``declaration``) and its layout
(``writer``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from dti_platform.feeds.sheet.declaration import INDEX, MADE_UP, NAME, RAW, STATUSES, Form, Line, lines
from dti_platform.feeds.sheet.page import Page, Pages, on_paper
from dti_platform.feeds.sheet.title import find_sheet, said_of
from dti_platform.feeds.sheet.writer import FORMATS, Layout, properties
from dti_platform.language import format_number
from dti_platform.periods import Period, PeriodError
from dti_platform.reading import Book, Sheet, Table, Unreadable

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.methodology import Framework, Node
    from dti_platform.units import Unit

#: What the unit itself fills; the verified score is not among them.
TO_FILL = {"self": "points", "status": "text", "department": "text", "deadline": "day", "evidence": "text"}
OPEN = {"locked": False, "bg_color": "#FFFFE5"}
GUIDE = (
    (
        "Chỉ điền các ô màu vàng: Ngày lập, {raw}Tự đánh giá, Trạng thái, Phụ trách, Hạn xử lý, Minh chứng. "
        "Các ô khác đã khóa."
    ),
    "Ngày lập: nếu gửi lại, phiếu có ngày lập mới hơn được tính. Phiếu cũ hơn gửi sau sẽ bị từ chối.",
    "Ô để trống nghĩa là chưa có số liệu, không phải điểm 0. Nếu được 0 điểm, hãy ghi 0.",
    "Minh chứng: ghi số và ngày văn bản, ví dụ Số 12/BC-UBND ngày 05/02/2023.",
    "Số thập phân gõ theo cài đặt của máy; không gõ đơn vị tính vào ô điểm. Đơn vị tính ghi ở cột Đơn vị tính.",
    "Gửi phiếu: dti submit TỆP --feed self_assessment, hoặc chép vào thư mục nhận. Phản hồi ghi rõ từng ô cần sửa.",
    "Fill the yellow cells only. An empty cell is missing, not zero. Name the document and its date as evidence.",
)
#: Of a sheet with columns for raw figures: their names in the first line of the guide, and a line.
RAW_COLUMNS = "Tử số (a), Mẫu số (b), "
RAW_GUIDE = (
    "Chỉ số thành phần tính theo tỷ lệ a/b: ghi tử số và mẫu số, điểm được tính từ đó; điểm tự đánh giá để đối chiếu."
)
PREVIOUS = "Cột Kỳ trước là điểm tự đánh giá của kỳ trước, kèm kỳ và minh chứng, để đối chiếu; không cần sửa."
#: The most signs of a list that a workbook keeps within its rule.
LONGEST_LIST = 255
#: The comment at the header of a column.
NOTES = {
    "code": "Mã của bộ chỉ số, dạng văn bản: 4.1 và 4.10 là hai chỉ số thành phần khác nhau.",
    "self": "Điểm đơn vị tự đánh giá, từ 0 đến điểm tối đa. Để trống nếu chưa có số liệu.",
    "verified": "Cơ quan thẩm định gửi điểm theo mẫu riêng; điểm ghi ở đây không được tính.",
    "numerator": "Tử số của tỷ lệ, từ 0 đến mẫu số. Chỉ ghi ở các chỉ số thành phần tính theo a/b.",
    "denominator": "Mẫu số của tỷ lệ, lớn hơn 0.",
    "status": "Chọn trong danh sách.",
    "deadline": "Ngày, tháng, năm.",
    "evidence": "Số và ngày văn bản, ví dụ Số 12/BC-UBND ngày 05/02/2023.",
    "previous": "Điểm tự đánh giá của đơn vị ở kỳ trước; kỳ ghi ở cột bên cạnh.",
}


class Before(NamedTuple):
    """What was accepted at a node in the period before: points, official or illustrative, and their document."""

    points: Decimal
    evidence: str
    document: str | None = None
    period: str | None = None


class Template:
    """The workbook that one unit fills, with the points of the period before beside, by node, where they are given."""

    def __init__(
        self, framework: Framework, period: str, unit: Unit, last: Mapping[str, Before] | None = None,
        *, raw: bool = True,
    ) -> None:  # fmt: skip
        """Nothing is written yet. Without ``raw``: as templates were before they had columns for raw figures."""
        before = last or {}
        empty = tuple(_with_last(line, before.get(line.code)) for line in lines(framework))
        made_up = any(node.evidence == "illustrative" for node in framework.inputs)
        self.framework = framework
        self.form = Form(
            unit.name_vi,
            unit.id,
            period,
            framework.version,
            empty,
            blank=True,
            stated_on="",
            made_up=made_up,
            raw=raw and any(_takes_raw(node) for node in framework.inputs),
        )
        self.layout = Layout(self.form)

    def write(self, pages: Pages) -> None:
        """The sheet to fill, locked but for the cells to fill, and the guide."""
        page = self.layout.write(pages)
        on_paper(page.sheet)
        page.sheet.repeat_rows(self.layout.top)
        _open(page, self.layout, self.framework)
        _guide(pages, made_up=self.form.made_up, raw=self.form.raw, previous="previous" in self.layout.at)

    def fits(self, sheet: Sheet) -> bool:
        """Whether a sheet that was sent has title, labels, header and codes where this template has them.

        Headers may be those of earlier templates, such as *Chỉ tiêu*.
        """
        return all(_text(sheet, row, column) in texts for row, column, texts in self.layout.fixed())


def template(framework: Framework, period: str, unit: Unit, last: Mapping[str, Before] | None = None) -> bytes:
    """The blank workbook of one unit; see ``Template``."""
    import xlsxwriter

    content, made = io.BytesIO(), Template(framework, period, unit, last)
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties(properties(made.form))
        made.write(Pages(book))
    return content.getvalue()


def sent_template(book: Book, known: Known) -> Template | None:
    """The template that a workbook was filled in from, as its title block says; None where it is no such workbook."""
    try:
        sheet, table = find_sheet(book)
        statements = said_of(table, book.name)
        unit, period = known.units.all[statements["unit_id"]], Period.parse(statements["period"]).text
    except (Unreadable, PeriodError, KeyError):
        return None
    framework = known.frameworks.for_period(period, unit.geography, INDEX)
    if framework is None:
        return None
    overlaid = known.frameworks.overlaid(framework)
    applied = overlaid.of_group(overlaid.group_of(unit.id, period, known.units))
    made = Template(applied, period, unit, _previous(table), raw="numerator" in table.columns)
    return made if sheet.name == NAME and made.fits(sheet) else None


def _previous(table: Table) -> Mapping[str, Before]:
    """The points of the period before that a sheet shows beside."""
    shown = [(row["code"].raw, row["previous"]) for row in table.rows()] if "previous" in table.columns else []
    return {code: Before(Decimal(cell.raw), "official") for code, cell in shown if cell.kind == "number"}


def _text(sheet: Sheet, row: int, column: int) -> str:
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    return cells[column].raw if column < len(cells) else ""


def _with_last(line: Line, before: Before | None) -> Line:
    """The line with the points of the period before, and which it is; points that are illustrative say so."""
    if before is None:
        return line
    parts = [
        f"{before.period}:" if before.period else "",
        before.document or "",
        "" if before.evidence == "official" else "(minh họa / illustrative)",
    ]
    return replace(line, previous=before.points, previous_evidence=" ".join(filter(None, parts)))


def _open(page: Page, layout: Layout, framework: Framework) -> None:
    """Locks the sheet, opens the cells to fill, and says of each what it takes."""
    opened = {kind: {**FORMATS[kind], **OPEN} for kind in TO_FILL.values()}
    page.sheet.protect("", {"format_columns": True, "format_rows": True})
    page.put(layout.rows["stated_on"], 1, None, opened["day"])
    for name, note in NOTES.items():
        if name in layout.at:
            page.note(layout.top, layout.at[name], note)
    for row, line in enumerate(layout.form.lines, layout.top + 1):
        if line.kind != "row":
            continue
        raw = RAW if _takes_raw(framework.nodes[line.code]) else ()
        for name, kind in {**TO_FILL, **dict.fromkeys(raw, "points")}.items():
            if name in layout.at:
                page.put(row, layout.at[name], None, opened[kind])
        allowed = score_rule(framework.nodes[line.code], line.maximum)
        page.sheet.data_validation(row, layout.at["self"], row, layout.at["self"], allowed)
        at = layout.at["status"]
        page.sheet.data_validation(row, at, row, at, {"validate": "list", "source": list(STATUSES)})
        if note := framework.nodes[line.code].note_vi:
            page.note(row, layout.at["name"], note)


def _takes_raw(node: Node) -> bool:
    """Whether the rule of a node is a share of two raw figures."""
    return set(RAW) <= set(node.rule.takes)


def score_rule(node: Node, maximum: Decimal | None) -> dict[str, object]:
    """What a score's cell takes: a drop-down where the rule gives whole grades, else a number up to the maximum."""
    allowed = node.rule.grades(maximum) if maximum is not None else []
    offered = [str(int(points)) for points in allowed if points == points.to_integral_value()]
    if allowed and len(offered) == len(allowed) and len(",".join(offered)) <= LONGEST_LIST:
        return {"validate": "list", "source": offered}
    if maximum is None:
        return {"validate": "decimal", "criteria": ">=", "value": 0}
    shown = format_number(maximum).vi
    return {
        "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": float(maximum),
        "input_title": node.code, "input_message": f"0 – {shown}",
        "error_title": "Điểm không hợp lệ", "error_message": f"Điểm từ 0 đến {shown}",
    }  # fmt: skip


def _guide(pages: Pages, *, made_up: bool, raw: bool, previous: bool) -> None:
    first, *rest = GUIDE
    lines_of = (MADE_UP if made_up else (), (first.format(raw=RAW_COLUMNS if raw else ""), *rest))
    more = (*((RAW_GUIDE,) if raw else ()), *((PREVIOUS,) if previous else ()))
    page = pages.add("Hướng dẫn")
    page.sheet.set_column(0, 0, 110)
    for row, text in enumerate((*chain.from_iterable(lines_of), *more)):
        page.put(row, 0, text, {"text_wrap": True, "valign": "top"})
    on_paper(page.sheet)
    page.sheet.protect()
