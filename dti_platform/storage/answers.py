"""Answers to senders, by sender and receipt: kept so that they can be handed over again.

Here: keeping their forms. Not here: what they say (``submissions``). They can be made again from landing at any time. A
folder for each sender has its own list, so that an operator may let its group alone read it; what all share has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dti_platform.storage import files

#: The form that is written last.
LAST = "answer.json"
#: A list of answers, for a machine and as a page.
LIST, PAGE = "index.json", "index.html"


class Answers:
    """A folder of answers: one folder for each owner (a unit, else a feed), and in it one for each receipt.

    Version 0.1 put a receipt's folder at the top: such answers are found where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def places(self) -> dict[str, Path]:
        """The folders of the answers that are there whole, by receipt, the newest first."""
        found = [path.parent for pattern in (f"*/{LAST}", f"*/*/{LAST}") for path in self.folder.glob(pattern)]
        ordered = sorted(found, key=lambda place: (-int(place.name) if place.name.isdecimal() else 0, place.name))
        return {place.name: place for place in ordered}

    def has(self, name: str) -> bool:
        """Whether an answer is there whole: its last form is."""
        return (self.folder / name / LAST).is_file() or any(self.folder.glob(f"*/{name}/{LAST}"))

    def listed(self, owner: str = "") -> bytes:
        """The list of an owner's answers, or of all, as it was last kept; an empty one where there is none."""
        path = self.folder / owner / LIST
        return path.read_bytes() if path.is_file() else b"{}"

    def keep_list(self, machine: bytes, page: bytes, owner: str = "") -> None:
        """Writes the list of an owner's answers, or of all, for a machine and as a page.

        Raises:
            WriteFailed: the list before still stands.
        """
        files.replace(self.folder / owner / PAGE, page)
        files.replace(self.folder / owner / LIST, machine)

    def keep(self, owner: str, name: str, forms: Mapping[str, bytes]) -> Path:
        """Writes the forms of one answer, by file name, ``answer.json`` last; says where they lie.

        Raises:
            WriteFailed: the form before still stands.
        """
        place = self.folder / owner / name
        for form, content in sorted(forms.items(), key=lambda each: each[0] == LAST):
            files.replace(place / form, content)
        return place
