"""Delivery of answers: each is kept by owner and receipt, in every form and as JSON, and listed for its owner.

Here: keeping and listing answers, and which receipts have none yet. Not here: what an answer says (``compose``), nor
how a form shows it (``forms``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dti_platform.storage import Confirmation
from dti_platform.submissions import forms
from dti_platform.submissions.forms import index

if TYPE_CHECKING:
    from pathlib import Path

    from dti_platform.storage import Receipt, Store
    from dti_platform.storage.answers import Answers
    from dti_platform.submissions.answer import AnsweredFile


def keep_answer(store: Store, answered: AnsweredFile, folder: Path | None = None) -> Path:
    """Where the forms of an answer were put: under owner and receipt, in the data root or in the folder named."""
    answer = answered.answer
    made = {name: form.make(answered) for name, form in forms.discover().items()}
    files = {name: content for name, content in made.items() if content is not None}
    files["answer.json"] = json.dumps(answer.to_dict(), ensure_ascii=False, indent=2).encode()
    return store.answers(folder).keep(answer.owner, str(answer.receipt or answer.sha256[:12]), files)


def list_answers(store: Store) -> None:
    """Brings the lists in the data root up to date: one for each owner, and one of all, which says who got an answer.

    Only answers that no list has yet are read for it.
    """
    answers = store.answers()
    places = answers.places()
    listed: dict[str, index.Line] = json.loads(answers.listed())
    before = {name: line for name, line in listed.items() if "owner" in line}  # earlier versions had one list alone
    anew = {name for name in _confirmed(store) & before.keys() if _says_it_waits(answers, before[name]["owner"], name)}
    asked = {name: place for name, place in places.items() if name not in before or name in anew}
    new = {name: index.line(place, answers.folder) for name, place in asked.items()}
    gone = before.keys() - places.keys()
    for owner in sorted({line["owner"] for line in (*new.values(), *(before[name] for name in gone))}):
        own = {**json.loads(answers.listed(owner)), **new}
        lines = {name: own[name] for name in places if name in own and own[name]["owner"] == owner}
        answers.keep_list(json.dumps(lines, ensure_ascii=False).encode(), index.page(lines).encode(), owner)
    if new or gone:
        every = {name: before.get(name) or index.public(new[name]) for name in places}
        answers.keep_list(json.dumps(every, ensure_ascii=False).encode(), index.page_of_all(every).encode())


def _confirmed(store: Store) -> set[str]:
    """The receipts that were confirmed, whose answers are given anew then."""
    confirmations = (each for each in store.landing.history() if isinstance(each, Confirmation))
    return {str(number) for each in confirmations for number in each.receipts}


def _says_it_waits(answers: Answers, owner: str, name: str) -> bool:
    return json.loads(answers.listed(owner)).get(name, {}).get("outcome") == "waiting"


def unanswered(store: Store) -> list[Receipt]:
    """What came by the inbox or by hand, and has no answer yet though it was not withdrawn.

    In old ledgers answers to what came by hand may have been put elsewhere: they are not given again.
    """
    withdrawn, answers = store.landing.held().withdrawn, store.answers()
    places = answers.places()
    came = [each for each in store.landing.receipts() if each.channel == store.inbox.name or _by_hand(store, each)]
    left = [each for each in came if each.number not in withdrawn]
    return [each for each in left if not _is_answered(answers, places.get(str(each.number)), each)]


def _is_answered(answers: Answers, place: Path | None, receipt: Receipt) -> bool:
    return place is not None and answers.is_known(place, receipt.entry)


def _by_hand(store: Store, receipt: Receipt) -> bool:
    return bool(receipt.rule) and receipt.channel != store.feeds.name
