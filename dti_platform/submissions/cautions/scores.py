"""Warnings of scores: against one another, against what their rule can give, against the year before.

Here: one function for each. Not here: scores that can't be taken at all (``feeds``), nor the words (``words``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from statistics import median

from dti_platform.feeds.sheet.declaration import lines
from dti_platform.feeds.sheet.grades import possible
from dti_platform.language import Bilingual, format_number
from dti_platform.report.answer import Finding
from dti_platform.submissions.cautions.looked import Looked

__all__ = ["FAR", "JUMP", "above_self", "far_from_verified", "jumps", "like_shares", "missing", "not_a_grade"]

#: A score that moves by so much of its maximum since the year before is to be looked at.
JUMP = 0.5
#: A final score that is so much of its maximum away from the verified one is to be looked at.
FAR = 0.25
BASES = ("self", "verified", "final")
#: So few scores say nothing of how all are written.
FEW = 5


def above_self(looked: Looked) -> Iterator[Finding]:
    """Whoever verifies gives more than was claimed."""
    for node, rows in looked.by_node.items():
        for basis in ("verified", "final"):
            claimed, given = rows.get("self"), rows.get(basis)
            if claimed and given and given["value"] > claimed["value"]:
                other = format_number(claimed["value"])
                yield looked.place.caution(f"{basis}_above_self", given["locator"], node, other=other)


def far_from_verified(looked: Looked) -> Iterator[Finding]:
    """What was verified and what became of it in the end are far apart."""
    for node, rows in looked.by_node.items():
        verified, final, maximum = rows.get("verified"), rows.get("final"), looked.place.maxima.get(node)
        if verified and final and maximum and abs(final["value"] - verified["value"]) >= FAR * float(maximum):
            other = format_number(verified["value"])
            yield looked.place.caution("final_far_from_verified", final["locator"], node, other=other)


def jumps(looked: Looked) -> Iterator[Finding]:
    """Since the year before."""
    for node, rows in looked.by_node.items():
        before, maximum = looked.last.get(node), looked.place.maxima.get(node)
        row = rows.get(before.basis) if before else None
        if before and row and maximum is not None and abs(row["value"] - before.value) >= JUMP * float(maximum):
            said = {"other": format_number(before.value), "period": Bilingual.same(before.period)}
            yield looked.place.caution("jump_since_last_year", row["locator"], node, **said)


def not_a_grade(looked: Looked) -> Iterator[Finding]:
    """Points that the indicator's rule can't give: 7 where there are 0, 5 and 10. Shares are told of as such."""
    shares = _in_shares(looked)
    for node, rows in looked.by_node.items():
        maximum = looked.place.maxima.get(node)
        allowed = possible(looked.framework.nodes[node].rule, maximum) if looked.framework and maximum else []
        for basis, row in rows.items() if allowed else ():
            if basis not in shares and Decimal(str(row["value"])) not in allowed:
                yield looked.place.caution("not_a_grade", row["locator"], node, grades=_listed(allowed))


def _listed(points: Iterable[Decimal]) -> Bilingual:
    vi, en = zip(*map(format_number, points), strict=True)
    return Bilingual("; ".join(vi), "; ".join(en))


def like_shares(looked: Looked) -> Iterator[Finding]:
    """Every score of a column is at most 1 though most maxima are larger: shares of the maximum, and not points."""
    for basis, nodes in _in_shares(looked).items():
        count = Bilingual.same(str(len(nodes)))
        yield looked.place.caution("like_shares", looked.at(nodes[0], basis), None, count=count)


def _in_shares(looked: Looked) -> Mapping[str, list[str]]:
    """The bases whose scores are like shares, and at which nodes."""
    found: dict[str, list[str]] = {}
    maxima = {node: float(maximum) for node, maximum in looked.place.maxima.items() if maximum}
    for basis in BASES:
        scores = {
            node: rows[basis]["value"] for node, rows in looked.by_node.items() if basis in rows and node in maxima
        }
        typical = median(maxima[node] for node in scores) if len(scores) >= FEW else 0
        if typical > 1 and 0 < max(scores.values()) <= 1:
            found[basis] = [*scores]
    return found


def missing(looked: Looked) -> Iterator[Finding]:
    """A scored row without a self score that nothing else is wrong with."""
    if looked.framework is None:
        return
    held = {*looked.version.parsed.quarantine["node"].to_list()}
    for line in lines(looked.framework):
        if line.kind == "row" and line.scored and "self" not in looked.by_node.get(line.code, ()):
            if line.code in held:
                continue
            most = format_number(line.maximum) if line.maximum is not None else Bilingual.same("…")
            said = {"code": Bilingual.same(line.code), "maximum": most}
            yield looked.place.caution("missing_score", looked.at(line.code, "self"), line.code, **said)
