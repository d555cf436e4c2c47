"""Workbooks made for the tests of the reading room."""

import io
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

Fill = Callable[[xlsxwriter.Workbook], None]
Made = Callable[[Fill], bytes]
Rewritten = Callable[[bytes, dict[str, bytes]], bytes]


@pytest.fixture
def made() -> Made:
    """A workbook filled by a function."""

    def make(fill: Fill) -> bytes:
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
            fill(workbook)
        return buffer.getvalue()

    return make


@pytest.fixture
def rewritten() -> Rewritten:
    """The same archive with some entries replaced or added."""

    def rewrite(content: bytes, parts: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.namelist():
                new.writestr(entry, parts.get(entry, old.read(entry)))
            for entry in parts.keys() - set(old.namelist()):
                new.writestr(entry, parts[entry])
        return buffer.getvalue()

    return rewrite
