"""Every rule of every contract, one line each: what ``contract_rules.txt`` holds, so that none goes unnoticed.

``python -m tests.regenerate`` writes the file after a change that is meant.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dti_platform import publications, tables

FILE = Path(__file__).with_suffix(".txt")
MODELS: dict[str, type[tables.Table]] = tables.TABLES | {
    name: module.MODEL for name, module in publications.released().items()
}


def column_rules(column: Any) -> list[str]:
    """What a column's values must be, as Pandera names it."""
    return [*(check.error for check in column.checks), *([] if column.nullable else ["not_nullable"])]


def frame_rules(model: type[tables.Table]) -> dict[str, str]:
    """The rules of whole rows: name -> message."""
    return {check.name: check.error for check in model.to_schema().checks}


def inventory() -> Iterator[str]:
    """All rules of all models, in the order of the columns."""
    for table, model in sorted(MODELS.items()):
        schema = model.to_schema()
        yield f"{table}: strict {schema.strict}, ordered {schema.ordered}, coerce {schema.coerce}"
        yield f"{table}: unique {' '.join(schema.unique or [])}; sorted by {' '.join(tables.key(model))}"
        for name, column in schema.columns.items():
            yield f"{table}.{name}: {column.dtype}, required {column.required}"
            yield from (f"{table}.{name}: {rule}" for rule in column_rules(column))
        yield from (f"{table}: {name}" for name in sorted(frame_rules(model)))


def write() -> None:
    """Writes the file anew."""
    FILE.write_text("\n".join(inventory()) + "\n", encoding="utf-8")
