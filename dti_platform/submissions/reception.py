"""The reception of files, by whatever way they come: each is judged when it comes, kept with the verdict, and answered.

Here: a file beside what counts, what lies in the folders, what an upgrade reads anew, and answers that were not given
in time. Not here: what is handed in (``desk``), the rules (``verdict``, ``versions``), nor keeping bytes (``storage``).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from dti_platform.submissions.owners import VERIFIER, given_by_verifier, leaves_out
from dti_platform.submissions.register import Line, Register
from dti_platform.submissions.verdict import Verdict, judge, nothing_given, refusal
from dti_platform.submissions.versions import (
    Version,
    beside,
    broken,
    has_senders,
    held_by_content,
    held_by_name,
    held_by_sender,
    landed,
    newest,
    read_version,
    read_versions,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dti_platform.storage import Head, Receipt, Store
    from dti_platform.submissions.answer import Refusal

#: The way by which a submitted file comes.
SUBMIT = "submit"
#: Why a file counts that waited.
SENT_AGAIN = "the same bytes were sent again"
#: How many refused files are read again at once after an upgrade.
MOST_RETRIED = 20
#: Seconds since the last write in which a file may be written to still.
RECENT = 2.0
#: How long one looks whether a file that was just written to still grows.
LOOK_SECONDS = 0.5
#: Refused for what counted then, not for how it was read.
OLDER = "older_than_held"


@dataclass(frozen=True, slots=True)
class Way:
    """How a file came: by which channel, in which sender's folder of the inbox, and which account brought it."""

    channel: str
    folder: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look at the folders brought."""

    new: int
    withdrawn: int
    refused: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """A store, and what names are looked up in; ``tried``: nothing is kept, and nobody is answered."""

    store: Store
    known: feeds.Known
    tried: bool = False

    @one_child()
    def take(self, *, patient: bool = False) -> Taken:
        """Receives what is new in the folders; what is no plain file in its place is named, not taken.

        Committed files that are the first of their feed and period need not be read for that: there is nothing that
        they could take away. One that is gone from its folder still counts, unless it is retired. A file of the inbox
        that is written to while one looks is left for the next look.

        Args:
            patient: look at every file of the inbox, not only at those that were written to just now.
        """
        before, told = len(self.store.landing.receipts()), self.told()
        lying = arrived(self.store)
        growing = self._growing(lying, patient=patient)
        new, refused = new_arrivals(self.store, [growing.get(each.path, each) for each in lying])
        standing = {(each.feed, each.period) for each in self.store.landing.standing()}
        unjudged = [each for each in new if self._is_ours(each) and (each.feed, each.period) not in standing]
        came, gone = self._read(unjudged)
        self.store.landing.receive_all(_to_keep(received, Way(each.channel)) for each, received in came)
        judged = [each for each in new if each not in unjudged]
        gone += [each for batch in batches(judged) for each in self._take_all(batch, told)]
        withdrawn, faults = self._retire()
        return Taken(len(self.store.landing.receipts()) - before, withdrawn, (*refused, *gone, *faults))

    def _growing(self, lying: Iterable[Arrival], *, patient: bool) -> dict[Path, Arrival]:
        """The files of the inbox that are written to while one looks, by path, each with the reason to leave it."""
        of_inbox = [each for each in lying if each.channel == self.store.inbox.name and each.refusal is None]
        watched = {each: each.mark() for each in of_inbox if patient or each.written_within(RECENT)}
        if watched:
            time.sleep(LOOK_SECONDS)
        growing = (each for each, mark in watched.items() if each.mark() != mark)
        return {each.path: replace(each, refusal=not_taken("growing")) for each in growing}

    def told(self) -> set[int]:
        """The receipts that wait and whose senders were told so: the same bytes once more confirm them."""
        answered = self.store.answers().places()
        return {each.number for each in self.store.landing.held().waiting() if str(each.number) in answered}

    def receive(
        self, received: feeds.Received, way: Way, told: Collection[int] = (), *, anew: bool = False
    ) -> AnsweredFile | None:
        """Judges a file beside what counts, keeps it with the verdict, and answers it.

        What is kept was decided on the ledger as it stands: where another process adds to it, it is decided again.

        Args:
            received: the file.
            way: by which it came.
            told: the receipts that it may confirm: those ``told`` before it was sent.
            anew: it was refused before: accepted now it waits, else it is left as it is.

        Returns:
            The answer; None where it was left as it is, or was taken from its folder by another process.
        """
        version = self._of_a_year_held(read_version(received, self.known))
        while True:
            head = self.store.ledger.head()
            judged, twin = self._judged(version, way, told)
            if anew and (judged.refusal or judged.unchanged):
                return None
            if not anew and self._lay_there(received, way):
                return None
            judged = replace(judged, waiting=judged.waiting or anew)
            composer, answered = self._composed(judged, None if self.tried else today())
            try:
                receipt = self._keep(composer.verdict, way, twin, head)
            except HeadMoved:
                continue
            return answered if self.tried else composer.kept(answered, receipt)

    @one_child()
    def confirm(self, receipt: Receipt, reason: str) -> AnsweredFile:
        """Lets a file count that waits, and answers it beside what counts now.

        Raises:
            Refused: it doesn't wait, a later one of its place counts, or no figure of it would count.
            HeadMoved: something came or was decided meanwhile.
        """
        head, way = self.store.ledger.head(), Way(receipt.channel, receipt.folder, receipt.by)
        (received,) = feeds.read_apart(self._landed([receipt]), self.known)
        judged, _ = self._judged(read_version(received, self.known), way, ())
        if (held := judged.held) and newest((judged.version, held)) is held:
            behind = terms("receipt_errors")["left_behind"].format(number=receipt.number, other=held.received.number)
            raise Refused(behind.both)
        if judged.refusal:
            raise Refused(_not_confirmed(receipt, judged.refusal, judged.version).both)
        composer, answered = self._composed(replace(judged, waiting=False), in_vietnam(receipt.received_at).date())
        self.store.landing.confirm(receipt.number, reason, after=head)
        return composer.kept(answered, receipt)

    def answer(self, receipts: Sequence[Receipt]) -> Iterator[AnsweredFile]:
        """Answers files that have their receipts, each beside what counted when it came."""
        unconfirmed = {each.number for each in self.store.landing.held().unconfirmed}
        landed_files = self._landed(receipts)
        for receipt, received in zip(receipts, feeds.read_apart(landed_files, self.known), strict=True):
            version = read_version(received, self.known)
            judged = judge(version, self._held(version, receipt.channel, receipt.number))
            if not (received.ours or judged.refusal):
                way = Way(receipt.channel, receipt.folder, receipt.by)
                judged = self._beside_others(judged, way, before=receipt.number)
            judged = _as_recorded(judged, receipt, waiting=receipt.number in unconfirmed)
            composer, answered = self._composed(judged, in_vietnam(receipt.received_at).date())
            yield composer.kept(answered, receipt)

    @one_child()
    def retry(self) -> int:
        """Reads refused files again that another version of reading refused, some at a time; says how many."""
        again = self._to_retry()[:MOST_RETRIED]
        as_new = [replace(each, number=0, rule=feeds.RULE) for each in self._landed(again)]
        for receipt, received in zip(again, feeds.read_apart(as_new, self.known), strict=True):
            way = Way(receipt.channel, receipt.folder, receipt.by)
            if answered := self.receive(received, way, anew=True):
                keep_answer(self.store, answered)
        tried = [{"receipt": each.number, "reader": feeds.reader_version(each.feed)} for each in again]
        if tried:
            self.store.ledger.append("retry", {"tried": tried})
        return len(again)

    @one_child()
    def answer_rest(self) -> int:
        """Answers whatever has no answer yet, such as what a killed process received; says how many files that are."""
        rest = unanswered(self.store)
        for answered in self.answer(rest):
            keep_answer(self.store, answered)
        return len(rest)

    def years(self) -> range:
        """The years whose figures a run reads."""
        frameworks = self.known.frameworks
        last = max(frameworks.last_year, self.store.newest_year(), self.store.clock().year)
        return range(frameworks.first_year, last + 1)

    def _of_a_year_held(self, version: Version) -> Version:
        """The version, refused where no run would ever read it, before anything else: it may state any year."""
        file, period, years = version.received.name, version.received.period, self.years()
        if Period.parse(period).year in years:
            return version
        first, last = years[0], years[-1]
        return broken(version, Unreadable("year_not_held", "year", file=file, period=period, first=first, last=last))

    def _is_ours(self, arrival: Arrival) -> bool:
        return arrival.channel == self.store.feeds.name

    def _read(self, arrivals: Iterable[Arrival]) -> tuple[list[tuple[Arrival, feeds.Received]], list[Arrival]]:
        """Files that lie in the folders with their bytes; and those that are gone since they were seen."""
        came, gone = list[tuple[Arrival, feeds.Received]](), list[Arrival]()
        for each in arrivals:
            try:
                content = each.read()
            except Refused as refused:
                gone.append(replace(each, refusal=str(refused)))
                continue
            named = (each.feed, each.period, each.name, sha256_of(content), content)
            came.append((each, feeds.Received(*named, sender=each.folder or None, ours=self._is_ours(each))))
        return came, gone

    def _take_all(self, batch: Iterable[Arrival], told: Collection[int]) -> list[Arrival]:
        """Receives some files of the folders, opened in one child; those that are gone since they were seen."""
        came, gone = self._read(batch)
        read = feeds.read_apart([received for _, received in came], self.known)
        for (arrival, _), received in zip(came, read, strict=True):
            sent = arrival.channel == self.store.inbox.name
            way = Way(arrival.channel, arrival.folder, owner(arrival.path) if sent else "")
            answered = self.receive(received, way, told)
            if answered and sent and not self.tried:
                keep_answer(self.store, answered)
        return gone

    def _retire(self) -> tuple[int, list[Arrival]]:
        """Withdraws the committed files that are retired; says how many, and what is wrong with the list of them."""
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
        return [landed(self.store, each) for each in receipts]

    def _to_retry(self) -> list[Receipt]:
        """Refused receipts, each content once, that the reader at hand has not refused and nothing came after."""
        tries = (each for entry in self.store.ledger.entries("retry") for each in entry.body["tried"])
        tried = {each["receipt"]: each["reader"] for each in tries}
        withdrawn = self.store.landing.held().withdrawn
        last = {(each.sha256, each.feed, each.period): each for each in self.store.landing.receipts()}
        refused = [each for each in last.values() if each.refusal not in ("", OLDER) and each.number not in withdrawn]
        known = [each for each in refused if each.feed in feeds.discover()]
        return [each for each in known if tried.get(each.number, each.reader) != feeds.reader_version(each.feed)]

    def _judged(self, version: Version, way: Way, told: Collection[int]) -> tuple[Verdict, Receipt | None]:
        """The verdict beside what counts; and the receipt of the same bytes that waits, which counts now if told."""
        received, twin = version.received, self._waiting_twin(version)
        if twin:  # it counts in the place of that one, whatever name it came under
            version = version._replace(received=replace(received, name=twin.name))
        held = self._held(version, way.channel)
        yielding = held is not None and version.sender is not None and not held.received.rule
        others = given_by_verifier(self.store, received.period, version.sender or "") if yielding else ()
        judged = judge(version, held, others)
        if not (received.ours or judged.refusal):
            judged = self._beside_others(judged, way)
        confirmed = twin is not None and twin.number in told and not judged.by_operator
        judged = replace(judged, version=judged.version._replace(received=received))
        return replace(judged, waiting=judged.waiting and not confirmed), None if judged.refusal else twin

    def _waiting_twin(self, version: Version) -> Receipt | None:
        """The receipt of the same bytes that waits to be confirmed."""
        received = version.received
        asked = (received.feed, received.period, received.sha256, version.sender or received.sender)
        waiting = self.store.landing.held().waiting()
        return next((each for each in waiting if (each.feed, each.period, each.sha256, each.sender) == asked), None)

    def _beside_others(self, judged: Verdict, way: Way, before: int | None = None) -> Verdict:
        """The verdict on a file from outside beside the files of others: one that can't be compared is refused."""
        name, compare_all = judged.version.received.name, lambda: self._of_sender(self._compared(judged, before), way)
        compared = contained(name, compare_all, (StorageError,))
        if isinstance(compared, Unreadable):
            return judge(broken(judged.version, compared), judged.held)
        if judged.unchanged:
            return replace(judged, version=compared.version, held=compared.held)
        received = compared.version.received
        asked = (received.feed, received.period, received.sha256)
        again = Register(self.store).withdrawn_before(*asked, before=before)
        version = compared.version.remarked([*_withdrawn_before(again), *_other_spelling(compared)])
        of_verifier = version.received.feed == VERIFIER
        left_out = of_verifier and leaves_out(self.store, version.parsed.observations)
        by_operator = compared.by_operator or bool(again)
        waiting = compared.waiting or left_out or by_operator
        number = again.receipt.number if again else None
        return replace(compared, version=version, waiting=waiting, by_operator=by_operator, withdrawn_before=number)

    def _compared(self, judged: Verdict, before: int | None) -> Verdict:
        """The verdict with the version, and the one that it replaces, as they count beside others of their feed.

        Of a feed without senders it is for an operator to say whether a file counts that disputes what is printed,
        contradicts what others report, repeats a result of the index, brings withdrawn figures again, or has the name
        of a committed one.
        """
        from dti_platform.submissions import consistency  # imports what the gate compares by

        version, received = judged.version, judged.version.received
        if has_senders(received.feed):
            return judged
        standing = self.store.landing.standing(Period.parse(received.period).year, before=before)
        of_feed = [landed(self.store, each) for each in standing if each.feed == received.feed]
        others = list(read_versions(of_feed, self.known))
        new, held, counting = beside(version, judged.held, others, self.known)
        remarks = [
            *consistency.disputed(version, others, self.known),
            *consistency.contradicting(new, held, counting.values(), self.known),
            *consistency.withdrawn_again(new, others, self._withdrawn(received, before)),
        ]
        committed = any(each.received.ours and each.name == version.name for each in others)
        of_index = consistency.repeats_index_results(new, self.known)
        by_operator = judged.by_operator or committed or of_index or bool(remarks)
        waiting, refused = judged.waiting or by_operator, nothing_given(new)
        new = new.remarked(remarks)
        return replace(judged, version=new, held=held, refusal=refused, waiting=waiting, by_operator=by_operator)

    def _withdrawn(self, received: feeds.Received, before: int | None) -> Iterator[Version]:
        """The withdrawn files of a feed and year, each content once but for the file itself."""
        gone = self.store.landing.held(before=before).withdrawn
        receipts = self.store.landing.receipts(received.feed, Period.parse(received.period).year)
        by_content = {each.sha256: each for each in receipts if each.number in gone and not each.refusal}
        others = [each for each in by_content.values() if each.sha256 != received.sha256]
        return read_versions(self._landed(others), self.known)

    def _of_sender(self, judged: Verdict, way: Way) -> Verdict:
        """The verdict: a file that changes figures of one that another account or folder brought waits for an operator.

        Where a feed has senders, that holds for a file of which neither folder nor command says who sends it.
        """
        held, received = judged.held, judged.version.received
        if held is None or (received.sender and has_senders(received.feed)):
            return judged
        brought = self.store.landing.receipt(held.received.number)
        if way.folder == brought.folder and (way.folder or (way.by or account()) == brought.by):
            return judged
        counted, _ = compare(held.parsed.observations, judged.version.parsed.observations, {})
        if not counted["changed"] and not counted["withdrawn"]:
            return judged
        text = catalogue("warning")["of_another_sender"].detail["changes"]
        remark = feeds.Remark(text.format(file=brought.name, receipt=brought.number), None, "of_another_sender")
        version = judged.version.remarked([remark])
        return replace(judged, version=version, waiting=True, by_operator=True)

    def _held(self, version: Version, channel: str, before: int | None = None) -> Version | None:
        """What counts in its place, ``before`` a receipt came; of a folder's file that is refused, under its name.

        For a file from outside of a feed without senders it is also the same bytes under another name, where nothing
        counts under its own.
        """
        received = version.received
        asked = (self.store, self.known, received.feed, received.period)
        by_name = not has_senders(received.feed)
        if not by_name and (sender := version.sender or received.sender):
            return held_by_sender(*asked, sender, before=before)
        held = held_by_name(*asked, received.name, before=before) if by_name or channel != SUBMIT else None
        if held or received.ours or not by_name:
            return held
        return held_by_content(*asked, received.sha256, before=before)

    def _lay_there(self, received: feeds.Received, way: Way) -> bool:
        """Whether a file of a folder was received by another process since it was seen."""
        if way.channel == SUBMIT:
            return False
        slot = slot_of(way.channel, received.feed, received.period, way.folder, received.name)
        return received.sha256 in self.store.landing.known().get(slot, ())

    def _composed(self, judged: Verdict, came_on: dt.date | None) -> tuple[Composer, AnsweredFile]:
        """The answer to a file, before it is kept: one that breaks what compares or answers it is refused."""
        composer = Composer(self.store, self.known, judged, came_on)
        answered = contained(judged.version.received.name, composer.answered, (StorageError,))
        if isinstance(answered, Unreadable):
            composer = replace(composer, verdict=judge(broken(judged.version, answered), judged.held))
            answered = composer.answered()
        return composer, answered

    def _keep(self, judged: Verdict, way: Way, twin: Receipt | None, head: Head) -> Receipt:
        """The receipt of a file; one that was handed in and is there already has the receipt that it had."""
        landing, received = self.store.landing, judged.version.received
        if twin and not judged.waiting:
            landing.confirm(twin.number, SENT_AGAIN, after=head)
            head = self.store.ledger.head()
        same = twin or self._there_already(judged)
        if same and way.channel == SUBMIT:
            return same
        repeats = same.number if same and not judged.refusal else 0
        return landing.receive_all([_to_keep(received, way, judged, repeats)], again=True, after=head)[0]

    def _there_already(self, judged: Verdict) -> Receipt | None:
        """The receipt of the same bytes that counts already, or was refused for the same reason."""
        received, receipts = judged.version.received, self.store.landing.receipts(judged.version.received.feed)
        if judged.unchanged and judged.held:
            number = judged.held.received.number
            return next(each for each in receipts if each.number == number)
        if judged.refusal is None:
            return None
        asked = (received.sha256, received.period, judged.version.sender or received.sender, judged.refusal.reason)
        same = (each for each in receipts if (each.sha256, each.period, each.sender, each.refusal) == asked)
        return next(same, None)


