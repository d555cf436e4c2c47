"""Files of others: read where they stand beside the project; elsewhere stand-ins that are drawn here (giả lập).

A stand-in has the shape of the real file (sheets, header, rows that are no unit, what is wrong with it) and made-up
figures, so that a clone without the real files runs the same proofs. Nothing drawn here is data of anyone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.stand_ins.budgets import BUDGETS
from tests.stand_ins.papi import papi
from tests.stand_ins.self_assessment import commune

__all__ = ["collected", "digest", "drawn", "of_others", "real"]

SHARED = Path(__file__).parents[3] / "shared"
DRAWN = {
    "reference/shape_commune_selfassessment_62.csv": commune,
    "wild/PAPI_2011-2016.xlsx": papi,
    **{f"wild/{name}": draw for name, draw in BUDGETS.items()},
}


def real(name: str) -> bool:
    """Whether the real file stands beside the project."""
    return (SHARED / name).is_file()


@cache
def of_others(name: str) -> bytes:
    """The real file, or its stand-in.

    Args:
        name: as it is called in the folder `shared`.

    Raises:
        KeyError: it is neither there nor drawn.
    """
    return (SHARED / name).read_bytes() if real(name) else drawn(name)


def drawn(name: str) -> bytes:
    """The stand-in, whether or not the real file is there.

    Raises:
        KeyError: it is not drawn.
    """
    return DRAWN[name]()


def collected(name: str) -> list[dict[str, str]]:
    """The rows of a collected reference table; none where it does not stand beside the project."""
    file = f"reference/{name}.csv"
    return list(csv.DictReader(io.StringIO(of_others(file).decode("utf-8-sig")))) if real(file) else []


def digest(rows: Iterable[object]) -> str:
    """What stands in for collected rows that the project may not carry: the begin of a sha256 over them, sorted."""
    lines = sorted(json.dumps(row, ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
