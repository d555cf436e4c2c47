"""What can go wrong with stored things. Every message names the file, the culprit and the fix.

Here: the errors that ``storage`` raises. Not here: what is wrong with a value (``quality``) or with
a received file's content (``reading``).
"""

from __future__ import annotations


class StorageError(Exception):
    """Anything that storage can't do."""


class Missing(StorageError):
    """Something was asked for that is not there."""


class Unreadable(StorageError):
    """Something is there and can't be read.

    Attributes:
        why: the system's reason.
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: can't be read ({why})")
        self.why = why


class Refused(StorageError):
    """Something handed in can't be stored as it is."""


class NoFolder(StorageError):
    """A data root is named that is no folder of this machine."""


class WriteFailed(StorageError):
    """The disk did not take it: full, read-only, or broken. What stood before still stands."""


class Locked(StorageError):
    """Another run holds the lock.

    Attributes:
        holder: the run id of the one who holds it ("unknown" in the instant before it is written).
    """

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(f"{name} is held by run {holder}: wait until it has ended, or end it, then try again")
        self.holder = holder


class ClockBehind(StorageError):
    """The clock says a time long before the last entry of the ledger."""


class LedgerBehind(StorageError):
    """Releases lie there that are newer than the last one of the ledger: an older copy of it was put back."""


class HeadMoved(StorageError):
    """The ledger has grown since its head was read: read it again, decide again."""


class Corrupt(StorageError):
    """Bytes are not what they were when they were written."""


class CorruptLanding(Corrupt):
    """A landed file no longer has the hash that it is named by."""


class CorruptLedger(Corrupt):
    """An entry of the ledger was altered, or the chain is broken."""


class CorruptRelease(Corrupt):
    """A file of a release differs from what its manifest and the ledger say."""


class CorruptTable(Corrupt):
    """A stored table differs from its side record."""
