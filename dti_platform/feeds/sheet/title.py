"""Whose sheet it is: unit, period, framework, day and version, as its title block and its columns say them.

Here: finding the one sheet, what it says of itself, and who and what that can be. Not here: its rows
(``feeds.self_assessment``). What is said twice must be the same: two units in one file are refused, not guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.feeds import Known, Received, Stated
from dti_platform.feeds.fields import unmatched
from dti_platform.feeds.sheet.declaration import COLUMNS, INDEX, LABELS
from dti_platform.language import Bilingual
from dti_platform.periods import Period
from dti_platform.problems import catalogue
from dti_platform.reading import Book, Cell, Sheet, Table, Unreadable, comparable, find_table, normalise
from dti_platform.units import Match, fold

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.units import Unit

#: Why a file is refused that says a thing in two ways.
_CONTRADICTIONS = {"unit": "two_units", "unit_id": "two_units", "period": "wrong_period"}
_NAMES = {comparable(label): name for name, labels in LABELS.items() for label in labels}
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
#: As the heading of an official letter has it.
_DAY_IN_WORDS = re.compile(r"(?:[^\d]*, ?)?ngày (\d{1,2}) tháng (\d{1,2}) năm (\d{4})", re.IGNORECASE)
Title = Mapping[str, str]


def find_sheet(book: Book) -> tuple[Sheet, Table]:
    """The one sheet with the table.

    Raises Unreadable: none has it, or several, perhaps of several units.
    """
    holders: list[tuple[Sheet, Table]] = []
    missing: Unreadable | None = None
    for sheet in book.sheets:
        try:
            holders.append((sheet, find_table(sheet, COLUMNS)))
        except Unreadable as unreadable:
            if unreadable.reason != "header_missing":
                raise
            missing = missing or unreadable
    if not holders:
        raise missing or Unreadable("header_missing", "no_sheet", file=book.name)
    if len(holders) > 1:
        names = ", ".join(str(sheet.name) for sheet, _ in holders)
        units = {dict(_labelled(table)).get("unit_id") for _, table in holders}
        reason = "two_units" if len(units) > 1 else "several_tables"
        raise Unreadable(reason, "forms_in_sheets", file=book.name, sheets=names)
    return holders[0]


def said_of(table: Table, name: str) -> Title:
    """What the sheet says of itself, by the names of ``LABELS``; ``name`` is the file's.

    Raises Unreadable where it says two different things.
    """
    return _without_contradiction((*_labelled(table), *_in_columns(table)), name)


def said_anywhere(book: Book, *names: str) -> Title:
    """What a book says by some of ``LABELS``: in the sheet with the table, or in any where no one table can be found.

    Raises Unreadable where it says two different things, or nothing without a table.
    """
    missing: Unreadable | None = None
    try:
        title: Title = said_of(find_sheet(book)[1], book.name)
    except Unreadable as unreadable:
        missing = unreadable
        labels = (label for sheet in book.sheets for row in sheet.rows for label in _labels(row))
        title = _without_contradiction((label for label in labels if label[0] in names), book.name)
    if missing and not title:
        raise missing
    return {name: title[name] for name in names if name in title}


def _without_contradiction(statements: Iterable[tuple[str, str]], name: str) -> Title:
    stated_texts: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for about, text in statements:
        if text:
            stated_texts[about].setdefault(fold(text) if about == "unit" else comparable(text), text)
    for about, texts in stated_texts.items():
        if len(texts) > 1:
            reason = _CONTRADICTIONS.get(about, "contradiction")
            label, ways = LABELS[about][0], ", ".join(texts.values())
            raise Unreadable(reason, "label_contradicts", file=name, label=label, count=len(texts), texts=ways)
    return {about: next(iter(texts.values())) for about, texts in stated_texts.items()}


def code_said(top: Book) -> str | None:
    """The one code that the first rows of the only sheet state; whatever else it says, it is of no other unit.

    None where they state none or several, or where there are more sheets.
    """
    if len(top.sheets) != 1:
        return None
    codes = {text for row in top.sheets[0].rows for about, text in _labels(row) if about == "unit_id" and text}
    return codes.pop() if len(codes) == 1 else None


def _labelled(table: Table) -> Iterator[tuple[str, str]]:
    """What every row but the header says by a label."""
    for number, row in enumerate(table.sheet.rows, 1):
        if number != table.header_row:
            yield from _labels(row)


def _labels(row: list[Cell]) -> Iterator[tuple[str, str]]:
    """A label, and the text after its colon or in the next filled cell."""
    filled = [cell for cell in row if cell.kind != "blank"]
    for at, cell in enumerate(filled):
        label, _, rest = cell.raw.partition(":")
        if name := _NAMES.get(comparable(label)):
            rest = normalise(rest)
            after = normalise(filled[at + 1].raw) if at + 1 < len(filled) else ""
            yield name, rest or after


def _in_columns(table: Table) -> Iterator[tuple[str, str]]:
    """What a column says of every row: an export may name unit and period there."""
    names = [name for name in LABELS if name in table.columns]
    if names:
        for row in table.rows():
            yield from ((name, normalise(row[name].raw)) for name in names)


def sender_of(title: Title, known: Known, received: Received) -> Unit:
    """The unit that code, name and the named sender agree on; a name alone must mean one unit of the period.

    Raises Unreadable where they don't.
    """
    name, code = title.get("unit", ""), title.get("unit_id", "") or _code_of_sender(title, received)
    unit = _by_code(code, name, known, received.name) if code else _by_name(name, known, received)
    if received.sender not in (None, unit.id):
        raise Unreadable(
            "wrong_sender",
            "sent_by_another",
            file=received.name,
            unit=f"{unit.id} {unit.name_vi}",
            sender=received.sender,
        )
    return unit


def _code_of_sender(title: Title, received: Received) -> str:
    """A sheet that does not name its unit is its sender's."""
    return (received.sender or "") if not title.get("unit") else ""


