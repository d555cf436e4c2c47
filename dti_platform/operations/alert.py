"""An alert: one cause that people are told once, in both languages, with rows and place.

Here: its form. Not here: which causes there are (``causes``), and sending (``channels``, ``telling``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dti_platform.language import Bilingual, as_typed, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dti_platform.language import Language


@dataclass(frozen=True)
class Alert:
    """What people are told.

    Attributes:
        kind: which question found it: the name of its function in ``causes``, or of the check of ``health``.
        about: what makes it another than the last of its kind; what differs from look to look is no part of it.
        title: in a line.
        lines: the rows and places, and what to do.
        link: where to read on; empty where no address of the UI is set.
    """

    kind: str
    about: str
    title: Bilingual
    lines: Sequence[Bilingual] = ()
    link: str = ""

    @property
    def cause(self) -> str:
        """Its identity."""
        return f"{self.kind} {hashlib.sha256(self.about.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}"

    def text(self, language: Language) -> str:
        """For a person."""
        told = [self.title, *self.lines, *([Bilingual.same(self.link)] if self.link else [])]
        return "\n".join(_line(each.text(language)) for each in told)

    def to_dict(self) -> dict[str, object]:
        """For a machine."""
        lines = [_both(each) for each in self.lines]
        return {"cause": self.cause, "kind": self.kind, "title": _both(self.title), "lines": lines, "link": self.link}


def _both(text: Bilingual) -> dict[str, str]:
    return {"vi": _line(text.vi), "en": _line(text.en)}


def _line(text: str) -> str:
    """A text in a line, as it may be shown."""
    return " ".join(shown(as_typed(text)).split())
