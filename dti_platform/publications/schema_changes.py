"""What a schema version changed: a release of an earlier version is read as one of the current version.

Here: the declared changes of columns, codes and rows. Not here: the tables themselves, nor which release is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import codes
from dti_platform.publications import former_basis
from dti_platform.publications.leading import FIGURE, ILLUSTRATIVE, leads

if TYPE_CHECKING:
    from dti_platform import tables
    from dti_platform.storage.release import OpenRelease

    #: Another table of the same release, as one of the current version.
    Beside = Callable[[str], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a table from one schema version to the next.

    Attributes:
        renamed: new name of a column by its old one.
        added: what a column that came holds for earlier rows, from the columns after renaming; null unless said.
        recoded: by column, new code by the old one, or the code from all columns where it hangs on others.
        rows: what became of the rows themselves, from the rows after all this and the other tables of the release.
    """

    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    added: Mapping[str, pl.Expr] = field(default_factory=dict[str, pl.Expr])
    recoded: Mapping[str, Mapping[str, str] | pl.Expr] = field(default_factory=dict[str, Mapping[str, str] | pl.Expr])
    rows: Callable[[pl.DataFrame, Beside], pl.DataFrame] | None = None

    def applied(self, frame: pl.DataFrame, beside: Beside) -> pl.DataFrame:
        """The rows of an earlier frame, with the columns and codes of the next version."""
        named = frame.rename(self.renamed)
        codes = {
            name: new if isinstance(new, pl.Expr) else pl.col(name).replace(dict(new))
            for name, new in self.recoded.items()
        }
        coded = named.with_columns(**self.added).with_columns(**codes)
        return self.rows(coded, beside) if self.rows else coded


UNKNOWN = pl.lit(None)
#: Version 1 did not say what kind of body a source is.
_SOURCED = {"source_class": UNKNOWN}
_RANKED = {"certainty": UNKNOWN, "rank_score": UNKNOWN, "rank_best": UNKNOWN, "rank_worst": UNKNOWN, **_SOURCED}
#: In version 1 ties were judged on the score as released, and nine peers in ten were enough for ranks.
_TIES = pl.col("rounding").str.replace(r"^(\w+) (\d+); ties (\w+)$", "$1 $2; ties $3 $2; provisional 0.9")
#: Units of measure stood as reports word them, some with a remark in brackets.
UNIT_MEASURE = pl.col("unit_measure").str.replace(r" \(.*\)$", "").replace(codes.UNIT_WORDINGS)
_GAP_UNIT = pl.when(pl.col("unit_measure") == "percent").then(pl.lit("percentage_points")).otherwise(UNIT_MEASURE)
#: Version 1 compared a half-year with the quarter before: what it showed as previous stays as it was shown.
_SCORECARD = Change(
    renamed={"repeated_period": "report_before"},
    added={
        **_SOURCED,
        "indicator_kind": pl.lit("unknown"),
        "plan_period": UNKNOWN,
        "plan_unit_measure": pl.when(pl.col("plan").is_not_null()).then(UNIT_MEASURE),
        "plan_certainty": UNKNOWN,
        "plan_of_other_period": UNKNOWN,
        "gap_unit_measure": pl.when(pl.col("gap").is_not_null()).then(_GAP_UNIT),
        "compared_with": UNKNOWN,
        "report_before_value": pl.when(pl.col("repeats_previous")).then("value"),
        "report_before_denominator": UNKNOWN,
    },
    recoded={"obs_status": {"M": "L"}, "unit_measure": UNIT_MEASURE},
)


def _without_index_results(scorecard: pl.DataFrame, _: Beside) -> pl.DataFrame:
    """Version 1 held the DTI of the country and the mean of the provinces, too, and compared them across frameworks."""
    return scorecard.filter(~pl.col("indicator").is_in(("national_dti", "provincial_dti_mean")))


def _index_scores(scores: pl.DataFrame, beside: Beside) -> pl.DataFrame:
    """Version 1 did not say which basis leads."""
    return former_basis.index_scores(scores, beside).with_columns(headline=leads(FIGURE, illustrative=ILLUSTRATIVE))


#: M was given for every missing figure; version 2 tells what was not published (L) from what we don't compute (O).
MISSING = (
    pl.when(pl.col("obs_status") != "M")
    .then("obs_status")
    .when(pl.col("basis") == "published")
    .then(pl.lit("L"))
    .otherwise(pl.lit("O"))
)
_PEER_GROUP = {"group": "peer_group"}

#: By the schema version that was left, what the next one changed of each table.
CHANGES: Mapping[str, Mapping[str, Change]] = {
    "1": {
        "coverage": Change(added={"inputs": pl.col("expected"), "lacking": pl.col("missing")}),
        "index_scores": Change(
            renamed=_PEER_GROUP,
            added={**_RANKED, "headline": pl.lit(value=False)},
            recoded={"obs_status": MISSING, "rounding": _TIES},
            rows=_index_scores,
        ),
        "ministry_ranking": Change(
            renamed=_PEER_GROUP, added=_RANKED, recoded={"obs_status": MISSING}, rows=former_basis.standings
        ),
        "province_ranking": Change(added=_RANKED, recoded={"obs_status": MISSING}, rows=former_basis.standings),
        "national_scorecard": replace(_SCORECARD, rows=_without_index_results),
        "observations": Change(
            renamed=_PEER_GROUP,
            added={"plan_period": UNKNOWN, **_SOURCED},
            recoded={"unit_measure": UNIT_MEASURE},
            rows=former_basis.observations,
        ),
        "provincial_scorecard": _SCORECARD,
        "reconciliation": Change(_PEER_GROUP, rows=former_basis.reconciliation),
        "revisions": Change(renamed=_PEER_GROUP),
    },
    "2": {},
}
#: In these schema versions a chronicle held what all releases before had changed, too; since, its own changes alone.
WITH_ALL_BEFORE = ("1", "2")


def current(name: str, frame: pl.DataFrame, version: str, model: type[tables.Table], beside: Beside) -> pl.DataFrame:
    """A table of a release of some schema version, with the columns, types and codes of the current one.

    Args:
        name: the table.
        frame: as it was released.
        version: the schema version that it was released in.
        model: its model of today.
        beside: gives the other tables of the release, as of today.

    Raises:
        polars.exceptions.PolarsError: the frame has other columns than its version.
    """
    from dti_platform.tables import polars_schema  # loads Pandera

    for left in sorted(each for each in CHANGES if int(each) >= int(version)):
        if change := CHANGES[left].get(name):
            frame = change.applied(frame, beside)
    return frame.select(pl.col(column).cast(kind) for column, kind in polars_schema(model).items())


def version_of(release: OpenRelease, name: str) -> str:
    """The schema version of a table of a release."""
    return release.described(name)["dti:schema_version"]
