"""Landing: every received file, byte for byte, named by its sha256, with a receipt in the ledger.

Here: keeping bytes, recording that they came, giving them back only if they are unaltered. Not here: how
files in the inbox are found (``arrivals``), nor reading what is in them (``reading``).

Nothing is ever overwritten or removed. A name that came with a file is recorded, never used as a path.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, cast

from dti_platform.storage import files
from dti_platform.storage.accounts import account
from dti_platform.storage.arrivals import Arrival, arrivals, printable
from dti_platform.storage.errors import CorruptLanding, HeadMoved, Missing, Refused, Unreadable
from dti_platform.storage.ledger import Entry, Head, Ledger
from dti_platform.storage.objects import LocalObjects, Objects
from dti_platform.storage.receipts import Confirmation, Held, Receipt, Received, Slot, Withdrawal, slot_of, year_of

#: What happens to received files.
Event = Receipt | Withdrawal | Confirmation


class Facts(TypedDict):
    """A receipt in the ledger, but for its number and time."""

    feed: str
    period: str
    name: str
    sha256: str
    size: int
    sender: str | None
    channel: str
    refusal: NotRequired[str]
    by: NotRequired[str]
    waiting: NotRequired[bool]
    rule: NotRequired[str]
    reader: NotRequired[str]
    folder: NotRequired[str]
    repeats: NotRequired[int]


#: The facts that an entry leaves out where they say nothing.
_FURTHER = ("refusal", "waiting", "rule", "reader", "folder", "repeats")


class _Told(NamedTuple):
    """What the ledger tells of received files up to an entry; the receipts by their numbers, from 1."""

    last: Entry | None = None
    events: Sequence[Event] = ()
    receipts: Sequence[Receipt] = ()
    held: Held = Held()

    def after(self, entries: Sequence[Entry]) -> _Told:
        """The same after further entries."""
        if not entries:
            return self
        events: list[Event] = []
        receipts = [*self.receipts]
        for entry in entries:
            events += (new := _events(entry, len(receipts)))
            receipts += (each for each in new if isinstance(each, Receipt))
        held = self.held.after(events) if events else self.held
        return _Told(entries[-1], [*self.events, *events], receipts, held)


class Landing:
    """The landed files and their receipts; ``sources`` are the folder of the committed feeds and the inbox."""

    def __init__(
        self, folder: Path, ledger: Ledger, sources: Sequence[Path] = (), objects: Objects | None = None
    ) -> None:
        self.folder = folder
        self._objects = objects or LocalObjects(folder)
        self._sources = sources
        self._ledger = ledger
        self._told = _Told()

    def arrivals(self) -> Iterator[Arrival]:
        """Every file in the committed feeds and in the inbox, to be received or refused."""
        return arrivals(self._sources)

    def receive(
        self, content: bytes, *, feed: str, period: str, name: str, sender: str | None = None, channel: str = ""
    ) -> Receipt:
        """Keeps one file; see ``receive_all``."""
        return self.receive_all([Received(content, feed, period, name, sender, channel)])[0]

    def receive_all(
        self, batch: Iterable[Received], *, again: bool = False, after: Head | None = None
    ) -> list[Receipt]:
        """Keeps files and records those that are new in one entry of the ledger.

        New is what ``known`` does not hold: a folder that is read again brings nothing new.

        Args:
            batch: the files, in the order in which they came.
            again: record them even if they are not new.
            after: record them only if this is still the ledger's head: for a decision that was made on it.

        Returns:
            One receipt for each file, in the same order.

        Raises:
            HeadMoved: ``after`` is no longer the head.
            WriteFailed: none of them has a receipt; what was kept of them does no harm.
        """
        came = [(facts(received), received.content) for received in batch]
        facts_kept = [fact for fact, _ in came]
        contents = {fact["sha256"]: content for fact, content in came}
        self._keep({sha256: content for sha256, content in contents.items() if not self._holds(sha256, content)})
        while True:
            head = after or self._ledger.head()
            new = facts_kept if again else _new(facts_kept, self.known())
            try:
                entry = self._ledger.append("receipt", {"receipts": new}, after=head) if new else None
            except HeadMoved:
                if after:
                    raise
                continue
            receipts = self.receipts()  # read after the decision: it holds all that the decision knew of
            if again and entry:
                return [receipt for receipt in receipts if receipt.entry == entry.sequence]
            newest = {(receipt.slot, receipt.sha256): receipt for receipt in receipts}
            return [newest[_slot(fact), fact["sha256"]] for fact in facts_kept]

    def receipts(self, feed: str | None = None, year: int | None = None) -> list[Receipt]:
        """All receipts (of one feed, of periods that end in one year), in the order in which they came."""
        receipts = self._now().receipts
        return [each for each in receipts if feed in (None, each.feed) and year in (None, each.year)]

    def history(self) -> list[Event]:
        """Everything that came, was confirmed and was withdrawn, in the order of the ledger."""
        return [*self._now().events]

    def _now(self) -> _Told:
        """What the ledger tells, read on from what it told before; read again only where its head has moved."""
        entries, told = self._ledger.entries(), self._told
        if told.last and entries[told.last.sequence - 1 : told.last.sequence] != [told.last]:
            told = _Told()  # another chain lies there, as after a backup was restored
        self._told = told.after(entries[told.last.sequence if told.last else 0 :])
        return self._told

    def standing(self, year: int | None = None, *, before: int | None = None) -> list[Receipt]:
        """The receipts that may count (of periods that end in one year), by feed, period and sender or name.

        That is, neither refused when they came, nor waiting to be confirmed, nor withdrawn since. Of a sender, whose
        files are judged as they come, it is the last word, by whatever channel. Files that nobody judged when they
        came: under each name it is every one, in the order in which they came, and which of them counts is known when
        they are read (``submissions.versions``).

        Args:
            year: of periods that end in it; None: of all.
            before: as it was when this receipt came; None: as it is.
        """
        standing = self.held(before=before).standing()
        return sorted(
            (each for each in standing if year in (None, each.year)), key=lambda each: (each.place, each.number)
        )

    def held(self, *, before: int | None = None) -> Held:
        """What counts, waits and was withdrawn: now, or as it was when a receipt came. It is nobody's to change."""
        if before is None:
            return self._now().held
        earlier = itertools.takewhile(lambda each: getattr(each, "number", 0) < before, self.history())
        return Held().after(earlier)

    def known(self) -> dict[Slot, set[str]]:
        """By its place in a folder the sha256 of what is not new there: the last that came, as it may lie there still.

        Of the committed feeds it is every one that ever came: a checkout that is behind never brings an older image
        back. Where an old ledger says that a committed file left its folder, it is new when it lies there again.
        """
        committed = [source.name for source in self._sources[:1]]
        known: dict[Slot, set[str]] = {}
        for each in self.history():
            if isinstance(each, Receipt):
                earlier = known.get(each.slot, set[str]()) if each.channel in committed else set[str]()
                known[each.slot] = earlier | {each.sha256}
            elif isinstance(each, Withdrawal) and each.channel:
                known.pop(slot_of(each.channel, each.feed, each.period, "", each.name), None)
        return known

    def withdraw(
        self, receipts: Sequence[Receipt], reason: str, *, channel: str = "", begun: Mapping[int, int] | None = None
    ) -> None:
        """Records in one entry that these files no longer count; what came before them in their place counts again.

        Args:
            receipts: what is withdrawn; nothing of it is removed, and a later arrival counts.
            reason: why, for everybody who asks later.
            channel: the folder of feeds that the files left by themselves; empty where somebody withdraws them.
            begun: by receipt how many figures of another file begin to count, as far as that is known.

        Raises:
            Refused: there is no reason, or one of them was withdrawn before.
        """
        if not reason.strip():
            raise Refused("a withdrawal needs a reason: say why the file no longer counts")
        gone = self.held().withdrawn
        if strange := [f"receipt {each.number} ({each.name})" for each in receipts if each.number in gone]:
            raise Refused(f"{', '.join(strange)} was withdrawn before and does not count")
        if withdrawals := [_withdrawal(each, reason, channel, begun or {}) for each in receipts]:
            self._ledger.append("withdrawal", {"withdrawals": withdrawals})

    def confirm(self, number: int, reason: str, *, after: Head | None = None) -> None:
        """Records that a receipt which waits counts from now on.

        Args:
            number: of the receipt.
            reason: why, for everybody who asks later.
            after: record it only if this is still the ledger's head: for a decision that was made on it.

        Raises:
            Missing: there is no such receipt.
            Refused: it doesn't wait, or a later one of its place counts, or it repeats another.
            HeadMoved: ``after`` is no longer the head.
        """
        self.receipt(number)
        if after and self._ledger.head() != after:
            raise HeadMoved("the ledger has moved on: decide again")
        held = self.held()
        if number not in {each.number for each in held.unconfirmed}:
            raise Refused(f"receipt {number} doesn't wait to be confirmed")
        if number not in {each.number for each in held.waiting()}:
            raise Refused(f"receipt {number} is not the one to confirm: a later one counts, or it repeats another")
        self._ledger.append("confirmation", {"receipts": [number], "by": account(), "reason": reason}, after=after)

    def receipt(self, number: int) -> Receipt:
        """The receipt of this number.

        Raises:
            Missing: there is none.
        """
        receipts = self._now().receipts
        if not 1 <= number <= len(receipts):
            raise Missing(f"there is no receipt {number}")
        return receipts[number - 1]

    def withdraw_one(self, number: int, reason: str, begun: Mapping[int, int] | None = None) -> Receipt:
        """Withdraws the file of one receipt, and copies of it that came under other names; see ``withdraw``.

        Raises:
            Missing: there is no such receipt.
            Refused: there is no reason, or it was withdrawn before.
        """
        receipt = self.receipt(number)
        self.withdraw([receipt, *self.copies(receipt)], reason, begun=begun)
        return receipt

    def copies(self, receipt: Receipt) -> list[Receipt]:
        """Other receipts of the bytes of a file without a sender that could count in its feed and period.

        A copy from outside never takes a committed file along. What a sender sent twice he sent twice.
        """
        if receipt.sender:
            return []
        gone, ours = self.held().withdrawn, self._is_committed(receipt)
        asked = (receipt.feed, receipt.period, receipt.sha256)
        same = (each for each in self.receipts() if (each.feed, each.period, each.sha256) == asked)
        others = (each for each in same if each.number != receipt.number and each.number not in gone)
        return [each for each in others if not each.refusal and (ours or not self._is_committed(each))]

    def _is_committed(self, receipt: Receipt) -> bool:
        return receipt.channel in {each.name for each in self._sources[:1]}

    def read(self, sha256: str) -> bytes:
        """The bytes of a landed file.

        Raises:
            Missing: no such file was landed, or it is gone.
            CorruptLanding: the bytes are no longer those that came.
        """
        path = self.path(sha256)
        try:
            content = self._objects.get(_key(sha256))
        except Missing as error:
            raise Missing(f"{path}: this landed file is gone; {self._remedy(sha256)}") from error
        except Unreadable as error:
            raise CorruptLanding(f"{error}; {self._remedy(sha256)}") from error
        if files.digest(content) != sha256:
            fault = "the bytes are not those that were received"
            raise CorruptLanding(f"{path}: {fault}; {self._remedy(sha256)}")
        return content

    def _remedy(self, sha256: str) -> str:
        """What to do where a landed file is not as received: under which name it came, and who may have a copy."""
        named = {f"{each.feed}/{each.period}/{each.name}": None for each in self.receipts() if each.sha256 == sha256}
        came = f"received as {', '.join(named)}: " if named else ""
        folders = " or ".join(map(str, self._sources))
        copies = f"`./dti run` puts it back where the same file lies in {folders}; else " if folders else ""
        return f"{came}{copies}restore it from the backup"

    def put_back(self, contents: Mapping[str, bytes]) -> None:
        """Writes the bytes of landed files, by their sha256, in the place of what lies there.

        Raises:
            Refused: the bytes have another sha256.
        """
        if strange := [sha256 for sha256, content in contents.items() if files.digest(content) != sha256]:
            raise Refused(f"{', '.join(strange)}: these bytes have another sha256")
        self._keep(contents)

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies."""
        return self.folder / _key(sha256)

    def _holds(self, sha256: str, content: bytes) -> bool:
        """Whether these bytes are kept, unaltered."""
        try:
            return self._objects.get(_key(sha256)) == content
        except (Missing, Unreadable):
            return False

    def _keep(self, contents: Mapping[str, bytes]) -> None:
        """Keeps bytes by their sha256, durable before the ledger refers to them; those that rotted are repaired."""
        self._objects.put({_key(sha256): content for sha256, content in contents.items()})


def _key(sha256: str) -> str:
    """Where bytes lie below the folder."""
    return f"{sha256[:2]}/{sha256}"


def facts(received: Received) -> Facts:
    """What a receipt says of a file, but for its number and time."""
    try:
        year_of(received.period)
    except ValueError as error:
        raise Refused(
            f"{printable(received.name)}: {received.period!r} is not a period such as 2022 or 2022-S1"
        ) from error
    fact = Facts(
        feed=received.feed, period=received.period, name=printable(received.name),
        sha256=files.digest(received.content), size=len(received.content),
        sender=received.sender, channel=received.channel,
    )  # fmt: skip
    further = {name: value for name in _FURTHER if (value := getattr(received, name))}
    return cast("Facts", {**fact, **further, "by": received.by or account()})


def _withdrawal(receipt: Receipt, reason: str, channel: str, begun: Mapping[int, int]) -> Mapping[str, object]:
    """What the ledger says of it; the sender only where one is known, so that it names the same place."""
    fact = {"feed": receipt.feed, "period": receipt.period, "name": receipt.name, "reason": reason, "channel": channel}
    further = {"sender": receipt.sender, "begun": {str(number): count for number, count in begun.items()}}
    known = {name: value for name, value in further.items() if value}
    return fact | {"by": account(), "receipt": receipt.number} | known


def _slot(fact: Facts) -> Slot:
    return slot_of(fact["channel"], fact["feed"], fact["period"], fact.get("folder", ""), fact["name"])


def _new(facts: Iterable[Facts], known: dict[Slot, set[str]]) -> list[Facts]:
    """The files that are new in their slot when they come; ``known`` is brought up to date."""
    new: list[Facts] = []
    for fact in facts:
        if fact["sha256"] not in known.get(_slot(fact), ()):
            known[_slot(fact)] = {fact["sha256"]}
            new.append(fact)
    return new


def _events(entry: Entry, received: int) -> list[Event]:
    """What an entry of the ledger says of received files, of which so many came before."""
    if entry.kind == "receipt":
        facts = enumerate(entry.body["receipts"], start=received + 1)
        return [Receipt(number, **fact, received_at=entry.at, entry=entry.sequence) for number, fact in facts]
    if entry.kind == "withdrawal":
        return [Withdrawal(**fact, withdrawn_at=entry.at, entry=entry.sequence) for fact in entry.body["withdrawals"]]
    if entry.kind == "confirmation":
        return [Confirmation(**entry.body, confirmed_at=entry.at, entry=entry.sequence)]
    return []
