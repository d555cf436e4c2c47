"""The one catalogue of reasons for which a cell goes to quarantine, or a whole file is refused.

Here: code, class (as in Eurostat's structural validation) and the words in both languages. Not
here: who finds the fault. ``{...}`` in the words is filled by the finder.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["REASONS", "REFUSALS", "Reason", "Wording"]


class Reason(NamedTuple):
    """What is wrong and how to mend it, in Vietnamese and English."""

    error_class: Literal["completeness", "value", "constraint", "consistency"]
    vi: str
    en: str
    mend_vi: str
    mend_en: str


class Wording(NamedTuple):
    """Why a whole file is refused, and how to mend it, in Vietnamese and English."""

    vi: str
    en: str
    mend_vi: str
    mend_en: str


_SAVE_AGAIN = (
    "Mở tệp bằng phần mềm bảng tính, lưu thành tệp .xlsx mới rồi gửi lại",
    "Open the file in a spreadsheet program, save it as a new .xlsx file, and send that",
)
_SAVE_AS_TEXT = (
    "Lưu thành CSV UTF-8 hoặc .xlsx rồi gửi lại",
    "Save it as CSV UTF-8 or as .xlsx, and send it again",
)

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

REFUSALS: dict[str, Wording] = {
    "too_large": Wording(
        "Tệp quá lớn hoặc giải nén ra quá lớn",
        "The file is too large, or inflates to too much",
        "Bỏ các dòng, cột, hình ảnh không cần thiết hoặc chia thành nhiều tệp rồi gửi lại",
        "Take out rows, columns and pictures that are not needed, or split the file, and send it again",
    ),
    "text_too_long": Wording(
        "Một ô chứa văn bản quá dài",
        "A cell holds too long a text",
        "Rút gọn ô đó xuống tối đa 32.767 ký tự (phần còn lại để ở tệp hoặc tài liệu riêng), rồi gửi lại",
        "Shorten it to 32,767 characters at most, keep the rest in a document of its own, and send the file again",
    ),
    "damaged": Wording(
        "Tệp bị hỏng hoặc không đúng định dạng",
        "The file is damaged or not of its format",
        *_SAVE_AGAIN,
    ),
    "encrypted": Wording(
        "Tệp được đặt mật khẩu",
        "The file has a password",
        "Bỏ mật khẩu rồi gửi lại",
        "Remove the password and send it again",
    ),
    "duplicate_entry": Wording(
        "Tệp chứa hai phần trùng tên",
        "The file holds two parts of one name",
        *_SAVE_AGAIN,
    ),
    "doctype": Wording(
        "Tệp khai báo kiểu tài liệu không được phép",
        "The file declares a document type, which is not allowed",
        *_SAVE_AGAIN,
    ),
    "empty": Wording(
        "Tệp rỗng",
        "The file is empty",
        "Kiểm tra xem tệp đã được lưu chưa, rồi gửi tệp có số liệu",
        "Check that the file was saved, and send one that holds figures",
    ),
    "not_a_workbook": Wording(
        "Tệp không phải là bảng tính",
        "The file is not a workbook",
        *_SAVE_AGAIN,
    ),
    "nested_archive": Wording(
        "Tệp chứa một tệp nén khác",
        "The file holds another archive",
        "Bỏ tệp nhúng ra khỏi bảng tính; mỗi bảng tính gửi thành một tệp riêng",
        "Take the embedded file out; send each workbook as a file of its own",
    ),
    "duplicate_sheet": Wording(
        "Tệp có hai trang tính trùng tên",
        "The file has two sheets of one name",
        "Đổi tên hoặc xóa một trong hai trang tính",
        "Rename or delete one of the two sheets",
    ),
    "too_far": Wording(
        "Trang tính có ô nằm quá xa",
        "A sheet has a cell too far out",
        "Xóa các dòng, cột thừa nằm xa bảng số liệu, lưu lại rồi gửi",
        "Delete the stray rows and columns far from the table, save, and send it again",
    ),
    "not_text": Wording(
        "Tệp không phải là văn bản",
        "The file is not text",
        *_SAVE_AS_TEXT,
    ),
    "not_utf8": Wording(
        "Tệp không dùng mã UTF-8",
        "The file is not in UTF-8",
        *_SAVE_AS_TEXT,
    ),
    "unsafe": Wording(
        "Tệp không đọc được trong giới hạn bộ nhớ và thời gian cho phép",
        "The file can't be read within the bounds of memory and time",
        "Chép số liệu vào tệp mẫu mới rồi gửi lại; nếu vẫn bị từ chối, báo cho đơn vị vận hành",
        "Copy the figures into a new template and send that; if it is refused again, tell the operator",
    ),
    "too_deep": Wording(
        "Tệp JSON lồng quá nhiều tầng",
        "The JSON is nested too deep",
        "Ghi JSON thành một danh sách các đối tượng, mỗi đối tượng là một dòng",
        "Write the JSON as one list of objects, one for each row",
    ),
    "duplicate_key": Wording(
        "Tệp JSON có khóa bị lặp lại",
        "The JSON has a key twice in one object",
        "Trong mỗi đối tượng, mỗi khóa chỉ ghi một lần",
        "Write each key once in an object",
    ),
    "no_table": Wording(
        "Tệp JSON không chứa bảng nào",
        "The JSON holds no table",
        "Ghi JSON thành một danh sách các đối tượng, mỗi đối tượng là một dòng",
        "Write the JSON as one list of objects, one for each row",
    ),
    "header_missing": Wording(
        "Không tìm thấy dòng tiêu đề",
        "The header was not found",
        "Dùng mẫu do ./dti template tạo ra, hoặc giữ nguyên dòng tiêu đề của mẫu",
        "Use the template that ./dti template makes, or keep its header as it is",
    ),
    "header_repeated": Wording(
        "Tiêu đề bị lặp lại",
        "A header is repeated",
        "Mỗi tiêu đề chỉ giữ một cột: xóa hoặc đổi tên cột còn lại",
        "Keep one column for each header: delete or rename the other",
    ),
    "wrong_sender": Wording(
        "Không rõ đơn vị gửi, hoặc tệp là của đơn vị khác",
        "The sender is not known, or the file is another unit's",
        "Ghi đúng mã (ví dụ VN63-19) và tên đơn vị, và gửi với tư cách chính đơn vị đó",
        "Write the unit's code (such as VN63-19) and name, and send it as that unit",
    ),
    "two_units": Wording(
        "Tệp chứa phiếu của hai đơn vị",
        "The file holds two units",
        "Mỗi đơn vị gửi một tệp riêng",
        "Send one file for each unit",
    ),
    "contradiction": Wording(
        "Tệp ghi một điều theo hai cách khác nhau",
        "The file says one thing in two ways",
        "Giữ lại cách ghi đúng, xóa cách ghi kia",
        "Keep the one that is right, and delete the other",
    ),
    "wrong_geography": Wording(
        "Đơn vị không thuộc danh mục của kỳ này (63 hoặc 34 tỉnh, thành phố)",
        "The unit is not of the period's geography (63 or 34 provinces)",
        "Dùng mã đơn vị trong danh mục của kỳ báo cáo",
        "Use the unit's code in the list of the period",
    ),
    "nothing_given": Wording(
        "Tệp không có số liệu nào tính được",
        "The file gives no figure that can be taken",
        "Điền số liệu, sửa các ô bị giữ lại (nếu có) rồi gửi lại",
        "Fill in figures, mend the cells held back, if any, and send it again",
    ),
    "older_than_held": Wording(
        "Phiếu cũ hơn phiếu đang được tính của đơn vị",
        "The sheet is older than the one that counts for the unit",
        "Nếu phiếu này mới đúng, ghi ngày lập hoặc phiên bản mới hơn rồi gửi lại",
        "If this one is right, give it a later day of issue or version, and send it again",
    ),
    "wrong_period": Wording(
        "Kỳ ghi trong tệp không phải kỳ được gửi",
        "The file's period is not the one it was sent for",
        "Gửi cho đúng kỳ ghi trong tệp, hoặc sửa kỳ trong tệp",
        "Send it for the period that it names, or mend the period in the file",
    ),
    "wrong_framework": Wording(
        "Bộ chỉ số ghi trong tệp không áp dụng cho kỳ này",
        "The framework named in the file is not in force for the period",
        "Dùng mẫu phiếu của bộ chỉ số áp dụng cho kỳ báo cáo",
        "Use the template of the framework in force for the period",
    ),
    "several_tables": Wording(
        "Tệp có nhiều hơn một phiếu",
        "The file holds more than one sheet to read",
        "Mỗi tệp chỉ để một phiếu, trong một trang tính",
        "Keep one filled-in sheet in each file",
    ),
    "no_framework": Wording(
        "Không có bộ chỉ số cho kỳ này",
        "No framework is in force for the period",
        "Kiểm tra kỳ báo cáo và danh mục đơn vị",
        "Check the period and the set of units",
    ),
}
