"""The tree of an index: indicators and aggregates, each with level, parent, direction and weight (COINr's iMeta)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

INDICATOR, AGGREGATE, GROUP, DENOMINATOR = "Indicator", "Aggregate", "Group", "Denominator"
#: The types of elements, and of columns of the data beside them.
TYPES, BESIDE = (INDICATOR, AGGREGATE), (GROUP, DENOMINATOR, "Other")
#: How a field says that it is missing.
MISSING = ("", "NA", "NaN", "nan")


class AuditError(ValueError):
    """An input can't be audited: the message names the culprit and the fix."""


#: The bounds of a number's absolute value.
LEAST, MOST = 1e-60, 1e60


@dataclass(frozen=True, slots=True)
class Element:
    """An indicator (level 1) or an aggregate of elements of the level below."""

    code: str
    name: str
    level: int
    parent: str | None
    direction: int
    weight: float
    target: float
    denominator: str | None
    goalposts: Mapping[str, float] = field(default_factory=dict[str, float])
    """``lower``, ``upper`` and ``scale``, where the tree has columns goalpost_lower, goalpost_upper, goalpost_scale."""


@dataclass(frozen=True)
class Tree:
    """All elements of an index by code, in the order of their file, and the columns of the data that are none."""

    elements: Mapping[str, Element]
    groups: tuple[str, ...] = ()
    denominators: tuple[str, ...] = ()

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """The codes of level 1."""
        return tuple(self.level(1))

    @cached_property
    def top(self) -> int:
        """The highest level."""
        return max(element.level for element in self.elements.values())

    @property
    def index(self) -> str:
        """The code of the index: the one element of the highest level."""
        return self.level(self.top)[0]

    def level(self, number: int) -> list[str]:
        """The codes of a level."""
        return [code for code, element in self.elements.items() if element.level == number]

    def parts(self, code: str) -> list[str]:
        """The elements that an aggregate is made of."""
        return [element.code for element in self.elements.values() if element.parent == code]

    def leaves(self, code: str) -> list[str]:
        """The indicators below an element; an indicator is its own."""
        if self.elements[code].level == 1:
            return [code]
        return [leaf for part in self.parts(code) for leaf in self.leaves(part)]

    def without(self, code: str) -> Tree:
        """The tree without an element and all below it; an aggregate that has no part left goes, too."""
        removed = {code, *self._below(code)}
        parent = self.elements[code].parent
        while parent and {*self.parts(parent)} <= removed:
            removed.add(parent)
            parent = self.elements[parent].parent
        remaining = {name: element for name, element in self.elements.items() if name not in removed}
        return Tree(remaining, self.groups, self.denominators)

    def _below(self, code: str) -> list[str]:
        return [descendant for part in self.parts(code) for descendant in (part, *self._below(part))]


def read(rows: Sequence[Mapping[str, str]]) -> Tree:
    """A tree from the rows of a file in COINr's iMeta layout.

    Columns: ``iCode``, ``Level``, ``Parent``, ``Direction``, ``Weight``, ``Type``; ``iName``, ``Target`` and
    ``Denominator`` where they are known. An empty field, or NA, is missing; Direction and Weight are 1 then.

    Raises:
        AuditError: a column is missing, a Type is unknown, an aggregate has the Direction -1, a code stands
            twice, a parent is unknown or not one level up, or there is not exactly one element at the highest level.
    """
    if not rows:
        raise AuditError("the tree has a header alone; it has a row for each element, as COINr's iMeta")
    for column in ("iCode", "Level", "Parent", "Direction", "Weight", "Type"):
        if column not in rows[0]:
            raise AuditError(f"the tree has no column {column}; it is read in the layout of COINr's iMeta")
    known = [{name: "" if text in MISSING else text for name, text in row.items()} for row in rows]
    if unknown := sorted({row["Type"] for row in known} - {*TYPES, *BESIDE}):
        raise AuditError(
            f"the tree has the Type {', '.join(unknown) or '(empty)'}; known: {', '.join((*TYPES, *BESIDE))}"
        )
    elements: dict[str, Element] = {}
    for row in known:
        if row["Type"] in TYPES:
            element = _element(row)
            if element.code in elements:
                raise AuditError(f"the tree names {element.code} twice; each element stands in one row")
            elements[element.code] = element
    _check(elements)
    return Tree(elements, _codes_of_type(known, GROUP), _codes_of_type(known, DENOMINATOR))


