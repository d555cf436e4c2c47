"""What if: held against the release that it starts from, and against the flow over every other point there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform import methodology, units
from dti_platform.audit.contest import SUBMITTED, Contest, WhatIfError, contest
from dti_platform.audit.reach import reach
from dti_platform.audit.scenario import Change, resolved, scenario
from dti_platform.audit.whatif import Released, answer
from dti_platform.cli import main
from dti_platform.cli.whatif import contests, lines, opened, prices_of
from dti_platform.explain.whatif import LINES, whatif_lines
from dti_platform.methodology import Frameworks
from dti_platform.methodology.aggregation import worths
from dti_platform.methodology.exact import SCALE
from dti_platform.publications import of_release
from dti_platform.storage import Store
from tests.conftest import Flow
from tests.methodology.observed import observed
from tests.methodology.small_index import SMALL, node

UNITS = units.load(check=False)


@cache
def frameworks() -> Frameworks:
    return methodology.load(units=UNITS)


@pytest.fixture(scope="module", autouse=True)
def asked_once() -> Iterator[None]:
    """All questions are of one release: its tables are read once, and a unit's places on a basis are made once."""
    open_once = cache(lambda root, release: opened(Store(root), release))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dti_platform.cli.whatif.opened", lambda store, release: open_once(store.root, release))
        patch.setattr("dti_platform.cli.whatif.contests", cache(lambda *asked: [*contests(*asked)]))
        yield


@pytest.fixture(scope="module")
def bases(flow: Flow) -> Mapping[str, Contest]:
    """Thái Nguyên in 2022, on each basis of the release."""
    observations, unit = of_release(flow.store.open_release(), "observations"), UNITS.all["VN63-19"]
    return {
        each: contest(observations, frameworks(), UNITS, unit, "2022", "922", each) for each in ("verified", "self")
    }


@pytest.fixture(scope="module")
def real(bases: Mapping[str, Contest]) -> Contest:
    """On the basis that leads."""
    return bases["verified"]


def changed(of: Contest, *changes: str) -> dict[str, int]:
    return dict(resolved(of, [Change.parse(each) for each in changes]))


@pytest.mark.parametrize("basis", SUBMITTED[1:])
def test_without_a_change_every_score_and_rank_is_that_of_the_release(
    flow: Flow, bases: Mapping[str, Contest], basis: str
) -> None:
    columns = ["unit", "node", "points", "max_points", "score", "rank", "ranked", "peers", "evidence"]
    there = of_release(flow.store.open_release(), "index_scores").filter(period="2022", framework="922", basis=basis)
    assert there.height > 6000
    assert bases[basis].places.select(columns).sort("unit", "node").equals(there.select(columns).sort("unit", "node"))


def test_a_gain_moves_the_indicator_what_rests_on_it_and_the_ranks(real: Contest) -> None:
    found = scenario(real, changed(real, "8.3=+4,5", "9.3=20"))
    steps = {step.node: step for step in found.steps}
    assert list(steps) == ["8.3", "9.3", "8", "9", "II", "KTS", "XHS", "PDTI"]
    gains = {code: round((step.after.points or 0) - (step.before.points or 0), 9) for code, step in steps.items()}
    assert gains == {
        "8.3": 4.5,
        "9.3": 13.25,
        "8": 4.5,
        "9": 13.25,
        "II": 17.75,
        "KTS": 4.5,
        "XHS": 13.25,
        "PDTI": 17.75,
    }
    index = found.index
    assert index.after.score == pytest.approx((index.before.score or 0) + 0.01775, abs=1e-12)
    assert (index.before.rank, index.after.rank) == (8, 5)
    assert [each.name_vi for each in found.passed] == ["Cần Thơ", "Lạng Sơn", "Bắc Ninh"]
    assert (found.level, found.passed_by, found.evidence) == ((), (), "illustrative")


