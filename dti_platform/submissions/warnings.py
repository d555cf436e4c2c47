"""Warnings: accepted, but worth checking. Nothing here changes what counts.

Here: one function for each, and the list of them. Scores and their evidence are compared with one another, their rule,
the year before and the document named; then come the names, words and days of the sheet, what is hidden in it and the
remarks of the reading. Not here: errors (``verdict``), reading a document (``feeds``), nor the words (``problems``).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from dti_platform import glossary
from dti_platform.feeds.documents import read_document
from dti_platform.feeds.sheet.declaration import BASES, MEASURED_IN, STATUSES, STATUSES_SEEN, lines
from dti_platform.feeds.sheet.title import can_be_evidence
from dti_platform.language import Bilingual, format_number, place
from dti_platform.reading import Cell, comparable, held_and_shown
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.context import Context, Score

if TYPE_CHECKING:
    from dti_platform.feeds import Remark
    from dti_platform.methodology import Node
    from dti_platform.tables import Row

#: The share of its maximum by which a score moves since the year before from which on it is worth checking.
JUMP = 0.5
#: The share of its maximum between final and verified score from which on it is worth checking.
FAR = 0.25
#: A score that was rounded to two decimals.
NEAR = 0.005
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
    """A verified or final score above the self score: the one in the file, else the one that stands.

    A quotation of a score that stands is compared with that one alone (``quoted``).
    """
    for (unit, node), scores in _compared(context):
        claimed = scores["self"].value if "self" in scores else context.standing.get((unit, node, "self"))
        for basis, reason in (("verified", "verified_above_self"), ("final", "final_above_self")):
            if claimed is not None and basis in scores and scores[basis].value > claimed:
                yield context.cells.warning(reason, scores[basis].locator, node, other=format_number(claimed))


def _compared(context: Context) -> Iterator[tuple[tuple[str, str], Mapping[str, Score]]]:
    """The scores of each unit and node, but for verified and final ones that are quoted while others stand."""
    standing = {(unit, basis) for unit, _, basis in context.standing}
    for (unit, node), scores in context.scores.items():
        taken = {"self", *context.by_place.get((unit, node), ())}
        looked_at = {name: each for name, each in scores.items() if name in taken or (unit, name) not in standing}
        yield (unit, node), looked_at


def quoted(context: Context) -> Iterator[Finding]:
    """Scores that are somebody else's to give: each that differs from the one that stands, or can't be a score.

    Where none stands one warning is for all.
    """
    standing = {(unit, basis) for unit, _, basis in context.standing}
    alone = Counter(each.basis for each in context.version.parsed.quotations if (each.unit, each.basis) not in standing)
    for basis, count in alone.items():
        yield context.cells.warning("quoted_scores", None, None, basis=glossary.BASES[basis], count=_count(count))
    for each in context.version.parsed.quotations:
        stands = context.standing.get((each.unit, each.node, each.basis))
        if (each.value is None or stands != each.value) and (each.unit, each.basis) in standing:
            details = {"basis": glossary.BASES[each.basis], "other": _or_none(stands)}
            yield context.cells.warning("quoted_score_differs", each.locator, each.node, **details)


def _count(number: int) -> Bilingual:
    return Bilingual.same(str(number))


def _or_none(score: float | None) -> Bilingual:
    return Bilingual("chưa có", "none yet") if score is None else format_number(score)


def far_from_verified(context: Context) -> Iterator[Finding]:
    """A final score far from the verified one."""
    for (_, node), scores in _compared(context):
        verified, final, maximum = scores.get("verified"), scores.get("final"), context.cells.maxima.get(node)
        if verified and final and maximum and abs(final.value - verified.value) >= FAR * float(maximum):
            other = format_number(verified.value)
            yield context.cells.warning("final_far_from_verified", final.locator, node, other=other)


def jumps(context: Context) -> Iterator[Finding]:
    """A self score that moved much since the year before."""
    for node, rows in context.by_node.items():
        before, row, maximum = context.last.get(node), rows.get("self"), context.cells.maxima.get(node)
        if before and row and maximum is not None and abs(row["value"] - before.value) >= JUMP * float(maximum):
            details = {"other": format_number(before.value), "period": Bilingual.same(before.period)}
            yield context.cells.warning("jump_since_last_year", row["locator"], node, **details)


def not_a_grade(context: Context) -> Iterator[Finding]:
    """Points that the indicator's rule can't give: 7 where there are 0, 5 and 10. ``like_shares`` covers shares."""
    shares = _in_shares(context)
    for (_, node), rows in context.by_place.items():
        maximum = context.cells.maxima.get(node)
        allowed = context.nodes[node].rule.grades(maximum) if maximum else []
        for basis, row in rows.items() if allowed else ():
            if basis not in shares and Decimal(str(row["value"])) not in allowed:
                yield context.cells.warning("not_a_grade", row["locator"], node, grades=_listed(allowed))


def not_as_figures(context: Context) -> Iterator[Finding]:
    """A self score that is not what the raw figures beside it give, to two decimals: those count."""
    for node, points in context.worked_out.items():
        row = context.by_node.get(node, {}).get("self")
        if row is not None and abs(row["value"] - points) > NEAR:
            details = {"other": format_number(round(points, 3))}
            yield context.cells.warning("score_not_as_figures", row["locator"], node, **details)


def _listed(points: Iterable[Decimal]) -> Bilingual:
    vi, en = zip(*map(format_number, points), strict=True)
    return Bilingual("; ".join(vi), "; ".join(en))


def like_shares(context: Context) -> Iterator[Finding]:
    """Every score of a column is at most 1 though most maxima are larger: shares of the maximum, and not points."""
    for rows in _in_shares(context).values():
        yield context.cells.warning("like_shares", rows[0]["locator"], None, count=_count(len(rows)))


def _in_shares(context: Context) -> Mapping[str, list[Row]]:
    """The bases whose scores are like shares, with those scores."""
    in_shares: dict[str, list[Row]] = {}
    maxima = {node: float(maximum) for node, maximum in context.cells.maxima.items() if maximum}
    for basis in BASES:
        rows = [rows[basis] for (_, node), rows in context.by_place.items() if basis in rows and node in maxima]
        typical = median(maxima[row["node"]] for row in rows) if len(rows) >= FEW else 0
        if typical > 1 and 0 < max(row["value"] for row in rows) <= 1:
            in_shares[basis] = rows
    return in_shares


def _has_points(context: Context, node: str) -> bool:
    return "self" in context.by_node.get(node, ()) or node in context.worked_out


def missing(context: Context) -> Iterator[Finding]:
    """A scored row without a self score that nothing else is wrong with, or that is not there at all."""
    if context.framework is None:
        return
    quarantined = {*context.version.parsed.quarantine["node"].to_list()}
    for line in lines(context.framework):
        if line.kind == "row" and line.scored and not _has_points(context, line.code):
            if line.code in quarantined:
                continue
            most = format_number(line.maximum) if line.maximum is not None else Bilingual.same("…")
            details = {"code": Bilingual.same(line.code), "maximum": most}
            at = context.at(line.code, "self")
            yield context.cells.warning("missing_score" if at else "missing_row", at, line.code, **details)


def without_evidence(context: Context) -> Iterator[Finding]:
    """A score beside which no document is named, or a word that names none."""
    for node, text in context.documents.items():
        if names_nothing(text):
            yield context.cells.warning("score_without_evidence", context.at(node, "evidence"), node)


def names_nothing(text: str) -> bool:
    """Whether a text is no evidence: blank, marks alone, a single letter or digit, or a word for nothing.

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