def _not_confirmed(receipt: Receipt, refused: Refusal, version: Version) -> Bilingual:
    """Why a file that waits is not confirmed, with the reason of its first cell that is held back."""
    held_back = version.parsed.quarantine.select("reason_vi", "reason_en").head(1).rows()
    why = [refused.detail, *(Bilingual(*reasons) for reasons in held_back)]
    reason = Bilingual("; ".join(each.vi for each in why), "; ".join(each.en for each in why))
    return terms("receipt_errors")["none_counts"].format(number=receipt.number, reason=reason)


def _withdrawn_before(again: Line | None) -> Iterator[feeds.Remark]:
    if again:
        text = catalogue("warning")["withdrawn_before"].detail["again"]
        remark = text.format(receipt=again.receipt.number, reason=again.reason)
        yield feeds.Remark(remark, None, "withdrawn_before")


def _other_spelling(judged: Verdict) -> Iterator[feeds.Remark]:
    """A remark where a file takes the place of another whose name differs in capitals or marks alone."""
    name, held = judged.version.received.name, None if judged.version.sender else judged.held
    if held and held.received.name != name and held.name == judged.version.name:
        text = catalogue("warning")["other_spelling"].detail["replaces"]
        remark = text.format(file=name, other=held.received.name, receipt=held.received.number)
        yield feeds.Remark(remark, None, "other_spelling")


def today() -> dt.date:
    """The day on which a file comes."""
    return dt.datetime.now(VIETNAM).date()


def _to_keep(received: feeds.Received, way: Way, judged: Verdict | None = None, repeats: int = 0) -> Received:
    """A file with what its receipt says, as far as it is judged."""
    kept = Received(
        received.content, received.feed, received.period, received.name, received.sender, way.channel, by=way.by,
        rule=received.rule, folder=way.folder, repeats=repeats,
    )  # fmt: skip
    if judged is None:
        return kept
    sender = judged.version.sender or received.sender
    if judged.refusal is None:
        return replace(kept, sender=sender, waiting=judged.waiting)
    reader = "" if judged.refusal.reason == OLDER else feeds.reader_version(received.feed)
    return replace(kept, sender=sender, refusal=judged.refusal.reason, reader=reader)


def _as_recorded(judged: Verdict, receipt: Receipt, *, waiting: bool) -> Verdict:
    """The verdict that a receipt states, whatever the reading at hand says of a file that it refused."""
    if not receipt.refusal or judged.refusal:
        return replace(judged, waiting=waiting)
    return replace(judged, refusal=refusal(receipt.refusal, catalogue("file")[receipt.refusal].why), waiting=False)
