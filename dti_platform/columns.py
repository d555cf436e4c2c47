"""The dictionary of columns: what each column of a table means, in Vietnamese and English.

Here: the texts of ``columns.toml``. Not here: types, keys and rules (the models), nor the codes of a column
(``codes``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dti_platform.language import Bilingual

FILE = Path(__file__).with_name("columns.toml")
#: The section of what holds for every table.
ALL = "all"


@cache
def dictionary() -> Mapping[str, Mapping[str, Bilingual]]:
    """The texts by section and column."""
    sections = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        section: {column: Bilingual(*texts) for column, texts in columns.items()}
        for section, columns in sections.items()
    }


def meaning(table: str, column: str) -> Bilingual:
    """What a column of a table means.

    Raises:
        LookupError: nothing says so: names the table, the column and where to write it.
    """
    texts = dictionary()
    own = texts.get(table, {})
    if column not in own and column not in texts[ALL]:
        raise LookupError(
            f"{table}.{column} is not described; add `{column} = [Vietnamese, English]` to [{ALL}] or [{table}] in"
            f" dti_platform/{FILE.name}"
        )
    return own.get(column) or texts[ALL][column]
