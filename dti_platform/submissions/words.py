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
    "name_of_another": Said("tên chỉ tiêu của mã ghi trong dòng", "the name of the row's own code"),
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
    "final_above_self": Caution(
        "consistency",
        Said("Điểm cuối cùng cao hơn điểm tự đánh giá ({other})", "Final above the self score ({other})"),
        Said("không quá {other}", "at most {other}"),
        Said("Xem lại; nếu đúng thì giữ nguyên", "Look again; if it is right, leave it"),
    ),
    "final_far_from_verified": Caution(
        "consistency",
        Said("Điểm cuối cùng khác xa điểm thẩm định ({other})", "Final far from the verified score ({other})"),
        Said("gần {other}", "near {other}"),
        Said("Kiểm tra hai cột; nêu lý do ở cột minh chứng", "Check both columns; say why beside the evidence"),
    ),
    "not_a_grade": Caution(
        "constraint",
        Said("Quy tắc của chỉ tiêu không cho mức điểm này", "The indicator's rule can't give these points"),
        Said("một trong các mức: {grades}", "one of: {grades}"),
        Said("Chấm theo một trong các mức điểm của chỉ tiêu", "Give one of the indicator's grades"),
    ),
    "like_shares": Caution(
        "constraint",
        Said(
            "Cả {count} điểm của cột đều không quá 1: có thể là tỷ lệ (0..1), không phải điểm",
            "All {count} scores of the column are at most 1: shares (0..1), perhaps, and not points",
        ),
        Said("điểm, từ 0 đến điểm tối đa của từng chỉ tiêu", "points, from 0 to the maximum of each indicator"),
        Said("Nếu là tỷ lệ, nhân với điểm tối đa rồi gửi lại", "If they are shares, multiply by the maxima and resend"),
    ),
    "unknown_name": Caution(
        "consistency",
        Said("Tên không phải tên chỉ tiêu của mã {code}", "This is not the name of {code}"),
        Said("tên chỉ tiêu {name}", "the indicator's name, {name}"),
        Said(
            "Xem các dòng có bị xếp lệch không; dùng tên trong mẫu",
            "See whether rows were shifted; use the template's name",
        ),
    ),
    "wrong_group": Caution(
        "consistency",
        Said("Mã {code} không thuộc nhóm này", "{code} is not of this group"),
        Said("nhóm {name}", "the group {name}"),
        Said("Xem các dòng có bị xếp lệch không", "See whether rows were shifted"),
    ),
    "unknown_status": Caution(
        "value",
        Said("Trạng thái không có trong danh sách", "This status is not in the list"),
        Said("một trong: {allowed}", "one of: {allowed}"),
        Said("Chọn trong danh sách của mẫu", "Choose from the template's list"),
    ),
    "unread_deadline": Caution(
        "value",
        Said("Hạn xử lý không phải là ngày", "This deadline is no day"),
        Said("ngày theo mẫu dd/mm/yyyy", "a day as dd/mm/yyyy"),
        Said("Ghi ngày, tháng, năm", "Write day, month and year"),
    ),
    "other_measure": Caution(
        "consistency",
        Said("Dòng này tính bằng điểm nhưng ghi đơn vị tính khác", "This row is in points but names another measure"),
        Said("điểm", "points"),
        Said("Kiểm tra điểm có ghi bằng đơn vị khác không", "Check that the scores are in points"),
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
    "sum_unread": Caution(
        "value",
        Said("{remark}", "{remark}"),
        Said("một con số, hoặc để trống", "a number, or nothing"),
        Said("Ô này không được tính; ghi số hoặc để trống", "This is not taken; write a number or leave it empty"),
    ),
    "loose_figure": Caution(
        "completeness",
        Said("{remark}", "{remark}"),
        Said("số liệu nằm trong bảng, dưới một tiêu đề", "figures inside the table, under a header"),
        Said("Chuyển số vào đúng dòng, cột của bảng hoặc xóa", "Move it into its row and column, or delete it"),
    ),
    "unread_sheet": Caution(
        "completeness",
        Said("{remark}", "{remark}"),
        Said("số liệu nằm trong trang tính có phiếu", "figures in the sheet that holds the table"),
        Said("Nếu là số liệu cần gửi, chuyển vào phiếu", "If they are to be sent, move them into the table"),
    ),
    "day_of_issue": Caution(
        "value",
        Said("{remark}", "{remark}"),
        Said("ngày lập phiếu theo mẫu dd/mm/yyyy", "the day of issue as dd/mm/yyyy"),
        Said(
            "Sửa ngày lập; đến khi đó phiếu được xếp theo thứ tự nhận",
            "Mend it; until then the sheet counts in order of receipt",
        ),
    ),
    "not_yet": Caution(
        "value",
        Said("Ngày lập {day} muộn hơn ngày nhận phiếu", "The day of issue, {day}, is later than that of receipt"),
        Said("ngày lập không muộn hơn ngày nhận", "a day of issue no later than that of receipt"),
        Said(
            "Sửa ngày lập: phiếu gửi sau mà ghi ngày sớm hơn sẽ bị từ chối",
            "Mend it: a later sheet of an earlier day would be refused",
        ),
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
    "day_out_of_time": Caution(
        "consistency",
        Said(
            "Ngày văn bản minh chứng {day} sau ngày lập phiếu hoặc ngoài thời gian của kỳ",
            "The document's day {day} is later than the sheet, or out of the period's time",
        ),
        Said("ngày của kỳ đánh giá, trước ngày lập phiếu", "a day of the period, before the day of issue"),
        Said("Kiểm tra năm của văn bản ở cột minh chứng", "Check the document's year beside the evidence"),
    ),
    "hidden_sheet": Caution(
        "consistency",
        Said("Cả trang tính {sheet} bị ẩn", "The whole sheet {sheet} is hidden"),
        Said("một trang tính nhìn thấy được", "a sheet that can be seen"),
        Said("Bỏ ẩn trang tính rồi kiểm tra", "Unhide the sheet, and check"),
    ),
    "covered_figure": Caution(
        "consistency",
        Said("Số liệu nằm dưới ô gộp nên không nhìn thấy", "The figure lies under a merged cell, unseen"),
        Said("một ô nhìn thấy được", "a cell that can be seen"),
        Said("Bỏ gộp ô rồi kiểm tra từng ô", "Unmerge the cells, and check each"),
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
