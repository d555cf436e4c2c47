"""The one catalogue of reasons for which a cell goes to quarantine.

Here: code, class (as in Eurostat's structural validation) and the words in both languages. Not here: who finds the
fault, nor why a whole file is refused (``refusals``). ``{...}`` in the words is filled by the finder.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["REASONS", "Reason"]


class Reason(NamedTuple):
    """What is wrong and how to mend it, in Vietnamese and English."""

    error_class: Literal["completeness", "value", "constraint", "consistency"]
    vi: str
    en: str
    mend_vi: str
    mend_en: str


REASONS: dict[str, Reason] = {
    "missing_value": Reason(
        "completeness",
        "Ô bắt buộc bị để trống",
        "A required cell is empty",
        "Điền giá trị; nếu không có số liệu thì bỏ cả dòng",
        "Fill in the value, or leave the whole row out if there is none",
    ),
    "not_a_number": Reason(
        "value",
        "Không đọc được thành số",
        "This can't be read as a number",
        "Chỉ ghi một con số, đơn vị để ở cột riêng",
        "Write one number only; the unit belongs in its own column",
    ),
    "ambiguous_number": Reason(
        "value",
        "Số viết theo quy ước không rõ (ví dụ 2.255 là hai nghìn hay hai phẩy?)",
        "The convention of this number is not clear (is 2.255 two thousand, or two and a bit?)",
        "Viết số theo quy ước đã khai báo của cột, không dùng dấu phân cách hàng nghìn",
        "Write it in the column's declared convention, without a thousands mark",
    ),
    "not_whole": Reason(
        "constraint",
        "Giá trị phải là số nguyên",
        "The value must be a whole number",
        "Ghi số nguyên, không có phần thập phân và không dùng dấu phân cách hàng nghìn",
        "Write a whole number, without decimals and without a thousands mark",
    ),
    "not_exact": Reason(
        "value",
        "Điểm, thứ hạng và điểm tối đa phải là một con số chính xác, không kèm từ như gần, trên, dưới",
        "A score, a rank or a maximum is one exact number, without words such as about, over, under",
        "Ghi đúng con số, bỏ từ hoặc dấu đứng trước; nếu chưa có số chính xác thì để trống",
        "Write the number itself, without the word or mark before it; leave the cell empty until it is known",
    ),
    "out_of_range": Reason(
        "constraint",
        "Giá trị nằm ngoài khoảng cho phép {range}",
        "The value is outside the allowed range {range}",
        "Kiểm tra đơn vị tính và số liệu gốc",
        "Check the unit of measure and the original figure",
    ),
    "formula_error": Reason(
        "value",
        "Ô chứa lỗi công thức",
        "The cell holds a formula's error",
        "Sửa công thức hoặc ghi trực tiếp giá trị",
        "Mend the formula, or write the value itself",
    ),
    "unknown_unit": Reason(
        "consistency",
        "Không có đơn vị nào mang tên này trong kỳ báo cáo{suggestions}",
        "No unit of the period bears this name{suggestions}",
        "Ghi đúng tên đơn vị theo danh mục của kỳ báo cáo",
        "Write the unit's name as in the list of the period",
    ),
    "unit_of_another_time": Reason(
        "consistency",
        "Tên này thuộc danh mục đơn vị của thời kỳ khác{suggestions}",
        "This name belongs to the units of another time{suggestions}",
        "Dùng danh mục đơn vị của kỳ báo cáo (63 hoặc 34 tỉnh, thành phố)",
        "Use the units of the period (63 or 34 provinces)",
    ),
    "mixed_script": Reason(
        "value",
        "Tên có ký tự của hệ chữ khác lẫn vào{suggestions}",
        "The name mixes in letters of another script{suggestions}",
        "Gõ lại tên bằng chữ Việt",
        "Type the name again in Vietnamese letters",
    ),
    "no_framework": Reason(
        "consistency",
        "Không có bộ chỉ số nào áp dụng cho {geography} trong kỳ {period}",
        "No framework is in force for {geography} in {period}",
        "Kiểm tra kỳ báo cáo và danh mục đơn vị",
        "Check the period and the set of units",
    ),
    "unknown_column": Reason(
        "completeness",
        "Cột này không có trong khai báo nên không được đọc",
        "This column is not declared, so it was not read",
        "Đổi tiêu đề theo mẫu, hoặc bỏ cột",
        "Rename the header as in the template, or leave the column out",
    ),
    "unknown_node": Reason(
        "consistency",
        "Mã hoặc chỉ số này không có trong bộ chỉ số của kỳ báo cáo",
        "This code or metric is not in the framework of the period",
        "Dùng mã của bộ chỉ số áp dụng cho kỳ báo cáo",
        "Use a code of the framework in force for the period",
    ),
    "ragged_row": Reason(
        "value",
        "Dòng có số ô khác với dòng tiêu đề nên không rõ ô nào thuộc cột nào",
        "The row has another number of cells than the header, so that no cell can be told to its column",
        "Đặt trong ngoặc kép ô có dấu phân cách, và giữ đủ số cột",
        "Quote a cell that holds the separator, and keep the number of columns",
    ),
    "code_as_number": Reason(
        "value",
        "Mã được lưu ở dạng số nên không phân biệt được 4.1 với 4.10",
        "The code is stored as a number, which can't tell 4.1 from 4.10",
        "Định dạng cột Mã là văn bản rồi gõ lại mã",
        "Format the code's column as text, then type the code again",
    ),
    "maximum_differs": Reason(
        "consistency",
        "Điểm tối đa ghi trong phiếu khác với bộ chỉ số ({expected})",
        "The maximum in the sheet differs from the framework's ({expected})",
        "Dùng mẫu phiếu của bộ chỉ số áp dụng cho kỳ báo cáo",
        "Use the template of the framework in force for the period",
    ),
    "name_of_another": Reason(
        "consistency",
        "Mã của dòng là {code} nhưng tên là của {others}: không rõ số liệu thuộc chỉ tiêu nào",
        "The row's code is {code}, but its name is that of {others}: whose figures these are is not known",
        "Xem các dòng có bị xếp lệch không; ghi mã và tên của cùng một chỉ tiêu",
        "See whether rows were shifted; give code and name of one and the same indicator",
    ),
    "unknown_indicator": Reason(
        "consistency",
        "Mã chỉ tiêu này không có trong danh mục chỉ tiêu của báo cáo",
        "This code is not in the list of operational indicators of the report",
        "Dùng mã trong danh mục, hoặc đề nghị bổ sung chỉ tiêu vào danh mục",
        "Use a code of the list, or ask for the indicator to be added to it",
    ),
    "unknown_word": Reason(
        "value",
        "Từ này không thuộc các giá trị cho phép: {allowed}",
        "This word is none of the allowed ones: {allowed}",
        "Chọn một trong các giá trị cho phép",
        "Choose one of the allowed values",
    ),
    "unknown_period": Reason(
        "value",
        "Không đọc được kỳ báo cáo",
        "This can't be read as a period",
        "Ghi kỳ theo mẫu 2022, 2022-S1, 2022-Q1, 2022-M08 hoặc 2022-08-22",
        "Write the period as 2022, 2022-S1, 2022-Q1, 2022-M08 or 2022-08-22",
    ),
    "wrong_period": Reason(
        "consistency",
        "Kỳ của dòng không thuộc kỳ của tệp ({period})",
        "The row's period does not belong to the file's ({period})",
        "Gửi số liệu của kỳ khác trong tệp của kỳ đó",
        "Send figures of another period in a file of that period",
    ),
    "repeated_value": Reason(
        "consistency",
        "Giá trị này đã có ở {first}",
        "This value was already given at {first}",
        "Giữ lại một trong hai dòng",
        "Keep one of the two",
    ),
    "held_with_row": Reason(
        "consistency",
        "Ô này được giữ lại vì dòng của nó chưa đọc được",
        "This cell is held back because its row could not be placed",
        "Sửa lỗi khác trên cùng dòng",
        "Mend the other fault of the same row",
    ),
}
