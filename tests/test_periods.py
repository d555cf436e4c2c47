"""Periods: read from their texts, put in order, and compared by their length."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.codes import Frequency
from dti_platform.periods import EXAMPLES, Period, PeriodError, just_ended, previous

YEARS = st.integers(1990, 2099)
PARTS = ["", *(f"-S{n}" for n in (1, 2)), *(f"-Q{n}" for n in range(1, 5)), *(f"-M{n:02}" for n in range(1, 13))]
TEXTS = st.one_of(
    st.builds("{}{}".format, YEARS, st.sampled_from(PARTS)),
    st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)).map(dt.date.isoformat),
    st.builds("{}/{}".format, YEARS, YEARS),
)


@pytest.mark.parametrize(
    ("text", "ends", "frequency"),
    [
        ("2022", "2022-12-31", "year"),
        ("2022-S1", "2022-06-30", "half"),
        ("2022-Q3", "2022-09-30", "quarter"),
        ("2022-M02", "2022-02-29", "month"),
        ("2022-08-22", "2022-08-22", "day"),
        ("2021/2025", "2025-12-31", "years"),
    ],
)
def test_a_period_knows_its_end_and_frequency(text: str, ends: str, frequency: Frequency) -> None:
    period = Period.parse(text)
    assert (period.text, period.ends, period.frequency) == (text, ends, frequency)


@pytest.mark.parametrize("text", ["", "22", "2022-S3", "2022-M13", "2022-02-30", "2022\n", "٢٠٢٢", "Năm 2022", "2022-"])
def test_another_text_is_no_period_and_the_message_shows_how_to_write_one(text: str) -> None:
    assert Period.find(text) is None
    with pytest.raises(PeriodError, match="write it as 2022, 2022-S1, 2022-Q1, 2022-M08 or 2022-08-22"):
        Period.parse(text)


def test_the_examples_are_periods() -> None:
    assert [Period.parse(text).text for text in EXAMPLES] == list(EXAMPLES)


@given(TEXTS)
def test_a_period_ends_on_a_day_of_the_year_that_it_names(text: str) -> None:
    period = Period.parse(text)
    year, month, day = map(int, period.ends.split("-"))
    assert (period.year, period.first_year) == (year, int(text[:4]))
    assert 1 <= day <= (29 if month == 2 else calendar.monthrange(year, month)[1])


@given(TEXTS, st.lists(TEXTS, max_size=8))
def test_the_period_before_is_the_last_that_ends_before_and_compares(text: str, known: list[str]) -> None:
    period, before = Period.parse(text), previous(text, known)
    candidates = [each for each in map(Period.parse, known) if each.ends < period.ends and each.is_comparable(period)]
    assert (before is None) == (not candidates)
    if before:
        assert before in known
        assert Period.parse(before).sort_key == max(each.sort_key for each in candidates)


@given(TEXTS, TEXTS)
def test_only_one_of_two_periods_precedes_the_other(one: str, other: str) -> None:
    first, second = Period.parse(one), Period.parse(other)
    assert not (first.precedes(second) and second.precedes(first))
    assert first.is_comparable(second) == second.is_comparable(first)


def test_the_period_before_ends_before() -> None:
    known = ["2022-Q1", "2022-S1", "2022-M06", "2021-S1", "2021-S2", "2021", "2022"]
    assert previous("2022-S1", known) == "2021-S2"
    assert previous("2022-S1", known, comparable=False) == "2022-Q1", "a month that ends on the same day is not before"
    assert previous("2022", known) == "2021"
    assert previous("2022", known, comparable=False) == "2022-S1"
    assert previous("2022-Q2", ["2022-M04"]) is None, "a quarter is no month"
    assert previous("2021", known) is None


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2022", "2021"), ("2022-S1", "2021-S1"), ("2022-M08", "2021-M08"), ("2022-08-22", "2021-08-22"),
        ("2021/2025", "2020/2024"), ("2000-M01", "1999-M01"),
    ],
)  # fmt: skip
def test_the_same_period_a_year_before(text: str, before: str) -> None:
    assert Period.parse(text).year_before() == before


@given(TEXTS)
def test_a_period_compares_with_itself_a_year_before(text: str) -> None:
    period = Period.parse(text)
    earlier = Period.find(period.year_before())
    assert earlier is None or (earlier.precedes(period) and earlier.is_comparable(period))
    assert (earlier is None) == text.endswith("-02-29")


@given(TEXTS, TEXTS)
def test_a_period_that_holds_another_begins_no_later_and_ends_no_earlier(one: str, other: str) -> None:
    first, second = Period.parse(one), Period.parse(other)
    assert first.contains(second) == (first.begins <= second.begins and first.ends >= second.ends)
    assert first.contains(first) or first.first_year > first.year


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("2022", "2022-S2"),
        ("2022-S1", "2022-Q2"),
        ("2022-S2", "2022-M12"),
        ("2022-Q1", "2022-03-31"),
        ("2021/2025", "2023"),
    ],
)
def test_a_part_is_held_by_its_whole_alone(whole: str, part: str) -> None:
    assert Period.parse(whole).contains(Period.parse(part))
    assert not Period.parse(part).contains(Period.parse(whole))
    assert not Period.parse("2020").contains(Period.parse(part))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["year", "half", "quarter", "month"]))
def test_the_period_just_ended_is_over_and_the_next_one_is_not(day: dt.date, frequency: Frequency) -> None:
    ended = just_ended(day, frequency)
    assert ended.frequency == frequency
    assert ended.ends < day.isoformat()
    months = {"year": 12, "half": 6, "quarter": 3, "month": 1}[frequency]
    since = (day.year - ended.year) * 12 + day.month - int(ended.ends[5:7])
    assert 1 <= since <= months
