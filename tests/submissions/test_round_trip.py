"""A template, filled by LibreOffice and by XlsxWriter, comes back accepted with not one cell lost."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dti_platform.feeds import Known
from dti_platform.feeds.sheet.template import Before, template
from dti_platform.feeds.sheet.title import find_sheet
from dti_platform.reading import read_workbook
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from dti_platform.submissions.answer import Answer
from tests.feeds.drafts import Draft
from tests.submissions.office import OFFICE, fill

DAY = "01/04/2023"
Filled = dict[tuple[int, int], str | float]


@pytest.fixture(scope="module")
def blank(known: Known) -> bytes:
    from decimal import Decimal

    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    last = {"1.2": Before(Decimal("7.5"), "illustrative", "Số 12/BC-UBND ngày 05/02/2022", "2021")}
    return template(framework, "2022", known.units.all["VN63-19"], last)


def filling(blank: bytes, known: Known) -> Filled:
    """A value for every cell to fill, by row and column from 0: what people write, with quotes and line breaks."""
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    table = find_sheet(read_workbook(blank, "blank.xlsx"))[1]
    values: Filled = {}
    for number, row in enumerate(table.rows()):
        node = framework.nodes.get(row["code"].raw)
        if node is None or framework.children(node.code):
            continue
        at = row["self"].row - 1
        score = _score(node, number)
        evidence = f'Số {number}/BC-UBND,\nngày {1 + number % 28:02}/03/2023 "bản chính"'
        shown = {"self": score, "status": "Hoàn thành", "department": "Sở Nội vụ", "evidence": evidence}
        values |= {(at, table.columns[name] - 1): value for name, value in shown.items()}
    return values


def _score(node: Any, number: int) -> float:
    """Any points, of an indicator whose rule gives some alone one of these; a count where it is not scored."""
    if node.max_points is None:
        return float(number % 7)
    allowed = node.rule.grades(node.max_points)
    return float(allowed[number % len(allowed)]) if allowed else round(float(node.max_points) * (number % 7) / 8, 3)


def submitted(content: bytes, known: Known, folder: Path) -> Answer:
    return next(Desk(Store(folder), known).serve([Offer(content, "phieu.xlsx", "self_assessment")])).answer


def whole(answer: Answer, values: Filled, content: bytes) -> None:
    """Accepted whole; as many cells as an independent reader sees; every value is a figure of the answer."""
    assert (answer.outcome, answer.errors) == ("accepted", ())
    assert answer.evidence == "illustrative", "its list of indicators is made up"
    book = openpyxl.load_workbook(io.BytesIO(content))
    filled = sum(cell.value not in (None, "") for sheet in book for row in sheet.iter_rows() for cell in row)
    assert answer.cells["cells"] - answer.cells["blank"] == filled
    assert answer.cells["quarantined"] == 0
    scores = sorted(value for value in values.values() if isinstance(value, float))
    assert sorted(each.after or 0.0 for each in answer.changes) == scores
    assert len(scores) == 98
    assert not answer.warnings


def test_filled_by_xlsxwriter_it_comes_back_whole(blank: bytes, known: Known, tmp_path: Path) -> None:
    draft, values = Draft.of(blank), filling(blank, known)
    draft.say("Ngày lập", DAY)
    for (row, column), value in values.items():
        draft.rows[row - len(draft.title) - 1][column] = value
    content = draft.xlsx()
    whole(submitted(content, known, tmp_path), values, content)


def test_the_template_itself_filled_by_openpyxl_comes_back_whole(blank: bytes, known: Known, tmp_path: Path) -> None:
    """Its very bytes are opened, filled and saved, not a sheet made like it."""
    values, content = filling(blank, known), io.BytesIO()
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet = book.worksheets[0]
    next(row[1] for row in sheet.iter_rows() if row[0].value == "Ngày lập").value = DAY
    for (row, column), value in values.items():
        cell = sheet.cell(row + 1, column + 1)
        assert not cell.protection.locked, cell.coordinate
        cell.value = value
    book.save(content)
    whole(submitted(content.getvalue(), known, tmp_path), values, content.getvalue())
    kept = openpyxl.load_workbook(content).worksheets[0]
    assert kept.protection.sheet
    assert len(kept.data_validations.dataValidation) == len(sheet.data_validations.dataValidation) > 0


@pytest.mark.heavy
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here (soffice)")
def test_filled_by_libreoffice_it_comes_back_whole(blank: bytes, known: Known, tmp_path: Path) -> None:
    source, target, values = tmp_path / "blank.xlsx", tmp_path / "filled.xlsx", filling(blank, known)
    source.write_bytes(blank)
    row = next(
        row[0].row for row in openpyxl.load_workbook(source).worksheets[0].iter_rows() if row[0].value == "Ngày lập"
    )
    fill(source, target, {**values, (row - 1, 1): DAY}, tmp_path / "profile")
    content = target.read_bytes()
    whole(submitted(content, known, tmp_path / "data"), values, content)
    sheet = openpyxl.load_workbook(target).worksheets[0]
    assert sheet.protection.sheet, "LibreOffice keeps what is locked"


def test_a_template_prints_on_its_side_with_every_column_on_one_page(blank: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(blank)).worksheets[0]
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    header = next(cell.row for (cell,) in sheet.iter_rows(max_col=1) if cell.value == "Mã")
    assert sheet.print_title_rows == f"${header}:${header}"


def test_a_template_says_what_was_accepted_before_and_that_its_list_is_made_up(blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet, guide = book.worksheets
    head = next(row for row in sheet.iter_rows() if row[0].value == "Mã")
    columns = {cell.value: cell.column for cell in head}
    row = next(row[0].row for row in sheet.iter_rows() if row[0].value == "1.2")
    assert sheet.cell(row, columns["Kỳ trước"]).value == 7.5
    evidence = sheet.cell(row, columns["Minh chứng kỳ trước"]).value
    assert evidence == "2021: Số 12/BC-UBND ngày 05/02/2022 (minh họa / illustrative)"
    assert sheet.cell(row, columns["Đơn vị tính"]).value == "điểm"
    assert sheet.cell(row, columns["Kỳ trước"]).protection.locked
    assert all(cell.protection.locked for cell in head)
    assert sum(cell.comment is not None for cell in head) >= 6
    assert all("MINH HỌA" in str(each["A1" if each is guide else "A2"].value) for each in book.worksheets)
    day = next(row[1] for row in sheet.iter_rows() if row[0].value == "Ngày lập")
    assert not day.protection.locked
