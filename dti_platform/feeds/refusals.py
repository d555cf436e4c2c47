"""The one catalogue of reasons for which a whole file is refused, and how to mend it, in both languages.

Here: code and words. Not here: who finds the fault, and which file and place it names (``reading.Unreadable``), nor
cells held back (``reasons``).
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["REFUSALS", "Wording"]


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