def names(context: Context) -> Iterator[Finding]:
    """A name that is not the code's, and a group that the code is not of."""
    for code, row in context.coded.items():
        quarantined = _is_quarantined(context, row["name"])
        if not quarantined and not row["name"].blank and not context.names.is_of(code, row["name"].raw):
            called = _called(context.nodes[code])
            yield context.cells.warning(
                "unknown_name", row["name"].locator, code, code=Bilingual.same(code), name=called
            )
        group = row.get("group")
        if group and not quarantined and not group.blank and not context.names.is_above(code, group.raw):
            node = context.nodes[code]
            called = _called(context.nodes[node.parent or code])
            yield context.cells.warning("wrong_group", group.locator, code, code=Bilingual.same(code), name=called)


def _called(node: Node) -> Bilingual:
    return Bilingual(node.name_vi, node.name_en or node.name_vi)


def words(context: Context) -> Iterator[Finding]:
    """A status that doesn't exist, a deadline that is not a day, a unit of measure that is another."""
    allowed = Bilingual.same(", ".join(STATUSES))
    for code, row in context.coded.items():
        if (cell := _filled(row.get("status"))) and comparable(cell.raw) not in map(comparable, STATUSES_SEEN):
            yield context.cells.warning("unknown_status", cell.locator, code, allowed=allowed)
        if (cell := _filled(row.get("deadline"))) and not _may_be_a_day(cell):
            yield context.cells.warning("unread_deadline", cell.locator, code)
        if (cell := _filled(row.get("measured_in"))) and _is_other_measure(context, code, cell):
            yield context.cells.warning("other_measure", cell.locator, code)


