"""The ledger: what happened, in order, such that nobody can alter it unseen.

Here: append-only entries, each a file of RFC 8785 canonical JSON that holds the sha256 of the entry
before it; the compare-and-swap that lets many writers append; the check of the chain. Not here: what
the kinds of entries mean (``landing``, ``releases`` and the rooms above say so).

The order is the sequence and nothing else. ``at`` is a recorded fact: what the clock said, but never before the entry
before: a clock that is a little behind, as that of another machine may be, goes on with the time of that one, and one
that is far behind is wrong until somebody accepts it.

The hash of the last entry is kept in a note beside the entries (``head``), because no later entry holds it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dti_platform.storage import files
from dti_platform.storage.accounts import account
from dti_platform.storage.errors import (
    ClockBehind,
    CorruptLedger,
    HeadMoved,
    Missing,
    StorageError,
    Unreadable,
    WriteFailed,
)
from dti_platform.storage.head import GENESIS, NOTE, Head, decode_note, encode_note, note_fault

if TYPE_CHECKING:
    from dti_platform.storage.objects import Objects

Clock = Callable[[], datetime]
#: How far behind the last entry a clock may be.
BEHIND = timedelta(minutes=10)
#: The kind of entry by which somebody accepts a clock that is further behind.
CLOCK = "clock"


def utc_now() -> datetime:
    """The clock of this machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    sequence: int
    previous: str
    kind: str
    at: str
    body: dict[str, Any]
    sha256: str

    @property
    def head(self) -> Head:
        """The head of the ledger when this entry was its last."""
        return Head(self.sequence, self.sha256)


