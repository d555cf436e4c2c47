"""One submission in three formats, whose it is, and what an export from another system gives."""

import csv
import datetime as dt
import hashlib
import io
import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dti_platform.feeds import Known, Parsed, Received, read_apart
from dti_platform.feeds import read as read_received
from tests.feeds.drafts import HOME, Draft, Value
from tests.feeds.exported import framework_of_export
from tests.stand_ins import of_others

pytestmark = pytest.mark.usefixtures("one_child_for_all")

#: Where a value was read, which no two formats have in common.
PLACE = ("file", "file_name", "locator", "raw")


def read(content: bytes, known: Known, name: str, period: str = "2022", sender: str | None = None) -> Parsed:
    sha256 = hashlib.sha256(content).hexdigest()
    received = Received("self_assessment", period, name, sha256, content, sender=sender)
    return read_received(next(read_apart([received], known)), known)


def said(parsed: Parsed) -> dict[str, object]:
    return parsed.submissions.row(0, named=True)


def as_bytes(parsed: Parsed) -> bytes:
    return parsed.observations.drop(PLACE).sort("node", "basis").write_csv().encode()


def test_a_workbook_csv_and_json_of_one_submission_give_the_same_observations_to_the_byte(known: Known) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Minh chứng/Ghi chú", 'Quyết định số 922/QĐ-BTTTT\nngày 20/5/2022; "=1+1"')
    found = [read(getattr(draft, kind)(), known, f"sheet.{kind}") for kind in ("xlsx", "csv", "json")]
    assert [said(each)["status"] for each in found] == ["accepted"] * 3
    assert [each.observations.height for each in found] == [98] * 3
    assert as_bytes(found[0]) == as_bytes(found[1]) == as_bytes(found[2])
    named = found[0].observations.filter(node="1.2").select("document_number", "document_date").unique()
    assert named.rows() == [("922/QĐ-BTTTT", "2022-05-20")]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_sheet_saved_with_the_delimiter_of_the_country_gives_the_same(known: Known, mark: str) -> None:
    content = Draft.of(HOME.read_bytes()).csv()
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark).writerows(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    as_declared, found = read(content, known, "sheet.csv"), read(text.getvalue().encode(), known, "sheet.csv")
    assert as_bytes(found) == as_bytes(as_declared)
    assert len(found.remarks) == len(as_declared.remarks) + 1
    assert "dòng tiêu đề cho thấy" in found.remarks[0].text.vi


#: What a person may put into a cell of a score, and of its evidence.
SCORES: tuple[Value, ...] = (
    None, 0, 1, 8, 10, 1e-05, 0.1, 2.5, 8.0, 9.999, 1e-07, 12.5, -0.0, -1, True, False, dt.date(2022, 5, 8), "8,5",
    "8\u00a0", "8,50", "1e-05", "gần 8", "8.5", "0.123", "-0", "2.255", "", " ", "\u200b8", "đạt", "5\n", "NaN",
    " 8 ", "0,00001",
)  # fmt: skip
EVIDENCE: tuple[Value, ...] = (
    None, 0, 7, 12.5, 3.0, 1e-05, True, False, 123_456_789, dt.date(1950, 1, 1), dt.date(2023, 2, 5), "", " ", "\n",
    "05/02/2023", "2023-02-05", "12/QĐ-UBND", '=1+1; "x"', "a\nb", "a\r\nb", " a\u00a0b ", "\tx", "x\u200b", "x,y;z",
    unicodedata.normalize("NFD", "Hoà, số 5/BC-UBND\nngày 01/02/2023"), "Ðề án", "'x", "12,5", "TRUE", "_x000D_",
)  # fmt: skip


@pytest.mark.parametrize("drafts", [4, pytest.param(12, marks=pytest.mark.heavy)])
def test_whatever_is_filled_in_three_formats_give_the_same_observations(known: Known, drafts: int) -> None:
    chance, home = random.Random(7), HOME.read_bytes()
    for _ in range(drafts):
        draft = Draft.of(home)
        for row in (row for row in draft.rows if "." in str(row[0])):
            for header, values in (("Tự đánh giá", SCORES), ("Thẩm định", SCORES), ("Minh chứng/Ghi chú", EVIDENCE)):
                row[draft.column(header)] = chance.choice(values)
        found = [read(getattr(draft, kind)(), known, f"sheet.{kind}") for kind in ("xlsx", "csv", "json")]
        first, *others = (each.observations.drop(PLACE).sort("node", "basis") for each in found)
        held, *also = (each.quarantine.select("node", "reason").sort("node", "reason").rows() for each in found)
        for other, too in zip(others, also, strict=True):
            assert_frame_equal(first, other)
            assert held == too
        assert as_bytes(found[0]) == as_bytes(found[1]) == as_bytes(found[2])


def test_what_is_typed_is_written_as_people_write_it(known: Known) -> None:
    draft = Draft.of(HOME.read_bytes())
    for code, value in (("1.2", dt.date(2023, 2, 5)), ("1.3", 12.5), ("1.4", "a\r\nb")):
        draft.put(code, "Minh chứng/Ghi chú", value)
    for kind in ("xlsx", "csv", "json"):
        rows = read(getattr(draft, kind)(), known, f"sheet.{kind}").observations.filter(basis="self")
        found = {row["node"]: (row["document"], row["document_date"]) for row in rows.to_dicts()}
        assert [found[code] for code in ("1.2", "1.3", "1.4")] == [
            ("05/02/2023", "2023-02-05"), ("12,5", None), ("a\nb", None)
        ]  # fmt: skip


def second_sheet(draft: Draft) -> None:
    draft.rows += [["Mã đơn vị", "VN63-01", *[None] * (len(draft.header) - 2)]]


def column_of_units(draft: Draft) -> None:
    draft.header.append("Mã đơn vị")
    for at, row in enumerate(draft.rows):
        row.append(("VN63-19", "VN63-01")[at % 2])


def other_time(draft: Draft) -> None:
    draft.say("Mã đơn vị", "VN34-19")


def two_periods(draft: Draft) -> None:
    draft.title.append(("Kỳ", "2021"))


def two_frameworks(draft: Draft) -> None:
    draft.title.append(("Bộ chỉ số: 2323", None))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (second_sheet, "two_units"),
        (column_of_units, "two_units"),
        (other_time, "wrong_geography"),
        (two_periods, "wrong_period"),
        (two_frameworks, "contradiction"),
    ],
)
def test_what_can_not_be_one_submission_is_refused(known: Known, change: Callable[[Draft], None], reason: str) -> None:
    draft = Draft.of(HOME.read_bytes())
    change(draft)
    found = said(read(draft.xlsx(), known, "sheet.xlsx"))
    assert (found["status"], str(found["reason"]).partition(":")[0]) == ("refused", reason)