def test_a_loss_tells_by_whom_the_unit_is_passed(real: Contest) -> None:
    found = scenario(real, changed(real, "8.3=-10.25"))
    assert (found.index.after.rank or 0) > 8
    assert len(found.passed_by) + len(found.level) == (found.index.after.rank or 0) - 8 + len(found.level)
    assert not found.passed


def test_points_that_the_rule_never_gives_are_marked(real: Contest) -> None:
    steps = {step.node: step for step in scenario(real, changed(real, "1.2=6", "1.3=6")).steps}
    assert (steps["1.2"].off_grade, steps["1.2"].grades) == (True, (0, 2.5, 5, 7.5, 10))
    assert not steps["1.3"].off_grade


def test_a_plan_reaches_the_rank_and_a_billionth_less_does_not(real: Contest) -> None:
    for rank in (1, 2, 5, 7):
        found = reach(real, rank, {})
        assert found.reached
        assert found.proven
        assert (found.scenario.index.after.rank or 99) <= rank
        points = {each.node: round((each.points + each.gain) * SCALE) for each in found.gains}
        last = found.gains[-1].node
        less = scenario(real, points | {last: points[last] - 1}).index.after.rank or 99
        assert less > rank, "a cheaper plan reaches it, too"
    assert reach(real, 8, {}).gains == ()


def test_a_dear_indicator_is_left_alone_and_a_cheap_one_taken_first(real: Contest) -> None:
    found = reach(real, 5, {"8.3": Decimal("0.5"), "9.3": Decimal(9)})
    assert found.gains[0].node == "8.3"
    assert found.gains[0].points + found.gains[0].gain == 15
    assert "9.3" not in {each.node for each in found.gains}
    assert found.cost == pytest.approx(4.75 * 0.5 + 13.665 - 4.75)


def test_a_rank_out_of_reach_says_so_with_all_that_may_gain_at_its_most(real: Contest) -> None:
    found = reach(real, 1, {}, ["8.3", "1"])
    assert (found.reached, found.gains, found.cost) == (False, (), None)
    moved = {step.node: step.after.points for step in found.scenario.steps if step.kind == "indicator"}
    assert moved["8.3"] == 15
    assert {code.partition(".")[0] for code in moved} == {"8", "1"}
    assert (found.scenario.index.after.rank or 0) > 1
    after = found.scenario.index.after.points or 0
    assert found.lacking == pytest.approx(found.score * 1000 - after)
    assert reach(real, 5, {}, ["8.3"]).lacking == 8.915
    assert "còn thiếu 8,915 điểm:" in "\n".join(whatif_lines(answer("0001-x", [real], (), 5, {}, ["8.3"]), {}))


#: An index of two levels with weights that no decimal holds, and an indicator with grades.
WEIGHTED = SMALL.replace("sum_of_main_indices", "weighted_pillars").replace(
    'missing = "withhold"', 'missing = "withhold"\nprovisional_from = 0.01'
) + (
    node("T", None, 'concept = "overall"\nmax_points = 100\nmethod = "weighted"', "index")
    + node("P", "T", "weight = 0.35\nmax_points = 70", "pillar")
    + node("Q", "T", "weight = 0.65\nmax_points = 30", "pillar")
    + node("P1", "P", "max_points = 40")
    + node("P2", "P", 'max_points = 30\nrule = { kind = "steps", steps = [[2, 1], [1, 0.4]] }')
    + node("Q1", "Q", "max_points = 30")
)
MOST = {"P1": 40, "P2": 30, "Q1": 30}
FOUR = ("VN63-01", "VN63-02", "VN63-04", "VN63-06")


@cache
def weighted() -> Frameworks:
    with TemporaryDirectory() as folder:
        (Path(folder) / "1-provincial.toml").write_text(WEIGHTED, encoding="utf-8")
        return methodology.load(Path(folder))


