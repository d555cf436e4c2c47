"""Who does what the ledger records: the account of the process, or the user whom a proxy in front of it has checked."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from dti_platform.storage.arrivals import printable

#: Characters of a name that are kept.
LONGEST = 200


def account() -> str:
    """The name that stands as ``by`` on what is received, withdrawn, confirmed and released.

    ``DTI_USER`` is believed: a proxy with a login starts the process with it. Without it the account that the system
    knows counts, whatever ``USER`` or ``LOGNAME`` say.
    """
    return printable(os.environ.get("DTI_USER", "").strip())[:LONGEST] or rights_of()


def rights_of() -> str:
    """The account with whose rights this process reads and writes, whomever ``DTI_USER`` names."""
    return _named(os.geteuid())


def owner(path: Path) -> str:
    """The account to which a file belongs: who put it where it lies; empty where it is gone."""
    try:
        return _named(path.lstat().st_uid)
    except OSError:
        return ""


def _named(number: int) -> str:
    """The name of an account; its number where the system knows no name, as in some containers."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"
