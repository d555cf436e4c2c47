"""Between which ranks a unit stands: held against every way in which the figures may turn out, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dti_platform import tables
from dti_platform.methodology import Framework, Frameworks, rank, score
from dti_platform.methodology.bounds import with_bounds
from dti_platform.units import Units
from tests.methodology.observed import observed, one, printed
from tests.methodology.small_index import SMALL, TREE

Small = Callable[..., Framework]
FOUR = ("VN63-01", "VN63-02", "VN63-04", "VN63-06")
LEAVES = {"A1": 40, "A2": 20, "B1": 30, "B2": 10}
NODES = {"T": ("A1", "A2", "B1", "B2"), "P": ("A1", "A2", "B2"), "A": ("A1", "A2"), "B": ("B1", "B2")}
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Sheet = Mapping[str, str]


@pytest.fixture
def four(known_units: Units) -> Units:
    return replace(known_units, geographies={"VN63": FOUR})


def place(ends: tuple[int, ...], own: int) -> int:
    return 1 + sum(end > ends[own] for end in ends)


def tried(ranges: list[set[int]]) -> Iterator[tuple[int, int]]:
    """The best and the worst place of each, over every choice of one value from each range."""
    choices = list(product(*ranges))
    for own in range(len(ranges)):
        places = [place(choice, own) for choice in choices]
        yield min(places), max(places)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted), min_size=1, max_size=4), st.integers(0, 2))
@quick
def test_bounds_are_those_of_every_choice(ranges: list[list[int]], silent: int) -> None:
    whole = [{*range(least, most + 1)} for least, most in ranges]
    expected = list(tried(whole + [{*range(5)}] * silent))
    rows = [("x", least, most) for least, most in ranges] + [("x", None, None)] * silent
    schema = {"place": pl.String, "least": pl.Int64, "most": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        top=pl.lit(4, pl.Int64), peers=pl.lit(len(rows), pl.Int32)
    )
    found = with_bounds(frame, ["place"])
    assert found.head(len(ranges)).select("rank_best", "rank_worst").rows() == expected[: len(ranges)]
    assert found.tail(silent)["rank_best"].null_count() == silent


def values(text: str | None, leaf: str) -> list[Fraction]:
    """What a leaf may be worth: a printed figure within half a unit of its last decimal; a missing one, anything."""
    most = Fraction(LEAVES[leaf])
    if text is None:
        return [Fraction(0), most]
    half = Fraction(1, 2) / 10 ** len(text.partition(".")[2])
    return [max(Fraction(text) - half, Fraction(0)), Fraction(text), min(Fraction(text) + half, most)]


def worth(total: Fraction, node: str, decimals: int) -> int:
    """A score as ties are judged, in units of its last decimal: rounded once, halves upwards."""
    most = sum(LEAVES[leaf] for leaf in NODES[node])
    return int(total / most * 10**decimals + Fraction(1, 2))


def figure(leaf: str) -> st.SearchStrategy[str | None]:
    """A printed figure of a leaf with up to two decimals, or none."""
    numbers = st.integers(0, LEAVES[leaf] * 100).map(lambda n: Decimal(n) / 100)
    return st.none() | st.builds(lambda number, places: f"{number:.{places}f}", numbers, st.integers(0, 2))


@given(st.lists(st.fixed_dictionaries({leaf: figure(leaf) for leaf in LEAVES}), min_size=4, max_size=4))
@quick
def test_bounds_hold_for_every_figure_that_may_have_been_rounded_or_is_missing(
    load_text: Callable[..., Frameworks], four: Units, sheets: list[dict[str, str | None]]
) -> None:
    (framework,) = load_text(SMALL.replace("tie =", "tie_decimals = 1\nprovisional_from = 0.25\ntie =") + TREE).all
    told = [
        (unit, leaf, text) for unit, sheet in zip(FOUR, sheets, strict=True) for leaf, text in sheet.items() if text
    ]
    if not told:
        return
    rows = printed(((unit, leaf, float(text)) for unit, leaf, text in told), framework="1", measure="points")
    observations = rows.with_columns(raw=pl.Series(text for *_, text in told))
    rankings = rank(score(observations, framework, FOUR), observations, framework, four)
    assert tables.meets(tables.Rankings, rankings)
    for node, leaves in NODES.items():
        ranges = [
            {
                worth(sum(choice, Fraction(0)), node, 1)
                for choice in product(*(values(sheet[leaf], leaf) for leaf in leaves))
            }
            for sheet in sheets
        ]
        expected = dict(zip(FOUR, tried(ranges), strict=True))
        for unit, best, worst in (
            rankings.filter(pl.col("node") == node).select("unit", "rank_best", "rank_worst").rows()
        ):
            assert (best, worst) == expected[unit] or (
                best is None and not any(sheets[FOUR.index(unit)][leaf] for leaf in leaves)
            )


def test_exact_points_of_all_leave_no_doubt(small: Small, four: Units) -> None:
    rows = [(unit, leaf, 1.0 + index) for index, unit in enumerate(FOUR) for leaf in LEAVES]
    observations = observed(rows, framework="1")
    rankings = rank(score(observations, small(), FOUR), observations, small(), four)
    assert rankings.filter(pl.col("rank_best") == pl.col("rank"), pl.col("rank_worst") == pl.col("rank")).equals(
        rankings
    )


def test_a_peer_that_is_silent_may_stand_anywhere(small: Small, known_units: Units) -> None:
    members = known_units.geographies["VN63"]
    rows = [(unit, leaf, index / 10) for index, unit in enumerate(members[:60]) for leaf in LEAVES]
    observations = observed(rows, framework="1")
    rankings = rank(score(observations, small(), members), observations, small(), known_units)
    last = one(rankings, unit=members[0], node="T")
    assert (last["rank_status"], last["rank"], last["rank_best"], last["rank_worst"]) == ("provisional", 60, 60, 63)
    assert one(rankings, unit=members[62], node="T")["rank_worst"] is None


def test_a_peer_without_a_score_that_is_certain_to_be_above_is_not_counted_by_a_provisional_rank(
    small: Small, known_units: Units
) -> None:
    members = known_units.geographies["VN63"]
    rows = [(unit, leaf, index / 10) for index, unit in enumerate(members) for leaf in LEAVES]
    rows.remove((members[-1], "B2", (len(members) - 1) / 10))
    rows = [(unit, leaf, 30.0 if unit == members[-1] and leaf == "B1" else value) for unit, leaf, value in rows]
    observations = observed(rows, framework="1")
    rankings = rank(score(observations, small(), members), observations, small(), known_units)
    last = one(rankings, unit=members[0], node="T")
    assert (last["rank_status"], last["rank"], last["rank_best"], last["rank_worst"]) == ("provisional", 62, 63, 63)
    assert tables.meets(tables.Rankings, rankings)


def test_a_printed_rank_has_no_bounds_of_ours(small: Small, four: Units) -> None:
    observations = printed([(FOUR[0], "T", 3)], measure="rank", framework="1")
    rankings = rank(score(observations, small(), FOUR), observations, small(), four)
    assert one(rankings, basis="published")["rank_best"] is None
