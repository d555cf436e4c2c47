"""How robust the rankings of a release are: an audit made from its tables, stored beside it, and renewed on changes.

Here: which rankings are audited, from which figures, and the files of an audit. Not here: the audit itself (``audit``),
folders (``storage.sites``). No release depends on it: a ranking that can't be audited gives a reason, and the other
rankings are audited.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import polars as pl

from dti_platform import methodology, publications, quality, tables
from dti_platform.audit import draws, results, sensitivity
from dti_platform.audit.own_index import OwnIndex, own_index
from dti_platform.audit.results import RANKING, Ranking
from dti_platform.audit.robustness import Drawing, counted
from dti_platform.audit.tree import AuditError
from dti_platform.methodology.scoring import SUBMITTED
from dti_platform.pipeline.versions import GROUND, source_version
from dti_platform.publications.halves import ILLUSTRATIVE, WARNING, apart, halves_of
from dti_platform.storage.tables import encode

if TYPE_CHECKING:
    from pathlib import Path

    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.storage import Store

#: The summary as text, and the folder of the tables of draws.
SUMMARY, DRAWS = "robustness.txt", "draws"
#: The columns of scores that an audit needs.
_USED = (*RANKING, "parent", "node", "unit", "points", "rank", "rank_best", "rank_worst", "rank_status", "evidence")
#: Statuses of a computed ranking that has ranks.
RANKED = ("complete", "provisional")
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Effort:
    """How many draws an audit takes.

    Attributes:
        draws: of a ranking on official figures; its intervals are published, and 100,000 draws make their ends certain.
        sample: N of the variance-based design of such a ranking; 0: none.
        illustrative_draws: of a ranking on made-up figures, on which nobody may rely.
        illustrative_sample: N of the design of such a ranking; 0: none.
    """

    draws: int = 100_000
    sample: int = 4_096
    illustrative_draws: int = 2_000
    illustrative_sample: int = 0

    def of_evidence(self, evidence: str) -> tuple[int, int]:
        """Draws and sample of a ranking."""
        made_up = evidence == ILLUSTRATIVE
        return (self.illustrative_draws, self.illustrative_sample) if made_up else (self.draws, self.sample)


class Audit(NamedTuple):
    """The audit of a release, whether it was made now, and its result for each ranking."""

    release: str
    path: Path
    is_new: bool
    rankings: pl.DataFrame


def version(effort: Effort) -> str:
    """The version of all that an audit depends on besides the release: code, choices, and numbers of draws."""
    return f"{source_version('audit', 'methodology', *GROUND)}-{'-'.join(map(str, asdict(effort).values()))}"


def make(store: Store, effort: Effort | None = None, release: str | None = None) -> Audit:
    """The audit of a release (default: the newest), in its folder below ``published/audits``.

    A ranking with the same figures and code as in the newest previous audit is carried over from it.

    Raises:
        Missing: there is no such release.
        CorruptRelease: its bytes are not those that were published.
        quality.ContractBroken: a table breaks its contract.
    """
    effort = effort or Effort()
    name = store.releases.find(release or store.releases.open().name).name
    existing = store.audits.find(name, version(effort))
    path = existing or store.audits.put(name, version(effort), contents(store, name, effort))
    return Audit(name, path, existing is None, audited(store, name))


def read(store: Store, release: str, table: str) -> pl.DataFrame:
    """A table of an audit, the rows on official figures first; no rows where it does not exist."""
    files = [store.audits.verified(release, f"{half}.parquet") for half in halves_of(table)]
    frames = [pl.read_parquet(io.BytesIO(content)) for content in files if content is not None]
    schema = tables.polars_schema(results.TABLES[table])
    return pl.concat([tables.empty(results.TABLES[table]), *(frame for frame in frames if frame.schema == schema)])


def audited(store: Store, release: str) -> pl.DataFrame:
    """The rankings of an audit, with the widths of their intervals."""
    return results.with_widths(*(read(store, release, table) for table in ("audited_rankings", "rank_robustness")))


def contents(store: Store, release: str, effort: Effort) -> Iterator[tuple[str, bytes]]:
    """The files of an audit, by path."""
    inputs = {item.ranking: item for item in rankings(store, release)}
    previous_audits = store.audits.names()[-1:]
    previous = {name: read(store, release_name, name) for release_name in previous_audits for name in results.TABLES}
    frames: dict[str, list[pl.DataFrame]] = {name: [tables.empty(model)] for name, model in results.TABLES.items()}
    drawings: dict[str, tuple[OwnIndex, int]] = {}
    for ranking, item in inputs.items():
        for name, frame in item.audited(effort, previous).items():
            frames[name].append(frame)
        if item.index is not None:
            number, _ = effort.of_evidence(ranking.evidence)
            drawings.setdefault(item.draws_file(number), (item.index, number))
    for name, model in results.TABLES.items():
        frame = quality.contract(name, model, pl.concat(frames[name]))
        for half, rows in apart({name: frame}).items():
            yield f"{half}.parquet", encode(rows)
            if name == "audited_rankings":
                with_widths = results.with_widths(rows, pl.concat(frames["rank_robustness"]))
                yield half.replace(name, SUMMARY), summary(with_widths, illustrative=half != name).encode()
    for path, (index, number) in drawings.items():
        copies = (store.audits.verified(audit, path) for audit in previous_audits)
        copy = next(filter(None, copies), None)
        yield path, copy or encode(pl.DataFrame(draws.table(index.uncertainty, index.tree, number)))


def summary(rows: pl.DataFrame, *, illustrative: bool) -> str:
    """The headline of each ranking; for made-up figures, after a first line with a warning."""
    headlines = [results.headline(row) for row in rows.iter_rows(named=True)]
    lines = [line for headline in headlines for line in (headline.vi, headline.en)] or [
        results.WORDS["none"].vi,
        results.WORDS["none"].en,
    ]
    return "\n".join([*([WARNING] if illustrative else []), *lines]) + "\n"


def rows_of(ranking: Ranking) -> pl.Expr:
    """The rows of a ranking."""
    parts = zip(RANKING, ranking.key, strict=True)
    return pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in parts)


@dataclass(frozen=True)
class AuditInput:
    """A computed ranking with the figures that it is audited from.

    Attributes:
        ranking: its identity.
        index: the index as input of the audit; None: it can't be audited.
        why: why it can't be audited.
        standing: unit, rank, and the best and worst rank that the figures allow.
    """

    ranking: Ranking
    index: OwnIndex | None
    why: str
    standing: pl.DataFrame

    def draws_file(self, number: int) -> str:
        """The file of its draws; rankings of the same tree, uncertainty and number of draws share it."""
        index = cast("OwnIndex", self.index)
        content = f"{number} {source_version('audit')} {index.uncertainty} {[*index.tree.elements.items()]}"
        folder = f"{ILLUSTRATIVE}/{DRAWS}" if self.ranking.evidence == ILLUSTRATIVE else DRAWS
        return f"{folder}/{self.ranking.key[1]}-{hashlib.sha256(content.encode()).hexdigest()[:12]}.parquet"

    def made_from(self, effort: Effort) -> str:
        """The hash of all that its audit depends on."""
        content = f"{version(effort)} {self.ranking} {self.standing.rows()} {self.why}"
        if self.index is not None:
            index = self.index
            content += f"{index.tree} {index.data.units} {index.data.values.tobytes()} {index.spec} {index.uncertainty}"
        return hashlib.sha256(content.encode()).hexdigest()

    def audited(self, effort: Effort, before: Frames) -> Frames:
        """The tables of its audit; those of a previous audit where they were made from the same."""
        made_from = self.made_from(effort)
        if before and made_from in before["audited_rankings"]["made_from"]:
            return {name: frame.filter(rows_of(self.ranking)) for name, frame in before.items()}
        try:
            return self._audit(effort, made_from)
        except AuditError as error:
            return results.refused(self.ranking, made_from, str(error))

    def _audit(self, effort: Effort, made_from: str) -> Frames:
        if self.index is None:
            raise AuditError(self.why)
        index, (number, sample) = self.index, effort.of_evidence(self.ranking.evidence)
        drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
        counts = counted(drawing, number)
        released = dict(self.standing.select("unit", "rank").iter_rows())
        ours = dict(zip(counts.units, counts.nominal.tolist(), strict=True))
        if differing := [unit for unit, rank in ours.items() if rank == rank and rank != released[unit]]:  # noqa: PLR0124 - not NaN
            unit = differing[0]
            raise AuditError(f"made again from its parts, {unit} has rank {ours[unit]:g}, not {released[unit]}")
        indices = sensitivity.of_index(drawing, index.uncertainty, sample) if sample else []
        bounds = {unit: (best, worst) for unit, _, best, worst in self.standing.iter_rows()}
        return results.rows(self.ranking, made_from, index.uncertainty.seed, counts, bounds, indices, sample)


@dataclass(frozen=True)
class Replay:
    """One draw of a ranking, computed again.

    Attributes:
        drawn: its number, the value of each choice, and the factor of each weight, from the saved table.
        ranks: rank by unit, the first rank first; units without a score have no rank.
    """

    drawn: Mapping[str, object]
    ranks: Mapping[str, int]


def replay(store: Store, release: str, key: Sequence[str | None], number: int) -> Replay:
    """Compute a draw of a ranking again, from the table of draws saved with its audit.

    Raises:
        AuditError: the ranking was not audited, or has no such draw.
    """
    matched = next((item for item in rankings(store, release) if item.ranking.key == tuple(key)), None)
    if matched is None or matched.index is None:
        raise AuditError(matched.why if matched else f"{release} has no ranking {' '.join(filter(None, key))} to audit")
    count = sum(read(store, release, "audited_rankings").filter(rows_of(matched.ranking))["draws"])
    if number >= count > 0:
        raise AuditError(results.WORDS["no_draw"].format(number=number, last=count - 1).both)
    path = matched.draws_file(count)
    content = store.audits.verified(release, path)
    if content is None:
        raise AuditError(results.WORDS["other_code"].format(release=release).both)
    row, index = pl.read_parquet(io.BytesIO(content)).row(number, named=True), matched.index
    drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
    ranks = drawing.placed(drawing.taken(row, path))[0].tolist()
    ranked = sorted((rank, unit) for unit, rank in zip(drawing.units, ranks, strict=True) if rank)
    return Replay(row, {unit: rank for rank, unit in ranked})


def rankings(store: Store, release: str) -> Iterator[AuditInput]:
    """The computed rankings of a release that have ranks; published totals have no parts that could be drawn."""
    scores = publications.scanned(store.releases.open(release), "index_scores").select(_USED).collect()
    known = methodology.load()
    ours = scores.filter(
        pl.col("basis").is_in(["recomputed", *SUBMITTED]),
        pl.col("parent").is_null(),
        pl.col("rank_status").is_in(RANKED),
    )
    for key in ours.select(RANKING).unique().sort(RANKING, nulls_last=False).iter_rows():
        yield audit_input(key, scores, known)


def audit_input(key: Sequence[str | None], scores: pl.DataFrame, known: Frameworks) -> AuditInput:
    """A ranking with the figures of its release."""
    period, version, geography, group, basis = key
    base = known.of_version(str(version), str(period), str(geography))
    keys = {"period": period, "framework": version, "geography": geography, "peer_group": group}
    of_ranking = scores.filter(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in keys.items())
    total = of_ranking.filter(pl.col("parent").is_null(), pl.col("basis") == basis).sort("unit")
    parts = of_ranking.filter(pl.col("basis") == ("published" if basis == "recomputed" else basis))
    evidence = ILLUSTRATIVE if (pl.concat([total, parts])["evidence"] == ILLUSTRATIVE).any() else "official"
    standing = total.select("unit", "rank", "rank_best", "rank_worst")
    ranking = Ranking(tuple(key), evidence)
    if base is None:
        return AuditInput(ranking, None, f"no framework {version} is in force", standing)
    framework = applied(base, group, known, overlaid=basis in SUBMITTED)
    points: dict[str, dict[str, float]] = {}
    for node, unit, value in parts.select("node", "unit", "points").drop_nulls().iter_rows():
        points.setdefault(node, {})[unit] = value
    try:
        return AuditInput(ranking, own_index(framework, total["unit"].to_list(), points), "", standing)
    except AuditError as error:
        return AuditInput(ranking, None, str(error), standing)


def applied(base: Framework, group: str | None, known: Frameworks, *, overlaid: bool) -> Framework:
    """The framework of a ranking."""
    return (known.overlaid(base) if overlaid else base).of_group(group)
