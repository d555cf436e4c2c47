"""Putting landed files back from the copies that still lie in the folders of the feeds and in the inbox.

Here: which landed files are gone or altered, and which of them have a copy with the same sha256; what was put back
stands in the ledger. Not here: reading a landed file (``landing``), and naming every fault of a data root
(``verification``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dti_platform.storage import files
from dti_platform.storage.accounts import account
from dti_platform.storage.errors import CorruptLanding, Missing, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dti_platform.storage.store import Store

#: The kind of entry that records what was put back.
KIND = "repair"


class Repair(NamedTuple):
    """A landed file that was gone or altered.

    Attributes:
        path: where it lies.
        copy: the file that it was put back from; None where there is no copy.
        fault: what was wrong with it, and what to do where there is no copy.
    """

    path: Path
    copy: Path | None
    fault: str

    def __str__(self) -> str:
        """What was done, in a sentence."""
        return f"{self.path}: was gone or altered, put back from {self.copy}" if self.copy else self.fault


def repair_landing(store: Store) -> list[Repair]:
    """Puts back every landed file that is gone or altered and of which a copy is found; records them in one entry.

    Raises:
        WriteFailed: some may be put back.
    """
    faults = _faults(store)
    if not faults:
        return []
    copies = _copies(store, faults)
    if copies:
        store.landing.put_back({sha256: content for sha256, (_, content) in copies.items()})
        landed = [{"sha256": sha256, "copy": str(path)} for sha256, (path, _) in sorted(copies.items())]
        store.ledger.append(KIND, {"landed": landed, "by": account()})
    return [
        Repair(store.landing.path(sha256), copies[sha256][0] if sha256 in copies else None, fault)
        for sha256, fault in faults.items()
    ]


def _faults(store: Store) -> dict[str, str]:
    """By sha256 what is wrong with each landed file that is not as received."""
    faults: dict[str, str] = {}
    for sha256 in dict.fromkeys(receipt.sha256 for receipt in store.landing.receipts()):
        try:
            store.landing.read(sha256)
        except (Missing, CorruptLanding) as error:
            faults[sha256] = str(error)
    return faults


def _copies(store: Store, wanted: Mapping[str, str]) -> dict[str, tuple[Path, bytes]]:
    """By sha256 a file in the folders with these bytes, and the bytes."""
    copies: dict[str, tuple[Path, bytes]] = {}
    for arrival in store.landing.arrivals():
        try:
            content = arrival.read()
        except Refused:
            continue
        if (sha256 := files.digest(content)) in wanted:
            copies[sha256] = arrival.path, content
    return copies
