"""The kinds of rule by which an indicator gets its points: one class each, found by scanning this module.

Here: of each kind its name and words, its entries in a framework file (the fields of the class), the figures that it
takes, its faults, its points and the shares of the maximum that it can give; and points of whole tables, by the rule of
each node. Not here: adding points up (``aggregation``), nor the other checks of a framework (``tree``).

A new kind is a new class at the end; nothing else in the package need name it. A class that lacks a member is an error
as soon as a framework is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from functools import cache, lru_cache, partial
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import polars as pl

from dti_platform.glossary import terms
from dti_platform.language import LANGUAGES, Bilingual, Language
from dti_platform.methodology.entries import typed
from dti_platform.methodology.exact import SCALE, half_up, scaled, scaled_value, scaled_wide

if TYPE_CHECKING:
    from dti_platform.methodology.framework import Framework, Node

#: The largest raw figure: a product with it still fits exact sums.
LARGEST = 10**15
#: The most criteria of one rule: every set of them is tried.
MOST_CRITERIA = 12
#: What framework files call the categories, criteria and judges of a rule: ``(chair: 1)``, ``(expert)``.
_CATEGORIES = terms("rule_categories")
_CATEGORY = re.compile(r"\b[a-z_]+(?=:)|(?<=\()[a-z]+(?=\))", re.ASCII)
#: A share is a part of the whole maximum.
WHOLE = Decimal(1)


class Limits(NamedTuple):
    """What a raw figure may be: from ``least`` on, or only ``above`` it, up to ``most``."""

    least: Decimal = Decimal(0)
    most: Decimal = Decimal(LARGEST)
    above: bool = False

    def hold(self, value: Decimal) -> bool:
        """Whether a figure lies within them."""
        return (self.least < value if self.above else self.least <= value) and value <= self.most


@dataclass(frozen=True)
class Rule:
    """How an indicator gets its points. A kind of rule is a subclass, and its fields are its entries in a file.

    Every kind states ``kind`` (its name in framework files), ``label`` (its words) and ``takes`` (the measures of
    Observations that it needs; none where points are given). A kind that takes figures defines ``points``.
    """

    kind: ClassVar[str]
    label: ClassVar[Bilingual]
    takes: ClassVar[tuple[str, ...]]
    against: ClassVar[str | None] = None
    """The direction of a node (``lower_is_better``) that the rule would reward wrongly."""

    def faults(self, node: Node) -> Iterator[str]:
        """What is wrong with the rule at its node: one sentence each, with the fix."""
        return iter(())

    def points(self, maximum: Decimal, direction: str) -> pl.Expr:
        """Points in billionths (Int64) from one column for each measure of ``raw_measures``.

        The columns hold billionths (Int128), null where the figure is missing. Null points: figures that can't be.
        """
        raise NotImplementedError

    def limits(self, measure: str, figures: Mapping[str, Decimal]) -> Limits:
        """What a raw figure may be beside the other ``figures`` of its row; what is outside is held back when read."""
        return Limits()

    @property
    def possible(self) -> tuple[Decimal, ...]:
        """The shares of the maximum that the rule can give, rising; none where it can give any."""
        return ()

    def details(self, direction: str) -> Iterator[str]:
        """What a reader of the rule needs beside its label, the same in both languages."""
        return iter(())

    def grades(self, maximum: Decimal) -> list[Decimal]:
        """The points that the rule can give, rising; none where it can give any up to the maximum."""
        return [maximum * share for share in self.possible]

    def words(self, direction: str) -> Bilingual:
        """The rule in a line: ``by category, as shares of the maximum (chair: 1; deputy: 0.5; none: 0)``."""
        details = "; ".join(self.details(direction))
        return categories_named(Bilingual(*(f"{text} ({details})" if details else text for text in self.label)))


def categories_named(rule: Bilingual) -> Bilingual:
    """The words of a rule, with the categories, criteria and judges that framework files name in code as people do.

    >>> categories_named(Bilingual("theo mức (deputy: 0.5)", "by category (deputy: 0.5)")).vi
    'theo mức (cấp phó: 0.5)'
    """
    vi, en = (_CATEGORY.sub(partial(_category, language), rule.text(language)) for language in LANGUAGES)
    return Bilingual(vi, en)


def _category(language: Language, word: re.Match[str]) -> str:
    return _CATEGORIES.get(word[0], Bilingual.same(word[0])).text(language)


# --- from a framework file --------------------------------------------------------------------------------------------


def discover(namespace: Mapping[str, object]) -> dict[str, type[Rule]]:
    """The kinds of rule among the classes of a module, by their name in framework files.

    Raises:
        TypeError: a class lacks a member, or two have one name; names class, kind and what to add.
    """
    kinds: dict[str, type[Rule]] = {}
    for value in namespace.values():
        if isinstance(value, type) and issubclass(value, Rule) and value is not Rule:
            _must_be_complete(value)
            if value.kind in kinds:
                raise TypeError(f"the kind of rule {value.kind!r} has two classes. Rename one of them.")
            kinds[value.kind] = value
    return kinds


def _must_be_complete(rule: type[Rule]) -> None:
    missing = [name for name in ("kind", "label", "takes") if not hasattr(rule, name)]
    if not missing and rule.takes and rule.points is Rule.points:
        missing = ["points"]
    if missing:
        kind = getattr(rule, "kind", "without a name")
        raise TypeError(f"the kind of rule {kind} (class {rule.__name__}) lacks {', '.join(missing)}. Add it.")


@cache
def kinds() -> Mapping[str, type[Rule]]:
    """Every kind of rule by its name in framework files.

    Raises:
        TypeError: as ``discover``.
    """
    return discover(globals())


@cache
def raw_measures() -> tuple[str, ...]:
    """The measures of Observations that any kind takes."""
    return tuple(dict.fromkeys(measure for kind in kinds().values() for measure in kind.takes))


def parse(entries: Mapping[str, object]) -> Rule:
    """A rule from its table in a framework file: ``{ kind = "steps", steps = [[2, 1], [1, 0.5]] }``.

    Raises:
        ValueError: there is no such kind, or it has other entries, or one is of another type; says what there is.
    """
    if "kind" not in entries:
        raise ValueError(f"its rule has the entries {sorted(entries)}. Give kind, one of {tuple(kinds())}.")
    kind = kinds().get(str(entries["kind"]))
    if kind is None:
        raise ValueError(f"rule is {entries['kind']!r}. Choose one of {tuple(kinds())}.")
    known = {"kind", *(entry.name for entry in fields(kind))}
    if set(entries) - known:
        raise ValueError(f"its rule has the entries {sorted(entries)}. A rule {kind.kind} has {sorted(known)}.")
    required = {entry.name for entry in fields(kind) if entry.default is MISSING and entry.default_factory is MISSING}
    if missing := sorted(required - entries.keys()):
        raise ValueError(f"its rule lacks {', '.join(missing)}. A rule {kind.kind} has {sorted(known)}.")
    try:
        return kind(**{name: typed(kind, name, value) for name, value in entries.items() if name != "kind"})
    except ValueError as wrong:
        raise ValueError(f"the entry of its rule {kind.kind}: {wrong}") from wrong


# --- points of whole tables -----------------------------------------------------------------------------------------


def misplaced(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Raw rows that the rule of their node can't use: another measure, a share that it can't give, too large a figure.

    Rows of a node that is not scored are never among them.
    """
    scored = [node.code for node in framework.nodes.values() if node.scored]
    raw = rows.filter(pl.col("measure").is_in(raw_measures()), pl.col("node").is_in(scored))
    small = raw.filter(pl.col("value").abs() <= LARGEST)
    of_shares = small.filter(pl.col("measure") == "share").with_columns(share=scaled(pl.col("value")))
    usable = pl.concat(
        [
            small.filter(pl.col("measure") != "share").join(_taken(framework), on=["node", "measure"], how="semi"),
            of_shares.join(_possible(framework), on=["node", "share"], how="semi").drop("share"),
        ]
    )
    return raw.join(usable, on=raw.columns, how="anti", nulls_equal=True)


