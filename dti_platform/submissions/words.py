"""The words of an answer: what was expected, by the reason of an error; and each warning, with how to mend it.

Here: both languages of both. Not here: who finds them (``findings``, ``warnings``), nor why a cell is held back, which
``feeds.reasons`` says. ``{...}`` is filled by the finder, in the writing of each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dti_platform.language import Bilingual
from dti_platform.submissions.answer import ErrorClass

__all__ = ["CAUTIONS", "EXPECTED", "Caution"]

#: What was expected instead; of a reason that is not among them, how to mend it says so.
EXPECTED: Mapping[str, Bilingual] = {
    "missing_value": Bilingual("một giá trị", "a value"),
    "not_a_number": Bilingual("một con số", "a number"),
    "ambiguous_number": Bilingual("một con số không có dấu phân cách hàng nghìn", "a number without a thousands mark"),
    "formula_error": Bilingual("một giá trị, không phải lỗi công thức", "a value, not a formula's error"),
    "unknown_unit": Bilingual("tên một đơn vị trong danh mục của kỳ", "the name of a unit of the period"),
    "unit_of_another_time": Bilingual("tên một đơn vị trong danh mục của kỳ", "the name of a unit of the period"),
    "mixed_script": Bilingual("tên viết bằng chữ Việt", "a name in Vietnamese letters"),
    "code_as_number": Bilingual("mã ở dạng văn bản, ví dụ 4.10", "a code as text, such as 4.10"),
    "unknown_column": Bilingual("một cột có trong mẫu", "a column of the template"),
    "unknown_node": Bilingual("một mã của bộ chỉ số", "a code of the framework"),
    "ragged_row": Bilingual("số ô bằng số cột", "as many cells as columns"),
    "repeated_value": Bilingual("mỗi mã chỉ một lần", "each code once"),
    "name_of_another": Bilingual("tên chỉ tiêu của mã ghi trong dòng", "the name of the row's own code"),
    "held_with_row": Bilingual("một dòng không có lỗi nào khác", "a row without any other fault"),
}


class Caution(NamedTuple):
    """A warning: its class as in Eurostat's structural validation, why, what was expected, how to mend it."""

    error_class: ErrorClass
    why: Bilingual
    expected: Bilingual
    mend: Bilingual


