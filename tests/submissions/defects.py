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

__all__ = ["DEFECTS", "FORMS", "NOT_IN", "UNITS", "Planted", "clean", "forms", "plant"]

SELF, VERIFIED, EVIDENCE, MAXIMUM = "Tự đánh giá", "Thẩm định", "Minh chứng/Ghi chú", "Điểm tối đa"
NAME, GROUP, DIFFERENCE, STATUS, DEADLINE = "Chỉ tiêu", "Nhóm", "Chênh lệch", "Trạng thái", "Hạn xử lý"
FINAL, MEASURE = "Kết quả cuối cùng", "Đơn vị tính"
FORMS = ("xlsx", "csv", "json")
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


def _score(draft: Draft, code: str, claimed: Value, verified: Value, difference: Value = 0) -> None:
    for header, value in ((SELF, claimed), (VERIFIED, verified), (DIFFERENCE, difference)):
        draft.put(code, header, value)


def _more(draft: Draft, header: str, value: Value = None) -> None:
    """A further column."""
    draft.header.append(header)
    for row in draft.rows:
        row.append(value)


def _at(draft: Draft, code: str, header: str) -> tuple[int, int]:
    """Row and column of the sheet, from 0."""
    return len(draft.title) + 1 + draft.row(code), draft.column(header)


def above(draft: Draft, code: str, _: random.Random) -> Planted:
    most = draft.get(code, MAXIMUM)
    _score(draft, code, 0, most, -float(most or 0))  # type: ignore[arg-type]
    return Planted("verified_above_self", (code, VERIFIED))


def final_above(draft: Draft, code: str, _: random.Random) -> Planted:
    _more(draft, FINAL)
    _score(draft, code, 0, 0)
    draft.put(code, FINAL, draft.get(code, MAXIMUM))
    return Planted("final_above_self", (code, FINAL))


def final_far(draft: Draft, code: str, _: random.Random) -> Planted:
    _more(draft, FINAL)
    most = draft.get(code, MAXIMUM)
    _score(draft, code, most, most)
    draft.put(code, FINAL, 0)
    return Planted("final_far_from_verified", (code, FINAL))


def other_name(draft: Draft, code: str, draw: random.Random) -> Planted:
    other = draw.choice([each for each in codes(draft) if each != code])
    draft.put(code, NAME, draft.get(other, NAME))
    return Planted("name_of_another", (code, NAME))


def names_swapped(draft: Draft, code: str, _: random.Random) -> Planted:
    every = [str(row[0]) for row in draft.rows if "." in str(row[0])]
    other = every[every.index(code) - 1]
    ours, theirs = draft.get(code, NAME), draft.get(other, NAME)
    draft.put(code, NAME, f"{code}. {theirs}")
    draft.put(other, NAME, str(ours).upper())
    return Planted("name_of_another", (code, NAME))


def other_group(draft: Draft, code: str, _: random.Random) -> Planted:
    groups = sorted({str(row[draft.column(GROUP)]) for row in draft.rows if "." in str(row[0])})
    draft.put(code, GROUP, next(each for each in groups if each != draft.get(code, GROUP)))
    return Planted("wrong_group", (code, GROUP))


def other_measure(draft: Draft, code: str, draw: random.Random) -> Planted:
    _more(draft, MEASURE, "điểm")
    draft.put(code, MEASURE, draw.choice(("%", "tỷ lệ", "người")))
    return Planted("other_measure", (code, MEASURE))


def shares(draft: Draft, _: str, __: random.Random) -> Planted:
    scored = [str(row[0]) for row in draft.rows if "." in str(row[0]) and isinstance(row[draft.column(MAXIMUM)], int)]
    for code in scored:
        most = float(draft.get(code, MAXIMUM) or 1)  # type: ignore[arg-type]
        share = round(float(draft.get(code, SELF) or 0) / most, 3)  # type: ignore[arg-type]
        _score(draft, code, share, share)
    for row in draft.rows:
        if "." in str(row[0]) and str(row[0]) not in scored and row[draft.column(MAXIMUM)] != "Không tính điểm":
            row[draft.column(SELF)] = row[draft.column(VERIFIED)] = 0.5
            row[draft.column(DIFFERENCE)] = 0
    return Planted("like_shares", (scored[0], SELF))


def no_grade(draft: Draft, _: str, draw: random.Random) -> Planted:
    code, points = draw.choice(GRADED), draw.choice((7, 2, 9.5))
    _score(draft, code, points, points)
    return Planted("not_a_grade", (code, SELF))


def verified_no_grade(draft: Draft, _: str, draw: random.Random) -> Planted:
    code, points = draw.choice(GRADED), draw.choice((7, 2, 9.5))
    _score(draft, code, 10, points, 10 - points)
    return Planted("not_a_grade", (code, VERIFIED))


