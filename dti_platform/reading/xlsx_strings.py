"""Shared strings of .xlsx, and how a workbook writes what XML forbids.

Here: the part of the strings to texts, with the fonts that rich text names. Not here: which cell holds which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from dti_platform.language import Bilingual
from dti_platform.reading.guard import LONGEST_TEXT, parse_xml, too_long
from dti_platform.reading.legacy import Run

__all__ = ["Enough", "Strings", "read_strings", "unescape"]

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Enough(Exception):
    """What is wanted of a part has been read; the rest of it is not looked at."""


@dataclass(slots=True)
class Strings:
    """The shared strings."""

    texts: list[str] = field(default_factory=list[str])
    runs: dict[int, list[Run]] = field(default_factory=dict[int, list[Run]])
    """By their number those in which a font is named."""

    def add(self, runs: list[Run], name: str) -> None:
        """One more string; raises Unreadable where no cell can hold it."""
        texts, fonts = zip(*runs, strict=True) if runs else ((), ())
        if any(fonts):
            self.runs[len(self.texts)] = runs
        self.texts.append(unescape("".join(texts), name))


@dataclass(slots=True)
class _Gathering:
    """What the part says, as it streams by."""

    name: str
    most: int | None
    strings: Strings = field(default_factory=Strings)
    runs: list[Run] = field(default_factory=list[Run])
    font: str | None = None
    in_text: bool = False
    in_hint: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "t":
            self.in_text = True
        elif local == "rPh":
            self.in_hint = True
        elif local == "rFont":
            self.font = attributes.get("val")
        elif local in ("si", "r"):
            self.font = None

    def end(self, tag: str) -> None:
        local = tag.rpartition(":")[2]
        if local == "t":
            self.in_text = False
        elif local == "rPh":
            self.in_hint = False
        elif local == "si":
            self.strings.add(self.runs, self.name)
            self.runs = []
            if len(self.strings.texts) == self.most:
                raise Enough

    def text(self, data: str) -> None:
        if self.in_text and not self.in_hint:
            self.runs.append((data, self.font))


def read_strings(parts: Mapping[str, bytes], name: str, most: int | None = None) -> Strings:
    """The first of the shared strings, else all; of rich text the text alone, phonetic hints left out."""
    path = next((path for path in parts if path.casefold().endswith("/sharedstrings.xml")), None)
    found = _Gathering(name, most)
    if path is not None:
        with suppress(Enough):
            parse_xml(parts[path], Bilingual.same(f"{name}, {path}"), found.start, found.end, found.text)
    return found.strings


def unescape(text: str, name: str) -> str:
    """``_x000D_`` is how a workbook writes a character that XML forbids; refuses what no cell can hold."""
    if len(text) > LONGEST_TEXT:
        raise too_long(Bilingual(f"{name}, một ô", f"{name}, a cell,"))
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
