"""The journal: the entries of a run in the ledger besides receipts, withdrawals and the release itself.

Here: at most one entry of each kind per run; an entry equal to the previous entry of its kind is not written:

- ``reading``: files read for the first time or with another result than before: status, reason, and counts of cells;
- ``checks``: how many checks passed, and every check that did not;
- ``waivers``: the waivers in force;
- ``derived``: the hashes of new tables, cached answers and answers to senders;
- ``run``: how the run ended.

A run that succeeded and added nothing writes no entry, unless the previous run failed. So the last ``run`` entry gives
the current state, and a run that fails always writes one. Not here: how the ledger stores entries (``storage``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.storage import account

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.quality import CheckResult
    from dti_platform.storage import Store

_IDENTITY = ("feed", "period", "name", "sha256")
#: The fields for who wrote an entry, which are ignored when entries are compared.
_WHO = ("run", "by")
_OUTCOME = ("status", "reason", "cells", "accepted", "quarantined")


#: The failure of a killed run.
GONE = "its process is gone: it was killed, or the machine was restarted"


class Journal:
    """Collects what one run read and judged, and writes it when the run ends."""

    def __init__(self, store: Store) -> None:
        self._ledger, self._derived = store.ledger, store.derived
        self._files: dict[tuple[str, ...], dict[str, object]] = {}
        self._results: dict[str, list[CheckResult]] = {}

    def read(self, submissions: pl.DataFrame) -> None:
        """Note the files that were read."""
        for row in submissions.iter_rows(named=True):
            fields = {**row, "name": row["file_name"], "sha256": row["file"]}
            file = {name: fields[name] for name in (*_IDENTITY, *_OUTCOME)}
            self._files[tuple(file[name] for name in _IDENTITY)] = file

    def judged(self, results: Iterable[CheckResult]) -> None:
        """Note the results of checks; later results about a table replace earlier ones."""
        by_table: dict[str, list[CheckResult]] = {}
        for result in results:
            by_table.setdefault(result.table, []).append(result)
        self._results |= by_table

    def write(self, run_id: str) -> None:
        """Write what was read, checked, waived and derived, as far as it is new."""
        recorded = {
            tuple(file[name] for name in _IDENTITY): file
            for entry in self._ledger.entries("reading")
            for file in entry.body["files"]
        }
        new = [file for identity, file in sorted(self._files.items()) if recorded.get(identity) != file]
        if new:
            self._ledger.append("reading", {"run": run_id, "files": new})
        results = [result for _, answers in sorted(self._results.items()) for result in answers]
        if results:
            self._append_new("checks", run_id, checks_in_short(results), {})
            self._append_new("waivers", run_id, _waivers(results), {"in_force": []})
        self._derived.record(run_id)
        self._files, self._results = {}, {}

    def ended(self, run_id: str, release: str | None, failure: str | None = None) -> None:
        """Write how the run ended, unless it succeeded and added nothing.

        Args:
            run_id: the run.
            release: the latest release.
            failure: what went wrong; the first failure of a run is kept.
        """
        self.write(run_id)
        runs = self._ledger.entries("run")
        last = runs[-1] if runs else None
        failed_before = last is not None and not last.body["success"]
        if failure and failed_before and last and last.body["run"] == run_id:
            return
        if failure or failed_before or last is None or last.head != self._ledger.head():
            body = {"run": run_id, "success": failure is None, "failure": plain(failure), "release": release}
            self._ledger.append("run", body)

    def killed(self, run_id: str, release: str | None, failure: str) -> None:
        """Write that a run was killed, unless it has written how it ended; the arguments are those of ``ended``."""
        if all(entry.body["run"] != run_id for entry in self._ledger.entries("run")):
            self.ended(run_id, release, failure)

    def _append_new(self, kind: str, run_id: str, facts: Mapping[str, object], default: Mapping[str, object]) -> None:
        """Append facts that differ from the last entry of their kind, or from ``default`` where there is none."""
        entries = self._ledger.entries(kind)
        last = {name: fact for name, fact in entries[-1].body.items() if name not in _WHO} if entries else default
        if last != facts:
            self._ledger.append(kind, {"run": run_id, "by": account(), **facts})


def checks_in_short(results: Sequence[CheckResult]) -> dict[str, object]:
    """The counts by outcome, and each check that did not pass."""
    return {
        "outcomes": dict(Counter(result.outcome for result in results)),
        "not_passed": [
            {
                "table": result.table,
                "name": result.name,
                "severity": result.severity,
                "outcome": result.outcome,
                "failing": result.failing,
                "detail": plain(result.detail),
                "waiver": str(result.waiver) if result.waiver else None,
            }
            for result in results
            if result.outcome != "passed"
        ],
    }


def _waivers(results: list[CheckResult]) -> dict[str, object]:
    return {"in_force": sorted({str(result.waiver) for result in results if result.waiver})}


def plain(text: str | None) -> str | None:
    """The text as canonical JSON can encode it, cut at 2,000 characters."""
    return text and text.encode("utf-8", "backslashreplace").decode()[:2000]
