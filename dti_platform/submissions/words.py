"""The words of an answer: what was expected, by the reason of an error; and each warning, with how to mend it.

Here: both languages of both. Not here: who finds them (``findings``, ``cautions``), nor why a cell is held back, which
``feeds.reasons`` says. ``{...}`` is filled by the finder, in the writing of each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dti_platform.report.answer import ErrorClass
from dti_platform.said import Said

__all__ = ["CAUTIONS", "EXPECTED", "Caution"]

#: What was expected instead; of a reason that is not among them, how to mend it says so.
EXPECTED: Mapping[str, Said] = {
    "missing_value": Said("một giá trị", "a value"),
    "not_a_number": Said("một con số", "a number"),
    "ambiguous_number": Said("một con số không có dấu phân cách hàng nghìn", "a number without a thousands mark"),
    "formula_error": Said("một giá trị, không phải lỗi công thức", "a value, not a formula's error"),
    "unknown_unit": Said("tên một đơn vị trong danh mục của kỳ", "the name of a unit of the period"),
    "unit_of_another_time": Said("tên một đơn vị trong danh mục của kỳ", "the name of a unit of the period"),
    "mixed_script": Said("tên viết bằng chữ Việt", "a name in Vietnamese letters"),
    "code_as_number": Said("mã ở dạng văn bản, ví dụ 4.10", "a code as text, such as 4.10"),
    "unknown_column": Said("một cột có trong mẫu", "a column of the template"),
    "unknown_node": Said("một mã của bộ chỉ số", "a code of the framework"),
    "ragged_row": Said("số ô bằng số cột", "as many cells as columns"),
    "repeated_value": Said("mỗi mã chỉ một lần", "each code once"),
    "held_with_row": Said("một dòng không có lỗi nào khác", "a row without any other fault"),
}


class Caution(NamedTuple):
    """A warning: its class as in Eurostat's structural validation, why, what was expected, how to mend it."""

    error_class: ErrorClass
    why: Said
    expected: Said
    mend: Said


CAUTIONS: Mapping[str, Caution] = {
    "verified_above_self": Caution(
        "consistency",
        Said("Điểm thẩm định cao hơn điểm tự đánh giá ({other})", "Verified above the self score ({other})"),
        Said("không quá {other}", "at most {other}"),
        Said("Xem lại; nếu đúng thì giữ nguyên", "Look again; if it is right, leave it"),
    ),
    "score_without_evidence": Caution(
        "completeness",
        Said("Có điểm nhưng không có minh chứng", "A score without evidence"),
        Said("số và ngày văn bản minh chứng", "number and day of a document"),
        Said("Ghi số, ngày văn bản vào cột Minh chứng/Ghi chú", "Name a document and its day as evidence"),
    ),
    "jump_since_last_year": Caution(
        "consistency",
        Said("Thay đổi lớn so với kỳ {period}: {other}", "A jump since {period}: {other}"),
        Said("gần {other}", "near {other}"),
        Said("Kiểm tra số liệu; nêu lý do ở cột minh chứng", "Check the figure; say why beside the evidence"),
    ),
    "missing_score": Caution(
        "completeness",
        Said("Chưa có điểm tự đánh giá của {code}", "No self score of {code}"),
        Said("số từ 0 đến {maximum}", "a number from 0 to {maximum}"),
        Said("Điền điểm; nếu được 0 điểm, hãy ghi 0", "Fill in the score; if it is zero, write 0"),
    ),
    "sum_differs": Caution(
        "consistency",
        Said("{remark}", "{remark}"),
        Said("khớp với các dòng của phiếu", "as the rows of the sheet give"),
        Said("Ô này không được tính; kiểm tra phiếu gốc", "This is not taken; check your own sheet"),
    ),
    "code_like_a_number": Caution(
        "value",
        Said("Mã {code} được đọc là văn bản, không phải số {number}", "{code} is taken as text, not as {number}"),
        Said("mã {code}", "the code {code}"),
        Said(
            "Đừng mở rồi lưu tệp bằng bảng tính khi cột Mã chưa định dạng văn bản",
            "Don't save the file from a spreadsheet unless the code's column is text",
        ),
    ),
    "impossible_day": Caution(
        "value",
        Said("Ngày văn bản minh chứng không có trong lịch: {day}", "No calendar has the document's day: {day}"),
        Said("ngày theo mẫu dd/mm/yyyy", "a day as dd/mm/yyyy"),
        Said("Sửa ngày văn bản ở cột minh chứng", "Mend the day beside the evidence"),
    ),
    "hidden_figure": Caution(
        "consistency",
        Said("Số liệu nằm ở dòng hoặc cột bị ẩn", "The figure stands in a hidden row or column"),
        Said("một ô nhìn thấy được", "a cell that can be seen"),
        Said("Bỏ ẩn dòng, cột rồi kiểm tra", "Unhide rows and columns, and check"),
    ),
    "computed_figure": Caution(
        "value",
        Said("Điểm là kết quả công thức; giá trị đã lưu có thể cũ", "A formula's stored result, which may be stale"),
        Said("một con số", "a number"),
        Said("Dán giá trị thay cho công thức", "Paste the value in place of the formula"),
    ),
    "correction_outlived": Caution(
        "consistency",
        Said("Nguồn đã sửa lỗi được khai báo: {remark}", "A declared error of the source is mended: {remark}"),
        Said("lỗi như đã khai báo", "the error as declared"),
        Said("Người vận hành bỏ mục đính chính này", "The operator removes this correction"),
    ),
}
