"""The workbook that a unit fills: the sheet of its framework, locked but for the cells to fill.

Here: what is locked, allowed and explained. Not here: the sheet (``declaration``) and its layout
(``writer``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from dti_platform.feeds.sheet.declaration import STATUSES, Form, Line, lines
from dti_platform.feeds.sheet.grades import grades
from dti_platform.feeds.sheet.writer import FORMATS, Layout, properties

__all__ = ["Before", "template"]

#: What the unit itself fills; the verified score is not among them.
TO_FILL = {"self": "points", "status": "text", "department": "text", "deadline": "day", "evidence": "text"}
OPEN = {"locked": False, "bg_color": "#FFFFE5"}
GUIDE = (
    "Chỉ điền các ô màu vàng: Tự đánh giá, Trạng thái, Phụ trách, Hạn xử lý, Minh chứng. Các ô khác đã khóa.",
    "Ô để trống nghĩa là chưa có số liệu, không phải điểm 0. Nếu được 0 điểm, hãy ghi 0.",
    "Minh chứng: ghi số và ngày văn bản. Số thập phân gõ theo cài đặt của máy; không gõ đơn vị vào ô điểm.",
    "Fill the yellow cells only. An empty cell is missing, not zero. Name the document and its date as evidence.",
)


class Before(NamedTuple):
    """What was last accepted at a node: points, and the evidence that they rest on (official or illustrative)."""

    points: Decimal
    evidence: str


def template(framework: Any, period: str, unit: Any, last: Mapping[str, Before] | None = None) -> bytes:
    """The blank workbook of one unit; with the last accepted points beside, by node, where they are given."""
    import xlsxwriter

    held = last or {}
    empty = tuple(_with_last(line, held.get(line.code)) for line in lines(framework))
    form = Form(unit.name_vi, unit.id, period, framework.version, empty)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties(properties(form))
        layout = Layout(book, form)
        layout.write()
        _open(book, layout, framework)
        _guide(book)
    return content.getvalue()


def _with_last(line: Line, before: Before | None) -> Line:
    return line if before is None else replace(line, previous=before.points, previous_evidence=before.evidence)


def _open(book: Any, layout: Layout, framework: Any) -> None:
    """Locks the sheet, opens the cells to fill, and says of each what it takes."""
    opened = {kind: book.add_format({**FORMATS[kind], **OPEN}) for kind in set(TO_FILL.values())}
    layout.sheet.protect("", {"format_columns": True, "format_rows": True})
    for row, line in enumerate(layout.form.lines, layout.top + 1):
        if line.kind != "row":
            continue
        for name, kind in TO_FILL.items():
            layout.put(row, layout.at[name], None, opened[kind])
        layout.sheet.data_validation(row, layout.at["self"], row, layout.at["self"], _score_rule(framework, line))
        at = layout.at["status"]
        layout.sheet.data_validation(row, at, row, at, {"validate": "list", "source": list(STATUSES)})


def _score_rule(framework: Any, line: Line) -> dict[str, Any]:
    """A drop-down where the rule gives whole grades, else any number up to the maximum."""
    allowed = grades(framework.nodes[line.code].rule, line.maximum) if line.maximum is not None else []
    if allowed and all(points == points.to_integral_value() for points in allowed):
        return {"validate": "list", "source": [str(int(points)) for points in allowed]}
    if line.maximum is None:
        return {"validate": "decimal", "criteria": ">=", "value": 0}
    return {
        "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": float(line.maximum),
        "input_title": line.code, "input_message": f"0 – {line.maximum}",
        "error_title": "Điểm không hợp lệ", "error_message": f"Điểm từ 0 đến {line.maximum}",
    }  # fmt: skip


def _guide(book: Any) -> None:
    sheet = book.add_worksheet("Hướng dẫn")
    sheet.set_column(0, 0, 120, book.add_format({"text_wrap": True}))
    for row, text in enumerate(GUIDE):
        sheet.write_string(row, 0, text)
    sheet.protect()
