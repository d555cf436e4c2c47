"""How a defect is planted in a clean sheet: what every kind of it needs.

``Planted`` says what must be answered, and where: code and header of the cell, or None for the file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from tests.feeds.drafts import HOME, Draft, Value

SELF, VERIFIED, EVIDENCE, MAXIMUM = "Tự đánh giá", "Thẩm định", "Minh chứng/Ghi chú", "Điểm tối đa"
NAME, GROUP, DIFFERENCE, STATUS, DEADLINE = "Chỉ số thành phần", "Nhóm", "Chênh lệch", "Trạng thái", "Hạn xử lý"
FINAL, MEASURE = "Kết quả cuối cùng", "Đơn vị tính"
#: Whose sheets defects are planted in, one after the other.
UNITS = ("VN63-19", "VN63-02", "VN63-48", "VN63-92", "VN63-36")
#: Indicators whose rule gives 0, 5 or 10 points.
GRADED = ("1.1", "2.1", "2.5", "5.7", "7.12")


class Planted(NamedTuple):
    """What must be said: the reason, and the cell (code, header) or None for the whole file."""

    reason: str
    place: tuple[str, str] | None


Plant = Callable[[Draft, str, random.Random], Planted]


def clean(unit: str = UNITS[0]) -> Draft:
    """A committed sheet without anything to be warned of."""
    draft = Draft.of(HOME.with_name(f"{unit}.xlsx").read_bytes())
    for row in draft.rows:
        code = row[0]
        row[draft.column(EVIDENCE)] = f"Số 7/MH-{code}, ngày 05/02/2023" if "." in str(code) else None
        if "." not in str(code):
            row[draft.column(SELF)] = None
    return draft


def codes(draft: Draft) -> list[str]:
    """The scored rows with a maximum of at least 10."""
    at = draft.column(MAXIMUM)
    return [str(row[0]) for row in draft.rows if "." in str(row[0]) and isinstance(row[at], int) and row[at] >= 10]


def value_of(header: str, reason: str, *values: Value) -> Plant:
    def plant_it(draft: Draft, code: str, draw: random.Random) -> Planted:
        draft.put(code, header, draw.choice(values))
        return Planted(reason, (code, header))

    return plant_it


def title_of(label: str, reason: str, *values: Value) -> Plant:
    def plant_it(draft: Draft, _: str, draw: random.Random) -> Planted:
        draft.say(label, draw.choice(values))
        return Planted(reason, None)

    return plant_it


def code_of(reason: str, change: Callable[[str], Value]) -> Plant:
    def plant_it(draft: Draft, code: str, _: random.Random) -> Planted:
        row = draft.row(code)
        draft.rows[row][0] = change(code)
        return Planted(reason, (f"#{row}", "Mã"))

    return plant_it


def score(draft: Draft, code: str, claimed: Value, verified: Value, difference: Value = 0) -> None:
    """A row in which the verified score is quoted."""
    for header, value in ((SELF, claimed), (VERIFIED, verified), (DIFFERENCE, difference)):
        draft.put(code, header, value)


def difference_of(reason: str, *values: Value) -> Plant:
    def plant_it(draft: Draft, code: str, draw: random.Random) -> Planted:
        score(draft, code, draft.get(code, SELF), draft.get(code, SELF), draw.choice(values))
        return Planted(reason, (code, DIFFERENCE))

    return plant_it


def column_more(draft: Draft, header: str, value: Value = None) -> None:
    """A further column."""
    draft.header.append(header)
    for row in draft.rows:
        row.append(value)


def position(draft: Draft, code: str, header: str) -> tuple[int, int]:
    """Row and column of the sheet, from 0."""
    return len(draft.title) + 1 + draft.row(code), draft.column(header)
