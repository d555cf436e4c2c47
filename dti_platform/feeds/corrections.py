"""Known errors of sources: ``<feed>.corrections.toml`` beside the feed, one entry for each wrong cell.

Here: applying them when a file is read, and failing loudly once the source is fixed. Not here: finding errors. The
cell is corrected before its feed reads it again, so that a cell held back for its error is corrected, too; what was
received stays in ``raw`` and in landing, and the submission states what was corrected and why::

    [[correction]]
    unit = "VN63-19"
    period = "2022"
    code = "1.2"          # node, or code of an operational indicator
    was = 95              # as the cell reads; text is compared as text
    is = 9.5
    expect = "> 10"       # what shows that the source still has its error
    reason_vi = "..."
    reason_en = "..."
    reported_on = 2026-11-24
    basis = "self"        # perhaps; also measure and source, where more than one cell is of that unit and code
"""

from __future__ import annotations

import datetime as dt
import operator
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.feeds.extract import Extract
from dti_platform.language import Bilingual
from dti_platform.reading import Book, Cell, Sheet, normalise

if TYPE_CHECKING:
    from dti_platform.feeds.feed import Parsed

FOLDER = Path(__file__).parent
_COMPARE = {
    "<=": operator.le, ">=": operator.ge, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_EXPECTED = re.compile(r"(<=|>=|!=|<|>|=)\s*(\S.*)")
_SEVERAL = Bilingual("hãy nêu rõ loại điểm, đại lượng hoặc nguồn", "name its basis, measure or source")
_OUTLIVED = Bilingual("nếu nguồn đã sửa, bỏ mục đính chính", "if the source is fixed, remove the entry")
_NARROWER = ("basis", "measure", "source")
_NEEDED = {"unit", "period", "code", "was", "is", "expect", "reason_vi", "reason_en", "reported_on"}


class CorrectionError(ValueError):
    """An entry that does not hold together, or whose source is fixed: names the entry and the fix."""

    def __init__(self, en: str, vi: str | None = None) -> None:
        """What only the operator reads needs no ``vi``."""
        super().__init__(en)
        self.text = Bilingual(vi or f"mục đính chính không hợp lệ ({en})", en)


@dataclass(frozen=True, slots=True)
class Correction:
    """One wrong cell of a source; ``file`` is where the entry stands."""

    file: str
    unit: str
    period: str
    code: str
    was: str
    now: str | Decimal
    expect: str
    reason_vi: str
    reason_en: str
    reported_on: dt.date
    narrower: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Where the entry stands, and what it is about."""
        return f"{self.file}, {self.unit} {self.period} {self.code}"

    def still_wrong(self, raw: str) -> bool:
        """Whether what is read still shows the error."""
        match = _EXPECTED.fullmatch(self.expect)
        if match is None:
            raise CorrectionError(f"{self}: expect is {self.expect!r}; write a comparison such as '> 10'")
        left, right = _number(raw), _number(match[2])
        if left is None or right is None:
            return match[1] in ("=", "!=") and (normalise(raw) == match[2]) is (match[1] == "=")
        return bool(_COMPARE[match[1]](left, right))


@cache
def declared(feed: str, folder: Path = FOLDER) -> tuple[Correction, ...]:
    """The entries of a feed; none where it has no such file.

    Raises CorrectionError: an entry lacks something, or has something unknown.
    """
    path = folder / f"{feed}.corrections.toml"
    if not path.is_file():
        return ()
    entries = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal).get("correction", [])
    return tuple(_entry(path.name, number, entry) for number, entry in enumerate(entries, 1))


def _entry(file: str, number: int, entry: dict[str, object]) -> Correction:
    if lacking := _NEEDED - entry.keys():
        raise CorrectionError(f"{file}, entry {number} lacks {', '.join(sorted(lacking))}: add it")
    if strange := entry.keys() - _NEEDED - set(_NARROWER):
        raise CorrectionError(f"{file}, entry {number} has {', '.join(sorted(strange))}, which is unknown: remove it")
    day, now = entry["reported_on"], entry["is"]
    if not isinstance(day, dt.date):
        raise CorrectionError(f"{file}, entry {number}: reported_on is {day!r}; write a day such as 2026-11-24")
    texts = {name: str(entry[name]) for name in ("unit", "period", "code", "was", "expect", "reason_vi", "reason_en")}
    narrower = tuple((name, str(entry[name])) for name in _NARROWER if name in entry)
    exact = Decimal(str(now)) if isinstance(now, int | Decimal) else str(now)
    return Correction(file, now=exact, reported_on=day, narrower=narrower, **texts)


def wanted(corrections: Sequence[Correction], extract: Extract, period: str) -> dict[str, Correction]:
    """The cells of a file to correct, by locator.

    Raises CorrectionError where a cell no longer reads as the entry says: the source was fixed, or changed.
    """
    corrections_by_cell: dict[str, Correction] = {}
    for entry in (entry for entry in corrections if entry.period == period):
        cells = dict(_cells(entry, extract))
        matching = [locator for locator, raw in cells.items() if _same(raw, entry.was) and entry.still_wrong(raw)]
        if cells and len(matching) != 1:
            seen = ", ".join(f"{locator}: {raw!r}" for locator, raw in cells.items())
            fix = _SEVERAL if matching else _OUTLIVED
            raise CorrectionError(
                f"{entry}: expected {entry.was!r} ({entry.expect}), found {seen}; {fix.en}",
                f"{entry}: chờ {entry.was!r} ({entry.expect}), tìm thấy {seen}; {fix.vi}",
            )
        corrections_by_cell |= dict.fromkeys(matching, entry)
    return corrections_by_cell


def _cells(entry: Correction, extract: Extract) -> Iterator[tuple[str, str]]:
    """Locator and raw text of the cells that an entry may mean, taken or held back."""
    for row in extract.observations:
        narrow = all(getattr(row, name) == value for name, value in entry.narrower)
        if narrow and (row.unit, row.node) == (entry.unit, entry.code):
            yield row.locator, row.raw
    for cell in extract.quarantine:
        of_entry = (cell.unit, cell.node) == (entry.unit, entry.code)
        if of_entry and cell.reason != "held_with_row" and _same(cell.raw, entry.was):
            yield cell.locator, cell.raw


def _same(raw: str, was: str) -> bool:
    """As numbers where both are, else as text."""
    left, right = _number(raw), _number(was)
    return normalise(raw) == normalise(was) if left is None or right is None else left == right


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(normalise(text).replace(",", "."))
    except InvalidOperation:
        return None


def corrected(book: Book, cells: dict[str, Correction]) -> Book:
    """The book with these cells as they should be."""
    sheets = [
        Sheet(s.name, [[_with_correction(c, cells) for c in row] for row in s.rows], s.hidden, s.merged)
        for s in book.sheets
    ]
    return replace(book, sheets=tuple(sheets))


def _with_correction(cell: Cell, cells: dict[str, Correction]) -> Cell:
    entry = cells.get(cell.locator)
    if entry is None:
        return cell
    if isinstance(entry.now, Decimal):
        return cell._replace(raw=str(entry.now), kind="number", value=float(entry.now))
    return cell._replace(raw=entry.now, kind="text", value=entry.now)


def noted(again: Extract, first: Extract, cells: dict[str, Correction]) -> Extract:
    """What the corrected file gave, with the raw text as it was received, and a note of each correction."""
    received = {row.locator: row.raw for row in (*first.observations, *first.quarantine) if row.locator in cells}
    applied = [
        f"{at}: {entry.was} → {entry.now} ({entry.reason_vi}) / {at}: {entry.was} → {entry.now} ({entry.reason_en})"
        for at, entry in cells.items()
    ]
    reasons = "; ".join(filter(None, [again.account.reason, *applied]))
    return replace(
        again,
        observations=[row._replace(raw=received.get(row.locator, row.raw)) for row in again.observations],
        account=again.account._replace(reason=reasons),
        corrected=tuple(map(str, cells.values())),
    )


def must_be_met(counting: Sequence[Parsed]) -> None:
    """Raises CorrectionError where what counts of a unit no longer has the cell that an entry corrects.

    An entry waits while nothing of its unit and period has come, or while all of it was refused.
    """
    met = {entry for parsed in counting for entry in parsed.corrected}
    present = {place for parsed in counting for place in _places(parsed)}
    for feed in {feed for feed, _, _ in present}:
        for entry in declared(feed):
            if (feed, entry.period, entry.unit) in present and str(entry) not in met:
                raise CorrectionError(f"{entry}: its cell is gone from what {entry.unit} sent; remove the entry")


def _places(parsed: Parsed) -> Iterator[tuple[str, str, str]]:
    """Feed, period and each unit of which a file speaks."""
    feed, period, sender = parsed.submissions.select("feed", "period", "sender").row(0)
    units = {*parsed.observations["unit"], *parsed.quarantine["unit"], sender}
    yield from ((feed, period, unit) for unit in units if unit is not None)
