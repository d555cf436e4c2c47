"""Whose name stands in a row: that of its code, that of another, or nobody's.

Here: names as people write them: numbered, broken over lines, in other case, cut short, with a note behind. Not here:
what becomes of the row (``feeds.self_assessment`` holds back, ``submissions`` warns).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from dti_platform.reading import comparable
from dti_platform.units import fold

if TYPE_CHECKING:
    from dti_platform.methodology import Framework

#: Two writings of one name share so much of their letters.
ALIKE = 0.8
#: Far longer than any name: what follows is not looked at.
LONGEST = 500
_NUMBERING = re.compile(r"^\W*\d+(\.\d+)*[.):]*\s+")


class Names:
    """The names of a framework's nodes, in both languages."""

    def __init__(self, framework: Framework) -> None:
        """Names and codes are read from ``framework.nodes``."""
        self.nodes = framework.nodes

    @cached_property
    def codes(self) -> Mapping[str, set[str]]:
        """Of each name the codes that bear it."""
        codes: defaultdict[str, set[str]] = defaultdict(set, {"": set()})
        for node in self.nodes.values():
            for name in (node.name_vi, node.name_en):
                codes[_plain(name)].add(node.code)
        del codes[""]
        return codes

    def bearing(self, text: str) -> set[str]:
        """The codes that a text is the very name of."""
        return self.codes.get(_plain(text), set[str]())

    def others(self, code: str, text: str) -> list[str]:
        """The codes that a text is the very name of, where its row's own code is not among them."""
        if self._is_written(code, text):
            return []
        codes = self.bearing(text)
        return [] if code in codes else sorted(codes)

    def is_of(self, code: str, text: str) -> bool:
        """Whether a text is the name of a code, as people write it; a text without letters says nothing else."""
        if self._is_written(code, text):
            return True
        node, written = self.nodes[code], _plain(text)
        alike = any(_alike(written, _plain(name)) for name in (node.name_vi, node.name_en))
        return not written or (alike and not self.others(code, text))

    def _is_written(self, code: str, text: str) -> bool:
        """Letter by letter, as a rule: then nothing is looked up."""
        return comparable(text[:LONGEST]) in map(comparable, (self.nodes[code].name_vi, self.nodes[code].name_en))

    def is_above(self, code: str, text: str) -> bool:
        """Whether a text is the name of a node that a code is of, or its own."""
        above: str | None = code
        while above is not None:
            if self.is_of(above, text):
                return True
            above = self.nodes[above].parent
        return False


def _plain(name: str) -> str:
    return fold(_NUMBERING.sub("", name[:LONGEST]))


@lru_cache(maxsize=4_096)  # one sheet after the other writes a name the same way
def _alike(written: str, name: str) -> bool:
    """One begins as the other, or both share most of their letters, in their order."""
    if not name or written.startswith(name) or name.startswith(written):
        return bool(name)
    return len(written) < 2 * len(name) and SequenceMatcher(None, written, name, autojunk=False).ratio() >= ALIKE