def _codes_of_type(rows: Sequence[Mapping[str, str]], kind: str) -> tuple[str, ...]:
    return tuple(row["iCode"] for row in rows if row["Type"] == kind)


def _element(row: Mapping[str, str]) -> Element:
    code = row["iCode"]
    direction, level = number(code, "Direction", row["Direction"] or "1"), number(code, "Level", row["Level"] or "0")
    if direction not in (1, -1):
        raise AuditError(f"{code}: Direction is {row['Direction']}; it is 1 (more is better) or -1")
    if level < 1 or level != int(level):
        raise AuditError(f"{code}: Level is {row['Level'] or 'missing'}; 1 is an indicator, 2 and up are aggregates")
    if direction < 0 and level > 1:
        raise AuditError(
            f"{code}: Direction is -1, which has no effect: an aggregate has that of its indicators; write 1"
        )
    weight = number(code, "Weight", row["Weight"] or "1")
    if weight < 0:
        raise AuditError(f"{code}: Weight is {row['Weight']}; a weight is not negative")
    posts = {name: row.get(f"goalpost_{name}") or "" for name in ("lower", "upper", "scale")}
    return Element(
        code=code,
        name=row.get("iName") or code,
        level=int(level),
        parent=row["Parent"] or None,
        direction=int(direction),
        weight=weight,
        target=number(code, "Target", row["Target"]) if row.get("Target") else math.nan,
        denominator=row.get("Denominator") or None,
        goalposts={name: number(code, f"goalpost_{name}", text) for name, text in posts.items() if text},
    )


def number(code: str, column: str, text: str) -> float:
    """A number whose fourth powers, and their sums, stay finite.

    Raises:
        AuditError: the text is not such a number.
    """
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        hint = "; decimals are written with a point" if "," in text else ""
        hint = hint if any(map(str.isdecimal, text)) else f"{hint}; what is missing is empty, or NA"
        raise AuditError(f"{code}: {column} is {text!r}, which is no number{hint}")
    if value and not LEAST < abs(value) < MOST:
        raise AuditError(f"{code}: {column} is {text}, which is out of bounds; measure it in another unit")
    return value


#: What a method is called here, by its name in COINr.
OF_COINR = {
    "n_minmax": "minmax", "n_zscore": "zscore", "n_scaled": "scaled", "n_goalposts": "goalposts", "n_rank": "rank",
    "n_borda": "borda", "n_prank": "percentile_rank", "n_dist2max": "distance_to_max",
    "n_dist2targ": "distance_to_target", "n_dist2ref": "distance_to_reference", "n_fracmax": "fraction_of_max",
    "a_amean": "arithmetic", "a_gmean": "geometric", "a_hmean": "harmonic", "a_genmean": "generalised",
    "i_mean": "mean", "i_median": "median", "i_mean_grp": "group_mean", "i_median_grp": "group_median",
}  # fmt: skip


def known_methods(names: Sequence[str], known: Iterable[str]) -> str:
    """The end of a message about unknown methods: the names of COINr's methods here, and the known ones."""
    hints = [f"{name} of COINr is {OF_COINR[name]} in a specification; " for name in names if name in OF_COINR]
    return f"{''.join(hints)}known: {', '.join(known)}"


def _check(elements: Mapping[str, Element]) -> None:
    if not elements:
        raise AuditError("the tree has no row of the Type Indicator or Aggregate")
    for element in elements.values():
        parent = elements.get(element.parent or "")
        if element.parent and parent is None:
            raise AuditError(f"{element.code}: its Parent {element.parent} is not in the tree")
        if parent is not None and parent.level != element.level + 1:
            raise AuditError(
                f"{element.code}: level {element.level}, but its Parent {element.parent} has level {parent.level}"
            )
    top = max(element.level for element in elements.values())
    roots = [element.code for element in elements.values() if element.level == top]
    loose = [element.code for element in elements.values() if element.parent is None and element.level < top]
    if len(roots) != 1 or loose:
        loose = loose or ["none"]
        raise AuditError(
            f"an index has one root; at level {top}: {', '.join(roots)}; without a Parent: {', '.join(loose)}"
        )
    empty = [code for code, element in elements.items() if element.level > 1 and not _has_parts(code, elements)]
    if empty:
        raise AuditError(f"no element has these as its Parent: {', '.join(empty)}; leave them out of the tree")


def _has_parts(code: str, elements: Mapping[str, Element]) -> bool:
    return any(element.parent == code for element in elements.values())
