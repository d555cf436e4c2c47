"""The fixed words of an answer in Vietnamese and English, shared by all its forms.

Here: headings and sentences. Not here: terms (``glossary``), nor what is wrong with a cell, which the answer brings.
"""

from __future__ import annotations

from dti_platform.glossary import BASES, terms
from dti_platform.language import Bilingual, format_number
from dti_platform.submissions.answer import Answer, Change, Standing

ACCOUNTED = terms("answer_accounted")
HEADINGS = terms("answer_headings")


def basis(code: str) -> Bilingual:
    """The name of a basis; a code that has none stands for itself."""
    return BASES.get(code, Bilingual.same(code))


def numbered(heading: Bilingual, number: int) -> Bilingual:
    """A heading with how many entries stand below it."""
    return Bilingual(f"{heading.vi} ({number})", f"{heading.en} ({number})")


def and_more(number: int) -> Bilingual:
    """That there are more than those listed."""
    return Bilingual(f"… và {number} mục khác", f"… and {number} more")


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
