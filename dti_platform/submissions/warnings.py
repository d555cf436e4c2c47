"""Warnings: accepted, but worth checking. Nothing here changes what counts.

Here: one function for each warning, and the list of them. Scores and their evidence are compared with one another, with
their rule, the year before and the document named; then come the names, words and days of the sheet, its hidden cells
and the remarks of the reading. Not here: errors (``verdict``), reading documents (``feeds``), wording (``problems``).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from dti_platform import glossary
from dti_platform.codes import LISTS
from dti_platform.feeds import Stated
from dti_platform.feeds.documents import read_document
from dti_platform.feeds.sheet.declaration import BASES, MEASURED_IN, RAW, STATUSES, STATUSES_SEEN, lines
from dti_platform.feeds.sheet.title import can_be_evidence
from dti_platform.language import Bilingual, format_number, place, rounded
from dti_platform.reading import Cell, comparable, held_and_shown
from dti_platform.submissions.answer import Finding
from dti_platform.submissions.context import Context, Score
from dti_platform.submissions.versions import stated_text

if TYPE_CHECKING:
    from dti_platform.feeds import Remark
    from dti_platform.methodology import Node
    from dti_platform.tables import Row

#: The least change of a score since the year before that is worth checking, as a share of its maximum.
JUMP = 0.5
#: The least distance between final and verified score that is worth checking, as a share of the maximum.
FAR = 0.25
#: The largest error of a score that was rounded to two decimals.
ROUNDING = 0.005
#: The number of scores from which on they show how all scores of a column are written.
FEWEST_SCORES = 5
#: What people write where they have no evidence to name.
NO_EVIDENCE = frozenset(
    {
        "có", "có minh chứng", "đã có", "đã có minh chứng", "không", "không có", "không có minh chứng", "chưa",
        "chưa có", "chưa có minh chứng", "đang bổ sung", "đang cập nhật", "bổ sung sau", "gửi sau", "kèm theo",
        "đính kèm", "như trên", "ok", "đạt", "yes", "no", "none", "nil", "null", "nan", "n/a", "na", "tbd",
    }
)  # fmt: skip


def above_self(context: Context) -> Iterator[Finding]:
    """A verified or final score above the self score: that of the file, else the standing one.

    A quotation of a standing score is compared only with that score (``quoted_scores``).
    """
    for (unit, node), scores in _scores_to_compare(context):
        self_score = scores["self"].value if "self" in scores else context.standing.get((unit, node, "self"))
        for basis, reason in (("verified", "verified_above_self"), ("final", "final_above_self")):
            if self_score is not None and basis in scores and scores[basis].value > self_score:
                yield context.cells.warning(reason, scores[basis].locator, node, other=format_number(self_score))


def _scores_to_compare(context: Context) -> Iterator[tuple[tuple[str, str], Mapping[str, Score]]]:
    """The scores of each unit and node, except quoted verified and final scores where standing ones exist."""
    standing = {(unit, basis) for unit, _, basis in context.standing}
    for (unit, node), scores in context.scores.items():
        given = {"self", *context.by_unit_and_node.get((unit, node), ())}
        compared = {basis: score for basis, score in scores.items() if basis in given or (unit, basis) not in standing}
        yield (unit, node), compared


def quoted_scores(context: Context) -> Iterator[Finding]:
    """Quotations of scores that others give: each that differs from the standing score, or can't be a score.

    Where no score of a unit on a basis stands, one warning covers all of the basis.
    """
    standing = {(unit, basis) for unit, _, basis in context.standing}
    unmatched = Counter(q.basis for q in context.version.parsed.quotations if (q.unit, q.basis) not in standing)
    for basis, count in unmatched.items():
        yield context.cells.warning("quoted_scores", None, None, basis=glossary.BASES[basis], count=_number_text(count))
    for quoted in context.version.parsed.quotations:
        score = context.standing.get((quoted.unit, quoted.node, quoted.basis))
        if (quoted.value is None or score != quoted.value) and (quoted.unit, quoted.basis) in standing:
            details = {"basis": glossary.BASES[quoted.basis], "other": _or_none(score)}
            yield context.cells.warning("quoted_score_differs", quoted.locator, quoted.node, **details)


def _number_text(number: int) -> Bilingual:
    return Bilingual.same(str(number))


def _or_none(score: float | None) -> Bilingual:
    return Bilingual("chưa có", "none yet") if score is None else format_number(score)


def far_from_verified(context: Context) -> Iterator[Finding]:
    """A final score far from the verified one."""
    for (_, node), scores in _scores_to_compare(context):
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
    """Points that the indicator's rule can't give, such as 7 of 0, 5 and 10. ``like_shares`` covers shares."""
    shares = _in_shares(context)
    for (_, node), rows in context.by_unit_and_node.items():
        maximum = context.cells.maxima.get(node)
        allowed = context.nodes[node].rule.grades(maximum) if maximum else []
        for basis, row in rows.items() if allowed else ():
            if basis not in shares and Decimal(str(row["value"])) not in allowed:
                yield context.cells.warning("not_a_grade", row["locator"], node, grades=_point_list(allowed))


def unlike_raw_figures(context: Context) -> Iterator[Finding]:
    """A self score that differs, to two decimals, from the points of the raw figures beside it, which count."""
    for node, points in context.computed_points.items():
        row = context.by_node.get(node, {}).get("self")
        if row is not None and abs(row["value"] - points) > ROUNDING:
            details = {"other": format_number(rounded(points, 3))}
            yield context.cells.warning("score_not_as_figures", row["locator"], node, **details)


def half_of_a_share(context: Context) -> Iterator[Finding]:
    """One raw figure of a share without the other: no points follow from it."""
    for node, row in context.lone_raw.items():
        given, lacking = sorted(RAW, key=lambda measure: measure != row["measure"])
        names = LISTS["measure"].names
        details = {"given": names[given], "lacking": names[lacking]}
        yield context.cells.warning("half_of_a_share", row["locator"], node, **details)


def _point_list(points: Iterable[Decimal]) -> Bilingual:
    vi, en = zip(*map(format_number, points), strict=True)
    return Bilingual("; ".join(vi), "; ".join(en))


def like_shares(context: Context) -> Iterator[Finding]:
    """Every score of a column is at most 1 though most maxima are larger: shares of the maximum, and not points."""
    for rows in _in_shares(context).values():
        yield context.cells.warning("like_shares", rows[0]["locator"], None, count=_number_text(len(rows)))


def _in_shares(context: Context) -> Mapping[str, list[Row]]:
    """The bases whose scores are like shares, with those scores."""
    in_shares: dict[str, list[Row]] = {}
    maxima = {node: float(maximum) for node, maximum in context.cells.maxima.items() if maximum}
    for basis in BASES:
        rows = [rows[basis] for (_, node), rows in context.by_unit_and_node.items() if basis in rows and node in maxima]
        typical = median(maxima[row["node"]] for row in rows) if len(rows) >= FEWEST_SCORES else 0
        if typical > 1 and 0 < max(row["value"] for row in rows) <= 1:
            in_shares[basis] = rows
    return in_shares


def _has_points(context: Context, node: str) -> bool:
    return "self" in context.by_node.get(node, ()) or node in context.computed_points


def missing_scores(context: Context) -> Iterator[Finding]:
    """A scored row that has no self score, though no other error, or that is absent."""
    if context.framework is None:
        return
    quarantined = {*context.version.parsed.quarantine["node"].to_list()}
    for line in lines(context.framework):
        if line.kind == "row" and line.scored and not _has_points(context, line.code):
            if line.code in quarantined:
                continue
            maximum = format_number(line.maximum) if line.maximum is not None else Bilingual.same("…")
            details = {"code": Bilingual.same(line.code), "maximum": maximum}
            locator = context.locator(line.code, "self")
            if anchor := context.merged_into(line.code, "self"):
                yield context.cells.warning("merged_score", anchor.locator, line.code, anchor=anchor.place, **details)
            elif locator or line.code not in context.with_unread_code:
                yield context.cells.warning(
                    "missing_score" if locator else "missing_row", locator, line.code, **details
                )


def without_evidence(context: Context) -> Iterator[Finding]:
    """A score without a document beside it, or with a word that names none."""
    for node, text in context.documents.items():
        if is_no_evidence(text):
            yield context.cells.warning("score_without_evidence", context.locator(node, "evidence"), node)


def is_no_evidence(text: str) -> bool:
    """Whether a text is no evidence: blank, only punctuation, a single letter or digit, or a word for nothing.

    >>> [is_no_evidence(text) for text in ("", "-", "x", "N/A", "Không có.", "Báo cáo của Sở")]
    [True, True, True, True, True, False]
    """
    words = comparable(text).strip(" .,;:!?()[]-–—_*/")
    return sum(map(str.isalnum, words)) <= 1 or words in NO_EVIDENCE


def impossible_day(context: Context) -> Iterator[Finding]:
    """A day that does not exist in the calendar."""
    for node, text in context.documents.items():
        if day := read_document(text).impossible:
            locator, details = context.locator(node, "evidence"), {"day": Bilingual.same(day)}
            yield context.cells.warning("impossible_day", locator, node, **details)


def day_out_of_time(context: Context) -> Iterator[Finding]:
    """A document of an implausible day: later than the sheet, or long before or after its period."""
    issued = context.version.parsed.stated.on
    for node, text in context.documents.items():
        day = read_document(text).date
        if day and not can_be_evidence(day, context.period, issued):
            issued_on = Bilingual(f"{day:%d/%m/%Y}", f"{day}")
            yield context.cells.warning("day_out_of_time", context.locator(node, "evidence"), node, day=issued_on)


def unknown_names(context: Context) -> Iterator[Finding]:
    """A name that does not belong to the code, and a group that does not contain the code."""
    for code, row in context.coded_rows.items():
        quarantined = _is_quarantined(context, row["name"])
        if not quarantined and not row["name"].blank and not context.names.is_of(code, row["name"].raw):
            name = _name(context.nodes[code])
            yield context.cells.warning("unknown_name", row["name"].locator, code, code=Bilingual.same(code), name=name)
        group = row.get("group")
        if group and not quarantined and not group.blank and not context.names.is_above(code, group.raw):
            node = context.nodes[code]
            name = _name(context.nodes[node.parent or code])
            yield context.cells.warning("wrong_group", group.locator, code, code=Bilingual.same(code), name=name)


def _name(node: Node) -> Bilingual:
    return Bilingual(node.name_vi, node.name_en or node.name_vi)


def unknown_words(context: Context) -> Iterator[Finding]:
    """A status that doesn't exist, a deadline that is not a day, another unit of measure."""
    allowed = Bilingual.same(", ".join(STATUSES))
    for code, row in context.coded_rows.items():
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


