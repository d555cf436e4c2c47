"""What a withdrawal changes: the figures that count before and after it, and the scores that rest on them.

Here: comparing, before the decision. The files whose figures count are read again, in a child process, as a run would
read them; where that fails no figures are compared, and the file can still be withdrawn. Not here: which receipt counts
then (``register``), nor recording the withdrawal (``storage``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import feeds
from dti_platform.feeds.boundary import contained
from dti_platform.reading import one_child
from dti_platform.submissions.compose import compare, names_of
from dti_platform.submissions.consequence import Comparison
from dti_platform.submissions.owners import VERIFIER, with_one_owner
from dti_platform.submissions.register import Register
from dti_platform.submissions.versions import Version, counting_by_receipt, has_senders, landed, read_versions

if TYPE_CHECKING:
    from dti_platform.feeds import Parsed
    from dti_platform.reading import Unreadable
    from dti_platform.storage import Receipt, Store
    from dti_platform.submissions.answer import Change, Consequence

#: The key of a figure in a file.
_FIGURE = ["locator", "period", "unit", "node", "measure", "basis"]


@dataclass(frozen=True, slots=True)
class Effect:
    """The changes by the withdrawal of a file."""

    counted: Mapping[str, int]
    """The number of new, changed, unchanged and withdrawn figures."""
    changes: tuple[Change, ...]
    """Each change of a figure."""
    begun: Mapping[int, int]
    """By receipt the number of figures of another file that begin to count."""
    consequences: tuple[Consequence, ...]


def effect(store: Store, known: feeds.Known, receipt: Receipt) -> Effect | Unreadable:
    """The effect of withdrawing a file; the reason why it is unknown where a file that counts can't be read."""
    return contained(receipt.name, lambda: _effect(store, known, receipt))


@one_child()
def _effect(store: Store, known: feeds.Known, withdrawn: Receipt) -> Effect:
    register = Register(store)
    standing = [store.landing.held().standing(), register.without(withdrawn).standing()]
    concerned = {
        receipt.number: receipt
        for receipt in (*standing[0], *standing[1])
        if _is_concerned(register, receipt, withdrawn)
    }
    if withdrawn.number not in concerned:
        return Effect({}, (), {}, ())
    versions = list(read_versions([landed(store, receipt) for receipt in concerned.values()], known))
    unit = _sender(versions, withdrawn)
    compared = [version for version in versions if unit in (None, version.sender)]
    before, after = (_counting(compared, {receipt.number for receipt in receipts}, known) for receipts in standing)
    return _compare(store, known, withdrawn, unit, compared, before, after)


def _is_concerned(register: Register, receipt: Receipt, withdrawn: Receipt) -> bool:
    """Whether the counting content of a file may change once ``withdrawn`` is withdrawn.

    It may for a file of the same unit. In a feed without senders it may for any file of the year, since each is
    reconciled with the others; and for the units' old files, over which the verifier has precedence.
    """
    if receipt.year != withdrawn.year:
        return False
    if has_senders(withdrawn.feed):
        same = (receipt.feed, receipt.period) == (withdrawn.feed, withdrawn.period)
        units = {register.unit_of(receipt), register.unit_of(withdrawn)}
        return same and (None in units or len(units) == 1)
    return not has_senders(receipt.feed) or (withdrawn.feed == VERIFIER and not receipt.rule)


def _sender(versions: Collection[Version], withdrawn: Receipt) -> str | None:
    """The unit of the withdrawn file, in a feed with senders."""
    return next((version.sender for version in versions if version.received.number == withdrawn.number), None)


def _counting(versions: Collection[Version], standing: Collection[int], known: feeds.Known) -> Mapping[int, Parsed]:
    """The counting content of the standing files, by receipt."""
    files = [version for version in versions if version.received.number in standing and not version.parsed.outlived]
    counting = counting_by_receipt(files, known)
    return dict(zip(counting, with_one_owner([*counting.values()]), strict=True))


def _compare(
    store: Store, known: feeds.Known, withdrawn: Receipt, unit: str | None, versions: Collection[Version],
    before: Mapping[int, Parsed], after: Mapping[int, Parsed],
) -> Effect:  # fmt: skip
    empty = next(iter(versions)).parsed.observations.clear()
    old, new = (pl.concat([empty, *(parsed.observations for parsed in side.values())]) for side in (before, after))
    counted, changes = compare(old, new, names_of(known, withdrawn.period, pl.concat([old, new]), {}))
    of_sender = (pl.col("feed") == withdrawn.feed) & (pl.col("unit") == unit if unit else pl.lit(value=True))
    replaced = of_sender | pl.col("file").is_in([version.received.sha256 for version in versions])
    comparison = Comparison(store, known, withdrawn.year, unit, old, new, new, replaced)
    moved = tuple(consequence for consequence in comparison.consequences() if consequence.before != consequence.after)
    return Effect(counted, changes, _begun(before, after), moved)


def _begun(before: Mapping[int, Parsed], after: Mapping[int, Parsed]) -> Mapping[int, int]:
    """The number of figures that count only after the withdrawal, by receipt."""
    begun = {
        number: parsed.observations.join(before[number].observations, on=_FIGURE, how="anti", nulls_equal=True)
        if number in before
        else parsed.observations
        for number, parsed in after.items()
    }
    return {number: figures.height for number, figures in begun.items() if figures.height}
