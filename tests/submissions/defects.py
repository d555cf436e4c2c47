"""Defects to plant in a clean sheet: each kind with the answer that it must get, and where.

``plant`` changes a draft and says where: code and header of the cell (or None for the file), and the reason that must
be given. Whatever else is said of a sheet with one defect is a false alarm, but for what a held row takes with it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

from tests.feeds.drafts import Draft
from tests.submissions import row_defects, sheet_defects
from tests.submissions.planting import (
    DEADLINE,
    EVIDENCE,
    GROUP,
    MAXIMUM,
    NAME,
    SELF,
    STATUS,
    UNITS,
    Plant,
    Planted,
    clean,
    code_of,
    codes,
    difference_of,
    title_of,
    value_of,
)

__all__ = ["DEFECTS", "FORMS", "NOT_IN", "UNITS", "Planted", "clean", "forms", "plant"]

FORMS = ("xlsx", "csv", "json")
DEFECTS: Mapping[str, Plant] = {
    "a word for a number": value_of(SELF, "not_a_number", "đạt", "tốt", "N/A", "-", "x"),
    "a number with its unit": value_of(SELF, "not_a_number", "8 điểm", "8đ", "điểm 8"),
    "two numbers in a cell": value_of(SELF, "not_a_number", "8; 9", "8/10", "7 - 8"),
    "a truth value": value_of(SELF, "not_a_number", True, False),
    "a point for a comma": value_of(SELF, "read_by_range", "8.5", "0.25"),
    "a point that would group too much": value_of(SELF, "read_by_range", "1.234", "2.255"),
    "more points than a number has": value_of(SELF, "ambiguous_number", "8.5.0", "1.23.4"),
    "a word before the score": value_of(SELF, "not_exact", "gần 8", "> 8", "dưới 8", "khoảng 3,5"),
    "a day for a number": value_of(SELF, "not_a_number", dt.date(2022, 5, 8), dt.date(2022, 12, 1)),
    "above the maximum": value_of(SELF, "out_of_range", 1000, 501, "999", "1.234,5", "1,234.5"),
    "below zero": value_of(SELF, "out_of_range", -1, -0.25, "-3"),
    "per cent for points": value_of(SELF, "not_a_number", "66,71%", "50 %"),
    "not a number at all": value_of(SELF, "not_a_number", "NaN", "inf", "1e309"),
    "a letter for a digit": value_of(SELF, "not_a_number", "1O", "l0", "8,5o"),
    "a formula as text": value_of(SELF, "not_a_number", "=1+1", "=SUM(A1:A9)"),
    "a score that is the verifier's to give": row_defects.quoted,
    "another maximum": value_of(MAXIMUM, "maximum_differs", 7, 999, 12.5),
    "a maximum that is a word": value_of(MAXIMUM, "not_a_number", "mười", "tối đa"),
    "a code of no framework": code_of("unknown_node", lambda code: f"{code}.99"),
    "a code with another mark": code_of("unknown_node", lambda code: code.replace(".", ",")),
    "a code with a letter": code_of("unknown_node", lambda code: f"{code}a"),
    "a code as a number": code_of("code_as_number", float),
    "a code twice": row_defects.code_twice,
    "no code": row_defects.no_code,
    "a row left out": sheet_defects.row_left_out,
    "no self score": row_defects.no_score,
    "no evidence": row_defects.no_evidence,
    "verified above self": row_defects.above,
    "a difference that differs": difference_of("sum_differs", 77, -77.5),
    "a printed sum that differs": row_defects.printed_sum,
    "a printed total that differs": row_defects.printed_total,
    "a formula that nobody calculated": row_defects.formula,
    "a formula for a score": row_defects.stored_formula,
    "a sum's difference that differs": row_defects.difference_of_sum,
    "a difference as text that differs": difference_of("sum_differs", "77", "-77,5"),
    "a word for a difference": difference_of("sum_unread", "abc", "không", "?"),
    "a word for a sum": row_defects.word_for_sum,
    "a total as text that differs": row_defects.total_as_text,
    "final above self": row_defects.final_above,
    "final far from verified": row_defects.final_far,
    "the name of another": row_defects.other_name,
    "two names swapped": row_defects.names_swapped,
    "a name of nobody": value_of(NAME, "unknown_name", "Số hội nghị về chuyển đổi số", "Chỉ tiêu khác", "abc"),
    "the group of another": row_defects.other_group,
    "a group that is none": value_of(GROUP, "wrong_group", "Nhóm khác", "abc"),
    "a status that is none": value_of(STATUS, "unknown_status", "Xong rồi", "OK", 1),
    "a word for a deadline": value_of(DEADLINE, "unread_deadline", "hôm nào đó", "sớm", 45),
    "another unit of measure": sheet_defects.other_measure,
    "shares for points": sheet_defects.shares,
    "points that the rule can't give": row_defects.no_grade,
    "a word for evidence": value_of(EVIDENCE, "score_without_evidence", "có", "Không có", "Đã có", "chưa có."),
    "a mark for evidence": value_of(EVIDENCE, "score_without_evidence", "-", "x", "n/a", "...", "–", "1"),
    "evidence of the far future": value_of(EVIDENCE, "day_out_of_time", "Số 7/BC ngày 05/02/2032", "ngày 1/1/2203"),
    "evidence of another age": value_of(EVIDENCE, "day_out_of_time", "Số 7/BC ngày 05/02/1022", "ngày 1/1/0202"),
    "evidence later than the sheet": row_defects.after_issue,
    "a second day that no calendar has": value_of(
        EVIDENCE, "impossible_day", "Số 1/BC ngày 01/02/2023; Số 2/BC ngày 31/02/2023", "1/2/2023 và ngày 30/02/2023"
    ),
    "a short year that no calendar has": value_of(EVIDENCE, "impossible_day", "Số 1/BC ngày 31/02/23", "32/1/23"),
    "a day in words that no calendar has": value_of(EVIDENCE, "impossible_day", "ngày 31 tháng 4 năm 2022"),
    "a figure beside the table": sheet_defects.beside,
    "a figure below the table": sheet_defects.below,
    "a score below the table": sheet_defects.score_below,
    "a figure under a merged cell": sheet_defects.covered,
    "a hidden row": sheet_defects.hidden_row,
    "a hidden column": sheet_defects.hidden_column,
    "a hidden sheet": sheet_defects.hidden_sheet,
    "figures in another sheet": sheet_defects.other_sheet,
    "a number shown as per cent": row_defects.shown_as_per_cent,
    "a number shown with other digits": row_defects.shown_otherwise,
    "a code that became a day": code_of("code_as_number", lambda code: dt.date(2022, int(code.split(".")[0]), 1)),
    "a code with a mark behind": code_of("unknown_node", lambda code: f"{code}."),
    "no figure at all": sheet_defects.no_figure,
    "a letter of another script in the name": sheet_defects.strange_letter,
    "a letter of another script in a header": sheet_defects.strange_header,
    "a day of issue of the far future": title_of("Ngày lập", "day_of_issue", "01/01/2203", "5/2/2032"),
    "a day of issue before the period": title_of("Ngày lập", "day_of_issue", "01/01/1999", "31/12/2021"),
    "a day that no calendar has": value_of(EVIDENCE, "impossible_day", "Số 1/BC ngày 31/02/2023", "ngày 12/31/2022"),
    "an undeclared column": sheet_defects.strange_column,
    "a header renamed": sheet_defects.header_renamed,
    "a header twice": sheet_defects.header_twice,
    "a unit code of nobody": title_of("Mã đơn vị", "wrong_sender", "VN63-99", "VN63-00", "19"),
    "a unit code of an aggregate": title_of("Mã đơn vị", "wrong_sender", "VN63", "VN"),
    "another unit's code": title_of("Mã đơn vị", "wrong_sender", "VN63-01", "VN63-79"),
    "another unit's name": title_of("Đơn vị", "wrong_sender", "Thái Bình", "Hà Nội"),
    "a misspelt name": title_of("Đơn vị", "wrong_sender", "Thái Ngyên", "Thái Nguyn"),
    "a province of another time": sheet_defects.another_time,
    "another period": title_of("Kỳ", "wrong_period", "2021", "2023", "20222"),
    "no period": title_of("Kỳ", "wrong_period", None),
    "another framework": title_of("Bộ chỉ số", "wrong_framework", "2323", "405", "9222"),
    "two units": sheet_defects.second_unit,
    "two periods": sheet_defects.two_periods,
    "two frameworks": sheet_defects.two_frameworks,
    "a day of issue that is none": title_of("Ngày lập", "day_of_issue", "31/02/2023", "hôm qua"),
}
WORKBOOK_ALONE = (
    "a formula that nobody calculated", "a formula for a score", "a figure under a merged cell", "a hidden row",
    "a hidden column", "a hidden sheet", "figures in another sheet", "a number shown as per cent",
    "a number shown with other digits",
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
