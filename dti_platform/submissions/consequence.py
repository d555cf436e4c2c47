"""The consequence of a file, or of its withdrawal: what its units score before and after, if nothing else happens.

Here: the figures that the next run would score, before and after, by the functions that the run itself uses.
Not here: which version counts (``versions``), nor what else an answer says (``compose``). Ranks are
given only for printed figures: those computed from other units' submissions are not disclosed before publication.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import methodology
from dti_platform.language import Bilingual
from dti_platform.methodology.scoring import SUBMITTED
from dti_platform.periods import Period
from dti_platform.submissions import last_run
from dti_platform.submissions.answer import Consequence, Indicator, Sender, UnitScore
from dti_platform.submissions.owners import rows_with_one_owner
from dti_platform.submissions.versions import folded_name

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.methodology import Framework
    from dti_platform.storage import Store
    from dti_platform.submissions.versions import Version
    from dti_platform.tables import Row

#: Unit, period, framework, geography, basis and ranked group (None: all units) of a score.
Key = tuple[str, str, str, str, str, str | None]
_KEY = ("unit", "period", "framework", "geography", "basis", "peer_group")
_CONTEST = ["period", "framework", "geography", "basis"]
PUBLISHED, SELF = "published", "self"


@dataclass(frozen=True)
class Comparison:
    """The observations of a year that count before and after a file arrives or is withdrawn.

    Attributes:
        store: the tables of the last run, for the files that are not compared.
        known: units and frameworks.
        year: the year in which the period of the file ends.
        sender: the unit of the file; None where its feed has no senders.
        before: what counts before.
        after: what counts after.
        new: figures whose scores are also compared, though they may not count.
        replaced: selects the observations of the last run that ``before`` and ``after`` replace.
    """

    store: Store
    known: Known
    year: int
    sender: str | None
    before: pl.DataFrame
    after: pl.DataFrame
    new: pl.DataFrame
    replaced: pl.Expr

    def consequences(self) -> Iterator[Consequence]:
        """Each score with points before or in the file, on the sender's basis; of several units only what changes."""
        bases = (SELF,) if self.sender else (PUBLISHED, *SUBMITTED)
        compared = pl.concat([self.before, self.new]).filter(
            pl.col("framework").is_not_null(), pl.col("basis").is_in(bases)
        )
        if compared.is_empty():
            return
        others = self._others(compared)
        before, after = (_with_others(rows, others) for rows in (self.before, self.after))
        scores_before = self._scores(rows_with_one_owner(before), compared)
        unchanged = self.after is self.before
        scores_after = scores_before if unchanged else self._scores(rows_with_one_owner(after), compared)
        for key in sorted(scores_before.keys() | scores_after.keys(), key=lambda key: (*key[:-1], key[-1] or "")):
            consequence = self._consequence(key, scores_before.get(key), scores_after.get(key), after)
            if self.sender or consequence.before != consequence.after:
                yield consequence

    def _others(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What other files gave to the same scores when they were last read; for printed figures, the whole ranking."""
        if (table := last_run.observations(self.store, self.year)) is None:
            return rows.clear()
        unchanged = table.filter(~self.replaced)
        contests, units = rows.select(_CONTEST).unique(), rows["unit"].unique().to_list()
        published = pl.col("basis") == PUBLISHED
        return unchanged.join(contests, on=_CONTEST, how="semi").filter(published | pl.col("unit").is_in(units))

    def _scores(self, observations: pl.DataFrame, rows: pl.DataFrame) -> Mapping[Key, Row]:
        """The scores that the next run computes at the root of each framework, for the keys in ``rows``."""
        if observations.is_empty():
            return {}
        from dti_platform.publications.figures import figures  # imports Pandera

        units, frameworks = self.known.units, self.known.frameworks
        scores = methodology.score_year(self.year, observations, units, frameworks)
        rankings = methodology.rank_year(self.year, scores, observations, units, frameworks)
        tables = {"observations": observations, "scores": scores, "rankings": rankings}
        roots = {(framework.version, framework.root.code) for framework in frameworks.all}
        keys = set(rows.select(_KEY).unique().iter_rows())
        return {
            key: figure
            for figure in figures(tables, frameworks).to_dicts()
            if (figure["framework"], figure["node"]) in roots and (key := _key(figure)) in keys
        }

    def _consequence(self, key: Key, before: Row | None, after: Row | None, rows: pl.DataFrame) -> Consequence:
        unit, period, version, geography, basis, group = key
        framework = self._framework(unit, period, version, geography)
        root, record = framework.root, self.known.units.all[unit]
        return Consequence(
            unit=Sender(unit, Bilingual(record.name_vi, record.name_en)),
            period=period,
            framework=version,
            index=Indicator(root.code, Bilingual(root.name_vi, root.name_en)),
            basis=basis,
            group=group,
            before=_unit_score(before),
            after=_unit_score(after),
            maximum=(after or before or {}).get("max_points"),
            decimals=framework.settings.printed_decimals,
            inputs=sum(node.scored for node in framework.inputs),
            missing=tuple(_missing(framework, unit, basis, rows)),
        )

    def _framework(self, unit: str, period: str, version: str, geography: str) -> Framework:
        """The framework as it applies to the unit."""
        framework = self.known.frameworks.of_version(version, period, geography)
        assert framework is not None, "scoring found it"
        overlaid = self.known.frameworks.overlaid(framework)
        return overlaid.of_group(overlaid.group_of(unit, period, self.known.units))


def with_file(store: Store, known: Known, version: Version, current: Version | None, *, counts: bool) -> Comparison:
    """A file compared with the version that counts so far; ``counts`` is false where it changes nothing."""
    received, new = version.received, version.parsed.observations
    before = current.parsed.observations if current else new.clear()
    names = [compared.received.name for compared in (version, current) if compared]
    same_name = pl.col("file_name").map_elements(folded_name, pl.String).is_in([folded_name(name) for name in names])
    of_sender = pl.col("unit") == version.sender if version.sender else same_name
    replaced, year = (pl.col("feed") == received.feed) & of_sender, Period.parse(received.period).year
    return Comparison(store, known, year, version.sender, before, new if counts else before, new, replaced)


def _with_others(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Figures with those of other files; where both give one, the other file's counts as before (``feeds.door``)."""
    from dti_platform.tables import Observations, key  # imports Pandera

    return pl.concat([rows.join(others, on=key(Observations), how="anti", nulls_equal=True), others])


def _key(row: Row) -> Key:
    return row["unit"], row["period"], row["framework"], row["geography"], row["basis"], row["peer_group"]


def _unit_score(row: Row | None) -> UnitScore | None:
    """The result of a unit; None where nothing is known of it."""
    if row is None or (row["score_source"] is None and row["rank"] is None):
        return None
    rank = row["rank"] if row["basis"] == PUBLISHED else None
    return UnitScore(row["points"], row["score"], row["missing"] or 0, rank)


def _missing(framework: Framework, unit: str, basis: str, rows: pl.DataFrame) -> Iterator[Indicator]:
    """The scored inputs for which a unit gives no figure."""
    if basis not in SUBMITTED:
        return
    nodes = {*rows.filter(pl.col("unit") == unit, pl.col("basis") == basis)["node"]}
    for node in framework.inputs:
        if node.scored and node.code not in nodes:
            yield Indicator(node.code, Bilingual(node.name_vi, node.name_en))
