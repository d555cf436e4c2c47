"""Our own column lineage, for the open-source UI, which shows none.

Here: which tables a column of a publication is carried from, by its name; the naming convention (same quantity, same
name) makes that enough. Not here: which cells a figure rests on (``dti trace``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import publications

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dti_platform.tables import Table


def columns(model: type[Table], inputs: Iterable[str]) -> str:
    """A Markdown table: each column of the model, and the inputs that it is carried from, or that it is made here."""
    known = {name: set(publications.empty(name).columns) for name in sorted(set(inputs))}
    rows = [
        f"| {column} | {', '.join(name for name, held in known.items() if column in held) or '*made here*'} |"
        for column in model.to_schema().columns
    ]
    return "\n".join(["| column | carried from |", "|---|---|", *rows])
