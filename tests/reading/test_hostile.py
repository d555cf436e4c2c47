"""Hostile and odd input, line by line: what stands here is the list; each line names the tests that hold it.

The whole list stands here, also where another room holds a line: names and periods, paths, what goes out, the UI.
"""

import io
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from dti_platform.reading import Convention, Doubt, Unreadable, normalise, parse, read_delimited, read_workbook

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
TESTS = Path(__file__).parents[1]

#: Line -> file of tests (below ``tests``), and a word of the name of the test or of its case.
LINES = {
    "zip bomb": ("reading/test_bombs.py", "zip that inflates"),
    "nested zip": ("reading/test_bombs.py", "an archive inside"),
    "one 300 MiB string": ("reading/test_bombs.py", "one string of 300 MiB"),
    "duplicate zip entry": ("reading/test_bombs.py", "an entry twice"),
    "DOCTYPE": ("reading/test_bombs.py", "a billion laughs"),
    "entities": ("reading/test_bombs.py", "an entity from outside"),
    "far cell XFD1048576": ("reading/test_bombs.py", "a far cell"),
    "lying dimension": ("reading/test_bombs.py", "a lying dimension"),
    "encrypted workbook": ("reading/test_bombs.py", "a zip with a password"),
    "encrypted old workbook": ("reading/test_xls.py", "or_is_locked"),
    "formula without a cached value": ("reading/test_workbook.py", "a_formula_without_a_value"),
    "values that were never calculated": ("reading/test_workbook.py", "never_calculated"),
    "stale formula": ("reading/test_hostile.py", "test_a_stale_formula"),
    "#DIV/0!": ("reading/test_workbook.py", "an_error_is_an_error"),
    "#DIV/0! in an old workbook": ("reading/test_xls.py", "#DIV/0!"),
    "merged cells, hidden sheets and rows": ("reading/test_workbook.py", "hidden_and_merged"),
    "two sheets alike but for NFC and NFD": ("reading/test_hostile.py", "test_two_sheets_that_look_alike"),
    "1904 dates": ("reading/test_workbook.py", "both_calendars"),
    "code 4.10": ("feeds/test_intake.py", "a_code_typed_as_a_number"),
    "leading zeros": ("reading/test_delimited.py", "leading_zeros"),
    "UTF-8 BOM": ("reading/test_delimited.py", "byte_order_mark"),
    "UTF-16, windows-1258, TCVN3, VNI": ("reading/test_encoding.py", "known_names_show"),
    "an encoding that is not declared": ("reading/test_encoding.py", "a_few_names_show_nothing"),
    "CR-only lines": ("reading/test_delimited.py", "carriage_return"),
    "NUL": ("reading/test_bombs.py", "a file of NUL bytes"),
    "ragged rows": ("feeds/test_intake.py", "a_ragged_row"),
    "unclosed quotes": ("reading/test_bombs.py", "a quote that is never closed"),
    "50 MB field": ("reading/test_bombs.py", "a field of 50 MB"),
    "duplicate headers": ("reading/test_table.py", "repeated_header"),
    "header only": ("reading/test_hostile.py", "test_a_header_alone"),
    "1.234 and 2.255": ("reading/test_numbers.py", "is_ambiguous"),
    "66,71% and 0.6671": ("reading/test_numbers.py", "a_typed_number"),
    "101 % and -5 %": ("reading/test_hostile.py", "test_a_share_outside"),
    "NaN, inf, 1e309": ("reading/test_numbers.py", "1e309"),
    "dd/mm/yyyy": ("reading/test_hostile.py", "test_a_day_is_no_number"),
    "NFD, NBSP, zero-width": ("reading/test_table.py", "without_changing_its_letters"),
    "Hoà and Hòa, Ð and Đ": ("test_folding.py", "Ð"),
    "a Cyrillic letter": ("test_units.py", "script"),
    "a misspelt province": ("feeds/test_published_results.py", "unknown_unit"),
    "63 and 34": ("feeds/test_published_results.py", "no_framework"),
    "duplicate rows": ("feeds/test_intake.py", "repeated_value"),
    "wrong period": ("feeds/test_reports.py", "wrong_period"),
    "JSON depth bomb": ("reading/test_json.py", "too_deep"),
    "JSON duplicate keys": ("reading/test_json.py", "duplicate_key"),
    "JSON huge ints": ("reading/test_json.py", "a_number_that_is_none"),
    "../../x inside an archive": ("reading/test_bombs.py", "a sheet outside of the archive"),
    "a process that is taken down": ("reading/test_child.py", "only_the_culprit"),
    "wrong sender": ("submissions/test_desk.py", "what_can_not_be_right_is_refused"),
    "resubmission": ("submissions/test_desk.py", "the_same_again_changes_nothing"),
    "older after newer": ("submissions/test_desk.py", "an_older_sheet_after_a_newer_one"),
    "../../x as a name": ("storage/test_landing.py", "a_name_is_never_a_path"),
    "symlink, FIFO": ("storage/test_landing.py", "what_is_no_plain_file"),
    "real[1].csv": ("storage/test_landing.py", "[1]"),
    "=1+1 in CSV": ("report/test_export.py", "a_csv_begins_with_its_mark_and_a_comment_and_holds_no_formula"),
    "=1+1 in XLSX": ("report/test_export.py", "a_workbook_begins_with_notes_and_holds_no_formula"),
    "<script> in names": ("report/test_answer_forms.py", "the_page_holds_no_markup_but_its_own"),
    "markdown in Dagster's metadata": ("orchestration/test_io.py", "received_text_formats_nothing"),
    "secrets in logs": ("test_canaries.py", "canar"),
    "GET mutations": ("orchestration/test_web_guard.py", "an_attack_is_refused_with_a_reason"),
    "DNS rebinding": ("orchestration/test_web_guard.py", "rebinding of a page"),
    "cross-site requests": ("orchestration/test_web_guard.py", "an upgrade of a foreign origin"),
}


