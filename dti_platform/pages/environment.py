"""The Jinja2 environment: where templates are, how output is escaped, and the cache of compiled templates.

Imported with the first page, because importing Jinja2 takes time.
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
    """Compiled templates in a folder, keyed by the template's text, the version of Jinja2, and the text of this module.

    If the folder is not writable, or Python is told to write no bytecode, each process compiles the template.
    """

    def __init__(self, folder: Path) -> None:
        module_hash = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
        super().__init__(str(folder), f"template-{jinja2.__version__}-{module_hash}-%s")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Stores a compiled template, if possible."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


class _Environment(Environment):
    """An environment in which the columns of a row, which is a mapping, are looked up before its methods."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A column of a row; for any other name or object, the result of Jinja2."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _bilingual(text: Bilingual) -> Markup:
    """Vietnamese with English below it; once if they are equal."""
    vi, en = shown(text.vi), shown(text.en)
    return escape(vi) if vi == en else Markup('{}<span class="en" lang="en">{}</span>').format(vi, en)


@pass_context
def _finalize(context: Context, value: object) -> object:
    """The printed form of a value: a bilingual text in the language of the page, its value ``language``.

    In text that others chose, characters that change the direction or have no width are escaped.
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
