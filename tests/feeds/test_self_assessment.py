"""Self-assessments: what a sheet gives, what is held back, and what is refused."""

import csv
import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from dti_platform.feeds import RULE, Known, Parsed, Received, read
from dti_platform.feeds.self_assessment import code_said
from dti_platform.feeds.sheet.template import Before, template
from dti_platform.reading import read_top
from dti_platform.tables import Observations, Quarantine, Submissions, meets
from tests.feeds.drafts import Draft, Value

FOLDER = Path(__file__).parents[2] / "data" / "feeds" / "self_assessment" / "2022"
HOME = FOLDER / "VN63-19.xlsx"
Edit = Callable[[Draft], None]


def parse(content: bytes, known: Known, period: str = "2022", rule: str = RULE) -> Parsed:
    sha256 = hashlib.sha256(content).hexdigest()
    received = Received("self_assessment", period, "sheet.xlsx", sha256, content, rule=rule)
    parsed = read(received, known)
    assert meets(Observations, parsed.observations)
    assert meets(Quarantine, parsed.quarantine)
    assert meets(Submissions, parsed.submissions)
    return parsed


def edited(*edits: Edit, source: bytes | None = None) -> bytes:
    draft = Draft.of(source or HOME.read_bytes())
    for edit in edits:
        edit(draft)
    return draft.xlsx()


def place(sheet: Worksheet, code: str, header: str) -> str:
    """The address of a cell, by its row's code and its column's header."""
    head = next(row for row in sheet.iter_rows() if row[0].value == "Mã")
    column = next(cell.column_letter for cell in head if cell.value == header)
    row = next(row[0].row for row in sheet.iter_rows(min_row=head[0].row) if str(row[0].value) == code)
    return f"{column}{row}"


def put(code: str, header: str, value: Value) -> Edit:
    return lambda draft: draft.put(code, header, value)


def title(label: str, value: str | None) -> Edit:
    return lambda draft: draft.say(label, value)


def row(*values: Value) -> Edit:
    """A row at the end."""
    return lambda draft: draft.rows.append([*values])


def one(parsed: Parsed, node: str, basis: str) -> dict[str, object] | None:
    rows = parsed.observations.filter(pl.col("node") == node, pl.col("basis") == basis).to_dicts()
    assert len(rows) <= 1
    return rows[0] if rows else None


def submission(parsed: Parsed) -> dict[str, object]:
    return parsed.submissions.row(0, named=True)


def test_a_clean_sheet_is_taken_whole_and_gives_self_scores_alone(known: Known) -> None:
    parsed = parse(HOME.read_bytes(), known)
    said = submission(parsed)
    assert (said["status"], said["sender"], said["framework"], said["reason"]) == ("accepted", "VN63-19", "922", None)
    assert parsed.quarantine.is_empty()
    assert parsed.observations["basis"].value_counts(sort=True).rows() == [("self", 98)]
    assert parsed.quotations == ()
    assert parsed.observations["source"].unique().to_list() == ["submission VN63-19"]
    assert parsed.observations["unit"].unique().to_list() == ["VN63-19"]
    assert parsed.observations["evidence"].unique().to_list() == ["illustrative"]


def test_every_cell_is_seen_by_an_independent_reader_too(known: Known) -> None:
    sheet = openpyxl.load_workbook(HOME).active
    filled = sum(cell.value is not None for row in sheet.iter_rows() for cell in row)
    said = submission(parse(HOME.read_bytes(), known))
    assert said["cells"] - said["blank"] == filled  # type: ignore[operator]
    for code in ("1.1", "4.1", "4.10", "9.8"):
        row = one(parse(HOME.read_bytes(), known), code, "self")
        assert row is not None
        assert row["value"] == sheet[place(sheet, code, "Tự đánh giá")].value
        assert row["locator"] == f"Tự đánh giá!{place(sheet, code, 'Tự đánh giá')}"


QUOTED = (put("1.2", "Thẩm định", 7.5), put("6.1", "Thẩm định", 3), put("1.3", "Thẩm định", "đạt"))


