"""What a rule makes of raw figures: the rules read in public sets, and the platform's own, to the billionth."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dti_platform.methodology import Framework, Frameworks, ObservationError, Rule, score
from dti_platform.methodology import description as words
from tests.methodology.observed import observed, one
from tests.methodology.small_index import SMALL, node

Load = Callable[..., Frameworks]
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
UNIT = "VN63-01"
WORDS = 'words = { chair = ["Trưởng ban"], deputy = ["Phó trưởng ban"] }'
#: Node -> (maximum, rule, direction): one of every kind, as in the local sets derived from framework 922, and ours.
KINDS = {
    "meetings": (20, '{ kind = "steps", steps = [[4, 1], [3, 0.75], [2, 0.5], [1, 0.25]] }', ""),
    "chaired": (20, '{ kind = "ratio" }', ""),
    "head": (10, f'{{ kind = "category", shares = {{ chair = 1, deputy = 0.5, none = 0 }}, {WORDS} }}', ""),
    "led": (10, '{ kind = "criteria", shares = { attends = 0.5, chairs = 0.3, signs = 0.2 } }', ""),
    "survey": (10, '{ kind = "points", by = "survey" }', ""),
    "fibre": (7, '{ kind = "target", target = 80, ours = true }', ""),
    "hours": (9, '{ kind = "inverse", target = 3, ours = true }', 'direction = "lower_is_better"'),
    "incidents": (6, '{ kind = "steps", steps = [[0, 1], [2, 0.5]] }', 'direction = "lower_is_better"'),
}  # fmt: skip
RAW = ("chaired", "fibre", "hours", "meetings", "incidents", "head", "led")
#: Node, raw figures by measure, points (None: no points, and the indicator is missing).
CASES: list[tuple[str, dict[str, float], float | None]] = [
    ("meetings", {"value": 5}, 20.0),
    ("meetings", {"value": 4}, 20.0),
    ("meetings", {"value": 3.999999999}, 15.0),
    ("meetings", {"value": 1}, 5.0),
    ("meetings", {"value": 0}, 0.0),
    ("meetings", {"value": -1}, 0.0),
    ("chaired", {"numerator": 1, "denominator": 3}, 6.666666667),
    ("chaired", {"numerator": 2, "denominator": 3}, 13.333333333),
    ("chaired", {"numerator": 0, "denominator": 7}, 0.0),
    ("chaired", {"numerator": 7, "denominator": 7}, 20.0),
    ("chaired", {"numerator": 123_456_789_012_345, "denominator": 987_654_321_098_765}, 2.499999977),
    ("chaired", {"numerator": 8, "denominator": 7}, None),
    ("chaired", {"numerator": 0, "denominator": 0}, None),
    ("chaired", {"numerator": -1, "denominator": 7}, None),
    ("chaired", {"numerator": -1, "denominator": -7}, None),
    ("chaired", {"numerator": 3}, None),
    ("chaired", {"denominator": 3}, None),
    ("head", {"share": 1}, 10.0),
    ("head", {"share": 0.5}, 5.0),
    ("head", {"share": 0}, 0.0),
    ("led", {"share": 0.8}, 8.0),
    ("led", {"share": 0}, 0.0),
    ("fibre", {"value": 40}, 3.5),
    ("fibre", {"value": 79.99}, 6.999125),
    ("fibre", {"value": 80}, 7.0),
    ("fibre", {"value": 95}, 7.0),
    ("fibre", {"value": -1}, None),
    ("hours", {"value": 0}, 9.0),
    ("hours", {"value": 3}, 9.0),
    ("hours", {"value": 4}, 6.75),
    ("hours", {"value": 7}, 3.857142857),
    ("hours", {"value": -1}, None),
    ("incidents", {"value": 0}, 6.0),
    ("incidents", {"value": 1}, 3.0),
    ("incidents", {"value": 2}, 3.0),
    ("incidents", {"value": 3}, 0.0),
]


def tree(missing: str = "withhold") -> str:
    whole = sum(most for most, *_ in KINDS.values())
    leaves = (
        node(code, "T", f"max_points = {most}\nrule = {rule}\n{more}") for code, (most, rule, more) in KINDS.items()
    )
    return (
        SMALL.replace('"withhold"', f'"{missing}"')
        + node("T", None, f"max_points = {whole}", "index")
        + "".join(leaves)
    )


@pytest.fixture
def framework(load_text: Load) -> Framework:
    return load_text(tree()).all[0]


def raw(code: str, figures: dict[str, float], **same: Any) -> pl.DataFrame:
    rows = [
        observed([(UNIT, code, value)], framework="1", measure=measure, **same) for measure, value in figures.items()
    ]
    return pl.concat(rows)


def points_of(framework: Framework, code: str, observations: pl.DataFrame) -> float | None:
    return one(score(observations, framework, [UNIT]), node=code)["points"]


@pytest.mark.parametrize(("code", "figures", "points"), CASES)
def test_points_follow_from_raw_figures(
    framework: Framework, code: str, figures: dict[str, float], points: float | None
) -> None:
    found = one(score(raw(code, figures), framework, [UNIT]), node=code) if points is not None else None
    if found is None:
        both = pl.concat([raw(code, figures), observed([(UNIT, "survey", 1)], framework="1")])
        found = one(score(both, framework, [UNIT]), node=code)
        assert (found["points"], found["score"], found["missing"], found["obs_status"]) == (None, None, 1, "M")
    else:
        assert found["points"] == pytest.approx(points, abs=1e-12)
        assert found["score"] is not None
        assert found["missing"] == 0


def expected(kind: str, most: int, figures: dict[str, Fraction]) -> Fraction | None:
    """The rules again, in fractions, from their words alone."""
    value = figures.get("value", Fraction(0))
    match kind:
        case "chaired":
            a, b = figures["numerator"], figures["denominator"]
            return most * a / b if 0 <= a <= b and b else None
        case "fibre":
            return most * min(value / 80, Fraction(1))
        case "hours":
            return most * min(3 / value, Fraction(1)) if value else Fraction(most)
        case "meetings":
            return most * Fraction(min(max(int(value), 0), 4), 4)
        case _:
            return most * (Fraction(1) if value == 0 else Fraction(1, 2) if value <= 2 else Fraction(0))


def billionths(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator * 10**9 // value.denominator)
    rest = value * 10**9 - exact.__int__()
    return (exact + (1 if rest >= Fraction(1, 2) else 0)).scaleb(-9).quantize(Decimal("1e-9"), ROUND_HALF_UP)


FIGURE = st.decimals(0, 10**6, places=4).map(lambda value: Fraction(str(value)))


@given(st.sampled_from(["chaired", "fibre", "hours", "meetings", "incidents"]), FIGURE, FIGURE)
@quick
def test_points_are_the_exact_fraction_rounded_once(
    load_text: Load, code: str, one_of: Fraction, other: Fraction
) -> None:
    figures = {"numerator": one_of, "denominator": other} if code == "chaired" else {"value": one_of}
    framework = load_text(tree()).all[0]
    whole = pl.concat(
        [raw(code, {k: float(v) for k, v in figures.items()}), observed([(UNIT, "survey", 1)], framework="1")]
    )
    exact = expected(code, KINDS[code][0], figures)
    assert points_of(framework, code, whole) == (None if exact is None else float(billionths(exact)))


@given(st.sampled_from(["fibre", "hours", "meetings", "incidents", "chaired"]), FIGURE, FIGURE)
@quick
def test_a_better_figure_never_gives_fewer_points(load_text: Load, code: str, low: Fraction, high: Fraction) -> None:
    framework = load_text(tree()).all[0]
    worse, better = sorted((float(low), float(high)), reverse=code in ("hours", "incidents"))
    sheets = [{"numerator": v, "denominator": 1e6} if code == "chaired" else {"value": v} for v in (worse, better)]
    before, after = (points_of(framework, code, raw(code, figures)) for figures in sheets)
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize(
    ("code", "text", "share"),
    [
        ("head", "chair", "1"),
        ("head", "  Trưởng  ban", "1"),
        ("head", "PHÓ TRƯỞNG BAN", "0.5"),
        ("head", "none", "0"),
        ("led", "attends; signs", "0.7"),
        ("led", "signs", "0.2"),
        ("led", "chairs, attends\nsigns", "1.0"),
    ],
)
def test_a_word_is_a_share_of_the_maximum(framework: Framework, code: str, text: str, share: str) -> None:
    assert framework.nodes[code].rule.share(text) == Decimal(share)


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        ("head", "boss", "'boss' is none of: chair, Trưởng ban, deputy"),
        ("head", "chair; deputy", "is none of"),
        ("head", "", "is none of"),
        ("led", "signs; signs", "twice"),
        ("led", "signs; dances", "'dances' is none of"),
        ("survey", "good", "is none of"),
    ],
)
def test_a_word_that_the_rule_does_not_know_is_never_guessed(
    framework: Framework, code: str, text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        framework.nodes[code].rule.share(text)


@pytest.mark.parametrize(
    ("code", "figures", "message"),
    [
        ("chaired", {"value": 3}, "value 3.0 is nothing that its rule ratio can take in \\(numerator, denominator\\)"),
        ("meetings", {"numerator": 3}, "rule steps can take in \\(value\\)"),
        ("survey", {"value": 3}, "rule points can take in \\(points alone\\)"),
        ("T", {"share": 1}, "node T, .* rule points"),
        ("head", {"share": 0.25}, "share 0.25 is nothing that its rule category"),
        ("led", {"share": 0.6}, "share 0.6 is nothing that its rule criteria"),
        ("chaired", {"numerator": 2e15, "denominator": 1}, "numerator 2000000000000000.0 is nothing"),
    ],
)
def test_a_raw_figure_that_the_rule_can_not_use_is_an_error(
    framework: Framework, code: str, figures: dict[str, float], message: str
) -> None:
    with pytest.raises(ObservationError, match=f"1-provincial.toml: unit VN63-01, .*{message}.*Mend"):
        score(raw(code, figures), framework, [UNIT])


def test_whole_raw_figures_count_before_points_that_the_unit_claims(framework: Framework) -> None:
    claimed = observed([(UNIT, "chaired", 20)], framework="1")
    assert (
        points_of(framework, "chaired", pl.concat([claimed, raw("chaired", {"numerator": 1, "denominator": 2})])) == 10
    )
    assert points_of(framework, "chaired", pl.concat([claimed, raw("chaired", {"numerator": 1})])) == 20


def test_self_and_verified_figures_are_worked_out_apart(framework: Framework) -> None:
    both = pl.concat(
        [
            raw("chaired", {"numerator": 3, "denominator": 4}, basis="self"),
            raw("chaired", {"numerator": 1, "denominator": 4}, basis="verified"),
        ]
    )
    scores = score(both, framework, [UNIT])
    assert [one(scores, node="chaired", basis=basis)["points"] for basis in ("self", "verified")] == [15, 5]


def test_a_whole_index_of_every_kind_adds_up(framework: Framework) -> None:
    whole = pl.concat(
        [
            raw("meetings", {"value": 3}), raw("chaired", {"numerator": 1, "denominator": 8}),
            raw("head", {"share": 0.5}), raw("led", {"share": 0.7}), observed([(UNIT, "survey", 6.5)], framework="1"),
            raw("fibre", {"value": 20}), raw("hours", {"value": 6}), raw("incidents", {"value": 1}),
        ]
    )  # fmt: skip
    total = one(score(whole, framework, [UNIT]), node="T")
    assert total["points"] == 15 + 2.5 + 5 + 7 + 6.5 + 1.75 + 4.5 + 3
    assert (total["missing"], total["evidence"]) == (0, "official")


def test_illustrative_figures_make_illustrative_points(framework: Framework) -> None:
    figures = {"numerator": 1, "denominator": 2}
    assert one(score(raw("chaired", figures, evidence="illustrative"), framework, [UNIT]), node="chaired")[
        "evidence"
    ] == ("illustrative")


@pytest.mark.parametrize(("missing", "points"), [("withhold", None), ("zero", 10.0), ("rescale", 46.0)])
def test_an_impossible_figure_is_missing_under_the_rule_for_missing(
    load_text: Load, missing: str, points: float | None
) -> None:
    framework = load_text(tree(missing)).all[0]
    rows = pl.concat([raw("chaired", {"numerator": 9, "denominator": 8}), raw("head", {"share": 1})])
    both = pl.concat([rows, observed([(UNIT, "survey", 0)], framework="1")])
    assert points_of(framework, "T", both) == points
    assert one(score(both, framework, [UNIT]), node="T")["missing"] == 6


def test_an_unscored_indicator_may_say_anything(load_text: Load) -> None:
    plain = tree() + node("I", "T", 'scored = false\nrule = { kind = "information" }')
    framework = load_text(plain).all[0]
    both = pl.concat([raw("I", {"value": 7, "numerator": 3}), raw("head", {"share": 1})])
    assert "I" not in set(score(both, framework, [UNIT])["node"])


def test_the_platforms_own_rules_are_marked_in_words(framework: Framework) -> None:
    for code in KINDS:
        vi, en = words.rule(framework, framework.nodes[code])
        ours = framework.nodes[code].rule.kind in ("target", "inverse")
        assert ("quy tắc của nền tảng" in vi, "the platform's own" in en) == (ours, ours)


def test_what_a_rule_can_give() -> None:
    half = Decimal("0.5")
    assert Rule("category", shares={"a": Decimal(1), "b": half, "c": half}).possible == (half, Decimal(1))
    assert Rule("criteria", shares={"a": half, "b": half}).possible == (Decimal(0), half, Decimal(1))
    assert Rule("ratio").possible == ()
