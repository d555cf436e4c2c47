"""The checks that every framework passes before anyone computes with it.

Here: what makes a tree valid (codes, parents, maxima, weights, settings, evidence), and what no two frameworks may
share. Not here: reading files. Every error names the file, the node and the fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from dti_platform.codes import LEVELS, MISSING_RULES
from dti_platform.methodology.framework import Framework, FrameworkError, Node, Settings

if TYPE_CHECKING:
    from dti_platform.units import Units

KINDS = ("index", "pillar", "group", "main_index", "indicator")
AGGREGATIONS = ("weighted_pillars", "sum_of_main_indices")
MERGERS = ("unweighted_mean",)
CERTAINTIES = ("verbatim", "paraphrased", "inferred", "invented")
CHOICES = {"rounding": ("half_up",), "tie": ("competition",), "missing": MISSING_RULES}
#: What the contracts of published tables allow in a code and a concept: a metric of reconciliation is ``score_`` with
#: the concept, else with the code in small letters; a list of codes is separated by spaces.
CODE, CONCEPT = re.compile(r"[A-Za-z0-9_.]+"), re.compile(r"[a-z0-9_.]+")
YEAR = re.compile(r"\d{4}")
#: Scores hold billionths.
MOST_DECIMALS = 9
#: Points are summed as integers of 1e-9; the widest product of scoring must fit in 63 bits.
WIDEST = Decimal(2**63 - 1)


def shaped(framework: Framework) -> Framework:
    """The same framework, if its nodes form one tree: the least that must hold before it is walked.

    Raises:
        FrameworkError: for the first fault, naming file, node and fix.
    """
    return _without(_shape(framework), framework)


def checked(framework: Framework) -> Framework:
    """The same framework, if everything about it holds together.

    Raises:
        FrameworkError: for the first fault, naming file, node and fix.
    """
    return _without(_faults(framework), framework)


def _without(faults: Iterator[str], framework: Framework) -> Framework:
    for fault in faults:
        raise FrameworkError(f"{framework.file}: {fault}")
    return framework


def check_together(frameworks: Iterable[Framework], units: Units | None) -> None:
    """No two frameworks of one index for a level, geography and period, no version of two indexes, nothing unknown.

    That is no geography and no member that the units don't know; an overlay is in force with what it lies over.

    Raises:
        FrameworkError: naming the file and what it clashes with.
    """
    holder: dict[tuple[str, str, str], Framework] = {}
    versions: dict[str, Framework] = {}
    frameworks = tuple(frameworks)
    for fault in (fault for framework in frameworks if units for fault in _unknown(framework, units)):
        raise FrameworkError(fault)
    for framework in (framework for framework in frameworks if framework.overlay is None):
        if (named := versions.setdefault(framework.version, framework)).index != framework.index:
            raise FrameworkError(
                f"{framework.file}: version {framework.version} is of {framework.index}, and of {named.index} in"
                f" {named.file}. Rename one."
            )
        for period, geography in framework.in_force:
            other = holder.setdefault((framework.index, period, geography), framework)
            if other is not framework:
                raise FrameworkError(
                    f"{framework.file}: in force for {geography} in {period}, and so is {other.file}, of the same"
                    f" index {framework.index}. Remove one, or name another index."
                )


def _unknown(framework: Framework, units: Units) -> Iterator[str]:
    """Geographies and members that the units don't know, and assumed groups that contradict the published ones."""
    merging = (framework.merging.before, framework.merging.after) if framework.merging else ()
    for geography in (*(geography for _, geography in framework.in_force), *merging):
        if geography not in units.geographies:
            yield f"{framework.file}: the geography {geography} is not known. Fix in_force or merging."
    for (period, unit), group in framework.membership.items():
        public = units.group_of(unit, int(period))
        if unit not in units.all or public not in (None, group):
            yield (
                f"{framework.file}: membership of {unit} in {period}: it is no unit, or is publicly in {public}."
                " Correct the unit or its group."
            )