def _filled(cell: Cell | None) -> Cell | None:
    return None if cell is None or cell.blank else cell


def _is_quarantined(context: Context, cell: Cell) -> bool:
    """A quarantined row has its error already."""
    return cell.locator in context.quarantined


def _may_be_a_day(cell: Cell) -> bool:
    """A date; or a text that says when, such as 31/03/2023 or quý II/2023: no word, bare number or impossible day."""
    if cell.kind != "text":
        return cell.kind == "date"
    says_when = any(map(str.isdigit, cell.raw)) and not cell.raw.isdecimal()
    return says_when and read_document(cell.raw).impossible is None


def _is_other_measure(context: Context, code: str, cell: Cell) -> bool:
    node = context.nodes[code]
    return node.scored and comparable(cell.raw) not in (comparable(MEASURED_IN[True]), "points", "point")


def remarks(context: Context) -> Iterator[Finding]:
    """What was remarked in reading: a printed sum that differs, a figure outside the table, a day that can't be."""
    for remark in context.version.parsed.remarks:
        yield context.cells.warning(remark.reason, remark.locator, None, remark=_without_place(remark))


def _without_place(remark: Remark) -> Bilingual:
    """The text of a remark, whose place stands beside it."""
    if remark.locator is None:
        return remark.text
    at = place(remark.locator)
    cut = (text.removeprefix(where).removeprefix(":").lstrip() for text, where in zip(remark.text, at, strict=True))
    return Bilingual(*(f"{text[:1].upper()}{text[1:]}" for text in cut))


def spoilt(context: Context) -> Iterator[Finding]:
    """In delimited text: saved by a spreadsheet, 4.10 becomes 4.1, which is another row."""
    for code, row in context.sheet.items():
        cell = row["code"]
        if cell.sheet is None and not cell.locator.startswith("/") and code.count(".") == 1 and code.endswith("0"):
            number = code.rstrip("0")
            details = {"code": Bilingual.same(code), "number": Bilingual.same(number)}
            yield context.cells.warning("code_like_a_number", cell.locator, code, **details)


def hidden(context: Context) -> Iterator[Finding]:
    """A whole sheet that nobody sees, and figures are taken from it."""
    taken = {row["locator"] for row in context.rows}
    for sheet in context.sheets:
        first = next((cell.locator for cell in sheet.cells() if cell.locator in taken), None) if sheet.hidden else None
        if first:
            yield context.cells.warning("hidden_sheet", first, None, sheet=Bilingual.same(str(sheet.name)))


def unseen(context: Context) -> Iterator[Finding]:
    """Figures that a person doesn't see as they are: hidden, covered, a formula's stored result, or other digits."""
    hidden = {sheet.name for sheet in context.sheets if sheet.hidden}
    for row in context.rows:
        cell = context.cells.by_locator.get(row["locator"])
        if cell is None:
            continue
        if cell.hidden and cell.sheet not in hidden:
            yield context.cells.warning("hidden_figure", row["locator"], row["node"])
        if cell.merged and (cell.sheet, cell.row, cell.column) not in context.anchors:
            yield context.cells.warning("covered_figure", row["locator"], row["node"])
        if cell.formula is not None:
            yield context.cells.warning("computed_figure", row["locator"], row["node"])
        if differing := held_and_shown(cell):
            held, shown = differing
            yield context.cells.warning("shown_otherwise", row["locator"], row["node"], held=held, shown=shown)


def not_yet(context: Context) -> Iterator[Finding]:
    """A day of issue that is still to come when the sheet comes; the day may begin earlier where its sender is."""
    issued = context.version.parsed.stated.on
    if issued and context.came_on and issued > context.came_on + dt.timedelta(days=1):
        yield context.cells.warning("not_yet", None, None, day=Bilingual(f"{issued:%d/%m/%Y}", f"{issued}"))


def outlived(context: Context) -> Iterator[Finding]:
    """A declared correction of an error that the source no longer has."""
    if text := context.version.parsed.outlived:
        yield context.cells.warning("correction_outlived", None, None, remark=text)


#: In the order in which an answer says them.
CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    above_self,
    quoted,
    without_evidence,
    impossible_day,
    out_of_time,
    jumps,
    missing,
    like_shares,
    not_a_grade,
    not_as_figures,
    far_from_verified,
    not_yet,
    names,
    words,
    remarks,
    spoilt,
    hidden,
    unseen,
    outlived,
)


def warnings(context: Context) -> Iterator[Finding]:
    """Every warning, check by check."""
    return (finding for check in CHECKS for finding in check(context))
