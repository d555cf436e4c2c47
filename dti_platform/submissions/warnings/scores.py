"""Warnings of scores: against one another, against what their rule can give, against the year before.

Here: one function for each. Not here: scores that can't be taken at all (``feeds``), nor the words (``words``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from statistics import median

from dti_platform.feeds.sheet.declaration import lines
from dti_platform.language import Bilingual, format_number
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.warnings.context import Context

__all__ = ["FAR", "JUMP", "above_self", "far_from_verified", "jumps", "like_shares", "missing", "not_a_grade"]

#: A score that moves by so much of its maximum since the year before is to be context at.
JUMP = 0.5
#: A final score that is so much of its maximum away from the verified one is to be context at.
FAR = 0.25
BASES = ("self", "verified", "final")
#: So few scores say nothing of how all are written.
FEW = 5


def above_self(context: Context) -> Iterator[Finding]:
    """Whoever verifies gives more than was claimed."""
    for node, rows in context.by_node.items():
        for basis, reason in (("verified", "verified_above_self"), ("final", "final_above_self")):
            claimed, given = rows.get("self"), rows.get(basis)
            if claimed and given and given["value"] > claimed["value"]:
                other = format_number(claimed["value"])
                yield context.place.caution(reason, given["locator"], node, other=other)


def far_from_verified(context: Context) -> Iterator[Finding]:
    """What was verified and what became of it in the end are far apart."""
    for node, rows in context.by_node.items():
        verified, final, maximum = rows.get("verified"), rows.get("final"), context.place.maxima.get(node)
        if verified and final and maximum and abs(final["value"] - verified["value"]) >= FAR * float(maximum):
            other = format_number(verified["value"])
            yield context.place.caution("final_far_from_verified", final["locator"], node, other=other)


def jumps(context: Context) -> Iterator[Finding]:
    """Since the year before."""
    for node, rows in context.by_node.items():
        before, maximum = context.last.get(node), context.place.maxima.get(node)
        row = rows.get(before.basis) if before else None
        if before and row and maximum is not None and abs(row["value"] - before.value) >= JUMP * float(maximum):
            said = {"other": format_number(before.value), "period": Bilingual.same(before.period)}
            yield context.place.caution("jump_since_last_year", row["locator"], node, **said)


def not_a_grade(context: Context) -> Iterator[Finding]:
    """Points that the indicator's rule can't give: 7 where there are 0, 5 and 10. Shares are told of as such."""
    shares = _in_shares(context)
    for node, rows in context.by_node.items():
        maximum = context.place.maxima.get(node)
        allowed = context.framework.nodes[node].rule.grades(maximum) if context.framework and maximum else []
        for basis, row in rows.items() if allowed else ():
            if basis not in shares and Decimal(str(row["value"])) not in allowed:
                yield context.place.caution("not_a_grade", row["locator"], node, grades=_listed(allowed))


def _listed(points: Iterable[Decimal]) -> Bilingual:
    vi, en = zip(*map(format_number, points), strict=True)
    return Bilingual("; ".join(vi), "; ".join(en))


def like_shares(context: Context) -> Iterator[Finding]:
    """Every score of a column is at most 1 though most maxima are larger: shares of the maximum, and not points."""
    for basis, nodes in _in_shares(context).items():
        count = Bilingual.same(str(len(nodes)))
        yield context.place.caution("like_shares", context.at(nodes[0], basis), None, count=count)


def _in_shares(context: Context) -> Mapping[str, list[str]]:
    """The bases whose scores are like shares, and at which nodes."""
    found: dict[str, list[str]] = {}
    maxima = {node: float(maximum) for node, maximum in context.place.maxima.items() if maximum}
    for basis in BASES:
        scores = {
            node: rows[basis]["value"] for node, rows in context.by_node.items() if basis in rows and node in maxima
        }
        typical = median(maxima[node] for node in scores) if len(scores) >= FEW else 0
        if typical > 1 and 0 < max(scores.values()) <= 1:
            found[basis] = [*scores]
    return found


def missing(context: Context) -> Iterator[Finding]:
    """A scored row without a self score that nothing else is wrong with."""
    if context.framework is None:
        return
    held = {*context.version.parsed.quarantine["node"].to_list()}
    for line in lines(context.framework):
        if line.kind == "row" and line.scored and "self" not in context.by_node.get(line.code, ()):
            if line.code in held:
                continue
            most = format_number(line.maximum) if line.maximum is not None else Bilingual.same("…")
            said = {"code": Bilingual.same(line.code), "maximum": most}
            yield context.place.caution("missing_score", context.at(line.code, "self"), line.code, **said)
