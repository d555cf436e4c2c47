"""PAPI, the governance index of the 63 provinces: its workbook has a sheet for every year.

Here: one year's sheet, as printed. Not here: the index itself, whose framework names the columns.
"""

from __future__ import annotations

from decimal import Decimal

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import exact, framework_of, unit
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.printed_tables import unit_lines
from dti_platform.reading import Cell, Column, Convention, Layout, Rule

FEED = Feed(
    id="papi",
    title_vi="Chỉ số PAPI",
    title_en="The PAPI index",
    publisher="papi.org.vn",
    licence="CC0-1.0, in the R package vietnamdata 0.1.0",
    rhythm="P1Y",
    index="PAPI",
    evidence="official",
    pattern="*.xlsx",
)
GEOGRAPHY = "VN63"
FIGURES = Convention(".", unit="points")
#: The workbook prints six decimals, and in 2015 and 2016 the digits of a 32-bit float.
PLACES = Decimal("1e-9")


def parse(received: Received, known: Known) -> Extract:
    """Every figure of the year's sheet, at the node whose name is the column's title; the other sheets are notes."""
    book = opened(FEED, received, known)
    first = next(iter(book.cells()))
    framework = framework_of(first, GEOGRAPHY, known, received.period, FEED.index)
    nodes = {node.code: node.name_en for node in framework.nodes.values()}
    columns = (
        Column("tinhid"),
        Column("english", ("tentinh_eng",)),
        Column("name", ("tentinh_vie",)),
        *(Column(code, (title,)) for code, title in nodes.items()),
    )
    others = tuple(str(sheet.name) for sheet in book.sheets if sheet.name != f"{received.period}_PAPI")
    layout = Layout(columns, "name", rules=(Rule("note", "english", "highest"),), ignored=others)
    intake = Intake(FEED, received, book, geography=GEOGRAPHY, framework=framework.version)
    for _, line in unit_lines(intake, known, layout):
        with intake.row(line.cells.values()):
            whose = unit(line.cells["name"], GEOGRAPHY, known)
            if all(line.cells[code].blank for code in nodes if code != framework.root.code):
                intake.mark("total", [line.cells[framework.root.code]])  # 0, the sum of a row without figures
                continue
            for code in nodes:
                _take(intake, line.cells[code], whose, code)
    return intake.extract()


def _take(intake: Intake, cell: Cell, whose: str, code: str) -> None:
    if not cell.blank:
        intake.observe(
            cell, unit=whose, node=code, measure="points", basis="published", certainty="verbatim",
            value=exact(cell, FIGURES).quantize(PLACES), unit_measure="points", source="https://papi.org.vn",
        )  # fmt: skip
