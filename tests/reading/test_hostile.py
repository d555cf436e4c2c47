"""Hostile and odd input, line by line: each names the tests that hold it, and these must exist.

The whole list stands here, also where another room holds a line: names and periods, paths, what goes out, the UI.
"""

import io
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
import xlsxwriter

from dti_platform.reading import Convention, Doubt, Unreadable, normalise, parse, read_workbook
from dti_platform.reading.delimited import read_delimited
from tests.conftest import COLLECTED
from tests.stand_ins import digest, of_others, real

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
TESTS = Path(__file__).parents[1]

BOMB = "reading/test_bombs.py::test_a_bomb_ends_as_it_should_and_the_next_file_is_read"
TEXT = "reading/test_delimited.py::test_text_that_is_not_well_formed_is_refused_with_its_line"
SCORE = "submissions/test_defects.py::test_every_kind_of_defect_is_found_where_it_is"
FILE = "submissions/test_hostile.py::test_a_hostile_file_is_answered_and_kept_and_moves_nothing"
CELL = "submissions/test_hostile.py::test_a_hostile_cell_is_answered_where_it_stands"
FORMAT = "feeds/test_formats.py::test_every_format_of_one_submission_gives_the_same_observations"
NUMBER = "reading/test_numbers.py::test_what_is_no_plain_number_is_not_read"
UNCLEAR = "reading/test_numbers.py::test_what_the_convention_does_not_decide_is_ambiguous"
SAID = "submissions/test_desk.py::test_what_can_not_be_right_is_refused_with_the_reason"
ATTACK = "orchestration/test_web_guard.py::test_an_attack_is_refused_with_a_reason"
NOT_FILES = "storage/test_landing.py::test_what_is_no_plain_file_is_refused_with_the_reason"
SHOWN = "reading/test_encoding.py::test_known_names_show_their_encoding"