def _by_code(code: str, name: str, known: Known, file: str) -> Unit:
    unit = known.units.all.get(code)
    if unit is None or unit.kind == "aggregate":
        raise Unreadable("wrong_sender", "no_such_code", file=file, code=code)
    match = known.units.find(name, unit.geography) if name else None
    if match and match.unit_id != code:
        stated = {"file": file, "code": code, "unit": unit.name_vi, "name": name}
        if match.unit_id:
            raise Unreadable("wrong_sender", "name_of_another", **stated)
        raise Unreadable("wrong_sender", "code_with_unknown_name", **stated, why=_misnamed([match]))
    return unit


def _by_name(name: str, known: Known, received: Received) -> Unit:
    if not name:
        raise Unreadable("wrong_sender", "neither_name_nor_code", file=received.name)
    matches = [known.units.find(name, geography) for geography in geographies(known, received.period)]
    ids = sorted({match.unit_id for match in matches if match.unit_id})
    if len(ids) == 1:
        return known.units.all[ids[0]]
    if ids:
        raise Unreadable("wrong_sender", "name_of_several", file=received.name, name=name, units=", ".join(ids))
    raise Unreadable("wrong_sender", "name_of_no_unit", file=received.name, name=name, why=_misnamed(matches))


def _misnamed(matches: Sequence[Match]) -> Bilingual:
    """Why a name means no unit, with what is close to it, as the reasons for single cells say it."""
    reason, near = unmatched(matches)
    return catalogue("cell")[reason].why.format(suggestions=near)


def geographies(known: Known, period: str) -> list[str]:
    """The sets of units for which a framework of the index is in force in a period; none in a year that is not held."""
    return [each for each in known.units.geographies if known.frameworks.for_period(period, each, INDEX)]


def framework_of(title: Title, unit: Unit, known: Known, received: Received, codes: Collection[str]) -> Framework:
    """The framework in force; with its overlay where the sheet has rows that only the overlay knows.

    Raises Unreadable: another period or framework is named, or none is in force for the unit's geography.
    """
    silent = not title and received.sender is not None
    period = received.period if silent else title.get("period", "").removeprefix("Năm ")
    if period != received.period:
        raise Unreadable("wrong_period", "sent_for_another", file=received.name, stated=period, period=received.period)
    framework = known.frameworks.for_period(period, unit.geography, INDEX)
    if framework is None:
        raise _none_in_force(unit, known, received)
    if (named := title.get("framework", "")) and named != framework.version:
        raise Unreadable(
            "wrong_framework", "not_in_force", file=received.name, stated=named, framework=framework.version
        )
    overlaid = known.frameworks.overlaid(framework)
    return overlaid if any(code in overlaid.nodes and code not in framework.nodes for code in codes) else framework


