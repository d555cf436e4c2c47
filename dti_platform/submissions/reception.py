"""The reception of files from every channel: each is judged on arrival, kept with its verdict, and answered.

Here: judging a file beside what counts, receiving from the folders, reading refused files again after an upgrade, and
giving overdue answers. Not here: files handed in (``desk``), the rules (``verdict``, ``versions``), nor keeping bytes
(``storage``).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from dti_platform import feeds
from dti_platform.feeds.boundary import contained
from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.periods import VIETNAM, Period, in_vietnam
from dti_platform.problems import catalogue
from dti_platform.reading import Unreadable, one_child
from dti_platform.storage import Arrival, HeadMoved, Received, Refused, StorageError, account, not_taken, owner, slot_of
from dti_platform.submissions.answer import AnsweredFile
from dti_platform.submissions.compose import Composer, compare
from dti_platform.submissions.delivery import keep_answer, unanswered
from dti_platform.submissions.folders import RETIRED, arrived, batches, new_arrivals, retired, sha256_of
from dti_platform.submissions.owners import VERIFIER, drops_scores, given_by_verifier
from dti_platform.submissions.register import Line, Register
from dti_platform.submissions.verdict import Verdict, judge, refusal, refusal_without_figures
from dti_platform.submissions.versions import (
    Version,
    broken,
    current_by_content,
    current_by_name,
    current_of_sender,
    has_senders,
    landed,
    newest,
    read_version,
    read_versions,
    with_others,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dti_platform.storage import Head, Receipt, Store
    from dti_platform.submissions.answer import Refusal

#: The channel of submitted files.
SUBMIT = "submit"
#: The reason for the confirmation of a file that waited.
SENT_AGAIN = "the same bytes were sent again"
#: How many refused files are read again at a time after an upgrade.
MOST_RETRIED = 20
#: Seconds after its last write in which a file may still be growing.
RECENT = 2.0
#: How long a recently written file is watched for growth, in seconds.
LOOK_SECONDS = 0.5
#: The refusal that depends on the version that counted, not on the reading.
OLDER = "older_than_held"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file came from: the channel, the sender's folder in the inbox, and the account that brought it."""

    channel: str
    folder: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """The result of receiving from the folders."""

    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """A store, and what names are looked up in; in a ``dry_run`` nothing is kept, and no answer is delivered."""

    store: Store
    known: feeds.Known
    dry_run: bool = False

    @one_child()
    def take(self, *, patient: bool = False) -> Intake:
        """Receives what is new in the folders; what is no plain file for a feed and period is reported, not received.

        The first committed files of a feed and period are not read here: there is nothing that they could replace. A
        committed file that is gone from its folder still counts, unless it is retired. A file of the inbox that is
        still growing is left for the next time.

        Args:
            patient: watch every file of the inbox for growth, not only those that were written to just now.
        """
        before, confirmable = len(self.store.landing.receipts()), self.confirmable()
        arrivals = arrived(self.store)
        growing = self._growing(arrivals, patient=patient)
        new, refused = new_arrivals(self.store, [growing.get(arrival.path, arrival) for arrival in arrivals])
        standing = {(receipt.feed, receipt.period) for receipt in self.store.landing.standing()}
        committed = [arrival for arrival in new if self._is_ours(arrival)]
        unjudged = [arrival for arrival in committed if (arrival.feed, arrival.period) not in standing]
        first_files, vanished = self._with_content(unjudged)
        self.store.landing.receive_all(_to_landing(file, Origin(arrival.channel)) for arrival, file in first_files)
        judged = [arrival for arrival in new if arrival not in unjudged]
        vanished += [arrival for batch in batches(judged) for arrival in self._receive_batch(batch, confirmable)]
        withdrawn, faults = self._retire()
        return Intake(len(self.store.landing.receipts()) - before, withdrawn, (*refused, *vanished, *faults))

    def _growing(self, arrivals: Iterable[Arrival], *, patient: bool) -> dict[Path, Arrival]:
        """The files of the inbox that still grow, by path, each refused for that reason."""
        inbox = self.store.inbox.name
        of_inbox = [arrival for arrival in arrivals if arrival.channel == inbox and arrival.refusal is None]
        watched = {arrival: arrival.mark() for arrival in of_inbox if patient or arrival.written_within(RECENT)}
        if watched:
            time.sleep(LOOK_SECONDS)
        growing = (arrival for arrival, mark in watched.items() if arrival.mark() != mark)
        return {arrival.path: replace(arrival, refusal=not_taken("growing")) for arrival in growing}

    def confirmable(self) -> set[int]:
        """The waiting receipts that were answered: sending the same bytes again confirms them."""
        answered = self.store.answers().places()
        return {receipt.number for receipt in self.store.landing.held().waiting() if str(receipt.number) in answered}

    def receive(
        self, received: feeds.Received, origin: Origin, confirmable: Collection[int] = (), *, retried: bool = False
    ) -> AnsweredFile | None:
        """Judges a file beside what counts, keeps it with the verdict, and answers it.

        The verdict rests on the present ledger: where another process appends to it meanwhile, it judges again.

        Args:
            received: the file.
            origin: where it came from.
            confirmable: the receipts that it may confirm: those ``confirmable`` before it was sent.
            retried: the file was refused before: where it is accepted now it waits, else nothing changes.

        Returns:
            The answer; None where nothing changes, or another process received the file from its folder.
        """
        version = self._within_years(read_version(received, self.known))
        while True:
            head = self.store.ledger.head()
            verdict, twin = self._judge(version, origin, confirmable)
            if retried and (verdict.refusal or verdict.unchanged):
                return None
            if not retried and self._was_received(received, origin):
                return None
            verdict = replace(verdict, waiting=verdict.waiting or retried)
            composer, answered = self._compose(verdict, None if self.dry_run else today())
            try:
                receipt = self._keep(composer.verdict, origin, twin, head)
            except HeadMoved:
                continue
            return answered if self.dry_run else composer.with_receipt(answered, receipt)

    @one_child()
    def confirm(self, receipt: Receipt, reason: str) -> AnsweredFile:
        """Confirms a file that waits, and answers it beside what counts now.

        Raises:
            Refused: it doesn't wait, a later file of its sender counts, or no figure of it would count.
            HeadMoved: the ledger changed meanwhile.
        """
        head, origin = self.store.ledger.head(), Origin(receipt.channel, receipt.folder, receipt.by)
        (received,) = feeds.read_apart(self._landed([receipt]), self.known)
        verdict, _ = self._judge(read_version(received, self.known), origin, ())
        current = verdict.current
        if current and (counts := newest((verdict.version, current))) and counts.received is current.received:
            left_behind = terms("receipt_errors")["left_behind"]
            raise Refused(left_behind.format(number=receipt.number, other=current.received.number).both)
        if verdict.refusal:
            raise Refused(_not_confirmed(receipt, verdict.refusal, verdict.version).both)
        composer, answered = self._compose(replace(verdict, waiting=False), in_vietnam(receipt.received_at).date())
        self.store.landing.confirm(receipt.number, reason, after=head)
        return composer.with_receipt(answered, receipt)

    def answer(self, receipts: Sequence[Receipt]) -> Iterator[AnsweredFile]:
        """Answers received files, each beside what counted when it came."""
        unconfirmed = {receipt.number for receipt in self.store.landing.held().unconfirmed}
        landed_files = self._landed(receipts)
        for receipt, received in zip(receipts, feeds.read_apart(landed_files, self.known), strict=True):
            version = read_version(received, self.known)
            verdict = judge(version, self._current(version, receipt.channel, receipt.number))
            if not (received.ours or verdict.refusal):
                origin = Origin(receipt.channel, receipt.folder, receipt.by)
                verdict = self._judge_with_others(verdict, origin, before=receipt.number)
            verdict = _as_recorded(verdict, receipt, waiting=receipt.number in unconfirmed)
            composer, answered = self._compose(verdict, in_vietnam(receipt.received_at).date())
            yield composer.with_receipt(answered, receipt)

    @one_child()
    def retry(self) -> int:
        """Reads files again that another reader version refused, at most ``MOST_RETRIED``; returns their number."""
        receipts = self._to_retry()[:MOST_RETRIED]
        as_new = [replace(received, number=0, rule=feeds.RULE) for received in self._landed(receipts)]
        for receipt, received in zip(receipts, feeds.read_apart(as_new, self.known), strict=True):
            origin = Origin(receipt.channel, receipt.folder, receipt.by)
            if answered := self.receive(received, origin, retried=True):
                keep_answer(self.store, answered)
        tries = [{"receipt": receipt.number, "reader": feeds.reader_version(receipt.feed)} for receipt in receipts]
        if tries:
            self.store.ledger.append("retry", {"tried": tries})
        return len(receipts)

    @one_child()
    def answer_rest(self) -> int:
        """Answers files without an answer, such as those that a killed process received; returns their number."""
        receipts = unanswered(self.store)
        for answered in self.answer(receipts):
            keep_answer(self.store, answered)
        return len(receipts)

    def years(self) -> range:
        """The years whose figures a run reads."""
        frameworks = self.known.frameworks
        last = max(frameworks.last_year, self.store.newest_year(), self.store.clock().year)
        return range(frameworks.first_year, last + 1)

    def _within_years(self, version: Version) -> Version:
        """The version, refused where no run would ever read its year: a file may state any year."""
        file, period, years = version.received.name, version.received.period, self.years()
        if Period.parse(period).year in years:
            return version
        first, last = years[0], years[-1]
        return broken(version, Unreadable("year_not_held", "year", file=file, period=period, first=first, last=last))

    def _is_ours(self, arrival: Arrival) -> bool:
        return arrival.channel == self.store.feeds.name

    def _with_content(self, arrivals: Iterable[Arrival]) -> tuple[list[tuple[Arrival, feeds.Received]], list[Arrival]]:
        """Arrivals with the content of their files; and those whose files are gone since they were listed."""
        files, vanished = list[tuple[Arrival, feeds.Received]](), list[Arrival]()
        for arrival in arrivals:
            try:
                content = arrival.read()
            except Refused as refused:
                vanished.append(replace(arrival, refusal=str(refused)))
                continue
            sender, ours = arrival.folder or None, self._is_ours(arrival)
            identity = (arrival.feed, arrival.period, arrival.name, sha256_of(content), content)
            files.append((arrival, feeds.Received(*identity, sender=sender, ours=ours)))
        return files, vanished

    def _receive_batch(self, batch: Iterable[Arrival], confirmable: Collection[int]) -> list[Arrival]:
        """Receives files of the folders, opened in one child process; returns those that are gone meanwhile."""
        files, vanished = self._with_content(batch)
        opened = feeds.read_apart([received for _, received in files], self.known)
        for (arrival, _), received in zip(files, opened, strict=True):
            in_inbox = arrival.channel == self.store.inbox.name
            origin = Origin(arrival.channel, arrival.folder, owner(arrival.path) if in_inbox else "")
            answered = self.receive(received, origin, confirmable)
            if answered and in_inbox and not self.dry_run:
                keep_answer(self.store, answered)
        return vanished

    def _retire(self) -> tuple[int, list[Arrival]]:
        """Withdraws the committed files that are retired; returns their number, and the faults of the list of them."""
        withdrawn, faults = 0, list[Arrival]()
        for row in retired(self.store):
            if isinstance(row, str):
                path = self.store.feeds / RETIRED
                faults.append(Arrival("", "", RETIRED, path, self.store.feeds.name, row))
            else:
                receipts, reason = row
                self.store.landing.withdraw(receipts, reason)
                withdrawn += len(receipts)
        return withdrawn, faults

    def _landed(self, receipts: Iterable[Receipt]) -> list[feeds.Received]:
        return [landed(self.store, receipt) for receipt in receipts]

    def _to_retry(self) -> list[Receipt]:
        """Refused receipts, the last of each content, that the present reader version has not refused."""
        attempts = (attempt for entry in self.store.ledger.entries("retry") for attempt in entry.body["tried"])
        readers = {attempt["receipt"]: attempt["reader"] for attempt in attempts}
        withdrawn = self.store.landing.held().withdrawn
        last = {(receipt.sha256, receipt.feed, receipt.period): receipt for receipt in self.store.landing.receipts()}
        refused = [receipt for receipt in last.values() if receipt.refusal not in ("", OLDER)]
        known = [receipt for receipt in refused if receipt.number not in withdrawn and receipt.feed in feeds.discover()]
        refused_by = {receipt.number: readers.get(receipt.number, receipt.reader) for receipt in known}
        return [receipt for receipt in known if refused_by[receipt.number] != feeds.reader_version(receipt.feed)]

    def _judge(self, version: Version, origin: Origin, confirmable: Collection[int]) -> tuple[Verdict, Receipt | None]:
        """The verdict beside what counts; and the waiting receipt of the same bytes, which it may confirm."""
        received, twin = version.received, self._waiting_twin(version)
        if twin:  # it replaces that one, whatever its own name
            version = version._replace(received=replace(received, name=twin.name))
        current = self._current(version, origin.channel)
        yielding = current is not None and version.sender is not None and not current.received.rule
        given_by_others = given_by_verifier(self.store, received.period, version.sender or "") if yielding else ()
        verdict = judge(version, current, given_by_others)
        if not (received.ours or verdict.refusal):
            verdict = self._judge_with_others(verdict, origin)
        confirmed = twin is not None and twin.number in confirmable and not verdict.by_operator
        verdict = replace(verdict, version=verdict.version._replace(received=received))
        return replace(verdict, waiting=verdict.waiting and not confirmed), None if verdict.refusal else twin

    def _waiting_twin(self, version: Version) -> Receipt | None:
        """The receipt of the same bytes that waits to be confirmed."""
        received = version.received
        file = (received.feed, received.period, received.sha256, version.sender or received.sender)
        waiting = self.store.landing.held().waiting()
        return next((twin for twin in waiting if (twin.feed, twin.period, twin.sha256, twin.sender) == file), None)

    def _judge_with_others(self, verdict: Verdict, origin: Origin, before: int | None = None) -> Verdict:
        """The verdict on a file from outside beside other files; one that can't be compared is refused."""

        def judge_all() -> Verdict:
            return self._judge_origin(self._judge_within_feed(verdict, before), origin)

        compared = contained(verdict.version.received.name, judge_all, (StorageError,))
        if isinstance(compared, Unreadable):
            return judge(broken(verdict.version, compared), verdict.current)
        if verdict.unchanged:
            return replace(verdict, version=compared.version, current=compared.current)
        received = compared.version.received
        content = (received.feed, received.period, received.sha256)
        register = Register(self.store)
        withdrawn = register.withdrawn_before(*content, before=before)
        replaced = None if withdrawn else register.replaced_before(*content, before=before)
        remarks = (
            _withdrawn_before(withdrawn),
            _replaced_before(replaced, compared.current),
            _other_spelling(compared),
        )
        version = compared.version.remarked(chain.from_iterable(remarks))
        of_verifier = version.received.feed == VERIFIER
        left_out = of_verifier and drops_scores(self.store, version.parsed.observations)
        by_operator = compared.by_operator or bool(withdrawn)
        waiting = compared.waiting or left_out or by_operator
        number = withdrawn.receipt.number if withdrawn else None
        return replace(compared, version=version, waiting=waiting, by_operator=by_operator, withdrawn_before=number)

    def _judge_within_feed(self, verdict: Verdict, before: int | None) -> Verdict:
        """The verdict with the version, and the one that it replaces, reconciled with other files of their feed.

        In a feed without senders an operator confirms a file that disputes printed figures, contradicts what others
        report, repeats a result of the index, gives withdrawn figures again, or has the name of a committed file.
        """
        from dti_platform.submissions import consistency  # imports the gate's comparisons

        version, received = verdict.version, verdict.version.received
        if has_senders(received.feed):
            return verdict
        standing = self.store.landing.standing(Period.parse(received.period).year, before=before)
        of_feed = [landed(self.store, receipt) for receipt in standing if receipt.feed == received.feed]
        others = list(read_versions(of_feed, self.known))
        new, current, counting = with_others(version, verdict.current, others, self.known)
        remarks = [
            *consistency.disputed(version, others, self.known),
            *consistency.contradicting(new, current, counting.values(), self.known),
            *consistency.withdrawn_again(new, others, self._withdrawn_versions(received, before)),
        ]
        committed = any(other.received.ours and other.name_key == version.name_key for other in others)
        of_index = consistency.repeats_index_results(new, self.known)
        by_operator = verdict.by_operator or committed or of_index or bool(remarks)
        waiting, refused = verdict.waiting or by_operator, refusal_without_figures(new)
        new = new.remarked(remarks)
        return replace(verdict, version=new, current=current, refusal=refused, waiting=waiting, by_operator=by_operator)

    def _withdrawn_versions(self, received: feeds.Received, before: int | None) -> Iterator[Version]:
        """The withdrawn files of a feed and year, each content once, without that of the file itself."""
        withdrawals = self.store.landing.held(before=before).withdrawn
        receipts = self.store.landing.receipts(received.feed, Period.parse(received.period).year)
        withdrawn = [receipt for receipt in receipts if receipt.number in withdrawals and not receipt.refusal]
        by_content = {receipt.sha256: receipt for receipt in withdrawn if receipt.sha256 != received.sha256}
        return read_versions(self._landed(by_content.values()), self.known)

    def _judge_origin(self, verdict: Verdict, origin: Origin) -> Verdict:
        """The verdict; a file that changes figures of a file from another account or folder waits for an operator.

        Where a feed has senders, this concerns a file for which neither folder nor command names the sender.
        """
        current, received = verdict.current, verdict.version.received
        if current is None or (received.sender and has_senders(received.feed)):
            return verdict
        replaced = self.store.landing.receipt(current.received.number)
        if origin.folder == replaced.folder and (origin.folder or (origin.by or account()) == replaced.by):
            return verdict
        counted, _ = compare(current.parsed.observations, verdict.version.parsed.observations, {})
        if not counted["changed"] and not counted["withdrawn"]:
            return verdict
        text = catalogue("warning")["of_another_sender"].detail["changes"]
        remark = feeds.Remark(text.format(file=replaced.name, receipt=replaced.number), None, "of_another_sender")
        version = verdict.version.remarked([remark])
        return replace(verdict, version=version, waiting=True, by_operator=True)

    def _current(self, version: Version, channel: str, before: int | None = None) -> Version | None:
        """The version that a file would replace, ``before`` a receipt came: that of its sender, else of its name.

        A submitted file without a known sender replaces nothing in a feed with senders. In a feed without senders, a
        file from outside may also replace the same bytes under another name, where nothing counts under its own.
        """
        received = version.received
        lookup = (self.store, self.known, received.feed, received.period)
        by_name = not has_senders(received.feed)
        if not by_name and (sender := version.sender or received.sender):
            return current_of_sender(*lookup, sender, before=before)
        current = current_by_name(*lookup, received.name, before=before) if by_name or channel != SUBMIT else None
        if current or received.ours or not by_name:
            return current
        return current_by_content(*lookup, received.sha256, before=before)

    def _was_received(self, received: feeds.Received, origin: Origin) -> bool:
        """Whether another process received a file of a folder since it was listed."""
        if origin.channel == SUBMIT:
            return False
        slot = slot_of(origin.channel, received.feed, received.period, origin.folder, received.name)
        return received.sha256 in self.store.landing.known().get(slot, ())

    def _compose(self, verdict: Verdict, received_on: dt.date | None) -> tuple[Composer, AnsweredFile]:
        """The answer to a file before it is kept; a file on which comparing or answering fails is refused."""
        composer = Composer(self.store, self.known, verdict, received_on)
        answered = contained(verdict.version.received.name, composer.answered_file, (StorageError,))
        if isinstance(answered, Unreadable):
            composer = replace(composer, verdict=judge(broken(verdict.version, answered), verdict.current))
            answered = composer.answered_file()
        return composer, answered

    def _keep(self, verdict: Verdict, origin: Origin, twin: Receipt | None, head: Head) -> Receipt:
        """Keeps a file and returns its receipt; for a submitted file that exists already, the earlier receipt."""
        landing, received = self.store.landing, verdict.version.received
        if twin and not verdict.waiting:
            landing.confirm(twin.number, SENT_AGAIN, after=head)
            head = self.store.ledger.head()
        existing = twin or self._existing_receipt(verdict)
        if existing and origin.channel == SUBMIT:
            return existing
        repeats = existing.number if existing and not verdict.refusal else 0
        return landing.receive_all([_to_landing(received, origin, verdict, repeats)], again=True, after=head)[0]

    def _existing_receipt(self, verdict: Verdict) -> Receipt | None:
        """The receipt of the same bytes that counts already, or was refused for the same reason."""
        received, receipts = verdict.version.received, self.store.landing.receipts(verdict.version.received.feed)
        if verdict.unchanged and verdict.current:
            number = verdict.current.received.number
            return next(receipt for receipt in receipts if receipt.number == number)
        if verdict.refusal is None:
            return None
        file = (received.sha256, received.period, verdict.version.sender or received.sender, verdict.refusal.reason)
        same = (old for old in receipts if (old.sha256, old.period, old.sender, old.refusal) == file)
        return next(same, None)


