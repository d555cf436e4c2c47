"""The form of a released table that an office prints: its language, its columns, its page."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from dti_platform import publications
from dti_platform.cli import main
from dti_platform.language import Language
from dti_platform.report.printed import columns_of, forms, printed
from dti_platform.storage import Store
from tests.conftest import Flow

#: At Excel's width of a character and the margins of the page, so many fit across A4 at 55 % of the size.
ACROSS = 250


def sheet(flow: Flow, table: str, language: Language = "vi", place: int = 0) -> Worksheet:
    return workbook(flow.store.root, table, language).worksheets[place]


@cache
def workbook(root: Path, table: str, language: Language) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(printed(Store(root).releases.open(), table, language)))


def test_every_form_is_of_a_released_table(flow: Flow) -> None:
    assert set(forms()) <= {name.rpartition("/")[2] for name in flow.store.releases.open().tables}


def test_a_table_without_a_form_is_printed_whole_under_its_descriptions() -> None:
    told = {"unit_name_vi": "tên đơn vị; như nay · name of the unit", "unit_name_en": "tên · name", "x": "a (b) · c, d"}
    fields = [{"name": name, "description": text} for name, text in told.items()]
    assert [each[:2] for each in columns_of("new", fields, "vi")] == [("unit_name_vi", "Tên đơn vị"), ("x", "A")]
    assert [each[:2] for each in columns_of("new", fields, "en")] == [("unit_name_en", "Name"), ("x", "C")]


@pytest.mark.parametrize("table", forms())
def test_every_form_has_columns_that_are_released_and_fits_across_a4(flow: Flow, table: str) -> None:
    released = set(publications.empty(table).columns)
    assert {name for name in forms()[table] if not {name, f"{name}_vi"} & released} == set()
    page = sheet(flow, table)
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$3:$3"
    assert sum(each.width for each in page.column_dimensions.values()) <= ACROSS
    assert [cell.value for cell in page[3]] == [heading.vi for heading in forms()[table].values()]


def test_a_ranking_is_printed_newest_first_with_names_for_codes(flow: Flow) -> None:
    page = sheet(flow, "province_ranking")
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]
    of_2022 = [row for row in rows if row[0] == "2022" and row[2] == "đã công bố"]
    assert [row[3:6] for row in of_2022[:2]] == [[1, "Đà Nẵng", 0.8002], [2, "TP. Hồ Chí Minh", 0.7163]]
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert "không tính theo quy tắc" not in {row[12] for row in rows}
    assert page["A1"].value == "Xếp hạng chuyển đổi số cấp tỉnh"
    assert str(page["A2"].value).endswith("Không có dòng MINH HỌA")


def test_what_is_illustrative_says_so_above_the_table(flow: Flow) -> None:
    page = sheet(flow, "illustrative/province_ranking", "en")
    assert page.title.startswith("MINH HỌA")
    mark = "ILLUSTRATIVE - NO OFFICIAL FIGURES"
    assert page["A1"].value == "ILLUSTRATIVE: Ranking of provinces in digital transformation"
    assert (page.oddHeader.center.text, page.oddFooter.center.text) == (f"&B{mark}", mark)
    assert not sheet(flow, "province_ranking").oddHeader.center.text
    assert "ILLUSTRATIVE" in str(page["A2"].value)
    assert page["F3"].value == "Score"


def test_a_metric_is_printed_in_words(flow: Flow) -> None:
    metrics = {row[2].value for row in sheet(flow, "reconciliation").iter_rows(min_row=4)}
    assert "hạng · Kinh tế số" in metrics
    assert not [each for each in metrics if "_" in str(each)]


def test_the_codes_that_stand_in_a_table_have_a_sheet(flow: Flow) -> None:
    rows = [tuple(cell.value for cell in row) for row in sheet(flow, "national_scorecard", place=1).iter_rows()]
    assert rows[0] == ("Cột", "Mã", "Tên", "Ý nghĩa")
    assert ("Đơn vị tính", "percent", "phần trăm", "phần trăm, 100 là toàn bộ") in rows
    assert ("Chỉ tiêu", "4g_population_coverage", "Tỷ lệ dân số được phủ sóng 4G", None) in rows
    assert "markets" not in {row[1] for row in rows}  # a unit of measure of provinces alone
    sources = {row[2]: row[1] for row in rows if row[0] == "Nguồn"}
    printed_sources = [row[-1].value for row in sheet(flow, "national_scorecard").iter_rows(min_row=4)]
    assert {str(sources[each]).split("/")[2].removeprefix("www.") for each in printed_sources} == {
        str(each).split(" ")[0] for each in printed_sources
    }


def test_numbers_stay_numbers_without_a_bare_mark_of_decimals(flow: Flow) -> None:
    page = sheet(flow, "sessions", "en")
    place = [cell.value for cell in page[3]].index("Value")
    shown = {row[place].value: row[place].number_format for row in page.iter_rows(min_row=4)}
    assert (shown[450000], shown[70.91]) == ("#,##0", "#,##0.0###")


def test_the_command_asks_for_a_workbook(flow: Flow) -> None:
    asked = ("export", "province_ranking", "--lang", "vi", "--data", str(flow.store.root))
    done = CliRunner().invoke(main, [*asked])
    assert (done.exit_code, "add --format xlsx" in done.output) == (2, True)