def after_issue(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.say("Ngày lập", "01/03/2023")
    draft.put(code, EVIDENCE, "Số 9/BC-UBND ngày 02/03/2023")
    return Planted("day_out_of_time", (code, EVIDENCE))


def beside(draft: Draft, code: str, draw: random.Random) -> Planted:
    _more(draft, "")
    draft.rows[draft.row(code)][-1] = draw.choice((8, "8,5", 0.5))
    return Planted("loose_figure", (code, ""))


def below(draft: Draft, _: str, draw: random.Random) -> Planted:
    draft.rows.append([None] * len(draft.header))
    header = draw.choice((GROUP, DIFFERENCE, STATUS, EVIDENCE))
    draft.rows[-1][draft.column(header)] = draw.choice((8, "8,5"))
    return Planted("loose_figure", (f"#{len(draft.rows) - 1}", header))


def score_below(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.rows.append([None] * len(draft.header))
    draft.rows[-1][draft.column(SELF)] = 8
    return Planted("missing_value", (f"#{len(draft.rows) - 1}", "Mã"))


def covered(draft: Draft, code: str, _: random.Random) -> Planted:
    row, column = _at(draft, code, SELF)
    draft.merged.append((row, column, row, column + 1))
    return Planted("covered_figure", (code, VERIFIED))


def hidden_row(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.hidden_rows.add(_at(draft, code, SELF)[0])
    return Planted("hidden_figure", (code, SELF))


def hidden_column(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.hidden_columns.add(draft.column(VERIFIED))
    return Planted("hidden_figure", (code, VERIFIED))


def hidden_sheet(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.hidden = True
    return Planted("hidden_sheet", None)


def other_sheet(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.others = [["Điểm bổ sung", None], [code, draw.choice((9, "8,5"))]]
    return Planted("unread_sheet", None)


def difference_of_sum(draft: Draft, code: str, draw: random.Random) -> Planted:
    parent = code.split(".", maxsplit=1)[0]
    draft.put(parent, DIFFERENCE, draw.choice((777, "777,5")))
    return Planted("sum_differs", (parent, DIFFERENCE))


def word_for_sum(draft: Draft, code: str, draw: random.Random) -> Planted:
    parent = code.split(".", maxsplit=1)[0]
    draft.put(parent, draw.choice((SELF, VERIFIED)), draw.choice(("abc", "chưa cộng", "#REF")))
    header = next(each for each in (SELF, VERIFIED) if draft.get(parent, each) is not None)
    return Planted("sum_unread", (parent, header))


def total_as_text(draft: Draft, _: str, draw: random.Random) -> Planted:
    draft.rows[-1][draft.column(VERIFIED)] = draw.choice(("1", "999,5"))
    return Planted("sum_differs", ("", VERIFIED))


def vague(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.put(code, SELF, f"{draw.choice(('gần', 'khoảng', 'trên', '~'))} {draft.get(code, MAXIMUM)}")
    draft.put(code, VERIFIED, 0)
    draft.put(code, DIFFERENCE, draft.get(code, MAXIMUM))
    return Planted("not_exact", (code, SELF))


def shown_as_per_cent(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.formats[_at(draft, code, SELF)] = "0%"
    draft.put(code, SELF, 0.8)
    return Planted("ambiguous_number", (code, SELF))


def another_time(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.say("Đơn vị", "Thái Nguyên")
    draft.say("Mã đơn vị", "VN34-19")
    return Planted("wrong_geography", None)


def no_figure(draft: Draft, _: str, __: random.Random) -> Planted:
    for row in draft.rows:
        row[draft.column(SELF)] = row[draft.column(VERIFIED)] = row[draft.column(DIFFERENCE)] = None
    return Planted("nothing_given", None)


def strange_letter(draft: Draft, _: str, __: random.Random) -> Planted:
    name = str(dict(draft.title)["Đơn vị"])
    draft.say("Đơn vị", name.translate(str.maketrans("aoiec", "\u0430\u043e\u0456\u0435\u0441")))
    return Planted("wrong_sender", None)


def strange_header(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.header[0] = "\u041cã"
    return Planted("header_missing", None)


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
    "a sum's difference that differs": difference_of_sum,
    "a difference as text that differs": _value(DIFFERENCE, "sum_differs", "77", "-77,5"),
    "a word for a difference": _value(DIFFERENCE, "sum_unread", "abc", "không", "?"),
    "a word for a sum": word_for_sum,
    "a total as text that differs": total_as_text,
    "final above self": final_above,
    "final far from verified": final_far,
    "the name of another": other_name,
    "two names swapped": names_swapped,
    "a name of nobody": _value(NAME, "unknown_name", "Số hội nghị về chuyển đổi số", "Chỉ tiêu khác", "abc"),
    "the group of another": other_group,
    "a group that is none": _value(GROUP, "wrong_group", "Nhóm khác", "abc"),
    "a status that is none": _value(STATUS, "unknown_status", "Xong rồi", "OK", 1),
    "a word for a deadline": _value(DEADLINE, "unread_deadline", "hôm nào đó", "sớm", 45),
    "another unit of measure": other_measure,
    "shares for points": shares,
    "points that the rule can't give": no_grade,
    "verified points that the rule can't give": verified_no_grade,
    "a word for evidence": _value(EVIDENCE, "score_without_evidence", "có", "Không có", "Đã có", "chưa có."),
    "a mark for evidence": _value(EVIDENCE, "score_without_evidence", "-", "x", "n/a", "...", "–", "1"),
    "evidence of the far future": _value(EVIDENCE, "day_out_of_time", "Số 7/BC ngày 05/02/2032", "ngày 1/1/2203"),
    "evidence of another age": _value(EVIDENCE, "day_out_of_time", "Số 7/BC ngày 05/02/1022", "ngày 1/1/0202"),
    "evidence later than the sheet": after_issue,
    "a second day that no calendar has": _value(
        EVIDENCE, "impossible_day", "Số 1/BC ngày 01/02/2023; Số 2/BC ngày 31/02/2023", "1/2/2023 và ngày 30/02/2023"
    ),
    "a short year that no calendar has": _value(EVIDENCE, "impossible_day", "Số 1/BC ngày 31/02/23", "32/1/23"),
    "a day in words that no calendar has": _value(EVIDENCE, "impossible_day", "ngày 31 tháng 4 năm 2022"),
    "a figure beside the table": beside,
    "a figure below the table": below,
    "a score below the table": score_below,
    "a figure under a merged cell": covered,
    "a hidden row": hidden_row,
    "a hidden column": hidden_column,
    "a hidden sheet": hidden_sheet,
    "figures in another sheet": other_sheet,
    "a vague score": vague,
    "a number shown as per cent": shown_as_per_cent,
    "a code that became a day": _code("code_as_number", lambda code: dt.date(2022, int(code.split(".")[0]), 1)),
    "a code with a mark behind": _code("unknown_node", lambda code: f"{code}."),
    "no figure at all": no_figure,
    "a letter of another script in the name": strange_letter,
    "a letter of another script in a header": strange_header,
    "a day of issue of the far future": _title("Ngày lập", "day_of_issue", "01/01/2203", "5/2/2032"),
    "a day of issue before the period": _title("Ngày lập", "day_of_issue", "01/01/1999", "31/12/2021"),
    "a day that no calendar has": _value(EVIDENCE, "impossible_day", "Số 1/BC ngày 31/02/2023", "ngày 12/31/2022"),
    "an undeclared column": strange_column,
    "a header renamed": header_renamed,
    "a header twice": header_twice,
    "a unit code of nobody": _title("Mã đơn vị", "wrong_sender", "VN63-99", "VN63-00", "19"),
    "a unit code of an aggregate": _title("Mã đơn vị", "wrong_sender", "VN63", "VN"),
    "another unit's code": _title("Mã đơn vị", "wrong_sender", "VN63-01", "VN63-79"),
    "another unit's name": _title("Đơn vị", "wrong_sender", "Thái Bình", "Hà Nội"),
    "a misspelt name": _title("Đơn vị", "wrong_sender", "Thái Ngyên", "Thái Nguyn"),
    "a province of another time": another_time,
    "another period": _title("Kỳ", "wrong_period", "2021", "2023", "20222"),
    "no period": _title("Kỳ", "wrong_period", None),
    "another framework": _title("Bộ chỉ số", "wrong_framework", "2323", "405", "9222"),
    "two units": second_unit,
    "two periods": two_periods,
    "two frameworks": two_frameworks,
    "a day of issue that is none": _title("Ngày lập", "day_of_issue", "31/02/2023", "hôm qua"),
}
WORKBOOK_ALONE = (
    "a formula that nobody calculated", "a formula for a score", "a figure under a merged cell", "a hidden row",
    "a hidden column", "a hidden sheet", "figures in another sheet", "a number shown as per cent",
)  # fmt: skip
#: Kinds that there are not in a form: text has no types, and JSON no place but under a key.
NOT_IN: Mapping[str, tuple[str, ...]] = {
    "xlsx": (),
    "csv": (*WORKBOOK_ALONE, "a code as a number", "a code that became a day"),
    "json": (
        *WORKBOOK_ALONE,
        "a header twice",
        "a code that became a day",
        "a figure beside the table",
        "two periods",
        "two frameworks",
    ),
}


def forms(kind: str) -> list[str]:
    """The forms in which there is such a defect."""
    return [form for form in FORMS if kind not in NOT_IN[form]]


def plant(kind: str, number: int) -> tuple[Draft, Planted]:
    """A sheet with one defect of a kind; which unit's, which cell and which value depends on the number alone."""
    draw, draft = random.Random(f"{kind} {number}"), clean(UNITS[number % len(UNITS)])
    return draft, DEFECTS[kind](draft, draw.choice(codes(draft)), draw)
