"""Results of checks, and waivers: a named office takes a failing check on itself until a date.

Here: one record per entry of a suite with its JSON form; ``expectations/waivers.toml``, laid over results by a day that
is an argument, so that the same run gives the same answer. Not here: running a check (``checks``), drawing it
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
from dti_platform.quality.suites import called_as_they_are, expectations_folder

if TYPE_CHECKING:
    from dti_platform.codes import CheckSeverity
    from dti_platform.quality.suites import Suite

Outcome = Literal["passed", "failed", "could_not_run"]
#: From the best to the gravest.
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
#: How a check ended for whoever reads of it: passed, known (passed but for rows of the baseline), noted (info),
#: warned, failed (stops the publication), or neither.
Kind = Literal["passed", "known", "noted", "warned", "failed", "could not run"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_FRAMES = ("rows", "known")
#: What is laid over an answer: it depends on the day, and on all that stands.
_LATER = ("waiver", "places")
WORDS = terms("checks_words")
_FAILED: Mapping[CheckSeverity, Kind] = {"info": "noted", "warning": "warned", "critical": "failed"}


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult:
    """The answer of one check on one table.

    ``checked`` and ``failing`` count rows of the check's frame; ``rows`` holds up to 20 failing ones. What the baseline
    knows is not among them: ``known`` holds those rows, each with its reason. ``places`` says of each of ``rows`` whose
    figure it is and where it stands (``pipeline.failing_rows``): show ``failing_rows``, which begins with it.
    ``periods`` says how many of the failing rows, shown or not, are of each period (``by_year``).
    ``detail`` says what was seen, or why the check could not run: that is never the data's fault.
    """

    table: str
    name: str
    severity: CheckSeverity
    outcome: Outcome
    reason: Bilingual
    """Why the check is there."""
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
        own = self.rows.drop(self.places.columns, strict=False)
        return pl.concat([self.places, own], how="horizontal") if self.places.width else self.rows

    @property
    def complaint(self) -> Bilingual:
        """The rule, and the failing row that is met first; of a check that could not run why."""
        if self.outcome == "could_not_run":
            return Bilingual(*(f"{WORDS['could_not_run'].text(each)}: {self.detail}" for each in LANGUAGES))
        first = next(self.failing_rows.iter_rows(named=True), None)
        return (
            self.reason
            if first is None
            else Bilingual(*(f"{self.reason.text(each).rstrip('.')}. {sentence(first, each)}" for each in LANGUAGES))
        )

    @property
    def blocks(self) -> bool:
        """Whether a release must not be made: a critical check without a passed answer or a waiver in force."""
        return self.severity == "critical" and self.outcome != "passed" and self.waiver is None

    @property
    def shown_severity(self) -> CheckSeverity:
        """The severity to act by: a waiver in force turns critical into warning."""
        return "warning" if self.waiver and self.severity == "critical" else self.severity

    @property
    def kind(self) -> Kind:
        """How it ended; a failure by the severity to act by."""
        if self.outcome == "failed":
            return _FAILED[self.shown_severity]
        if self.outcome == "could_not_run":
            return "could not run"
        return "known" if self.known.height else "passed"

    def waived(self, waiver: Waiver | None) -> Self:
        """The same answer under a waiver."""
        return replace(self, waiver=waiver)

    def to_dict(self) -> dict[str, object]:
        """A JSON-able form; rows keep their types. Waiver and places are left out: they depend on more."""
        fields = {name: getattr(self, name) for name in self.__slots__ if name not in (*_FRAMES, *_LATER, "reason")}
        reasons = {"reason_vi": self.reason.vi, "reason_en": self.reason.en}
        return {**fields, **reasons, "rows": _to_json(self.rows), "known": _to_json(self.known)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Back from ``to_dict``."""
        fields = {name: value for name, value in stored.items() if name not in ("reason_vi", "reason_en", *_FRAMES)}
        reason = Bilingual(stored["reason_vi"], stored["reason_en"])
        return cls(**fields, reason=reason, rows=_from_json(stored["rows"]), known=_from_json(stored["known"]))


def _to_json(rows: pl.DataFrame) -> str:
    return rows.serialize(format="json") if rows.width else ""


def _from_json(text: str) -> pl.DataFrame:
    return pl.DataFrame.deserialize(io.StringIO(text), format="json") if text else pl.DataFrame()


def together(answers: Sequence[CheckResult]) -> CheckResult:
    """The answers of one check about rows of several years as one about all of them."""
    gravest = max(answers, key=lambda each: OUTCOMES.index(each.outcome))
    periods = Counter[str]()
    for each in answers:
        periods.update(each.periods)
    return replace(
        gravest,
        checked=sum(each.checked for each in answers),
        failing=sum(each.failing for each in answers),
        rows=_stacked([each.rows for each in answers]).head(SHOWN),
        known=_stacked([each.known for each in answers]),
        periods=dict(sorted(periods.items())),
    )


def _stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    some = [frame for frame in frames if frame.width]
    return pl.concat(some, how="vertical_relaxed") if some else pl.DataFrame()


FIELDS = ("check", "who", "why", "until")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry: ``check`` is ``<table>.<name>``; ``who`` an office or role; ``until`` the last day in force."""

    check: str
    who: str
    why: str
    until: dt.date

    def covers(self, result: CheckResult, today: dt.date) -> bool:
        """Whether it is in force and meant for this check."""
        return self.check == f"{result.table}.{result.name}" and today <= self.until

    def __str__(self) -> str:
        """As printed in the run, the release and the UI."""
        return f"{self.check} waived until {self.until:%Y-%m-%d} by {self.who}: {self.why}"


def waivers(folder: Path | None = None, *, known: Mapping[str, Suite] | None = None) -> tuple[Waiver, ...]:
    """Every waiver of the file, sorted by check; ``known`` are the suites whose checks they may name.

    Raises:
        SuiteError: an entry lacks check, who, why or until, has more than these, or names no known check.
    """
    path = (folder or expectations_folder()) / "waivers.toml"
    if not path.exists():
        return ()
    read = [_waiver(path, number, entry) for number, entry in enumerate(_entries(path), start=1)]
    if known is not None:
        called_as_they_are(path.name, (waiver.check for waiver in read), known)
    return tuple(sorted(read, key=lambda waiver: (waiver.check, waiver.until)))


def waive(results: Iterable[CheckResult], waivers: Iterable[Waiver], today: dt.date) -> list[CheckResult]:
    """The results, each failing one with the waiver in force that covers it (the one that lasts longest)."""
    standing = sorted(waivers, key=lambda waiver: waiver.until, reverse=True)
    return [
        result
        if result.outcome == "passed"
        else result.waived(next((waiver for waiver in standing if waiver.covers(result, today)), None))
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
