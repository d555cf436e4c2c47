"""A year's scores and rankings: which framework goes with which figures, and in what order things are made.

Here: the frameworks in force, as decided for printed figures and with their overlay for submissions, then what merged
units get. Not here: scoring, merging and ranking themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.methodology.framework import Framework, Frameworks
from dti_platform.methodology.merging import merged
from dti_platform.methodology.ranking import no_rankings, rank
from dti_platform.methodology.scoring import NO_SOURCE, SUBMITTED, ObservationError, no_scores, score

if TYPE_CHECKING:
    from dti_platform.units import Units

CONTEST = ["framework", "geography"]


def score_year(year: int | str, observations: pl.DataFrame, units: Units, frameworks: Frameworks) -> pl.DataFrame:
    """Scores of every framework and geography in a year's observations (Observations -> Scores, sorted by key).

    Printed figures go by the framework as decided, submissions by the framework with its overlay, where there is one.
    Units that were merged get the figures that their framework's rule makes of what they were made of, on every basis
    on which they have none themselves.

    Raises:
        ObservationError: an observation names a framework that is not in force, a node or a unit that is not known.
    """
    from dti_platform import tables

    scored = [no_scores()]
    for version, geography, rows in _by_contest(observations):
        base = in_force(frameworks, version, year, geography)
        members = units.geographies.get(geography, (geography,))
        submitted = pl.col("basis").is_in(SUBMITTED)
        scored.append(score(rows.filter(~submitted), base, members))
        scored.append(score(rows.filter(submitted), frameworks.overlaid(base), members))
    own = pl.concat(scored)
    return pl.concat([own, *_of_merged(year, own, units, frameworks)]).sort(tables.key(tables.Scores))


def _of_merged(year: int | str, own: pl.DataFrame, units: Units, frameworks: Frameworks) -> Iterator[pl.DataFrame]:
    """What merged units get, by framework: printed parts by the framework as decided, the rest by its overlay."""
    submitted = pl.col("basis").is_in(SUBMITTED)
    for base in frameworks.all:
        rule = base.merging
        if base.overlay is not None or rule is None or base not in frameworks.in_force(year, rule.after):
            continue
        here = own.filter(pl.col("framework") == base.version)
        after = here.filter(pl.col("geography") == rule.after)
        for framework, parts in ((base, ~submitted), (frameworks.overlaid(base), submitted)):
            yield _not_their_own(merged(here.filter(parts), framework, units), after)


def _not_their_own(made: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """What merging gives beyond the units' own scores: of submissions, where none has any; of print, unit by unit."""
    bases = own["basis"].unique().to_list()
    spoken = own.filter(pl.col("source") != NO_SOURCE).select("basis", "unit").unique()
    submitted, silent = pl.col("basis").is_in(SUBMITTED), pl.col("source") == NO_SOURCE
    return made.filter(~(pl.col("basis").is_in(bases) & (submitted | silent))).join(
        spoken, on=["basis", "unit"], how="anti"
    )


def rank_year(
    year: int | str, scores: pl.DataFrame, observations: pl.DataFrame, units: Units, frameworks: Frameworks
) -> pl.DataFrame:
    """Rankings of every framework and geography in a year's scores (Scores, Observations -> Rankings, by key)."""
    from dti_platform import tables

    ranked = [no_rankings()]
    known = pl.concat([frame.select(CONTEST) for frame in (scores, observations)]).drop_nulls().unique()
    for version, geography in known.sort(CONTEST).rows():
        framework = in_force(frameworks, version, year, geography)
        contest = (pl.col("framework") == version) & (pl.col("geography") == geography)
        overlaid = frameworks.overlaid(framework)
        ranked.append(rank(scores.filter(contest), observations.filter(contest), overlaid, units))
    return pl.concat(ranked).sort(tables.key(tables.Rankings))


def in_force(frameworks: Frameworks, version: str, year: int | str, geography: str) -> Framework:
    """The framework of that version, if it is in force for the year and geography.

    Raises:
        ObservationError: if only others are in force, or none.
    """
    framework = frameworks.of_version(version, year, geography)
    if framework is None:
        other = ", ".join(each.name for each in frameworks.in_force(year, geography)) or "none"
        raise ObservationError(
            f"observations of {geography} in {year} name the framework {version}; in force is {other}."
            " Fix the feed, or in_force in the framework's file."
        )
    return framework


def _by_contest(observations: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    known = observations.filter(pl.col("framework").is_not_null())
    for (version, geography), rows in known.partition_by(CONTEST, as_dict=True).items():
        yield str(version), str(geography), rows
