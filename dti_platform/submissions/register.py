"""The register of receipts: what was received, what became of each file, and withdrawing one.

No file is opened; facts on its content were read before. Not here: receiving and judging (``reception``).
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
from dti_platform.submissions.versions import folded_name, remembered_senders, senders_of_runs

if TYPE_CHECKING:
    from dti_platform.storage import Held, Receipt, Store

_ERRORS = terms("receipt_errors")
#: ``left_behind``: it waited and never counted, since a later file of the same sender or name does.
State = Literal["counts", "superseded", "left_behind", "unchanged", "waiting", "refused", "withdrawn"]


class Line(NamedTuple):
    """A receipt, the unit of its file where that is known, and what became of the file."""

    receipt: Receipt
    unit: str | None
    state: State
    reason: str = ""
    """Why it was refused (a code of ``problems.toml``) or withdrawn."""
    withdrawn_before: int | None = None
    """For a file that waits, the receipt of the same bytes that was withdrawn."""
    counting: int | None = None
    """For a superseded or left behind file, the receipt that counts instead."""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        receipt = self.receipt
        return {
            "receipt": receipt.number, "received_at": receipt.received_at, "feed": receipt.feed,
            "period": receipt.period, "unit": self.unit, "file_name": receipt.name, "sha256": receipt.sha256,
            "size": receipt.size, "channel": receipt.channel, "folder": receipt.folder, "by": receipt.by,
            "state": self.state, "reason": self.reason, "repeats": receipt.repeats or None,
            "withdrawn_before": self.withdrawn_before, "counting": self.counting,
        }  # fmt: skip


def withdraw(store: Store, number: int, reason: str) -> tuple[Receipt, Receipt | None]:
    """Withdraws one receipt; returns it, and the one that counts instead.

    Raises:
        Missing: there is no such receipt.
        Refused: there is no reason, or it was withdrawn before.
    """
    withdrawn = store.landing.withdraw_one(number, reason)
    return withdrawn, Register(store).counting_without(withdrawn)


class Replacement(NamedTuple):
    """A file that replaces another, or that confirms a waiting one with the same bytes."""

    line: Line
    replaces: Receipt | None
    confirms: Receipt | None

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        receipts = {"replaces": self.replaces, "confirms": self.confirms}
        facts = {name: receipt and receipt.number for name, receipt in receipts.items()}
        return {**self.line.to_dict(), **facts, "spelling": self._spelling}

    @property
    def _spelling(self) -> str | None:
        """The name of the replaced file where this one differs from it only in case or diacritics' encoding."""
        name, other = self.line.receipt.name, self.replaces and self.replaces.name
        differs = other and other != name and folded_name(other) == folded_name(name)
        return other if differs and not self.line.unit else None


class Outdated(NamedTuple):
    """A committed file whose bytes in its folder are older than those that count."""

    line: Line
    later: Sequence[int]
    """The receipts that came after it and replaced it: once they are withdrawn it counts again."""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {**self.line.to_dict(), "later": [*self.later]}


class ToLookAt(NamedTuple):
    """Refused and withdrawn files that are still in a folder, and files that wait to be confirmed."""

    refused: list[Line]
    waiting: list[Line]
    withdrawn: list[Line]


