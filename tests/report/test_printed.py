"""The form of a released table that an office prints: its language, its columns, its page."""

from __future__ import annotations

import io

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.worksheet.worksheet import Worksheet

from dti_platform import publications
from dti_platform.cli import main
from dti_platform.language import Language
from dti_platform.report.printed import NoPrintedForm, forms, printed
from tests.conftest import Flow

#: At Excel's width of a character and the margins of the page, so many fit across A4 at 55 % of the size.
ACROSS = 250


def sheet(flow: Flow, table: str, language: Language = "vi") -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(printed(flow.store.releases.open(), table, language))).worksheets[0]


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
    assert "ILLUSTRATIVE" in str(page["A2"].value)
    assert page["F3"].value == "Score"


def test_a_metric_is_printed_in_words(flow: Flow) -> None:
    metrics = {row[2].value for row in sheet(flow, "reconciliation").iter_rows(min_row=4)}
    assert "hạng · Kinh tế số" in metrics
    assert not [each for each in metrics if "_" in str(each)]


def test_a_table_without_a_form_names_those_that_have_one(flow: Flow) -> None:
    with pytest.raises(NoPrintedForm, match="codes has no printed form; those that have: province_ranking"):
        printed(flow.store.releases.open(), "codes", "vi")


def test_the_command_asks_for_a_workbook(flow: Flow) -> None:
    asked = ("export", "province_ranking", "--lang", "vi", "--data", str(flow.store.root))
    done = CliRunner().invoke(main, [*asked])
    assert (done.exit_code, "add --format xlsx" in done.output) == (2, True)
