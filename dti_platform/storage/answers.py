"""Answers to senders, by receipt: kept so that they can be handed over again.

Here: keeping their forms. Not here: what they say (``submissions``). They can be made again from landing at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dti_platform.storage import files

#: The form that is written last.
LAST = "answer.json"
#: The list of all answers, for a machine.
LIST = "index.json"


class Answers:
    """A folder of answers: one folder for each, named by its receipt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """Whether an answer is there whole: its last form is."""
        return (self.folder / name / LAST).is_file()

    def names(self) -> list[str]:
        """The answers that are there whole, the newest first."""
        receipts = (path.parent.name for path in self.folder.glob(f"*/{LAST}"))
        return sorted(receipts, key=lambda name: (-int(name) if name.isdecimal() else 0, name))

    def read(self, name: str) -> bytes:
        """The JSON of an answer."""
        return (self.folder / name / LAST).read_bytes()

    def files(self, name: str) -> list[str]:
        """The names of the files of an answer."""
        return sorted(path.name for path in (self.folder / name).iterdir())

    def listed(self) -> bytes:
        """The list of answers as it was last kept; an empty one where there is none."""
        path = self.folder / LIST
        return path.read_bytes() if path.is_file() else b"{}"

    def keep_list(self, machine: bytes, page: bytes) -> None:
        """Writes the list of answers, for a machine and as a page.

        Raises:
            WriteFailed: the list before still stands.
        """
        files.replace(self.folder / "index.html", page)
        files.replace(self.folder / LIST, machine)

    def keep(self, name: str, forms: Mapping[str, bytes]) -> Path:
        """Writes the forms of one answer, by file name, ``answer.json`` last; says where they lie.

        Raises:
            WriteFailed: the form before still stands.
        """
        place = self.folder / name
        for form, content in sorted(forms.items(), key=lambda each: each[0] == LAST):
            files.replace(place / form, content)
        return place
