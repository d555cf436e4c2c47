"""A framework (bộ chỉ số): one version of the methodology for one level, as a checked tree.

Here: what a framework is and what can be asked of it. Not here: reading its file (``loading``), the kinds of rule
(``rules``), what makes it valid (``tree``), nor computing with it (``scoring``, ``ranking``). No index is known here
by name: every code, concept, maximum and setting comes from the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from dti_platform.methodology.rules import Rule
from dti_platform.periods import Period

if TYPE_CHECKING:
    from dti_platform.units import Units


class FrameworkError(ValueError):
    """A framework file that does not hold together: names the file, the node and the fix."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree: the index, a pillar, a group, a main index, an indicator.

    ``members`` are the parts of its value where they are not simply its children (overlapping pillars).
    ``complete`` is false where the children that the file lists are not all: its value can't be had from them.
    ``evidence``: official or made up; ``source`` are the addresses where it was read.
    """

    code: str
    parent: str | None
    kind: str
    name_vi: str
    name_en: str
    concept: str | None
    max_points: Decimal | None
    weight: Decimal | None
    method: str
    members: tuple[str, ...]
    components: int | None
    complete: bool
    rule: Rule
    direction: str
    scored: bool
    evidence: str
    certainty: str
    source: tuple[str, ...]
    note_vi: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What no decision was found to say, and the platform therefore declares: shown in every output.

    ``decimals`` and ``rounding`` make the score from exact points; ranks are on the same points rounded once to
    ``tie_decimals``, by ``tie``, where the share ``provisional_from`` of the peers or more have a score; ``missing`` is
    what an absent part does to the node above; ``printed_decimals`` is how the publisher prints.
    """

    decimals: int
    printed_decimals: int
    rounding: str
    tie: str
    missing: str
    tie_decimals: int = 4
    provisional_from: Decimal = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Merging:
    """What units that were merged get: by ``rule``, at the nodes of a ``kind``, from the geography before the merger.

    ``rule`` is ``unweighted_mean``, as the publication of the results of 2024 has it.
    """

    rule: str
    kind: str
    before: str
    after: str
    certainty: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exemption:
    """Indicators that don't apply to a ranked group: out of its points and out of its maximum. The note says why."""

    group: str
    without: tuple[str, ...]
    note_vi: str
    note_en: str