@lru_cache(maxsize=64)
def _taken(framework: Framework) -> pl.DataFrame:
    """Node and measure that its rule takes."""
    pairs = [(node.code, measure) for node in framework.nodes.values() for measure in node.rule.takes]
    return pl.DataFrame(pairs, schema={"node": pl.String, "measure": pl.String}, orient="row")


@lru_cache(maxsize=64)
def _possible(framework: Framework) -> pl.DataFrame:
    """Node and share (billionths) that its rule can give, of the rules that take shares."""
    nodes = [node for node in framework.nodes.values() if "share" in node.rule.takes]
    pairs = [(node.code, scaled_value(share)) for node in nodes for share in node.rule.possible]
    return pl.DataFrame(pairs, schema={"node": pl.String, "share": pl.Int64}, orient="row")


def worked_out(rows: pl.DataFrame, framework: Framework, sheet: tuple[str, ...]) -> pl.DataFrame:
    """One row for each sheet and node whose raw figures are complete: sheet, node, obs_status, points, illustrative.

    ``points`` are billionths. A figure that can't be (a part above its whole, a whole of nothing) leaves the node
    without points: it counts as missing. ``sheet`` names the columns that tell one set of figures from another.
    """
    raw = rows.filter(pl.col("measure").is_in(raw_measures()))
    measures = [scaled_wide(_value_of(name)).first().alias(name) for name in raw_measures()]
    wide = raw.group_by(*sheet, "node", maintain_order=True).agg(
        pl.col("obs_status").max(), (pl.col("evidence") == "illustrative").any().alias("illustrative"), *measures
    )
    with_points = [wide.clear().with_columns(points=pl.lit(None, pl.Int64))]
    for (code,), figures in wide.partition_by("node", as_dict=True).items():
        node = framework.nodes[str(code)]
        if node.scored and node.rule.takes and node.max_points is not None:
            with_points.append(figures.with_columns(_by_rule(node, node.max_points)))
    counted = pl.concat(with_points).filter(pl.col("points").is_not_null())
    return counted.select(*sheet, "node", "obs_status", "points", "illustrative")


