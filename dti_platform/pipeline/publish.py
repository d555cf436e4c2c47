"""Publishing: the stored tables of all years become a release, or nothing does.

Here: the order of a publication, what ``datapackage.json`` states of it, and what the ledger records of its making.
Not here: the tables themselves (``flow``), judging them (``gate``), writing them (``storage``), and a release that
waits for a person (``candidate``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dti_platform import feeds, publications
from dti_platform.pipeline import contracts_met
from dti_platform.pipeline.flow import made_by_release, stored, stored_years, unverified, yearly_tables
from dti_platform.pipeline.versions import made_with
from dti_platform.publications import Announced
from dti_platform.storage import Refused
from dti_platform.storage.package import Draft, TableDescription, TableFile, encode

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.pipeline.gate import Gate
    from dti_platform.pipeline.journal import Journal
    from dti_platform.quality import CheckResult
    from dti_platform.storage import Receipt, Release, Store
    from dti_platform.storage.package import DescriptionFields

#: The package of every release, as Data Package v2 words it. The facts are public; the arrangement is Apache-2.0.
PACKAGE = {
    "title": "Chỉ số chuyển đổi số (DTI) · Vietnam's Digital Transformation Index",
    "description": "Số liệu đã công bố kèm nguồn, số liệu tính lại từ các thành phần đã công bố và số liệu tính từ báo "
    "cáo của các đơn vị. Các bảng trong thư mục illustrative/ dựa trên dữ liệu giả lập hoặc danh mục chỉ số minh họa, "
    "không phải số liệu chính thức. · Published figures with their sources, figures recomputed from printed "
    "parts, and figures made from submissions. The tables in illustrative/ rest on synthetic input or a made-up "
    "list of indicators and are no official figures.",
    "licenses": [{"name": "Apache-2.0", "path": "https://www.apache.org/licenses/LICENSE-2.0"}],
}


@dataclass(frozen=True)
class Publication:
    """The release that stands after a publication, and whether this run made it."""

    release: Release
    is_new: bool
    rows: Mapping[str, int]
    results: tuple[CheckResult, ...]


@dataclass(frozen=True)
class Prepared:
    """The tables of a release in the making, each re-verified from its files, and what the gate answered of them.

    Attributes:
        announced: number, type and reason.
        before: the release that it follows.
        draft: it, as it would be written.
        rows: rows by table.
        results: the answers; none of them blocks.
    """

    announced: Announced
    before: Release | None
    draft: Draft
    rows: Mapping[str, int]
    results: tuple[CheckResult, ...]

    @property
    def waived(self) -> list[str]:
        """The waivers in force, which are printed in the release."""
        return waived(self.results)


@dataclass(frozen=True)
class Publisher:
    """The only way from stored tables to what readers get."""

    store: Store
    known: Callable[[], Known]
    gate: Gate
    journal: Journal
    standing: Callable[[], Collection[int]] = tuple
    """Gives the years whose tables stand as they were made, and so met their contracts (``standing_years``)."""

    def publish(
        self, run_id: str, kind: str = "scheduled", reason: str | None = None, on_behalf: str | None = None
    ) -> Publication:
        """Re-verify every published table from its files, then publish all of them, or nothing.

        Args:
            run_id: who publishes.
            kind: scheduled, revision (better data) or correction (a mistake).
            reason: why; must be given for a revision or a correction.
            on_behalf: who decided, where that is somebody else than the account of the process.

        Raises:
            PublicationStopped: a critical check failed or could not run.
            quality.ContractBroken: a table breaks its contract.
            Refused: a table of a year is missing, or is not as the ledger records it.
        """
        prepared = self.prepare(kind, reason)
        return self.publish_prepared(prepared, run_id, self.record(run_id, prepared.waived), on_behalf)

    def prepare(self, kind: str = "scheduled", reason: str | None = None) -> Prepared:
        """The tables of the next release, judged.

        Raises:
            PublicationStopped: a critical check failed or could not run.
            quality.ContractBroken: a table breaks its contract.
            Refused: a table of a year is missing, or is not as the ledger records it.
        """
        if years := unverified(self.store):
            raise Refused(f"tables of {', '.join(map(str, years))} are not as recorded; `dti run` makes them again")
        before = self.store.releases.latest()
        announced = Announced(before.number + 1 if before else 1, kind, reason)
        earlier = self.store.releases.back(announced.number - 1)
        yearly = partial(stored_years, self.store)
        described, rows = descriptions(), Counter[str]()
        answers: dict[str, list[CheckResult]] = {}
        encoded: list[TableFile] = []
        for table, half, parts in yearly_tables(yearly, self.standing()):
            encoded.append(TableFile(half, parts, TableDescription(**described[half])))
            rows[table] += encoded[-1].rows
        for table, frame in made_by_release(yearly, earlier, announced, self.known()):
            answers[table], rows[table] = self.gate.check(table, frame), frame.height
            encoded += encode(publications.apart({table: frame}), described)
        contracts_met.note(self.store.cache)
        results = tuple(self.gate.judge_release(answers))
        return Prepared(announced, before, Draft(encoded, properties(waived(results))), rows, results)

    def publish_prepared(
        self, prepared: Prepared, run_id: str, record: Mapping[str, object], on_behalf: str | None = None
    ) -> Publication:
        """Publish what was prepared, unless a release came in between; the candidate that stood is done with.

        Raises:
            HeadMoved: a release came in between.
        """
        self.journal.write(run_id)
        announced = prepared.announced
        made = self.store.releases.publish_draft(
            prepared.draft,
            kind=announced.kind,
            reason=announced.reason,
            record=record,
            holder=run_id,
            after=announced.number - 1,
            on_behalf=on_behalf,
        )
        release = made or prepared.before
        if release is None:  # pragma: no cover - publish made one or found one
            raise RuntimeError("a publication left no release")
        self.store.candidates.clear()
        self.journal.ended(run_id, release.name)
        return Publication(release, made is not None, prepared.rows, prepared.results)

    def corrected(self) -> list[str]:
        """Why published figures of the last release go with the next one, which is a correction then."""
        return self.gate.corrected()

    def record(self, run_id: str, waived: Sequence[str]) -> dict[str, object]:
        """What a release is made from, for the ledger: inputs, frameworks, code and lock by hash."""
        receipts = self._receipts()
        return {
            "run": run_id,
            "years": self.store.tables.years("observations"),
            "receipts": [each.number for each in receipts],
            "inputs": {"/".join(each.place): each.sha256 for each in receipts},
            "waivers": list(waived),
            **made_with(self.known().frameworks),
        }

    def _receipts(self) -> list[Receipt]:
        """The receipts that the stored tables were read from: a year that was not run may stand on older ones."""
        files = stored(self.store, "submissions").select("feed", "period", "file_name", "file").rows()
        came = [each for each in self.store.landing.receipts() if not (each.refusal or each.waiting or each.repeats)]
        standing = sorted(self.store.landing.standing(), key=lambda each: each.number)
        newest = {(each.feed, each.period, each.name, each.sha256): each for each in [*came, *standing]}
        return sorted((newest[each] for each in files), key=lambda each: each.number)


def waived(results: Iterable[CheckResult]) -> list[str]:
    """The waivers in force under which checks passed."""
    return sorted({str(each.waiver) for each in results if each.waiver})


def descriptions() -> dict[str, DescriptionFields]:
    """The description of each table of a release for readers, from its model."""
    described = {name: publications.describe(module) for name, module in publications.released().items()}
    return publications.described_apart(described)


def properties(waived: Sequence[str]) -> Mapping[str, object]:
    """What ``datapackage.json`` states of the release as a whole; waivers in force are printed in it."""
    declared = [module.FEED for module in feeds.discover().values()]
    sources = [{"title": f"{each.title_en} ({each.publisher})"} for each in declared]
    return PACKAGE | {"sources": sources} | ({"waivers": list(waived)} if waived else {})