class Ledger:
    """The chain of entries, each an object."""

    def __init__(self, objects: Objects, clock: Clock = utc_now) -> None:
        self._objects = objects
        self._clock = clock
        #: The entries that follow one another from the first, as far as they were read; entries never change.
        self._chain: list[Entry] = []
        #: The last entry, as it was read last.
        self._last: Entry | None = None

    def head(self) -> Head:
        """Where the ledger ends; sequence 0 and ``GENESIS`` before the first entry.

        The last entry is read again each time, for a backup may have been restored under a process that lives.
        """
        length, content = self._end()
        if not length:
            self._forget()
            return Head(0, GENESIS)
        head = Head(length, files.digest(content))
        if self._last is None or self._last.head != head:
            if fault := note_fault(self._note(), head):
                raise CorruptLedger(fault)
            self._remember(_decode(length, content))
        return head

    def entries(self, kind: str | None = None) -> list[Entry]:
        """All entries (of one kind), in order.

        Raises:
            CorruptLedger: an entry can't be read as one, or the chain is broken.
        """
        head = self.head()
        if self._follow(head):
            self._forget()  # what is remembered may be of another chain than the one that lies there now
            if broken := self._follow(head):
                raise CorruptLedger(f"ledger entry {broken.sequence} does not follow the one before it: run verify")
        return [entry for entry in self._chain[: head.sequence] if kind in (None, entry.kind)]

    def append(self, kind: str, body: Mapping[str, object], *, after: Head | None = None) -> Entry:
        """Appends an entry; tries again when another writer was first.

        Args:
            kind: what happened.
            body: the facts, as JSON.
            after: append only if this is still the head: for a decision that was made on it.

        Raises:
            HeadMoved: ``after`` is no longer the head.
            ClockBehind: the clock is far behind the last entry.
            WriteFailed: nothing was appended.
        """
        while True:
            head = self.head()
            if after is not None and head != after:
                raise HeadMoved(f"the ledger stands at {head}, not at {after}: read it and decide again")
            content = self._encode(head, kind, body)
            self._forget_note_beyond(head)
            if self._objects.create(_name(head.sequence + 1), content):
                self._last = _decode(head.sequence + 1, content)
                self._write_note(self._last.head)
                return self._last

    def note_head(self) -> None:
        """Writes the note of the last entry where it is missing, damaged or of an earlier entry."""
        head = self.head()
        if head.sequence and self._note() != head:
            self._write_note(head)

    def check_clock(self) -> None:
        """Refuses to begin what could not be written down.

        Raises:
            ClockBehind: the clock is far behind the last entry.
        """
        self.head()
        self._at("")

    def accept_clock(self, reason: str) -> None:
        """Lets time go on from what the clock says, though that is far behind the last entry; an entry says why.

        A clock that is not behind needs no entry.
        """
        try:
            self.check_clock()
        except ClockBehind:
            after = self._last.at if self._last else None
            self.append(CLOCK, {"reason": reason, "after": after, "by": account()})

    def verify(self, known: Head | str | None = None) -> list[str]:
        """Every fault of the chain, read afresh.

        Args:
            known: a head, its hash, or the unambiguous beginning of its hash, known from elsewhere: finds also what was
                cut off or rewritten since.
        """
        faults: list[str] = []
        hashes = [GENESIS]
        for number, name in enumerate(self._names(), start=1):
            try:
                content = self._get(name)
            except StorageError as error:
                return [*faults, str(error)]
            faults += _faults(number, name, content, hashes[-1])
            hashes.append(files.digest(content))
        faults += self._note_faults(hashes)
        return faults + ([] if known is None else _head_faults(str(known), hashes))

    def _note_faults(self, hashes: Sequence[str]) -> list[str]:
        """How the note of the head contradicts the entries, given their hashes, ``GENESIS`` first."""
        try:
            content = self._objects.get(NOTE)
        except Missing:
            return []
        except Unreadable as error:
            return [str(error)]
        if (note := decode_note(content)) is None:
            return [
                f"ledger/{NOTE}: damaged; `dti run` writes it again; compare the last entry with a head noted elsewhere"
            ]
        if note.sequence >= len(hashes):
            last = len(hashes) - 1
            return [
                f"ledger/{NOTE} names entry {note.sequence}, but the last is {last}: restore the ledger from its backup"
            ]
        fault = note_fault(note, Head(note.sequence, hashes[note.sequence]))
        return [fault] if fault else []

    def _note(self) -> Head | None:
        """The head that the note names; None where it is missing or damaged."""
        try:
            return decode_note(self._objects.get(NOTE))
        except (Missing, Unreadable):
            return None

    def _write_note(self, head: Head) -> None:
        """Notes the head, if the disk takes it: a note of an earlier entry is no fault."""
        with suppress(WriteFailed):
            self._objects.put({NOTE: encode_note(head)})

    def _forget_note_beyond(self, head: Head) -> None:
        """Lets the note name the head where it names a later entry: an older copy of the ledger was restored."""
        note = self._note()
        if note and note.sequence > head.sequence:
            self._objects.put({NOTE: encode_note(head)})

    def _end(self) -> tuple[int, bytes]:
        """The number of entries, and the last: looked for anew where the last that is known is gone, else from there.

        Raises:
            CorruptLedger: an entry is gone, or something else lies among them.
        """
        known = self._last.sequence if self._last else 0
        content = self._find(known) if known else None
        if content is None:
            names = self._names()
            if names and names[-1] != _name(len(names)):
                raise CorruptLedger(f"the ledger has {len(names)} entries, but its last is {names[-1]}: run verify")
            return len(names), self._get(names[-1]) if names else b""
        while (following := self._find(known + 1)) is not None:
            known, content = known + 1, following
        return known, content

    def _names(self) -> list[str]:
        """The names of all entries, sorted; hidden files are none."""
        return [name for name in self._objects.list() if not name.startswith(".")]

    def _find(self, number: int) -> bytes | None:
        """An entry; None where there is none.

        Raises:
            CorruptLedger: it can't be read.
        """
        try:
            return self._objects.get(_name(number))
        except Missing:
            return None
        except Unreadable as error:
            raise CorruptLedger(f"{error}: run verify") from error

    def _get(self, name: str) -> bytes:
        """The bytes of an entry.

        Raises:
            Missing: there is none.
            CorruptLedger: it can't be read.
        """
        try:
            return self._objects.get(name)
        except Missing as error:
            raise Missing(f"{error}: this entry is gone; restore the ledger from its backup") from error
        except Unreadable as error:
            raise CorruptLedger(f"{error}: run verify") from error

    def _remember(self, last: Entry) -> None:
        """Takes an entry for the last; what is known of another chain, which lay there before, is forgotten."""
        known = self._chain[last.sequence - 1 : last.sequence]
        if known not in ([], [last]) or len(self._chain) > last.sequence:
            self._forget()
        self._last = last

    def _forget(self) -> None:
        self._chain, self._last = [], None

    def _follow(self, head: Head) -> Entry | None:
        """Reads on to a head; returns the first entry that does not follow the one before it, if there is one."""
        if len(self._chain) == head.sequence:
            return None
        chain = [*self._chain]
        for number in range(len(chain) + 1, head.sequence + 1):
            entry = _decode(number, self._get(_name(number)))
            if entry.previous != (chain[-1].sha256 if chain else GENESIS):
                return entry
            chain.append(entry)
        self._chain = chain
        return None

    def _encode(self, head: Head, kind: str, body: Mapping[str, object]) -> bytes:
        facts = {"kind": kind, "at": self._at(kind), "body": dict(body)}
        return _canonical({"sequence": head.sequence + 1, "previous": head.sha256, **facts})

    def _at(self, kind: str) -> str:
        """The time of an entry of a kind after the last one."""
        now = self._clock().astimezone(UTC)
        time = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        last = self._last.at if self._last else time
        if time >= last or kind == CLOCK:
            return time
        if datetime.fromisoformat(last) - now > BEHIND:
            raise ClockBehind(
                f"the clock says {time}, the last entry of the ledger is of {last}: set the clock right, or say why it "
                "is right with `dti run --accept-clock REASON`"
            )
        return last