def _value_of(measure: str) -> pl.Expr:
    return pl.col("value").filter(pl.col("measure") == measure)


def _by_rule(node: Node, maximum: Decimal) -> list[pl.Expr]:
    """The points of one node, and whether they rest on something made up."""
    made_up = pl.col("illustrative") | (node.evidence == "illustrative")
    return [node.rule.points(maximum, node.direction).alias("points"), made_up.alias("illustrative")]


# --- what kinds share -------------------------------------------------------------------------------------------------


def _wide(value: Decimal) -> pl.Expr:
    """Billionths as Int128, so that a product with a raw figure fits."""
    return pl.lit(scaled_value(value), pl.Int128)


def _reaches(value: pl.Expr, bound: Decimal, direction: str) -> pl.Expr:
    return value <= _wide(bound) if direction == "lower_is_better" else value >= _wide(bound)


def _outside(shares: Iterable[Decimal]) -> Iterator[str]:
    if any(not 0 <= share <= WHOLE for share in shares):
        yield "a share is outside 0 to 1. Give parts of the maximum."


# --- the kinds: a new one stands at the end ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Points(Rule):
    """Points as they are given; ``by`` names who gives them: survey, expert, automatic."""

    kind = "points"
    label = Bilingual("điểm chấm", "points as given")
    takes = ()

    by: str | None = None

    def details(self, direction: str) -> Iterator[str]:
        """Who gives the points."""
        yield from [self.by] if self.by else []


@dataclass(frozen=True)
class Information(Rule):
    """A figure that is reported and not scored."""

    kind = "information"
    label = Bilingual("thông tin, không tính điểm", "information, not scored")
    takes = ()

    def faults(self, node: Node) -> Iterator[str]:
        """A node that is scored."""
        if node.scored:
            yield "nothing is scored by it. Write scored = false."


@dataclass(frozen=True)
class Ratio(Rule):
    """a / b x the maximum; no points where a is below 0 or above b, or b is 0."""

    kind = "ratio"
    label = Bilingual("a / b x điểm tối đa", "a / b x the maximum")
    takes = ("numerator", "denominator")
    against = "lower_is_better"

    def points(self, maximum: Decimal, direction: str) -> pl.Expr:
        """Rounded once, halves upwards; 0 of 0 is null."""
        a, b = pl.col("numerator"), pl.col("denominator")
        return pl.when((a >= 0) & (a <= b)).then(half_up(a * _wide(maximum), b, wide=True))

    def limits(self, measure: str, figures: Mapping[str, Decimal]) -> Limits:
        """A whole above 0, and a part of it."""
        whole = figures.get("denominator", Decimal(LARGEST))
        return Limits(above=True) if measure == "denominator" else Limits(most=whole)


