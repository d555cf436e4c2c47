"""The candidate: a release that is complete but not published, so that a person publishes exactly what he has seen.

Here: leaving a candidate with its checks and its difference to the last release, and publishing it, if the stored
tables still give the same. Not here: the order of a publication (``publish``), and keeping the candidate (``storage``).
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dti_platform import explain, methodology, units
from dti_platform.glossary import terms
from dti_platform.pipeline.journal import checks_in_short
from dti_platform.pipeline.versions import code_versions, framework_versions
from dti_platform.report.candidate import candidate_page
from dti_platform.submissions import Register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dti_platform.explain import Difference
    from dti_platform.language import Bilingual
    from dti_platform.methodology import Frameworks
    from dti_platform.pipeline.publish import Prepared, Publication, Publisher
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Candidate, Release, Store

#: The files of a candidate beside its tables.
CHECKS, DIFFERENCE, PAGE = "checks.json", "difference.json", "candidate.html"
#: Seconds to wait for another process that publishes the candidate.
WAIT = 600
#: The parts of a difference that are counted.
DIFFERING = ("changes", "new", "scorecards")
#: States of a receipt that no longer counts.
GONE = ("superseded", "withdrawn")
#: The most inputs or tables that a message names.
NAMED = 5
STALE = terms("candidate_stale")
AGAIN = "run again (`dti run`), look at the candidate that it leaves, then release that"
LOOK = "look at this one (`dti releases`), then release it by its name"


class CandidateRefused(Exception):
    """The candidate is not published: it is not what was seen, or the stored tables differ; nothing has changed."""


@dataclass(frozen=True)
class Proposal:
    """The candidate that a run left to be published.

    Attributes:
        candidate: None: there is nothing to publish.
        before: the latest release.
        difference: the difference between ``before`` and the candidate.
        rows: rows by table.
        results: the results of the gate.
    """

    candidate: Candidate | None
    before: Release | None
    difference: Difference | None
    rows: Mapping[str, int]
    results: tuple[CheckResult, ...]


def propose(publisher: Publisher, run_id: str) -> Proposal:
    """Prepare a publication and leave it as a candidate, unless its content equals that of the last release.

    Raises:
        PublicationStopped: a critical check failed or could not run; the previous candidate is not changed.
        quality.ContractBroken: a table breaks its contract.
    """
    prepared = publisher.prepare()
    publisher.journal.write(run_id)
    candidate, difference = _leave(publisher, prepared, run_id)
    publisher.journal.ended(run_id, prepared.before.name if prepared.before else None)
    return Proposal(candidate, prepared.before, difference, prepared.rows, prepared.results)


def _leave(publisher: Publisher, prepared: Prepared, run_id: str) -> tuple[Candidate | None, Difference | None]:
    """Write the candidate; give it with its difference to the last release, or None where nothing differs."""
    store, before, draft = publisher.store, prepared.before, prepared.draft
    if before and before.content == draft.content:
        store.candidates.clear()
        return None, None
    opened = store.candidates.begin(prepared.announced.number, draft)
    difference = explain.difference_since(before and store.releases.open(before.name), opened)
    checks = checks_in_short(prepared.results)
    corrected = publisher.corrected()
    page = candidate_page(difference, prepared.results, prepared.waived, command(opened.name, corrected))
    side_files = {CHECKS: _json(checks), DIFFERENCE: _json(difference.to_dict()), PAGE: page.encode()}
    received = store.landing.receipts()
    record = publisher.record(run_id, prepared.waived) | {
        "before": before and before.name,
        "differing": {name: len(getattr(difference, name)) for name in DIFFERING},
        "received": received[-1].number if received else 0,
        "corrected": corrected,
    }
    return store.candidates.leave(opened, draft.content, side_files, record), difference


def release(
    publisher: Publisher,
    run_id: str,
    name: str | None = None,
    *,
    kind: str = "scheduled",
    reason: str | None = None,
    on_behalf: str | None = None,
) -> Publication | None:
    """Publish the standing candidate, made again from the stored tables and compared with what was seen.

    Args:
        publisher: of the data root.
        run_id: who publishes.
        name: the candidate that was seen, or the beginning of its name; None: the standing one.
        kind: scheduled, revision (better data) or correction (a mistake).
        reason: why; must be given for a revision or a correction.
        on_behalf: who decided, if not the account of the process.

    Returns:
        None: there is nothing to publish.

    Raises:
        CandidateRefused: it is not the one that was seen, the stored tables differ from it, or it removes published
            figures without being a correction.
        PublicationStopped: a critical check fails now.
        Locked: another process publishes it.
    """
    with publisher.store.lock("release", run_id, wait=WAIT):
        candidate = publisher.store.candidates.standing()
        if candidate is None:
            return None
        _refuse(candidate, _wrong_name(publisher.store, candidate, name), LOOK)
        _refuse(candidate, _outdated(publisher.store, publisher.known().frameworks, candidate))
        if kind == "scheduled" and (corrected := publisher.corrected()):
            remedy = command(candidate.name, corrected)
            raise CandidateRefused(f"published figures go with it: {'; '.join(corrected)}; to publish it: {remedy}")
        prepared = publisher.prepare(kind, reason)
        _refuse(candidate, _changed_tables(candidate, prepared))
        record = {**candidate.record, "run": run_id, "candidate": candidate.entry.sequence}
        return publisher.publish_prepared(prepared, run_id, record, on_behalf)


def waiting(store: Store) -> dict[str, Any] | None:
    """The standing candidate, as data: what it would change, its page, and the files that arrived since.

    ``stale`` is why it can't be published any more, as far as this is known without making its tables again.
    """
    if (candidate := store.candidates.standing()) is None:
        return None
    record = candidate.record
    later = [receipt for receipt in store.landing.standing() if receipt.number > record["received"]]
    stale = next(_outdated(store, methodology.load(units=units.load(check=False)), candidate), None)
    corrected = record.get("corrected", [])
    return {
        "candidate": candidate.name,
        "command": command(candidate.name, corrected),
        "corrected": corrected,
        "stale": stale and stale._asdict(),
        "made_at": candidate.entry.at,
        "before": record["before"],
        **record["differing"],
        "received_since": [f"{receipt.feed}/{receipt.period}/{receipt.name}" for receipt in later],
        "page": str(candidate.path / PAGE),
    }


def command(name: str, corrected: Sequence[str]) -> str:
    """The command that publishes a candidate; where it removes published figures, as a correction with the reasons."""
    reason = f" --type correction --reason {shlex.quote('; '.join(corrected))}" if corrected else ""
    return f"./dti release {name}{reason}"


def _refuse(candidate: Candidate, reasons: Iterator[Bilingual], remedy: str = AGAIN) -> None:
    """Refuse the candidate for the first of the reasons, if there is one, with the ``remedy``."""
    if reason := next(reasons, None):
        raise CandidateRefused(f"candidate {candidate.name} is not released: {reason.en}; {remedy}")


def _wrong_name(store: Store, candidate: Candidate, name: str | None) -> Iterator[Bilingual]:
    """Why a candidate is not the one that was seen, by its name."""
    if name is not None and not candidate.name.startswith(name):
        existed = any(entry.body["candidate"].startswith(name) for entry in store.ledger.entries("candidate"))
        yield STALE["another" if existed else "unknown"].format(name=name)


def _outdated(store: Store, frameworks: Frameworks, candidate: Candidate) -> Iterator[Bilingual]:
    """Why a candidate was altered or is outdated, as far as this is known without reading tables."""
    if faults := candidate.faults():
        yield STALE["altered"].format(fault=faults[0])
    recorded, current = candidate.record, code_versions() | {"frameworks": framework_versions(frameworks)}
    if differing := [kind for kind in current if recorded[kind] != current[kind]]:
        yield STALE["made_otherwise"].format(commit=recorded["commit"], others=", ".join(differing))
    register, receipts = Register(store), {receipt.number: receipt for receipt in store.landing.receipts()}
    if lost := [number for number in recorded["receipts"] if register.line(receipts[number]).state in GONE]:
        files = [f"{number} ({receipts[number].name})" for number in lost]
        yield STALE["files_gone"].format(files=_joined(files))


def _changed_tables(candidate: Candidate, prepared: Prepared) -> Iterator[Bilingual]:
    """Why a candidate made from the stored tables now would differ."""
    draft = prepared.draft
    if draft.content == candidate.content:
        return
    opened = candidate.open()
    old = {table: opened.described(table)["dti:content"] for table in opened.tables}
    new = draft.contents
    tables = sorted(table for table in old.keys() | new.keys() if old.get(table) != new.get(table))
    yield STALE["tables"].format(tables=_joined(tables)) if tables else STALE["beside_tables"]


def _joined(names: list[str]) -> str:
    more = [f"+{len(names) - NAMED}"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *more])


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
