"""The end of a failed run: why it failed, the rows and cells that block it, the commands, and the current release.

Here: the lines of a failed run or release, as markup. Not here: the rest of the summary (``terminal``), or finding
the rows and files (``orchestration.run``, ``pipeline.blocking``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dti_platform.failing_row import sentence, told
from dti_platform.glossary import terms
from dti_platform.language import place
from dti_platform.report.markup import escaped

if TYPE_CHECKING:
    from dti_platform.language import Language

WORDS = terms("failure_words")
RECEIPTS = terms("receipt_words")
STOPS = ("failed", "could not run")
#: At most this many failing rows of a check are shown.
MOST_ROWS = 5


def ending(outcome: Mapping[str, Any], language: Language) -> list[str]:
    """Why nothing is published, each blocking check with its rows and files, and the current release."""
    blocking = [check for check in outcome["checks"]["not_passed"] if check["kind"] in STOPS]
    kind = outcome["failure_kind"] if blocking or outcome["failure_kind"] != "checks" else "other"
    why = WORDS[kind].format(count=len(blocking), why=outcome["failure"]).text(language)
    lines = [f"[red bold]Không công bố / Nothing is published[/]: {escaped(why)}"]
    for check in blocking:
        lines += _check(check, outcome["blocking"], language)
    release = outcome["release"]
    current = WORDS["stands" if release else "nothing_stands"].format(release=release).text(language)
    return [*lines, f"[bold]{current}[/]" + (f"  {escaped(outcome['release_path'])}" if release else "")]


def _check(check: Mapping[str, Any], files: list[Mapping[str, Any]], language: Language) -> Iterator[str]:
    """A check that blocks the publication: its purpose, its failing rows, and the files behind them."""
    name = f"{check['table']}.{check['name']}"
    yield f"[red]✗ {name}[/]: {escaped(check['reason_' + language])}"
    if check["kind"] == "could not run":
        yield f"    {WORDS['could_not_run'].text(language)}: {escaped(check['found'].removeprefix('could not run: '))}"
    rows = check["rows"]
    yield from (f"    {escaped(sentence(row, language))}" for row in rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield f"    [dim]{WORDS['more_rows'].format(count=len(rows) - MOST_ROWS).text(language)}[/]"
    for file in files:
        if file["check"] == name:
            yield from _file(file, language)


def _file(file: Mapping[str, Any], language: Language) -> Iterator[str]:
    """A file by receipt and name, its cells with their content, and the command."""
    name = f"{file['feed']}/{file['period']}/{file['file_name']}"
    yield f"  {escaped(WORDS['receipt'].format(receipt=file['receipt'], name=name).text(language))}"
    if not file["cells"]:
        yield f"    {RECEIPTS['since_release'].text(language)}"
    for locator, raw in zip(file["cells"], file["raw"], strict=True):
        yield f"    {escaped(place(locator).text(language))}: «{escaped(told(raw, language))}»"
    yield f"  → [bold]{_to_do(file, language)}[/]"


def _to_do(file: Mapping[str, Any], language: Language) -> str:
    """How to fix a file: a committed file is corrected, any other is withdrawn."""
    if not file["committed"]:
        return str(file["command"])
    _, command, rest = str(file["command"]).partition("./dti withdraw")
    to_do = WORDS["let_go" if rest else "correct"]
    return to_do.format(command=command + rest, receipt=file["receipt"]).text(language)
