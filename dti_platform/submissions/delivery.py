"""Delivery of answers: each is kept by owner and receipt, in every form and as JSON, and listed for its owner.

Here: keeping and listing answers, and which receipts have none yet. Not here: what an answer says (``compose``), nor
how a form shows it (``forms``).
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from dti_platform.feeds.boundary import contained
from dti_platform.reading import Unreadable
from dti_platform.submissions import forms
from dti_platform.submissions.forms import index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from dti_platform.language import Bilingual
    from dti_platform.storage import Held, Receipt, Store
    from dti_platform.storage.answers import Answers
    from dti_platform.submissions.answer import AnsweredFile


def keep_answer(store: Store, answered: AnsweredFile, folder: Path | None = None) -> Path:
    """Where the forms of an answer were put: under owner and receipt, in the data root or in the folder named.

    A form that can't be made of this answer is left out, which ``answer.json`` says.
    """
    answer = answered.answer
    made = {name: contained(name, partial(form.make, answered)) for name, form in forms.discover().items()}
    files = {name: content for name, content in made.items() if isinstance(content, bytes)}
    faults = {name: fault.detail.en for name, fault in made.items() if isinstance(fault, Unreadable)}
    told = {**answer.to_dict(), "forms_not_made": faults} if faults else answer.to_dict()
    files["answer.json"] = json.dumps(told, ensure_ascii=False, indent=2).encode()
    return store.answers(folder).keep(answer.owner, str(answer.receipt or answer.sha256[:12]), files)


def list_answers(store: Store) -> None:
    """Brings the lists in the data root up to date: one for each owner, and one of all, which says who got an answer.

    Each line also says what became of the file since. Only answers that no list has yet are read for it. A damaged
    answer is not listed, a damaged list is made again.
    """
    answers, held = store.answers(), store.landing.held()
    places, before = answers.places(), _listed(answers)
    owners = {line["owner"] for line in before.values()}
    own = {name: line for owner in owners for name, line in _listed(answers, owner).items()}
    waited = {name for name in map(str, held.confirmed) if own.get(name, {}).get("outcome") == "waiting"}
    asked = {name: place for name, place in places.items() if name not in before.keys() & own.keys() or name in waited}
    new = {name: index.line(answers.read(place), place, answers.folder) for name, place in asked.items()}
    standing, waiting = ({each.number for each in receipts} for receipts in (held.standing(), held.waiting()))
    later = {
        str(each.number): index.since(list(_since(held, each, standing, waiting)), _reason(held, each))
        for each in store.landing.receipts()
    }
    lines = {
        name: {**line, **later.get(name, index.NOTHING)} for name in places if (line := new.get(name) or own.get(name))
    }
    changed = [line for name, line in lines.items() if line != own.get(name)]
    gone = [before[name] for name in before.keys() - places.keys()]
    for owner in sorted({line["owner"] for line in (*changed, *gone)}):
        of_owner = {name: line for name, line in lines.items() if line["owner"] == owner}
        answers.keep_list(json.dumps(of_owner, ensure_ascii=False).encode(), index.page(of_owner).encode(), owner)
    every = {name: index.public(line) for name, line in lines.items()}
    if every != before:
        answers.keep_list(json.dumps(every, ensure_ascii=False).encode(), index.page_of_all(every).encode())


def _listed(answers: Answers, owner: str = "") -> dict[str, index.Line]:
    """A list as it was last kept; earlier versions had one list alone, which said less."""
    lines: dict[str, index.Line] = json.loads(answers.listed(owner))
    return {name: line for name, line in lines.items() if "owner" in line}


def _reason(held: Held, receipt: Receipt) -> str:
    withdrawal = held.withdrawn.get(receipt.number)
    return withdrawal.reason if withdrawal else ""


def _since(held: Held, receipt: Receipt, standing: Collection[int], waiting: Collection[int]) -> Iterator[Bilingual]:
    """What became of a file after it was answered; of one that was withdrawn nothing else."""
    if withdrawal := held.withdrawn.get(receipt.number):
        yield index.happened("withdrawn", withdrawal.withdrawn_at)
        return
    replacement, again = held.replacement(receipt), held.restoration(receipt)
    stands = bool({receipt.number, receipt.repeats} & {*standing}) and (again is not None or replacement is None)
    if confirmation := held.confirmed.get(receipt.number):
        name = "confirmed_by" if (by := held.confirmed_by.get(receipt.number)) else "confirmed"
        yield index.happened(name, confirmation.confirmed_at, number=by)
        if stands and not replacement:
            yield index.happened("counts_since")
    if replacement and not receipt.refusal:
        name = "left_behind" if receipt in held.unconfirmed else "replaced"
        yield index.happened(name, replacement.at, number=replacement.number)
        if stands and again:
            yield index.happened("counts_again", again.withdrawn_at, number=again.receipt)
        elif receipt.number in waiting:
            yield index.happened("waits_again")
    for each in held.withdrawn.values() if stands else ():
        if each != again and (count := each.begun.get(str(receipt.number))):
            yield index.happened("begun", each.withdrawn_at, number=each.receipt, count=count)


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
