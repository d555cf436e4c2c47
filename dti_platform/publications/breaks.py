"""``breaks``: where the series of rankings break: from which period on, what changed, and whether ranks still compare.

Here: what follows from the frameworks in force and from their sets of units. Not here: why one unit has no change
(``standings``), nor changes of the whole of an operational figure, which scorecards mark row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, String

from dti_platform import tables
from dti_platform.glossary import terms
from dti_platform.language import Bilingual
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.publications import Declared
    from dti_platform.units import Units

TITLE_VI = "Gián đoạn của chuỗi xếp hạng"
TITLE_EN = "Breaks in the series of rankings"
DESCRIPTION_VI = (
    "Mỗi dòng là một thay đổi của bộ chỉ số áp dụng cho một cấp so với kỳ trước: bộ chỉ số khác họ, phiên bản mới cùng "
    "họ, hoặc danh mục đơn vị khác, kể cả khi không có bảng xếp hạng nào được công bố. Cột comparable cho biết hạng "
    "hai bên có so sánh được không."
)
INPUTS: tuple[str, ...] = ()
WHAT = terms("breaks")


class Breaks(tables.Table):
    """A change of the framework in force for one index at one level, or of its set of units, since the period before.

    It stands here whether or not any ranking was published. ``period`` is the first after the break. Over a row that is
    not ``comparable``, ``rank_change`` in the rankings is null; a new version of the same family of frameworks is
    listed, too, for its parts may be others. Of several sets of units in the period before, the same one counts.
    """

    level: String = tables.coded("level")
    period: String = pa.Field(str_matches=PERIOD)
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    break_kind: String = tables.coded("break_kind")
    framework: String
    period_before: String = pa.Field(str_matches=PERIOD)
    geography_before: String = pa.Field(str_matches=tables.GEOGRAPHY)
    framework_before: String
    comparable: Bool
    what_vi: String
    what_en: String
    source: String

    class Config(tables.Table.Config):
        """Key: one change of a kind for a ranking."""

        unique = ["level", "period", "geography", "break_kind", "framework"]

    @pa.dataframe_check(error="a break of which the two sides are alike")
    @classmethod
    def sides_differ(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Of the set of units, or of the framework, as its kind says."""
        of_units = pl.col("break_kind") == "geography"
        moved = pl.col("geography") != pl.col("geography_before")
        ruled = pl.col("framework") != pl.col("framework_before")
        return data.lazyframe.select(pl.when(of_units).then(moved).otherwise(ruled))


MODEL = Breaks
_Ranking = tuple[str, str, "Framework"]


def listed(declared: Declared) -> pl.DataFrame:
    """Every break, sorted by key."""
    rows = [row for level in _levels(declared) for row in _breaks(sorted(level, key=_order), declared.units)]
    return shaped(pl.DataFrame(rows, schema=tables.polars_schema(MODEL), orient="row"), MODEL)


def _levels(declared: Declared) -> Iterable[list[_Ranking]]:
    """The rankings of each level and index: period, geography, framework in force."""
    levels: dict[tuple[str, str], list[_Ranking]] = {}
    for framework in declared.frameworks.all:
        if framework.overlay is None:
            of_index = levels.setdefault((framework.level, framework.index), [])
            of_index.extend((*place, framework) for place in framework.in_force)
    return levels.values()


def _order(ranking: _Ranking) -> tuple[str, str]:
    period, geography, _ = ranking
    return period, geography


def _breaks(rankings: list[_Ranking], units: Units) -> Iterator[tuple[object, ...]]:
    for now in rankings:
        known = [each for each in rankings if each[0] < now[0]]
        last = [each for each in known if each[0] == known[-1][0]]
        if last:
            before = next((each for each in last if each[1] == now[1]), last[0])
            yield from _between(before, now, units)


def _between(before: _Ranking, now: _Ranking, units: Units) -> Iterator[tuple[object, ...]]:
    period, geography, framework = now
    period_before, geography_before, earlier = before
    for kind in _kinds(before, now):
        sides = (geography_before, geography) if kind == "geography" else (earlier.decision, framework.decision)
        names = [
            Bilingual(units.all[each].name_vi, units.all[each].name_en) if each in units.all else each for each in sides
        ]
        what = WHAT[kind].format(before=names[0], now=names[1])
        yield (
            framework.level, period, geography, kind, framework.version,
            period_before, geography_before, earlier.version,
            kind == "framework_version", *what, " ".join(_sources(kind, framework)),
        )  # fmt: skip


def _kinds(before: _Ranking, now: _Ranking) -> Iterator[str]:
    """What differs: the set of units; the framework, by another family or as another version of the same."""
    if now[1] != before[1]:
        yield "geography"
    if now[2].version != before[2].version:
        yield "framework_version" if now[2].family == before[2].family else "framework_family"


def _sources(kind: str, framework: Framework) -> tuple[str, ...]:
    """Where it was read: of a set of units, what the framework says of merged ones, if it does."""
    return framework.merging.source if kind == "geography" and framework.merging else framework.source