def made_up(points: Sequence[tuple[float, ...]], unit: str = FOUR[0]) -> Contest:
    rows = [
        (who, code, value)
        for who, values in zip(FOUR, points, strict=True)
        for code, value in zip(MOST, values, strict=True)
    ]
    return contest(observed(rows, framework="1"), weighted(), UNITS, UNITS.all[unit], "2022", "1", "verified")


TENTHS = st.integers(0, 10).map(lambda tenth: tenth / 10)
POINTS = st.tuples(*(TENTHS.map(lambda share, most=most: share * most) for most in (40, 30, 30)))


def rank_by_hand(points: Sequence[tuple[float, ...]]) -> int:
    """The rank of the first unit: weights 0.35 and 0.65, scores rounded to four decimals."""
    scores = [Decimal(str(0.35 * (one + two) / 70 + 0.65 * three / 30 + 1e-12)) for one, two, three in points]
    own, *others = [score.quantize(Decimal("0.0001"), ROUND_HALF_UP) for score in scores]
    return 1 + sum(other > own for other in others)


@settings(max_examples=12, deadline=None)
@given(st.tuples(*[POINTS] * 4), st.integers(1, 3), st.tuples(*[st.integers(1, 3)] * 3))
def test_no_plan_of_a_fine_grid_is_cheaper(
    points: Sequence[tuple[float, ...]], rank: int, prices: tuple[int, ...]
) -> None:
    found = reach(made_up(points), rank, {code: Decimal(price) for code, price in zip(MOST, prices, strict=True)})
    assert found.reached
    assert found.cost is not None
    assert (found.scenario.index.after.rank or 9) <= rank
    own, *others = points
    for plan in product(
        [own[0], *(value for half in range(81) if (value := half / 2) > own[0])],
        [own[1], *(value for value in (0, 12, 30) if value > own[1])],
        [own[2], *(value for half in range(61) if (value := half / 2) > own[2])],
    ):
        cost = sum((new - had) * price for new, had, price in zip(plan, own, prices, strict=True))
        if cost < found.cost - 1e-6:
            assert rank_by_hand([plan, *others]) > rank, f"{plan} costs {cost} and reaches it, too"


def test_what_a_point_is_worth_is_what_the_flow_makes_of_it() -> None:
    of = made_up([(20, 12, 10)] * 4)
    for code, worth in worths(of.framework, "T").items():
        if code in MOST:
            more = of.with_points({code: (of.points(code) or 0) + SCALE})
            assert (more.points("T") or 0) - (of.points("T") or 0) == pytest.approx(float(worth * SCALE), abs=2)
    assert worths(of.framework, "T")["Q1"] == Fraction(65, 30)
    assert worths(of.framework, "P") == {"P": 1, "P1": 1, "P2": 1}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (["8.33=3"], "close to it: 8.3"),
        (["8=3"], "name the indicators below it: 8.1–8."),
        (["PDTI=+5"], "below it: 1.1–1.10, 2.1–2."),
        (["I=+5"], "below it: 1.1–1.10, 2.1–2."),
        (["6.1=+1"], "6.1 gives no points"),
        (["6=+1"], "6 gives no points"),
        (["8.3=+5"], "it can't have 15.25 (it has 10.25); it gains 4.75 at most: --set 8.3=15"),
        (["8.3=-11"], "it can't have -0.75 (it has 10.25); it loses 10.25 at most: --set 8.3=0"),
        (["8.3=1", "8.3=2"], "8.3 is set twice"),
        (["8.3"], "write CODE=+5"),
        (["8.3=1.5.2"], "write CODE=+5"),
    ],
)
def test_what_cannot_be_changed_is_refused_by_name(real: Contest, ask: list[str], message: str) -> None:
    with pytest.raises(WhatIfError) as refused:
        changed(real, *ask)
    assert message in refused.value.told.en