#: Each line of the list, in its own words: the tests that hold it, by their ids below ``tests``.
LINES: dict[str, tuple[str, ...]] = {
    "zip bomb": (f"{BOMB}[zip that inflates to 200 MiB]", f"{BOMB}[entries that share one body]"),
    "nested zip": (f"{BOMB}[an archive inside]", f"{FILE}[an archive inside]"),
    "one 300 MiB string": (f"{BOMB}[one string of 300 MiB]",),
    "duplicate zip entry": (f"{BOMB}[an entry twice]", f"{FILE}[an entry twice]"),
    "DOCTYPE": (f"{BOMB}[a billion laughs]", f"{FILE}[a billion laughs]"),
    "entities": (f"{BOMB}[an entity from outside]", f"{FILE}[an entity from outside]"),
    "far cell XFD1048576": (f"{BOMB}[a far cell]", f"{FILE}[a far cell]", f"{FILE}[a far cell of an old workbook]"),
    "lying <dimension>": (f"{BOMB}[a lying dimension]", f"{FILE}[a lying dimension]"),
    "encrypted workbook": (
        f"{FILE}[a zip with a password]",
        "reading/test_xls.py::test_what_is_no_workbook_or_is_locked_is_refused_with_its_reason",
    ),
    "formula without a cached value": (
        f"{SCORE}[a formula that nobody calculated]",
        'reading/test_workbook.py::test_a_formula_without_a_value_is_never_a_blank[<c r="A1"><f>1+1</f></c>-error]',
        "reading/test_workbook.py::test_values_that_their_writer_never_calculated_are_not_believed",
    ),
    "stale formula": (
        f"{SCORE}[a formula for a score]",
        "reading/test_hostile.py::test_a_stale_formula_says_that_it_is_one",
    ),
    "#DIV/0!": (
        f"{CELL}[#DIV/0!]",
        "reading/test_workbook.py::test_an_error_is_an_error_not_an_empty_cell",
        "reading/test_xls.py::test_every_type_comes_with_its_place_and_raw_text[1536]",
    ),
    "merged cells": (
        f"{CELL}[two scores merged into one]",
        "reading/test_workbook.py::test_hidden_and_merged_cells_say_so_and_hidden_sheets_are_read",
    ),
    "hidden sheets and rows": (
        "submissions/test_warnings.py::test_a_figure_in_a_hidden_row_is_said",
        "reading/test_xls.py::test_hidden_and_merged_cells_say_so_and_hidden_sheets_are_read",
    ),
    "two sheets alike but for NFC/NFD": (f"{FILE}[two sheets that look alike]",),
    "1904 dates": (
        "submissions/test_hostile.py::test_the_day_of_issue_is_the_same_in_both_calendars",
        "reading/test_workbook.py::test_dates_of_both_calendars[True]",
        "reading/test_xls.py::test_dates_of_both_calendars[True-2027-01-01]",
    ),
    "code 4.10": (
        f"{SCORE}[a code as a number]",
        "feeds/test_self_assessment.py::test_a_code_stored_as_a_number_is_never_guessed",
        "feeds/test_intake.py::test_a_code_typed_as_a_number_is_not_guessed[number-4.1-None]",
    ),
    "leading zeros": (
        "reading/test_delimited.py::test_codes_and_leading_zeros_stay_text",
        "feeds/test_intake.py::test_a_code_typed_as_a_number_is_not_guessed[text-04-04]",
    ),
    "UTF-8 BOM": (
        f"{FORMAT}[csv with a byte-order mark]",
        "reading/test_delimited.py::test_a_byte_order_mark_is_no_part_of_the_first_header",
    ),
    "UTF-16": (f"{FORMAT}[csv in UTF-16]",),
    "windows-1258": (f"{SHOWN}[63-windows-1258]", f"{FILE}[windows-1258 that nothing shows]"),
    "TCVN3": (f"{SHOWN}[63-tcvn3]", f"{FILE}[TCVN3 that nothing shows]"),
    "VNI": (f"{SHOWN}[63-vni]", f"{FILE}[VNI that nothing shows]"),
    "CR-only lines": (
        "reading/test_delimited.py::test_lines_that_end_in_a_carriage_return_alone",
        "submissions/test_hostile.py::test_lines_may_end_in_any_way[CR]",
    ),
    "NUL": (f"{BOMB}[a file of NUL bytes]", f"{FILE}[NUL in a text]"),
    "ragged rows": ("feeds/test_intake.py::test_a_ragged_row_is_held_back_and_the_others_are_taken",),
    "unclosed quotes": (f"{BOMB}[a quote that is never closed]", f"{FILE}[a quote that is never closed, small]"),
    "50 MB field": (f"{BOMB}[a field of 50 MB]",),
    "duplicate headers": (f"{SCORE}[a header twice]", "reading/test_table.py::test_a_repeated_header_is_refused"),
    "header only": (
        f"{FILE}[a header alone]",
        "reading/test_hostile.py::test_a_header_alone_is_a_table_without_rows[unit,value]",
    ),
    "1.234": (f"{SCORE}[a point that would group too much]", f"{UNCLEAR}[1.234-convention1]"),
    "2.255": (f"{SCORE}[a point that would group too much]", f"{UNCLEAR}[2.255-convention0]"),
    "66,71%": (
        f"{SCORE}[per cent for points]",
        "reading/test_numbers.py::test_a_number_is_read_as_declared[66,71%-convention2-66.71]",
    ),
    "0.6671": (
        f"{SCORE}[a point for a comma]",
        "reading/test_numbers.py::test_a_typed_number_is_what_a_person_saw[0.6671-0.00%-convention0-found0]",
    ),
    "101 %": ("reading/test_hostile.py::test_a_share_outside_of_its_range_is_held[101 %]",),
    "-5 %": ("reading/test_hostile.py::test_a_share_outside_of_its_range_is_held[-5 %]",),
    "NaN": (f"{SCORE}[not a number at all]", f"{NUMBER}[NaN]"),
    "inf": (f"{SCORE}[not a number at all]", f"{NUMBER}[inf]"),
    "1e309": (f"{SCORE}[not a number at all]", f"{NUMBER}[1e309]"),
    "dd/mm/yyyy": (
        f"{SCORE}[a day for a number]",
        f"{SCORE}[a day of issue that is none]",
        "submissions/test_hostile.py::test_the_day_of_issue_is_the_same_in_both_calendars",
        "reading/test_hostile.py::test_a_day_is_no_number[31/12/2022]",
    ),
    "NFD": ("submissions/test_hostile.py::test_a_sender_is_known_however_its_name_is_typed[NFD]",),
    "NBSP": ("submissions/test_hostile.py::test_a_sender_is_known_however_its_name_is_typed[NBSP]",),
    "zero-width": ("submissions/test_hostile.py::test_a_sender_is_known_however_its_name_is_typed[zero-width]",),
    "Hoà/Hòa": ("submissions/test_hostile.py::test_a_sender_is_known_however_its_name_is_typed[Hoà for Hòa]",),
    "Ð/Đ": ("submissions/test_hostile.py::test_a_sender_is_known_however_its_name_is_typed[Ð for Đ]",),
    "a Cyrillic і": (f"{FILE}[a Cyrillic і]", "test_units.py::test_one_letter_of_another_script_is_enough_to_refuse"),
    "a misspelt province": (
        f"{SCORE}[a misspelt name]",
        f"{FILE}[a misspelt province]",
        "test_units.py::test_likeness_only_suggests",
    ),
    "63/34 confusion": (f"{SCORE}[a province of another time]", f"{SAID}[said3-Mã đơn vị-VN34-19-wrong_geography]"),
    "duplicate rows": (f"{SCORE}[a code twice]",),
    "wrong period": (f"{SCORE}[another period]", f"{SAID}[said2-Phiên bản-None-wrong_period]"),
    "wrong sender": (f"{SCORE}[another unit's code]", f"{SAID}[said0-Phiên bản-None-wrong_sender]"),
    "resubmission": ("submissions/test_desk.py::test_the_same_again_changes_nothing",),
    "older after newer": ("submissions/test_desk.py::test_an_older_sheet_after_a_newer_one_is_refused_and_kept",),
    "JSON depth bomb": (f"{BOMB}[JSON a million deep]", f"{FILE}[JSON too deep]"),
    "duplicate keys": (f"{FILE}[a key twice]",),
    "huge ints": (
        f"{BOMB}[an integer of a million digits]",
        "reading/test_json.py::test_a_number_that_is_none_is_an_error_in_its_cell[number0]",
        "submissions/test_hostile.py::test_a_huge_integer_of_json_is_held_in_its_cell",
    ),
    "../../x": (f"{FILE}[a sheet outside of the archive]", "storage/test_landing.py::test_a_name_is_never_a_path"),
    "symlink": (NOT_FILES, "storage/test_landing.py::test_a_file_that_becomes_a_link_is_not_followed"),
    "FIFO": (NOT_FILES,),
    "real[1].csv": (NOT_FILES,),
    "=1+1 in CSV and XLSX text cells": (
        "report/test_export.py::test_a_csv_begins_with_its_mark_and_a_comment_and_holds_no_formula",
        "report/test_export.py::test_a_workbook_begins_with_notes_and_holds_no_formula_and_no_link",
        "submissions/test_forms.py::test_the_copy_holds_every_cell_as_it_was_read_and_no_formula",
    ),
    "<script> in names": ("submissions/test_forms.py::test_the_page_holds_no_markup_but_its_own_and_asks_for_nothing",),
    "markdown in Dagster metadata": (
        "orchestration/test_io.py::test_received_text_formats_nothing[[a](http://evil.example)]",
        "orchestration/test_io.py::test_received_text_formats_nothing[<script>alert(1)</script>]",
    ),
    "secrets in logs": (
        "test_canaries.py::test_no_secret_is_found_wherever_a_run_writes",
        "test_canaries.py::test_the_canaries_would_be_found",
    ),
    "GET mutations": (f"{ATTACK}[a mutation by GET]",),
    "DNS rebinding": (f"{ATTACK}[DNS rebinding]", f"{ATTACK}[rebinding of a page]"),
    "cross-site requests": (f"{ATTACK}[a cross-site request]", f"{ATTACK}[an upgrade of a foreign origin]"),
}


