"""Points of synthetic units that agree with every figure published for a period.

Here: the points found, and the figures that they don't meet. Not here: printed figures (``figures``), the integer
program (``program``), nor how points become the rows of a sheet (``dti_platform.synthetic``).

The points found are synthetic: many other points agree with the same figures. They are made so that the whole
way from a workbook to a ranking can be held against what was printed, and they never stand in for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.feeds.marks import SYNTHETIC
from tools.agreeing.figures import GRAIN, Unmet, gather
from tools.agreeing.program import Program

if TYPE_CHECKING:
    from dti_platform.methodology import Framework

__all__ = ["Agreement", "agree"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Points by unit and input of the framework, and the figures that they don't meet."""

    points: Mapping[tuple[str, str], Decimal]
    unmet: tuple[Unmet, ...]

    def to_csv(self) -> str:
        """The points as they are kept in ``agreeing/``, said to be synthetic in the first line."""
        rows = (f"{unit},{node},{points}" for (unit, node), points in sorted(self.points.items()))
        return "\n".join((f"# {' / '.join(SYNTHETIC)}", "unit,node,points", *rows, ""))

    def unmet_csv(self) -> str:
        """The figures that the points don't meet, as they are kept beside them."""
        rows = [
            (f.unit, f.node, f.measure, str(f.value), f.source, unmet.reason)
            for unmet in self.unmet
            for f in [unmet.figure]
        ]
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(
            [("unit", "node", "measure", "value", "source", "reason"), *rows]
        )
        return table.getvalue()


def agree(published: pl.DataFrame, framework: Framework, units: Sequence[str], seed: int) -> Agreement:
    """Points at the framework's inputs that meet the published figures of one period and geography.

    ``published``: observations of basis ``published``. Takes seconds.
    The points in ``agreeing/`` are its answer with seed 2022: another version of the solver may find others.

    Raises:
        ValueError: the framework doesn't merely sum points, or an input's maximum is unknown.
    """
    figures, unmet = gather(published)
    program = Program(framework, units, figures, seed)
    grains, unmeetable = program.run()
    points = {place: grain * GRAIN for place, grain in grains.items()}
    because = "no points were found that meet it together with all other figures"
    return Agreement(points, (*unmet, *(Unmet(figure, because) for figure in unmeetable)))
