"""The sheet of a self-assessment, declared once: parsed, written as a template and generated from here.

Here: its columns, its title block, its words, and which nodes of a framework are its rows. Not here: reading
(``self_assessment``), bytes (``writer``), figures (``synthetic``). The columns are those of sheets as really
used: Mã, Chỉ số thành phần (on earlier ones: Chỉ tiêu), Nhóm, Điểm tối đa, Tự đánh giá, Thẩm định, Chênh lệch,
Trạng thái, Phụ trách, Hạn xử lý, Minh chứng.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from dti_platform.feeds.feed import OWN_INDEX
from dti_platform.reading import Column, comparable

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Node
    from dti_platform.reading import Sheet

#: The index whose sheet it is.
INDEX = OWN_INDEX
NAME = "Tự đánh giá"
#: The sheet that an answer adds to a workbook: a sender who returns it says nothing in it.
ANSWER = "Phản hồi – Answer"
TITLE = "PHIẾU TỰ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ / SELF-ASSESSMENT OF DIGITAL TRANSFORMATION"
#: Of a list of indicators that is made up, and therefore of everything that is sent in by it.
MADE_UP = (
    "Danh mục chỉ số thành phần của phiếu này là MINH HỌA, không phải danh mục chính thức.",
    "The list of indicators of this sheet is ILLUSTRATIVE: it is no official list.",
)
#: The title block: what is said of the whole sheet, and the label before it.
LABELS: Mapping[str, tuple[str, ...]] = {
    "unit": (
        "Đơn vị", "Unit", "Tên đơn vị", "Unit name", "Đơn vị báo cáo", "Đơn vị tự đánh giá", "Tỉnh, thành phố",
        "Tên tỉnh, thành phố",
    ),
    "unit_id": ("Mã đơn vị", "Unit code"),
    "period": ("Kỳ", "Kỳ đánh giá", "Period"),
    "framework": ("Bộ chỉ số", "Framework"),
    "stated_on": ("Ngày lập", "Ngày lập phiếu", "Date"),
    "version": ("Phiên bản", "Lần gửi", "Version"),
}  # fmt: skip
#: The first alias is the header that we write, the last one that of exports from other systems.
COLUMNS = (
    Column("code", ("Mã", "Mã chỉ số", "Mã chỉ tiêu", "Code")),
    Column("name", ("Chỉ số thành phần", "Tên chỉ số thành phần", "Chỉ tiêu", "Tên chỉ tiêu", "Indicator", "name_vi")),
    Column("group", ("Nhóm", "Group", "group_vi"), required=False),
    Column("measured_in", ("Đơn vị tính", "Unit of measure", "unit_measure"), required=False),
    Column("maximum", ("Điểm tối đa", "Maximum", "max_points")),
    Column("numerator", ("Tử số (a)", "Tử số", "Numerator"), required=False),
    Column("denominator", ("Mẫu số (b)", "Mẫu số", "Denominator"), required=False),
    Column("self", ("Tự đánh giá", "Điểm tự đánh giá", "Self score", "self_score")),
    Column("verified", ("Thẩm định", "Điểm thẩm định", "Verified score", "verified_score"), required=False),
    Column("final", ("Kết quả cuối cùng", "Điểm cuối cùng", "Final score", "final_score"), required=False),
    Column("difference", ("Chênh lệch", "Difference", "diff"), required=False),
    Column("status", ("Trạng thái", "Status"), required=False),
    Column("department", ("Phụ trách", "Đơn vị phụ trách", "In charge"), required=False),
    Column("deadline", ("Hạn xử lý", "Deadline"), required=False),
    Column("evidence", ("Minh chứng/Ghi chú", "Minh chứng", "Evidence/Notes"), required=False),
    Column("evidence_lines", ("Số dòng minh chứng", "Evidence lines", "n_evidence_lines"), required=False),
    Column("previous", ("Kỳ trước", "Điểm kỳ trước", "Previous period"), required=False),
    Column("previous_evidence", ("Minh chứng kỳ trước", "Previous evidence"), required=False),
    Column("source", ("Nguồn", "Source"), required=False),
    *(Column(name, labels, required=False) for name, labels in LABELS.items()),
)
#: The columns that hold scores, which are also their bases.
BASES = ("self", "verified", "final")
#: The columns of raw figures, which are also their measures: of an indicator whose rule is a share a / b.
RAW = ("numerator", "denominator")
#: What stands in the name's place of the last row, and in the maximum's place of an unscored one.
TOTAL = "Tổng cộng"
UNSCORED = "Không tính điểm"
#: What a row's figures are: points where it is scored, else a number of something.
MEASURED_IN = {True: "điểm", False: "số lượng"}
STATUSES = ("Hoàn thành", "Đang thực hiện", "Cần bổ sung minh chứng", "Không tính điểm")
#: Those that sheets of other systems have beside ours.
STATUSES_SEEN = (*STATUSES, "Chưa thực hiện")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet: a node at which values come in, or a printed sum of such rows."""

    kind: Literal["row", "sum", "total"]
    code: str
    name: str
    group: str
    maximum: Decimal | None
    """Points; None where it is unknown or the node is not scored."""
    scored: bool = True
    self_score: Decimal | None = None
    verified: Decimal | None = None
    final: Decimal | None = None
    status: str = ""
    department: str = ""
    deadline: dt.date | None = None
    evidence: str = ""
    previous: Decimal | None = None
    previous_evidence: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A whole sheet: what its title block says, and its lines.

    ``synthetic``: it says that its figures are made up. ``blank``: it is to be filled, and says what is measured in
    what. ``raw``: it has columns for raw figures, as sheets of before had not. ``made_up``: its list of indicators is.
    ``stated_on`` and ``version`` stand in it where they are not None.
    """

    unit: str
    unit_id: str
    period: str
    framework: str
    lines: tuple[Line, ...]
    synthetic: bool = False
    blank: bool = False
    stated_on: str | None = None
    version: str | None = None
    made_up: bool = False
    raw: bool = False


def is_answer(sheet: Sheet) -> bool:
    """Whether a sheet is the list of an earlier answer, which was sent back with the rest."""
    return comparable(sheet.name or "") == comparable(ANSWER)


def decimal_mark(header: str) -> Literal[",", "."]:
    """How scores are written as text below a header: an export's field name such as ``self_score`` declares a point.

    Vietnamese and English headers of a sheet that people fill declare a comma. A typed number needs no mark.
    """
    return "." if re.fullmatch(r"[a-z]+(_[a-z]+)*", header) else ","


def lines(framework: Framework) -> Iterator[Line]:
    """The empty lines of a framework's sheet: sums before their rows, the total last.

    The rows are the nodes at which values come in, the unscored ones too.
    """
    inputs = {node.code for node in framework.inputs}
    yield from _below(framework, framework.root, inputs)
    yield Line("total", "", TOTAL, "", framework.root.max_points)


def _below(framework: Framework, parent: Node, inputs: set[str]) -> Iterator[Line]:
    group = "" if parent is framework.root else parent.name_vi
    for node in framework.children(parent.code):
        below = [] if node.members or node.code in inputs else list(_below(framework, node, inputs))
        if not node.members:
            yield Line("sum" if below else "row", node.code, node.name_vi, group, node.max_points, node.scored)
        yield from below