@pytest.mark.parametrize(
    "label", ["\u00d0ơn vị: {}", "Tên đơn vị: {}", "TÊN ĐƠN VỊ : {}", "Đơn vị báo cáo: {}", "Tỉnh, thành phố: {}"]
)
def test_a_label_in_any_spelling_says_whose_sheet_it_is(known: Known, label: str) -> None:
    for name, reason in (("Hà Nội", "two_units"), ("UBND tỉnh Thái nguyên", None)):
        draft = Draft.of(HOME.read_bytes())
        draft.title.insert(0, (label.format(name), None))
        told = said(read(draft.xlsx(), known, "sheet.xlsx"))["reason"]
        assert told is None if reason is None else str(told).startswith(reason)


def test_a_label_alone_that_contradicts_the_code_is_refused(known: Known) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.title = [(label, value) for label, value in draft.title if label != "Đơn vị"]
    draft.title.insert(0, ("T\u00ean \u0111\u01a1n v\u1ecb: Hà Nội", None))
    assert str(said(read(draft.xlsx(), known, "sheet.xlsx"))["reason"]).startswith("wrong_sender")


def test_headers_and_marks_count_in_any_spelling(known: Known) -> None:
    """A header with Eth for Đ is the header; synthetic figures that say so in NFD stay illustrative."""
    draft = Draft.of(HOME.read_bytes())
    draft.header[draft.column("Điểm tối đa")] = "\u00d0iểm tối \u00f0a"
    draft.title[:] = [(unicodedata.normalize("NFD", label), value) for label, value in draft.title]
    for kind in ("xlsx", "csv"):
        found = read(getattr(draft, kind)(), known, f"sheet.{kind}")
        assert found.observations.height == 98
        assert set(found.observations["evidence"]) == {"illustrative"}


