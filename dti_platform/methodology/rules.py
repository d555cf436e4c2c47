"""Rules: how an indicator's points come about, as a framework file declares it.

Here: the kinds of rule, what each takes in, and what share of the maximum a word stands for. Not here: computing
points of whole tables (``raw_inputs``), nor what makes a rule whole (``tree``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

__all__ = ["OURS", "TAKES", "Rule"]

#: What each kind takes in, as measures of Observations; the kinds that are not here take points alone, or nothing.
TAKES: Mapping[str, tuple[str, ...]] = {
    "ratio": ("numerator", "denominator"),
    "steps": ("value",),
    "category": ("share",),
    "criteria": ("share",),
    "target": ("value",),
    "inverse": ("value",),
}
#: The platform's own kinds: seen in no decision, so their entry says ``ours = true``, and so does every output.
OURS = ("target", "inverse")
#: What stands between the criteria that a cell names.
BETWEEN = re.compile(r"[;,\n]")


@dataclass(frozen=True, slots=True)
class Rule:
    """How an indicator's points come about: ``kind`` and what that kind needs.

    Kinds read in public sets: ``points`` (given: by whom stands in ``by``), ``ratio`` (a/b x maximum), ``steps``
    (thresholds and shares of the maximum, the best first), ``category`` (named shares), ``criteria`` (named shares
    that add up), ``information`` (not scored). The platform's own: ``target`` (a/target x maximum, at most the
    maximum) and ``inverse`` (the maximum up to the target, above it target/a x maximum). ``words`` are what senders
    call the named shares.
    """

    kind: str
    by: str | None = None
    steps: tuple[tuple[Decimal, Decimal], ...] = ()
    shares: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    target: Decimal | None = None
    ours: bool = False

    @property
    def takes(self) -> tuple[str, ...]:
        """The measures from which points are worked out; none where points are given."""
        return TAKES.get(self.kind, ())

    @property
    def possible(self) -> tuple[Decimal, ...]:
        """The shares that a category, or any set of criteria, can give; none for the other kinds."""
        shares = tuple(self.shares.values())
        if self.kind == "category":
            return tuple(sorted(set(shares)))
        sets = (chosen for size in range(len(shares) + 1) for chosen in combinations(shares, size))
        return tuple(sorted({sum(chosen, Decimal(0)) for chosen in sets})) if self.kind == "criteria" else ()

    def share(self, text: str) -> Decimal:
        """What a cell's text is worth, as a share of the maximum: one category, or the criteria that are met.

        Raises:
            ValueError: a word that the rule doesn't know, or a criterion named twice; names the known ones.
        """
        parts = BETWEEN.split(text) if self.kind == "criteria" else [text]
        names = [self._named(part) for part in parts]
        if len(set(names)) != len(names):
            raise ValueError(f"{text!r} names a criterion twice. Name each once.")
        return sum((self.shares[name] for name in names), Decimal(0))

    def _named(self, text: str) -> str:
        for name, spelling in self._spellings():
            if _plain(spelling) == _plain(text):
                return name
        known = ", ".join(spelling for _, spelling in self._spellings())
        raise ValueError(f"{text.strip()!r} is none of: {known}. Write one of them, or add it to the rule's words.")

    def _spellings(self) -> Iterator[tuple[str, str]]:
        for name in self.shares:
            yield from ((name, spelling) for spelling in (name, *self.words.get(name, ())))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