@dataclass(frozen=True, eq=False)
class Framework:
    """One version at one level; ``overlay`` names the file laid over it, if any. ``nodes`` keep the file's order.

    ``index`` is the one that it is a version of (``DTI``): for a level, geography and year each index has at most one
    in force. Versions of one ``family`` are compared over time.
    ``publisher`` is the site of the body that publishes the results: its figures lead where sources differ.
    ``membership`` gives (period, unit) the ranked group that the file assumes where it is not public.
    """

    version: str
    level: str
    index: str
    family: str
    overlay: str | None
    title_vi: str
    title_en: str
    decision: str
    decided_on: date | None
    source: tuple[str, ...]
    publisher: str
    evidence: str
    aggregation: str
    settings: Settings
    merging: Merging | None
    exemptions: tuple[Exemption, ...]
    membership: Mapping[tuple[str, str], str]
    in_force: tuple[tuple[str, str], ...]
    unknown_vi: tuple[str, ...]
    unknown_en: tuple[str, ...]
    nodes: Mapping[str, Node]
    file: str
    sha256: str

    @property
    def name(self) -> str:
        """Version and level, and the overlay where there is one: ``922-provincial.illustrative``."""
        return f"{self.version}-{self.level}" + (f".{self.overlay}" if self.overlay else "")

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the file states as unknown, in English."""
        return self.unknown_en

    @cached_property
    def root(self) -> Node:
        """The index itself: the one node without a parent."""
        return next(node for node in self.nodes.values() if node.parent is None)

    @cached_property
    def _children(self) -> Mapping[str, tuple[Node, ...]]:
        children: dict[str, tuple[Node, ...]] = {}
        for node in self.nodes.values():
            if node.parent is not None:
                children[node.parent] = (*children.get(node.parent, ()), node)
        return children

    def children(self, code: str) -> tuple[Node, ...]:
        """The nodes whose parent is ``code``, in the file's order."""
        return self._children.get(code, ())

    def parts(self, code: str) -> tuple[Node, ...]:
        """The scored nodes that a value is made of; none for an input, or where the file doesn't know them all."""
        node = self.nodes[code]
        if not node.complete or not node.scored:
            return ()
        parts = tuple(self.nodes[member] for member in node.members) or self.children(code)
        return tuple(part for part in parts if part.scored)

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """The scored nodes at which values come in: what the root rests on, in the file's order."""
        return self.inputs_below(self.root.code)

    def inputs_below(self, code: str) -> tuple[Node, ...]:
        """The scored nodes without parts that a node rests on, in the file's order."""
        reached = set(self._below(code))
        return tuple(node for node in self.nodes.values() if node.code in reached and not self.parts(node.code))

    def _below(self, code: str) -> Iterator[str]:
        yield code
        for part in self.parts(code):
            yield from self._below(part.code)

    def leaves(self, code: str | None = None) -> tuple[Node, ...]:
        """The nodes without children under ``code`` (default: the root), scored or not: the rows of a workbook."""
        below = self.children(code or self.root.code)
        if not below:
            return (self.nodes[code or self.root.code],)
        return tuple(leaf for child in below if not child.members for leaf in self.leaves(child.code))

    def by_metric(self, name: str) -> Node | None:
        """The node that a metric names: by its concept, stable across versions, else its code in small letters."""
        return next((node for node in self.nodes.values() if name == (node.concept or node.code.lower())), None)

    def computable(self, code: str | None = None) -> bool:
        """Whether a score can be computed for the node: its maximum is known, and that of everything it is made of."""
        node = self.nodes[code or self.root.code]
        parts = self.parts(node.code)
        if not node.scored or node.max_points is None or (node is self.root and not parts):
            return False
        return all(self.computable(part.code) for part in parts)

    def group_of(self, unit: str, period: str, units: Units) -> str | None:
        """The ranked group of a unit in a period: as published, else as this file assumes; None where neither says."""
        year = Period.parse(period).year
        return units.group_of(unit, year) or self.membership.get((str(year), unit))

    def of_group(self, group: str | None) -> Framework:
        """The framework as it applies to a ranked group: exempt nodes are unscored, and maxima are what is left."""
        return self._variants.get(group, self)

    @cached_property
    def _variants(self) -> Mapping[str | None, Framework]:
        return {exemption.group: self._without(exemption) for exemption in self.exemptions}

    def _without(self, exemption: Exemption) -> Framework:
        """Not scored: the exempt nodes; not yet summed: every node that has one of them below or among its members."""
        nodes = dict(self.nodes)
        for level in ((nodes[code] for code in exemption.without), *self.levels):
            for node in level:
                exempt = node.code in exemption.without
                if exempt or any(nodes[part.code] != part for part in self.parts(node.code)):
                    nodes[node.code] = replace(node, max_points=None, scored=not exempt)
        return replace(self, nodes=nodes, exemptions=()).summed()

    def summed(self) -> Framework:
        """Where a node's maximum isn't stated but those of all its parts are known, it is their sum, and as sure."""
        nodes = dict(self.nodes)
        for node in (node for level in self.levels for node in level):
            parts = [nodes[part.code] for part in self.parts(node.code)]
            known = [part.max_points for part in parts if part.max_points is not None]
            if node.max_points is None and node.method == "sum" and len(known) == len(parts):
                made_up = any(part.evidence == "illustrative" for part in parts)
                evidence = "illustrative" if made_up else node.evidence
                nodes[node.code] = replace(node, max_points=sum(known, Decimal(0)), evidence=evidence)
        return replace(self, nodes=nodes)

    @cached_property
    def levels(self) -> tuple[tuple[Node, ...], ...]:
        """The nodes that are made of parts, lowest first: every node stands after all its parts."""
        height: dict[str, int] = {}
        for node in self.nodes.values():
            self._measure(node.code, height)
        rows = range(1, max(height.values()) + 1)
        return tuple(tuple(n for n in self.nodes.values() if height[n.code] == row) for row in rows)

    def _measure(self, code: str, height: dict[str, int]) -> int:
        if code not in height:
            height[code] = max((self._measure(part.code, height) + 1 for part in self.parts(code)), default=0)
        return height[code]


