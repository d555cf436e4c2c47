"""Answers to senders, by sender and receipt: kept so that they can be handed over again.

Here: keeping their forms. Not here: what they say (``submissions``), nor where their hashes stand (``derived``). They
can be made again from landing at any time. A folder for each sender has its own list, so that an operator may let its
group alone read it; what all share has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.storage import files
from dti_platform.storage.errors import Missing, Unreadable
from dti_platform.storage.objects import LocalObjects, Objects

if TYPE_CHECKING:
    from dti_platform.storage.derived import Derived

#: The answers' folder of the data root.
PART = "answers"
#: The form that is written last.
LAST = "answer.json"
#: A list of answers, for a machine and as a page.
LIST, PAGE = "index.json", "index.html"


class Answers:
    """A folder of answers: one folder for each owner (a unit, else a feed), and in it one for each receipt.

    Version 0.1 put a receipt's folder at the top: such answers are found where they are.
    """

    def __init__(self, folder: Path, derived: Derived | None = None) -> None:
        self.folder = folder
        self._objects: Objects = LocalObjects(folder)
        self._derived = derived

    def places(self) -> dict[str, Path]:
        """The folders of the answers that are there whole, by receipt, the newest first."""
        kept = (key.split("/") for key in self._objects.list())
        folders = [self.folder.joinpath(*place) for *place, form in kept if form == LAST and len(place) in (1, 2)]
        ordered = sorted(folders, key=lambda place: (-int(place.name) if place.name.isdecimal() else 0, place.name))
        return {place.name: place for place in ordered}

    def has(self, name: str) -> bool:
        """Whether an answer is there whole: its last form is."""
        return (self.folder / name / LAST).is_file() or any(self.folder.glob(f"*/{name}/{LAST}"))

    def is_known(self, place: Path, entry: int) -> bool:
        """Whether the answer in a place is recorded, or older than all that is.

        Args:
            place: its folder.
            entry: of the ledger, by which its file came.
        """
        name = self._name(place)
        return self._derived is None or entry < self._derived.since or self._derived.get(PART, name) is not None

    def _name(self, place: Path) -> str:
        return f"{place.relative_to(self.folder).as_posix()}/{LAST}"

    def listed(self, owner: str = "") -> bytes:
        """The list of an owner's answers, or of all, as it was last kept; an empty one if there is none."""
        name = f"{owner}/{LIST}" if owner else LIST
        return self._read(name) if self._derived is None or self._derived.get(PART, name) else b"{}"

    def read(self, place: Path) -> bytes:
        """The JSON of the answer in a place; an empty object where it is not as it was recorded."""
        return self._read(self._name(place))

    def _read(self, name: str) -> bytes:
        """A file below the folder; an empty object where it is gone, or is not as it was recorded."""
        return self.file(name) or b"{}"

    def file(self, name: str) -> bytes | None:
        """A form or a list by its name below the folder, as in ``VN63-01/12/answer.html``.

        None where it is gone, or is not as it was recorded.
        """
        try:
            content = self._objects.get(name)
        except (Missing, Unreadable):
            return None
        recorded = self._derived and self._derived.get(PART, name)
        return content if recorded in (None, files.digest(content)) else None

    def keep_list(self, machine: bytes, page: bytes, owner: str = "") -> None:
        """Writes the list of an owner's answers, or of all, for a machine and as a page.

        Raises:
            WriteFailed: the list before still stands; or a folder is a symbolic link.
        """
        base = f"{owner}/" if owner else ""
        self._put(base + PAGE, page)
        self._put(base + LIST, machine)

    def keep(self, owner: str, name: str, forms: Mapping[str, bytes]) -> Path:
        """Writes the forms of one answer, by file name, ``answer.json`` last; says where they lie.

        Raises:
            WriteFailed: the form before still stands; or a folder is a symbolic link.
        """
        for form, content in sorted(forms.items(), key=lambda each: each[0] == LAST):
            self._put(f"{owner}/{name}/{form}", content)
        return self.folder / owner / name

    def _put(self, name: str, content: bytes) -> None:
        self._objects.put({name: content})
        if self._derived:
            self._derived.add(PART, name, content)