def test_what_cannot_be_reached_or_asked_is_refused_by_name(real: Contest) -> None:
    for rank, costs, only, message in (
        (64, {}, (), "the last is 63"),
        (5, {"8.3": Decimal(0)}, (), "must be above 0"),
        (5, {"nothing": Decimal(1)}, (), "no indicator nothing"),
        (5, {}, ("10.1",), "no indicator 10.1"),
    ):
        with pytest.raises(WhatIfError) as refused:
            reach(real, rank, costs, only)
        assert message in refused.value.told.en
    with pytest.raises(WhatIfError) as refused:
        contest(real.observations, frameworks(), UNITS, real.unit, "2022", "922", "final")
    assert "it has: verified score" in refused.value.told.en


def test_an_indicator_without_a_figure_must_be_given_one_first(real: Contest) -> None:
    without = replace(
        real, observations=real.observations.filter((pl.col("unit") != "VN63-19") | (pl.col("node") != "8.3"))
    )
    with pytest.raises(WhatIfError) as refused:
        reach(without, 5, {})
    assert "8.3" in refused.value.told.en
    with pytest.raises(WhatIfError, match=r"8\.3=5"):
        changed(without, "8.3=+1")
    whole = without.with_points(changed(without, "8.3=10,25"))
    assert reach(whole, 5, {}).cost == reach(real, 5, {}).cost


def test_a_whole_of_another_basis_takes_the_place_of_its_parts() -> None:
    parts = observed([("VN63-01", "P1", 10.0), ("VN63-01", "P2", 12.0), ("VN63-01", "Q1", 5.0)], framework="1")
    whole = observed([("VN63-01", "P", 40.0), ("VN63-01", "Q", 9.0)], framework="1", basis="self")
    unit, rows = UNITS.all["VN63-01"], pl.concat([parts, whole])
    first, other = (contest(rows, weighted(), UNITS, unit, "2022", "1", basis) for basis in ("verified", "self"))
    taken = answer("0001-x", [first, other]).scenarios[-1]
    assert (taken.basis, taken.figures_of, taken.index.after.points) == ("verified", "self", other.place("T").points)


@pytest.mark.parametrize(("version", "period"), [("405", "2024"), ("2323", "2023")])
def test_where_maxima_are_not_known_a_rank_is_not_called_out_of_reach(version: str, period: str) -> None:
    inputs = frameworks().get(version, "provincial").inputs
    rows = [(unit, node.code, 5.0 + n) for n, unit in enumerate(UNITS.geographies["VN63"]) for node in inputs]
    figures = observed(rows, framework=version, period=period)
    of = contest(figures, frameworks(), UNITS, UNITS.all["VN63-02"], period, version, "verified")
    with pytest.raises(WhatIfError, match="the maximum of"):
        reach(of, 3, {})
    index = scenario(of, changed(of, "1=+100")).index
    assert (index.after.points or 0) == (index.before.points or 0) + 100


def test_a_whole_that_was_given_is_changed_as_a_whole() -> None:
    rows = [("VN63-01", "P1", 10.0), ("VN63-01", "P2", 12.0), ("VN63-01", "Q", 5.0)]
    other = [("VN63-02", code, 10.0) for code in ("P1", "Q1")] + [("VN63-02", "P2", 0.0)]
    rows, unit = observed(rows + other, framework="1"), UNITS.all["VN63-01"]
    of = contest(rows, weighted(), UNITS, unit, "2022", "1", "verified")
    assert [each.code for each in of.open] == ["Q", "P1", "P2"]
    found = scenario(of, changed(of, "Q=+3"))
    assert [(step.node, step.after.points) for step in found.steps[:1]] == [("Q", 8)]
    assert round((found.index.after.points or 0) - (found.index.before.points or 0), 8) == round(3 * 65 / 30, 8)
    with pytest.raises(WhatIfError, match="Q1 is part of Q, whose points were given as a whole; name Q"):
        changed(of, "Q1=5")


