"""The standing scores of units from any owner, with which a file of one owner is compared.

Here: reading them from the tables of runs. Not here: which of a sender's versions counts (``versions``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.feeds.sheet.declaration import BASES
from dti_platform.periods import Period
from dti_platform.submissions import last_run

if TYPE_CHECKING:
    from dti_platform.storage import Store

#: The key of a score.
_KEY = ("unit", "node", "basis")


def standing_scores(
    store: Store, period: str, frameworks: Collection[str], units: Collection[str] | None = None
) -> Mapping[tuple[str, str, str], float]:
    """Every self, verified and final score of a period, from the tables of the last run that read it.

    ``frameworks``: versions of one index; ``units``: restricts the scores to these units.
    """
    table = last_run.observations(store, Period.parse(period).year)
    if table is None:
        return {}
    of_period = pl.col("period") == period, pl.col("framework").is_in(frameworks), pl.col("basis").is_in(BASES)
    rows = table.filter(*of_period, pl.col("measure").is_in(("points", "value")))
    if units is not None:
        rows = rows.filter(pl.col("unit").is_in(units))
    return {(unit, node, basis): value for unit, node, basis, value in rows.select(*_KEY, "value").rows()}