def _faults(framework: Framework) -> Iterator[str]:
    yield from _head(framework)
    yield from _metrics(framework)
    for node in framework.nodes.values():
        for fault in (*_names(node), *_rule(framework, node), *_evidence(framework, node)):
            yield f"node {node.code}: {fault}"
    for node in framework.nodes.values():
        for fault in _sums(framework, node):
            yield f"node {node.code}: {fault}"


def _head(framework: Framework) -> Iterator[str]:
    if framework.level not in LEVELS:
        yield f"level is {framework.level!r}. Choose one of {LEVELS}."
    if framework.file != f"{framework.name}.toml":
        yield f"holds {framework.name}. Name the file {framework.name}.toml."
    if framework.aggregation not in AGGREGATIONS:
        yield f"aggregation is {framework.aggregation!r}. Choose one of {AGGREGATIONS}."
    if len(framework.unknown_vi) != len(framework.unknown_en):
        yield "unknown_vi and unknown_en differ in length. Write each in both languages."
    yield from (*_settings(framework.settings), *_years(framework), *_special_rules(framework))


def _settings(settings: Settings) -> Iterator[str]:
    for name, choices in CHOICES.items():
        if getattr(settings, name) not in choices:
            yield f"settings.{name} is {getattr(settings, name)!r}. Choose one of {choices}."
    if not all(0 <= decimals <= MOST_DECIMALS for decimals in (settings.decimals, settings.printed_decimals)):
        yield f"settings: decimals and printed_decimals are whole numbers from 0 to {MOST_DECIMALS}. Fix them."
    if not 0 <= settings.tie_decimals <= settings.decimals:
        yield f"settings.tie_decimals is {settings.tie_decimals}. Give a number up to decimals: {settings.decimals}."
    if not 0 < settings.provisional_from <= 1:
        yield f"settings.provisional_from is {settings.provisional_from}. Give a share above 0, up to 1."


def _years(framework: Framework) -> Iterator[str]:
    years = {year for year, _ in (*framework.in_force, *framework.membership)}
    if others := sorted(year for year in years if not YEAR.fullmatch(year)):
        yield f"in_force or membership has the periods {others}. Write years of four digits."


def _special_rules(framework: Framework) -> Iterator[str]:
    """What merged units get, and what doesn't apply to a ranked group."""
    merging = framework.merging
    if merging and (merging.rule not in MERGERS or merging.kind not in KINDS or merging.certainty not in CERTAINTIES):
        yield f"merging: choose rule of {MERGERS}, kind of {KINDS}, certainty of {CERTAINTIES}."
    for exemption in framework.exemptions:
        if others := [code for code in exemption.without if code not in framework.nodes or framework.children(code)]:
            yield f"exemptions of {exemption.group}: {others} are no indicators. Name nodes without nodes below them."


def _shape(framework: Framework) -> Iterator[str]:
    """One root, known parents, no circle, members that exist, no concept twice."""
    roots = [node.code for node in framework.nodes.values() if node.parent is None]
    if len(roots) != 1:
        yield f"the nodes without a parent are {roots}. Exactly one is the index itself."
    concepts: dict[str, str] = {}
    for node in framework.nodes.values():
        for code in (*((node.parent,) if node.parent else ()), *node.members):
            if code not in framework.nodes:
                yield f"node {node.code}: names {code}, which is no node. Add it or fix the name."
        if node.concept and concepts.setdefault(node.concept, node.code) != node.code:
            yield f"node {node.code}: the concept {node.concept} is already that of {concepts[node.concept]}."
        if _in_a_circle(framework, node):
            yield f"node {node.code}: is its own ancestor or its own part. Fix parent or members."


def _in_a_circle(framework: Framework, node: Node) -> bool:
    """Whether one comes back to a node by going down its children and members."""
    below = {other.code: [*other.members] for other in framework.nodes.values()}
    for child in framework.nodes.values():
        if child.parent is not None:
            below.setdefault(child.parent, []).append(child.code)
    seen: set[str] = set()
    todo = list(below[node.code])
    while todo:
        code = todo.pop()
        if code == node.code:
            return True
        if code not in seen:
            seen.add(code)
            todo.extend(below.get(code, ()))
    return False