CAUTIONS: Mapping[str, Caution] = {
    "verified_above_self": Caution(
        "consistency",
        Bilingual("Điểm thẩm định cao hơn điểm tự đánh giá ({other})", "Verified above the self score ({other})"),
        Bilingual("không quá {other}", "at most {other}"),
        Bilingual("Xem lại; nếu đúng thì giữ nguyên", "Look again; if it is right, leave it"),
    ),
    "final_above_self": Caution(
        "consistency",
        Bilingual("Điểm cuối cùng cao hơn điểm tự đánh giá ({other})", "Final above the self score ({other})"),
        Bilingual("không quá {other}", "at most {other}"),
        Bilingual("Xem lại; nếu đúng thì giữ nguyên", "Look again; if it is right, leave it"),
    ),
    "final_far_from_verified": Caution(
        "consistency",
        Bilingual("Điểm cuối cùng khác xa điểm thẩm định ({other})", "Final far from the verified score ({other})"),
        Bilingual("gần {other}", "near {other}"),
        Bilingual("Kiểm tra hai cột; nêu lý do ở cột minh chứng", "Check both columns; say why beside the evidence"),
    ),
    "not_a_grade": Caution(
        "constraint",
        Bilingual("Quy tắc của chỉ tiêu không cho mức điểm này", "The indicator's rule can't give these points"),
        Bilingual("một trong các mức: {grades}", "one of: {grades}"),
        Bilingual("Chấm theo một trong các mức điểm của chỉ tiêu", "Give one of the indicator's grades"),
    ),
    "like_shares": Caution(
        "constraint",
        Bilingual(
            "Cả {count} điểm của cột đều không quá 1: có thể là tỷ lệ (0..1), không phải điểm",
            "All {count} scores of the column are at most 1: shares (0..1), perhaps, and not points",
        ),
        Bilingual("điểm, từ 0 đến điểm tối đa của từng chỉ tiêu", "points, from 0 to the maximum of each indicator"),
        Bilingual(
            "Nếu là tỷ lệ, nhân với điểm tối đa rồi gửi lại", "If they are shares, multiply by the maxima and resend"
        ),
    ),
    "unknown_name": Caution(
        "consistency",
        Bilingual("Tên không phải tên chỉ tiêu của mã {code}", "This is not the name of {code}"),
        Bilingual("tên chỉ tiêu {name}", "the indicator's name, {name}"),
        Bilingual(
            "Xem các dòng có bị xếp lệch không; dùng tên trong mẫu",
            "See whether rows were shifted; use the template's name",
        ),
    ),
    "wrong_group": Caution(
        "consistency",
        Bilingual("Mã {code} không thuộc nhóm này", "{code} is not of this group"),
        Bilingual("nhóm {name}", "the group {name}"),
        Bilingual("Xem các dòng có bị xếp lệch không", "See whether rows were shifted"),
    ),
    "unknown_status": Caution(
        "value",
        Bilingual("Trạng thái không có trong danh sách", "This status is not in the list"),
        Bilingual("một trong: {allowed}", "one of: {allowed}"),
        Bilingual("Chọn trong danh sách của mẫu", "Choose from the template's list"),
    ),
    "unread_deadline": Caution(
        "value",
        Bilingual("Hạn xử lý không phải là ngày", "This deadline is no day"),
        Bilingual("ngày theo mẫu dd/mm/yyyy", "a day as dd/mm/yyyy"),
        Bilingual("Ghi ngày, tháng, năm", "Write day, month and year"),
    ),
    "other_measure": Caution(
        "consistency",
        Bilingual(
            "Dòng này tính bằng điểm nhưng ghi đơn vị tính khác", "This row is in points but names another measure"
        ),
        Bilingual("điểm", "points"),
        Bilingual("Kiểm tra điểm có ghi bằng đơn vị khác không", "Check that the scores are in points"),
    ),
    "score_without_evidence": Caution(
        "completeness",
        Bilingual("Có điểm nhưng không có minh chứng", "A score without evidence"),
        Bilingual("số và ngày văn bản minh chứng", "number and day of a document"),
        Bilingual("Ghi số, ngày văn bản vào cột Minh chứng/Ghi chú", "Name a document and its day as evidence"),
    ),
    "jump_since_last_year": Caution(
        "consistency",
        Bilingual("Thay đổi lớn so với kỳ {period}: {other}", "A jump since {period}: {other}"),
        Bilingual("gần {other}", "near {other}"),
        Bilingual("Kiểm tra số liệu; nêu lý do ở cột minh chứng", "Check the figure; say why beside the evidence"),
    ),
    "missing_score": Caution(
        "completeness",
        Bilingual("Chưa có điểm tự đánh giá của {code}", "No self score of {code}"),
        Bilingual("số từ 0 đến {maximum}", "a number from 0 to {maximum}"),
        Bilingual("Điền điểm; nếu được 0 điểm, hãy ghi 0", "Fill in the score; if it is zero, write 0"),
    ),
    "sum_differs": Caution(
        "consistency",
        Bilingual("{remark}", "{remark}"),
        Bilingual("khớp với các dòng của phiếu", "as the rows of the sheet give"),
        Bilingual("Ô này không được tính; kiểm tra phiếu gốc", "This is not taken; check your own sheet"),
    ),
    "sum_unread": Caution(
        "value",
        Bilingual("{remark}", "{remark}"),
        Bilingual("một con số, hoặc để trống", "a number, or nothing"),
        Bilingual("Ô này không được tính; ghi số hoặc để trống", "This is not taken; write a number or leave it empty"),
    ),
    "loose_figure": Caution(
        "completeness",
        Bilingual("{remark}", "{remark}"),
        Bilingual("số liệu nằm trong bảng, dưới một tiêu đề", "figures inside the table, under a header"),
        Bilingual("Chuyển số vào đúng dòng, cột của bảng hoặc xóa", "Move it into its row and column, or delete it"),
    ),
    "unread_sheet": Caution(
        "completeness",
        Bilingual("{remark}", "{remark}"),
        Bilingual("số liệu nằm trong trang tính có phiếu", "figures in the sheet that holds the table"),
        Bilingual("Nếu là số liệu cần gửi, chuyển vào phiếu", "If they are to be sent, move them into the table"),
    ),
    "day_of_issue": Caution(
        "value",
        Bilingual("{remark}", "{remark}"),
        Bilingual("ngày lập phiếu theo mẫu dd/mm/yyyy", "the day of issue as dd/mm/yyyy"),
        Bilingual(
            "Sửa ngày lập; đến khi đó phiếu được xếp theo thứ tự nhận",
            "Mend it; until then the sheet counts in order of receipt",
        ),
    ),
    "not_yet": Caution(
        "value",
        Bilingual("Ngày lập {day} muộn hơn ngày nhận phiếu", "The day of issue, {day}, is later than that of receipt"),
        Bilingual("ngày lập không muộn hơn ngày nhận", "a day of issue no later than that of receipt"),
        Bilingual(
            "Sửa ngày lập: phiếu gửi sau mà ghi ngày sớm hơn sẽ bị từ chối",
            "Mend it: a later sheet of an earlier day would be refused",
        ),
    ),
    "code_like_a_number": Caution(
        "value",
        Bilingual("Mã {code} được đọc là văn bản, không phải số {number}", "{code} is taken as text, not as {number}"),
        Bilingual("mã {code}", "the code {code}"),
        Bilingual(
            "Đừng mở rồi lưu tệp bằng bảng tính khi cột Mã chưa định dạng văn bản",
            "Don't save the file from a spreadsheet unless the code's column is text",
        ),
    ),
    "impossible_day": Caution(
        "value",
        Bilingual("Ngày văn bản minh chứng không có trong lịch: {day}", "No calendar has the document's day: {day}"),
        Bilingual("ngày theo mẫu dd/mm/yyyy", "a day as dd/mm/yyyy"),
        Bilingual("Sửa ngày văn bản ở cột minh chứng", "Mend the day beside the evidence"),
    ),
    "day_out_of_time": Caution(
        "consistency",
        Bilingual(
            "Ngày văn bản minh chứng {day} sau ngày lập phiếu hoặc ngoài thời gian của kỳ",
            "The document's day {day} is later than the sheet, or out of the period's time",
        ),
        Bilingual("ngày của kỳ đánh giá, trước ngày lập phiếu", "a day of the period, before the day of issue"),
        Bilingual("Kiểm tra năm của văn bản ở cột minh chứng", "Check the document's year beside the evidence"),
    ),
    "hidden_sheet": Caution(
        "consistency",
        Bilingual("Cả trang tính {sheet} bị ẩn", "The whole sheet {sheet} is hidden"),
        Bilingual("một trang tính nhìn thấy được", "a sheet that can be seen"),
        Bilingual("Bỏ ẩn trang tính rồi kiểm tra", "Unhide the sheet, and check"),
    ),
    "covered_figure": Caution(
        "consistency",
        Bilingual("Số liệu nằm dưới ô gộp nên không nhìn thấy", "The figure lies under a merged cell, unseen"),
        Bilingual("một ô nhìn thấy được", "a cell that can be seen"),
        Bilingual("Bỏ gộp ô rồi kiểm tra từng ô", "Unmerge the cells, and check each"),
    ),
    "hidden_figure": Caution(
        "consistency",
        Bilingual("Số liệu nằm ở dòng hoặc cột bị ẩn", "The figure stands in a hidden row or column"),
        Bilingual("một ô nhìn thấy được", "a cell that can be seen"),
        Bilingual("Bỏ ẩn dòng, cột rồi kiểm tra", "Unhide rows and columns, and check"),
    ),
    "computed_figure": Caution(
        "value",
        Bilingual(
            "Điểm là kết quả công thức; giá trị đã lưu có thể cũ", "A formula's stored result, which may be stale"
        ),
        Bilingual("một con số", "a number"),
        Bilingual("Dán giá trị thay cho công thức", "Paste the value in place of the formula"),
    ),
    "correction_outlived": Caution(
        "consistency",
        Bilingual("Nguồn đã sửa lỗi được khai báo: {remark}", "A declared error of the source is mended: {remark}"),
        Bilingual("lỗi như đã khai báo", "the error as declared"),
        Bilingual("Người vận hành bỏ mục đính chính này", "The operator removes this correction"),
    ),
}
