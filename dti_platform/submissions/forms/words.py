"""The fixed words of an answer in Vietnamese and English, shared by all its forms.

Here: headings and sentences. Not here: terms (``glossary``), nor what is wrong with a cell, which the answer brings.
"""

from __future__ import annotations

from collections.abc import Mapping

from dti_platform.glossary import BASES
from dti_platform.language import Bilingual, format_number
from dti_platform.submissions.answer import Answer, Change, Standing

__all__ = [
    "ACCOUNTED",
    "HEADINGS",
    "basis",
    "moved",
    "numbered",
    "standing",
]

ACCOUNTED: Mapping[str, Bilingual] = {
    "cells": Bilingual("ô đã đọc", "cells read"),
    "accepted": Bilingual("chấp nhận", "accepted"),
    "quarantined": Bilingual("tạm giữ, chưa tính", "quarantined"),
    "blank": Bilingual("để trống", "blank"),
    "header": Bilingual("tiêu đề", "header"),
    "note": Bilingual("ghi chú", "note"),
    "total": Bilingual("dòng tổng", "total"),
}
HEADINGS: Mapping[str, Bilingual] = {
    "title": Bilingual("Phản hồi kết quả tiếp nhận số liệu", "Answer to the sender"),
    "receipt": Bilingual("Số biên nhận", "Receipt"),
    "received_at": Bilingual("Nhận lúc (UTC)", "Received at (UTC)"),
    "file": Bilingual("Tệp", "File"),
    "feed": Bilingual("Luồng báo cáo", "Feed"),
    "sender": Bilingual("Đơn vị", "Sender"),
    "period": Bilingual("Kỳ", "Period"),
    "framework": Bilingual("Bộ chỉ số", "Framework"),
    "outcome": Bilingual("Kết quả", "Outcome"),
    "standing": Bilingual("Phiên bản được tính", "The version that counts"),
    "cells": Bilingual("Số ô", "Cells"),
    "changes": Bilingual("So với số liệu đang giữ", "Against what is held"),
    "errors": Bilingual("Lỗi: ô không được tính", "Errors: cells that do not count"),
    "warnings": Bilingual("Cảnh báo: ô vẫn được tính", "Warnings: cells that count"),
    "why_refused": Bilingual("Lý do từ chối", "Why it is refused"),
    "place": Bilingual("Ô", "Cell"),
    "severity": Bilingual("Mức độ", "Severity"),
    "class": Bilingual("Loại", "Class"),
    "read": Bilingual("Đã đọc", "Read"),
    "why": Bilingual("Vấn đề", "What is wrong"),
    "expected": Bilingual("Cần có", "Expected"),
    "mend": Bilingual("Cách sửa", "How to fix it"),
    "node": Bilingual("Chỉ số thành phần", "Indicator"),
    "basis": Bilingual("Loại điểm", "Basis"),
    "figures": Bilingual("Trước → nay", "Before → now"),
    "kind": Bilingual("Thay đổi", "Change"),
    "none": Bilingual("không có", "none"),
    "forms": Bilingual("Tệp phản hồi", "Files of the answer"),
    "answers": Bilingual("Danh sách phản hồi", "Answers"),
    "number_of_errors": Bilingual("Lỗi", "Errors"),
    "number_of_warnings": Bilingual("Cảnh báo", "Warnings"),
    "dry_run": Bilingual("Chạy thử: không có gì được lưu", "Dry run: nothing was kept"),
    "illustrative": Bilingual(
        "Minh họa: tệp ghi là dữ liệu giả lập, hoặc danh mục chỉ số là minh họa; không phải số liệu chính thức",
        "Illustrative: the file states that it is synthetic, or the list of indicators is made up; no official figures",
    ),
}


def basis(code: str) -> Bilingual:
    """The name of a basis; a code that has none stands for itself."""
    return BASES.get(code, Bilingual.same(code))


def numbered(heading: Bilingual, number: int) -> Bilingual:
    """A heading with how many entries stand below it."""
    return Bilingual(f"{heading.vi} ({number})", f"{heading.en} ({number})")


def moved(change: Change) -> Bilingual:
    """What a figure was and is; where that is the same, its evidence or its wording changed."""
    before, after = (
        Bilingual.same("–") if each is None else format_number(each) for each in (change.before, change.after)
    )
    figures = Bilingual(f"{before.vi} → {after.vi}", f"{before.en} → {after.en}")
    if change.document_changed:
        return Bilingual(f"{figures.vi} (minh chứng thay đổi)", f"{figures.en} (the evidence changed)")
    return (
        Bilingual(f"{figures.vi} (cách ghi thay đổi)", f"{figures.en} (its wording changed)")
        if before == after
        else figures
    )


def standing(answer: Answer) -> Bilingual:
    """Which version counts, in a sentence."""
    counting: Standing = answer.standing
    if counting.receipt is None:
        return Bilingual("chưa có phiên bản nào được tính", "none counts")
    receipt = f"{counting.receipt} ({counting.file_name}, {counting.received_at})"
    if counting.this_one:
        return Bilingual(f"biên nhận {receipt}: chính tệp này", f"receipt {receipt}: this very file")
    return Bilingual(f"biên nhận {receipt}: tệp nhận trước đó", f"receipt {receipt}: received before")
