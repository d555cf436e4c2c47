"""The consequence of a file: what its units score before and after it, as if nothing else arrived before the next run.

Here: the figures that the next run would score, with and without the file, by the functions that the run itself uses.
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
from dti_platform.submissions.answer import Consequence, Indicator, Sender, Worth
from dti_platform.submissions.owners import of_one_owner
from dti_platform.submissions.versions import plain

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.methodology import Framework
    from dti_platform.storage import Store
    from dti_platform.submissions.versions import Version
    from dti_platform.tables import Row

#: Whose score it is, when, by which framework, on which basis.
Key = tuple[str, str, str, str, str]
_KEY = ("unit", "period", "framework", "geography", "basis")
PUBLIC, OWN = "published", "self"


@dataclass(frozen=True)
class Comparison:
    """A file beside the version that counts so far; ``taken`` is false where it changes nothing."""

    store: Store
    known: Known
    version: Version
    held: Version | None
    taken: bool

    def consequences(self) -> Iterator[Consequence]:
        """Of each score that one of both has points of, on the basis of the sender; of several units what moves."""
        before = self.held.parsed.observations if self.held else self._new.clear()
        after = self._new if self.taken else before
        bases = (OWN,) if self.version.sender else (PUBLIC, *SUBMITTED)
        both = pl.concat([before, self._new]).filter(pl.col("framework").is_not_null(), pl.col("basis").is_in(bases))
        if both.is_empty():
            return
        others = self._others(both)
        without, together = (_beside(rows, others) for rows in (before, after))
        was, becomes = (self._scores(of_one_owner(rows), both) for rows in (without, together))
        for key in sorted(was.keys() | becomes.keys()):
            found = self._consequence(key, was.get(key), becomes.get(key), together)
            if self.version.sender or found.before != found.after:
                yield found

    @property
    def _new(self) -> pl.DataFrame:
        return self.version.parsed.observations

    def _others(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What other files gave to the same scores when they were last read; of printed figures, all of a ranking."""
        year = Period.parse(self.version.received.period).year
        if (table := self.store.tables.find("observations", year)) is None:
            return rows.clear()
        received = self.version.received
        names = [received.name, *([self.held.received.name] if self.held else [])]
        same_name = pl.col("file_name").map_elements(plain, pl.String).is_in([plain(name) for name in names])
        of_sender = pl.col("unit") == self.version.sender if self.version.sender else same_name
        own = (pl.col("feed") == received.feed) & of_sender
        kept = table.filter(~own)
        contests, units = rows.select(_KEY[1:]).unique(), rows["unit"].unique().to_list()
        public = pl.col("basis") == PUBLIC
        return kept.join(contests, on=contests.columns, how="semi").filter(public | pl.col("unit").is_in(units))

    def _scores(self, observations: pl.DataFrame, asked: pl.DataFrame) -> Mapping[Key, Row]:
        """What the next run makes of observations at the root of each framework, for those asked for."""
        from dti_platform.publications.figures import figures  # imports Pandera

        year = Period.parse(self.version.received.period).year
        units, frameworks = self.known.units, self.known.frameworks
        scores = methodology.score_year(year, observations, units, frameworks)
        rankings = methodology.rank_year(year, scores, observations, units, frameworks)
        tables = {"observations": observations, "scores": scores, "rankings": rankings}
        roots = {(each.version, each.root.code) for each in frameworks.all}
        wanted = set(asked.select(_KEY).unique().iter_rows())
        return {
            key: row
            for row in figures(tables, frameworks).to_dicts()
            if (row["framework"], row["node"]) in roots and (key := _key(row)) in wanted
        }

    def _consequence(self, key: Key, was: Row | None, becomes: Row | None, after: pl.DataFrame) -> Consequence:
        unit, period, version, geography, basis = key
        framework = self._framework(unit, period, geography)
        root, named = framework.root, self.known.units.all[unit]
        return Consequence(
            unit=Sender(unit, Bilingual(named.name_vi, named.name_en)),
            period=period,
            framework=version,
            index=Indicator(root.code, Bilingual(root.name_vi, root.name_en)),
            basis=basis,
            before=_worth(was),
            after=_worth(becomes),
            maximum=(becomes or was or {}).get("max_points"),
            decimals=framework.settings.printed_decimals,
            inputs=sum(node.scored for node in framework.inputs),
            missing=tuple(_missing(framework, unit, basis, after)),
        )

    def _framework(self, unit: str, period: str, geography: str) -> Framework:
        """The framework as it applies to the unit."""
        framework = self.known.frameworks.for_period(period, geography)
        assert framework is not None, "scoring found it"
        overlaid = self.known.frameworks.overlaid(framework)
        return overlaid.of_group(overlaid.group_of(unit, period, self.known.units))


def _beside(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Figures with those of other files; one that both give stands as the others gave it before (``feeds.door``)."""
    from dti_platform.tables import Observations, key  # imports Pandera

    return pl.concat([rows.join(others, on=key(Observations), how="anti", nulls_equal=True), others])


def _key(row: Row) -> Key:
    return row["unit"], row["period"], row["framework"], row["geography"], row["basis"]


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
