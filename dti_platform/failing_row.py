"""A failing row as people meet it first: whose figure, its value, what stands in which file, and where.

Here: the columns that come first in every list of failing rows, and the row in a sentence. Not here: finding the cells
(``pipeline.failing_rows``), nor why a check is there (``quality``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dti_platform.glossary import terms
from dti_platform.language import LANGUAGES, format_number, place, rounded, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dti_platform.language import Language

#: What is put before the columns of a check's own frame.
FIRST = ("unit_name_vi", "unit_name_en", "value", "raw", "file_name", "locator", "feed")
#: Between several cells of one row, in each of the columns that tell of them.
BETWEEN = " | "
#: So much is told of what a cell holds, or of any other value.
MOST_TEXT = 60
#: Columns that a sentence says already, and what every observation has beside its figure: the list of rows shows it.
_UNSAID = {
    *FIRST, "geography", "unit", "file", "source", "source_class", "qualifier", "unit_measure", "obs_status",
    "certainty",
}  # fmt: skip


def sentence(row: Mapping[str, object], language: Language) -> str:
    """A failing row, as far as each part is known: unit, value, file and place, raw text, then the other columns.

    >>> row = {"unit_name_vi": "Đà Nẵng", "unit_name_en": "Da Nang", "unit": "VN63-48", "value": 0.1, "raw": "0.10",
    ...        "file_name": "a.csv", "locator": "line 2, column value", "feed": "a_feed", "node": "PDTI"}
    >>> sentence(row, "en")
    'Da Nang (VN63-48): value 0.1, a.csv (a_feed), line 2, column value: «0.10»; node PDTI'
    """
    name, unit, value = row.get(f"unit_name_{language}"), row.get("unit"), row.get("value")
    who = f"{name} ({unit})" if name and unit else str(name or unit or "")
    figure = [] if value is None else [f"{terms('checks_words')['value'].text(language)} {told(value, language)}"]
    first = ", ".join([*figure, *_cells(row, language)])
    unsaid = tuple(f"_{each}" for each in LANGUAGES if each != language)
    others = ", ".join(
        f"{column.removesuffix(f'_{language}')} {told(value, language)}"
        for column, value in row.items()
        if value is not None and column not in _UNSAID and not column.endswith(unsaid)
    )
    return ": ".join(each for each in (who, "; ".join(each for each in (first, others) if each)) if each)


def _cells(row: Mapping[str, object], language: Language) -> Iterator[str]:
    """Where the row's figure stands, and what stands there; of several cells one after the other."""
    texts = [str(row[column]).split(BETWEEN) if row.get(column) else [] for column in ("file_name", "locator", "raw")]
    files, locators, raw = texts
    feed, before = f" ({row['feed']})" if row.get("feed") else "", ""
    for at, locator in enumerate(locators):
        file = files[min(at, len(files) - 1)] if files else ""
        held = f": «{told(raw[at], language)}»" if at < len(raw) else ""
        yield f"{f'{file}{feed}, ' if file != before else ''}{place(locator).text(language)}{held}"
        before = file


def told(value: object, language: Language) -> str:
    """A value in a sentence: a number as the language writes it, a text in one line and not too long."""
    if isinstance(value, float):
        return format_number(rounded(value, 6)).text(language)
    return shortened(" ".join(str(value).split()), MOST_TEXT)
