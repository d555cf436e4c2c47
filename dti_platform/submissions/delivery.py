"""Answers laid down where their senders find them, by receipt: JSON, a page to print, and the workbook coloured.

Here: the forms of one answer, and the answers to all that came by the inbox and has none yet. Not here: what an answer
says (``compose``), nor how a form shows it (``forms``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dti_platform.submissions.desk import Desk, Served

if TYPE_CHECKING:
    from pathlib import Path

    from dti_platform.feeds import Known
    from dti_platform.storage import Receipt, Store

__all__ = ["answer_arrivals", "keep_answer", "list_answers", "unanswered"]


def keep_answer(store: Store, served: Served, folder: Path | None = None) -> Path:
    """Where the forms of an answer were put: under its receipt, in the data root or in the folder named."""
    from dti_platform.submissions.forms import html, workbook

    answer = served.answer
    forms = {"answer.html": html.page(answer).encode()}
    if served.book is not None:
        forms["answer.xlsx"] = workbook.workbook(answer, served.book)
    forms["answer.json"] = json.dumps(answer.to_dict(), ensure_ascii=False, indent=2).encode()
    return store.answers(folder).keep(str(answer.receipt or answer.sha256[:12]), forms)


def list_answers(store: Store) -> None:
    """Brings the list of answers in the data root up to date; only answers that it lacks are read for it."""
    from dti_platform.submissions.forms import index

    answers = store.answers()
    before = json.loads(answers.listed())
    lines = {name: before.get(name) or index.line(json.loads(answers.read(name))) for name in answers.names()}
    if lines.keys() != before.keys():
        answers.keep_list(json.dumps(lines, ensure_ascii=False).encode(), index.page(lines).encode())


def unanswered(store: Store) -> list[Receipt]:
    """What came by the inbox and has no answer yet."""
    came = [each for each in store.landing.receipts() if each.channel == store.inbox.name]
    return [each for each in came if not store.answers().has(str(each.number))]


def answer_arrivals(store: Store, known: Known) -> int:
    """Answers everything that came by the inbox and has no answer yet; says how many files that are."""
    waiting = unanswered(store)
    for served in Desk(store, known).answer(waiting):
        keep_answer(store, served)
    list_answers(store)
    return len(waiting)
