"""What a withdrawal changes: the figures that count before and after it, and the scores that rest on them.

Here: comparing, before anybody decides. The files whose figures count are read again, apart, as a run would read them;
where that fails nothing is said of figures, and the file can be withdrawn all the same. Not here: which receipt counts
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
from dti_platform.submissions.versions import Version, by_receipt, has_senders, landed, read_versions

if TYPE_CHECKING:
    from dti_platform.feeds import Parsed
    from dti_platform.reading import Unreadable
    from dti_platform.storage import Receipt, Store
    from dti_platform.submissions.answer import Change, Consequence

#: What makes a figure of a file the same before and after.
_FIGURE = ["locator", "period", "unit", "node", "measure", "basis"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes once a file is withdrawn."""

    counted: Mapping[str, int]
    """How many figures are new, changed, unchanged and withdrawn."""
    changes: tuple[Change, ...]
    """Each of them but the unchanged ones."""
    begun: Mapping[int, int]
    """By receipt how many figures of another file begin to count."""
    consequences: tuple[Consequence, ...]


def effect(store: Store, known: feeds.Known, gone: Receipt) -> Effect | Unreadable:
    """What changes once a file is withdrawn; why that can't be said, where a file that counts can't be read."""
    return contained(gone.name, lambda: _effect(store, known, gone))


@one_child()
def _effect(store: Store, known: feeds.Known, gone: Receipt) -> Effect:
    register = Register(store)
    standing = [store.landing.held().standing(), register.without(gone).standing()]
    concerned = {each.number: each for each in (*standing[0], *standing[1]) if _is_concerned(register, each, gone)}
    if gone.number not in concerned:
        return Effect({}, (), {}, ())
    versions = list(read_versions([landed(store, each) for each in concerned.values()], known))
    of_unit = _senders(versions, gone)
    beside = [each for each in versions if of_unit in (None, each.sender)]
    before, after = (_counting(beside, {each.number for each in receipts}, known) for receipts in standing)
    return _compared(store, known, gone, of_unit, beside, before, after)


def _is_concerned(register: Register, receipt: Receipt, gone: Receipt) -> bool:
    """Whether what counts of a file may be another once ``gone`` is withdrawn.

    That is, of the same unit; of a feed without senders any file of its year, for each is read beside the others, and
    the units' old files, which yield to the verifier.
    """
    if receipt.year != gone.year:
        return False
    if has_senders(gone.feed):
        same = (receipt.feed, receipt.period) == (gone.feed, gone.period)
        units = {register.unit_of(receipt), register.unit_of(gone)}
        return same and (None in units or len(units) == 1)
    return not has_senders(receipt.feed) or (gone.feed == VERIFIER and not receipt.rule)


def _senders(versions: Collection[Version], gone: Receipt) -> str | None:
    """The unit of a feed with senders that the withdrawn file is of."""
    return next((each.sender for each in versions if each.received.number == gone.number), None)


def _counting(versions: Collection[Version], standing: Collection[int], known: feeds.Known) -> Mapping[int, Parsed]:
    """By receipt what counts of those that stand."""
    together = [each for each in versions if each.received.number in standing and not each.parsed.outlived]
    given = by_receipt(together, known)
    return dict(zip(given, with_one_owner([*given.values()]), strict=True))


def _compared(
    store: Store, known: feeds.Known, gone: Receipt, unit: str | None, versions: Collection[Version],
    before: Mapping[int, Parsed], after: Mapping[int, Parsed],
) -> Effect:  # fmt: skip
    empty = next(iter(versions)).parsed.observations.clear()
    was, becomes = (pl.concat([empty, *(each.observations for each in given.values())]) for given in (before, after))
    counted, changes = compare(was, becomes, names_of(known, gone.period, pl.concat([was, becomes]), {}))
    of_place = (pl.col("feed") == gone.feed) & (pl.col("unit") == unit if unit else pl.lit(value=True))
    own = of_place | pl.col("file").is_in([each.received.sha256 for each in versions])
    comparison = Comparison(store, known, gone.year, unit, was, becomes, becomes, own)
    moved = tuple(each for each in comparison.consequences() if each.before != each.after)
    return Effect(counted, changes, _begun(before, after), moved)


def _begun(before: Mapping[int, Parsed], after: Mapping[int, Parsed]) -> Mapping[int, int]:
    """By receipt how many figures count after that did not count before."""
    given = {
        number: parsed.observations.join(before[number].observations, on=_FIGURE, how="anti", nulls_equal=True)
        if number in before
        else parsed.observations
        for number, parsed in after.items()
    }
    return {number: figures.height for number, figures in given.items() if figures.height}