def reading_remarks(context: Context) -> Iterator[Finding]:
    """The remarks of the reading: a printed sum that differs, a figure outside the table, an impossible day."""
    for remark in context.version.parsed.remarks:
        yield context.cells.warning(remark.reason, remark.locator, None, remark=_without_location(remark))


def _without_location(remark: Remark) -> Bilingual:
    """The text of a remark without its location, which is shown beside it."""
    if remark.locator is None:
        return remark.text
    pairs = zip(remark.text, place(remark.locator), strict=True)
    texts = (text.removeprefix(location).removeprefix(":").lstrip() for text, location in pairs)
    return Bilingual(*(f"{text[:1].upper()}{text[1:]}" for text in texts))


def codes_like_numbers(context: Context) -> Iterator[Finding]:
    """Codes that a spreadsheet changes when it saves delimited text: 4.10 becomes 4.1, which is another row."""
    for code, row in context.sheet.items():
        cell = row["code"]
        if cell.sheet is None and not cell.locator.startswith("/") and code.count(".") == 1 and code.endswith("0"):
            number = code.rstrip("0")
            details = {"code": Bilingual.same(code), "number": Bilingual.same(number)}
            yield context.cells.warning("code_like_a_number", cell.locator, code, **details)


def hidden_sheets(context: Context) -> Iterator[Finding]:
    """A hidden sheet from which figures are read."""
    read = {row["locator"] for row in context.rows}
    for sheet in context.sheets:
        first = next((cell.locator for cell in sheet.cells() if cell.locator in read), None) if sheet.hidden else None
        if first:
            yield context.cells.warning("hidden_sheet", first, None, sheet=Bilingual.same(str(sheet.name)))


