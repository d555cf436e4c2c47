"""The title and description of a released table in Vietnamese and English, split from the texts of the descriptor.

Not here: who writes the descriptor (``publications.describe``, ``storage.package``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dti_platform.glossary import ILLUSTRATIVE
from dti_platform.language import Bilingual

#: Separates the two languages in one text.
BOTH = " · "


def split_text(text: str) -> Bilingual:
    """Split a text into Vietnamese and English; a text without a second half is the same in both.

    >>> split_text("Hạng · Rank")
    Bilingual(vi='Hạng', en='Rank')
    """
    vi, _, en = text.partition(BOTH)
    return Bilingual(vi, en or vi)


def title_of(resource: Mapping[str, Any]) -> Bilingual:
    """The title of a file; for illustrative rows it starts with the mark in each language."""
    title = split_text(str(resource["title"]).removeprefix(f"{BOTH.join(ILLUSTRATIVE)}: "))
    if not resource["path"].startswith("illustrative/"):
        return title
    return Bilingual(f"{ILLUSTRATIVE.vi}: {title.vi}", f"{ILLUSTRATIVE.en}: {title.en}")


def description_of(resource: Mapping[str, Any]) -> Bilingual:
    """The first paragraph of each language in the description of a file of official rows."""
    vi, *others = resource["description"].split("\n\n")
    return Bilingual(vi, others[0] if others else vi)
