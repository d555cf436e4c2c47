"""The parts of an .xlsx package other than its sheets: the list of sheets, styles, and shared strings.

Here: what a workbook declares for all its sheets. Not here: cells (``sheet``), and zip archives (``archive``).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from dti_platform.language import Bilingual
from dti_platform.reading.cells import Unreadable
from dti_platform.reading.encoding import Run, from_font
from dti_platform.reading.limits import LONGEST_TEXT, foreign_archive, parse_xml, too_long
from dti_platform.reading.values import format_of, parse_bool, parse_int, sheet_name

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: Sheets that hold no cells: charts, dialogs, macros.
_NO_CELLS = ("chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet of the workbook, and the path of its part."""

    name: str
    path: str
    hidden: bool


class Style(NamedTuple):
    """What the style of a cell declares about its content."""

    format: str
    is_date: bool
    encoding: str | None
    """The legacy encoding that the font declares."""


@dataclass(slots=True)
class Contents:
    """The workbook part: sheets in order, the date system, and whether stored values of formulas can be trusted."""

    sheets: list[Part] = field(default_factory=list[Part])
    from_1904: bool = False
    macros: bool = False
    uncalculated: bool = False
    """The writer requests a full calculation on load, or made none: the values of formulas are unknown."""


def read_contents(parts: Mapping[str, bytes], name: str) -> Contents:
    """Reads the workbook part.

    Raises Unreadable: the archive is not a workbook, or lists a sheet that it does not hold.
    """
    targets = _relations(parts, "_rels/.rels", "", name)
    path = next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")
    if path not in parts:
        raise foreign_archive(parts, name)
    folder, file = posixpath.split(path)
    relations = _relations(parts, f"{folder}/_rels/{file}.rels", folder, name)
    contents = Contents(macros=any(kind == "vbaProject" for kind, _ in relations.values()))

    def start(tag: str, attributes: dict[str, str]) -> None:
        """Start of an element."""
        local = tag.rpartition(":")[2]
        if local == "sheet":
            kind, target = relations.get(_attribute(attributes, "id"), ("", ""))
            if kind not in _NO_CELLS:
                _check_part(parts, kind, target, name)
                contents.sheets.append(
                    Part(sheet_name(attributes["name"]), target, attributes.get("state", "visible") != "visible")
                )
        elif local == "workbookPr":
            contents.from_1904 = parse_bool(attributes.get("date1904", "0"))
        elif local == "calcPr":
            is_calculated = parse_bool(attributes.get("calcCompleted", "1"))
            contents.uncalculated = parse_bool(attributes.get("fullCalcOnLoad", "0")) or not is_calculated

    parse_xml(parts[path], Bilingual.same(f"{name}, {path}"), start)
    for kind, target in relations.values():
        if kind in ("styles", "sharedStrings"):
            _check_part(parts, kind, target, name)
    return contents


def _check_part(parts: Mapping[str, bytes], kind: str, target: str, name: str) -> None:
    """Raises Unreadable if a part is missing: without it cells would be lost, or dates would become numbers."""
    if target not in parts or kind not in ("worksheet", "styles", "sharedStrings"):
        raise Unreadable("damaged", "missing_part", file=name, part=target or kind)


def _relations(parts: Mapping[str, bytes], path: str, folder: str, name: str) -> dict[str, tuple[str, str]]:
    """By id: the last word of the type of a relation, and the path of its target in the archive."""
    relations: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        """Start of an element."""
        if tag.rpartition(":")[2] == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            relations[attributes.get("Id", "")] = (kind, _target_path(folder, attributes.get("Target", "")))

    if path in parts:
        parse_xml(parts[path], Bilingual.same(f"{name}, {path}"), start)
    return relations


def _target_path(folder: str, target: str) -> str:
    r"""The canonical path of a target, as in ``archive``: ``\xl\A.xml`` and ``./%41.xml`` are ``xl/a.xml``."""
    joined = posixpath.normpath(posixpath.join("/", folder, unquote(target).replace("\\", "/")))
    return joined.lstrip("/").casefold()