def unseen_figures(context: Context) -> Iterator[Finding]:
    """Figures that a person doesn't see as they are: hidden, covered, a formula's stored result, or shown otherwise."""
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
        if difference := held_and_shown(cell):
            held, shown = difference
            yield context.cells.warning("shown_otherwise", row["locator"], row["node"], held=held, shown=shown)


def issued_later(context: Context) -> Iterator[Finding]:
    """A day of issue after the arrival of the sheet; a day is allowed for the sender's time zone."""
    issued = context.version.parsed.stated.on
    if issued and context.received_on and issued > context.received_on + dt.timedelta(days=1):
        yield context.cells.warning("not_yet", None, None, day=Bilingual(f"{issued:%d/%m/%Y}", f"{issued}"))


def no_day_of_issue(context: Context) -> Iterator[Finding]:
    """A sheet that states neither day nor version, though an accepted one that it replaces did."""
    earlier = context.version.earlier
    if earlier and context.version.parsed.stated == Stated():
        receipt = Bilingual.same(str(earlier.receipt))
        details = {"receipt": receipt, "stated": stated_text(earlier.stated)}
        yield context.cells.warning("no_day_of_issue", None, None, **details)


def outlived_correction(context: Context) -> Iterator[Finding]:
    """A declared correction of an error that is no longer in the source."""
    if text := context.version.parsed.outlived:
        yield context.cells.warning("correction_outlived", None, None, remark=text)


#: The checks in the order of their warnings in an answer.
CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    above_self,
    quoted_scores,
    without_evidence,
    impossible_day,
    day_out_of_time,
    jumps,
    missing_scores,
    like_shares,
    not_a_grade,
    unlike_raw_figures,
    half_of_a_share,
    far_from_verified,
    issued_later,
    no_day_of_issue,
    unknown_names,
    unknown_words,
    reading_remarks,
    codes_like_numbers,
    hidden_sheets,
    unseen_figures,
    outlived_correction,
)


def warnings(context: Context) -> Iterator[Finding]:
    """Every warning, check by check."""
    return (finding for check in CHECKS for finding in check(context))