def test_a_score_that_today_makes_otherwise_is_told(real: Contest) -> None:
    same, other = (
        answer("0001-x", [real], released={"verified": Released(score, 8, 63), "self": Released(1.0, 1, 63)})
        for score in (0.678685, 0.5)
    )
    assert same.differing == ()
    assert "bản công bố ghi điểm 0,5, bộ chỉ số hiện nay cho 0,678685" in "\n".join(whatif_lines(other, {}))


def test_an_answer_says_first_that_it_is_illustrative(real: Contest) -> None:
    found = answer("0001-x", [real], [Change.parse("8.3=+1")])
    told = whatif_lines(found, {})
    assert told[0] == LINES["illustrative"].vi
    assert told[0].startswith("MINH HỌA")
    assert "8.3 Tỷ lệ doanh nghiệp nộp thuế điện tử: 10,25 → 11,25/15 điểm; hạng 13 → 7" in "\n".join(told)
    assert next(iter(found.to_dict().items())) == ("evidence", "illustrative")
    made = answer("0001-x", [made_up([(20, 12, 10)] * 4)], [Change.parse("P1=+1")])
    assert whatif_lines(made, {}, "en")[0] == LINES["official"].en


def test_bases_are_compared_and_the_own_score_put_into_the_leading_basis(bases: Mapping[str, Contest]) -> None:
    found = answer("0001-x", list(bases.values()), [])
    verified, own, taken = found.scenarios
    assert (verified.index.before.rank, own.index.before.rank) == (8, 13)
    assert (taken.basis, taken.figures_of) == ("verified", "self")
    assert taken.index.before == verified.index.before
    assert taken.index.after.points == own.index.before.points
    assert "Nếu số tự đánh giá của riêng đơn vị này được công nhận" in "\n".join(whatif_lines(found, {}))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["thai nguyen", "--period", "2022", "--set", "8.3=+1", "--lang", "en"], 0, "10.25 → 11.25 of 15 points"),
        (["VN63-19", "--period", "2022", "--reach", "5", "--cost", "9.3=2"], 0, "trừ 9.3: 2"),
        (["thai nguyne", "--period", "2022", "--set", "8.3=+1"], 1, "Thái Nguyên"),
        (["VN63-19", "--period", "2022", "--set", "8.33=1"], 1, "gần giống: 8.3"),
        (["VN63-19", "--period", "2022", "--reach", "5", "--cost", "9.3=x"], 1, "CHI PHÍ CỦA MỘT ĐIỂM"),
        (["Đà Nẵng", "--period", "2024", "--set", "1=1"], 1, "VN34-48, VN63-48"),
        (["VN63-19", "--period", "2021", "--basis", "self"], 1, "có: đã công bố"),
        (["thai nguyenn", "--period", "2022"], 1, "gần giống: Thái Nguyên, "),
        (["Bộ Tài chính", "--period", "2024"], 1, "Bộ Tài chính trong kỳ 2024; đơn vị này có trong các kỳ: 2020"),
        (["VN63-19", "--period", "2023"], 1, "Thái Nguyên trong kỳ 2023; đơn vị này có trong các kỳ: 2020, 2021, 2022"),
        (["Hà Giang", "--period", "2024"], 1, "đã sáp nhập vào: Tuyên Quang"),
        (["Thái", "--period", "2022"], 1, "gần giống: Thái Bình, Thái Nguyên, "),
        (["Bộ Xây dựngg", "--period", "2022"], 1, "gần giống, nhưng ở đây cũng không có: Bộ Xây dựng\n"),
        (["VN63-19", "--period", "2022-S1", "--lang", "en"], 1, "2022-S1; it has 2020, 2021, 2022, 2023, 2024\n"),
        (["VN63-19", "--period", "2021", "--set", "9.3=+1"], 1, "chỉ có đến 9; có thể đặt điểm cho 9, ví dụ 9=+5"),
        (["VN63-19", "--period", "2021", "--set", "PDTI=0.6"], 1, "trên thang 1000 điểm, không phải thang từ 0 đến 1"),
        (["VN63-19", "--period", "2021", "--reach", "5", "--cost", "9=2"], 1, "không có chỉ số thành phần để tính"),
        (["VN63-19", "--period", "2022", "--reach", "5", "--cost", "9.3=2", "--cost", "9.3=3"], 1, "ghi hai lần"),
        (["VN63-19", "--period", "2022", "--release", "99"], 1, "không có lần công bố 99"),
        (["VN63-19", "--period", "2022", "--cost", "9.3=2"], 2, "chỉ dùng cùng --reach"),
        (["VN63-19", "--period", "2022", "--only", "9", "--lang", "en"], 2, "belong to --reach"),
        (["VN63-19"], 2, "thiếu --period"),
        (["--period", "2022"], 2, "thiếu UNIT"),
        (["Thái", "Nguyên", "--period", "2022"], 2, "phải đặt trong ngoặc kép"),
        (["VN63-19", "--period", "2022", "--set", "8.3=+5", "--basis", "self", "--basis", "verified"], 1, "theo tự đ"),
        (
            ["VN63-19", "--period", "2022", "--reach", "5", "--cost", "9=2"],
            1,
            "hãy ghi mã của các chỉ số bên dưới: 9.1–",
        ),
        (["VN63-19", "--period", "2022", "--sets", "9.3=1"], 2, "không có tùy chọn --sets"),
        (["VN63-19", "--period", "2022", "--basis", "x"], 2, "cần một trong: final, verified, self, published"),
        (["VN63-19", "--period", "2022", "--reach", "0"], 2, "cần một số nguyên từ 1 trở lên"),
        (["VN63-19", "--period", "2022", "--reach", "5", "--costs", "gone.csv"], 2, "--costs gone.csv không dùng được"),
        (
            ["VN63-19", "--period", "2022", "--reach", "5", "--costs=gone.csv"],
            2,
            "--costs gone.csv không dùng được: cần",
        ),
        (["VN63-19", "--period", "2022", "--framework", "1726"], 1, "bộ chỉ số 1726 trong kỳ 2022; có theo: 922"),
        (["VN63-19", "--period", "2022"], 0, "từng chỉ số thành phần: dti trace VN63-19 --period 2022 --full"),
        (["VN63-19", "--period", "2022"], 0, "vững đến đâu: dti audit ranking --period 2022"),
        (["VN63-19", "--lang", "en"], 2, "Missing option '--period'"),
    ],
)
def test_the_command_answers_or_says_what_can_be_asked(flow: Flow, arguments: list[str], code: int, told: str) -> None:
    result = CliRunner().invoke(main, ["whatif", *arguments, "--data", str(flow.store.root)])
    assert (result.exit_code, told in result.output) == (code, True), result.output
    assert code or result.output.startswith(LINES["illustrative"].text("en" if "en" in arguments else "vi"))


