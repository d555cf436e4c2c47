"""The head of the ledger, and the note of it that is kept beside the entries.

Each entry is protected by its hash in the next one; the last entry by the note alone. The note is written after the
entry: after a crash in between it names an earlier entry, and an older data root has none. Here: the form of a head and
of the note. Not here: reading and writing entries (``ledger``).
"""

from __future__ import annotations

from dataclasses import dataclass

from dti_platform.storage import files

#: What the first entry names as the hash of the one before it.
GENESIS = "0" * 64
#: The key of the note among the entries; hidden, as earlier versions take any other name for an entry.
NOTE = ".head"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends: the number of its last entry and that entry's hash."""

    sequence: int
    sha256: str

    def __str__(self) -> str:
        """As printed for people, who keep it to verify against later."""
        return f"{self.sequence}:{self.sha256}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Reads what ``str`` wrote.

        Raises:
            ValueError: it is not ``<sequence>:<64 hexadecimal digits>``.
        """
        sequence, _, sha256 = text.strip().partition(":")
        if not sequence.isdecimal() or len(sha256) != len(GENESIS) or set(sha256) - set("0123456789abcdef"):
            raise ValueError(f"{text!r} is not a ledger head: expected 12:<64 hexadecimal digits>, as printed by a run")
        return cls(int(sequence), sha256)


def encode_note(head: Head) -> bytes:
    """The note of a head: the head, and the sha256 of this text, by which damage to the note itself shows."""
    return f"{head} {files.digest(str(head).encode())}\n".encode()


def decode_note(content: bytes) -> Head | None:
    """The head that a note names; None where the note is damaged."""
    text = content.decode(errors="replace").partition(" ")[0]
    try:
        head = Head.parse(text)
    except ValueError:
        return None
    return head if encode_note(head) == content else None


def note_fault(note: Head | None, head: Head) -> str | None:
    """What is wrong with an entry of which the note names another hash; a note of another entry says nothing of it."""
    if note is None or note.sequence != head.sequence or note == head:
        return None
    return (
        f"ledger entry {head.sequence:09}.json has sha256 {head.sha256}, was written with {note.sha256} (says "
        f"ledger/{NOTE}): its bytes were altered; restore it from the backup"
    )