@dataclass(frozen=True)
class Register:
    """The receipts of a store at the time of construction."""

    store: Store

    def lines(self, feed: str | None = None, period: str | None = None, units: Collection[str] = ()) -> Iterator[Line]:
        """Every receipt (of a feed, of a period, of any of these units), in the order in which they came."""
        for receipt in self.store.landing.receipts(feed):
            line = self.line(receipt)
            if period in (None, receipt.period) and (not units or line.unit in units):
                yield line

    def line(self, receipt: Receipt) -> Line:
        """What became of a file."""
        number, unit = receipt.number, self.unit_of(receipt)
        if withdrawal := self._held.withdrawn.get(number):
            return Line(receipt, unit, "withdrawn", withdrawal.reason)
        if reason := receipt.refusal or self._read_as_refused.get(_content_key(receipt)):
            return Line(receipt, unit, "refused", reason)
        counting = self._counting.get(self._sender_key(receipt))
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
            return _ERRORS["refused"].format(number=number, reason=_refusal_text(receipt.refusal))
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
        """The files that a person should check after a run."""
        slots = {arrival.slot for arrival in arrived(self.store)}
        newest = {receipt.slot: receipt for receipt in self.store.landing.receipts()}
        lines = [self.line(receipt) for slot, receipt in newest.items() if slot in slots]
        lines.sort(key=lambda line: line.receipt.number)
        refused, withdrawn = ([line for line in lines if line.state == state] for state in ("refused", "withdrawn"))
        return ToLookAt(refused, [self._waiting_line(receipt) for receipt in self._held.waiting()], withdrawn)

    def outdated(self) -> list[Outdated]:
        """The committed files whose folders hold earlier content again: a run never returns to it by itself.

        A file is not outdated where the one that counts came through another channel.
        """
        by_slot: dict[object, dict[str, Receipt]] = {}
        for receipt in self.store.landing.receipts():
            if receipt.channel == self.store.feeds.name:
                by_slot.setdefault(receipt.slot, {})[receipt.sha256] = receipt
        outdated = list[Outdated]()
        for arrival in arrived(self.store):
            if arrival.refusal is not None or len(by_slot.get(arrival.slot, ())) <= 1:
                continue
            receipt = by_slot[arrival.slot].get(sha256_of(arrival.read()))
            line = receipt and self.line(receipt)
            counting = line and self._receipts.get(line.counting or 0)
            if line and counting and counting.slot == arrival.slot and counting.number > line.receipt.number:
                outdated.append(Outdated(line, self._later(line.receipt)))
        return outdated

    def _later(self, earlier: Receipt) -> list[int]:
        """The receipts that came after a file, may count and would replace it, the newest first."""
        standing = (receipt for receipts in self._held.accepted.values() for receipt in receipts)
        same = (receipt for receipt in standing if self._is_same_sender(receipt, earlier))
        return sorted((receipt.number for receipt in same if receipt.number > earlier.number), reverse=True)

    def _waiting_line(self, receipt: Receipt) -> Line:
        withdrawn = self.withdrawn_before(receipt.feed, receipt.period, receipt.sha256, before=receipt.number)
        return self.line(receipt)._replace(withdrawn_before=withdrawn and withdrawn.receipt.number)

    def withdrawn_before(self, feed: str, period: str, sha256: str, *, before: int | None = None) -> Line | None:
        """The withdrawn receipt of these bytes (that came ``before`` another), unless they counted again later."""
        same = self._same_content(feed, period, sha256)
        if not any(receipt.number in self._held.withdrawn for receipt in same):
            return None
        lines = [self.line(receipt) for receipt in same if before is None or receipt.number < before]
        judged = [line for line in lines if line.state in ("counts", "superseded", "withdrawn")]
        return judged[-1] if judged and judged[-1].state == "withdrawn" else None

    def replaced_before(self, feed: str, period: str, sha256: str, *, before: int | None = None) -> Receipt | None:
        """The last receipt of these bytes (that came ``before`` another) that counted until another replaced it."""
        same = self._same_content(feed, period, sha256)
        lines = (self.line(receipt) for receipt in reversed(same) if before is None or receipt.number < before)
        return next((line.receipt for line in lines if line.state == "superseded"), None)

    def _same_content(self, feed: str, period: str, sha256: str) -> list[Receipt]:
        content = (feed, period, sha256)
        return [receipt for receipt in self._receipts.values() if _content_key(receipt) == content]

    def replacements(self, after: int) -> Iterator[Replacement]:
        """The files that came after a receipt and replace another, or confirm one that waited."""
        files = Counter(map(self._sender_key, self._receipts.values()))
        confirmed = {number: self._receipts[waited] for waited, number in self._held.confirmed_by.items()}
        for receipt in (receipt for number, receipt in self._receipts.items() if number > after):
            counting = confirmed.get(receipt.number, receipt)
            if self.line(counting).state == "counts" and files[self._sender_key(counting)] > 1:
                replaced = self._newest_of_same_sender(counting, self._originals(counting))
                if replaced or counting != receipt:
                    yield Replacement(self.line(receipt), replaced, None if counting == receipt else counting)

    def _sender_key(self, receipt: Receipt) -> tuple[str, str, str]:
        return receipt.feed, receipt.period, self.unit_of(receipt) or folded_name(receipt.name)

    def unit_of(self, receipt: Receipt) -> str | None:
        """The unit of a file: from its receipt, else from its reading."""
        return receipt.sender or self._senders.get(receipt.sha256)

    def counting_without(self, withdrawn: Receipt) -> Receipt | None:
        """The receipt that counts instead of one that is withdrawn."""
        return self._newest_of_same_sender(withdrawn, self.without(withdrawn).standing())

    def without(self, withdrawn: Receipt) -> Held:
        """The state of landing once a receipt is withdrawn."""
        withdrawals = [
            Withdrawal(receipt.feed, receipt.period, receipt.name, "", "", "", 0, receipt.number, receipt.sender)
            for receipt in (withdrawn, *self.store.landing.copies(withdrawn))
        ]
        return self.store.landing.held().after(withdrawals)

    def _originals(self, counting: Receipt) -> list[Receipt]:
        """The other accepted receipts than one that counts, each content once."""
        others = [receipt for receipts in self.without(counting).accepted.values() for receipt in receipts]
        numbers = {counting.number, *(receipt.number for receipt in others)}
        return [receipt for receipt in others if receipt.repeats not in numbers]

    def _newest_of_same_sender(self, withdrawn: Receipt, others: Iterable[Receipt]) -> Receipt | None:
        same = [receipt for receipt in others if self._is_same_sender(receipt, withdrawn)]
        return max(same, key=self._precedence, default=None)

    def _is_same_sender(self, receipt: Receipt, other: Receipt) -> bool:
        """Whether two files are of the same unit; where one has none, whether they have the same name."""
        if (receipt.feed, receipt.period) != (other.feed, other.period):
            return False
        units = self.unit_of(receipt), self.unit_of(other)
        return units[0] == units[1] if None not in units else folded_name(receipt.name) == folded_name(other.name)

    def _precedence(self, receipt: Receipt) -> tuple[bool, int]:
        """The sort key: files without a known unit come first, then older ones."""
        return self.unit_of(receipt) is not None, receipt.number

    @cached_property
    def _receipts(self) -> Mapping[int, Receipt]:
        return {receipt.number: receipt for receipt in self.store.landing.receipts()}

    @cached_property
    def _held(self) -> Held:
        return self.store.landing.held()

    @cached_property
    def _counting(self) -> Mapping[tuple[str, str, str], int]:
        """The newest standing receipt of each unit, or of each name."""
        standing = sorted(self._held.standing(), key=lambda receipt: receipt.number)
        read = (receipt for receipt in standing if _content_key(receipt) not in self._read_as_refused)
        return {self._sender_key(receipt): receipt.number for receipt in read}

    @cached_property
    def _read_as_refused(self) -> Mapping[tuple[str, str, str], str]:
        """Files that were not judged on arrival and that the last run read as refused, with the reason's code."""
        tables = (last_run.submissions(self.store, year) for year in self.store.tables.years("submissions"))
        refused = (table.filter(status="refused") for table in tables if table is not None)
        rows = (row for table in refused for row in table.select("feed", "period", "file", "reason").iter_rows())
        return {(feed, period, file): reason.partition(":")[0] for feed, period, file, reason in rows}

    @cached_property
    def _senders(self) -> Mapping[str, str]:
        """The unit of each file that was read for one, by hash."""
        periods = {(receipt.feed, receipt.period) for receipt in self.store.landing.receipts()}
        remembered = (remembered_senders(self.store, feed, period) for feed, period in periods)
        of_runs = senders_of_runs(self.store, self.store.tables.years("submissions"))
        return {**of_runs, **{file: unit for by_file in remembered for file, unit in by_file.items()}}


def _content_key(receipt: Receipt) -> tuple[str, str, str]:
    return receipt.feed, receipt.period, receipt.sha256


def _refusal_text(refusal: str) -> Bilingual:
    """Why a file was refused; a code that the catalogue lacks stands for itself."""
    problem = catalogue("file").get(refusal)
    return problem.why if problem else Bilingual.same(refusal)
