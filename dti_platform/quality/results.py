"""Results of checks, and waivers: a named office accepts a failing check until a date.

Here: one record per entry of a suite, with its JSON form; ``expectations/waivers.toml``, applied to results for a day
that is an argument, so that the same run gives the same answer. Not here: running a check (``checks``), showing it
(``check_page``), and what a failing check stops (``pipeline``).
"""

from __future__ import annotations

import datetime as dt
import io
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import polars as pl

from dti_platform.failing_row import sentence
from dti_platform.glossary import terms
from dti_platform.language import LANGUAGES, Bilingual
from dti_platform.quality.contracts import SHOWN
from dti_platform.quality.errors import SuiteError
from dti_platform.quality.suites import check_names_exist, expectations_folder

if TYPE_CHECKING:
    from dti_platform.codes import CheckSeverity
    from dti_platform.quality.suites import Suite

Outcome = Literal["passed", "failed", "could_not_run"]
#: From the best to the worst.
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
#: How a check ended, for readers: passed, known (only rows of the baseline fail), noted (info), warned,
#: failed (stops the publication), or could not run.
Kind = Literal["passed", "known", "noted", "warned", "failed", "could not run"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_FRAMES = ("rows", "known")
#: Fields that are added to an answer later: they depend on the day and on the other tables.
_ADDED = ("waiver", "places")
WORDS = terms("checks_words")
_FAILED: Mapping[CheckSeverity, Kind] = {"info": "noted", "warning": "warned", "critical": "failed"}


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult:
    """The answer of one check on one table.

    ``checked`` and ``failing`` count rows of the check's frame; ``rows`` holds up to 20 failing ones, without those in
    the baseline: ``known`` holds these, each with its reason. ``places`` gives for each of ``rows`` the unit, the value
    and the cell of the source (``pipeline.failing_rows``): show ``failing_rows``, which begins with these columns.
    ``periods`` counts the failing rows, shown or not, of each period (``by_year``).
    ``detail`` gives the observed value, or why the check could not run, which is never a fault of the data.
    """

    table: str
    name: str
    severity: CheckSeverity
    outcome: Outcome
    reason: Bilingual
    """Why the check exists."""
    checked: int = 0
    failing: int = 0
    detail: str = ""
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    known: pl.DataFrame = field(default_factory=pl.DataFrame)
    places: pl.DataFrame = field(default_factory=pl.DataFrame)
    waiver: Waiver | None = None
    periods: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def failing_rows(self) -> pl.DataFrame:
        """The failing rows as they are shown: unit, value, raw text, file and place first, then the frame's columns."""
        others = self.rows.drop(self.places.columns, strict=False)
        return pl.concat([self.places, others], how="horizontal") if self.places.width else self.rows

    @property
    def complaint(self) -> Bilingual:
        """The rule and the first failing row; for a check that could not run, why."""
        if self.outcome == "could_not_run":
            return Bilingual(*(f"{WORDS['could_not_run'].text(language)}: {self.detail}" for language in LANGUAGES))
        first = next(self.failing_rows.iter_rows(named=True), None)
        if first is None:
            return self.reason
        rules = Bilingual(*(self.reason.text(language).rstrip(".") for language in LANGUAGES))
        return Bilingual(*(f"{rules.text(language)}. {sentence(first, language)}" for language in LANGUAGES))

    @property
    def blocks(self) -> bool:
        """Whether it stops the release: a critical check that did not pass and has no waiver in force."""
        return self.severity == "critical" and self.outcome != "passed" and self.waiver is None

    @property
    def shown_severity(self) -> CheckSeverity:
        """The severity to act by: a waiver in force turns critical into warning."""
        return "warning" if self.waiver and self.severity == "critical" else self.severity

    @property
    def kind(self) -> Kind:
        """How the check ended; a failure by ``shown_severity``."""
        if self.outcome == "failed":
            return _FAILED[self.shown_severity]
        if self.outcome == "could_not_run":
            return "could not run"
        return "known" if self.known.height else "passed"

    def waived(self, waiver: Waiver | None) -> Self:
        """The same answer under a waiver."""
        return replace(self, waiver=waiver)

    def to_dict(self) -> dict[str, object]:
        """A JSON-able form; rows keep their types. Waiver and places are left out: they are added later."""
        fields = {name: getattr(self, name) for name in self.__slots__ if name not in (*_FRAMES, *_ADDED, "reason")}
        reasons = {"reason_vi": self.reason.vi, "reason_en": self.reason.en}
        return {**fields, **reasons, "rows": _to_json(self.rows), "known": _to_json(self.known)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The result from its ``to_dict``."""
        fields = {name: value for name, value in stored.items() if name not in ("reason_vi", "reason_en", *_FRAMES)}
        reason = Bilingual(stored["reason_vi"], stored["reason_en"])
        return cls(**fields, reason=reason, rows=_from_json(stored["rows"]), known=_from_json(stored["known"]))


def _to_json(rows: pl.DataFrame) -> str:
    return rows.serialize(format="json") if rows.width else ""


def _from_json(text: str) -> pl.DataFrame:
    return pl.DataFrame.deserialize(io.StringIO(text), format="json") if text else pl.DataFrame()


def together(answers: Sequence[CheckResult]) -> CheckResult:
    """One answer for all years from the answers of one check about several groups of years."""
    worst = max(answers, key=lambda answer: OUTCOMES.index(answer.outcome))
    periods = Counter[str]()
    for answer in answers:
        periods.update(answer.periods)
    return replace(
        worst,
        checked=sum(answer.checked for answer in answers),
        failing=sum(answer.failing for answer in answers),
        rows=_stacked([answer.rows for answer in answers]).head(SHOWN),
        known=_stacked([answer.known for answer in answers]),
        periods=dict(sorted(periods.items())),
    )


def _stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    filled = [frame for frame in frames if frame.width]
    return pl.concat(filled, how="vertical_relaxed") if filled else pl.DataFrame()


FIELDS = ("check", "who", "why", "until")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry: ``check`` is ``<table>.<name>``; ``who`` an office or role; ``until`` the last day in force."""

    check: str
    who: str
    why: str
    until: dt.date

    def covers(self, result: CheckResult, today: dt.date) -> bool:
        """Whether it is in force and names this check."""
        return self.check == f"{result.table}.{result.name}" and today <= self.until

    def __str__(self) -> str:
        """As printed in the run, the release and the UI."""
        return f"{self.check} waived until {self.until:%Y-%m-%d} by {self.who}: {self.why}"


def waivers(folder: Path | None = None, *, known: Mapping[str, Suite] | None = None) -> tuple[Waiver, ...]:
    """Every waiver of the file, sorted by check; ``known`` holds the suites whose checks the waivers may name.

    Raises:
        SuiteError: an entry lacks check, who, why or until, has another field, or names no known check.
    """
    path = (folder or expectations_folder()) / "waivers.toml"
    if not path.exists():
        return ()
    entries = [_waiver(path, number, entry) for number, entry in enumerate(_entries(path), start=1)]
    if known is not None:
        check_names_exist(path.name, (waiver.check for waiver in entries), known)
    return tuple(sorted(entries, key=lambda waiver: (waiver.check, waiver.until)))


def waive(results: Iterable[CheckResult], waivers: Iterable[Waiver], today: dt.date) -> list[CheckResult]:
    """The results; those that did not pass get the waiver in force that covers them (the one that lasts longest)."""
    longest_first = sorted(waivers, key=lambda waiver: waiver.until, reverse=True)
    return [
        result
        if result.outcome == "passed"
        else result.waived(next((waiver for waiver in longest_first if waiver.covers(result, today)), None))
        for result in results
    ]


def expired(waivers: Iterable[Waiver], today: dt.date) -> list[Waiver]:
    """Waivers past their last day: without effect, reported until they are removed."""
    return [waiver for waiver in waivers if waiver.until < today]


def _entries(path: Path) -> list[dict[str, object]]:
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{path.name} is not TOML: {error}") from error
    entries = body.get("waiver", [])
    if body.keys() - {"waiver"} or not isinstance(entries, list):
        raise SuiteError(f"{path.name} must hold nothing but entries [[waiver]]")
    return entries


def _waiver(path: Path, number: int, entry: dict[str, object]) -> Waiver:
    where = f"{path.name}: waiver {number}"
    if entry.keys() != {*FIELDS}:
        raise SuiteError(f"{where} must have exactly {', '.join(FIELDS)}; it has {', '.join(sorted(entry))}")
    check, who, why, until = (entry[name] for name in FIELDS)
    if not isinstance(until, dt.date) or isinstance(until, dt.datetime):
        raise SuiteError(f"{where}: until must be a date such as 2026-12-31, not {until!r}")
    if not (isinstance(check, str) and isinstance(who, str) and isinstance(why, str) and check and who and why):
        raise SuiteError(f"{where}: check, who and why must be texts that say something")
    return Waiver(check, who, why, until)