def _metrics(framework: Framework) -> Iterator[str]:
    """No two nodes are called alike in the metrics of reconciliation."""
    names: dict[str, str] = {}
    for node in framework.nodes.values():
        name = node.concept or node.code.lower()
        if names.setdefault(name, node.code) != node.code:
            yield f"node {node.code}: the metrics of {names[name]} are called {name}, too. Change code or concept."


def _names(node: Node) -> Iterator[str]:
    if not CODE.fullmatch(node.code):
        yield f"the code holds more than letters from a to z, digits, _ and dots ({CODE.pattern}). Change it."
    if node.concept is not None and not CONCEPT.fullmatch(node.concept):
        yield f"the concept {node.concept!r} is not written as {CONCEPT.pattern}. Change it."
    if node.kind not in KINDS:
        yield f"kind is {node.kind!r}. Choose one of {KINDS}."
    if node.method not in ("sum", "weighted"):
        yield f"method is {node.method!r}. Choose sum or weighted."
    if not node.name_vi or not node.name_en:
        yield "lacks a name in Vietnamese or English. Give both."
    if node.direction not in ("higher_is_better", "lower_is_better"):
        yield f"direction is {node.direction!r}. Choose higher_is_better or lower_is_better."
    if node.max_points is not None and (not node.max_points.is_finite() or node.max_points <= 0):
        yield f"max_points is {node.max_points}. A maximum is above 0; leave it out where it is unknown or unscored."
    if not node.scored and node.max_points is not None:
        yield "is unscored and has max_points. Remove one."


def _rule(framework: Framework, node: Node) -> Iterator[str]:
    rule = node.rule
    if rule.takes and framework.children(node.code):
        yield f"rule {rule.kind}: the node has nodes below it, from which its points come. Remove one."
    if rule.against == node.direction:
        yield f"rule {rule.kind}: gives more for what the direction {node.direction} calls worse. Change one."
    yield from (f"rule {rule.kind}: {fault}" for fault in rule.faults(node))


def _evidence(framework: Framework, node: Node) -> Iterator[str]:
    if node.evidence not in ("official", "illustrative"):
        yield f"evidence is {node.evidence!r}. Choose official or illustrative."
    if node.certainty not in CERTAINTIES:
        yield f"certainty is {node.certainty!r}. Choose one of {CERTAINTIES}."
    if node.certainty == "invented" and node.evidence != "illustrative":
        yield 'is invented, so its evidence is illustrative. Write evidence = "illustrative".'
    if not node.source and framework.overlay is None:
        yield "names no source. Name where it was read."


def _sums(framework: Framework, node: Node) -> Iterator[str]:
    """Maxima add up and weights sum to 1 wherever all parts are known; counts are as declared; products fit."""
    parts = framework.parts(node.code)
    listed = _indicators(framework, node)
    if node.components is not None and listed is not None and listed != node.components:
        yield f"declares {node.components} components and lists {listed}. Add the rest, or write complete = false."
    maxima = [part.max_points for part in parts if part.max_points is not None]
    all_known = len(maxima) == len(parts)
    if parts and node.max_points is not None and node.method == "sum" and all_known and sum(maxima) != node.max_points:
        yield f"max_points is {node.max_points}, and its parts add up to {sum(maxima)}. Fix one."
    if parts and not all_known and (node.method == "weighted" or framework.settings.missing == "rescale"):
        yield "needs the maximum of every part, to weight or rescale it. Give them, or choose sum and withhold."
    if node.method == "weighted" and sum(part.weight or 0 for part in parts) != 1:
        yield f"the weights of its parts add up to {sum(part.weight or 0 for part in parts)}, not 1."
    if (node.max_points or 0) * 2 * 10 ** (9 + framework.settings.decimals) > WIDEST:
        yield f"max_points {node.max_points} with {framework.settings.decimals} decimals is too wide for exact sums."


def _indicators(framework: Framework, node: Node) -> int | None:
    """How many indicators stand below a node; None where the file does not list them all."""
    if node.kind == "indicator":
        return 1
    below = [_indicators(framework, child) for child in framework.children(node.code) if not child.members]
    if not node.complete or not below or None in below:
        return None
    return sum(count for count in below if count is not None)