def with_final(draft: Draft) -> None:
    """A further column, of final scores."""
    draft.header.append("Kết quả cuối cùng")
    for row in draft.rows:
        row.append(8 if row[0] == "1.2" else None)


def test_a_verified_or_final_score_in_a_unit_s_sheet_is_a_quotation_and_never_counts(known: Known) -> None:
    clean, parsed = parse(HOME.read_bytes(), known), parse(edited(*QUOTED, with_final), known)
    said, before = submission(parsed), submission(clean)
    assert parsed.observations.drop("file").equals(clean.observations.drop("file"))
    assert (said["status"], said["accepted"], said["header"]) == ("accepted", before["accepted"], 1 + before["header"])  # type: ignore[operator]
    assert said["note"] == before["note"] + 4, "every cell has its fate"  # type: ignore[operator]
    assert [each[:4] for each in parsed.quotations] == [
        ("VN63-19", "1.2", "verified", 7.5), ("VN63-19", "1.2", "final", 8), ("VN63-19", "1.3", "verified", None),
        ("VN63-19", "6.1", "verified", 3),
    ]  # fmt: skip
    assert parsed.quotations[0].locator.startswith("Tự đánh giá!F")


def test_a_sheet_that_came_before_the_verifier_had_a_feed_keeps_its_rule(known: Known) -> None:
    parsed = parse(edited(*QUOTED, with_final), known, rule="")
    assert [(one(parsed, "1.2", basis) or {})["value"] for basis in ("verified", "final")] == [7.5, 8]
    assert parsed.quarantine.select("node", "reason").rows() == [("1.3", "not_a_number")]
    assert parsed.quotations == ()


def test_an_unscored_row_counts_something_and_gives_no_points(known: Known) -> None:
    parsed = parse(HOME.read_bytes(), known)
    unscored = parsed.observations.filter(pl.col("node").str.starts_with("6."))
    assert unscored.select("measure", "unit_measure").unique().rows() == [("value", "count")]
    assert parsed.observations.filter(pl.col("measure") == "points").height == 95


def test_the_document_is_kept_as_received_with_its_line_breaks(known: Known) -> None:
    said = "Báo cáo số 12/BC,\n  ngày 01/02/2023"
    parsed = parse(edited(put("1.2", "Minh chứng/Ghi chú", said)), known)
    assert (one(parsed, "1.2", "self") or {})["document"] == said


def test_an_empty_cell_is_missing_and_never_zero(known: Known) -> None:
    parsed = parse(edited(put("1.2", "Tự đánh giá", None)), known)
    assert one(parsed, "1.2", "self") is None
    assert one(parsed, "1.3", "self") is not None
    assert parsed.quarantine.is_empty()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (10.001, "out_of_range"),
        (-0.25, "out_of_range"),
        ("đạt", "not_a_number"),
        ("8.5.0", "ambiguous_number"),
        ("gần 8", "not_exact"),
        ("> 8", "not_exact"),
        ("dưới 8", "not_exact"),
        ("1e-05", "not_a_number"),
        (True, "not_a_number"),
    ],
)
def test_a_cell_that_is_no_score_is_held_back_alone(known: Known, value: Value, reason: str) -> None:
    parsed = parse(edited(put("1.2", "Tự đánh giá", value)), known)
    held = parsed.quarantine.row(0, named=True)
    assert parsed.quarantine.height == 1
    assert (held["reason"], held["unit"], held["node"]) == (reason, "VN63-19", "1.2")
    assert held["locator"].startswith("Tự đánh giá!E")
    assert all(held[words] for words in ("reason_vi", "reason_en", "mend_vi", "mend_en"))
    assert one(parsed, "1.2", "self") is None
    assert parsed.observations.height == 98 - 1


@pytest.mark.parametrize(
    ("value", "reason"), [("trên 10", "not_exact"), ("gần 10", "not_exact"), (9, "maximum_differs")]
)
def test_a_maximum_is_one_exact_number(known: Known, value: Value, reason: str) -> None:
    parsed = parse(edited(put("1.2", "Điểm tối đa", value)), known)
    assert set(parsed.quarantine["reason"]) == {reason, "held_with_row"}


