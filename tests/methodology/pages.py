"""The pages of ``docs/methodology``, one for each framework, made from the framework files.

``python -m tests.regenerate`` writes them after a change that is meant.
"""

from __future__ import annotations

from pathlib import Path

from dti_platform import methodology
from dti_platform.methodology.description import page_of

FOLDER = Path(__file__).parents[2] / "docs" / "methodology"


def pages() -> dict[str, str]:
    """File name -> content."""
    return {f"{each.name}.md": page_of(methodology.described(each)) for each in methodology.load().all}


def write() -> None:
    """Writes all of them anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
