"""Number and date of a document that a sender names as evidence."""

import datetime as dt

import pytest

from dti_platform.feeds.documents import Document, read_document


@pytest.mark.parametrize(
    ("text", "number", "date"),
    [
        ("Quyết định số 922/QĐ-BTTTT ngày 20/5/2022", "922/QĐ-BTTTT", dt.date(2022, 5, 20)),
        ("Nghị định 42/2022/NĐ-CP", "42/2022/NĐ-CP", None),
        ("Số 12/MH-4.10, ngày 05/02/2023 (tổng hợp / synthetic)", "12/MH-4.10", dt.date(2023, 2, 5)),
        ("Kế hoạch số 7/KH-UBND\nngày 5 tháng 3 năm 2022", "7/KH-UBND", dt.date(2022, 3, 5)),
        ("BC 15a/BC-STTTT ngày 1-7-2022", "15a/BC-STTTT", dt.date(2022, 7, 1)),
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