@pytest.mark.parametrize("code", ["VN63-19", None])
@pytest.mark.parametrize(
    ("name", "vi", "en"),
    [
        (
            "Thái Nguyem",
            "Không có đơn vị nào mang tên này trong kỳ báo cáo; gần giống: Thái Nguyên",
            "No unit of the period bears this name; close to it: Thái Nguyên",
        ),
        (
            "Thá\u0456 Nguyên",
            "Tên có ký tự của hệ chữ khác lẫn vào; gần giống: Thái Nguyên",
            "The name mixes in letters of another script; close to it: Thái Nguyên",
        ),
        (
            "Hà Tây",
            "Tên này thuộc danh mục đơn vị của thời kỳ khác; gần giống: Hà Nội",
            "This name belongs to the units",
        ),
        ("Sao Hỏa 9", "Không có đơn vị nào mang tên này trong kỳ báo cáo", "No unit of the period bears this name"),
    ],
)
def test_a_name_that_means_no_unit_is_told_why_and_what_is_close_to_it(
    known: Known, code: str | None, name: str, vi: str, en: str
) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.say("Mã đơn vị", code)
    draft.say("Đơn vị", name)
    reason = str(said(read(draft.csv(), known, "sheet.csv"))["reason"])
    assert reason.startswith("wrong_sender: ")
    assert name in reason
    assert vi in reason
    assert en in reason


def test_a_sheet_without_name_and_code_is_told_so(known: Known) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.say("Mã đơn vị", None)
    draft.say("Đơn vị", None)
    assert "gives neither name nor code" in str(said(read(draft.xlsx(), known, "sheet.xlsx"))["reason"])


def test_a_province_of_another_time_is_told_which_one_the_period_asks_for(known: Known) -> None:
    draft = Draft.of(HOME.read_bytes())
    other_time(draft)
    assert "VN63-19" in str(said(read(draft.xlsx(), known, "sheet.xlsx"))["reason"])


def test_a_named_sender_must_be_the_sheet_s_unit(known: Known) -> None:
    assert said(read(HOME.read_bytes(), known, "sheet.xlsx", sender="VN63-19"))["status"] == "accepted"
    assert str(said(read(HOME.read_bytes(), known, "sheet.xlsx", sender="VN63-01"))["reason"]).startswith(
        "wrong_sender"
    )


@pytest.fixture
def export() -> bytes:
    return of_others("reference/shape_commune_selfassessment_62.csv")


@pytest.fixture
def as_exported(known: Known, export: bytes, tmp_path: Path) -> Known:
    return framework_of_export(export, known, tmp_path)


def test_an_export_of_another_system_reads_whole(as_exported: Known, export: bytes) -> None:
    """Codes stay text (4.1 and 4.10 are two), a decimal point is declared by the field names, no cell is lost."""
    found = read(export, as_exported, "export.csv", "2025", "VN63-19")
    assert (said(found)["status"], said(found)["reason"], found.quarantine.height) == ("accepted", None, 0)
    rows = list(csv.DictReader(io.StringIO(export.decode())))
    values = {row["node"]: row["value"] for row in found.observations.to_dicts()}
    assert values == {row["code"]: float(row["self_score"]) for row in rows}
    quoted = {each.node: each.value for each in found.quotations}
    assert quoted == {row["code"]: float(row["verified_score"]) for row in rows}
    filled = sum(bool(text.strip()) for row in csv.reader(io.StringIO(export.decode())) for text in row)
    assert said(found)["cells"] - said(found)["blank"] == filled  # type: ignore[operator]
    assert found.observations.filter(pl.col("document").is_null(), basis="self").height == 33
