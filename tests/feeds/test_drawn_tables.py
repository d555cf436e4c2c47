"""Tables as public bodies draw them, in layouts that the platform has never seen: declared, and every figure found."""

import hashlib

import pytest

from dti_platform.feeds import Feed, Known, Parsed, Received
from dti_platform.feeds.drawn_tables import Sums, unit_lines
from dti_platform.feeds.fields import number, unit
from dti_platform.feeds.intake import Intake
from dti_platform.reading import Body, Book, Convention, Layout, Line, Rule, read_delimited, read_workbook
from tests.feeds.drawings import CASES, PLAIN, Case, Drawn, Row, Truth, workbook

FEED = Feed("drawn", "Bảng vẽ", "Drawn tables", "Thử nghiệm", "CC0-1.0", "P1Y", "official", pattern="*.xls*")
FIGURES = Convention(".")
TEXTS = {"no", "name", "line"}


def parse(
    content: bytes, layouts: list[Layout], known: Known, sums: Sums | None = None, book: Book | None = None
) -> Parsed:
    received = Received("drawn", "2022", "t.xlsx", hashlib.sha256(content).hexdigest(), content)
    intake = Intake(FEED, received, book or read_workbook(content, "t.xlsx"), geography="VN63")
    for body, line in unit_lines(intake, layouts, sums):
        with intake.row([*line.cells.values(), *line.grouped.values()]):
            take(intake, body, line, unit(line.cells["name"], "VN63", known, line.name))
    return intake.parsed()


def take(intake: Intake, body: Body, line: Line, whose: str) -> None:
    about = line.cells["line"].raw.lower() if "line" in line.cells else body.subject or ""
    figures = {(about, name): cell for name, cell in line.cells.items() if name not in TEXTS}
    for (group, name), cell in (figures | line.grouped).items():
        if not cell.blank:
            intake.observe(cell, unit=whose, node=f"{group}/{name}", measure="value", basis="reported",
                           value=number(cell, FIGURES).value, unit_measure="points")  # fmt: skip


def found(parsed: Parsed, known: Known) -> Truth:
    rows = parsed.observations.select("unit", "node", "value").iter_rows()
    return {(known.units.all[unit].name_vi, *node.split("/")): value for unit, node, value in rows}


@pytest.fixture(scope="module")
def names(known: Known) -> list[str]:
    return [unit.name_vi for unit in known.units.members("VN63")]


@pytest.mark.parametrize("moved", [False, True], ids=["as drawn", "moved"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_figure_is_found_where_it_belongs(case: Case, moved: bool, names: list[str], known: Known) -> None:
    drawn = case.draw(names)
    parsed = parse(workbook(drawn.moved() if moved else drawn), drawn.layouts, known)
    assert parsed.quarantine.select("locator", "raw", "reason").rows() == []
    assert parsed.submissions["reason"].to_list() == [None]
    given = {
        key: value for key, value in found(parsed, known).items() if key[2] in {column for _, _, column in drawn.truth}
    }
    assert given == drawn.truth


def test_a_total_may_be_of_a_part_or_of_the_whole_table(known: Known) -> None:
    rows: list[Row] = [["Tỉnh", "Điểm", "Tỉnh", "Điểm"], ["Huế", 5, "Lào Cai", 7], ["Tổng", 5, "Cả nước", 12]]
    wrong: list[Row] = [*rows[:2], ["Tổng", 5, "Cả nước", 15]]
    layout = Layout(PLAIN.columns, "name", rules=(Rule("total", "name", "tổng|cả nước"),))
    for printed, differs in ((rows, []), (wrong, ["Bảng!D3"])):
        sums = Sums(("score",), FIGURES)
        parsed = parse(workbook(Drawn([layout]).sheet(printed)), [layout], known, sums)
        assert [cell.locator for cell, _, _ in sums.differences] == differs
        assert parsed.submissions["total"].item() == 4


def test_figures_without_a_name_are_said(known: Known) -> None:
    rows: list[Row] = [["STT", "Tỉnh", "Điểm"], [1, "Huế", 5], [2, None, 7], [None, None, 63]]
    parsed = parse(workbook(Drawn([PLAIN]).sheet(rows)), [PLAIN], known)
    assert [remark.said.en for remark in parsed.remarks] == ["Bảng!A3: a row of figures without a name"]
    assert found(parsed, known) == {("Thừa Thiên Huế", "", "score"): 5.0}


def test_rows_of_text_that_end_too_early_are_held_back(known: Known) -> None:
    book = read_delimited("Tỉnh,STT,Điểm\nHuế,1,5\nLào Cai,2\n".encode(), "t.csv")
    parsed = parse(b"", [PLAIN], known, book=book)
    assert parsed.quarantine.select("raw", "reason").rows() == [("Lào Cai", "ragged_row"), ("2", "ragged_row")]
