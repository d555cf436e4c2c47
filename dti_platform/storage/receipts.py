"""What the ledger says of received files: that they came, and that they no longer count.

Here: the records. Not here: keeping the bytes and writing the records down (``landing``).
"""

from __future__ import annotations

from dataclasses import dataclass

#: Channel, feed, period and name.
Slot = tuple[str, str, str, str]
#: Feed, period and sender, or name where no sender is known: what a later arrival takes the place of.
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came; ``channel`` says by which way: a folder of feeds, the inbox, the command line.

    ``refusal`` is why it does not count, where that was settled when it came: it is kept and has a receipt all the
    same.
    """

    content: bytes
    feed: str
    period: str
    name: str
    sender: str | None = None
    channel: str = ""
    refusal: str = ""


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
        """What a later arrival by the same way takes the place of."""
        return self.channel, *self.place

    @property
    def place(self) -> Place:
        """What it was sent as, or by whom where that is known: its last word counts."""
        return self.feed, self.period, self.sender or self.name


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a file no longer counts, why, and since when; its bytes and its receipt stay.

    ``channel`` names the folder that the file left by itself; empty where somebody withdrew it. ``receipt`` is the
    number of the one receipt that is withdrawn, so that the one before it counts again; None: all of the place.
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

    @property
    def place(self) -> Place:
        """Whose receipts no longer count."""
        return self.feed, self.period, self.sender or self.name


def year_of(period: str) -> int:
    """The calendar year in which a period ends: 2022-S1 in 2022, 2021/2025 in 2025."""
    return int(period.rpartition("/")[2][:4])
