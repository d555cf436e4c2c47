"""HTML pages from templates: self-contained, without script or any address outside, and escaped by default.

Here: the one way into Jinja2, and what every page shares (``base.html.j2``: style, content policy, A4). Not here: what
a page says; its template stands beside the module that makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform.language import shown

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from dti_platform.language import Bilingual

__all__ = ["render"]

_PACKAGE = Path(__file__).parents[1]


def render(template: str, **values: object) -> str:
    """A page from a template, named by its path within the package; the same values give the same text.

    Raises:
        jinja2.TemplateError: the template is missing, or names a value that is not given: a fault of ours.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    """Templates anywhere in the package; made with the first page, for importing Jinja2 takes its time."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, finalize=_finalize, auto_reload=False,
    )  # fmt: skip
    environment.filters["bilingual"] = _bilingual
    return environment


def _bilingual(text: Bilingual) -> Markup:
    """Vietnamese, and English below it; once where they are equal."""
    from markupsafe import Markup, escape

    vi, en = shown(text.vi), shown(text.en)
    return escape(vi) if vi == en else Markup('{}<span class="en" lang="en">{}</span>').format(vi, en)


def _finalize(value: object) -> object:
    """What a page prints: of text that others chose, nothing that turns the direction or takes no place."""
    return shown(value) if type(value) is str else value