def _not_confirmed(receipt: Receipt, refused: Refusal, version: Version) -> Bilingual:
    """Why a file that waits is not confirmed, with the reason of its first quarantined cell."""
    held_back = version.parsed.quarantine.select("reason_vi", "reason_en").head(1).rows()
    reasons = [refused.detail, *(Bilingual(*texts) for texts in held_back)]
    reason = Bilingual("; ".join(text.vi for text in reasons), "; ".join(text.en for text in reasons))
    return terms("receipt_errors")["none_counts"].format(number=receipt.number, reason=reason)


def _withdrawn_before(withdrawn: Line | None) -> Iterator[feeds.Remark]:
    if withdrawn:
        text = catalogue("warning")["withdrawn_before"].detail["again"]
        remark = text.format(receipt=withdrawn.receipt.number, reason=withdrawn.reason)
        yield feeds.Remark(remark, None, "withdrawn_before")


def _replaced_before(replaced: Receipt | None, current: Version | None) -> Iterator[feeds.Remark]:
    """A remark where a file brings back figures that the current version replaced."""
    if replaced and current:
        text = catalogue("warning")["counted_before"].detail["again"]
        remark = text.format(receipt=replaced.number, current=current.received.number)
        yield feeds.Remark(remark, None, "counted_before")


def _other_spelling(verdict: Verdict) -> Iterator[feeds.Remark]:
    """A remark where a file replaces another whose name differs only in case or in the encoding of diacritics."""
    name, current = verdict.version.received.name, None if verdict.version.sender else verdict.current
    if current and current.received.name != name and current.name_key == verdict.version.name_key:
        text = catalogue("warning")["other_spelling"].detail["replaces"]
        remark = text.format(file=name, other=current.received.name, receipt=current.received.number)
        yield feeds.Remark(remark, None, "other_spelling")


