"""Which of a sender's submissions counts."""

import datetime as dt
from dataclasses import replace

import pytest

from dti_platform.feeds import Known, Parsed, Received, Stated, read
from dti_platform.feeds.supersession import Version, counting, is_older, newest
from tests.feeds.drafts import HOME, Draft

MAY, JUNE = dt.date(2023, 5, 1), dt.date(2023, 6, 1)


@pytest.fixture(scope="module")
def parsed(known: Known) -> Parsed:
    return read(Received("self_assessment", "2022", "a.xlsx", "0" * 64, HOME.read_bytes()), known)


def version(parsed: Parsed, number: int, stated: Stated | None = None) -> Version:
    received = Received("self_assessment", "2022", f"{number}.xlsx", f"{number:064}", b"", number=number)
    return Version(received, replace(parsed, stated=stated or Stated()))


@pytest.mark.parametrize(
    ("stated", "held", "older"),
    [
        (Stated(1), Stated(2), True),
        (Stated(2), Stated(1), False),
        (Stated(1, JUNE), Stated(2, MAY), True),
        (Stated(2, MAY), Stated(2, JUNE), True),
        (Stated(None, MAY), Stated(None, JUNE), True),
        (Stated(None, JUNE), Stated(None, JUNE), False),
        (Stated(1), Stated(None, JUNE), False),
        (Stated(), Stated(3, JUNE), False),
    ],
)
def test_only_what_both_state_makes_one_older(stated: Stated, held: Stated, older: bool) -> None:
    assert is_older(stated, held) is older


def test_without_a_statement_the_last_to_come_counts_whatever_order_it_is_looked_at(parsed: Parsed) -> None:
    first, second = version(parsed, 1), version(parsed, 2)
    assert newest([second, first]) is second
    assert counting([second, first]) == [second.parsed]


def test_an_older_sheet_that_comes_later_takes_no_place(parsed: Parsed) -> None:
    held, late = version(parsed, 1, Stated(None, JUNE)), version(parsed, 2, Stated(None, MAY))
    assert counting([held, late]) == [held.parsed]


def test_an_empty_sheet_and_other_senders_take_no_place(parsed: Parsed, known: Known) -> None:
    held = version(parsed, 1)
    empty = version(replace(parsed, observations=parsed.observations.clear()), 2)
    other = Draft.of(HOME.read_bytes())
    other.say("Đơn vị", "Hà Nội")
    other.say("Mã đơn vị", "VN63-01")
    third = Version(
        Received("self_assessment", "2022", "c.xlsx", "3" * 64, b"", number=3),
        read(Received("self_assessment", "2022", "c.xlsx", "3" * 64, other.xlsx()), known),
    )
    assert counting([held, empty, third]) == [held.parsed, empty.parsed, third.parsed]


def test_the_sheet_s_own_day_and_version_are_read(known: Known) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.say("Ngày lập", dt.date(2023, 3, 1))
    draft.say("Phiên bản", "lần 2")
    for content in (draft.xlsx(), draft.json()):
        found = read(Received("self_assessment", "2022", "a", "0" * 64, content), known)
        assert found.stated == Stated(2, dt.date(2023, 3, 1))
    draft.say("Ngày lập", "31/02/2023")
    found = read(Received("self_assessment", "2022", "a.xlsx", "0" * 64, draft.xlsx()), known)
    assert found.stated == Stated(2)
    assert "31/02/2023" in found.submissions["reason"][0]
