"""Whose score counts where files of two owners give one: the verifier's, over what a unit's old file quotes.

Here: files that stand together, and what one owner's file would take from the other's. Not here: new files of units,
in which such a score is a quotation from the start (``feeds``), nor which of a sender's versions counts (``versions``).
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

#: The feed by which the verifier's scores come.
VERIFIER = "verification"
#: The scores that are added up together: those of two owners are never mixed.
_SHEET = ["period", "framework", "unit", "basis"]


def with_one_owner(files: Sequence[Parsed]) -> list[Parsed]:
    """The files as they count together: where the verifier gives a unit's scores, those in the unit's own file don't.

    Only a file that came before the verifier had a feed has any; their cells are notes then.
    """
    sheets = [each.observations.select(_SHEET) for each in files if _feed(each) == VERIFIER]
    given = pl.concat(sheets).unique() if sheets else None
    return [each if given is None or _feed(each) == VERIFIER else _yielding(each, given) for each in files]


def of_one_owner(observations: pl.DataFrame) -> pl.DataFrame:
    """Observations of files as they count together; see ``with_one_owner``."""
    from dti_platform.feeds.verification import FEED  # imports Pandera

    of_verifier = pl.col("feed") == FEED.id
    given = observations.filter(of_verifier).select(_SHEET).unique()
    own = observations.filter(~of_verifier, pl.col("basis") != "self")
    return observations.join(own.join(given, on=_SHEET, how="semi"), on=["feed", "locator", *_SHEET], how="anti")


def _feed(parsed: Parsed) -> str:
    return parsed.submissions["feed"][0]


def _yielding(parsed: Parsed, given: pl.DataFrame) -> Parsed:
    quoted = parsed.observations.filter(pl.col("basis") != "self").join(given, on=_SHEET, how="semi")
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
    """The bases of a unit's scores that the verifier gives, as the last run left them."""
    table = last_run.observations(store, Period.parse(period).year)
    return set() if table is None else {*table.filter(feed=VERIFIER, period=period, unit=unit)["basis"]}


def leaves_out(store: Store, new: pl.DataFrame) -> bool:
    """Whether units' old files give scores that are not in a verifier's file, and would yield to the others in it.

    Until a run has read a year, any old file of a unit in it may give some.
    """
    return any(_leaves_out(store, period, new.filter(period=period)) for period in new["period"].unique())


def _leaves_out(store: Store, period: str, new: pl.DataFrame) -> bool:
    year = Period.parse(period).year
    table = last_run.observations(store, year)
    if table is None:
        old = (each.feed for each in store.landing.standing(year) if not each.rule)
        return any(feed in discover() and discover()[feed].FEED.sender == "unit" for feed in old)
    theirs = table.filter(pl.col("feed") != VERIFIER, pl.col("basis") != "self")
    yielding = theirs.join(new.select(_SHEET).unique(), on=_SHEET, how="semi")
    return not yielding.join(new, on=[*_SHEET, "node"], how="anti").is_empty()