def told(flow: Flow, *arguments: str) -> list[str]:
    result = CliRunner().invoke(main, ["whatif", *arguments, "--data", str(flow.store.root)])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_a_question_without_a_change_is_called_none_and_the_published_rank_stands_first(flow: Flow) -> None:
    by_print = told(flow, "VN63-19", "--period", "2021")
    assert by_print[0] == LINES["published"].vi
    assert LINES["others_stay"].vi not in by_print
    assert told(flow, "VN63-19", "--period", "2021", "--set", "9=+1")[0] == LINES["official"].vi
    both = told(flow, "VN63-19", "--period", "2022", "--basis", "published", "--basis", "self")
    assert both[0] == LINES["both_published"].vi
    submitted = told(flow, "VN63-19", "--period", "2022")
    assert submitted[2] == "Kết quả đã công bố (chính thức, nguồn dti.gov.vn): hạng 8/63"
    assert not any(line.startswith("Kết quả đã công bố") for line in by_print)


def test_a_rank_to_reach_after_changes_has_a_heading_of_its_own(flow: Flow) -> None:
    heading = LINES["after_changes"].vi
    for period, change in (("2022", "9.3=+1"), ("2021", "9=+1")):
        answered = told(flow, "VN63-19", "--period", period, "--set", change, "--reach", "5")
        (place,) = [place for place, line in enumerate(answered) if line == heading]
        assert any("Để đạt hạng 5" in line for line in answered[place + 1 : place + 3])
        assert heading not in told(flow, "VN63-19", "--period", period, "--reach", "5")


