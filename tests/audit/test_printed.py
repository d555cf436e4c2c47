"""What if, of printed figures: whatever the totals were that were not printed, the rank lies between the bounds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform import methodology, units
from dti_platform.audit.contest import WhatIfError
from dti_platform.audit.printed import Published, printed, published
from dti_platform.audit.scenario import Change
from dti_platform.methodology import Frameworks
from tests.methodology import observed

UNITS = units.load(check=False)
SIX = UNITS.geographies["VN63"][:6]


@cache
def frameworks() -> Frameworks:
    return methodology.load(units=UNITS)


def ranking(
    totals: Sequence[int], shown: Collection[int], unit: int, peers: int | None = 63, last: int = 63
) -> Published:
    """Totals in ten-thousandths by unit, of which some are printed; all ranks up to a ``last`` are."""
    rank = {place: 1 + sum(other > own for other in totals) for place, own in enumerate(totals)}
    rank = {place: each for place, each in rank.items() if each <= last}
    shown = rank.keys() & shown
    scores = [(SIX[place], "PDTI", totals[place] / 10_000) for place in shown]
    rows = pl.concat(
        [
            observed.printed(scores),
            observed.printed([(SIX[place], "PDTI", each) for place, each in rank.items()], measure="rank"),
        ]
    )
    return published(rows, frameworks(), UNITS, UNITS.all[SIX[unit]], "2022", "922", peers)


#: Six totals, all apart.
ALL = (4061, 4051, 4041, 4031, 4021, 4011)
#: Tenths of a point.
GAINS = st.integers(-20, 20)
TOTALS = st.lists(st.integers(4000, 4030), min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(TOTALS, st.sets(st.integers(0, 5)), st.integers(0, 5), GAINS, st.integers(1, 6))
def test_the_true_rank_lies_between_the_bounds(
    totals: list[int], shown: set[int], unit: int, gain: int, goal: int
) -> None:
    found = printed(ranking(totals, shown, unit), [Change.parse(f"PDTI={gain / 10:+}")], goal)

    def true_rank(more: float) -> int:
        return 1 + sum(other > totals[unit] + gain + more for place, other in enumerate(totals) if place != unit)

    own = totals[unit] / 10_000
    assert found.rank == 1 + sum(other > totals[unit] for other in totals)
    assert found.before.rank_best == found.before.rank_worst == found.rank
    assert found.before.score_least <= own <= found.before.score_most
    assert found.after.rank_worst is not None
    assert found.after.rank_best <= true_rank(0) <= found.after.rank_worst
    assert found.needed is not None
    assert true_rank(found.needed.most * 10) <= goal
    assert not found.needed.least or true_rank(found.needed.least * 10 - 1) > goal


@settings(max_examples=60, deadline=None)
@given(TOTALS, st.sets(st.integers(0, 5)), GAINS, st.integers(1, 6), st.sampled_from([6, None]))
def test_where_some_ranks_are_printed_the_others_may_stand_anywhere_below(
    totals: list[int], shown: set[int], gain: int, goal: int, peers: int | None
) -> None:
    unit = totals.index(max(totals))
    found = printed(ranking(totals, shown, unit, peers, last=2), [Change.parse(f"PDTI={gain / 10:+}")], goal)

    def true_rank(more: float) -> int:
        own = totals[unit] + gain + more
        return 1 + sum(other > own for place, other in enumerate(totals) if place != unit)

    assert (found.rank, found.peers, found.before.rank_worst) == (1, peers, 1)
    worst = found.after.rank_worst
    assert found.after.rank_best <= true_rank(0) <= (6 if worst is None else worst)
    assert worst is not None or peers is None
    assert found.needed is not None
    assert true_rank(found.needed.most * 10) <= goal
    assert not found.needed.least or true_rank(found.needed.least * 10 - 1) > goal


def test_the_last_place_is_told_only_where_it_is_public() -> None:
    for peers, worst in ((17, 17), (None, None)):
        of = ranking(ALL, range(6), 0, peers, last=2)
        after = printed(of, [Change.parse("PDTI=-300")], None).after
        assert (after.rank_best, after.rank_worst) == (2, worst)
    with pytest.raises(WhatIfError, match="hạng cuối là 17"):
        printed(ranking(ALL, range(6), 0, 17, last=2), [], 18)
    held = printed(ranking(ALL, range(6), 0, None, last=2), [], 18).needed
    assert held is not None
    assert held.most == 0


def test_what_is_all_printed_is_told_to_a_place() -> None:
    found = printed(ranking(ALL, range(6), 3), [Change.parse("7=+1,5")], 1)
    assert (found.after.rank_best, found.after.rank_worst, found.score, found.totals) == (3, 3, 0.4031, 6)
    assert found.needed is not None
    assert (found.needed.least, found.needed.most) == (pytest.approx(1.4), pytest.approx(1.6))
    (put,) = found.changes
    assert (put.node, put.gain, put.value) == ("7", 1.5, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("7=20", "were not published"),
        ("7=+201", "0 to 200 points"),
        ("8.3=+1", "has no indicator 8.3, only 8: set that, such as 8=+5"),
        ("88=+1", "close to it: 8"),
        (
            "PDTI=0,6",
            "a scale of 1000 points, not of 0 to 1 as totals are printed: for 0.6 of the whole write PDTI=600",
        ),
        ("PDTI=0.4031", "write PDTI=403.1"),
        ("CQS=+1", "what can be set: PDTI, I, 1"),
        ("PDTI=1001", "0 to 1000 points"),
    ],
)
def test_what_print_does_not_tell_is_refused_by_name(change: str, message: str) -> None:
    with pytest.raises(WhatIfError) as refused:
        printed(ranking(ALL, range(6), 3), [Change.parse(change)], None)
    assert message in refused.value.told.en


def test_without_a_printed_rank_nothing_is_said() -> None:
    rows = observed.printed([(SIX[0], "PDTI", 0.4)])
    with pytest.raises(WhatIfError, match="no rank of Hà Nội was published"):
        published(rows, frameworks(), UNITS, UNITS.all[SIX[0]], "2022", "922", 63)


@pytest.mark.parametrize(
    ("change", "total"), [("PDTI=0", 0), ("PDTI=1000", 1), ("PDTI=+596,9", 1), ("PDTI=+0,3", 0.4034)]
)
def test_the_total_is_what_was_set(change: str, total: float) -> None:
    after = printed(ranking(ALL, range(6), 3), [Change.parse(change)], None).after
    assert after.score == total
    assert after.score_least <= total <= after.score_most


def test_the_rounding_of_print_is_told_where_it_moves_the_ranks() -> None:
    of = ranking(ALL, range(6), 3)
    near, clear = (printed(of, [Change.parse(each)], None) for each in ("PDTI=+0.94", "PDTI=+0.5"))
    assert (near.after.rank_best, near.after.rank_worst, near.after.rounding_counts) == (3, 4, True)
    assert (clear.after.rank_best, clear.after.rank_worst, clear.after.rounding_counts) == (4, 4, False)


def test_who_shares_a_rank_stays_above_a_unit_that_loses() -> None:
    tied = (4061, 4051, 4041, 4041, 4021, 4011)
    for shown in ((0, 5), range(6)):
        of = ranking(tied, shown, 3)
        lost = printed(of, [Change.parse("PDTI=-1")], 3)
        assert (lost.rank, lost.before.rank_best, lost.after.rank_best) == (3, 3, 4)
        assert lost.needed is not None
        assert (lost.needed.least, lost.needed.most) == (pytest.approx(0.9), pytest.approx(1))
        assert printed(of, [Change.parse("PDTI=-0.1")], None).after.rank_best == 3


def test_what_no_total_within_the_bounds_has_room_for_is_refused() -> None:
    of = ranking(ALL, (0, 5), 3)
    for change, message in (
        ("PDTI=+599", "between 401.05 and 406.15 of 1000 points, it can't gain 599; it gains 598.95 at most"),
        ("PDTI=-406.2", "it can't lose 406.2; it loses 406.15 at most"),
    ):
        with pytest.raises(WhatIfError) as refused:
            printed(of, [Change.parse(change)], None)
        assert message in refused.value.told.en
    assert printed(of, [Change.parse("PDTI=+598")], None).after.score_most == 1
    known = ranking((9900, *ALL[1:]), range(6), 0)
    with pytest.raises(WhatIfError, match="it can't gain 50"):
        printed(known, [Change.parse("7=+50")], None)


def test_a_total_that_was_not_printed_is_that_of_the_printed_parts() -> None:
    parts = {"1": 0.9, "2": 0.8, "3": 0.7, "4": 0.6, "5": 0.5, "7": 0.4, "8": 0.3, "9": 0.2}
    rows = pl.concat([
        observed.printed([(SIX[0], node, score) for node, score in parts.items()]),
        observed.printed([(SIX[0], "PDTI", 1)], measure="rank"),
    ])  # fmt: skip
    found = printed(published(rows, frameworks(), UNITS, UNITS.all[SIX[0]], "2022", "922", 63), [], None)
    assert (found.score, found.recomputed, found.totals) == (pytest.approx(0.505), True, 0)
    assert found.before.score_most - found.before.score_least < 0.11
