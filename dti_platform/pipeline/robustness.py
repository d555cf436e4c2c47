"""How robust the rankings of a release are: made from its tables, put beside it, and made again where they changed.

Here: which rankings are audited, from which figures, and what the files are. Not here: the audit (``audit``), folders
(``storage.sites``). Nothing of a release rests on it: a ranking that can't be audited says why, and the rest goes on.
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

#: The text that says it all, and the folder of the tables of draws.
SUMMARY, DRAWS = "robustness.txt", "draws"
#: What an audit takes of the scores.
_USED = (*RANKING, "parent", "node", "unit", "points", "rank", "rank_best", "rank_worst", "rank_status", "evidence")
#: Statuses of a ranking of ours that has ranks.
RANKED = ("complete", "provisional")
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Effort:
    """How many draws an audit takes.

    Attributes:
        draws: of a ranking that rests on official figures: those are published, and 100,000 make their ends certain.
        sample: N of the variance-based design of such a ranking; 0: none.
        illustrative_draws: of a ranking that rests on made-up figures, on which nobody may rely.
        illustrative_sample: N of its design; 0: none.
    """

    draws: int = 100_000
    sample: int = 4_096
    illustrative_draws: int = 2_000
    illustrative_sample: int = 0

    def of(self, evidence: str) -> tuple[int, int]:
        """Draws and sample of a ranking."""
        made_up = evidence == ILLUSTRATIVE
        return (self.illustrative_draws, self.illustrative_sample) if made_up else (self.draws, self.sample)


class Audit(NamedTuple):
    """The audit of a release, whether it was made now, and what it says of each ranking."""

    release: str
    path: Path
    is_new: bool
    rankings: pl.DataFrame


def version(effort: Effort) -> str:
    """What an audit depends on beside the release: code and choices that make it, and how many draws."""
    return f"{source_version('audit', 'methodology', *GROUND)}-{'-'.join(map(str, asdict(effort).values()))}"


def make(store: Store, effort: Effort | None = None, release: str | None = None) -> Audit:
    """The audit of a release (default: the newest), in its place below ``published/audits``.

    A ranking whose figures are those of the newest audit before, made by the same code, is carried over from it.

    Raises:
        Missing: there is no such release.
        CorruptRelease: its bytes are not those that were published.
        quality.ContractBroken: a table breaks its contract.
    """
    effort = effort or Effort()
    name = store.releases.find(release or store.releases.open().name).name
    there = store.audits.find(name, version(effort))
    path = there or store.audits.put(name, version(effort), contents(store, name, effort))
    return Audit(name, path, there is None, audited(store, name))


def read(store: Store, release: str, table: str) -> pl.DataFrame:
    """A table of an audit, the rows on official figures first; no rows where there is none."""
    kept = [store.audits.verified(release, f"{half}.parquet") for half in halves_of(table)]
    frames = [pl.read_parquet(io.BytesIO(content)) for content in kept if content is not None]
    schema = tables.polars_schema(results.TABLES[table])
    return pl.concat([tables.empty(results.TABLES[table]), *(each for each in frames if each.schema == schema)])


def audited(store: Store, release: str) -> pl.DataFrame:
    """The rankings of an audit, with how wide their intervals are."""
    return results.with_widths(*(read(store, release, table) for table in ("audited_rankings", "rank_robustness")))


def contents(store: Store, release: str, effort: Effort) -> Iterator[tuple[str, bytes]]:
    """The files of an audit, by path."""
    found = {each.ranking: each for each in rankings(store, release)}
    kept = store.audits.names()[-1:]
    before = {name: read(store, newest, name) for newest in kept for name in results.TABLES}
    made: dict[str, list[pl.DataFrame]] = {name: [tables.empty(model)] for name, model in results.TABLES.items()}
    drawn: dict[str, tuple[OwnIndex, int]] = {}
    for ranking, given in found.items():
        for name, frame in given.audited(effort, before).items():
            made[name].append(frame)
        if given.index is not None:
            number, _ = effort.of(ranking.evidence)
            drawn.setdefault(given.draws_file(number), (given.index, number))
    for name, model in results.TABLES.items():
        frame = quality.contract(name, model, pl.concat(made[name]))
        for half, rows in apart({name: frame}).items():
            yield f"{half}.parquet", encode(rows)
            if name == "audited_rankings":
                told = results.with_widths(rows, pl.concat(made["rank_robustness"]))
                yield half.replace(name, SUMMARY), summary(told, illustrative=half != name).encode()
    for path, (index, number) in drawn.items():
        same = next((content for newest in kept if (content := store.audits.verified(newest, path))), None)
        yield path, same or encode(pl.DataFrame(draws.table(index.uncertainty, index.tree, number)))


def summary(rows: pl.DataFrame, *, illustrative: bool) -> str:
    """What is said of each ranking; of made-up figures, that they are so in the first line."""
    told = [results.headline(row) for row in rows.iter_rows(named=True)]
    lines = [line for each in told for line in (each.vi, each.en)] or [
        results.WORDS["none"].vi,
        results.WORDS["none"].en,
    ]
    return "\n".join([*([WARNING] if illustrative else []), *lines]) + "\n"


def of(ranking: Ranking) -> pl.Expr:
    """The rows of a ranking."""
    parts = zip(RANKING, ranking.key, strict=True)
    return pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in parts)


@dataclass(frozen=True)
class Given:
    """A ranking of ours with the figures that it is audited from.

    Attributes:
        ranking: which one.
        index: as the audit takes it; None where it can't.
        why: it can't be audited.
        standing: unit, rank, and the best and worst rank that the figures allow.
    """

    ranking: Ranking
    index: OwnIndex | None
    why: str
    standing: pl.DataFrame

    def draws_file(self, number: int) -> str:
        """Where its draws are kept: rankings of one tree, of which the same is drawn as often, share them."""
        index = cast("OwnIndex", self.index)
        told = f"{number} {source_version('audit')} {index.uncertainty} {[*index.tree.elements.items()]}"
        part = f"{ILLUSTRATIVE}/{DRAWS}" if self.ranking.evidence == ILLUSTRATIVE else DRAWS
        return f"{part}/{self.ranking.key[1]}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.parquet"

    def made_from(self, effort: Effort) -> str:
        """The hash of all on which its audit rests."""
        told = f"{version(effort)} {self.ranking} {self.standing.rows()} {self.why}"
        if self.index is not None:
            index = self.index
            told += f"{index.tree} {index.data.units} {index.data.values.tobytes()} {index.spec} {index.uncertainty}"
        return hashlib.sha256(told.encode()).hexdigest()

    def audited(self, effort: Effort, before: Frames) -> Frames:
        """The tables of its audit: those of an audit before where they were made from the same."""
        made_from = self.made_from(effort)
        if before and made_from in before["audited_rankings"]["made_from"]:
            return {name: frame.filter(of(self.ranking)) for name, frame in before.items()}
        try:
            return self._made(effort, made_from)
        except AuditError as error:
            return results.refused(self.ranking, made_from, str(error))

    def _made(self, effort: Effort, made_from: str) -> Frames:
        if self.index is None:
            raise AuditError(self.why)
        index, (number, sample) = self.index, effort.of(self.ranking.evidence)
        drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
        found = counted(drawing, number)
        released = dict(self.standing.select("unit", "rank").iter_rows())
        ours = dict(zip(found.units, found.nominal.tolist(), strict=True))
        if strange := [unit for unit, rank in ours.items() if rank == rank and rank != released[unit]]:  # noqa: PLR0124 - not NaN
            unit = strange[0]
            raise AuditError(f"made again from its parts, {unit} has rank {ours[unit]:g}, not {released[unit]}")
        indices = sensitivity.of_index(drawing, index.uncertainty, sample) if sample else []
        bounds = {unit: (best, worst) for unit, _, best, worst in self.standing.iter_rows()}
        return results.rows(self.ranking, made_from, index.uncertainty.seed, found, bounds, indices, sample)


@dataclass(frozen=True)
class Replay:
    """One draw of a ranking, made again alone.

    Attributes:
        drawn: its number, the value of each choice, and the factor of each weight, as the saved table has them.
        ranks: by unit, the highest first; units without a score have none.
    """

    drawn: Mapping[str, object]
    ranks: Mapping[str, int]


def replay(store: Store, release: str, key: Sequence[str | None], number: int) -> Replay:
    """A draw of a ranking, from the table of draws that was saved with its audit.

    Raises:
        AuditError: the ranking was not audited, or has no such draw.
    """
    one = next((each for each in rankings(store, release) if each.ranking.key == tuple(key)), None)
    if one is None or one.index is None:
        raise AuditError(one.why if one else f"{release} has no ranking {' '.join(filter(None, key))} to audit")
    count = sum(read(store, release, "audited_rankings").filter(of(one.ranking))["draws"])
    if number >= count > 0:
        raise AuditError(results.WORDS["no_draw"].format(number=number, last=count - 1).both)
    path = one.draws_file(count)
    kept = store.audits.verified(release, path)
    if kept is None:
        raise AuditError(results.WORDS["other_code"].format(release=release).both)
    row, index = pl.read_parquet(io.BytesIO(kept)).row(number, named=True), one.index
    drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
    places = drawing.placed(drawing.taken(row, path))[0].tolist()
    ranked = sorted((place, unit) for unit, place in zip(drawing.units, places, strict=True) if place)
    return Replay(row, {unit: place for place, unit in ranked})


def rankings(store: Store, release: str) -> Iterator[Given]:
    """The rankings of ours in a release that give ranks: of published totals there is nothing that could be drawn."""
    scores = publications.scanned(store.releases.open(release), "index_scores").select(_USED).collect()
    known = methodology.load()
    ours = scores.filter(
        pl.col("basis").is_in(["recomputed", *SUBMITTED]),
        pl.col("parent").is_null(),
        pl.col("rank_status").is_in(RANKED),
    )
    for key in ours.select(RANKING).unique().sort(RANKING, nulls_last=False).iter_rows():
        yield given(key, scores, known)


def given(key: Sequence[str | None], scores: pl.DataFrame, known: Frameworks) -> Given:
    """A ranking with the figures of its release."""
    period, version, geography, group, basis = key
    base = known.of_version(str(version), str(period), str(geography))
    place = {"period": period, "framework": version, "geography": geography, "peer_group": group}
    here = scores.filter(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in place.items())
    total = here.filter(pl.col("parent").is_null(), pl.col("basis") == basis).sort("unit")
    parts = here.filter(pl.col("basis") == ("published" if basis == "recomputed" else basis))
    evidence = ILLUSTRATIVE if (pl.concat([total, parts])["evidence"] == ILLUSTRATIVE).any() else "official"
    standing = total.select("unit", "rank", "rank_best", "rank_worst")
    ranking = Ranking(tuple(key), evidence)
    if base is None:
        return Given(ranking, None, f"no framework {version} is in force", standing)
    framework = applied(base, group, known, overlaid=basis in SUBMITTED)
    points: dict[str, dict[str, float]] = {}
    for node, unit, value in parts.select("node", "unit", "points").drop_nulls().iter_rows():
        points.setdefault(node, {})[unit] = value
    try:
        return Given(ranking, own_index(framework, total["unit"].to_list(), points), "", standing)
    except AuditError as error:
        return Given(ranking, None, str(error), standing)


def applied(base: Framework, group: str | None, known: Frameworks, *, overlaid: bool) -> Framework:
    """The framework by which a ranking was made."""
    return (known.overlaid(base) if overlaid else base).of_group(group)
