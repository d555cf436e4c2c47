"""A feed of tables drawn for print: two indices of a province, each column under its title."""

from __future__ import annotations

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import exact, unit
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.printed_tables import unit_lines
from dti_platform.reading import Column, Convention, Layout

FEED = Feed(
    id="drawn",
    title_vi="Bảng in",
    title_en="Printed table",
    publisher="tests",
    licence="none",
    rhythm="P1Y",
    evidence="illustrative",
    pattern="*.xlsx",
)
FIGURES = {"community_digital_teams": "Gia nhập", "household_smartphone_share": "Tiếp cận đất đai"}
LAYOUT = Layout((Column("name", ("Tỉnh",)), *(Column(code, (title,)) for code, title in FIGURES.items())), "name")


def parse(received: Received, known: Known) -> Extract:
    intake = Intake(FEED, received, opened(FEED, received, known), geography="VN63")
    for _, line in unit_lines(intake, known, [LAYOUT]):
        with intake.row(line.cells.values()):
            whose = unit(line.cells["name"], "VN63", known, line.name)
            for code in FIGURES:
                intake.observe(
                    line.cells[code], unit=whose, node=code, measure="value", basis="reported", unit_measure="points",
                    value=exact(line.cells[code], Convention(".")), certainty="verbatim", source="tests",
                )  # fmt: skip
    return intake.extract()