def test_nothing_is_released_in_an_empty_root(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["whatif", "VN63-19", "--period", "2022", "--data", str(tmp_path)])
    assert (result.exit_code, result.output) == (
        1,
        f"Error: chưa có lần công bố nào ở {tmp_path}; `dti run` tạo lần công bố đầu tiên\n",
    )


def test_where_totals_alone_were_published_the_command_gives_bounds(flow: Flow) -> None:
    asked = [
        "whatif",
        "VN63-19",
        "--period",
        "2021",
        "--set",
        "PDTI=+10",
        "--reach",
        "5",
        "--data",
        str(flow.store.root),
    ]
    printed = CliRunner().invoke(main, asked).output.splitlines()
    assert printed[0] == LINES["official"].vi
    assert "  → tổng điểm 0,506 (506/1000 điểm); hạng 7/63" in printed
    assert "phải tăng ít nhất 18,1, và tăng 18,3 thì chắc chắn đạt" in "\n".join(printed)
    both = CliRunner().invoke(
        main, [*asked[:2], "--period", "2022", "--basis", "published", "--basis", "self", *asked[-2:]]
    )
    assert both.output.startswith(LINES["both_published"].vi)


def test_a_published_rank_is_of_as_many_as_the_released_ranking_says(flow: Flow) -> None:
    release, asked = flow.store.open_release(), set[tuple[str, int | None]]()
    for row in of_release(release, "ministry_ranking").filter(basis="published").iter_rows(named=True):
        if row["rank"] is None or (row["period"], row["peers"]) in asked:
            continue
        asked.add((row["period"], row["peers"]))
        of = f"/{row['peers']}" if row["peers"] else ""
        lines = told(flow, row["unit"], "--period", row["period"])
        assert any(line.startswith("  Tổng điểm") and line.endswith(f"; hạng {row['rank']}{of}") for line in lines)
        assert any("Không công bố có bao nhiêu đơn vị" in line for line in lines) != bool(of)
    assert {("2020", None), ("2021", 17), ("2021", 9), ("2022", 17), ("2022", None), ("2023", 8)} <= asked
    lost = told(flow, "MIN22-BTC", "--period", "2021", "--set", "MDTI=-300")
    assert "  → tổng điểm 0,3321 (332,1/1000 điểm); hạng từ 5 đến 17/17" in lost
    assert any(line.startswith("Tổng điểm được công bố của 5/17 đơn vị") for line in lost)
    assert "  → tổng điểm 0,1813 (181,3/1000 điểm); hạng từ 1 đến hạng cuối" in told(
        flow, "MIN22-VAST", "--period", "2022", "--set", "MDTI=-300"
    )


def test_a_total_is_told_as_it_was_set_and_its_rounding_where_that_moves_the_ranks(flow: Flow) -> None:
    def after(change: str, unit: str = "VN63-19", period: str = "2021") -> str:
        lines = told(flow, unit, "--period", period, "--set", change, "--lang", "en")
        return next(line for line in lines if line.startswith("  →"))

    assert after("PDTI=0") == "  → total 0 (0 of 1000 points); rank between 20 and 63 of 63"
    assert after("PDTI=1000") == "  → total 1 (1000 of 1000 points); rank 1 of 63"
    assert after("PDTI=+0.14", "VN34-48", "2024") == (
        "  → total 0.70704 (707.04 of 1000 points), as what was published is rounded between 0.70699 and 0.70709;"
        " rank between 15 and 17 of 34"
    )
    soc_trang = told(flow, "VN63-94", "--period", "2020", "--lang", "en")
    assert "  Total 0.24276 (242.76 of 1000 points), recomputed from its published parts; rank 57 of 63" in soc_trang