def read_styles(parts: Mapping[str, bytes], name: str) -> list[Style]:
    """Reads every cell style."""
    path = next((path for path in parts if path.casefold().endswith("/styles.xml")), None)
    declared: dict[int, str] = {}
    fonts: list[str] = []
    style_numbers: list[tuple[int, int]] = []
    inside = {"cellXfs": False, "fonts": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        """Start of an element."""
        local = tag.rpartition(":")[2]
        if local == "numFmt":
            declared[parse_int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif local in inside:
            inside[local] = True
        elif local == "xf" and inside["cellXfs"]:
            style_numbers.append((parse_int(attributes.get("numFmtId", "0")), parse_int(attributes.get("fontId", "0"))))
        elif inside["fonts"] and local == "font":
            fonts.append("")
        elif inside["fonts"] and local == "name" and fonts:
            fonts[-1] = attributes.get("val", "")

    def end(tag: str) -> None:
        """End of an element."""
        local = tag.rpartition(":")[2]
        if local in inside:
            inside[local] = False

    if path is not None:
        parse_xml(parts[path], Bilingual.same(f"{name}, {path}"), start, end)
    encodings = dict(enumerate(map(from_font, fonts)))
    return [Style(*format_of(number, declared), encodings.get(font)) for number, font in style_numbers]


def _attribute(attributes: Mapping[str, str], local: str) -> str:
    """An attribute by its local name: ``r:id`` is ``id``."""
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == local), "")


class Enough(Exception):
    """Enough of a part has been read; the rest is skipped."""


@dataclass(slots=True)
class Strings:
    """The shared strings."""

    texts: list[str] = field(default_factory=list[str])
    runs: dict[int, list[Run]] = field(default_factory=dict[int, list[Run]])
    """The runs of strings that name a font, by the number of the string."""

    def add(self, runs: list[Run], name: str) -> None:
        """Adds a string; raises Unreadable if it is too long for a cell."""
        texts, fonts = zip(*runs, strict=True) if runs else ((), ())
        if any(fonts):
            self.runs[len(self.texts)] = runs
        self.texts.append(unescape("".join(texts), name))


@dataclass(slots=True)
class _StringsHandler:
    """Collects shared strings while their part streams."""

    name: str
    limit: int | None
    strings: Strings = field(default_factory=Strings)
    runs: list[Run] = field(default_factory=list[Run])
    font: str | None = None
    in_text: bool = False
    in_hint: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Start of an element."""
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
        """End of an element."""
        local = tag.rpartition(":")[2]
        if local == "t":
            self.in_text = False
        elif local == "rPh":
            self.in_hint = False
        elif local == "si":
            self.strings.add(self.runs, self.name)
            self.runs = []
            if len(self.strings.texts) == self.limit:
                raise Enough

    def text(self, data: str) -> None:
        """Text within an element."""
        if self.in_text and not self.in_hint:
            self.runs.append((data, self.font))


def read_strings(parts: Mapping[str, bytes], name: str, limit: int | None = None) -> Strings:
    """Reads the first ``limit`` shared strings, else all; of rich text only the text, without phonetic hints."""
    path = next((path for path in parts if path.casefold().endswith("/sharedstrings.xml")), None)
    handler = _StringsHandler(name, limit)
    if path is not None:
        with suppress(Enough):
            parse_xml(parts[path], Bilingual.same(f"{name}, {path}"), handler.start, handler.end, handler.text)
    return handler.strings


def unescape(text: str, name: str) -> str:
    """Decodes ``_x000D_``, a workbook's escape of a character that XML forbids; refuses text too long for a cell."""
    if len(text) > LONGEST_TEXT:
        raise too_long(Bilingual(f"{name}, một ô", f"{name}, a cell,"))
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
