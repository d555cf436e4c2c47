"""Delivery of answers: each is kept by its receipt, in every form and as JSON, and listed for those who look for it.

Here: keeping and listing answers, and answering what came by the inbox and has no answer yet. Not here: what an answer
says (``compose``), nor how a form shows it (``forms``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dti_platform.submissions import forms
from dti_platform.submissions.desk import Desk
from dti_platform.submissions.forms import index

if TYPE_CHECKING:
    from pathlib import Path

    from dti_platform.feeds import Known
    from dti_platform.storage import Receipt, Store
    from dti_platform.submissions.answer import AnsweredFile


def keep_answer(store: Store, answered: AnsweredFile, folder: Path | None = None) -> Path:
    """Where the forms of an answer were put: under its receipt, in the data root or in the folder named."""
    answer = answered.answer
    made = {name: form.make(answered) for name, form in forms.discover().items()}
    files = {name: content for name, content in made.items() if content is not None}
    files["answer.json"] = json.dumps(answer.to_dict(), ensure_ascii=False, indent=2).encode()
    return store.answers(folder).keep(str(answer.receipt or answer.sha256[:12]), files)


def list_answers(store: Store) -> None:
    """Brings the list of answers in the data root up to date; only answers that it lacks are read for it."""
    answers = store.answers()
    before: dict[str, index.Line] = json.loads(answers.listed())
    known = {name: line for name, line in before.items() if "forms" in line}  # earlier versions did not list them
    lines = {
        name: known.get(name) or index.line(json.loads(answers.read(name)), answers.files(name))
        for name in answers.names()
    }
    if lines != before:
        answers.keep_list(json.dumps(lines, ensure_ascii=False).encode(), index.page(lines).encode())


def unanswered(store: Store) -> list[Receipt]:
    """What came by the inbox and has no answer yet."""
    came = [each for each in store.landing.receipts() if each.channel == store.inbox.name]
    return [each for each in came if not store.answers().has(str(each.number))]


def answer_arrivals(store: Store, known: Known) -> int:
    """Answers everything that came by the inbox and has no answer yet; says how many files that are."""
    waiting = unanswered(store)
    for answered in Desk(store, known).answer(waiting):
        keep_answer(store, answered)
    list_answers(store)
    return len(waiting)
