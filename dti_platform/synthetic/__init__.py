"""Labelled synthetic self-assessments of any computable framework, period and number of units, and their verification.

Here: complete files. Not here: what the sheet declares (``sheet.declaration``), its bytes (``sheet.writer``),
single draws (``draws``), and the search for points that agree with the published figures (``tools/agreeing``, outside
the package): its results are in ``agreeing/``; without a result the figures are random.

No file names a person, document or figure of a real office, and every file says that it is synthetic.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING

from dti_platform.feeds.marks import SYNTHETIC
from dti_platform.feeds.sheet.declaration import Form, Line, lines
from dti_platform.feeds.sheet.writer import write
from dti_platform.synthetic.draws import Draw

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.units import Unit, Units

__all__ = ["agreeing", "fill", "generate", "verification"]

SEED = 2022


def generate(
    framework: Framework, period: str, units: Sequence[Unit], seed: int = SEED, known: Units | None = None
) -> Iterator[tuple[str, bytes]]:
    """The name and bytes of one workbook for every unit: its self scores and their evidence.

    The figures of a unit don't depend on the other units requested. With all units (``known``), each ministry gets
    the sheet of its ranked group.

    Raises:
        ValueError: a maximum of the framework is unknown.
    """
    for unit, form in _forms(framework, period, units, seed, known):
        unverified = tuple(replace(line, verified=None) for line in form.lines)
        yield f"{unit.id}.xlsx", write(replace(form, lines=unverified))


def verification(
    framework: Framework, period: str, units: Sequence[Unit], seed: int = SEED, known: Units | None = None
) -> tuple[str, bytes]:
    """The name and bytes of the file that verifies the workbooks of ``generate``.

    If ``agreeing/`` holds points for the framework, period and geography, the verified scores agree with every
    published figure that can be matched; else they are random.

    Raises:
        ValueError: a maximum of the framework is unknown.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("unit_id", "period", "code", "verified", "opinion"))
    for unit, form in _forms(framework, period, units, seed, known):
        for line in form.lines:
            if line.kind == "row" and line.verified is not None:
                table.writerow((unit.id, period, line.code, f"{line.verified.normalize():f}", " / ".join(SYNTHETIC)))
    return f"{framework.version}-{framework.level}.csv", text.getvalue().encode()


def _forms(
    framework: Framework, period: str, units: Sequence[Unit], seed: int, known: Units | None
) -> Iterator[tuple[Unit, Form]]:
    """Each unit with its form."""
    if not framework.computable():
        raise ValueError(f"{framework.name}: some maximum is unknown; an overlay file can supply it")
    agreed = agreeing(framework, period, units[0].geography) if units else {}
    for unit in units:
        fixed = {node: points for (owner, node), points in agreed.items() if owner == unit.id}
        group_framework = framework.of_group(framework.group_of(unit.id, period, known)) if known else framework
        yield unit, fill(group_framework, period, unit, fixed, seed)


def agreeing(framework: Framework, period: str, geography: str) -> Mapping[tuple[str, str], Decimal]:
    """Points by unit and node that agree with the published figures; empty if there is no file of them."""
    name = f"{framework.version}-{framework.level}-{period.replace('/', '_')}-{geography}.csv"
    file = resources.files("dti_platform.synthetic").joinpath("agreeing", name)
    if not file.is_file():
        return {}
    rows = csv.DictReader(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {(row["unit"], row["node"]): Decimal(row["points"]) for row in rows}


def fill(framework: Framework, period: str, unit: Unit, fixed: Mapping[str, Decimal], seed: int = SEED) -> Form:
    """The form of one unit; its verified scores add up to the points of the nodes in ``fixed``."""
    draw = Draw.of(seed, framework, period, unit.id)
    empty = list(lines(framework))
    verified = draw.verified(fixed)
    above = draw.verified_above([code for code, points in verified.items() if points])
    rows = {
        line.code: draw.row(line, verified.get(line.code), above=line.code in above)
        for line in empty
        if line.kind == "row"
    }
    filled = tuple(rows.get(line.code) or _summed(line, framework, rows) for line in empty)
    return Form(unit.name_vi, unit.id, period, framework.version, filled, synthetic=True)


def _summed(line: Line, framework: Framework, rows: Mapping[str, Line]) -> Line:
    """A line with the sum of the scored rows below it; an unscored group has no sum."""
    scored = [rows[code] for code in _below(framework, line.code or framework.root.code) if code in rows]
    if not scored:
        return line
    claimed = sum((row.self_score or Decimal(0) for row in scored), Decimal(0))
    return replace(line, self_score=claimed, verified=sum((row.verified or Decimal(0) for row in scored), Decimal(0)))


def _below(framework: Framework, code: str) -> Iterator[str]:
    yield code
    for part in framework.parts(code):
        yield from _below(framework, part.code)
