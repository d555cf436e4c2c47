"""The register of receipts: what was received, what became of each file, and withdrawing one.

No file is opened: what is said of a file was read before. Not here: receiving and judging (``reception``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.storage import Withdrawal
from dti_platform.submissions import last_run
from dti_platform.submissions.folders import arrived, sha256_of
from dti_platform.submissions.versions import plain, remembered_senders, senders_of_runs

if TYPE_CHECKING:
    from dti_platform.storage import Held, Receipt, Store

_ERRORS = terms("receipt_errors")
#: ``left_behind``: it waited and never counted, for a later one of its place does.
State = Literal["counts", "superseded", "left_behind", "unchanged", "waiting", "refused", "withdrawn"]


class Line(NamedTuple):
    """A receipt, the unit that it is of where that is known, and what became of its file."""

    receipt: Receipt
    unit: str | None
    state: State
    reason: str = ""
    """Why it was refused (a code of ``problems.toml``) or withdrawn."""
    withdrawn_before: int | None = None
    """Of a file that waits the receipt of the same bytes that was withdrawn."""
    counting: int | None = None
    """Of a file that was superseded or left behind the receipt that counts in its place."""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        each = self.receipt
        return {
            "receipt": each.number, "received_at": each.received_at, "feed": each.feed, "period": each.period,
            "unit": self.unit, "file_name": each.name, "sha256": each.sha256, "size": each.size,
            "channel": each.channel, "folder": each.folder, "by": each.by, "state": self.state,
            "reason": self.reason, "repeats": each.repeats or None, "withdrawn_before": self.withdrawn_before,
            "counting": self.counting,
        }  # fmt: skip


def withdraw(store: Store, number: int, reason: str) -> tuple[Receipt, Receipt | None]:
    """Withdraws one receipt; gives it, and the one that counts now in its place.

    Raises:
        Missing: there is no such receipt.
        Refused: there is no reason, or it was withdrawn before.
    """
    gone = store.landing.withdraw_one(number, reason)
    return gone, Register(store).counting_without(gone)


class Replacing(NamedTuple):
    """A file that counts in the place of another, or confirms one that waited, for it has the same bytes."""

    line: Line
    replaces: Receipt | None
    confirms: Receipt | None

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        numbers = {"replaces": self.replaces, "confirms": self.confirms}
        facts = {name: each and each.number for name, each in numbers.items()}
        return {**self.line.to_dict(), **facts, "spelling": self._spelling}

    @property
    def _spelling(self) -> str | None:
        """The name of the replaced file where this one differs from it in capitals or marks alone."""
        own, other = self.line.receipt.name, self.replaces and self.replaces.name
        return other if other and other != own and plain(other) == plain(own) and not self.line.unit else None


class Outdated(NamedTuple):
    """A committed file that lies in its folder with bytes that came before those that count."""

    line: Line
    later: Sequence[int]
    """The receipts that came after it in its place: once they are withdrawn it counts again."""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {**self.line.to_dict(), "later": [*self.later]}


class ToLookAt(NamedTuple):
    """Refused files that still lie in a folder, those that wait to be confirmed, and withdrawn ones that lie there."""

    refused: list[Line]
    waiting: list[Line]
    withdrawn: list[Line]


@dataclass(frozen=True)
class Register:
    """The receipts of a store, as they are when it is made."""

    store: Store

    def lines(self, feed: str | None = None, period: str | None = None, units: Collection[str] = ()) -> Iterator[Line]:
        """Every receipt (of a feed, of a period, of any of these units), in the order in which they came."""
        for each in self.store.landing.receipts(feed):
            line = self.line(each)
            if period in (None, each.period) and (not units or line.unit in units):
                yield line

    def line(self, receipt: Receipt) -> Line:
        """What became of a file."""
        number, unit = receipt.number, self.unit_of(receipt)
        if withdrawal := self._held.withdrawn.get(number):
            return Line(receipt, unit, "withdrawn", withdrawal.reason)
        if reason := receipt.refusal or self._read_as_refused.get((receipt.feed, receipt.period, receipt.sha256)):
            return Line(receipt, unit, "refused", reason)
        counting = self._counting.get(self._place(receipt))
        if number == counting:
            return Line(receipt, unit, "counts")
        if receipt in self._held.waiting():
            return Line(receipt, unit, "waiting")
        if receipt.repeats:
            return Line(receipt, unit, "unchanged")
        state = "left_behind" if receipt in self._held.unconfirmed else "superseded"
        return Line(receipt, unit, state, counting=counting)

    def why_not_confirmed(self, number: int) -> Bilingual | None:
        """Why a receipt can't be confirmed; None where it waits."""
        receipt = self._receipts.get(number)
        if receipt is None or number in self._held.withdrawn:
            return self.why_not_withdrawn(number)
        if receipt.refusal:
            return _ERRORS["refused"].format(number=number, reason=_why(receipt.refusal))
        if receipt not in self._held.unconfirmed:
            return _ERRORS["confirmed" if number in self._held.confirmed else "not_waiting"].format(number=number)
        if later := self._held.successor(receipt):
            return _ERRORS["left_behind"].format(number=number, other=later.number)
        waits = receipt in self._held.waiting()
        return None if waits else _ERRORS["repeats"].format(number=number, other=receipt.repeats)

    def why_not_withdrawn(self, number: int) -> Bilingual | None:
        """Why a receipt can't be withdrawn; None where it can."""
        if number not in self._receipts:
            return _ERRORS["absent"].format(number=number)
        withdrawal = self._held.withdrawn.get(number)
        return withdrawal and _ERRORS["withdrawn"].format(number=number, reason=withdrawal.reason)

    def to_look_at(self) -> ToLookAt:
        """What a person should look at after a run."""
        lying = {each.slot for each in arrived(self.store)}
        newest = {each.slot: each for each in self.store.landing.receipts()}
        lines = [self.line(each) for slot, each in newest.items() if slot in lying]
        lines.sort(key=lambda each: each.receipt.number)
        refused, withdrawn = ([each for each in lines if each.state == state] for state in ("refused", "withdrawn"))
        return ToLookAt(refused, [self._waiting(each) for each in self._held.waiting()], withdrawn)

    def outdated(self) -> list[Outdated]:
        """The committed files that lie in their folders as they were before: a run never goes back to them by itself.

        Where what counts came by another way, the folder has nothing to do with it.
        """
        came: dict[object, dict[str, Receipt]] = {}
        for each in self.store.landing.receipts():
            if each.channel == self.store.feeds.name:
                came.setdefault(each.slot, {})[each.sha256] = each
        found = list[Outdated]()
        for each in (each for each in arrived(self.store) if each.refusal is None and len(came.get(each.slot, ())) > 1):
            lying = came[each.slot].get(sha256_of(each.read()))
            line = lying and self.line(lying)
            counting = line and self._receipts.get(line.counting or 0)
            if line and counting and counting.slot == each.slot and counting.number > line.receipt.number:
                found.append(Outdated(line, self._later(line.receipt)))
        return found

    def _later(self, receipt: Receipt) -> list[int]:
        """What came after a file in its place and may count, the newest first."""
        standing = (each for same in self._held.accepted.values() for each in same)
        same = (each for each in standing if self._is_in_its_place(each, receipt))
        return sorted((each.number for each in same if each.number > receipt.number), reverse=True)

    def _waiting(self, receipt: Receipt) -> Line:
        again = self.withdrawn_before(receipt.feed, receipt.period, receipt.sha256, before=receipt.number)
        return self.line(receipt)._replace(withdrawn_before=again and again.receipt.number)

    def withdrawn_before(self, feed: str, period: str, sha256: str, *, before: int | None = None) -> Line | None:
        """The receipt of these bytes (that came ``before`` another) that was withdrawn, if none counted since."""
        asked = (feed, period, sha256)
        same = [each for each in self._receipts.values() if (each.feed, each.period, each.sha256) == asked]
        if not any(each.number in self._held.withdrawn for each in same):
            return None
        lines = [self.line(each) for each in same if before is None or each.number < before]
        judged = [each for each in lines if each.state in ("counts", "superseded", "withdrawn")]
        return judged[-1] if judged and judged[-1].state == "withdrawn" else None

    def replacements(self, after: int) -> Iterator[Replacing]:
        """The files that came after a receipt and count in the place of another, or let one count that waited."""
        places = Counter(map(self._place, self._receipts.values()))
        confirmed = {number: self._receipts[waited] for waited, number in self._held.confirmed_by.items()}
        for each in (each for number, each in self._receipts.items() if number > after):
            counting = confirmed.get(each.number, each)
            if self.line(counting).state == "counts" and places[self._place(counting)] > 1:
                old = self._newest_beside(counting, self._originals(counting))
                if old or counting != each:
                    yield Replacing(self.line(each), old, None if counting == each else counting)

    def _place(self, receipt: Receipt) -> tuple[str, str, str]:
        return receipt.feed, receipt.period, self.unit_of(receipt) or plain(receipt.name)

    def unit_of(self, receipt: Receipt) -> str | None:
        """The unit that a file is of: as its receipt says, or as it was read."""
        return receipt.sender or self._senders.get(receipt.sha256)

    def counting_without(self, gone: Receipt) -> Receipt | None:
        """The receipt that counts in the place of one that is withdrawn."""
        return self._newest_beside(gone, self.without(gone).standing())

    def without(self, gone: Receipt) -> Held:
        """What is held once a receipt is withdrawn."""
        withdrawals = [
            Withdrawal(each.feed, each.period, each.name, "", "", "", 0, each.number, each.sender)
            for each in (gone, *self.store.landing.copies(gone))
        ]
        return self.store.landing.held().after(withdrawals)

    def _originals(self, counting: Receipt) -> list[Receipt]:
        """What was accepted besides one that counts, each content once."""
        others = [each for same in self.without(counting).accepted.values() for each in same]
        once = {counting.number, *(each.number for each in others)}
        return [each for each in others if each.repeats not in once]

    def _newest_beside(self, gone: Receipt, others: Iterable[Receipt]) -> Receipt | None:
        same = [each for each in others if self._is_in_its_place(each, gone)]
        return max(same, key=self._newest, default=None)

    def _is_in_its_place(self, receipt: Receipt, gone: Receipt) -> bool:
        """Of the same unit; where one of them has none, under the same name."""
        if (receipt.feed, receipt.period) != (gone.feed, gone.period):
            return False
        units = self.unit_of(receipt), self.unit_of(gone)
        return units[0] == units[1] if None not in units else plain(receipt.name) == plain(gone.name)

    def _newest(self, receipt: Receipt) -> tuple[bool, int]:
        """Of files that nobody judged those that were never read as any unit's come last."""
        return self.unit_of(receipt) is not None, receipt.number

    @cached_property
    def _receipts(self) -> Mapping[int, Receipt]:
        return {each.number: each for each in self.store.landing.receipts()}

    @cached_property
    def _held(self) -> Held:
        return self.store.landing.held()

    @cached_property
    def _counting(self) -> Mapping[tuple[str, str, str], int]:
        """Of what stands the newest of each unit, or of each name."""
        standing = sorted(self._held.standing(), key=lambda each: each.number)
        read = (each for each in standing if (each.feed, each.period, each.sha256) not in self._read_as_refused)
        return {self._place(each): each.number for each in read}

    @cached_property
    def _read_as_refused(self) -> Mapping[tuple[str, str, str], str]:
        """Files that nobody judged when they came, and that the last run read as refused, with the code."""
        tables = (last_run.submissions(self.store, year) for year in self.store.tables.years("submissions"))
        refused = (table.filter(status="refused") for table in tables if table is not None)
        rows = (row for table in refused for row in table.select("feed", "period", "file", "reason").iter_rows())
        return {(feed, period, file): reason.partition(":")[0] for feed, period, file, reason in rows}

    @cached_property
    def _senders(self) -> Mapping[str, str]:
        """By hash the unit of each file that was read as one's."""
        asked = {(each.feed, each.period) for each in self.store.landing.receipts()}
        remembered = (remembered_senders(self.store, feed, period) for feed, period in asked)
        of_runs = senders_of_runs(self.store, self.store.tables.years("submissions"))
        return {**of_runs, **{file: unit for each in remembered for file, unit in each.items()}}


def _why(refusal: str) -> Bilingual:
    """Why a file was refused; a code that the catalogue does not have stands for itself."""
    problem = catalogue("file").get(refusal)
    return problem.why if problem else Bilingual.same(refusal)