def test_points_are_told_beside_a_total_and_none_where_none_were_published(flow: Flow) -> None:
    lines = told(flow, "VN63-19", "--period", "2022", "--set", "8.3=+4")
    assert any("điểm 0,678685 → 0,682685 (678,685 → 682,685/1000 điểm); hạng 8" in line for line in lines)
    lines = told(flow, "VN63-19", "--period", "2022", "--reach", "5")
    assert "điểm ít nhất 0,69235 (692,35/1000 điểm), chi phí thấp nhất là 13,665 đơn vị" in "\n".join(lines)
    lines = told(flow, "MIN22-BTC", "--period", "2022", "--reach", "1")
    assert "  Tổng điểm không được công bố; hạng 2/17" in lines
    assert any("hạng 1: không biết tổng điểm phải tăng bao nhiêu" in line for line in lines)


def test_costs_are_read_from_a_file_and_an_option_leads(flow: Flow, tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text("node,cost\n9.3,9\n9.6,9\n", encoding="utf-8")
    options = ["--reach", "5", "--costs", str(tmp_path / "costs.csv"), "--cost", "9.6=0.5", "--json"]
    asked = ["whatif", "VN63-19", "--period", "2022", *options, "--data", str(flow.store.root)]
    (found,) = json.loads(CliRunner().invoke(main, asked).output)["reaches"]
    nodes = {each["node"]: each["cost"] for each in found["gains"]}
    assert nodes["9.6"] == pytest.approx(13.25 / 2)
    assert "9.3" not in nodes
    for content in ("node;cost\n9.3;9,5\n", "\ufeffnode,cost\n9.3,9.5\n\n"):
        (tmp_path / "costs.csv").write_text(content, encoding="utf-8")
        assert prices_of(lines(tmp_path / "costs.csv")) == {"9.3": Decimal("9.5")}
    for content, fault in (
        ("node,cost\n\n9.1,2,5\n", "dòng 3: '9.1,2,5' thừa cột; số thập phân hãy viết với dấu chấm (2.5)"),
        ("node,cost\n9.1,0,5\n", "dòng 2: '9.1,0,5' thừa cột"),
        ("node;cost\n9.1;1.000\n", "dòng 2: '9.1=1.000' có thể đọc theo hai cách; hãy viết 1000 "),
        ('node,cost\n9.1,"12,500"\n', "hãy viết 12500 nếu là hàng nghìn, 12.5000 nếu là số thập phân"),
        ("node,cost\n9.1,2\n9.1,3\n", "dòng 3: chi phí của 9.1 được ghi hai lần"),
        ("node,cost\n9.1\n", "dòng 2: không đọc được '9.1='"),
    ):
        (tmp_path / "costs.csv").write_text(content, encoding="utf-8")
        with pytest.raises(WhatIfError) as refused:
            prices_of(lines(tmp_path / "costs.csv"))
        assert refused.value.told.vi.startswith(f"{tmp_path / 'costs.csv'}, dòng ")
        assert fault in refused.value.told.vi
    (tmp_path / "costs.csv").write_text("node,cost,\n9.1,0.125,\n9.2,1.1250,,\n", encoding="utf-8")
    assert prices_of(lines(tmp_path / "costs.csv")) == {"9.1": Decimal("0.125"), "9.2": Decimal("1.125")}
    for content in (b"9.3,9\n", b"", b"node,cost\n\xff,1\n", b'node,cost\n"9.3,1'):
        (tmp_path / "costs.csv").write_bytes(content)
        with pytest.raises(WhatIfError, match=r"costs\.csv: .*node,cost"):
            list(lines(tmp_path / "costs.csv"))
