"""The forms in which a sender is given an answer, one module each: a declaration (``FORM``) and ``make``.

Here: what a form declares, and finding forms. Not here: where answers are kept (``delivery``). A module of this package
that has ``FORM`` and ``make`` is a form: it is found by scanning, never registered, and made, kept and linked with
every answer. The other modules are the list of answers (``index``), an answer in a terminal (``text``) and the words
that they share (``words``).
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dti_platform.language import Bilingual
    from dti_platform.submissions.answer import AnsweredFile

__all__ = ["Form", "FormModule", "discover"]


@dataclass(frozen=True, slots=True)
class Form:
    """The declaration of a form."""

    file_name: str
    """The name in the folder of the answer, such as ``answer.html``."""
    media_type: str
    title: Bilingual
    """As the list of answers links it."""


class FormModule(Protocol):
    """The members of a module that is a form."""

    FORM: Form

    @staticmethod
    def make(answered: AnsweredFile) -> bytes | None:
        """The content of the file, the same for the same answer; None where this answer has no such form."""
        ...


@cache
def discover() -> Mapping[str, FormModule]:
    """Every form by its file name, in the order of the modules' names.

    Raises:
        TypeError: a module has only one of ``FORM`` and ``make``, or two write the same file.
    """
    forms: dict[str, FormModule] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        lacking = [name for name in ("FORM", "make") if not hasattr(module, name)]
        if len(lacking) == 1:
            raise TypeError(f"{module.__name__}: {lacking[0]} is missing; a form of answers has FORM and make")
        if not lacking:
            form = cast("FormModule", module)
            if form.FORM.file_name in forms:
                raise TypeError(f"{module.__name__}: another form writes {form.FORM.file_name} already")
            forms[form.FORM.file_name] = form
    return forms
