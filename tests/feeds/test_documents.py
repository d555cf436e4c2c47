"""Number and date of a document that a sender names as evidence."""

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.feeds.documents import Document, read_document


@pytest.mark.parametrize(
    ("text", "number", "date"),
    [
        ("Quyết định số 922/QĐ-BTTTT ngày 20/5/2022", "922/QĐ-BTTTT", dt.date(2022, 5, 20)),
        ("Nghị định 42/2022/NĐ-CP", "42/2022/NĐ-CP", None),
        ("Số 12/MH-4.10, ngày 05/02/2023 (tổng hợp / synthetic)", "12/MH-4.10", dt.date(2023, 2, 5)),
        ("Kế hoạch số 7/KH-UBND\nngày 5 tháng 3 năm 2022", "7/KH-UBND", dt.date(2022, 3, 5)),
        ("BC 15a/BC-STTTT ngày 1-7-2022", "15a/BC-STTTT", dt.date(2022, 7, 1)),
        ("749/Q\u00d0-TTg", "749/QĐ-TTg", None),
        ("Số: 12/QĐ-UBND", "12/QĐ-UBND", None),
        ("15 /KH-UBND", "15/KH-UBND", None),
        ("15/KH - UBND", "15/KH-UBND", None),
        ("12/bc-ubnd", "12/bc-ubnd", None),
        ("15/2022/QĐ-UBND", "15/2022/QĐ-UBND", None),
        ("Luật số 64/2010/QH12", "64/2010/QH12", None),
        ("1234/UBND-KGVX", "1234/UBND-KGVX", None),
        ("Số 05-NQ/TU", "05-NQ/TU", None),
        ("123-CV/TU", "123-CV/TU", None),
        ("52-NQ/T\u01af ngày 27.9.2019", "52-NQ/TƯ", dt.date(2019, 9, 27)),
        ("2023-02-05", None, dt.date(2023, 2, 5)),
        ("12/QĐ-UBND (5/3/2022)", "12/QĐ-UBND", dt.date(2022, 3, 5)),
        ("12/QĐ-UBND của UBND tỉnh, ngày 5/3/2022", "12/QĐ-UBND", dt.date(2022, 3, 5)),
        ("ngày 04/03/2022", None, dt.date(2022, 3, 4)),
        ("Báo cáo của Sở", None, None),
        ("Hoàn thành 12/15 xã", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_number_and_date_are_read_where_they_are_written(
    text: str | None, number: str | None, date: dt.date | None
) -> None:
    assert read_document(text) == Document(number, date)


@pytest.mark.parametrize("text", ["ngày 31/02/2023", "ngày 12/31/2022", "ngày 0/1/2022"])
def test_a_day_that_no_calendar_has_is_said_and_never_guessed(text: str) -> None:
    assert read_document(text) == Document(None, None, text.removeprefix("ngày "))


@pytest.mark.parametrize(
    "text",
    [
        "12/BC-Sở",
        "12/XÃ",
        "749/QÃ-TTg",
        "3/tháng",
        "12/Nam",
        "10-12/BC",
        "1.234/QĐ-UBND",
        "2021-2025/KH",
        "24/7",
        "a12/BC",
    ],
)
def test_a_number_is_read_whole_or_not_at_all(text: str) -> None:
    assert read_document(text).number is None


@pytest.mark.parametrize(
    ("text", "number", "date"),
    [
        ("Số 1/BC ngày 01/02/2023; số 2/BC ngày 03/04/2023", "1/BC", dt.date(2023, 2, 1)),
        ("Số 1/BC; số 2/BC ngày 31/01/2023", "1/BC", None),
        ("1/BC, 2/BC ngày 31/01/2023", "1/BC", None),
        ("ngày 04/03/2022; 7/KH-UBND ngày 05/03/2022", "7/KH-UBND", dt.date(2022, 3, 5)),
        ("Kế hoạch ngày 04/03/2022; báo cáo số 7/BC-UBND", "7/BC-UBND", None),
        ("12/QĐ-UBND; báo cáo của Sở ngày 5/3/2022", "12/QĐ-UBND", None),
        ("12/QĐ-UBND\nLịch họp 5/3/2022", "12/QĐ-UBND", None),
        ("12/QĐ-UBND thay Quyết định ngày 5/3/2022", "12/QĐ-UBND", None),
        ("12/QĐ-UBND có hiệu lực từ ngày 5/3/2022", "12/QĐ-UBND", None),
        ("ngày 04/03/2022 và ngày 05/03/2022", None, None),
        ("số liệu đến ngày 31/12/2022", None, None),
    ],
)
def test_one_document_is_never_given_another_s_date(text: str, number: str | None, date: dt.date | None) -> None:
    assert read_document(text)[:2] == (number, date)


def test_an_impossible_day_of_any_document_is_said() -> None:
    found = read_document("Số 1/BC ngày 01/02/2023; số 2/BC ngày 31/02/2023")
    assert found == Document("1/BC", dt.date(2023, 2, 1), "31/02/2023")


@given(st.text("12/-BCQĐbc. ,;\nngày0123456789", max_size=40))
def test_whatever_is_written_what_is_read_stands_in_it(text: str) -> None:
    found = read_document(text)
    assert not found.number or found.number in text.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize(
    ("text", "date", "impossible"),
    [
        ("Số 1/BC ngày 01/02/2023; Số 2/BC ngày 31/02/2023", dt.date(2023, 2, 1), "31/02/2023"),
        ("Số 1/BC ngày 31/02/23", None, "31/02/23"),
        ("ngày 05/02/23", None, None),
        ("Số 12/15/45/BC", None, None),
    ],
)
def test_every_day_of_a_text_is_looked_at_and_no_century_is_guessed(
    text: str, date: dt.date | None, impossible: str | None
) -> None:
    assert read_document(text)[1:] == (date, impossible)


@pytest.mark.parametrize("end", ["/", "1/"])
def test_a_text_that_is_almost_a_number_costs_no_more_the_longer_it_is(end: str) -> None:
    before = time.process_time()
    assert read_document(f"1/QĐ{'-AB' * 25}{end}").date is None
    assert time.process_time() - before < 1
