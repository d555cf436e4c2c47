"""How templates become pages: where they lie, how what they print is escaped, and keeping them compiled.

Imported with the first page, for Jinja2 takes its time.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup, escape

from dti_platform.language import Bilingual, shown

_PACKAGE = Path(__file__).parents[1]


class Compiled(FileSystemBytecodeCache):
    """Compiled templates in a folder: by the template's text, the version of Jinja2, and what is said in this module.

    Where the folder can't be written, or Python is told to keep none, a template is compiled by each process.
    """

    def __init__(self, folder: Path) -> None:
        made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
        super().__init__(str(folder), f"template-{jinja2.__version__}-{made_by}-%s")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a template that was compiled, if it can be kept."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


class _Environment(Environment):
    """Templates that are given rows of tables, which are mappings: their columns are looked up first."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A column of a row, else what Jinja2 finds."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _bilingual(text: Bilingual) -> Markup:
    """Vietnamese, and English below it; once where they are equal."""
    vi, en = shown(text.vi), shown(text.en)
    return escape(vi) if vi == en else Markup('{}<span class="en" lang="en">{}</span>').format(vi, en)


@pass_context
def _finalize(context: Context, value: object) -> object:
    """What a page prints: a text in both languages in the page's, which its values name ``language``.

    Of text that others chose, nothing that turns the direction or takes no place.
    """
    if type(value) is Bilingual:
        value = value.text(context["language"])
    return shown(value) if type(value) is str else value


#: Templates anywhere in the package.
ENVIRONMENT = _Environment(
    loader=FileSystemLoader(_PACKAGE),
    bytecode_cache=Compiled(Path(__file__).with_name("__pycache__")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    finalize=_finalize,
    auto_reload=False,
)
ENVIRONMENT.filters["bilingual"] = _bilingual
