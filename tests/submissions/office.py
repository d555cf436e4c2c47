"""LibreOffice without a window: fills cells of a workbook as a person would, and saves it as .xlsx."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["OFFICE", "fill"]

OFFICE = shutil.which("soffice")
_MODULE = (
    '<?xml version="1.0"?><!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">'
    '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="{name}" script:language="StarBasic">'
    "{code}</script:module>"
)
_STEP = 100


def fill(source: Path, target: Path, values: Mapping[tuple[int, int], str | float], folder: Path) -> None:
    """Writes values into the first sheet, by row and column from 0; ``folder`` holds a profile of its own."""
    lines = [_line(row, column, value) for (row, column), value in values.items()]
    parts = [lines[at : at + _STEP] for at in range(0, len(lines), _STEP)]
    subs = "".join(f"Sub Part{n}(s)\n{chr(10).join(part)}\nEnd Sub\n" for n, part in enumerate(parts))
    calls = "\n".join(f"Part{n}(s)" for n in range(len(parts)))
    main = f"""Sub Fill
Dim hidden(0) As New com.sun.star.beans.PropertyValue
hidden(0).Name = "Hidden" : hidden(0).Value = True
Dim saved(0) As New com.sun.star.beans.PropertyValue
saved(0).Name = "FilterName" : saved(0).Value = "Calc MS Excel 2007 XML"
d = StarDesktop.loadComponentFromURL("{source.as_uri()}", "_blank", 0, hidden())
s = d.Sheets.getByIndex(0)
{calls}
d.storeToURL("{target.as_uri()}", saved())
d.close(True)
End Sub
"""
    assert OFFICE is not None
    command = [OFFICE, f"-env:UserInstallation={folder.as_uri()}", "--headless", "--norestore"]
    subprocess.run([*command, "--terminate_after_init"], check=True, timeout=180, capture_output=True)
    _put_macro(folder / "user" / "basic" / "Standard", main + subs)
    subprocess.run([*command, "macro:///Standard.Module1.Fill"], check=True, timeout=180, capture_output=True)


def _line(row: int, column: int, value: str | float) -> str:
    cell = f"s.getCellByPosition({column}, {row})"
    if isinstance(value, str):
        parts = " & Chr(10) & ".join(f'"{_basic(line)}"' for line in value.split("\n"))
        return f"{cell}.String = {parts}"
    return f"{cell}.Value = {value!r}"


def _basic(text: str) -> str:
    return text.replace('"', '""')


def _put_macro(library: Path, code: str) -> None:
    """In the place of the empty module that a new profile begins with."""
    (library / "Module1.xba").write_text(_MODULE.format(name="Module1", code=escape(code)), encoding="utf-8")
