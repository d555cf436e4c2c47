"""Publishing: the stored tables of all years become a release together, or not at all.

Here: the order of a publication, the contents of ``datapackage.json``, and the ledger's record of a release. Not here:
the tables themselves (``flow``), judging them (``gate``), writing them (``storage``), and a release that waits for a
person (``candidate``).
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

#: The descriptor of every release, as Data Package v2. The facts are public; their arrangement is Apache-2.0.
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
    """The latest release after a publication, and whether this run made it."""

    release: Release
    is_new: bool
    rows: Mapping[str, int]
    results: tuple[CheckResult, ...]


@dataclass(frozen=True)
class Prepared:
    """The tables of a release before it is published, each re-verified from its files, and the results of the gate.

    Attributes:
        announced: number, type and reason.
        before: the previous release.
        draft: the release as it would be written.
        rows: rows by table.
        results: the results of the gate; none of them blocks.
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
    """Gives the years whose tables are unchanged, and so met their contracts (``standing_years``)."""

    def publish(
        self, run_id: str, kind: str = "scheduled", reason: str | None = None, on_behalf: str | None = None
    ) -> Publication:
        """Re-verify every published table from its files, then publish all of them, or none.

        Args:
            run_id: who publishes.
            kind: scheduled, revision (better data) or correction (a mistake).
            reason: why; must be given for a revision or a correction.
            on_behalf: who decided, if not the account of the process.

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
        previous = self.store.releases.back(announced.number - 1)
        yearly = partial(stored_years, self.store)
        described, rows = descriptions(), Counter[str]()
        answers: dict[str, list[CheckResult]] = {}
        encoded: list[TableFile] = []
        for table, half, parts in yearly_tables(yearly, self.standing()):
            encoded.append(TableFile(half, parts, TableDescription(**described[half])))
            rows[table] += encoded[-1].rows
        for table, frame in made_by_release(yearly, previous, announced, self.known()):
            answers[table], rows[table] = self.gate.check(table, frame), frame.height
            encoded += encode(publications.apart({table: frame}), described)
        contracts_met.note(self.store.cache)
        results = tuple(self.gate.judge_release(answers))
        return Prepared(announced, before, Draft(encoded, properties(waived(results))), rows, results)

    def publish_prepared(
        self, prepared: Prepared, run_id: str, record: Mapping[str, object], on_behalf: str | None = None
    ) -> Publication:
        """Publish what was prepared, unless another release was published since; remove the standing candidate.

        Raises:
            HeadMoved: another release was published since.
        """
        self.journal.write(run_id)
        announced = prepared.announced
        published = self.store.releases.publish_draft(
            prepared.draft,
            kind=announced.kind,
            reason=announced.reason,
            record=record,
            holder=run_id,
            after=announced.number - 1,
            on_behalf=on_behalf,
        )
        release = published or prepared.before
        if release is None:  # pragma: no cover - publish made one or found one
            raise RuntimeError("a publication left no release")
        self.store.candidates.clear()
        self.journal.ended(run_id, release.name)
        return Publication(release, published is not None, prepared.rows, prepared.results)

    def corrected(self) -> list[str]:
        """Why the next release, then a correction, removes published figures of the last one."""
        return self.gate.corrected()

    def record(self, run_id: str, waived: Sequence[str]) -> dict[str, object]:
        """The ledger's record of what a release is made from: inputs, frameworks, code and lock by hash."""
        receipts = self._receipts()
        return {
            "run": run_id,
            "years": self.store.tables.years("observations"),
            "receipts": [receipt.number for receipt in receipts],
            "inputs": {"/".join(receipt.place): receipt.sha256 for receipt in receipts},
            "waivers": list(waived),
            **made_with(self.known().frameworks),
        }

    def _receipts(self) -> list[Receipt]:
        """The receipts that the stored tables were read from; a year that was not run may have older ones."""
        files = stored(self.store, "submissions").select("feed", "period", "file_name", "file").rows()
        receipts = self.store.landing.receipts()
        read = [receipt for receipt in receipts if not (receipt.refusal or receipt.waiting or receipt.repeats)]
        standing = sorted(self.store.landing.standing(), key=lambda receipt: receipt.number)
        newest = {
            (receipt.feed, receipt.period, receipt.name, receipt.sha256): receipt for receipt in [*read, *standing]
        }
        return sorted((newest[file] for file in files), key=lambda receipt: receipt.number)


def waived(results: Iterable[CheckResult]) -> list[str]:
    """The waivers in force among these results."""
    return sorted({str(result.waiver) for result in results if result.waiver})


def descriptions() -> dict[str, DescriptionFields]:
    """The description of each table of a release for readers, from its model."""
    described = {name: publications.describe(module) for name, module in publications.released().items()}
    return publications.described_apart(described)


def properties(waived: Sequence[str]) -> Mapping[str, object]:
    """The properties of the whole release in ``datapackage.json``, with the waivers in force."""
    declared_feeds = [module.FEED for module in feeds.discover().values()]
    sources = [{"title": f"{feed.title_en} ({feed.publisher})"} for feed in declared_feeds]
    return PACKAGE | {"sources": sources} | ({"waivers": list(waived)} if waived else {})
