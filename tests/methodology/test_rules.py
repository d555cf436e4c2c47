"""What a rule makes of raw figures, to the billionth; and that a kind of rule is one class, complete or refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dti_platform.language import Bilingual
from dti_platform.methodology import Framework, Frameworks, ObservationError, rules, score
from dti_platform.methodology.description import rule
from dti_platform.methodology.rules import Category, Criteria, Ratio, Rule, Steps, discover, kinds
from tests.methodology.observed import observed, one
from tests.methodology.proofs import Nodes, proofs
from tests.methodology.small_index import SMALL, node

Load = Callable[..., Frameworks]
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
UNIT = "VN63-01"
#: A small index of one or two indicators of every kind, as in the local sets derived from framework 922.
NODES: Nodes = {
    code: entries
    for kind in ("steps", "ratio", "category", "criteria", "points")
    for code, entries in proofs()[kind].NODES.items()
}


def tree(missing: str = "withhold", nodes: Nodes = NODES) -> str:
    leaves = [node(code, "T", written(*entries)) for code, entries in nodes.items()]
    return SMALL.replace('"withhold"', f'"{missing}"') + node("T", None, "", "index") + "".join(leaves)


def written(maximum: int, rule: str, more: str) -> str:
    return "\n".join([f"max_points = {maximum}" if maximum else "", f"rule = {rule}", more])


@pytest.fixture
def framework(load_text: Load) -> Framework:
    return load_text(tree()).all[0]


def raw(code: str, figures: dict[str, float], **same: Any) -> pl.DataFrame:
    rows = [
        observed([(UNIT, code, value)], framework="1", measure=measure, **same) for measure, value in figures.items()
    ]
    return pl.concat([observed([]), *rows])


def points_of(framework: Framework, code: str, observations: pl.DataFrame) -> float | None:
    return one(score(observations, framework, [UNIT]), node=code)["points"]


@pytest.mark.parametrize(
    ("kind", "code", "figures", "points"), [(kind, *case) for kind, proof in proofs().items() for case in proof.CASES]
)
def test_points_follow_from_raw_figures(
    load_text: Load, kind: str, code: str, figures: dict[str, float], points: float | None
) -> None:
    framework = load_text(tree(nodes={**proofs()["points"].NODES, **proofs()[kind].NODES})).all[0]
    found = one(score(raw(code, figures), framework, [UNIT]), node=code) if points is not None else None
    if found is None:
        both = pl.concat([raw(code, figures), observed([(UNIT, "survey", 1)], framework="1")])
        found = one(score(both, framework, [UNIT]), node=code)
        assert (found["points"], found["score"], found["missing"], found["obs_status"]) == (None, None, 1, "O")
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
        case "meetings":
            return most * Fraction(min(max(int(value), 0), 4), 4)
        case _:
            return most * (Fraction(1) if value == 0 else Fraction(1, 2) if value <= 2 else Fraction(0))


def billionths(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator * 10**9 // value.denominator)
    rest = value * 10**9 - exact.__int__()
    return (exact + (1 if rest >= Fraction(1, 2) else 0)).scaleb(-9).quantize(Decimal("1e-9"), ROUND_HALF_UP)


FIGURE = st.decimals(0, 10**6, places=4).map(lambda value: Fraction(str(value)))


@given(st.sampled_from(["chaired", "meetings", "incidents"]), FIGURE, FIGURE)
@quick
def test_points_are_the_exact_fraction_rounded_once(
    load_text: Load, code: str, one_of: Fraction, other: Fraction
) -> None:
    figures = {"numerator": one_of, "denominator": other} if code == "chaired" else {"value": one_of}
    framework = load_text(tree()).all[0]
    whole = pl.concat(
        [raw(code, {k: float(v) for k, v in figures.items()}), observed([(UNIT, "survey", 1)], framework="1")]
    )
    exact = expected(code, NODES[code][0], figures)
    assert points_of(framework, code, whole) == (None if exact is None else float(billionths(exact)))


@given(st.sampled_from(["meetings", "incidents", "chaired"]), FIGURE, FIGURE)
@quick
def test_a_better_figure_never_gives_fewer_points(load_text: Load, code: str, low: Fraction, high: Fraction) -> None:
    framework = load_text(tree()).all[0]
    worse, better = sorted((float(low), float(high)), reverse=code == "incidents")
    sheets = [{"numerator": v, "denominator": 1e6} if code == "chaired" else {"value": v} for v in (worse, better)]
    both = {unit: raw(code, figures) for unit, figures in zip((UNIT, "VN63-02"), sheets, strict=True)}
    observations = pl.concat(rows.with_columns(unit=pl.lit(unit)) for unit, rows in both.items())
    scores = score(observations, framework, [*both])
    before, after = (one(scores, unit=unit, node=code)["points"] for unit in both)
    assert before is not None
    assert after is not None
    assert after >= before


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
    with pytest.raises(ObservationError, match=f"1-provincial.toml: unit VN63-01, .*{message}.*Fix"):
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
            raw("incidents", {"value": 1}),
        ]
    )  # fmt: skip
    total = one(score(whole, framework, [UNIT]), node="T")
    assert total["points"] == 15 + 2.5 + 5 + 7 + 6.5 + 3
    assert (total["missing"], total["evidence"]) == (0, "official")


def test_illustrative_figures_make_illustrative_points(framework: Framework) -> None:
    figures = {"numerator": 1, "denominator": 2}
    assert one(score(raw("chaired", figures, evidence="illustrative"), framework, [UNIT]), node="chaired")[
        "evidence"
    ] == ("illustrative")


@pytest.mark.parametrize(("missing", "points"), [("withhold", None), ("zero", 10.0), ("rescale", 38.0)])
def test_an_impossible_figure_is_missing_under_the_rule_for_missing(
    load_text: Load, missing: str, points: float | None
) -> None:
    framework = load_text(tree(missing)).all[0]
    rows = pl.concat([raw("chaired", {"numerator": 9, "denominator": 8}), raw("head", {"share": 1})])
    both = pl.concat([rows, observed([(UNIT, "survey", 0)], framework="1")])
    assert points_of(framework, "T", both) == points
    assert one(score(both, framework, [UNIT]), node="T")["missing"] == 4


def test_an_unscored_indicator_may_say_anything(load_text: Load) -> None:
    plain = tree() + node("I", "T", 'scored = false\nrule = { kind = "information" }')
    framework = load_text(plain).all[0]
    both = pl.concat([raw("I", {"value": 7, "numerator": 3}), raw("head", {"share": 1})])
    assert "I" not in set(score(both, framework, [UNIT])["node"])


def test_what_a_rule_can_give() -> None:
    half = Decimal("0.5")
    assert Category(shares={"a": Decimal(1), "b": half, "c": half}).possible == (half, Decimal(1))
    assert Criteria(shares={"a": half, "b": half}).possible == (Decimal(0), half, Decimal(1))
    assert Steps(steps=((Decimal(4), Decimal(1)), (Decimal(2), half))).possible == (Decimal(0), half, Decimal(1))
    assert Ratio().possible == ()
    assert Category(shares={"a": Decimal(1), "b": half}).grades(Decimal(20)) == [10, 20]


# --- one class each -------------------------------------------------------------------------------------------------


class Band(Rule):
    """A kind with all that it needs: full points up to a bound."""

    kind = "band"
    label = Bilingual("theo ngưỡng", "by a bound")
    takes = ("value",)

    def points(self, maximum: Decimal, direction: str) -> pl.Expr:  # noqa: ARG002
        return pl.when(pl.col("value") >= 0).then(pl.lit(int(maximum) * 10**9))


def test_the_kinds_are_the_classes_of_the_module() -> None:
    assert set(kinds()) >= {"points", "information", "ratio", "steps", "category", "criteria"}
    assert discover({"Rule": Rule, "Band": Band, "other": 3}) == {"band": Band}


@pytest.mark.parametrize("member", ["kind", "label", "takes", "points"])
def test_a_kind_that_is_half_added_is_an_error_that_names_kind_and_member(member: str) -> None:
    members = {name: value for name, value in vars(Band).items() if name in {"kind", "label", "takes", "points"}}
    half = type("Band", (Rule,), {name: value for name, value in members.items() if name != member})
    kind = "without a name" if member == "kind" else "band"
    with pytest.raises(TypeError, match=rf"the kind of rule {kind} \(class Band\) lacks {member}\."):
        discover({"Band": half})


def test_two_kinds_of_one_name_are_an_error() -> None:
    with pytest.raises(TypeError, match="'band' has two classes"):
        discover({"Band": Band, "Again": type("Again", (Band,), {})})


def test_one_class_is_all_that_a_new_kind_needs(load_text: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read from a file, takes its figures, gives points, and is described, with no other change."""
    known = {**kinds(), "band": Band}
    monkeypatch.setattr(rules, "kinds", lambda: known)
    text = SMALL + node("T", None, "", "index") + node("A", "T", "max_points = 5\nrule = { kind = 'band' }")
    framework = load_text(text).all[0]
    assert points_of(framework, "A", raw("A", {"value": 3})) == 5
    assert rule(framework, framework.nodes["A"]) == ("theo ngưỡng", "by a bound")