@pytest.mark.parametrize(
    ("value", "reason"), [(1.5, "not_whole"), ("khoảng 3", "not_exact"), ("2.000", "ambiguous_number")]
)
def test_what_is_counted_is_a_whole_number(known: Known, value: Value, reason: str) -> None:
    parsed = parse(edited(put("6.1", "Tự đánh giá", value)), known)
    assert parsed.quarantine["reason"].to_list() == [reason]
    assert one(parsed, "6.1", "self") is None


@pytest.mark.parametrize(("value", "score"), [("8.5", 8.5), ("0.123", 0.123), ("9.750", 9.75), ("+1.234", 1.234)])
def test_a_number_that_its_range_leaves_one_reading_is_read_so_and_said(known: Known, value: str, score: float) -> None:
    """The points go from 0 to 10: with the point as a thousands mark there is none of these."""
    parsed = parse(edited(put("1.2", "Tự đánh giá", value)), known)
    assert (one(parsed, "1.2", "self") or {})["value"] == score
    assert parsed.quarantine.is_empty()
    (remark,) = (each for each in parsed.remarks if each.reason == "read_by_range")
    assert remark.locator == "Tự đánh giá!E13"
    assert (f"{score:g}" in remark.text.en, f"{score:g}".replace(".", ",") in remark.text.vi) == (True, True)


def test_a_csv_with_decimal_points_is_read_whole(known: Known) -> None:
    """As an English spreadsheet saves it: maxima, scores, sums and differences have points below Vietnamese headers."""
    with_commas = Draft.of(HOME.read_bytes()).csv()
    rows = csv.reader(io.StringIO(with_commas.decode("utf-8-sig")))
    with_points = io.StringIO()
    csv.writer(with_points).writerows([re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell) for cell in row] for row in rows)
    parsed, as_declared = (
        read(Received("self_assessment", "2022", "phieu.csv", "0" * 64, content), known)
        for content in (with_points.getvalue().encode(), with_commas)
    )
    columns = ["node", "basis", "value"]
    assert parsed.observations.select(columns).equals(as_declared.observations.select(columns))
    fractions = parsed.observations.filter(pl.col("raw").str.contains(".", literal=True))
    assert sorted(each.locator or "" for each in parsed.remarks) == sorted(fractions["locator"])
    assert {each.reason for each in parsed.remarks} == {"read_by_range"}


def test_text_in_the_declared_convention_is_a_number(known: Known) -> None:
    assert (one(parse(edited(put("1.2", "Tự đánh giá", "8,5")), known), "1.2", "self") or {})["value"] == 8.5


def test_an_unknown_code_holds_its_row_back_whole(known: Known) -> None:
    parsed = parse(edited(put("1.2", "Mã", "1.99")), known)
    assert set(parsed.quarantine["reason"]) == {"unknown_node", "held_with_row"}
    assert parsed.observations.height == 97


def test_a_code_stored_as_a_number_is_never_guessed(known: Known) -> None:
    parsed = parse(edited(put("4.10", "Mã", 4.1)), known)
    reasons = parsed.quarantine.filter(pl.col("raw") == "4.1")["reason"].to_list()
    assert reasons == ["code_as_number"]
    assert one(parsed, "4.1", "self") is not None, "the row whose code is text is another row, and counts"
    assert one(parsed, "4.10", "self") is None


def test_a_code_that_stands_twice_holds_both_rows_back(known: Known) -> None:
    parsed = parse(edited(put("1.2", "Mã", "1.3")), known)
    assert parsed.quarantine["reason"].to_list().count("repeated_value") == 2
    assert one(parsed, "1.3", "self") is None


def test_another_maximum_than_the_frameworks_holds_the_row_back(known: Known) -> None:
    parsed = parse(edited(put("1.2", "Điểm tối đa", 20)), known)
    assert "maximum_differs" in parsed.quarantine["reason"].to_list()
    assert one(parsed, "1.2", "self") is None