def _canonical(value: Mapping[str, Any]) -> bytes:
    import rfc8785

    return rfc8785.dumps(dict(value))


def _name(number: int) -> str:
    return f"{number:09}.json"


def _decode(number: int, content: bytes) -> Entry:
    try:
        fields = json.loads(content)
        entry = Entry(**fields, sha256=files.digest(content))
    except (ValueError, TypeError, RecursionError) as error:
        raise CorruptLedger(
            f"ledger entry {_name(number)} can't be read ({error}): restore it from the backup"
        ) from error
    if entry.sequence != number:
        raise CorruptLedger(f"ledger entry {_name(number)} says that it is entry {entry.sequence}: restore the backup")
    return entry


def _head_faults(known: str, hashes: Sequence[str]) -> list[str]:
    """What is wrong with a head that is known from elsewhere, given the hash of every entry, ``GENESIS`` first."""
    noted = known.strip().lower()
    number, _, sha256 = noted.rpartition(":")
    if not sha256 or set(sha256) - set("0123456789abcdef"):
        return [f"ledger: {known!r} is no head: expected the sha256 that a run printed, or its first digits"]
    matching = [at for at, each in enumerate(hashes) if each == sha256 or (at and each.startswith(sha256))]
    if len(matching) > 1:
        return [f"ledger: the known head {known} begins the hashes of {len(matching)} entries: give more digits"]
    if not matching or number not in ("", str(matching[0])):
        return [f"ledger: the known head {known} is not in it: it was cut off or rewritten; restore the backup"]
    return []


def _faults(number: int, name: str, content: bytes, previous: str) -> list[str]:
    """What is wrong with one entry, given the hash of the one before it."""
    if name != _name(number):
        return [f"ledger: expected {_name(number)}, found {name}"]
    try:
        entry = _decode(number, content)
    except CorruptLedger as error:
        return [str(error)]
    faults = [] if entry.previous == previous else [f"ledger entry {name} does not follow the one before it"]
    if not _is_canonical(content):
        faults.append(f"ledger entry {name} is not in canonical form: it was rewritten")
    return faults


def _is_canonical(content: bytes) -> bool:
    """Whether it is JSON as RFC 8785 writes it; what has no such form (an integer past 2^53) is not."""
    try:
        return _canonical(json.loads(content)) == content
    except ValueError:
        return False
