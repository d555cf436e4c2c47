"""Hostile and odd files at the desk, by the way that every file takes: refused with the reason or answered where it
stands, kept to the byte, and what is held stays."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from dti_platform.submissions.answer import Answer
from tests.feeds.drafts import HOME, Draft
from tests.reading.test_bombs import BOMBS, LIGHT
from tests.reading.test_encoding import WRITERS
from tests.submissions.defects import clean

pytestmark = pytest.mark.usefixtures("one_child_for_all", "scores_untold")


def offered(content: bytes) -> Offer:
    return Offer(content, "phieu.xlsx", "self_assessment", period="2022")


def draft(**said: str | dt.date) -> Draft:
    """The sheet of Thái Nguyên with lines of its title block set."""
    made = Draft.of(HOME.read_bytes())
    for label, value in said.items():
        made.say(label.replace("_", " "), value)
    return made


def alike() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for form in ("NFC", "NFD"):
            book.add_worksheet(unicodedata.normalize(form, "Số liệu")).write("A1", form)
    return buffer.getvalue()


def header_alone() -> bytes:
    made = draft()
    made.rows = []
    return made.csv()


def legacy(encoding: str) -> bytes:
    return b"Ma,Ten\n1," + WRITERS[encoding]("Tự đánh giá") + b"\n"


#: What the feed says of a file that is safe to read, and no sheet of its own.
NO_SHEET = "header_missing"
#: How it is made, and the reason with which it is refused.
FILES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    **{name: (make, NO_SHEET if end == "read" else end) for name, (make, end) in BOMBS.items() if name in LIGHT},
    "two sheets that look alike": (alike, "duplicate_sheet"),
    "windows-1258 that nothing shows": (lambda: legacy("windows-1258"), "not_utf8"),
    "TCVN3 that nothing shows": (lambda: legacy("tcvn3"), "not_utf8"),
    "VNI that nothing shows": (lambda: legacy("vni"), "not_utf8"),
    "NUL in a text": (lambda: b"a\x00,b\n", "not_text"),
    "a quote that is never closed, small": (lambda: b'a,b\n"1,2\n', "damaged"),
    "a header alone": (header_alone, "nothing_given"),
    "a Cyrillic і": (lambda: draft(Đơn_vị="Thá\u0456 Nguyên").xlsx(), "wrong_sender"),
    "a misspelt province": (lambda: draft(Đơn_vị="Thái Nguên").xlsx(), "wrong_sender"),
    "JSON too deep": (lambda: b"[" * 100 + b"]" * 100, "too_deep"),
    "a key twice": (
        lambda: draft().json().replace(b'"Phi\xe1\xba\xbfu"', '"Đơn vị": "Huế", "Phiếu"'.encode()),
        "duplicate_key",
    ),
}


class Served(NamedTuple):
    """What was handed in after a sheet that is held, with its answers, and the answer to the same sheet at the end."""

    store: Store
    contents: dict[str, bytes]
    answers: dict[str, Answer]
    again: Answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, known: Known) -> Served:
    """All in one batch, as a full inbox brings them."""
    store = Store(tmp_path_factory.mktemp("data"))
    contents = {name: make() for name, (make, _) in FILES.items()}
    offers = [offered(content) for content in (HOME.read_bytes(), *contents.values(), HOME.read_bytes())]
    _, *answers, again = [each.answer for each in Desk(store, known).serve(offers)]
    return Served(store, contents, dict(zip(FILES, answers, strict=True)), again)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_answered_and_kept_and_moves_nothing(name: str, served: Served) -> None:
    answer, reason = served.answers[name], FILES[name][1]
    assert answer.refusal is not None
    assert answer.refusal.reason == reason
    assert all((*answer.refusal.why, *answer.refusal.detail))
    assert served.store.landing.read(answer.sha256) == served.contents[name]
    assert answer.receipt in {each.number for each in served.store.landing.receipts()}
    assert (served.again.outcome, served.again.receipt) == ("unchanged", 1)
    assert [each.number for each in served.store.landing.standing()] == [1]


def edited(edit: Callable[[Worksheet, int], None]) -> bytes:
    """The clean sheet, changed by a function that gets the row of indicator 1.2."""
    book = openpyxl.load_workbook(io.BytesIO(clean().xlsx()))
    sheet = book.worksheets[0]
    edit(sheet, next(row[0].row for row in sheet.iter_rows() if row[0].value == "1.2"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def error_cell(sheet: Worksheet, row: int) -> None:
    sheet.cell(row, 5).value = "#DIV/0!"


def merged_cells(sheet: Worksheet, row: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=5, end_column=5)


@pytest.mark.parametrize(
    ("edit", "reason", "place"),
    [
        pytest.param(error_cell, "formula_error", "Tự đánh giá!E13", id="#DIV/0!"),
        pytest.param(merged_cells, "merged_score", "Tự đánh giá!E13", id="two scores merged into one"),
    ],
)
def test_a_hostile_cell_is_answered_where_it_stands(
    desk: Desk, edit: Callable[[Worksheet, int], None], reason: str, place: str
) -> None:
    answer = serve(desk, edited(edit))
    assert (reason, place) in {(each.reason, each.locator) for each in answer.findings}


def serve(desk: Desk, content: bytes) -> Answer:
    return next(desk.serve([offered(content)])).answer


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param("VN63-19", unicodedata.normalize("NFD", "Thái Nguyên"), id="NFD"),
        pytest.param("VN63-19", "Thái\u00a0Nguyên", id="NBSP"),
        pytest.param("VN63-19", "Th\u200bái Nguyên\ufeff", id="zero-width"),
        pytest.param("VN63-17", "Hoà Bình", id="Hoà for Hòa"),
        pytest.param("VN63-66", "\u00d0ắk Lắk", id="Ð for Đ"),
    ],
)
def test_a_sender_is_known_however_its_name_is_typed(desk: Desk, code: str, name: str) -> None:
    answer = serve(desk, draft(Mã_đơn_vị=code, Đơn_vị=name).xlsx())
    assert answer.sender is not None
    assert (answer.outcome, answer.sender.unit) == ("accepted", code)


def in_1904(content: bytes, day: dt.date) -> bytes:
    """The same workbook by the other calendar, with the day of issue as its serial number there."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.epoch = CALENDAR_MAC_1904
    next(row for row in book.worksheets[0].iter_rows() if row[0].value == "Ngày lập")[1].value = day
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_the_day_of_issue_is_the_same_in_both_calendars(desk: Desk) -> None:
    """Typed as 01/06/2023, the day is the first of June: a sheet of the 31st of May, by either calendar, is older."""
    assert serve(desk, draft(Ngày_lập="01/06/2023").xlsx()).outcome == "accepted"
    may = dt.date(2023, 5, 31)
    for content in (draft(Ngày_lập=may).xlsx(), in_1904(draft(Ngày_lập=may).xlsx(), may), draft(Ngày_lập=may).csv()):
        answer = serve(desk, content)
        assert answer.refusal is not None
        assert answer.refusal.reason == "older_than_held"
        assert "2023-05-31" in answer.refusal.detail.en


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"], ids=["CR", "LF", "CRLF"])
def test_lines_may_end_in_any_way(desk: Desk, end: bytes) -> None:
    answer = serve(desk, clean().csv().replace(b"\r\n", end))
    assert (answer.outcome, answer.counted["new"], answer.errors) == ("accepted", 98, ())


def test_a_huge_integer_of_json_is_held_in_its_cell(desk: Desk) -> None:
    made = clean()
    made.put("1.2", "Tự đánh giá", 12345678)
    answer = serve(desk, made.json().replace(b"12345678", b"9" * 100_000))
    assert answer.outcome == "accepted_in_part"
    (finding,) = [each for each in answer.findings if each.severity == "error"]
    assert (finding.node, finding.reason, len(finding.read)) == ("1.2", "not_a_number", 40)
