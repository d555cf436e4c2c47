"""Whose score counts where files of two owners give one: the verifier's, over what a unit's old file quotes.

Here: files that stand together. Not here: new files of units, in which such a score is a quotation from the start
(``feeds``), nor which of one sender's versions counts (``versions``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from dti_platform.feeds import Parsed

#: The scores that are added up together: those of two owners are never mixed.
_SHEET = ["period", "unit", "basis"]


def with_one_owner(files: Sequence[Parsed]) -> list[Parsed]:
    """The files as they count together: where the verifier gives a unit's scores, those in the unit's own file don't.

    Only a file that came before the verifier had a feed has any; their cells are notes then.
    """
    from dti_platform.feeds.verification import FEED  # imports Pandera

    sheets = [each.observations.select(_SHEET) for each in files if _feed(each) == FEED.id]
    given = pl.concat(sheets).unique() if sheets else None
    return [each if given is None or _feed(each) == FEED.id else _yielding(each, given) for each in files]


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
