"""The only room that touches the disk: landing, tables, releases, ledger, locks.

Here: keeping bytes whole, durable, ordered and unaltered. Not here: what they mean. Nothing of the
other rooms is imported, and nothing heavy until it is needed.
"""

from dti_platform.storage.accounts import account, owner, rights_of
from dti_platform.storage.arrivals import Arrival, not_taken, printable
from dti_platform.storage.candidates import Candidate
from dti_platform.storage.dry_run import DryRunStore
from dti_platform.storage.errors import (
    ClockBehind,
    Corrupt,
    CorruptLanding,
    CorruptLedger,
    CorruptRelease,
    CorruptTable,
    HeadMoved,
    LedgerBehind,
    Locked,
    Missing,
    NoFolder,
    Refused,
    StorageError,
    WriteFailed,
)
from dti_platform.storage.ledger import Entry, Head, Ledger
from dti_platform.storage.package import TableDescription
from dti_platform.storage.receipts import Confirmation, Held, Receipt, Received, Withdrawal, slot_of
from dti_platform.storage.release import OpenRelease, Release
from dti_platform.storage.store import Store
from dti_platform.storage.tables import TableInfo

__all__ = [
    "Arrival",
    "Candidate",
    "ClockBehind",
    "Confirmation",
    "Corrupt",
    "CorruptLanding",
    "CorruptLedger",
    "CorruptRelease",
    "CorruptTable",
    "DryRunStore",
    "Entry",
    "Head",
    "HeadMoved",
    "Held",
    "Ledger",
    "LedgerBehind",
    "Locked",
    "Missing",
    "NoFolder",
    "OpenRelease",
    "Receipt",
    "Received",
    "Refused",
    "Release",
    "StorageError",
    "Store",
    "TableDescription",
    "TableInfo",
    "Withdrawal",
    "WriteFailed",
    "account",
    "not_taken",
    "owner",
    "printable",
    "rights_of",
    "slot_of",
]
