"""What the ledger says of received files: that they came, were confirmed, and no longer count.

Here: the records, and what they leave when they are replayed. Not here: keeping the bytes and writing the records down
(``landing``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

#: Channel, feed, period and name, below the sender's folder where it lay in one.
Slot = tuple[str, str, str, str]
#: Feed, period and sender, or name where no sender is known: what a later arrival takes the place of.
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came; ``channel`` says by which way: a folder of feeds, the inbox, the command line.

    ``refusal`` is why it does not count, where that was settled when it came: it is kept and has a receipt all the
    same. The other facts are those of ``Receipt``; ``by`` is the account of this process where nobody is named.
    """

    content: bytes
    feed: str
    period: str
    name: str
    sender: str | None = None
    channel: str = ""
    refusal: str = ""
    by: str = ""
    waiting: bool = False
    rule: str = ""
    reader: str = ""
    folder: str = ""
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a file came, and when.

    Attributes:
        number: its place among all receipts, from 1.
        feed: what it was sent for.
        period: the period of the submission.
        name: the name that it came with, printable.
        sha256: the hash of its bytes.
        size: bytes.
        received_at: UTC, as the clock said; the order is that of the numbers.
        entry: the ledger's entry that records it.
        sender: unit id of the sender, where one is named.
        channel: the way by which it came, where one is named.
        refusal: why it never counted; empty where it did.
        by: the account that brought it; empty in old ledgers.
        waiting: whether it counts only once it is confirmed, for it would take accepted figures away.
        rule: by which rule of owners its figures count; empty: it came before there was one.
        reader: the version of reading by which it was refused; empty: reading was not why, or an old ledger.
        folder: the sender's folder of the inbox in which it lay; empty: in none.
        repeats: the number of the receipt that has the same bytes and counted, or waited, already; 0: none.
    """

    number: int
    feed: str
    period: str
    name: str
    sha256: str
    size: int
    received_at: str
    entry: int
    sender: str | None = None
    channel: str = ""
    refusal: str = ""
    by: str = ""
    waiting: bool = False
    rule: str = ""
    reader: str = ""
    folder: str = ""
    repeats: int = 0

    @property
    def year(self) -> int:
        """The calendar year in which its period ends."""
        return year_of(self.period)

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """The same bytes for the same feed, period and name."""
        return self.sha256, self.feed, self.period, self.name

    @property
    def slot(self) -> Slot:
        """Where it lay, so that a folder that is looked at again brings nothing new."""
        return slot_of(self.channel, self.feed, self.period, self.folder, self.name)

    @property
    def place(self) -> Place:
        """What it was sent as, or by whom where that is known: its last word counts."""
        return self.feed, self.period, self.sender or self.name


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a file no longer counts, why, and since when; its bytes and its receipt stay.

    ``channel`` names the folder that the file left by itself; empty where somebody withdrew it. ``receipt`` is the
    number of the one receipt that is withdrawn, so that the one before it counts again; None: all of the place.
    ``begun``: by the number of another receipt how many of its figures count since, for this file no longer gives them.
    """

    feed: str
    period: str
    name: str
    reason: str
    channel: str
    withdrawn_at: str
    entry: int
    receipt: int | None = None
    sender: str | None = None
    by: str = ""
    begun: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def place(self) -> Place:
        """Whose receipts no longer count."""
        return self.feed, self.period, self.sender or self.name


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That receipts which waited count from now on, by whom and why."""

    receipts: Sequence[int]
    by: str
    reason: str
    confirmed_at: str
    entry: int


class Replacement(NamedTuple):
    """That a receipt took the place of another, and when."""

    number: int
    at: str


@dataclass(slots=True)
class Held:
    """What a history of receipts, confirmations and withdrawals leaves.

    Attributes:
        accepted: the receipts that may count, by place: neither refused, nor waiting, nor withdrawn.
        unconfirmed: those that wait to be confirmed, in the order in which they came.
        withdrawn: by the number of each receipt that was withdrawn, its withdrawal.
        confirmed: by the number of each receipt that waited and was confirmed, its confirmation.
        confirmed_by: by the number of a receipt that was confirmed by the same bytes once more, the receipt of these.
        replaced: by the number of each receipt in whose place another came, the first that did; a withdrawal of that
            one takes nothing back.
        restored: by the number of each receipt that counts again, the withdrawal of the one that counted.
    """

    accepted: dict[Place, list[Receipt]] = field(default_factory=dict[Place, list[Receipt]])
    unconfirmed: list[Receipt] = field(default_factory=list[Receipt])
    withdrawn: dict[int, Withdrawal] = field(default_factory=dict[int, Withdrawal])
    confirmed: dict[int, Confirmation] = field(default_factory=dict[int, Confirmation])
    confirmed_by: dict[int, int] = field(default_factory=dict[int, int])
    replaced: dict[int, Replacement] = field(default_factory=dict[int, Replacement])
    restored: dict[int, Withdrawal] = field(default_factory=dict[int, Withdrawal])

    def after(self, history: Iterable[Receipt | Confirmation | Withdrawal]) -> Held:
        """What is left once this has happened too, in its order; this one stays as it is."""
        held = Held(
            {place: [*same] for place, same in self.accepted.items()}, [*self.unconfirmed],
            {**self.withdrawn}, {**self.confirmed}, {**self.confirmed_by}, {**self.replaced}, {**self.restored},
        )  # fmt: skip
        for event in history:
            held.take(event)
        return held

    def standing(self) -> list[Receipt]:
        """Of a sender, whose files are judged as they come, the last word; under a name every one, in order."""
        once = {each.number for same in self.accepted.values() for each in same}
        lists = ([each for each in same if each.repeats not in once] for same in self.accepted.values())
        return [each for same in lists for each in (same[-1:] if same and same[-1].sender else same)]

    def waiting(self) -> list[Receipt]:
        """Those that may be confirmed, each content once: a later one of their place that counts leaves them behind."""
        once = {each.number for each in self.unconfirmed}
        return [each for each in self.unconfirmed if each.repeats not in once and not self.successor(each)]

    def successor(self, receipt: Receipt) -> Receipt | None:
        """The receipt that took the place of one that counted or waited; None where none did."""
        same = self.accepted.get(receipt.place, ())
        return next((each for each in reversed(same) if each.number > receipt.number and not each.repeats), None)

    def replacement(self, receipt: Receipt) -> Replacement | None:
        """What first took the place of a receipt, or of the one that it repeats; None where nothing did."""
        return self.replaced.get(receipt.number) or self.replaced.get(receipt.repeats)

    def restoration(self, receipt: Receipt) -> Withdrawal | None:
        """The withdrawal since which a replaced receipt, or the one that it repeats, counts; None: it doesn't."""
        return self.restored.get(receipt.number) or self.restored.get(receipt.repeats)

    def take(self, event: Receipt | Confirmation | Withdrawal) -> None:
        """Changes it by what happened next."""
        if isinstance(event, Withdrawal):
            self._withdraw(event)
        elif isinstance(event, Confirmation):
            self._confirm(event, {*event.receipts})
        elif event.waiting:
            self.unconfirmed.append(event)
        elif not event.refusal:
            self._accept(event, event.received_at)
            if (confirmation := self.confirmed.get(event.repeats)) and confirmation.entry == event.entry - 1:
                self.confirmed_by[event.repeats] = event.number

    def _accept(self, receipt: Receipt, at: str) -> None:
        same = self.accepted.setdefault(receipt.place, [])
        if not receipt.repeats:
            left = (each for each in self.unconfirmed if each.place == receipt.place and each.number < receipt.number)
            for each in (*same, *left):
                self.replaced.setdefault(each.number, Replacement(receipt.number, at))
                self.restored.pop(each.number, None)
        same.append(receipt)

    def _confirm(self, event: Confirmation, numbers: Collection[int]) -> None:
        """They count from now on, and whatever repeats them."""
        for each in self.unconfirmed:
            if each.number in numbers or each.repeats in numbers:
                self._accept(each, event.confirmed_at)
                self.confirmed[each.number] = event
        self.unconfirmed = [each for each in self.unconfirmed if not {each.number, each.repeats} & {*numbers}]

    def _withdraw(self, event: Withdrawal) -> None:
        same = self.accepted.pop(event.place, [])
        gone = {each.number for each in same} if event.receipt is None else {event.receipt}
        left = self.accepted[event.place] = [each for each in same if each.number not in gone]
        if left and left[-1] != same[-1]:
            self.restored |= {number: event for number in (left[-1].number, left[-1].repeats) if number}
        self.withdrawn |= dict.fromkeys(gone, event)
        self.unconfirmed = [each for each in self.unconfirmed if each.number not in gone]


def slot_of(channel: str, feed: str, period: str, folder: str, name: str) -> Slot:
    """The place of a file in a folder; what was sent by hand has one, too, which nothing looks at again."""
    return channel, feed, period, f"{folder}/{name}" if folder else name


def year_of(period: str) -> int:
    """The calendar year in which a period ends: 2022-S1 in 2022, 2021/2025 in 2025."""
    return int(period.rpartition("/")[2][:4])
