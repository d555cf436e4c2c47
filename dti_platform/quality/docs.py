"""The Data Docs page of a run: every check with its reason, its answer, its waiver and its failing rows.

Here: results -> one self-contained HTML page, in Vietnamese and English. Not here: writing it (``storage``), running
checks (``checks``). Great Expectations' own site takes its style and scripts from five outside hosts and knows
neither waivers nor our reasons; this page opens without a network. Every text is escaped: rows hold received cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from operator import attrgetter

from dti_platform.quality.results import CheckResult
from dti_platform.quality.waivers import Waiver

WORDS = {
    "passed": "đạt · passed",
    "failed": "không đạt · failed",
    "could_not_run": "không chạy được · could not run",
    "critical": "chặn công bố · critical",
    "warning": "cảnh báo · warning",
    "info": "thông tin · info",
}
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #8886 }
article { border-left: .3rem solid #2e7d32; padding: .1rem .8rem; margin: .6rem 0 }
article.failed { border-color: #c62828 } article.could_not_run { border-color: #6a1b9a }
article.failed.warning, article.failed.info { border-color: #ef6c00 }
p { margin: .2rem 0 } .faint { opacity: .7 } .waiver { font-weight: 600 }
.rows { overflow-x: auto } table { border-collapse: collapse; font-size: .8rem }
th, td { border: 1px solid #8886; padding: .15rem .4rem; text-align: left; white-space: nowrap }
"""


def page(results: Iterable[CheckResult], *, title: str, expired: Iterable[Waiver] = ()) -> str:
    """One HTML page: failing tables first, then by name; within a table in the order of its suite."""
    found = sorted(results, key=lambda result: result.table)
    tables = [(name, list(group)) for name, group in groupby(found, key=attrgetter("table"))]
    tables.sort(key=lambda table: (all(result.outcome == "passed" for result in table[1]), table[0]))
    body = "".join(_table(name, checks) for name, checks in tables)
    late = "".join(f'<p class="waiver">Miễn trừ hết hạn · Expired waiver: {escape(str(one))}</p>' for one in expired)
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1><p>{escape(_summary(found))}</p>"
        f"{late}{body}</body></html>\n"
    )


def _summary(results: list[CheckResult]) -> str:
    counted = {outcome: sum(result.outcome == outcome for result in results) for outcome in ("failed", "could_not_run")}
    said = [
        f"{len(results)} kiểm tra · checks",
        *(f"{count} {WORDS[name]}" for name, count in counted.items() if count),
    ]
    stops = sum(result.blocks for result in results)
    return "; ".join([*said, f"{stops} chặn công bố · stop the release" if stops else "không chặn · nothing stops"])


def _table(name: str, results: list[CheckResult]) -> str:
    return f"<section><h2>{escape(name)}</h2>{''.join(map(_article, results))}</section>"


def _article(result: CheckResult) -> str:
    return "".join(_lines(result))


def _lines(result: CheckResult) -> Iterator[str]:
    answer, grade = WORDS[result.outcome], WORDS[result.severity]
    yield f'<article class="{result.outcome} {result.shown_severity}">'
    yield f"<p><b>{escape(result.name)}</b>: {answer} <span class=faint>({grade})</span></p>"
    yield f"<p>{escape(result.reason_vi)}</p><p class=faint>{escape(result.reason_en)}</p>"
    counts = f"{result.checked} dòng · rows; {result.failing} không đạt · failing"
    yield f"<p class=faint>{counts}. {escape(result.detail)}</p>"
    if result.waiver:
        yield f'<p class="waiver">Miễn trừ · Waiver: {escape(str(result.waiver))}</p>'
    if result.rows.height:
        yield _rows(result)
    yield "</article>"


def _rows(result: CheckResult) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in result.rows.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in result.rows.iter_rows())
    return f'<div class="rows"><table><tr>{head}</tr>{rows}</table></div>'


def _cell(value: object) -> str:
    return f"<td>{'' if value is None else escape(str(value))}</td>"