def _none_in_force(unit: Unit, known: Known, received: Received) -> Unreadable:
    """None at all, or one for the units of another time: the 63 and the 34 provinces share names and codes."""
    period = received.period
    merged_into = _merged_into(unit, known)
    where = {"file": received.name, "unit": f"{unit.id} {unit.name_vi}", "geography": unit.geography, "period": period}
    level = unit.geography.rstrip("0123456789")
    others = [each for each in geographies(known, period) if each != level and each.startswith(level)]
    if not others:
        if merged_into:
            return Unreadable("no_framework", "none_in_force_merged", **where, successor=merged_into)
        return Unreadable("no_framework", "none_in_force", **where)
    kin = [unit.id, *known.units.predecessors(unit.id), known.units.successor(unit.id)]
    of_period = (each for each in kin if each and each.split("-")[0] in others)
    near = ", ".join(f"{each} {known.units.all[each].name_vi}" for each in of_period)
    where["geographies"] = ", ".join(others)
    if not near:
        return Unreadable("wrong_geography", "of_another_time", **where)
    return Unreadable("wrong_geography", "of_another_time_use", **where, near=near)


def _merged_into(unit: Unit, known: Known) -> str:
    """The unit that several, this one among them, were merged into; empty where it was not."""
    successor = known.units.successor(unit.id)
    if successor is None or len(known.units.predecessors(successor)) == 1:
        return ""
    return f"{successor} {known.units.all[successor].name_vi}"


def stated(title: Title) -> tuple[Stated, tuple[str, ...]]:
    """Day and version that the sheet states, and what of these can't be read as either."""
    day, version = title.get("stated_on", ""), re.sub(r"^\D*", "", title.get("version", ""))
    number = int(version) if version.isdecimal() and len(version) < 6 else None  # noqa: PLR2004 - no version is so long
    on = _day(day)
    unread = [text for text, read in ((day, on), (title.get("version", ""), number)) if text and read is None]
    return Stated(number, on), tuple(unread)


def _day(text: str) -> dt.date | None:
    """A day as dd/mm/yyyy, in words, perhaps after a place, or a cell's date in ISO; None where it is none of these."""
    written = _DAY.fullmatch(text) or _DAY_IN_WORDS.fullmatch(text)
    try:
        if written:
            return dt.date(int(written[3]), int(written[2]), int(written[1]))
        return dt.date.fromisoformat(text.partition("T")[0])
    except ValueError:
        return None


#: A sheet is issued in its period or within so many years after it.
ISSUED_WITHIN = 3
#: A document that is evidence is of the period, or of at most so many years after it.
EVIDENCE_WITHIN = 2
#: No document that is evidence of a digital transformation is older.
EARLIEST = 1990


def can_be_issued(day: dt.date, period: str) -> bool:
    """Whether a sheet of a period can have been issued on a day.

    >>> [can_be_issued(dt.date(year, 2, 1), "2022") for year in (2021, 2022, 2025, 2203)]
    [False, True, True, False]
    """
    return day.year in years_of_issue(period)


def years_of_issue(period: str) -> range:
    """The years in which a sheet of a period can be issued."""
    measured = Period.parse(period)
    return range(measured.first_year, measured.year + ISSUED_WITHIN + 1)


def can_be_evidence(day: dt.date, period: str, issued: dt.date | None) -> bool:
    """Whether a document of a day can be evidence in a sheet of a period, issued on a day that may not be known.

    >>> [can_be_evidence(dt.date(year, 2, 1), "2022", None) for year in (1022, 1990, 2024, 2032)]
    [False, True, True, False]
    """
    return EARLIEST <= day.year <= Period.parse(period).year + EVIDENCE_WITHIN and (issued is None or day <= issued)
