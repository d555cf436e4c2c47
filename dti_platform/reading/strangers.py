"""Files of other programs, told by their bytes, and what their sender can do: refused in plain words.

Here: what a file is that is no workbook read here. Not here: reading.
"""

from __future__ import annotations

from collections.abc import Mapping

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Unreadable

__all__ = ["refuse_stranger", "stranger_within"]

_AS_XLSX = Bilingual("hãy mở tệp và lưu thành .xlsx", "open it and save it as .xlsx")
_SEND_XLSX = Bilingual("hãy gửi bảng tính .xlsx", "send a workbook (.xlsx)")
_OPEN = b"mimetypeapplication/vnd.oasis.opendocument."
_SHEET = Bilingual("bảng tính OpenDocument (.ods)", "an OpenDocument workbook (.ods)")
#: How a file begins, at which byte, what it is, and what to do.
_BEGINNINGS = (
    (0, b"MIME-Version:", Bilingual("trang web lưu một tệp (MHTML)", "a web page in one file (MHTML)"), _AS_XLSX),
    (0, b"%PDF", Bilingual("tệp PDF", "a PDF"), _SEND_XLSX),
    (0, b"{\\rtf", Bilingual("văn bản RTF", "a text (RTF)"), _SEND_XLSX),
    (0, b"\x09\x00\x04\x00", Bilingual("bảng tính của Excel 2", "a workbook of Excel 2"), _AS_XLSX),
    (0, b"\x09\x02\x06\x00", Bilingual("bảng tính của Excel 3", "a workbook of Excel 3"), _AS_XLSX),
    (0, b"\x09\x04\x06\x00", Bilingual("bảng tính của Excel 4", "a workbook of Excel 4"), _AS_XLSX),
    (30, _OPEN + b"spreadsheet", _SHEET, _AS_XLSX),
    (30, _OPEN, Bilingual("tài liệu OpenDocument", "an OpenDocument file"), _SEND_XLSX),
)  # fmt: skip
#: Parts of archives that are other documents of Office.
_PARTS = (
    ("word/document.xml", Bilingual("văn bản Word", "a Word document"), _SEND_XLSX),
    ("ppt/presentation.xml", Bilingual("bài trình chiếu PowerPoint", "a PowerPoint presentation"), _SEND_XLSX),
)
_BINARY = b"application/vnd.ms-excel.sheet.binary"


def refuse_stranger(content: bytes, name: str) -> None:
    """Raises Unreadable where a file is one that other programs write."""
    for at, begin, what, advice in _BEGINNINGS:
        if content.startswith(begin, at):
            raise _refusal(name, what, advice)


def stranger_within(parts: Mapping[str, bytes], name: str) -> Unreadable:
    """Why an archive without a workbook's part is refused."""
    if _BINARY in parts.get("[content_types].xml", b""):
        return _refusal(name, Bilingual("bảng tính nhị phân (.xlsb)", "a binary workbook (.xlsb)"), _AS_XLSX)
    for path, what, advice in _PARTS:
        if path in parts:
            return _refusal(name, what, advice)
    vi, en = f"{name} là tệp nén nhưng không phải bảng tính .xlsx", f"{name} is an archive, but no .xlsx workbook"
    return Unreadable("not_a_workbook", vi, en)


def _refusal(name: str, what: Bilingual, advice: Bilingual) -> Unreadable:
    return Unreadable("not_a_workbook", f"{name} là {what.vi}: {advice.vi}", f"{name} is {what.en}: {advice.en}")
