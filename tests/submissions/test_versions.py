"""Which of a sender's submissions counts."""

import datetime as dt
import unicodedata
from dataclasses import replace

import polars as pl
import pytest

from dti_platform import methodology, units
from dti_platform.feeds import Known, Parsed, Received, Stated, read
from dti_platform.feeds.corrections import CorrectionError
from dti_platform.language import Bilingual
from dti_platform.storage import Store
from dti_platform.submissions.versions import Version, counting, is_older, last_accepted, newest, read_version
from tests.feeds.drafts import HOME, Draft

#: Of these versions no two give one key, so that nothing is looked up.
NONE = Known(units.load(check=False), methodology.Frameworks(()))
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
    assert counting([second, first], NONE) == [second.parsed]


def test_an_older_sheet_that_comes_later_takes_no_place(parsed: Parsed) -> None:
    held, late = version(parsed, 1, Stated(None, JUNE)), version(parsed, 2, Stated(None, MAY))
    counted, refused = counting([held, late], NONE)
    assert counted is held.parsed
    assert (refused.observations.height, refused.submissions["status"][0]) == (0, "refused")
    assert "receipt 1, which counts, states day 2023-06-01" in refused.submissions["reason"][0]


def test_a_sheet_in_whose_place_a_newer_one_came_is_left_out(parsed: Parsed) -> None:
    first, second, third = (version(parsed, number, Stated(number)) for number in (1, 2, 3))
    assert counting([first, second, third], NONE) == [third.parsed]


def test_a_refused_file_takes_nothing_away_even_under_the_same_name_and_is_told_until_a_good_one_comes(
    known: Known,
) -> None:
    def came(number: int, content: bytes, sha256: str) -> Version:
        received = Received("self_assessment", "2022", "phieu.xlsx", sha256, content, number=number)
        return read_version(received, known)

    good, bad = came(1, HOME.read_bytes(), "1" * 64), came(2, HOME.read_bytes()[:9000], "2" * 64)
    assert counting([good, bad], NONE) == [good.parsed, bad.parsed]
    assert bad.parsed.submissions["status"][0] == "refused"
    mended = came(3, HOME.read_bytes(), "3" * 64)
    assert counting([good, bad, mended], NONE) == [mended.parsed]


def test_another_unit_s_sheet_under_the_same_name_takes_nothing_away(known: Known) -> None:
    other = Draft.of(HOME.read_bytes())
    other.say("Đơn vị", "Hà Nội")
    other.say("Mã đơn vị", "VN63-01")
    sheets = enumerate((HOME.read_bytes(), other.xlsx()), 1)
    versions = [
        read_version(Received("self_assessment", "2022", "phieu.xlsx", str(n) * 64, content, number=n), known)
        for n, content in sheets
    ]
    assert counting(versions, NONE) == [each.parsed for each in versions]


def test_the_same_bytes_again_are_no_later_version_unless_another_came_between(parsed: Parsed) -> None:
    first, second = version(parsed, 1), version(parsed, 2)
    again = first._replace(received=replace(first.received, name="again.xlsx", number=3))
    assert newest([first, again]) is first
    assert counting([first, again], NONE) == [first.parsed]
    assert newest([first, second, again]) is again


def test_a_name_is_the_same_whatever_its_capitals_and_however_its_marks_are_stored(known: Known) -> None:
    content = "geography,unit,metric,value,source,certainty\nVN63,Huế,score_overall,0.{},https://printed.vn,verbatim\n"
    names = ["Kết quả.csv", unicodedata.normalize("NFD", "Kết quả.csv"), "KẾT QUẢ.CSV"]
    versions = [
        read_version(
            Received("published_results", "2022", name, str(n) * 64, content.format(n).encode(), number=n), known
        )
        for n, name in enumerate(names, 1)
    ]
    assert counting(versions, NONE) == [versions[-1].parsed]


def test_of_a_feed_without_senders_the_same_bytes_count_under_the_first_name(known: Known) -> None:
    content = "geography,unit,metric,value,source,certainty\nVN63,Huế,score_overall,0.5,https://printed.vn,verbatim\n".encode()
    received = Received("published_results", "2022", "b.csv", "1" * 64, content, number=1)
    first = read_version(received, known)
    second = read_version(replace(received, name="a.csv", number=2), known)
    assert counting([second, first], NONE) == [first.parsed]


def test_a_correction_that_is_outlived_concerns_what_counts_alone(parsed: Parsed) -> None:
    outlived = replace(parsed, outlived=Bilingual.same("remove the entry"))
    old, new = version(outlived, 1), version(parsed, 2)
    assert counting([old, new], NONE) == [new.parsed]
    with pytest.raises(CorrectionError, match="remove the entry"):
        counting([old], NONE)


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
    assert counting([held, empty, third], NONE) == [held.parsed, empty.parsed, third.parsed]


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


@pytest.mark.parametrize(
    ("asked", "last"),
    [("2023", "2022"), ("2022", "2021"), ("2022-S2", "2022-S1"), ("2023-S1", "2022-S2"), ("2021", None)],
)
def test_the_period_before_is_the_last_comparable_one_and_never_the_same(
    store: Store, parsed: Parsed, asked: str, last: str | None
) -> None:
    """A template that is issued again once the period's sheet counts shows the period before all the same."""
    for year, periods in ((2021, ["2021"]), (2022, ["2022", "2022-S1", "2022-S2"])):
        stored = [parsed.observations.with_columns(period=pl.lit(period)) for period in periods]
        store.tables.write("observations", year, pl.concat(stored).sort(pl.all()))
    figures = last_accepted(store, "self_assessment", "VN63-19", asked, frameworks={"922"})
    assert {each.period for each in figures.values()} == ({last} if last else set())
    assert len(figures) == (98 if last else 0)
