"""How the last run that failed ended, kept for those who are told of it: which checks stop it, with rows and places.

The ledger says that it failed and why, in a sentence. Here: the rest, which is derived and may be removed: then that
sentence is told. Not here: finding rows and files (``pipeline.failing_rows``, ``pipeline.blocking``).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from dti_platform.failing_row import sentence
from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.operations.alert import Alert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dti_platform.operations.health import Place
    from dti_platform.pipeline.gate import Judged
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Store

#: Under which name it is kept.
NAME = "stopped"
#: So many failing rows of a check are told.
MOST_ROWS = 5
FAILURE, WORDS = terms("failure_words"), terms("alert_words")


def keep(store: Store, run_id: str, judged: Sequence[Judged]) -> None:
    """Keeps what stops a run, if checks do."""
    blocking = [each for step in judged for each in step.results if each.blocks]
    if blocking:
        lines = [line for each in blocking for line in _lines(each)]
        files = [_file(file.to_dict()) for step in judged for file in step.files]
        page = next(step.report.name for step in judged if any(each.blocks for each in step.results))
        kept = {"run": run_id, "checks": len(blocking), "lines": [*lines, *files], "page": page}
        store.notes.keep(NAME, kept)


def alert(place: Place, run_id: str, failure: str, release: str | None) -> Alert:
    """That a run failed, and which release stands; one that failed for the same reason is the same cause."""
    kept = place.store.notes.read(NAME)
    base = place.settings.alert_link.rstrip("/")
    stands = FAILURE["stands" if release else "nothing_stands"].format(release=release)
    if kept.get("run") != run_id:
        address = f"{base}/runs/{run_id}" if base else ""
        return Alert("failed_run", failure, WORDS["failed_run"].format(why=failure), [stands], address)
    lines = [Bilingual(*each) for each in kept["lines"]]
    about = hashlib.sha256("\n".join(each.en for each in lines).encode()).hexdigest()
    title = WORDS["stopped"].format(count=kept["checks"])
    return Alert("failed_run", about, title, [*lines, stands], f"{base}/pages/checks/{kept['page']}" if base else "")


def _lines(result: CheckResult) -> list[Bilingual]:
    """A check that stops the run: the rule, then its failing rows."""
    name = f"{result.table}.{result.name}"
    if result.outcome == "could_not_run":
        return [Bilingual(f"{name}: {result.complaint.vi}", f"{name}: {result.complaint.en}")]
    rows = [*result.failing_rows.iter_rows(named=True)]
    told = [Bilingual(f"  {sentence(row, 'vi')}", f"  {sentence(row, 'en')}") for row in rows[:MOST_ROWS]]
    more = result.failing - len(told)
    rest = [FAILURE["more_rows"].format(count=more)] if more > 0 else []
    return [Bilingual(f"{name}: {result.reason.vi}", f"{name}: {result.reason.en}"), *told, *rest]


def _file(file: dict[str, Any]) -> Bilingual:
    name = f"{file['feed']}/{file['period']}/{file['file_name']}"
    receipt = FAILURE["receipt"].format(receipt=file["receipt"], name=name)
    return Bilingual(*(f"{text} → {file['command']}" for text in receipt))
