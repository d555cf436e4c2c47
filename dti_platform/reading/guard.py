"""What is looked at before any parser sees a file: an archive is measured as it is inflated, never trusted.

Here: refusing what could take the process down. Not here: reading.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from dti_platform.reading.cells import Unreadable

__all__ = ["MOST_BYTES", "MOST_ENTRIES", "MOST_INFLATED", "inspect_archive"]

MOST_BYTES = 64 * 2**20
MOST_ENTRIES = 2_000
MOST_INFLATED = 256 * 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 64 * 2**10


def inspect_archive(content: bytes, name: str) -> None:
    """Measures a zip archive by inflating it in pieces: what a header claims is not believed.

    Raises Unreadable: too large, not an archive, encrypted, entries twice, DOCTYPE, or damaged.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", f"{name} has {len(content)} bytes, more than {MOST_BYTES}")
    if content.startswith(_OLE):
        raise Unreadable("encrypted", f"{name} is an encrypted workbook or of the old .xls format")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _inspect_entries(archive, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise Unreadable("damaged", f"{name} is not a readable .xlsx archive: {error}") from error


def _inspect_entries(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Unreadable("too_large", f"{name} holds {len(entries)} entries, more than {MOST_ENTRIES}")
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise Unreadable("duplicate_entry", f"{name} holds one entry twice: readers would disagree on which counts")
    left = MOST_INFLATED
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Unreadable("encrypted", f"{name} is protected by a password")
        left -= _inspect_entry(archive, entry, name, left)


def _inspect_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, left: int) -> int:
    """The real inflated bytes of one entry."""
    seen, tail = 0, b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            seen += len(chunk)
            if seen > left:
                raise Unreadable("too_large", f"{name} inflates to more than {MOST_INFLATED} bytes")
            if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk:
                raise Unreadable(
                    "doctype", f"{name} declares a document type in {entry.filename}: not a plain workbook"
                )
            tail = chunk[-16:]
    return seen
