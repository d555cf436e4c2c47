"""The lists of answers, newest first: a sender who has only the shared folder finds the answer there.

Here: one line for each answer, made from its JSON; the list of an owner links its forms, the list of all answers only
states that it was given. Not here: an answer (``html``), nor where answers are kept (``storage``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dti_platform.glossary import OUTCOMES, terms
from dti_platform.language import Bilingual
from dti_platform.pages import render
from dti_platform.periods import moment
from dti_platform.submissions.forms import discover
from dti_platform.submissions.forms.words import HEADINGS

Line = Mapping[str, Any]

_COLUMNS = (
    "receipt", "received_at", "sender", "feed", "period", "file", "outcome", "since", "number_of_errors",
    "number_of_warnings", "forms",
)  # fmt: skip
_FIELDS = ("received_at", "period", "file_name", "outcome", "errors", "warnings", "feed_title", "sender", "refusal")
#: The public fields of an answer: that it was given, and its outcome; nothing on the content of the file.
_PUBLIC = ("owner", "received_at", "period", "outcome", "since", "feed_title", "sender")
_PUBLIC_COLUMNS = ("receipt", "received_at", "sender", "feed", "period", "outcome", "since", "answers_of")
#: The fields of a line where nothing happened to the file after it was answered.
NOTHING: Line = {"since": None, "reason": ""}


def line(content: bytes, place: Path, folder: Path) -> Line | None:
    """The line of an answer in its owner's list; ``place`` is its folder inside ``folder``, that of all answers.

    None where its JSON is damaged.
    """
    try:
        answer = json.loads(content)
        owner = answer["sender"]["unit"] if answer["sender"] else answer["feed"]
        fields = {name: answer[name] for name in _FIELDS}
    except (ValueError, LookupError, TypeError):
        return None
    file_names = {path.name for path in place.iterdir()}
    path = Path(os.path.relpath(place, folder / owner)).as_posix()
    return {**fields, "owner": owner, "path": path, "forms": [name for name in discover() if name in file_names]}


def happened(event: str, at: str = "", **values: object) -> Bilingual:
    """The sentence that a file was withdrawn, replaced or confirmed after it was answered."""
    return terms("answer_since")[event].format(at=moment(at) if at else "", **values)


def since(sentences: Sequence[Bilingual], reason: str = "") -> Line:
    """The fields of a line on the events after a file was answered, in their order."""
    if not sentences:
        return NOTHING
    return {"since": Bilingual(*map("; ".join, zip(*sentences, strict=True)))._asdict(), "reason": reason}


def public(line: Line) -> Line:
    """The line in the list of all answers."""
    return {name: line[name] for name in _PUBLIC}


def page(lines: Mapping[str, Line]) -> str:
    """The list of one owner as a page; ``lines`` by receipt, in the order in which they are shown."""
    return _page(_COLUMNS, lines)


def page_of_all(lines: Mapping[str, Line]) -> str:
    """The list of all answers as a page, with links to the lists of the owners."""
    return _page(_PUBLIC_COLUMNS, lines)


def _page(columns: Sequence[str], lines: Mapping[str, Line]) -> str:
    rows = [_row(name, line) for name, line in lines.items()]
    return render(
        "submissions/forms/answers.html.j2", title=HEADINGS["answers"].vi, columns=columns, rows=rows,
        headings=HEADINGS, outcomes=OUTCOMES, moment=moment,
    )  # fmt: skip


def _row(name: str, line: Line) -> Line:
    """A line with its receipt, its texts in both languages, and the forms that this platform knows."""
    sender = line["sender"]
    return {
        **line,
        "receipt": name,
        "sender": {**sender, "name": Bilingual(**sender["name"])} if sender else None,
        "feed": Bilingual(**line["feed_title"]),
        "since": Bilingual(**line["since"]) if line["since"] else None,
        "reason": line.get("reason", ""),
        "why": Bilingual(**refusal["why"]) if (refusal := line.get("refusal")) else None,
        "forms": [form.FORM for file, form in discover().items() if file in line.get("forms", ())],
    }
