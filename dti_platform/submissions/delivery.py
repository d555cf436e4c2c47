"""Delivery of answers: each is kept by owner and receipt, in every form and as JSON, and listed for its owner.

Here: keeping and listing answers, and the receipts without one. Not here: the content of an answer (``compose``), nor
its forms (``forms``).
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
    """Keeps the forms of an answer and returns their folder: by owner and receipt, in the data root or in ``folder``.

    A form that can't be made of this answer is left out, which ``answer.json`` states.
    """
    answer = answered.answer
    contents = {name: contained(name, partial(form.make, answered)) for name, form in forms.discover().items()}
    files = {name: content for name, content in contents.items() if isinstance(content, bytes)}
    faults = {name: fault.detail.en for name, fault in contents.items() if isinstance(fault, Unreadable)}
    document = {**answer.to_dict(), "forms_not_made": faults} if faults else answer.to_dict()
    files["answer.json"] = json.dumps(document, ensure_ascii=False, indent=2).encode()
    return store.answers(folder).keep(answer.owner, str(answer.receipt or answer.sha256[:12]), files)


def list_answers(store: Store) -> None:
    """Updates the lists in the data root: one for each owner, and one of all answers, which states who got an answer.

    Each line also states what happened to the file since. Only answers that are not listed yet are read. A damaged
    answer is not listed, a damaged list is made again.
    """
    answers, held = store.answers(), store.landing.held()
    places, public = answers.places(), _kept_list(answers)
    owners = {line["owner"] for line in public.values()}
    listed = {name: line for owner in owners for name, line in _kept_list(answers, owner).items()}
    confirmed = {name for name in map(str, held.confirmed) if listed.get(name, {}).get("outcome") == "waiting"}
    unlisted = {
        name: place for name, place in places.items() if name not in public.keys() & listed.keys() or name in confirmed
    }
    new = {name: index.line(answers.read(place), place, answers.folder) for name, place in unlisted.items()}
    standing, waiting = ({receipt.number for receipt in receipts} for receipts in (held.standing(), held.waiting()))
    events = {
        str(receipt.number): index.since(list(_events(held, receipt, standing, waiting)), _reason(held, receipt))
        for receipt in store.landing.receipts()
    }
    lines = {
        name: {**line, **events.get(name, index.NOTHING)}
        for name in places
        if (line := new.get(name) or listed.get(name))
    }
    changed = [line for name, line in lines.items() if line != listed.get(name)]
    removed = [public[name] for name in public.keys() - places.keys()]
    for owner in sorted({line["owner"] for line in (*changed, *removed)}):
        owned = {name: line for name, line in lines.items() if line["owner"] == owner}
        answers.keep_list(json.dumps(owned, ensure_ascii=False).encode(), index.page(owned).encode(), owner)
    published = {name: index.public(line) for name, line in lines.items()}
    if published != public:
        answers.keep_list(json.dumps(published, ensure_ascii=False).encode(), index.page_of_all(published).encode())


def _kept_list(answers: Answers, owner: str = "") -> dict[str, index.Line]:
    """A list as it was last kept, without lines of earlier versions of the platform, which name no owner."""
    lines: dict[str, index.Line] = json.loads(answers.listed(owner))
    return {name: line for name, line in lines.items() if "owner" in line}


def _reason(held: Held, receipt: Receipt) -> str:
    withdrawal = held.withdrawn.get(receipt.number)
    return withdrawal.reason if withdrawal else ""


def _events(held: Held, receipt: Receipt, standing: Collection[int], waiting: Collection[int]) -> Iterator[Bilingual]:
    """What happened to a file after it was answered; for a withdrawn file only the withdrawal."""
    if withdrawal := held.withdrawn.get(receipt.number):
        yield index.happened("withdrawn", withdrawal.withdrawn_at)
        return
    replacement, restoration = held.replacement(receipt), held.restoration(receipt)
    stands = bool({receipt.number, receipt.repeats} & {*standing}) and (restoration is not None or replacement is None)
    if confirmation := held.confirmed.get(receipt.number):
        name = "confirmed_by" if (by := held.confirmed_by.get(receipt.number)) else "confirmed"
        yield index.happened(name, confirmation.confirmed_at, number=by)
        if stands and not replacement:
            yield index.happened("counts_since")
    if replacement and not receipt.refusal:
        name = "left_behind" if receipt in held.unconfirmed else "replaced"
        yield index.happened(name, replacement.at, number=replacement.number)
        if stands and restoration:
            yield index.happened("counts_again", restoration.withdrawn_at, number=restoration.receipt)
        elif receipt.number in waiting:
            yield index.happened("waits_again")
    for other in held.withdrawn.values() if stands else ():
        if other != restoration and (count := other.begun.get(str(receipt.number))):
            yield index.happened("begun", other.withdrawn_at, number=other.receipt, count=count)


def unanswered(store: Store) -> list[Receipt]:
    """The receipts from the inbox or by hand that have no answer yet and are not withdrawn.

    In old ledgers answers to files submitted by hand may have been kept elsewhere: they are not given again.
    """
    withdrawn, answers = store.landing.held().withdrawn, store.answers()
    places = answers.places()
    receipts = [receipt for receipt in store.landing.receipts() if receipt.number not in withdrawn]
    due = [receipt for receipt in receipts if receipt.channel == store.inbox.name or _by_hand(store, receipt)]
    return [receipt for receipt in due if not _is_answered(answers, places.get(str(receipt.number)), receipt)]


def _is_answered(answers: Answers, place: Path | None, receipt: Receipt) -> bool:
    return place is not None and answers.is_known(place, receipt.entry)


def _by_hand(store: Store, receipt: Receipt) -> bool:
    return bool(receipt.rule) and receipt.channel != store.feeds.name
