"""How a run that failed ends: why, the rows and the cells that stop it, what to type, and which release stands.

Here: the lines of a failed run or release, as markup. Not here: the rest of the summary (``terminal``), and finding
the rows and files (``orchestration.run``, ``pipeline.blocking``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dti_platform.failing_row import sentence, told
from dti_platform.glossary import terms
from dti_platform.language import place
from dti_platform.report.markup import foreign

if TYPE_CHECKING:
    from dti_platform.language import Language

WORDS = terms("failure_words")
RECEIPTS = terms("receipt_words")
STOPS = ("failed", "could not run")
#: So many failing rows of a check are told.
MOST_ROWS = 5


def ending(outcome: Mapping[str, Any], language: Language) -> list[str]:
    """Why nothing is published, each check that stops it with its rows and files, and which release stands."""
    stopping = [each for each in outcome["checks"]["not_passed"] if each["kind"] in STOPS]
    kind = outcome["failure_kind"] if stopping or outcome["failure_kind"] != "checks" else "other"
    why = WORDS[kind].format(count=len(stopping), why=outcome["failure"]).text(language)
    lines = [f"[red bold]Không công bố / Nothing is published[/]: {foreign(why)}"]
    for check in stopping:
        lines += _check(check, outcome["blocking"], language)
    release = outcome["release"]
    stands = WORDS["stands" if release else "nothing_stands"].format(release=release).text(language)
    return [*lines, f"[bold]{stands}[/]" + (f"  {foreign(outcome['release_path'])}" if release else "")]


def _check(check: Mapping[str, Any], files: list[Mapping[str, Any]], language: Language) -> Iterator[str]:
    """A check that stops the publication: why it is there, its failing rows, the files that they rest on."""
    name = f"{check['table']}.{check['name']}"
    yield f"[red]✗ {name}[/]: {foreign(check['reason_' + language])}"
    if check["kind"] == "could not run":
        yield f"    {WORDS['could_not_run'].text(language)}: {foreign(check['found'].removeprefix('could not run: '))}"
    rows = check["rows"]
    yield from (f"    {foreign(sentence(row, language))}" for row in rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield f"    [dim]{WORDS['more_rows'].format(count=len(rows) - MOST_ROWS).text(language)}[/]"
    for file in files:
        if file["check"] == name:
            yield from _file(file, language)


def _file(file: Mapping[str, Any], language: Language) -> Iterator[str]:
    """A file by receipt and name, its cells with what stands in them, and what to type."""
    name = f"{file['feed']}/{file['period']}/{file['file_name']}"
    yield f"  {foreign(WORDS['receipt'].format(receipt=file['receipt'], name=name).text(language))}"
    if not file["cells"]:
        yield f"    {RECEIPTS['since_release'].text(language)}"
    for locator, raw in zip(file["cells"], file["raw"], strict=True):
        yield f"    {foreign(place(locator).text(language))}: «{foreign(told(raw, language))}»"
    yield f"  → [bold]{_to_do(file, language)}[/]"


def _to_do(file: Mapping[str, Any], language: Language) -> str:
    """A committed file is corrected, another is withdrawn."""
    if not file["committed"]:
        return str(file["command"])
    _, typed, rest = str(file["command"]).partition("./dti withdraw")
    to_do = WORDS["let_go" if rest else "correct"]
    return to_do.format(command=typed + rest, receipt=file["receipt"]).text(language)
