"""The list of answers, newest first: a sender who has only the shared folder finds the answer there.

Here: one line for each answer, made from its JSON, with a link to each of its forms. Not here: an answer (``html``),
nor where answers are kept (``storage``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dti_platform.glossary import OUTCOMES
from dti_platform.language import Bilingual
from dti_platform.pages import render
from dti_platform.submissions.forms import discover
from dti_platform.submissions.forms.words import HEADINGS

Line = Mapping[str, Any]

_COLUMNS = (
    "receipt", "received_at", "sender", "feed", "period", "file", "outcome", "number_of_errors", "number_of_warnings",
    "forms",
)  # fmt: skip
_FIELDS = ("received_at", "period", "file_name", "outcome", "errors", "warnings", "feed_title", "sender")


def line(answer: Mapping[str, object], files: Iterable[str]) -> Line:
    """What the list says of an answer, from ``Answer.to_dict`` and the files of its forms."""
    return {**{name: answer[name] for name in _FIELDS}, "forms": [name for name in discover() if name in {*files}]}


def page(lines: Mapping[str, Line]) -> str:
    """The list as a page; ``lines`` by the name of the answer's folder, in the order in which they are shown."""
    rows = [_row(name, line) for name, line in lines.items()]
    title = HEADINGS["answers"]
    return render(
        "submissions/forms/answers.html.j2", title=title.vi, columns=_COLUMNS, rows=rows, headings=HEADINGS,
        outcomes=OUTCOMES,
    )  # fmt: skip


def _row(name: str, line: Line) -> Line:
    """A line with its folder, its texts in both languages, and the forms that this platform knows."""
    sender = line["sender"]
    return {
        **line,
        "name": name,
        "sender": {**sender, "name": Bilingual(**sender["name"])} if sender else None,
        "feed_title": Bilingual(**line["feed_title"]),
        "forms": [form.FORM for file, form in discover().items() if file in line["forms"]],
    }
