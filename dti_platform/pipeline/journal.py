"""The journal: what a run leaves in the ledger besides receipts, withdrawals and the release itself.

Here: at most one entry a run of each kind; entries equal to the previous entry of their kind are not written:

- ``reading``: files read for the first time, or read otherwise than before: accepted, in part, refused, and counts;
- ``checks``: how many checks passed, and every one that did not;
- ``waivers``: what is in force;
- ``derived``: the hashes of the tables, cached answers and answers to senders that are new;
- ``run``: how the run ended.

A run that succeeded and added nothing ends without an entry, unless the one before failed: so the last ``run`` entry
says how things stand, and a run that fails always leaves one. Not here: how the ledger keeps them (``storage``).
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
#: Who wrote an entry, which makes it no other than the one before.
_WHO = ("run", "by")
_OUTCOME = ("status", "reason", "cells", "accepted", "quarantined")


#: Why a run failed that was killed.
GONE = "its process is gone: it was killed, or the machine was restarted"


class Journal:
    """What one run saw, written down when it ends."""

    def __init__(self, store: Store) -> None:
        self._ledger, self._derived = store.ledger, store.derived
        self._files: dict[tuple[str, ...], dict[str, object]] = {}
        self._results: dict[str, list[CheckResult]] = {}

    def read(self, submissions: pl.DataFrame) -> None:
        """Files were read."""
        for row in submissions.iter_rows(named=True):
            fields = {**row, "name": row["file_name"], "sha256": row["file"]}
            file = {name: fields[name] for name in (*_IDENTITY, *_OUTCOME)}
            self._files[tuple(file[name] for name in _IDENTITY)] = file

    def judged(self, results: Iterable[CheckResult]) -> None:
        """Checks were asked; the last answers about a table count."""
        by_table: dict[str, list[CheckResult]] = {}
        for each in results:
            by_table.setdefault(each.table, []).append(each)
        self._results |= by_table

    def write(self, run_id: str) -> None:
        """Writes down what was read, checked, waived and made, as far as it is new."""
        known = {
            tuple(file[name] for name in _IDENTITY): file
            for entry in self._ledger.entries("reading")
            for file in entry.body["files"]
        }
        new = [file for identity, file in sorted(self._files.items()) if known.get(identity) != file]
        if new:
            self._ledger.append("reading", {"run": run_id, "files": new})
        results = [each for _, answers in sorted(self._results.items()) for each in answers]
        if results:
            self._append_new("checks", run_id, checks_in_short(results), {})
            self._append_new("waivers", run_id, _waivers(results), {"in_force": []})
        self._derived.record(run_id)
        self._files, self._results = {}, {}

    def ended(self, run_id: str, release: str | None, failure: str | None = None) -> None:
        """Writes down how the run ended, unless it added nothing and nothing went wrong.

        Args:
            run_id: the run.
            release: the release that stands now.
            failure: what went wrong; the first thing that did is kept.
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
        """Writes down that a run was killed, unless it had written how it ended; arguments are those of ``ended``."""
        if all(entry.body["run"] != run_id for entry in self._ledger.entries("run")):
            self.ended(run_id, release, failure)

    def _append_new(self, kind: str, run_id: str, facts: Mapping[str, object], before: Mapping[str, object]) -> None:
        """Appends facts that differ from the last entry of their kind; ``before`` the first, they were these."""
        entries = self._ledger.entries(kind)
        last = {name: fact for name, fact in entries[-1].body.items() if name not in _WHO} if entries else before
        if last != facts:
            self._ledger.append(kind, {"run": run_id, "by": account(), **facts})


def checks_in_short(results: Sequence[CheckResult]) -> dict[str, object]:
    """Counts by outcome, and each check that did not pass."""
    return {
        "outcomes": dict(Counter(each.outcome for each in results)),
        "not_passed": [
            {
                "table": each.table,
                "name": each.name,
                "severity": each.severity,
                "outcome": each.outcome,
                "failing": each.failing,
                "detail": plain(each.detail),
                "waiver": str(each.waiver) if each.waiver else None,
            }
            for each in results
            if each.outcome != "passed"
        ],
    }


def _waivers(results: list[CheckResult]) -> dict[str, object]:
    return {"in_force": sorted({str(each.waiver) for each in results if each.waiver})}


def plain(text: str | None) -> str | None:
    """A text that canonical JSON takes, and no longer than a person reads."""
    return text and text.encode("utf-8", "backslashreplace").decode()[:2000]