@dataclass(frozen=True)
class Frameworks:
    """All frameworks, those with an overlay beside those without."""

    all: tuple[Framework, ...]

    def get(self, version: str, level: str, *, overlay: bool = False) -> Framework:
        """The framework of a version and level; with its overlay if asked.

        Raises:
            FrameworkError: if there is no such file.
        """
        for framework in self.all:
            if (framework.version, framework.level, framework.overlay is not None) == (version, level, overlay):
                return framework
        known = ", ".join(framework.name for framework in self.all)
        wanted = f"{version}-{level}" + (" with an overlay" if overlay else "")
        raise FrameworkError(f"no framework {wanted}; known: {known}. Add its TOML file to the frameworks folder.")

    def named(self, name: str) -> Framework:
        """By full name (``922-ministerial.illustrative``), or by version alone: the provincial one as decided.

        Raises:
            FrameworkError: if there is no such framework.
        """
        wanted = (name, f"{name}-provincial")
        matches = [framework for framework in self.all if framework.name in wanted]
        matches += [framework for framework in self.all if framework.version == name and framework.overlay is None]
        if not matches:
            known = ", ".join(framework.name for framework in self.all)
            raise FrameworkError(f"no framework {name}; known: {known}. Name one of them.")
        return matches[0]

    @property
    def first_year(self) -> int:
        """The first year in which any of them is in force."""
        return min(int(year) for framework in self.all for year, _ in framework.in_force)

    @property
    def last_year(self) -> int:
        """The last year in which any of them is known to be in force."""
        return max(int(year) for framework in self.all for year, _ in framework.in_force)

    @cached_property
    def indexes(self) -> Mapping[str, str]:
        """By version, the index that it is a version of."""
        return {framework.version: framework.index for framework in self.all}

    def in_force(self, period: str | int, geography: str) -> tuple[Framework, ...]:
        """Those in force for a period's year and a geography, without overlay: one at most of each index."""
        parsed = Period.find(str(period))
        return self._in_force.get((str(parsed.year) if parsed else "", geography), ())

    @cached_property
    def _in_force(self) -> Mapping[tuple[str, str], tuple[Framework, ...]]:
        found = defaultdict[tuple[str, str], tuple[Framework, ...]](tuple)
        for framework in self.all:
            for place in dict.fromkeys(framework.in_force) if framework.overlay is None else ():
                found[place] = (*found[place], framework)
        return dict(found)

    def for_period(self, period: str | int, geography: str, index: str) -> Framework | None:
        """The framework of an index in force for a period's year and a geography; None if there is none."""
        return next((each for each in self.in_force(period, geography) if each.index == index), None)

    def of_version(self, version: str, period: str | int, geography: str) -> Framework | None:
        """The framework of a version, if it is in force for a period's year and a geography."""
        return next((each for each in self.in_force(period, geography) if each.version == version), None)

    def overlaid(self, framework: Framework) -> Framework:
        """The same framework with its overlay where there is one, else itself; an official overlay leads."""
        wanted = (framework.version, framework.level)
        overlays = [f for f in self.all if f.overlay and (f.version, f.level) == wanted]
        return min(overlays, key=lambda f: (f.evidence != "official", f.name), default=framework)
