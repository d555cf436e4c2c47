"""The candidate: what arrived is carried as far as a release, and a person publishes exactly what he has seen.

Here: leaving a candidate with its checks and its difference to the last release, and publishing it, if what stands is
still what was seen. Not here: the order of a publication (``publish``), and keeping the candidate (``storage``).
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

#: What lies beside the tables of a candidate.
CHECKS, DIFFERENCE, PAGE = "checks.json", "difference.json", "candidate.html"
#: Seconds to wait for somebody else who publishes the candidate.
WAIT = 600
#: What of a difference is counted.
DIFFERING = ("changes", "new", "scorecards")
#: What may have become of a file on which a candidate rests, so that it no longer counts.
GONE = ("superseded", "withdrawn")
#: Inputs or tables that a message names.
NAMED = 5
STALE = terms("candidate_stale")
AGAIN = "run again (`dti run`), look at the candidate that it leaves, then release that"
LOOK = "look at this one (`dti releases`), then release it by its name"


class CandidateRefused(Exception):
    """The candidate is not published, for it is not what was seen or not what stands; nothing changed."""


@dataclass(frozen=True)
class Proposal:
    """What a run left to be published.

    Attributes:
        candidate: None: there is nothing to publish.
        before: the release that stands.
        difference: of the candidate to it.
        rows: rows by table.
        results: the answers of the gate.
    """

    candidate: Candidate | None
    before: Release | None
    difference: Difference | None
    rows: Mapping[str, int]
    results: tuple[CheckResult, ...]


def propose(publisher: Publisher, run_id: str) -> Proposal:
    """Do all that a publication does but publish, and leave a candidate, unless it says what the last release says.

    Raises:
        PublicationStopped: a critical check failed or could not run; the candidate before is not touched.
        quality.ContractBroken: a table breaks its contract.
    """
    prepared = publisher.prepare()
    publisher.journal.write(run_id)
    candidate, difference = _left(publisher, prepared, run_id)
    publisher.journal.ended(run_id, prepared.before.name if prepared.before else None)
    return Proposal(candidate, prepared.before, difference, prepared.rows, prepared.results)


def _left(publisher: Publisher, prepared: Prepared, run_id: str) -> tuple[Candidate | None, Difference | None]:
    """The candidate that is left, and its difference to the release before."""
    store, before, draft = publisher.store, prepared.before, prepared.draft
    if before and before.content == draft.content:
        store.candidates.clear()
        return None, None
    begun = store.candidates.begin(prepared.announced.number, draft)
    difference = explain.difference_since(before and store.releases.open(before.name), begun)
    checks = checks_in_short(prepared.results)
    corrected = publisher.corrected()
    page = candidate_page(difference, prepared.results, prepared.waived, command(begun.name, corrected))
    beside = {CHECKS: _json(checks), DIFFERENCE: _json(difference.to_dict()), PAGE: page.encode()}
    received = store.landing.receipts()
    record = publisher.record(run_id, prepared.waived) | {
        "before": before and before.name,
        "differing": {name: len(getattr(difference, name)) for name in DIFFERING},
        "received": received[-1].number if received else 0,
        "corrected": corrected,
    }
    return store.candidates.leave(begun, draft.content, beside, record), difference


def release(
    publisher: Publisher,
    run_id: str,
    name: str | None = None,
    *,
    kind: str = "scheduled",
    reason: str | None = None,
    on_behalf: str | None = None,
) -> Publication | None:
    """Publish the candidate that stands, made again from the stored tables and compared with what was seen.

    Args:
        publisher: of the data root.
        run_id: who publishes.
        name: the candidate that was seen, or the beginning of its name; None: whichever stands.
        kind: scheduled, revision (better data) or correction (a mistake).
        reason: why; must be given for a revision or a correction.
        on_behalf: who decided, where that is somebody else than the account of the process.

    Returns:
        None: there is nothing to publish.

    Raises:
        CandidateRefused: it is not the one that was seen, what stands differs from it, or it takes published figures
            away without being called a correction.
        PublicationStopped: a critical check fails by now.
        Locked: somebody else publishes it.
    """
    with publisher.store.lock("release", run_id, wait=WAIT):
        candidate = publisher.store.candidates.standing()
        if candidate is None:
            return None
        _refuse(candidate, _another(publisher.store, candidate, name), LOOK)
        _refuse(candidate, _unlike(publisher.store, publisher.known().frameworks, candidate))
        if kind == "scheduled" and (corrected := publisher.corrected()):
            typed = command(candidate.name, corrected)
            raise CandidateRefused(f"published figures go with it: {'; '.join(corrected)}; to publish it: {typed}")
        prepared = publisher.prepare(kind, reason)
        _refuse(candidate, _changed_tables(candidate, prepared))
        record = {**candidate.record, "run": run_id, "candidate": candidate.entry.sequence}
        return publisher.publish_prepared(prepared, run_id, record, on_behalf)


def waiting(store: Store) -> dict[str, Any] | None:
    """The candidate for a person and for a machine: what it would change, its page, and the files that came since.

    ``stale`` is why it can't be published any more, as far as that is known without making its tables again.
    """
    if (candidate := store.candidates.standing()) is None:
        return None
    record = candidate.record
    since = [each for each in store.landing.standing() if each.number > record["received"]]
    stale = next(_unlike(store, methodology.load(units=units.load(check=False)), candidate), None)
    corrected = record.get("corrected", [])
    return {
        "candidate": candidate.name,
        "command": command(candidate.name, corrected),
        "corrected": corrected,
        "stale": stale and stale._asdict(),
        "made_at": candidate.entry.at,
        "before": record["before"],
        **record["differing"],
        "received_since": [f"{each.feed}/{each.period}/{each.name}" for each in since],
        "page": str(candidate.path / PAGE),
    }


def command(name: str, corrected: Sequence[str]) -> str:
    """What publishes a candidate; where published figures go, as a correction with the reasons for that."""
    reason = f" --type correction --reason {shlex.quote('; '.join(corrected))}" if corrected else ""
    return f"./dti release {name}{reason}"


def _refuse(candidate: Candidate, reasons: Iterator[Bilingual], then: str = AGAIN) -> None:
    """Refuses the candidate for the first reason that there is, and says what to do ``then``."""
    if reason := next(reasons, None):
        raise CandidateRefused(f"candidate {candidate.name} is not released: {reason.en}; {then}")


def _another(store: Store, candidate: Candidate, name: str | None) -> Iterator[Bilingual]:
    """Why a candidate is not the one that was seen."""
    if name is not None and not candidate.name.startswith(name):
        was_one = any(each.body["candidate"].startswith(name) for each in store.ledger.entries("candidate"))
        yield STALE["another" if was_one else "unknown"].format(name=name)


def _unlike(store: Store, frameworks: Frameworks, candidate: Candidate) -> Iterator[Bilingual]:
    """Why a candidate is not what was left, or not what a run would leave now, as far as no table need be read."""
    if faults := candidate.faults():
        yield STALE["altered"].format(fault=faults[0])
    made, here = candidate.record, code_versions() | {"frameworks": framework_versions(frameworks)}
    if others := [each for each in here if made[each] != here[each]]:
        yield STALE["made_otherwise"].format(commit=made["commit"], others=", ".join(others))
    register, receipts = Register(store), {each.number: each for each in store.landing.receipts()}
    if gone := [number for number in made["receipts"] if register.line(receipts[number]).state in GONE]:
        files = [f"{number} ({receipts[number].name})" for number in gone]
        yield STALE["files_gone"].format(files=_named(files))


def _changed_tables(candidate: Candidate, prepared: Prepared) -> Iterator[Bilingual]:
    """Why the stored tables don't give the candidate."""
    draft = prepared.draft
    if draft.content == candidate.content:
        return
    opened = candidate.open()
    seen = {table: opened.described(table)["dti:content"] for table in opened.tables}
    now = draft.contents
    tables = sorted(table for table in seen.keys() | now.keys() if seen.get(table) != now.get(table))
    yield STALE["tables"].format(tables=_named(tables)) if tables else STALE["beside_tables"]


def _named(names: list[str]) -> str:
    further = [f"+{len(names) - NAMED}"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *further])


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
