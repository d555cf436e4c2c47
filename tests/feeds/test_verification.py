"""The verifier's table: what a row gives, whose it is, what is held back, and its template."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from dti_platform import feeds
from dti_platform.feeds import Known, Parsed, read
from dti_platform.feeds.blank import GUIDE, TABLE, Blank, guide_of, limits_of
from dti_platform.feeds.marks import FORMER, SYNTHETIC
from dti_platform.reading import read_file
from dti_platform.tables import Observations, meets
from tests.feeds.conftest import Receive

COMMITTED = Path(__file__).parents[2] / "data" / "feeds" / "verification" / "2022" / "922-provincial.csv"
HEADER = "unit_id,unit,period,code,name,maximum,self,verified,final,opinion"
Row = Mapping[str, str]


def table(*rows: Row, header: str = HEADER) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header.split(","), restval="")
    writer.writeheader()
    writer.writerows({"unit_id": "VN63-19", "code": "1.2", "verified": "7.5", **row} for row in rows)
    return text.getvalue().encode()


def reading(known: Known, receive: Receive, *rows: Row, period: str = "2022") -> Parsed:
    return read(receive("verification", period, table(*rows), "tham_dinh.csv"), known)


def given(parsed: Parsed) -> list[tuple[object, ...]]:
    return parsed.observations.select("unit", "node", "basis", "measure", "value").rows()


def test_a_row_gives_a_verified_and_a_final_score_with_the_opinion(known: Known, receive: Receive) -> None:
    parsed = reading(known, receive, {"final": "8", "opinion": "Đã bổ sung Số 12/BC-UBND ngày 05/02/2023"})
    assert given(parsed) == [("VN63-19", "1.2", "verified", "points", 7.5), ("VN63-19", "1.2", "final", "points", 8)]
    row = parsed.observations.row(0, named=True)
    assert (row["source"], row["geography"], row["framework"], row["peer_group"]) == (
        "verification",
        "VN63",
        "922",
        None,
    )
    assert (row["document_number"], row["document_date"]) == ("12/BC-UBND", "2023-02-05")
    assert meets(Observations, parsed.observations)


def test_a_self_score_in_it_is_a_quotation(known: Known, receive: Receive) -> None:
    parsed = reading(known, receive, {"self": "9"})
    assert given(parsed) == [("VN63-19", "1.2", "verified", "points", 7.5)]
    assert [each[:4] for each in parsed.quotations] == [("VN63-19", "1.2", "self", 9)]


def test_a_ministry_is_scored_in_its_group_and_a_score_that_is_not_given_is_missing(
    known: Known, receive: Receive
) -> None:
    framework = known.frameworks.for_period("2022", "MIN22", "DTI")
    assert framework
    codes = [node.code for node in framework.inputs[:2]]
    unit = next(unit.id for unit in known.units.members("MIN22") if known.units.group_of(unit.id, 2022))
    rows = [{"unit_id": unit, "code": code, "verified": points} for code, points in zip(codes, ("1", ""), strict=True)]
    parsed = reading(known, receive, *rows)
    assert parsed.observations.select("node", "geography", "peer_group").rows() == [
        (codes[0], "MIN22", known.units.group_of(unit, 2022))
    ]
    assert parsed.quarantine.is_empty()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"unit_id": "VN63-99"}, "unknown_unit"),
        ({"unit_id": "VN63"}, "unknown_unit"),
        ({"unit_id": ""}, "missing_value"),
        ({"unit": "Hà Nội"}, "name_of_another_unit"),
        ({"unit": "Thái Ngyên"}, "unknown_unit"),
        ({"period": "2021"}, "wrong_period"),
        ({"unit_id": "VN34-19"}, "no_framework"),
        ({"code": "1.99"}, "unknown_node"),
        ({"code": ""}, "missing_value"),
        ({"verified": "10.5"}, "out_of_range"),
        ({"verified": "7,5,0"}, "ambiguous_number"),
        ({"final": "đạt"}, "not_a_number"),
        ({"maximum": "20"}, "maximum_differs"),
    ],
)
def test_what_can_not_be_taken_is_held_back_and_the_row_beside_counts(
    known: Known, receive: Receive, row: Row, reason: str
) -> None:
    parsed = reading(known, receive, row, {"code": "1.3", "verified": "5"})
    assert reason in set(parsed.quarantine["reason"])
    assert ("VN63-19", "1.3", "verified", "points", 5) in given(parsed)
    assert not parsed.observations.filter(pl.col("node") == "1.2", pl.col("value") == 10.5).height


def test_a_row_that_stands_twice_is_held_back_twice(known: Known, receive: Receive) -> None:
    parsed = reading(known, receive, {}, {"verified": "8"})
    assert parsed.observations.is_empty()
    assert parsed.quarantine["reason"].to_list().count("repeated_value") == 2


def test_a_printed_sum_is_compared_and_never_taken(known: Known, receive: Receive) -> None:
    parsed = reading(known, receive, {}, {"code": "1", "verified": "9"})
    assert given(parsed) == [("VN63-19", "1.2", "verified", "points", 7.5)]
    assert [each.reason for each in parsed.remarks] == ["sum_differs"]
    assert "prints 9, the rows give 7.5" in parsed.remarks[0].text.en


@pytest.mark.parametrize("mark", [*SYNTHETIC, *FORMER])
def test_a_table_that_states_that_it_is_synthetic_is_illustrative(known: Known, receive: Receive, mark: str) -> None:
    """In the words of today or in former ones; main indices alone are of no made-up list."""
    official, made_up = (reading(known, receive, {"code": "1", "opinion": text}) for text in ("", mark))
    assert official.observations["evidence"].to_list() == ["official"]
    assert made_up.observations["evidence"].to_list() == ["illustrative"]


def test_a_table_says_its_period_where_all_rows_say_one(known: Known) -> None:
    period_said = feeds.discover()["verification"].period_said  # type: ignore[attr-defined]
    for periods, said in ((("2022", "2022"), "2022"), (("2022", "2021"), None), (("", ""), None)):
        content = table(*({"period": period} for period in periods))
        assert (
            period_said(read_file(content, "a.csv", feeds.form_of(feeds.discover()["verification"].FEED, known)))
            == said
        )


def test_the_template_of_a_framework_has_a_row_for_every_unit_and_indicator(known: Known, receive: Receive) -> None:
    module = feeds.discover()["verification"]
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    with COMMITTED.open(encoding="utf-8", newline="") as file:
        verified = {(row["unit_id"], row["code"]): float(row["verified"]) for row in csv.DictReader(file)}
    every = list(module.rows(known, framework, "2022", "VN63", {("VN63-19", "1.2", "self"): 9.0}))  # type: ignore[attr-defined]
    assert len(every) == 63 * 98
    assert {(row["unit_id"], row["code"]) for row in every} == verified.keys()
    printed = [row for row in every if row["unit_id"] in ("VN63-01", "VN63-19", "VN63-96")]
    further = limits_of(module, known, printed), guide_of(module)
    content = Blank(module.FEED, module.choices(known), printed, *further).workbook()  # type: ignore[attr-defined]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [TABLE, GUIDE]
    assert "Licence" not in str([cell.value for cell in book[GUIDE]["A"]])
    assert "bộ lọc" in str([cell.value for cell in book[GUIDE]["A"]])
    sheet = book.worksheets[0]
    assert sheet.auto_filter.ref == "A1:J295"
    assert sheet.protection.autoFilter is False, "the filter works though the sheet is locked"
    rules = {at: rule for rule in sheet.data_validations.dataValidation for at in rule.sqref.ranges}
    assert {(rule.type, rule.formula1, rule.formula2) for rule in rules.values()} >= {
        ("list", '"0,5,10"', None), ("decimal", "0", "10.0"),
    }  # fmt: skip
    assert sum(at.size["rows"] * at.size["columns"] for at in rules) == 2 * 3 * 98, "every score has its rule"
    header = [cell.value for cell in sheet[1]]
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == 3 * 98
    row = next(row for row in rows if (row[0].value, row[3].value) == ("VN63-19", "1.2"))
    assert [cell.value for cell in row[:7]] == ["VN63-19", "Thái Nguyên", "2022", "1.2", row[4].value, 10, 9]
    assert [cell.protection.locked for cell in row] == [True] * 7 + [False] * 3
    for row in rows:
        given = verified[str(row[0].value), str(row[3].value)]
        sheet.cell(row[0].row, header.index("Thẩm định") + 1).value = given
    filled = io.BytesIO()
    book.save(filled)
    parsed = read(receive("verification", "2022", filled.getvalue(), "tham_dinh.xlsx"), known)
    assert parsed.submissions["status"].to_list() == ["accepted"]
    assert {(row["unit"], row["node"]): row["value"] for row in parsed.observations.iter_rows(named=True)} == {
        (str(row["unit_id"]), str(row["code"])): verified[row["unit_id"], row["code"]] for row in printed
    }