def test_printed_sums_and_differences_are_compared_and_never_taken(known: Known) -> None:
    parsed = parse(edited(put("1", "Tự đánh giá", 1), put("1.2", "Thẩm định", 5), put("1.2", "Chênh lệch", 99)), known)
    said = submission(parsed)
    assert said["status"] == "accepted"
    assert parsed.quarantine.is_empty()
    assert "prints 1, the rows give" in str(said["reason"])
    assert "prints 99, the rows give" in str(said["reason"])
    assert "ghi 99, cộng lại là" in str(said["reason"])
    assert parsed.observations.filter(pl.col("node") == "1").is_empty()


def test_a_printed_sum_with_a_word_before_it_is_no_exact_number(known: Known) -> None:
    told = [each.text.en for each in parse(edited(put("1", "Thẩm định", "gần 80")), known).remarks]
    assert len(told) == 1
    assert "'gần 80', which is not an exact number" in told[0]


def test_a_printed_pillar_is_compared_with_its_overlapping_parts(known: Known) -> None:
    def pillar(points: float) -> Edit:
        return row("CQS", "Chính quyền số", None, 700, points)

    rows = parse(HOME.read_bytes(), known).observations.filter(
        pl.col("basis") == "self", pl.col("measure") == "points", pl.col("node").str.contains(r"^[1-57]\.")
    )
    points = round(rows["value"].sum(), 3)
    assert submission(parse(edited(pillar(points)), known))["reason"] is None
    assert f"the rows give {points}" in str(submission(parse(edited(pillar(points + 1)), known))["reason"])


def test_a_moved_table_is_found_by_its_headers_and_a_strange_column_is_said(known: Known) -> None:
    book, content = openpyxl.load_workbook(HOME), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.insert_rows(1, 4)
    sheet.insert_cols(1, 2)
    head = next(row for row in sheet.iter_rows() if row[2].value == "Mã")
    sheet.cell(head[0].row, 15).value = "Ý kiến"
    sheet.cell(head[0].row + 3, 15).value = "xem lại"
    book.save(content)
    parsed = parse(content.getvalue(), known)
    assert parsed.observations.height == 98
    assert parsed.quarantine.is_empty()
    assert [remark.reason for remark in parsed.remarks] == ["unknown_column"]
    assert "Cột 'Ý kiến' nằm ngoài mẫu" in parsed.remarks[0].text.vi


def test_notes_below_the_table_are_notes(known: Known) -> None:
    parsed = parse(edited(row("Ghi chú: số liệu đến 31/12/2022")), known)
    assert parsed.quarantine.is_empty()
    assert parsed.observations.height == 98


def twice(draft: Draft) -> None:
    draft.others = draft.records()


def without_header(draft: Draft) -> None:
    draft.header[draft.column("Mã")] = "Số"


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (title("Mã đơn vị", "VN63-99"), "wrong_sender"),
        (title("Mã đơn vị", "VN63"), "wrong_sender"),
        (title("Mã đơn vị", "VN63-01"), "wrong_sender"),
        (title("Đơn vị", "Thái Bình"), "wrong_sender"),
        (title("Kỳ", "2021"), "wrong_period"),
        (title("Kỳ", None), "wrong_period"),
        (title("Bộ chỉ số", "2323"), "wrong_framework"),
        (twice, "several_tables"),
        (without_header, "header_missing"),
    ],
)
def test_a_sheet_that_can_not_be_placed_is_refused_with_the_reason(known: Known, edit: Edit, reason: str) -> None:
    said = submission(parse(edited(edit), known))
    assert said["status"] == "refused"
    assert str(said["reason"]).startswith(f"{reason}: ")


def test_a_name_alone_tells_the_sender_where_it_means_one_unit(known: Known) -> None:
    said = submission(parse(edited(title("Mã đơn vị", None), title("Đơn vị", "UBND tỉnh Thái Nguyên")), known))
    assert said["sender"] == "VN63-19"


def test_a_period_without_a_framework_is_refused(known: Known) -> None:
    said = submission(parse(edited(title("Kỳ", "2019")), known, "2019"))
    assert str(said["reason"]).startswith("no_framework: ")


