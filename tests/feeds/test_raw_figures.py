"""Raw figures of a ratio in a unit's workbook: read, worked out by the rule, and the self score held against them."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from dti_platform.feeds import Known
from dti_platform.feeds.sheet.declaration import Form, lines
from dti_platform.feeds.sheet.page import Pages
from dti_platform.feeds.sheet.template import Template, sent_template, template
from dti_platform.feeds.sheet.writer import write
from dti_platform.methodology import Framework, score_year
from dti_platform.methodology.rules import Ratio, Rule
from dti_platform.reading import read_file
from tests.feeds.test_self_assessment import HOME, edited, one, parse, place, put

UNIT = "VN63-19"
EVIDENCE = "Số 1/BC-UBND ngày 05/02/2023"
Raw = dict[str, tuple[str | None, str | None]]


@pytest.fixture(scope="module")
def framework(known: Known) -> Framework:
    return known.frameworks.overlaid(known.frameworks.get("922", "provincial"))


@pytest.fixture(scope="module")
def ratios(framework: Framework) -> list[str]:
    return [node.code for node in framework.inputs if node.rule.kind == "ratio"]


def workbook(framework: Framework, raw: Raw, claimed: dict[str, str]) -> bytes:
    """A whole sheet of half points, by the project's own writer, with raw figures and other scores at some rows."""

    def filled(code: str) -> dict[str, Decimal | None]:
        numerator, denominator = raw.get(code, (None, None))
        given = {"numerator": numerator, "denominator": denominator, "self_score": claimed.get(code)}
        return {name: Decimal(value) for name, value in given.items() if value is not None}

    rows = (
        replace(line, **{"self_score": line.maximum and line.maximum / 2, "evidence": EVIDENCE, **filled(line.code)})
        if line.kind == "row"
        else line
        for line in lines(framework)
    )
    return write(Form("Thái Nguyên", UNIT, "2022", "922", tuple(rows), stated_on="", made_up=True))


def test_points_follow_from_both_figures_whatever_the_self_score(
    known: Known, framework: Framework, ratios: list[str]
) -> None:
    first, second = ratios[:2]
    content = workbook(framework, {first: ("45", "60"), second: ("1", None)}, {first: "1"})
    parsed = parse(content, known)
    assert parsed.quarantine.is_empty()
    measures = parsed.observations.filter(pl.col("node") == first).select("measure", "value", "basis").rows()
    assert sorted(measures) == [("denominator", 60.0, "self"), ("numerator", 45.0, "self"), ("points", 1.0, "self")]
    scores = score_year(2022, parsed.observations, known.units, known.frameworks).filter(pl.col("unit") == UNIT)
    points = dict(scores.filter(pl.col("basis") == "self").select("node", "points").iter_rows())
    maximum = {code: float(framework.nodes[code].max_points or 0) for code in (first, second)}
    assert points[first] == maximum[first] * 0.75
    assert points[second] == maximum[second] / 2, "of one figure alone no points follow: the self score counts"


def test_what_is_no_share_is_held_back_and_the_self_score_counts(
    known: Known, framework: Framework, ratios: list[str]
) -> None:
    first, second, third = ratios[:3]
    content = workbook(framework, {first: ("61", "60"), second: ("0", "0"), third: ("-1", "5")}, {})
    parsed = parse(content, known)
    held = parsed.quarantine.select("node", "reason", "raw").rows()
    assert sorted(held) == sorted(
        [(first, "out_of_range", "61"), (second, "out_of_range", "0"), (third, "out_of_range", "-1")]
    )
    scores = score_year(2022, parsed.observations, known.units, known.frameworks)
    found = scores.filter(pl.col("unit") == UNIT, pl.col("node") == first, pl.col("basis") == "self")
    assert found["points"].item() == float(framework.nodes[first].max_points or 0) / 2


def test_the_rule_says_what_a_raw_figure_may_be(
    known: Known, framework: Framework, ratios: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part above its whole was held back whatever the rule takes."""
    content = workbook(framework, {ratios[0]: ("61", "60"), ratios[1]: ("1", "0"), ratios[2]: ("-1", "5")}, {})
    monkeypatch.setattr(Ratio, "limits", Rule.limits)
    parsed = parse(content, known)
    assert parsed.quarantine.select("node", "reason", "raw").rows() == [(ratios[2], "out_of_range", "-1")]
    assert "từ 0 đến một triệu tỷ" in parsed.quarantine["reason_vi"][0]
    taken = parsed.observations.filter(node=ratios[0]).select("measure", "value").rows()
    assert {("numerator", 61.0), ("denominator", 60.0)} <= set(taken)


def test_a_figure_where_no_ratio_is_asked_is_not_taken(known: Known, framework: Framework) -> None:
    other = next(node.code for node in framework.inputs if node.rule.kind == "category")
    parsed = parse(workbook(framework, {other: ("1", "2")}, {}), known)
    assert (one(parsed, other, "self") or {})["measure"] == "points"
    assert [each.reason for each in parsed.remarks] == ["loose_figure"] * 2


def test_the_template_asks_for_both_figures_at_ratios_alone(
    known: Known, framework: Framework, ratios: list[str]
) -> None:
    content = template(framework, "2022", known.units.all[UNIT])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    other = next(node.code for node in framework.inputs if node.rule.kind == "category")
    for header in ("Tử số (a)", "Mẫu số (b)"):
        assert not sheet[place(sheet, ratios[0], header)].protection.locked
        assert sheet[place(sheet, other, header)].protection.locked
    parsed = parse(edited(put(ratios[0], "Tử số (a)", 3), put(ratios[0], "Mẫu số (b)", 4), source=content), known)
    assert parsed.observations["measure"].to_list() == ["numerator", "denominator"]
    assert sent_template(read_file(content, "a.xlsx"), known) is not None


def test_a_template_of_before_is_known_again(known: Known, framework: Framework) -> None:
    made, content = Template(framework, "2022", known.units.all[UNIT], raw=False), io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        made.write(Pages(book))
    again = sent_template(read_file(content.getvalue(), "a.xlsx"), known)
    assert again is not None
    assert "numerator" not in again.layout.at


def test_the_former_heading_of_the_indicators_is_understood(known: Known, framework: Framework) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(framework, "2022", known.units.all[UNIT])))
    heading = next(c for row in book.worksheets[0].iter_rows() for c in row if c.value == "Chỉ số thành phần")
    heading.value = "Chỉ tiêu"
    content = io.BytesIO()
    book.save(content)
    assert sent_template(read_file(content.getvalue(), "a.xlsx"), known) is not None
    heading.value = "Tên khác"
    book.save(content := io.BytesIO())
    assert sent_template(read_file(content.getvalue(), "a.xlsx"), known) is None


def test_a_sheet_without_the_columns_is_read_as_before(known: Known) -> None:
    parsed = parse(HOME.read_bytes(), known)
    assert set(parsed.observations["measure"]) <= {"points", "value"}
    assert parsed.quarantine.is_empty()
