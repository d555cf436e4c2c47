"""Warnings of scores and their evidence: against one another, their rule, the year before, and the document named.

Here: one function for each. Not here: scores that are errors, and reading a document (``feeds``), which days can be
evidence (``feeds.sheet.days``), nor the words (``problems``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from statistics import median

from dti_platform.feeds.documents import read_document
from dti_platform.feeds.sheet.declaration import lines
from dti_platform.feeds.sheet.title import can_be_evidence
from dti_platform.language import Bilingual, format_number
from dti_platform.reading import comparable
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.warnings.context import Context

__all__ = [
    "FAR", "JUMP", "above_self", "far_from_verified", "impossible_day", "jumps", "like_shares", "missing",
    "not_a_grade", "out_of_time", "without_evidence",
]  # fmt: skip

#: The share of its maximum by which a score moves since the year before from which on it is worth checking.
JUMP = 0.5
#: The share of its maximum between final and verified score from which on it is worth checking.
FAR = 0.25
BASES = ("self", "verified", "final")
#: Fewer scores do not show how all are written.
FEW = 5
#: What people write where they have nothing to name.
NOTHING = frozenset(
    {
        "có", "có minh chứng", "đã có", "đã có minh chứng", "không", "không có", "không có minh chứng", "chưa",
        "chưa có", "chưa có minh chứng", "đang bổ sung", "đang cập nhật", "bổ sung sau", "gửi sau", "kèm theo",
        "đính kèm", "như trên", "ok", "đạt", "yes", "no", "none", "nil", "null", "nan", "n/a", "na", "tbd",
    }
)  # fmt: skip


def above_self(context: Context) -> Iterator[Finding]:
    """A verified or final score above the self score."""
    for node, rows in context.by_node.items():
        for basis, reason in (("verified", "verified_above_self"), ("final", "final_above_self")):
            claimed, given = rows.get("self"), rows.get(basis)
            if claimed and given and given["value"] > claimed["value"]:
                other = format_number(claimed["value"])
                yield context.cells.warning(reason, given["locator"], node, other=other)


def far_from_verified(context: Context) -> Iterator[Finding]:
    """A final score far from the verified one."""
    for node, rows in context.by_node.items():
        verified, final, maximum = rows.get("verified"), rows.get("final"), context.cells.maxima.get(node)
        if verified and final and maximum and abs(final["value"] - verified["value"]) >= FAR * float(maximum):
            other = format_number(verified["value"])
            yield context.cells.warning("final_far_from_verified", final["locator"], node, other=other)


def jumps(context: Context) -> Iterator[Finding]:
    """A score that moved much since the year before."""
    for node, rows in context.by_node.items():
        before, maximum = context.last.get(node), context.cells.maxima.get(node)
        row = rows.get(before.basis) if before else None
        if before and row and maximum is not None and abs(row["value"] - before.value) >= JUMP * float(maximum):
            details = {"other": format_number(before.value), "period": Bilingual.same(before.period)}
            yield context.cells.warning("jump_since_last_year", row["locator"], node, **details)


def not_a_grade(context: Context) -> Iterator[Finding]:
    """Points that the indicator's rule can't give: 7 where there are 0, 5 and 10. ``like_shares`` covers shares."""
    shares = _in_shares(context)
    for node, rows in context.by_node.items():
        maximum = context.cells.maxima.get(node)
        allowed = context.nodes[node].rule.grades(maximum) if context.framework and maximum else []
        for basis, row in rows.items() if allowed else ():
            if basis not in shares and Decimal(str(row["value"])) not in allowed:
                yield context.cells.warning("not_a_grade", row["locator"], node, grades=_listed(allowed))


def _listed(points: Iterable[Decimal]) -> Bilingual:
    vi, en = zip(*map(format_number, points), strict=True)
    return Bilingual("; ".join(vi), "; ".join(en))


def like_shares(context: Context) -> Iterator[Finding]:
    """Every score of a column is at most 1 though most maxima are larger: shares of the maximum, and not points."""
    for basis, nodes in _in_shares(context).items():
        count = Bilingual.same(str(len(nodes)))
        yield context.cells.warning("like_shares", context.at(nodes[0], basis), None, count=count)


def _in_shares(context: Context) -> Mapping[str, list[str]]:
    """The bases whose scores are like shares, and at which nodes."""
    in_shares: dict[str, list[str]] = {}
    maxima = {node: float(maximum) for node, maximum in context.cells.maxima.items() if maximum}
    for basis in BASES:
        scores = {
            node: rows[basis]["value"] for node, rows in context.by_node.items() if basis in rows and node in maxima
        }
        typical = median(maxima[node] for node in scores) if len(scores) >= FEW else 0
        if typical > 1 and 0 < max(scores.values()) <= 1:
            in_shares[basis] = [*scores]
    return in_shares


def missing(context: Context) -> Iterator[Finding]:
    """A scored row without a self score that nothing else is wrong with."""
    if context.framework is None:
        return
    quarantined = {*context.version.parsed.quarantine["node"].to_list()}
    for line in lines(context.framework):
        if line.kind == "row" and line.scored and "self" not in context.by_node.get(line.code, ()):
            if line.code in quarantined:
                continue
            most = format_number(line.maximum) if line.maximum is not None else Bilingual.same("…")
            details = {"code": Bilingual.same(line.code), "maximum": most}
            yield context.cells.warning("missing_score", context.at(line.code, "self"), line.code, **details)


def without_evidence(context: Context) -> Iterator[Finding]:
    """A score beside which no document is named, or a word that names none."""
    for node, text in context.documents.items():
        if names_nothing(text):
            yield context.cells.warning("score_without_evidence", context.at(node, "evidence"), node)


def names_nothing(text: str) -> bool:
    """Whether evidence is none: blank, marks alone, a single letter or digit, or a word for nothing.

    >>> [names_nothing(text) for text in ("", "-", "x", "N/A", "Không có.", "Báo cáo của Sở")]
    [True, True, True, True, True, False]
    """
    words = comparable(text).strip(" .,;:!?()[]-–—_*/")
    return sum(map(str.isalnum, words)) <= 1 or words in NOTHING


def impossible_day(context: Context) -> Iterator[Finding]:
    """A day that no calendar has."""
    for node, text in context.documents.items():
        if day := read_document(text).impossible:
            yield context.cells.warning("impossible_day", context.at(node, "evidence"), node, day=Bilingual.same(day))


def out_of_time(context: Context) -> Iterator[Finding]:
    """A document of a day that is out of the question: later than the sheet, or long before or after its period."""
    issued = context.version.parsed.stated.on
    for node, text in context.documents.items():
        day = read_document(text).date
        if day and not can_be_evidence(day, context.period, issued):
            shown = Bilingual(f"{day:%d/%m/%Y}", f"{day}")
            yield context.cells.warning("day_out_of_time", context.at(node, "evidence"), node, day=shown)