def today() -> dt.date:
    """The present day in Vietnam."""
    return dt.datetime.now(VIETNAM).date()


def _to_landing(received: feeds.Received, origin: Origin, verdict: Verdict | None = None, repeats: int = 0) -> Received:
    """A file for landing, with the facts of its receipt; without a verdict it is not judged yet."""
    file = Received(
        received.content, received.feed, received.period, received.name, received.sender, origin.channel, by=origin.by,
        rule=received.rule, folder=origin.folder, repeats=repeats,
    )  # fmt: skip
    if verdict is None:
        return file
    sender = verdict.version.sender or received.sender
    if verdict.refusal is None:
        return replace(file, sender=sender, waiting=verdict.waiting)
    reader = "" if verdict.refusal.reason == OLDER else feeds.reader_version(received.feed)
    return replace(file, sender=sender, refusal=verdict.refusal.reason, reader=reader)


def _as_recorded(verdict: Verdict, receipt: Receipt, *, waiting: bool) -> Verdict:
    """The verdict that a receipt states: a refusal stands, whatever the present reading of the file."""
    if not receipt.refusal or verdict.refusal:
        return replace(verdict, waiting=waiting)
    return replace(verdict, refusal=refusal(receipt.refusal, catalogue("file")[receipt.refusal].why), waiting=False)
