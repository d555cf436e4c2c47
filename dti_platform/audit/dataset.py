"""The data of an index: a number for each unit and indicator, and groups and denominators (COINr's iData)."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dti_platform.audit.tree import MISSING, AuditError, Tree, number

Floats = NDArray[np.float64]
#: Below this a whole number is written without a point, and with all its digits.
WHOLE = 1e15
#: Values that differ by less, relative to the largest, are equal: quotients and sums of the same numbers differ so.
NOISE = 1e-12


#: Characters that a table doesn't have, such as NUL; tabs and ends of lines it may.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Dataset:
    """Units in rows, columns by code.

    Attributes:
        units: the code of each unit.
        columns: the codes of the columns.
        values: units x columns; NaN where a value is missing.
        groups: by column, the group of each unit; empty where it has none.
        denominators: by column, a number for each unit.
    """

    units: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats
    groups: Mapping[str, tuple[str, ...]]
    denominators: Mapping[str, Floats]

    def column(self, code: str) -> Floats:
        """The values of one column."""
        return self.values[:, self.columns.index(code)]

    def with_values(self, values: Floats, columns: Sequence[str] | None = None) -> Dataset:
        """The same units with other values."""
        return replace(self, values=values, columns=self.columns if columns is None else tuple(columns))

    def only(self, chosen: NDArray[np.bool_]) -> Dataset:
        """Some of the units."""
        return Dataset(
            tuple(itertools.compress(self.units, chosen)),
            self.columns,
            self.values[chosen],
            {name: tuple(itertools.compress(groups, chosen)) for name, groups in self.groups.items()},
            {name: numbers[chosen] for name, numbers in self.denominators.items()},
        )


def read(rows: Sequence[Mapping[str, str]], tree: Tree) -> Dataset:
    """The data of a tree's indicators, from the rows of a file in COINr's iData layout.

    Units are in the order of their codes, as every table of an audit has them. An empty field, or NA, is missing.

    Raises:
        AuditError: a column or a unit's code is missing, a unit stands twice, or a field is no number.
    """
    if not rows:
        raise AuditError("the data has a header alone; it has a row for each unit, as COINr's iData")
    if "uCode" not in rows[0]:
        raise AuditError("the data has no column uCode; it is read in the layout of COINr's iData")
    codes = (*tree.indicators, *tree.denominators)
    if missing := [code for code in (*codes, *tree.groups) if code not in rows[0]]:
        raise AuditError(f"the tree names columns that the data doesn't have: {', '.join(missing)}")
    ordered = sorted(rows, key=lambda row: row["uCode"])
    units = tuple(row["uCode"] for row in ordered)
    if twice := sorted({unit for unit in units if units.count(unit) > 1 or not unit}):
        panel = "; of panel data hand in one year at a time" if any(twice) else ""
        raise AuditError(f"the data names a unit twice, or without a code: {', '.join(map(repr, twice))}{panel}")
    numbers = {code: np.array([_number(row, code) for row in ordered], dtype=np.float64) for code in codes}
    values = np.column_stack([numbers[code] for code in tree.indicators])
    groups = {code: tuple("" if row[code] in MISSING else row[code] for row in ordered) for code in tree.groups}
    return Dataset(units, tree.indicators, values, groups, {code: numbers[code] for code in tree.denominators})


def _number(row: Mapping[str, str], code: str) -> float:
    text = row[code].strip()
    if text in MISSING:
        return math.nan
    return number(f"unit {row['uCode']}", code, text)


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, comma between fields; blanks around a field are left out.

    Raises:
        AuditError: there is a control character, a column stands twice, a row has more or fewer fields than the header,
            or a quote doesn't end.
    """
    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise AuditError(f"line {line} has the control character U+{ord(control[0]):04X}; take it out")
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header, *rows = [[field.strip() for field in line] for line in lines if line]
    except ValueError:
        raise AuditError("the file is empty; its first line names the columns") from None
    except csv.Error as error:
        raise AuditError(f"line {lines.line_num}: {error}; a quote in a field is doubled, and each one ends") from error
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise AuditError("the first line has semicolons or tabs between its columns; save the file with commas")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise AuditError(f"the column {', '.join(twice)} stands twice")
    for row_number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise AuditError(f"row {row_number} ({row[0]!r}) has {len(row)} fields, the header {len(header)}")
    return [dict(zip(header, row, strict=True)) for row in rows]


def to_csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A CSV file: numbers with all their digits, an empty field for what is missing."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_text(value) for value in row] for row in rows)
    return sink.getvalue()


def table(data: Dataset) -> str:
    """A stage as CSV: ``uCode`` and a column for each element."""
    return to_csv(
        ["uCode", *data.columns], [[unit, *row] for unit, row in zip(data.units, data.values.tolist(), strict=True)]
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(int(value) if value.is_integer() and abs(value) < WHOLE else value)
    return "" if value is None else str(value)


def varying(values: Floats) -> NDArray[np.bool_]:
    """Of which columns two units have known values that differ, by more than float noise."""
    known = ~np.isnan(values)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    return np.asarray(high - low > tolerance(values))


def tolerance(values: Floats, axis: int = 0) -> Floats:
    """By how much values along an axis must differ to be told apart: one rule for ranks, ties and constant columns."""
    return np.asarray(np.nanmax(np.abs(values), axis=axis, initial=0) * NOISE)