@pytest.mark.parametrize(
    ("label", "value", "code"),
    [
        ("Mã đơn vị", "VN63-01", "VN63-01"),
        ("Mã đơn vị", None, None),
        ("Unit code", "VN63-01", None),
        ("Ghi chú", "Mã đơn vị: VN63-19", "VN63-19"),
    ],
)
def test_a_title_tells_whose_a_sheet_can_be_where_it_states_one_code(label: str, value: str | None, code: str) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.title = draft.title[1:]
    draft.say(label, value)
    assert code_said(read_top(draft.xlsx(), "a.xlsx", 8)) == code


def test_a_title_tells_nothing_where_there_is_another_sheet() -> None:
    book = read_top(HOME.read_bytes(), "a.xlsx", 8)
    assert code_said(book) == "VN63-19"
    assert code_said(replace(book, sheets=book.sheets * 2)) is None


def test_a_sheet_of_main_indices_alone_is_read_by_the_framework_as_decided(known: Known) -> None:
    framework = known.frameworks.get("922", "provincial")
    content = template(framework, "2022", known.units.all["VN63-19"])
    edits = (put("1", "Tự đánh giá", 80), put("9", "Tự đánh giá", 100.5))
    parsed = parse(edited(*edits, source=content), known)
    assert (one(parsed, "1", "self") or {})["value"] == 80
    assert (one(parsed, "9", "self") or {})["value"] == 100.5
    assert parsed.observations["evidence"].unique().to_list() == ["official"]


@pytest.mark.parametrize(
    "mark",
    [
        "Synthetic data – not official figures",
        "SYNTHETIC DATA – not official figures",
        "DỮ LIỆU GIẢ LẬP – không phải số liệu chính thức",
        "DỮ LIỆU TỔNG HỢP – không phải số liệu chính thức",
        "Ghi chú: dữ liệu tổng hợp – không phải số liệu chính thức!",
    ],
)
def test_a_sheet_that_says_anywhere_that_it_is_synthetic_is_illustrative(known: Known, mark: str) -> None:
    """In the words of today, or in the former ones: a landed file with those alone never turns official."""
    framework = known.frameworks.get("922", "provincial")
    content = template(framework, "2022", known.units.all["VN63-19"])

    def say(draft: Draft) -> None:
        draft.others = [[mark]]

    parsed = parse(edited(put("1", "Tự đánh giá", 80), say, source=content), known)
    assert submission(parsed)["evidence"] == "illustrative"
    assert parsed.observations["evidence"].to_list() == ["illustrative"]


@pytest.mark.parametrize("version", ["922", "1726"])
def test_an_empty_template_says_nothing_and_loses_no_cell(known: Known, version: str) -> None:
    framework = known.frameworks.overlaid(known.frameworks.get(version, "provincial"))
    period = framework.in_force[0][0]
    last = {framework.leaves()[0].code: Before(framework.inputs[0].max_points, "minh họa / illustrative")}
    parsed = parse(template(framework, period, known.units.all["VN63-19"], last), known, period)
    assert submission(parsed)["status"] == "accepted"
    assert parsed.observations.is_empty()
    assert parsed.quarantine.is_empty()


def test_a_template_is_locked_but_for_the_cells_to_fill(known: Known) -> None:
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    book = openpyxl.load_workbook(io.BytesIO(template(framework, "2022", known.units.all["VN63-19"])))
    sheet = book.worksheets[0]
    assert sheet.protection.sheet
    assert not sheet[place(sheet, "1.2", "Tự đánh giá")].protection.locked
    for header in ("Mã", "Chỉ số thành phần", "Điểm tối đa", "Thẩm định"):
        assert sheet[place(sheet, "1.2", header)].protection.locked
    assert sheet[place(sheet, "1", "Tự đánh giá")].protection.locked
    ranges = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert ranges[place(sheet, "2.1", "Tự đánh giá")].type == "list"
    assert float(ranges[place(sheet, "1.3", "Tự đánh giá")].formula2) == 10
    assert ranges[place(sheet, "1.3", "Trạng thái")].type == "list"
