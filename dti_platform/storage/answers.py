"""Answers to senders, by receipt: kept so that they can be handed over again.

Here: keeping their forms. Not here: what they say (``report``). They can be made again from landing at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dti_platform.storage import files

__all__ = ["Answers"]

#: The form that is written last.
LAST = "answer.json"


class Answers:
    """A folder of answers: one folder for each, named by its receipt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """Whether an answer is there whole: its last form is."""
        return (self.folder / name / LAST).is_file()

    def keep(self, name: str, forms: Mapping[str, bytes]) -> Path:
        """Writes the forms of one answer, by file name, ``answer.json`` last; says where they lie.

        Raises:
            WriteFailed: the form before still stands.
        """
        place = self.folder / name
        for form, content in sorted(forms.items(), key=lambda each: each[0] == LAST):
            files.replace(place / form, content)
        return place
