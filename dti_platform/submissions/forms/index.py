"""The list of answers, newest first: whoever has only the shared folder finds the own one here.

Here: one line for each answer, made from its JSON. Not here: an answer (``html``), nor where they lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from dti_platform.language import Bilingual
from dti_platform.submissions.forms.html import both, document, table
from dti_platform.submissions.forms.words import HEADINGS, OUTCOMES

__all__ = ["line", "page"]

_COLUMNS = ("receipt", "received_at", "sender", "feed", "period", "file", "outcome")
_COUNTED = ("number_of_errors", "number_of_warnings")
_KEPT = ("received_at", "period", "file_name", "outcome", "errors", "warnings", "feed_title", "sender")


def line(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the list says of an answer, from ``Answer.to_dict``."""
    return {name: answer[name] for name in _KEPT}


def page(lines: Mapping[str, Mapping[str, Any]]) -> str:
    """The list as a page; ``lines`` by the name of the answer's folder, in the order in which they are shown."""
    rows = "".join(_row(name, told) for name, told in lines.items())
    body = f"<header><h1>{both(HEADINGS['answers'])}</h1></header><main>{table((*_COLUMNS, *_COUNTED), rows)}</main>"
    return document(HEADINGS["answers"].vi, body)


def _row(name: str, told: Mapping[str, Any]) -> str:
    sender = told["sender"]
    who = f"{escape(sender['unit'])} · {both(Bilingual(**sender['name']))}" if sender else "–"
    cells = (
        f'<td class="short"><a href="{escape(name)}/answer.html">{escape(name)}</a></td>',
        f'<td class="short">{escape(told["received_at"] or "–")}</td>',
        f"<td>{who}</td><td>{both(Bilingual(**told['feed_title']))}</td>",
        f'<td class="short">{escape(told["period"])}</td><td>{escape(told["file_name"])}</td>',
    )
    outcome = f'<td class="{escape(told["outcome"])}">{both(OUTCOMES[told["outcome"]])}</td>'
    counted = "".join(f'<td class="number">{told[name]}</td>' for name in ("errors", "warnings"))
    return f"<tr>{''.join(cells)}{outcome}{counted}</tr>"
