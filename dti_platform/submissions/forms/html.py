"""The answer as one self-contained page, in Vietnamese and English, fit for the screen and for paper.

Here: the variables of its template (``answer.html.j2``). Not here: the content (``answer``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import glossary
from dti_platform.language import Bilingual
from dti_platform.pages import render
from dti_platform.reading import place
from dti_platform.submissions.answer import grouped
from dti_platform.submissions.forms import Form, words

if TYPE_CHECKING:
    from dti_platform.submissions.answer import Answer, AnsweredFile

FORM = Form("answer.html", "text/html", Bilingual("Trang để in", "Page to print"))


def make(answered: AnsweredFile) -> bytes:
    """The page of any answer."""
    return page(answered.answer).encode()


def page(answer: Answer) -> str:
    """The page as text; where all figures are new they are counted, not listed."""
    return render(
        "submissions/forms/answer.html.j2",
        title=f"{words.HEADINGS['title'].vi}: {answer.file_name}",
        answer=answer, all_new=all(change.kind == "new" for change in answer.changes),
        headings=words.HEADINGS, outcomes=glossary.OUTCOMES, classes=glossary.CLASSES, kinds=glossary.CHANGES,
        accounted=words.ACCOUNTED, basis=words.basis, standing=words.standing,
        before_and_after=words.before_and_after, with_count=words.with_count, and_more=words.and_more, place=place,
        grouped=grouped, words=words,
    )  # fmt: skip
