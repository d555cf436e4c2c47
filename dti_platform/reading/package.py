"""The parts of an .xlsx package around its sheets: which sheets there are, shared strings, number formats.

Here: the package's own tables of contents. Not here: cells (``xlsx``), and zip archives (``guard``).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from dti_platform.reading.cells import Unreadable
from dti_platform.reading.formats import Format, format_of
from dti_platform.reading.guard import LONGEST_TEXT, parse_xml
from dti_platform.said import Said

__all__ = ["Contents", "Enough", "Part", "read_contents", "read_formats", "read_strings", "unescape"]

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet of the workbook and the part that holds it."""

    name: str
    path: str
    hidden: bool


@dataclass(slots=True)
class Contents:
    """What the workbook part says: its sheets in order, its calendar, and whether cached values are to be believed."""

    sheets: list[Part] = field(default_factory=list[Part])
    from_1904: bool = False
    uncalculated: bool = False
    """The writer asks for a full calculation on load: values of formulas were never calculated."""


def read_contents(parts: Mapping[str, bytes], name: str) -> Contents:
    """The table of contents of a workbook.

    Raises Unreadable where the archive is no workbook, or names a sheet that isn't in it.
    """
    targets = _relations(parts, "_rels/.rels", "", name)
    path = next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")
    if path not in parts:
        raise Unreadable(
            "not_a_workbook",
            f"{name} là tệp nén nhưng không phải bảng tính .xlsx",
            f"{name} is an archive, but no .xlsx workbook",
        )
    folder, base = posixpath.split(path)
    relations = _relations(parts, f"{folder}/_rels/{base}.rels", folder, name)
    contents = Contents()

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "sheet":
            kind, target = relations.get(_of(attributes, "id"), ("", ""))
            if kind == "worksheet":
                _known(parts, target, name)
                contents.sheets.append(
                    Part(attributes["name"], target, attributes.get("state", "visible") != "visible")
                )
        elif local == "workbookPr":
            contents.from_1904 = _true(attributes.get("date1904"))
        elif local == "calcPr":
            contents.uncalculated = _true(attributes.get("fullCalcOnLoad"))

    parse_xml(parts[path], Said.alike(f"{name}, {path}"), start)
    return contents


def _known(parts: Mapping[str, bytes], target: str, name: str) -> None:
    if target not in parts:
        raise Unreadable(
            "damaged",
            f"{name} nêu tên trang tính {target} nhưng không chứa trang tính đó",
            f"{name} names the sheet {target} but does not hold it",
        )


def _relations(parts: Mapping[str, bytes], path: str, folder: str, name: str) -> dict[str, tuple[str, str]]:
    """By id: the last word of the relation's type, and the path of its target within the archive."""
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target.lstrip("/"))

    if path in parts:
        parse_xml(parts[path], Said.alike(f"{name}, {path}"), start)
    return found


class Enough(Exception):
    """What is wanted of a part has been read; the rest of it is not looked at."""


def read_strings(parts: Mapping[str, bytes], name: str, most: int | None) -> list[str]:
    """The first of the shared strings; of rich text the text alone, phonetic hints left out."""
    path = next((path for path in parts if path.casefold().endswith("/sharedstrings.xml")), None)
    strings: list[str] = []
    pieces: list[str] = []
    state = {"t": False, "rPh": False}

    def start(tag: str, _: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "si":
            pieces.clear()
        elif local in state:
            state[local] = True

    def end(tag: str) -> None:
        local = tag.rpartition(":")[2]
        if local == "si":
            strings.append(unescape("".join(pieces), name))
            _stop_if(len(strings) == most)
        elif local in state:
            state[local] = False

    def text(data: str) -> None:
        if state["t"] and not state["rPh"]:
            pieces.append(data)

    if path is not None:
        with suppress(Enough):
            parse_xml(parts[path], Said.alike(f"{name}, {path}"), start, end, text)
    return strings


def _stop_if(reached: bool) -> None:
    if reached:
        raise Enough


def unescape(text: str, name: str) -> str:
    """``_x000D_`` is how a workbook writes a character that XML forbids; refuses what no cell can hold."""
    if len(text) > LONGEST_TEXT:
        raise Unreadable(
            "too_large",
            f"{name} chứa một ô dài {len(text)} ký tự, vượt mức cho phép là {LONGEST_TEXT}",
            f"{name} holds a text of {len(text)} characters, more than {LONGEST_TEXT}",
        )
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def read_formats(parts: Mapping[str, bytes], name: str) -> list[Format]:
    """For every cell style its number format, and whether that makes a number a date or a time."""
    path = next((path for path in parts if path.casefold().endswith("/styles.xml")), None)
    named: dict[int, str] = {}
    used: list[int] = []
    inside = {"cellXfs": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "numFmt":
            named[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif local == "cellXfs":
            inside[local] = True
        elif local == "xf" and inside["cellXfs"]:
            used.append(int(attributes.get("numFmtId", 0)))

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == "cellXfs":
            inside["cellXfs"] = False

    if path is not None:
        parse_xml(parts[path], Said.alike(f"{name}, {path}"), start, end)
    return [format_of(number, named) for number in used]


def _of(attributes: Mapping[str, str], local: str) -> str:
    """An attribute by its local name: ``r:id`` is ``id``."""
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == local), "")


def _true(value: str | None) -> bool:
    return value in ("1", "true")
