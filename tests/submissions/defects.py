"""Defects to plant in a clean sheet: each kind with the answer that it must get, and where.

``plant`` changes a draft and says where: code and header of the cell (or None for the file), and the reason that must
be given. Whatever else is said of a sheet with one defect is a false alarm, but for what a held row takes with it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.feeds.drafts import HOME, Draft, Value

__all__ = ["DEFECTS", "Planted", "clean", "plant"]

SELF, VERIFIED, EVIDENCE, MAXIMUM = "Tự đánh giá", "Thẩm định", "Minh chứng/Ghi chú", "Điểm tối đa"
WIDTH_OF_TITLE = 2


class Planted(NamedTuple):
    """What must be said: the reason, and the cell (code, header) or None for the whole file."""

    reason: str
    place: tuple[str, str] | None


Plant = Callable[[Draft, str, random.Random], Planted]


def clean() -> Draft:
    """The committed sheet without anything to be warned of."""
    draft = Draft.of(HOME.read_bytes())
    for row in draft.rows:
        code, claimed, verified = (row[draft.column(header)] for header in ("Mã", SELF, VERIFIED))
        if "." in str(code) and isinstance(claimed, int | float) and isinstance(verified, int | float):
            row[draft.column(VERIFIED)] = min(claimed, verified)
            row[draft.column(EVIDENCE)] = f"Số 7/MH-{code}, ngày 05/02/2023"
    _sum_up(draft)
    return draft


def _sum_up(draft: Draft) -> None:
    """Printed sums and differences as the rows give them."""
    for row in draft.rows:
        code = str(row[0] or "")
        if "." in code:
            row[draft.column("Chênh lệch")] = float(row[draft.column(SELF)]) - float(row[draft.column(VERIFIED)])  # type: ignore[arg-type]
            continue
        for header in (SELF, VERIFIED, "Chênh lệch"):
            row[draft.column(header)] = None


def codes(draft: Draft) -> list[str]:
    """The scored rows with a maximum of at least 10."""
    at = draft.column(MAXIMUM)
    return [str(row[0]) for row in draft.rows if "." in str(row[0]) and isinstance(row[at], int) and row[at] >= 10]


def _value(header: str, reason: str, *values: Value) -> Plant:
    def plant_it(draft: Draft, code: str, draw: random.Random) -> Planted:
        draft.put(code, header, draw.choice(values))
        return Planted(reason, (code, header))

    return plant_it


def _title(label: str, reason: str, *values: Value) -> Plant:
    def plant_it(draft: Draft, _: str, draw: random.Random) -> Planted:
        draft.say(label, draw.choice(values))
        return Planted(reason, None)

    return plant_it


def _code(reason: str, change: Callable[[str], Value]) -> Plant:
    def plant_it(draft: Draft, code: str, _: random.Random) -> Planted:
        row = draft.row(code)
        draft.rows[row][0] = change(code)
        return Planted(reason, (f"#{row}", "Mã"))

    return plant_it


def code_twice(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.rows.append(list(draft.rows[draft.row(code)]))
    return Planted("repeated_value", (code, "Mã"))


def no_code(draft: Draft, code: str, _: random.Random) -> Planted:
    row = draft.row(code)
    draft.rows[row][0] = None
    return Planted("missing_value", (f"#{row}", "Mã"))


def row_left_out(draft: Draft, code: str, _: random.Random) -> Planted:
    del draft.rows[draft.row(code)]
    return Planted("missing_score", None)


def no_score(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.put(code, SELF, None)
    return Planted("missing_score", (code, SELF))


def no_evidence(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.put(code, EVIDENCE, draw.choice((None, " ", "\n")))
    return Planted("score_without_evidence", (code, EVIDENCE))


def above(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.put(code, SELF, 2)
    draft.put(code, VERIFIED, 9)
    draft.put(code, "Chênh lệch", -7)
    return Planted("verified_above_self", (code, VERIFIED))


def difference(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.put(code, "Chênh lệch", draw.choice((77, -77.5)))
    return Planted("sum_differs", (code, "Chênh lệch"))


def printed_sum(draft: Draft, code: str, draw: random.Random) -> Planted:
    parent = code.split(".", maxsplit=1)[0]
    draft.put(parent, SELF, draw.choice((1, 999.5)))
    return Planted("sum_differs", (parent, SELF))


def printed_total(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.rows[-1][draft.column(SELF)] = 1
    return Planted("sum_differs", ("", SELF))


def stored_formula(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.calculated = True
    return formula(draft, code, draw)._replace(reason="computed_figure")


def formula(draft: Draft, code: str, _: random.Random) -> Planted:
    row = len(draft.title) + 1 + draft.row(code)
    draft.formulas[row, draft.column(SELF)] = "=1+1"
    draft.put(code, SELF, float(draft.get(code, VERIFIED) or 0))  # type: ignore[arg-type]
    draft.put(code, "Chênh lệch", 0)
    return Planted("formula_error", (code, SELF))


def strange_column(draft: Draft, _: str, draw: random.Random) -> Planted:
    draft.header.append(draw.choice(("Ý kiến", "Điểm cộng", "Điểm thưởng")))
    for row in draft.rows:
        row.append(1)
    return Planted("unknown_column", ("Mã", str(draft.header[-1])))


def header_renamed(draft: Draft, _: str, draw: random.Random) -> Planted:
    draft.header[draft.column(SELF)] = draw.choice(("Điểm đơn vị", "Tự chấm", "Tu danh gia"))
    return Planted("header_missing", None)


def header_twice(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.header[draft.column("Trạng thái")] = SELF
    return Planted("header_repeated", None)


def second_unit(draft: Draft, _: str, draw: random.Random) -> Planted:
    draft.rows.append(["Mã đơn vị", draw.choice(("VN63-01", "VN63-79")), *[None] * (len(draft.header) - 2)])
    return Planted("two_units", None)


def two_periods(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.title.append(("Kỳ: 2021", None))
    return Planted("wrong_period", None)


def two_frameworks(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.title.append(("Bộ chỉ số: 405", None))
    return Planted("contradiction", None)


DEFECTS: Mapping[str, Plant] = {
    "a word for a number": _value(SELF, "not_a_number", "đạt", "tốt", "N/A", "-", "x"),
    "a number with its unit": _value(SELF, "not_a_number", "8 điểm", "8đ", "điểm 8"),
    "two numbers in a cell": _value(SELF, "not_a_number", "8; 9", "8/10", "7 - 8"),
    "a truth value": _value(SELF, "not_a_number", True, False),
    "a point for a comma": _value(SELF, "ambiguous_number", "8.5", "0.25"),
    "a point that may group": _value(SELF, "ambiguous_number", "1.234", "2.255"),
    "a word before the score": _value(SELF, "not_exact", "gần 8", "> 8", "dưới 8", "khoảng 3,5"),
    "a day for a number": _value(SELF, "not_a_number", dt.date(2022, 5, 8), dt.date(2022, 12, 1)),
    "above the maximum": _value(SELF, "out_of_range", 1000, 501, "999"),
    "below zero": _value(SELF, "out_of_range", -1, -0.25, "-3"),
    "per cent for points": _value(SELF, "not_a_number", "66,71%", "50 %"),
    "not a number at all": _value(SELF, "not_a_number", "NaN", "inf", "1e309"),
    "a letter for a digit": _value(SELF, "not_a_number", "1O", "l0", "8,5o"),
    "a formula as text": _value(SELF, "not_a_number", "=1+1", "=SUM(A1:A9)"),
    "verified: a word": _value(VERIFIED, "not_a_number", "đạt", "chưa", "?"),
    "verified: a point": _value(VERIFIED, "ambiguous_number", "8.5", "1.234"),
    "verified: above the maximum": _value(VERIFIED, "out_of_range", 1000, 501),
    "verified: below zero": _value(VERIFIED, "out_of_range", -1, -5),
    "another maximum": _value(MAXIMUM, "maximum_differs", 7, 999, 12.5),
    "a maximum that is a word": _value(MAXIMUM, "not_a_number", "mười", "tối đa"),
    "a code of no framework": _code("unknown_node", lambda code: f"{code}.99"),
    "a code with another mark": _code("unknown_node", lambda code: code.replace(".", ",")),
    "a code with a letter": _code("unknown_node", lambda code: f"{code}a"),
    "a code as a number": _code("code_as_number", float),
    "a code twice": code_twice,
    "no code": no_code,
    "a row left out": row_left_out,
    "no self score": no_score,
    "no evidence": no_evidence,
    "verified above self": above,
    "a difference that differs": difference,
    "a printed sum that differs": printed_sum,
    "a printed total that differs": printed_total,
    "a formula that nobody calculated": formula,
    "a formula for a score": stored_formula,
    "a day that no calendar has": _value(EVIDENCE, "impossible_day", "Số 1/BC ngày 31/02/2023", "ngày 12/31/2022"),
    "an undeclared column": strange_column,
    "a header renamed": header_renamed,
    "a header twice": header_twice,
    "a unit code of nobody": _title("Mã đơn vị", "wrong_sender", "VN63-99", "VN63-00", "19"),
    "a unit code of an aggregate": _title("Mã đơn vị", "wrong_sender", "VN63", "VN"),
    "another unit's code": _title("Mã đơn vị", "wrong_sender", "VN63-01", "VN63-79"),
    "another unit's name": _title("Đơn vị", "wrong_sender", "Thái Bình", "Hà Nội"),
    "a misspelt name": _title("Đơn vị", "wrong_sender", "Thái Ngyên", "Thái Nguyn"),
    "a province of another time": _title("Mã đơn vị", "wrong_geography", "VN34-19"),
    "another period": _title("Kỳ", "wrong_period", "2021", "2023", "20222"),
    "no period": _title("Kỳ", "wrong_period", None),
    "another framework": _title("Bộ chỉ số", "wrong_framework", "2323", "405", "9222"),
    "two units": second_unit,
    "two periods": two_periods,
    "two frameworks": two_frameworks,
    "a day of issue that is none": _title("Ngày lập", "sum_differs", "31/02/2023", "hôm qua"),
}


def plant(kind: str, number: int) -> tuple[Draft, Planted]:
    """A sheet with one defect of a kind; which cell and which value depends on the number alone."""
    draw, draft = random.Random(f"{kind} {number}"), clean()
    return draft, DEFECTS[kind](draft, draw.choice(codes(draft)), draw)
