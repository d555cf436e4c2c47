"""The consequence of a file, or of its withdrawal: what its units score before and after, as if nothing else happened.

Here: the figures that the next run would score, before and after, by the functions that the run itself uses.
Not here: which version counts (``versions``), nor what else an answer says (``compose``). Ranks are told of printed
figures alone: those that others compute from submissions are nobody's but theirs until they are published.
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
from dti_platform.submissions.answer import Consequence, Indicator, Sender, Worth
from dti_platform.submissions.owners import of_one_owner
from dti_platform.submissions.versions import plain

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.methodology import Framework
    from dti_platform.storage import Store
    from dti_platform.submissions.versions import Version
    from dti_platform.tables import Row

#: Whose score it is, when, by which framework, on which basis, among which group (none: among all).
Key = tuple[str, str, str, str, str, str | None]
_KEY = ("unit", "period", "framework", "geography", "basis", "peer_group")
_CONTEST = ["period", "framework", "geography", "basis"]
PUBLIC, OWN = "published", "self"


@dataclass(frozen=True)
class Comparison:
    """The observations of a year that count before and after something happened to a file.

    Attributes:
        store: what the last run left, for the files that are not compared.
        known: units and frameworks.
        year: in which the period of the file ends.
        sender: the unit that it is of; None where its feed has no senders.
        before: what counts before.
        after: what counts after.
        new: what else scores are told of, though it may not count.
        own: which observations of the last run ``before`` and ``after`` stand for.
    """

    store: Store
    known: Known
    year: int
    sender: str | None
    before: pl.DataFrame
    after: pl.DataFrame
    new: pl.DataFrame
    own: pl.Expr

    def consequences(self) -> Iterator[Consequence]:
        """Of each score that one of both has points of, on the basis of the sender; of several units what moves."""
        bases = (OWN,) if self.sender else (PUBLIC, *SUBMITTED)
        both = pl.concat([self.before, self.new]).filter(
            pl.col("framework").is_not_null(), pl.col("basis").is_in(bases)
        )
        if both.is_empty():
            return
        others = self._others(both)
        without, together = (_beside(rows, others) for rows in (self.before, self.after))
        was = self._scores(of_one_owner(without), both)
        becomes = was if self.after is self.before else self._scores(of_one_owner(together), both)
        for key in sorted(was.keys() | becomes.keys(), key=lambda key: (*key[:-1], key[-1] or "")):
            found = self._consequence(key, was.get(key), becomes.get(key), together)
            if self.sender or found.before != found.after:
                yield found

    def _others(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What other files gave to the same scores when they were last read; of printed figures, all of a ranking."""
        if (table := last_run.observations(self.store, self.year)) is None:
            return rows.clear()
        kept = table.filter(~self.own)
        contests, units = rows.select(_CONTEST).unique(), rows["unit"].unique().to_list()
        public = pl.col("basis") == PUBLIC
        return kept.join(contests, on=_CONTEST, how="semi").filter(public | pl.col("unit").is_in(units))

    def _scores(self, observations: pl.DataFrame, asked: pl.DataFrame) -> Mapping[Key, Row]:
        """What the next run makes of observations at the root of each framework, for those asked for."""
        if observations.is_empty():
            return {}
        from dti_platform.publications.figures import figures  # imports Pandera

        units, frameworks = self.known.units, self.known.frameworks
        scores = methodology.score_year(self.year, observations, units, frameworks)
        rankings = methodology.rank_year(self.year, scores, observations, units, frameworks)
        tables = {"observations": observations, "scores": scores, "rankings": rankings}
        roots = {(each.version, each.root.code) for each in frameworks.all}
        wanted = set(asked.select(_KEY).unique().iter_rows())
        return {
            key: row
            for row in figures(tables, frameworks).to_dicts()
            if (row["framework"], row["node"]) in roots and (key := _key(row)) in wanted
        }

    def _consequence(self, key: Key, was: Row | None, becomes: Row | None, after: pl.DataFrame) -> Consequence:
        unit, period, version, geography, basis, group = key
        framework = self._framework(unit, period, version, geography)
        root, named = framework.root, self.known.units.all[unit]
        return Consequence(
            unit=Sender(unit, Bilingual(named.name_vi, named.name_en)),
            period=period,
            framework=version,
            index=Indicator(root.code, Bilingual(root.name_vi, root.name_en)),
            basis=basis,
            group=group,
            before=_worth(was),
            after=_worth(becomes),
            maximum=(becomes or was or {}).get("max_points"),
            decimals=framework.settings.printed_decimals,
            inputs=sum(node.scored for node in framework.inputs),
            missing=tuple(_missing(framework, unit, basis, after)),
        )

    def _framework(self, unit: str, period: str, version: str, geography: str) -> Framework:
        """The framework as it applies to the unit."""
        framework = self.known.frameworks.of_version(version, period, geography)
        assert framework is not None, "scoring found it"
        overlaid = self.known.frameworks.overlaid(framework)
        return overlaid.of_group(overlaid.group_of(unit, period, self.known.units))


def with_file(store: Store, known: Known, version: Version, held: Version | None, *, taken: bool) -> Comparison:
    """A file beside the version that counts so far; ``taken`` is false where it changes nothing."""
    received, new = version.received, version.parsed.observations
    before = held.parsed.observations if held else new.clear()
    names = [each.received.name for each in (version, held) if each]
    same_name = pl.col("file_name").map_elements(plain, pl.String).is_in([plain(name) for name in names])
    of_sender = pl.col("unit") == version.sender if version.sender else same_name
    own, year = (pl.col("feed") == received.feed) & of_sender, Period.parse(received.period).year
    return Comparison(store, known, year, version.sender, before, new if taken else before, new, own)


def _beside(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Figures with those of other files; one that both give stands as the others gave it before (``feeds.door``)."""
    from dti_platform.tables import Observations, key  # imports Pandera

    return pl.concat([rows.join(others, on=key(Observations), how="anti", nulls_equal=True), others])


def _key(row: Row) -> Key:
    return row["unit"], row["period"], row["framework"], row["geography"], row["basis"], row["peer_group"]


def _worth(row: Row | None) -> Worth | None:
    """None where nothing is known of the unit."""
    if row is None or (row["score_source"] is None and row["rank"] is None):
        return None
    rank = row["rank"] if row["basis"] == PUBLIC else None
    return Worth(row["points"], row["score"], row["missing"] or 0, rank)


def _missing(framework: Framework, unit: str, basis: str, rows: pl.DataFrame) -> Iterator[Indicator]:
    """The scored inputs that a unit gives no figure of."""
    if basis not in SUBMITTED:
        return
    given = {*rows.filter(pl.col("unit") == unit, pl.col("basis") == basis)["node"]}
    for node in framework.inputs:
        if node.scored and node.code not in given:
            yield Indicator(node.code, Bilingual(node.name_vi, node.name_en))
