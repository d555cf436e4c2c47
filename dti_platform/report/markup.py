"""Text for a terminal: our own markup, and text of others, in which nothing is a tag or a control."""

from __future__ import annotations

from rich.markup import escape
from rich.text import Text

from dti_platform.language import as_typed, shown


def foreign(text: object) -> str:
    """Text that others chose (names, paths, reasons), as markup that shows it: nothing in it is a tag or a control.

    A terminal obeys control characters; what can't be printed is shown escaped, line by line.
    """
    return escape(shown(str(text)))


def markup(text: str) -> Text:
    """Our markup as text, commands as they are typed here; ``:name:`` in it is no emoji, for a path may hold it."""
    return Text.from_markup(as_typed(text), emoji=False)
