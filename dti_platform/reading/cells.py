"""The one data model that every format is read into: a book of sheets of rows of cells.

Here: the classes. Not here: how a format fills them, and what a cell means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dti_platform.language import Bilingual, place
from dti_platform.problems import catalogue

Kind = Literal["text", "number", "bool", "date", "error", "blank"]
Value = str | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None


class Unreadable(Exception):
    """A file is refused as a whole.

    ``reason`` is a code of the catalogue of problems, ``detail`` states what is wrong and where.
    """

    def __init__(self, reason: str, detail: str | Bilingual, **values: object) -> None:
        """``detail`` is the key of a sentence in the catalogue, filled with ``values``; or the bilingual text itself.

        >>> Unreadable("header_missing", "no_sheet", file="a.xlsx").detail.en
        'a.xlsx has no sheet'
        """
        if isinstance(detail, str):
            detail = catalogue("file")[reason].detail[detail].format(**values)
        super().__init__(f"{reason}: {detail.en}")
        self.reason = reason
        self.detail = detail

    def of(self, file: str) -> Unreadable:
        """The same refusal with the file name in its detail: a sheet does not know its file."""
        details = (text if file in text else f"{file}: {text}" for text in self.detail)
        return Unreadable(self.reason, Bilingual(*details))


class Cell(NamedTuple):
    """One cell as received. No type is inferred: text stays text, and numbers stay numbers."""

    sheet: str | None
    row: int
    """From 1; in delimited text, the number of the record."""
    column: int
    """From 1."""
    locator: str
    """Where the cell is, for people: ``Sheet!C7``, or ``line 4, column value``."""
    raw: str
    """The text as received; for a typed number, its shortest exact notation."""
    kind: Kind
    value: Value
    number_format: str | None = None
    """None, here and below: the file format does not record it."""
    hidden: bool | None = None
    """Whether its row, its column or its sheet is hidden."""
    merged: bool | None = None
    formula: str | None = None
    """The formula's text without ``=``; empty if it is shared with another cell or not given."""
    encoding: str | None = None
    """The legacy encoding in which the file holds the text; ``raw`` is that text in Unicode."""
    cached: str | None = None
    """The stored value of a formula in a workbook that says it was not calculated: displayed, but never used."""

    @property
    def place(self) -> Bilingual:
        """The location in words."""
        return place(self.locator)

    @property
    def blank(self) -> bool:
        """Whether it is empty or holds only white space."""
        return self.kind == "blank"


class Area(NamedTuple):
    """A range of merged cells: rows and columns from 1, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows from the first row of the sheet, each dense from column 1: blanks are cells too."""

    name: str | None
    rows: list[list[Cell]]
    hidden: bool = False
    merged: tuple[Area, ...] = ()

    @property
    def called(self) -> Bilingual:
        """Its title in messages."""
        return Bilingual(f"trang tính {self.name}", f"sheet {self.name}") if self.name else Bilingual("tệp", "the file")

    def merged_columns(self) -> Mapping[str, Cell]:
        """Maps the locator of every lower cell of a vertical merge to its first cell, whose content it displays."""
        return {
            self.rows[row - 1][area.left - 1].locator: self.rows[area.top - 1][area.left - 1]
            for area in self.merged
            for row in range(area.top + 1, min(area.bottom, len(self.rows)) + 1)
            if area.left <= min(len(self.rows[row - 1]), len(self.rows[area.top - 1]))
        }

    def cells(self) -> Iterator[Cell]:
        """The cells that are not blank."""
        return (cell for row in self.rows for cell in row if cell.kind != "blank")


@dataclass(frozen=True, slots=True)
class Book:
    """A file that was read. Delimited text is a book of one sheet without a name."""

    name: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[Bilingual, ...] = ()
    """Remarks on how it was read."""

    def sheet(self, name: str) -> Sheet | None:
        """The sheet with exactly this name, or None."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def cells(self) -> Iterator[Cell]:
        """The cells of all sheets that are not blank."""
        return (cell for sheet in self.sheets for cell in sheet.cells())


def in_sheet(file: str, sheet: str) -> Bilingual:
    """The location of a sheet in a file, as it begins a message."""
    return Bilingual(f"{file}, trang tính {sheet},", f"{file}, sheet {sheet}")


def letters(column: int) -> str:
    """The letters of a column number from 1: ``1`` is A, ``27`` is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
