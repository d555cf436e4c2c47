"""Fonts from before Unicode declare the encoding of what they draw, in .xlsx as in .xls: cell by cell, run by run."""

import io
from collections.abc import Callable

import pytest
import xlsxwriter

from dti_platform.reading import Cell, Request, read_batch, read_workbook
from dti_platform.reading.encoding import join_runs
from tests.reading.test_encoding import WRITERS

pytestmark = pytest.mark.usefixtures("one_child_for_all")

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
Rewritten = Callable[[bytes, dict[str, bytes]], bytes]
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TEXT = "Quyết định của Uỷ ban nhân dân tỉnh Thái Nguyên"
FONTS = {"tcvn3": ".VnTime", "vni": "VNI-Times"}


def typed(text: str, encoding: str) -> str:
    """As a program without Unicode left it in the file."""
    return WRITERS[encoding](text).decode("cp1252")


def workbook(encoding: str, *, inline: bool) -> bytes:
    """A cell in the font, one in another, a run in the font in a cell that isn't, and the reverse."""
    buffer = io.BytesIO()
    legacy = typed(TEXT, encoding)
    with xlsxwriter.Workbook(buffer, {"in_memory": not inline, "constant_memory": inline}) as book:
        sheet, font, arial = (
            book.add_worksheet("S"),
            book.add_format({"font_name": FONTS[encoding]}),
            book.add_format({"font_name": "Arial"}),
        )
        sheet.write_string("A1", legacy, font)
        sheet.write_string("A2", "Số\tHòa Bình", arial)
        sheet.write_rich_string("A3", "Hòa ", font, legacy, " Bình", arial)
        sheet.write_rich_string("A4", arial, "Hòa ", font, legacy, font)
        sheet.write_number("A5", 4.1, font)
    return buffer.getvalue()


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("encoding", FONTS)
def test_a_font_declares_the_encoding_of_its_text(encoding: str, *, inline: bool) -> None:
    content = workbook(encoding, inline=inline)
    expected = [
        (TEXT, encoding),
        ("Số\tHòa Bình", None),
        (f"Hòa {TEXT} Bình", encoding),
        (f"Hòa {TEXT}", encoding),
        ("4.1", None),
    ]
    (book,) = read_batch([Request(content, "t.xlsx")])
    for found in (list(read_workbook(content, "t.xlsx").cells()), list(book.cells())):  # type: ignore[union-attr]
        assert [told(cell) for cell in found] == expected


def told(cell: Cell) -> tuple[str, str | None]:
    return cell.raw, cell.encoding


def test_a_letter_and_its_mark_may_stand_in_two_runs() -> None:
    halves = typed("ế", "vni")
    assert join_runs([(halves[0], None), (halves[1], "VNI-Helve")], "vni") == ("ế", "vni")


def test_text_that_is_unicode_already_stays_whatever_its_font() -> None:
    assert join_runs([("Quyết", ".VnTime"), (" abc", None)], "vni") == ("Quyết abc", None)


@pytest.mark.parametrize("inline", [False, True])
def test_a_run_without_a_font_is_in_the_font_of_its_cell(made: Made, rewritten: Rewritten, *, inline: bool) -> None:
    runs = f'<r><rPr><rFont val="VNI-Times"/></rPr><t>{typed("ế", "vni")}</t></r><r><t>ò</t></r>'
    content = made(lambda book: book.add_worksheet("S").write_string("A1", "x") and None)
    parts = {STRINGS: f"<sst {MAIN}><si>{runs}</si></sst>".encode()}
    if inline:
        data = f'<row r="1"><c r="A1" t="inlineStr"><is>{runs}</is></c></row>'
        parts = {SHEET: f"<worksheet {MAIN}><sheetData>{data}</sheetData></worksheet>".encode()}
    assert [told(cell) for cell in read_workbook(rewritten(content, parts), "t.xlsx").cells()] == [("ếò", "vni")]
