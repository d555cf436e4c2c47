"""Defects of one row: its code, its name, its scores, its evidence, its sums."""

from __future__ import annotations

import random

from tests.feeds.drafts import Draft
from tests.submissions.planting import (
    DIFFERENCE,
    EVIDENCE,
    FINAL,
    GRADED,
    GROUP,
    MAXIMUM,
    NAME,
    SELF,
    VERIFIED,
    Planted,
    codes,
    column_more,
    position,
    score,
)


def code_twice(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.rows.append(list(draft.rows[draft.row(code)]))
    return Planted("repeated_value", (code, "Mã"))


def no_code(draft: Draft, code: str, _: random.Random) -> Planted:
    row = draft.row(code)
    draft.rows[row][0] = None
    return Planted("missing_value", (f"#{row}", "Mã"))


def no_score(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.put(code, SELF, None)
    return Planted("missing_score", (code, SELF))


def no_evidence(draft: Draft, code: str, draw: random.Random) -> Planted:
    draft.put(code, EVIDENCE, draw.choice((None, " ", "\n")))
    return Planted("score_without_evidence", (code, EVIDENCE))


def above(draft: Draft, code: str, _: random.Random) -> Planted:
    most = draft.get(code, MAXIMUM)
    score(draft, code, 0, most, -float(most or 0))  # type: ignore[arg-type]
    return Planted("verified_above_self", (code, VERIFIED))


def quoted(draft: Draft, code: str, _: random.Random) -> Planted:
    score(draft, code, draft.get(code, SELF), 0, draft.get(code, SELF))
    return Planted("quoted_scores", None)


def final_above(draft: Draft, code: str, _: random.Random) -> Planted:
    column_more(draft, FINAL)
    score(draft, code, 0, 0)
    draft.put(code, FINAL, draft.get(code, MAXIMUM))
    return Planted("final_above_self", (code, FINAL))


def final_far(draft: Draft, code: str, _: random.Random) -> Planted:
    column_more(draft, FINAL)
    most = draft.get(code, MAXIMUM)
    score(draft, code, most, most)
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


def no_grade(draft: Draft, _: str, draw: random.Random) -> Planted:
    code = draw.choice(GRADED)
    draft.put(code, SELF, draw.choice((7, 2, 9.5)))
    return Planted("not_a_grade", (code, SELF))


def after_issue(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.say("Ngày lập", "01/03/2023")
    draft.put(code, EVIDENCE, "Số 9/BC-UBND ngày 02/03/2023")
    return Planted("day_out_of_time", (code, EVIDENCE))


def difference_of_sum(draft: Draft, code: str, draw: random.Random) -> Planted:
    parent = code.split(".", maxsplit=1)[0]
    score(draft, code, draft.get(code, SELF), draft.get(code, SELF))
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


def shown_as_per_cent(draft: Draft, code: str, _: random.Random) -> Planted:
    draft.formats[position(draft, code, SELF)] = "0%"
    draft.put(code, SELF, 0.8)
    return Planted("percent_cell", (code, SELF))


def shown_otherwise(draft: Draft, code: str, draw: random.Random) -> Planted:
    value, form = draw.choice(((4.75, "0.0"), (4.75, "0"), (4.25, ";;;"), (4.125, "#,##0.00")))
    draft.formats[position(draft, code, SELF)] = form
    draft.put(code, SELF, value)
    return Planted("shown_otherwise", (code, SELF))


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
    return Planted("formula_not_calculated", (code, SELF))