@pytest.mark.parametrize("line", LINES)
def test_every_line_names_a_test(line: str) -> None:
    file, word = LINES[line]
    text = (TESTS / file).read_text(encoding="utf-8").replace("LINES = {", "")
    assert word in text
    if not file.endswith("hostile.py"):
        assert re.search(r"^def test_", text, re.MULTILINE)


def test_a_stale_formula_says_that_it_is_one(made: Made) -> None:
    """No reader can tell that a cached value is out of date: it is kept, and known to be a formula's."""
    content = made(lambda workbook: workbook.add_worksheet("S").write_formula("A1", "=1+1", None, 3) and None)
    (cell,) = read_workbook(without_full_calculation(content), "t.xlsx").cells()
    assert (cell.raw, cell.kind, cell.formula) == ("3", "number", "1+1")


def without_full_calculation(content: bytes) -> bytes:
    """As other writers leave it: without asking for a calculation on load."""
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b' fullCalcOnLoad="1"', b""))
    return buffer.getvalue()


def test_two_sheets_that_look_alike_are_refused(made: Made) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        for form in ("NFC", "NFD"):
            workbook.add_worksheet(unicodedata.normalize(form, "Số liệu")).write("A1", form)

    with pytest.raises(Unreadable) as refusal:
        read_workbook(made(fill), "t.xlsx")
    assert refusal.value.reason == "duplicate_sheet"


@pytest.mark.parametrize("content", [b"unit,value\n", b"unit,value", b"\xef\xbb\xbfunit,value\r\n\r\n"])
def test_a_header_alone_is_a_table_without_rows(content: bytes) -> None:
    rows = read_delimited(content, "t.csv").sheets[0].rows
    assert [cell.raw for cell in rows[0]] == ["unit", "value"]
    assert not any(cell for row in rows[1:] for cell in row)


@pytest.mark.parametrize("raw", ["101 %", "101%", "-5 %", "-5", "100,01"])
def test_a_share_outside_of_its_range_is_held(raw: str) -> None:
    found = parse(raw, Convention(",", percent=True, minimum=0, maximum=100))
    assert isinstance(found, Doubt)
    assert found.reason == "out_of_range"


@pytest.mark.parametrize("raw", ["31/12/2022", "2022-12-31", "31.12.2022", "31-12"])
def test_a_day_is_no_number(raw: str) -> None:
    assert isinstance(parse(raw, Convention(",", grouped=True)), Doubt)


@pytest.mark.parametrize("sign", ["\u200b", "\u200e", "\ufeff", "\u2060", "\u00ad"])
def test_what_nobody_sees_is_no_part_of_a_text(sign: str) -> None:
    assert normalise(f"Th{sign}ái Nguyên") == "Thái Nguyên"