@pytest.fixture(scope="session")
def collected(pytestconfig: pytest.Config) -> Collection[str]:
    """The ids of all tests in the files that are named, as they are really collected."""
    names = {test.partition("::")[0] for tests in LINES.values() for test in tests}
    here = {test.removeprefix("tests/") for test in pytestconfig.stash[COLLECTED]}
    if names <= {test.partition("::")[0] for test in here}:
        return here
    files = sorted(str(TESTS / name) for name in names)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-m", "", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {line.removeprefix("tests/") for line in done.stdout.splitlines()}


def escaped(test: str) -> str:
    """The id as it is printed."""
    return test.encode("unicode_escape").decode("ascii")


@pytest.mark.parametrize("line", LINES)
def test_every_line_is_held_by_tests_that_exist(line: str, collected: Collection[str]) -> None:
    assert LINES[line]
    assert [test for test in map(escaped, LINES[line]) if test not in collected] == []


def test_no_line_of_the_list_is_left_out() -> None:
    """Between commas, strokes and dots; what stands in brackets explains a line."""
    assert digest(enumerate(LINES)) == "a714d0223166624a", "the lines as they were held against the list"
    if not real("trust.md"):
        return
    text = of_others("trust.md").decode()
    listed = text.split("\n## Hostile and odd input")[1].split("\n", 1)[1].split("\n\n")[0]
    plain = re.sub(r"\([^)]*\)|`|on the way out:|the webserver:", "", " ".join(listed.split()))
    lines = [line.strip().removesuffix(".") for line in re.split(r",\s|·|\s/\s", plain)]
    assert lines == list(LINES)


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
