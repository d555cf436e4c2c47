"""Which score counts where files of two owners give one: the verifier's, not the one in a unit's old file.

Here: files that stand together, and the scores that one owner's file would replace in the other's. Not here: new files
of units, in which verified scores are quotations (``feeds``), nor which of a sender's versions counts (``versions``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.feeds import Parsed, discover
from dti_platform.periods import Period
from dti_platform.submissions import last_run

if TYPE_CHECKING:
    from dti_platform.storage import Store

#: The feed of the verifier's scores.
VERIFIER = "verification"
#: The key of scores that are added up together: scores of two owners are never mixed.
_SHEET = ["period", "framework", "unit", "basis"]


def with_one_owner(files: Sequence[Parsed]) -> list[Parsed]:
    """The files as they count together: where the verifier gives a unit's scores, those of the unit's file don't.

    Only files from before the verifier's feed existed contain such scores; their cells become notes.
    """
    sheets = [parsed.observations.select(_SHEET) for parsed in files if _feed(parsed) == VERIFIER]
    keys = pl.concat(sheets).unique() if sheets else None
    return [parsed if keys is None or _feed(parsed) == VERIFIER else _without(parsed, keys) for parsed in files]


def rows_with_one_owner(observations: pl.DataFrame) -> pl.DataFrame:
    """The observations of files as they count together; see ``with_one_owner``."""
    from dti_platform.feeds.verification import FEED  # imports Pandera

    of_verifier = pl.col("feed") == FEED.id
    keys = observations.filter(of_verifier).select(_SHEET).unique()
    by_units = observations.filter(~of_verifier, pl.col("basis") != "self")
    replaced = by_units.join(keys, on=_SHEET, how="semi")
    return observations.join(replaced, on=["feed", "locator", *_SHEET], how="anti")


def _feed(parsed: Parsed) -> str:
    return parsed.submissions["feed"][0]


def _without(parsed: Parsed, keys: pl.DataFrame) -> Parsed:
    """A unit's file whose scores with the keys of the verifier's scores become notes."""
    quoted = parsed.observations.filter(pl.col("basis") != "self").join(keys, on=_SHEET, how="semi")
    if quoted.is_empty():
        return parsed
    return replace(
        parsed,
        observations=parsed.observations.join(quoted.select("locator", *_SHEET), on=["locator", *_SHEET], how="anti"),
        submissions=parsed.submissions.with_columns(
            accepted=pl.col("accepted") - quoted.height, note=pl.col("note") + quoted.height
        ),
    )


def given_by_verifier(store: Store, period: str, unit: str) -> set[str]:
    """The bases of a unit's scores that the verifier gives, from the tables of the last run."""
    table = last_run.observations(store, Period.parse(period).year)
    return set() if table is None else {*table.filter(feed=VERIFIER, period=period, unit=unit)["basis"]}


def drops_scores(store: Store, new: pl.DataFrame) -> bool:
    """Whether a verifier's file would replace scores in units' old files without giving all of them.

    Until a run has read a year, any old file of a unit in it may contain such scores.
    """
    return any(_drops_scores(store, period, new.filter(period=period)) for period in new["period"].unique())


def _drops_scores(store: Store, period: str, new: pl.DataFrame) -> bool:
    year = Period.parse(period).year
    table = last_run.observations(store, year)
    if table is None:
        old_feeds = (receipt.feed for receipt in store.landing.standing(year) if not receipt.rule)
        return any(feed in discover() and discover()[feed].FEED.sender == "unit" for feed in old_feeds)
    by_units = table.filter(pl.col("feed") != VERIFIER, pl.col("basis") != "self")
    replaced = by_units.join(new.select(_SHEET).unique(), on=_SHEET, how="semi")
    return not replaced.join(new, on=[*_SHEET, "node"], how="anti").is_empty()
