"""What a file gave, as plain rows: they are made where the file is read, and cross over to the platform as JSON.

Here: the rows, what a file says besides, and both as JSON. Not here: frames (``framed``), nor how a file is read
(``intake``). Nothing here imports Polars or Pandera: the process that reads untrusted files starts without them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from dti_platform.language import Bilingual


class Observation(NamedTuple):
    """A row of ``tables.Observations``, whose columns have these names in this order."""

    feed: str
    source: str
    period: str
    geography: str
    framework: str | None
    unit: str
    peer_group: str | None
    node: str
    measure: str
    basis: str
    value: float
    qualifier: str
    unit_measure: str
    denominator: float | None
    obs_status: str
    certainty: str
    evidence: str
    file: str
    file_name: str
    locator: str
    raw: str
    document: str | None
    document_number: str | None
    document_date: str | None
    plan_period: str | None
    source_class: str | None = None
    """Known at the door, where the table of domains is."""

    @property
    def key(self) -> tuple[object, ...]:
        """What two values of one file may not both have."""
        return self.source, self.period, self.unit, self.peer_group, self.node, self.measure, self.basis


class HeldCell(NamedTuple):
    """A row of ``tables.Quarantine``."""

    feed: str
    file: str
    file_name: str
    locator: str
    period: str
    unit: str | None
    node: str | None
    raw: str
    error_class: str
    reason: str
    reason_vi: str
    reason_en: str
    mend_vi: str
    mend_en: str


class Account(NamedTuple):
    """A row of ``tables.Submissions``: the accounting of a file's cells."""

    feed: str
    file: str
    file_name: str
    sender: str | None
    period: str
    framework: str | None
    evidence: str
    status: str
    reason: str | None
    cells: int
    accepted: int
    quarantined: int
    blank: int
    header: int
    note: int
    total: int


Row = TypeVar("Row", Observation, HeldCell, Account, "Quotation")


class Stated(NamedTuple):
    """What a file says of its own place among others of its sender."""

    version: int | None = None
    on: dt.date | None = None


class Remark(NamedTuple):
    """A note about a file, or about a cell of it, that holds nothing back."""

    text: Bilingual
    locator: str | None = None
    reason: str = "sum_differs"
    """Which warning it becomes in an answer."""


class Quotation(NamedTuple):
    """A score in a file of somebody whose it is not to give: it is compared with what stands, and never counts."""

    unit: str
    node: str
    basis: str
    value: float | None
    """None: what stands there can't be such a score."""
    locator: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file gave: its rows, and what it says besides."""

    observations: Sequence[Observation]
    quarantine: Sequence[HeldCell]
    account: Account
    stated: Stated = Stated()  # noqa: RUF009 - a tuple, which nobody can change
    remarks: tuple[Remark, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    corrected: tuple[str, ...] = ()
    """The declared corrections that were applied, as they name themselves."""
    outlived: Bilingual | None = None
    """Why no correction was applied: the source has outlived a declared one."""


def packed(extract: Extract) -> dict[str, object]:
    """An extract for JSON, its rows column by column."""
    on = extract.stated.on
    return {
        "observations": [*zip(*extract.observations, strict=True)],
        "quarantine": [*zip(*extract.quarantine, strict=True)],
        "account": extract.account,
        "stated": [extract.stated.version, on and on.isoformat()],
        "remarks": extract.remarks,
        "quotations": [*zip(*extract.quotations, strict=True)],
        "corrected": extract.corrected,
        "outlived": extract.outlived,
    }


def unpacked(given: Mapping[str, Any]) -> Extract:
    """The extract that a JSON object holds.

    Raises ValueError, TypeError or KeyError where it holds none: the process that reads a file is not trusted.
    """
    version, day = given["stated"]
    return Extract(
        _rows(Observation, given["observations"]),
        _rows(HeldCell, given["quarantine"]),
        _rows(Account, [[each] for each in given["account"]])[0],
        Stated(None if version is None else int(version), None if day is None else dt.date.fromisoformat(day)),
        tuple(_remark(*each) for each in given["remarks"]),
        tuple(_rows(Quotation, given["quotations"])),
        tuple(map(str, given["corrected"])),
        None if given["outlived"] is None else _both(given["outlived"]),
    )


def _rows(kind: type[Row], columns: Sequence[Sequence[object]]) -> list[Row]:
    """Rows of columns, each of which holds what its field may hold."""
    if not columns:
        return []
    for types, column in zip(_types(kind), columns, strict=True):
        if not {*map(type, column)} <= types:
            raise TypeError(f"a column of {kind.__name__} holds what it can't hold")
    return [kind(*row) for row in zip(*columns, strict=True)]


@cache
def _types(kind: type[Row]) -> list[set[type]]:
    """What each field may hold."""
    return [{*(get_args(hint) or (hint,))} for hint in get_type_hints(kind).values()]


def _remark(text: Sequence[str], locator: str | None, reason: str) -> Remark:
    return Remark(_both(text), None if locator is None else str(locator), str(reason))


def _both(text: Sequence[str]) -> Bilingual:
    return Bilingual(*map(str, text))
