"""Defects of a whole sheet: its title, its headers, what is hidden, what stands outside the table."""

from __future__ import annotations

import random
import unicodedata

from tests.feeds.drafts import Draft
from tests.submissions.planting import (
    DIFFERENCE,
    EVIDENCE,
    GROUP,
    MAXIMUM,
    MEASURE,
    SELF,
    STATUS,
    Planted,
    column_more,
    position,
)


def row_left_out(draft: Draft, code: str, _: random.Random) -> Planted:
    del draft.rows[draft.row(code)]
    return Planted("missing_row", None)


def beside(draft: Draft, code: str, draw: random.Random) -> Planted:
    column_more(draft, "")
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
    row, column = position(draft, code, SELF)
    draft.merged.append((row, column - 1, row, column))
    return Planted("covered_figure", (code, SELF))


def hidden_row(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.hidden_rows.add(position(draft, code, SELF)[0])
    return Planted("hidden_figure", (code, SELF))


def hidden_column(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.hidden_columns.add(draft.column(SELF))
    return Planted("hidden_figure", (code, SELF))


def hidden_sheet(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.hidden = True
    return Planted("hidden_sheet", None)


def other_sheet(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.others = [["Điểm bổ sung", None], [code, draw.choice((9, "8,5"))]]
    return Planted("unread_sheet", None)


def another_time(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.say("Đơn vị", "Thái Nguyên")
    draft.say("Mã đơn vị", "VN34-19")
    return Planted("wrong_geography", None)


def no_figure(draft: Draft, _: str, __: random.Random) -> Planted:
    for row in draft.rows:
        row[draft.column(SELF)] = None
    return Planted("nothing_given", None)


def strange_letter(draft: Draft, _: str, __: random.Random) -> Planted:
    apart = unicodedata.normalize("NFD", str(dict(draft.title)["Đơn vị"]))
    draft.say("Đơn vị", apart.translate(str.maketrans("aoiec", "\u0430\u043e\u0456\u0435\u0441")))
    return Planted("wrong_sender", None)


def strange_header(draft: Draft, _: str, __: random.Random) -> Planted:
    draft.header[0] = "\u041cã"
    return Planted("header_missing", None)


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


def shares(draft: Draft, _: str, __: random.Random) -> Planted:
    scored = [str(row[0]) for row in draft.rows if "." in str(row[0]) and isinstance(row[draft.column(MAXIMUM)], int)]
    for code in scored:
        most = float(draft.get(code, MAXIMUM) or 1)  # type: ignore[arg-type]
        draft.put(code, SELF, round(float(draft.get(code, SELF) or 0) / most, 3))  # type: ignore[arg-type]
    for row in draft.rows:
        if "." in str(row[0]) and str(row[0]) not in scored and row[draft.column(MAXIMUM)] != "Không tính điểm":
            row[draft.column(SELF)] = 0.5
    return Planted("like_shares", (scored[0], SELF))


def other_measure(draft: Draft, code: str, draw: random.Random) -> Planted:
    column_more(draft, MEASURE, "điểm")
    draft.put(code, MEASURE, draw.choice(("%", "tỷ lệ", "người")))
    return Planted("other_measure", (code, MEASURE))
