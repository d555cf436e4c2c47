"""Text for a terminal: our own markup, and text of others, escaped so that it holds no tag and no control character."""

from __future__ import annotations

from rich.markup import escape
from rich.text import Text

from dti_platform.language import as_typed, shown


def escaped(text: object) -> str:
    """Text that others chose (names, paths, reasons) as markup that shows it literally.

    A terminal obeys control characters, so what can't be printed is shown escaped, line by line.
    """
    return escape(shown(str(text)))


def markup(text: str) -> Text:
    """Parse our markup, with commands as they are typed here; ``:name:`` is no emoji, because a path may contain it."""
    return Text.from_markup(as_typed(text), emoji=False)
