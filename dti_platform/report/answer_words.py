"""The fixed words of an answer in Vietnamese and English, shared by all its forms.

Here: headings, outcomes, kinds. Not here: what is said of a cell, which the answer brings itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from dti_platform.report.answer import Answer, Change, Standing
from dti_platform.said import Said, written

__all__ = ["ACCOUNTED", "BASES", "CLASSES", "HEADINGS", "KINDS", "OUTCOMES", "SEVERITIES", "moved", "standing"]

OUTCOMES: Mapping[str, Said] = {
    "accepted": Said("Chấp nhận toàn bộ", "Accepted whole"),
    "accepted_in_part": Said("Chấp nhận một phần", "Accepted in part"),
    "refused": Said("Từ chối", "Refused"),
    "unchanged": Said("Đã nhận trước đó, không có gì thay đổi", "Received before; nothing changes"),
}
SEVERITIES: Mapping[str, Said] = {"error": Said("lỗi", "error"), "warning": Said("cảnh báo", "warning")}
CLASSES: Mapping[str, Said] = {
    "completeness": Said("đầy đủ", "completeness"),
    "value": Said("giá trị", "value"),
    "constraint": Said("ràng buộc", "constraint"),
    "consistency": Said("nhất quán", "consistency"),
}
KINDS: Mapping[str, Said] = {
    "new": Said("mới", "new"),
    "changed": Said("thay đổi", "changed"),
    "unchanged": Said("giữ nguyên", "unchanged"),
    "withdrawn": Said("rút lại", "withdrawn"),
}
BASES: Mapping[str, Said] = {
    "self": Said("tự đánh giá", "self"),
    "verified": Said("thẩm định", "verified"),
    "final": Said("cuối cùng", "final"),
    "published": Said("đã công bố", "published"),
    "reported": Said("báo cáo", "reported"),
}
ACCOUNTED: Mapping[str, Said] = {
    "cells": Said("ô đã đọc", "cells read"),
    "accepted": Said("chấp nhận", "accepted"),
    "quarantined": Said("giữ lại", "held back"),
    "blank": Said("để trống", "blank"),
    "header": Said("tiêu đề", "header"),
    "note": Said("ghi chú", "note"),
    "total": Said("dòng tổng", "total"),
}
HEADINGS: Mapping[str, Said] = {
    "title": Said("Trả lời đơn vị gửi số liệu", "Answer to the sender"),
    "receipt": Said("Số biên nhận", "Receipt"),
    "received_at": Said("Nhận lúc (UTC)", "Received at (UTC)"),
    "file": Said("Tệp", "File"),
    "feed": Said("Nguồn", "Feed"),
    "sender": Said("Đơn vị", "Sender"),
    "period": Said("Kỳ", "Period"),
    "framework": Said("Bộ chỉ số", "Framework"),
    "outcome": Said("Kết quả", "Outcome"),
    "standing": Said("Phiên bản được tính", "The version that counts"),
    "cells": Said("Số ô", "Cells"),
    "changes": Said("So với số liệu đang giữ", "Against what is held"),
    "errors": Said("Lỗi: ô không được tính", "Errors: cells that do not count"),
    "warnings": Said("Cảnh báo: ô vẫn được tính", "Warnings: cells that count"),
    "why_refused": Said("Lý do từ chối", "Why it is refused"),
    "place": Said("Ô", "Cell"),
    "severity": Said("Mức độ", "Severity"),
    "class": Said("Loại", "Class"),
    "read": Said("Đã đọc", "Read"),
    "why": Said("Vấn đề", "What is wrong"),
    "expected": Said("Cần có", "Expected"),
    "mend": Said("Cách sửa", "How to mend it"),
    "node": Said("Chỉ tiêu", "Indicator"),
    "basis": Said("Loại điểm", "Basis"),
    "figures": Said("Trước → nay", "Before → now"),
    "kind": Said("Thay đổi", "Change"),
    "none": Said("không có", "none"),
    "answers": Said("Các thư trả lời", "Answers"),
    "number_of_errors": Said("Lỗi", "Errors"),
    "number_of_warnings": Said("Cảnh báo", "Warnings"),
    "dry_run": Said("Chạy thử: không có gì được lưu", "Dry run: nothing was kept"),
    "illustrative": Said(
        "Minh họa: tệp ghi là dữ liệu tổng hợp, hoặc danh mục chỉ tiêu là minh họa; không phải số liệu chính thức",
        "Illustrative: the file says that it is synthetic, or the list of indicators is made up; no official figures",
    ),
}


def moved(change: Change) -> Said:
    """What a figure was and is; where that is the same, what else is said of it differs."""
    before, after = (Said.alike("–") if each is None else written(each) for each in (change.before, change.after))
    told = Said(f"{before.vi} → {after.vi}", f"{before.en} → {after.en}")
    if change.document_changed:
        return Said(f"{told.vi} (minh chứng thay đổi)", f"{told.en} (the evidence changed)")
    return Said(f"{told.vi} (cách ghi thay đổi)", f"{told.en} (its wording changed)") if before == after else told


def standing(answer: Answer) -> Said:
    """Which version counts, in a sentence."""
    held: Standing = answer.standing
    if held.receipt is None:
        return Said("chưa có phiên bản nào được tính", "none counts")
    told = f"{held.receipt} ({held.file_name}, {held.received_at})"
    if held.this_one:
        return Said(f"biên nhận {told}: chính tệp này", f"receipt {told}: this very file")
    return Said(f"biên nhận {told}: tệp nhận trước đó", f"receipt {told}: received before")
