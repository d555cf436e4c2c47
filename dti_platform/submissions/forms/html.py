"""The answer as one self-contained page, in Vietnamese and English, fit for the screen and for paper.

Here: markup. Not here: what is said (``answer``). No script, no address outside; everything that came from a file is
escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from dti_platform.language import Bilingual
from dti_platform.reading import place
from dti_platform.submissions.answer import Answer, Change, Finding, Refusal
from dti_platform.submissions.forms.words import ACCOUNTED, BASES, CLASSES, HEADINGS, KINDS, OUTCOMES, moved, standing

__all__ = ["both", "document", "page", "table"]

#: Nothing of a page may load or run anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0; --paper: #fff; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem; max-width: 72rem; font: 15px/1.5 system-ui, "Noto Sans", sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.en { color: var(--soft); font-size: .87em; display: block; font-weight: 400; }
.outcome { display: inline-block; margin: 1rem 0; padding: .5rem 1rem; border-radius: .4rem; font-weight: 600;
  border: 1px solid; }
.accepted, .unchanged { color: #116329; background: #dafbe1; }
.accepted_in_part { color: #7d4e00; background: #fff8c5; }
.refused { color: #a40e26; background: #ffebe9; } .note { border-left: 4px solid #d4a72c; padding: .3rem .8rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid var(--line); padding: .35rem .5rem;
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f6f8fa; font-weight: 600; overflow-wrap: normal; } td.class, td.short { white-space: nowrap; }
 td.place { min-width: 6em; } .wide { overflow-x: auto; }
td.cell { min-width: 5em; white-space: pre-wrap; font-variant-numeric: tabular-nums; } td.number { text-align: right; }
tr.error td:first-child { border-left: 4px solid #cf222e; }
tr.warning td:first-child { border-left: 4px solid #d4a72c; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; padding: 0; margin: 0; list-style: none; }
footer { margin-top: 2rem; color: var(--soft); font-size: .85em; overflow-wrap: anywhere; }
@media print { body { padding: 0; max-width: none; font-size: 10pt; } thead { display: table-header-group; }
  tr { break-inside: avoid; } .outcome, th, tr td { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
@page { margin: 15mm; }
"""


def page(answer: Answer) -> str:
    """The whole page."""
    return document(f"{HEADINGS['title'].vi}: {answer.file_name}", "".join(_body(answer)))


def document(title: str, body: str) -> str:
    """A self-contained page of markup that is escaped already; its title is not."""
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="vi"><head>{head}</head><body>{body}</body></html>\n'


def _body(answer: Answer) -> Iterator[str]:
    yield f"<header><h1>{both(HEADINGS['title'])}</h1></header><main>"
    yield f'<p class="outcome {answer.outcome}">{both(OUTCOMES[answer.outcome])}</p>'
    if answer.dry_run:
        yield f'<p class="note">{both(HEADINGS["dry_run"])}</p>'
    if answer.evidence == "illustrative":
        yield f'<p class="note">{both(HEADINGS["illustrative"])}</p>'
    facts = "".join(f"<dt>{both(HEADINGS[name])}</dt><dd>{text}</dd>" for name, text in _facts(answer))
    yield f"<dl>{facts}</dl>"
    if answer.refusal:
        yield from _refused(answer.refusal)
    else:
        yield from _read(answer)
    yield f"</main><footer>sha256 {escape(answer.sha256)}</footer>"


def _refused(refusal: Refusal) -> Iterator[str]:
    yield f"<h2>{both(HEADINGS['why_refused'])}</h2><p><strong>{both(refusal.why)}</strong></p>"
    yield f"<p>{both(refusal.detail)}</p>"
    yield f"<h2>{both(HEADINGS['mend'])}</h2><p>{both(refusal.mend)}</p>"


def _read(answer: Answer) -> Iterator[str]:
    yield _heading("errors", len(answer.errors)) + _findings(answer.errors)
    yield _heading("warnings", len(answer.warnings)) + _findings(answer.warnings)
    yield f"<h2>{both(HEADINGS['changes'])}</h2>{_counts(answer.counted, KINDS)}{_changes(answer.changes)}"
    yield f"<h2>{both(HEADINGS['cells'])}</h2>{_counts(answer.cells, ACCOUNTED)}"


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    if answer.receipt is not None:
        yield "receipt", f"<strong>{answer.receipt}</strong>"
        yield "received_at", escape(answer.received_at or "")
    yield "file", escape(answer.file_name)
    if answer.sender:
        yield "sender", f"{escape(answer.sender.unit)} · {both(answer.sender.name)}"
    yield "feed", both(answer.feed_title)
    yield "period", escape(answer.period)
    if answer.framework:
        yield "framework", escape(answer.framework)
    yield "standing", both(standing(answer))


def _heading(name: str, number: int) -> str:
    return f"<h2>{both(Bilingual(f'{HEADINGS[name].vi} ({number})', f'{HEADINGS[name].en} ({number})'))}</h2>"


def _counts(counted: Mapping[str, int], words: Mapping[str, Bilingual]) -> str:
    told = "".join(f"<li><strong>{number}</strong> {both(words[name])}</li>" for name, number in counted.items())
    return f'<ul class="counts">{told}</ul>'


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return f"<p>{both(HEADINGS['none'])}</p>"
    rows = "".join(
        f'<tr class="{each.severity}"><td class="place">{both(each.place)}</td>'
        f'<td class="class">{both(CLASSES[each.error_class])}</td><td class="cell">{escape(each.read)}</td>'
        f"<td>{both(each.why)}</td><td>{both(each.expected)}</td><td>{both(each.mend)}</td></tr>"
        for each in findings
    )
    return table(("place", "class", "read", "why", "expected", "mend"), rows)


def _changes(changes: Sequence[Change]) -> str:
    """Every figure but those that are new where nothing was held."""
    if not changes or all(each.kind == "new" for each in changes):
        return ""
    rows = "".join(
        f"<tr><td>{both(KINDS[each.kind])}</td><td>{escape(each.node)} {both(each.name)}</td>"
        f"<td>{both(BASES.get(each.basis, Bilingual.same(each.basis)))}</td>"
        f'<td class="number">{both(moved(each))}</td>'
        f"<td>{both(place(each.locator or '–'))}</td></tr>"
        for each in changes
    )
    return table(("kind", "node", "basis", "figures", "place"), rows)


def table(headings: Sequence[str], rows: str) -> str:
    """Rows of markup under headings by the names of their words."""
    head = "".join(f'<th scope="col">{both(HEADINGS[name])}</th>' for name in headings)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def both(said: Bilingual) -> str:
    """Vietnamese, and English below it; a word that both share stands once."""
    if said.vi == said.en:
        return escape(said.vi)
    return f'{escape(said.vi)}<span class="en" lang="en">{escape(said.en)}</span>'