@dataclass(frozen=True)
class Steps(Rule):
    """The share of the first step that a value reaches: ``steps = [[4, 1], [2, 0.5]]``, (bound, share), best first."""

    kind = "steps"
    label = Bilingual("theo bậc, tính theo tỷ lệ điểm tối đa", "steps, as shares of the maximum")
    takes = ("value",)

    steps: tuple[tuple[Decimal, Decimal], ...] = ()

    def faults(self, node: Node) -> Iterator[str]:
        """Bounds fall (or rise, where lower is better), and shares fall with every step."""
        bounds, shares = [bound for bound, _ in self.steps], [share for _, share in self.steps]
        rising = node.direction == "lower_is_better"
        ordered = bounds == sorted(set(bounds), reverse=not rising) and shares == sorted(set(shares), reverse=True)
        if not (bounds and ordered):
            yield "give [bound, share] pairs, the best first, no bound twice, shares falling."
        yield from _outside(shares)

    def points(self, maximum: Decimal, direction: str) -> pl.Expr:
        """Nothing below the last step; null without a value."""
        value = pl.col("value")
        reached = [(_reaches(value, bound, direction), scaled_value(share * maximum)) for bound, share in self.steps]
        first = pl.coalesce(*(pl.when(reaches).then(pl.lit(worth, pl.Int64)) for reaches, worth in reached))
        return pl.when(value.is_not_null()).then(first.fill_null(0))

    @property
    def possible(self) -> tuple[Decimal, ...]:
        """The share of every step, and 0."""
        return tuple(sorted({Decimal(0), *(share for _, share in self.steps)}))

    def details(self, direction: str) -> Iterator[str]:
        """``>= 4: 1``, the best step first."""
        sign = "<=" if direction == "lower_is_better" else ">="
        yield from (f"{sign} {bound}: {share}" for bound, share in self.steps)


@dataclass(frozen=True)
class Category(Rule):
    """The share of the one category that holds: ``shares = { chair = 1, deputy = 0.5, none = 0 }``."""

    kind = "category"
    label = Bilingual("theo mức, tính theo tỷ lệ điểm tối đa", "by category, as shares of the maximum")
    takes = ("share",)

    shares: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])

    def faults(self, node: Node) -> Iterator[str]:
        """No categories, or shares outside 0 to 1."""
        if not self.shares:
            yield "needs named shares. Give shares = { name = 1, ... }."
        yield from _outside(self.shares.values())

    def points(self, maximum: Decimal, direction: str) -> pl.Expr:
        """The share of the maximum."""
        return half_up(pl.col("share") * _wide(maximum), pl.lit(SCALE), wide=True)

    @property
    def possible(self) -> tuple[Decimal, ...]:
        """The share of every category."""
        return tuple(sorted(set(self.shares.values())))

    def details(self, direction: str) -> Iterator[str]:
        """``chair: 1``, in the file's order."""
        yield from (f"{name}: {share}" for name, share in self.shares.items())


@dataclass(frozen=True)
class Criteria(Category):
    """The shares of all criteria that are met, added up: ``shares = { planned = 0.5, used = 0.5 }``; they make 1."""

    kind = "criteria"
    label = Bilingual("tổng các tiêu chí, tính theo tỷ lệ điểm tối đa", "sum of criteria, as shares of the maximum")

    def faults(self, node: Node) -> Iterator[str]:
        """Shares that don't add up to the maximum, or too many to try every set of them."""
        total = sum(self.shares.values())
        if total != WHOLE or len(self.shares) > MOST_CRITERIA:
            yield f"the shares add up to {total}, not 1, or are more than {MOST_CRITERIA}."
        yield from _outside(self.shares.values())

    @property
    def possible(self) -> tuple[Decimal, ...]:
        """What every set of criteria gives; nothing for none of them."""
        shares = tuple(self.shares.values())
        sets = (chosen for size in range(len(shares) + 1) for chosen in combinations(shares, size))
        return tuple(sorted({sum(chosen, Decimal(0)) for chosen in sets}))
