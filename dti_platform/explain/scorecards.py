"""Operational figures that differ between two releases: ``national_scorecard`` and ``provincial_scorecard``.

Here: the differences and their lines for a person. Not here: scores and ranks, whose changes ``revisions`` records
with their cells (``difference``). Changes of operational figures are not recorded: the two releases are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.amounts import amount
from dti_platform.explain.lookup import released
from dti_platform.explain.text import say
from dti_platform.glossary import ILLUSTRATIVE, MEASURES, terms
from dti_platform.language import Language

if TYPE_CHECKING:
    from dti_platform.storage.release import OpenRelease
    from dti_platform.tables import Row

SCORECARDS = ("national_scorecard", "provincial_scorecard")
#: Figures of a scorecard that are listed unless all are requested.
SHOWN = 20
TEXTS = terms("difference_texts")

_KEY = ["period", "indicator", "unit", "source"]
_COMPARED = ["value", "qualifier", "plan"]
_NAMES = ["indicator_name_vi", "indicator_name_en", "unit_name_vi", "unit_name_en", "unit_measure"]


@dataclass(frozen=True, slots=True)
class Reported:
    """An operational figure that differs between two releases; a missing value or plan is null."""

    table: str
    period: str
    indicator: str
    indicator_name_vi: str
    indicator_name_en: str
    unit: str | None
    unit_name_vi: str | None
    unit_name_en: str | None
    source: str
    unit_measure: str
    old_value: float | None
    new_value: float | None
    old_qualifier: str | None
    new_qualifier: str | None
    old_plan: float | None
    new_plan: float | None
    evidence: str


def changed_figures(earlier: OpenRelease | None, later: OpenRelease) -> tuple[Reported, ...]:
    """The figures that were added, removed, or changed in value, qualifier or plan; all of them in the first release.

    A scorecard that one of the releases lacks is left out.
    """
    return tuple(
        Reported(table=table, **row)
        for table in SCORECARDS
        if table in later.tables and (earlier is None or table in earlier.tables)
        for row in _changed(released(earlier, table), released(later, table))
    )


def _changed(before: pl.DataFrame, now: pl.DataFrame) -> Sequence[Row]:
    """The rows that differ, with the fields of ``Reported`` except the table."""
    new = _figures(now, "new")
    old = _figures(before, "old")
    joined = old.join(new, on=_KEY, how="full", coalesce=True, nulls_equal=True)
    differing = joined.filter(
        pl.any_horizontal(pl.col(f"old_{name}").ne_missing(pl.col(f"new_{name}")) for name in _COMPARED)
    )
    illustrative = pl.any_horizontal(pl.col("old_evidence", "new_evidence").eq("illustrative").fill_null(value=False))
    return (
        differing.select(
            *_KEY,
            *(pl.coalesce(f"new_{name}", f"old_{name}").alias(name) for name in _NAMES),
            *(f"{age}_{name}" for name in _COMPARED for age in ("old", "new")),
            evidence=pl.when(illustrative).then(pl.lit("illustrative")).otherwise(pl.lit("official")),
        )
        .sort(_KEY, nulls_last=False)
        .to_dicts()
    )


def _figures(scorecard: pl.DataFrame, age: str) -> pl.DataFrame:
    """The figures of a scorecard by key; national figures have no unit."""
    absent = [name for name in ("unit", "unit_name_vi", "unit_name_en") if name not in scorecard.columns]
    complete = scorecard.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    return complete.select(*_KEY, pl.col(*_COMPARED, *_NAMES, "evidence").name.prefix(f"{age}_"))


def scorecard_lines(changes: Sequence[Reported], language: Language = "vi", *, whole: bool = False) -> Iterator[str]:
    """Each scorecard with its changed figures; without ``whole``, those after the first ``SHOWN`` are only counted."""
    for table in SCORECARDS:
        if in_table := [change for change in changes if change.table == table]:
            shown = in_table if whole else in_table[:SHOWN]
            yield from ("", say(TEXTS[table], language, count=len(in_table)))
            yield from (f"  {reported_line(change, language)}" for change in shown)
            if len(shown) < len(in_table):
                yield f"  {say(TEXTS['further'], language, count=len(in_table) - len(shown))}"


def reported_line(change: Reported, language: Language) -> str:
    """One figure: unit, period, old and new value, source."""
    vietnamese = language == "vi"
    unit = change.unit_name_vi if vietnamese else change.unit_name_en
    name = change.indicator_name_vi if vietnamese else change.indicator_name_en
    mark = f" · {say(ILLUSTRATIVE, language)}" if change.evidence == "illustrative" else ""
    unit_label = f"{unit} ({change.unit}) · " if change.unit else ""
    return f"{unit_label}{change.period} · {name}: {moved(change, language)}  ← {change.source}{mark}"


def moved(change: Reported, language: Language) -> str:
    """The old and new value with the source's qualifier, the old and new plan, or both."""
    unit = change.unit_measure
    old, new = (change.old_value, unit, change.old_qualifier), (change.new_value, unit, change.new_qualifier)
    pairs = (
        ("value", say(amount(*old), language), say(amount(*new), language)),
        ("plan", say(amount(change.old_plan, unit), language), say(amount(change.new_plan, unit), language)),
    )
    return ", ".join(
        f"{say(MEASURES[name], language)} {before} → {after}" for name, before, after in pairs if before != after
    )
