"""Standings: the complete ranking of a level, with the comparable rank before, and ranks within subgroups.

Here: what ``province_ranking`` and ``ministry_ranking`` share. Not here: ranking itself (``methodology``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Bool, Float64, Int32, String

from dti_platform import codes, tables
from dti_platform.methodology.comparability import Contest, comparable, distance
from dti_platform.periods import PERIOD, Period, previous
from dti_platform.publications.figures import figures
from dti_platform.publications.leading import DERIVED, ILLUSTRATIVE, LEADING_BASES, leads
from dti_platform.publications.naming import node_frame, with_source_class, with_units

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks
    from dti_platform.units import Units

_RANKING = ["period", "framework", "geography", "basis"]
_PEER = ["peer_group", "unit"]
_CITY = "centrally_run_city"


class Standings(tables.Table):
    """What every ranking that readers get has."""

    period: String = pa.Field(str_matches=PERIOD)
    framework: String
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    basis: String = tables.coded("basis")
    headline: Bool
    rank_score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    rank: Int32 = pa.Field(nullable=True, ge=1)
    rank_best: Int32 = pa.Field(nullable=True, ge=1)
    rank_worst: Int32 = pa.Field(nullable=True, ge=1)
    rank_status: String = tables.coded("rank_status")
    ranked: Int32 = pa.Field(ge=0)
    peers: Int32 = pa.Field(nullable=True, ge=1)
    score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    obs_status: String = tables.coded("obs_status")
    previous_period: String = pa.Field(nullable=True)
    previous_rank: Int32 = pa.Field(nullable=True, ge=1)
    rank_change: Int32 = pa.Field(nullable=True)
    comparison: String = tables.coded("comparison", nullable=True)
    predecessors: String = pa.Field(nullable=True)
    source: String = pa.Field(nullable=True)
    source_class: String = tables.coded("source_class", nullable=True)
    certainty: String = tables.coded("certainty", nullable=True)
    score_source: String = pa.Field(nullable=True)
    evidence: String = tables.coded("evidence")

    @pa.dataframe_check(error="a change over a break, or one that is not previous_rank - rank")
    @classmethod
    def change_is_earned(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A change stands exactly where the two ranks are comparable; ``comparison`` says what parts the others."""
        difference = pl.col("previous_rank") - pl.col("rank")
        comparable = pl.col("comparison").is_null()
        same = pl.col("rank_change").eq_missing(pl.when(comparable).then(difference))
        return data.lazyframe.select(same & (comparable == pl.col("rank_change").is_not_null()))

    @pa.dataframe_check(error="a rank before that is said not to be there, or that has no period")
    @classmethod
    def rank_before_stands_somewhere(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A rank before is of a period, and shown across a break, too."""
        absent = pl.col("comparison").is_in(["no_earlier_ranking", "not_ranked_before"]).fill_null(value=False)
        there = pl.col("previous_rank").is_not_null()
        return data.lazyframe.select(~there | (~absent & pl.col("previous_period").is_not_null()))

    @pa.dataframe_check(error="a rank outside its bounds, or bounds outside the peers")
    @classmethod
    def bounds_hold_the_rank(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Whatever was rounded or is missing, a rank is among those that are possible."""
        return data.lazyframe.select(tables.bounded_rank())

    @pa.dataframe_check(error="a unit of a ranking has no headline, or two")
    @classmethod
    def one_headline(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Every unit leads once in each ranking, whatever the number of bases; a derived figure never does."""
        leading = pl.col("headline").sum().over("period", "framework", "geography", "unit")
        ranked = (~DERIVED).any().over("period", "framework", "geography", "unit")
        return data.lazyframe.select((leading == ranked.cast(pl.UInt32)) & ~(pl.col("headline") & DERIVED))

    @pa.dataframe_check(error="an illustrative row leads although a ranking was published")
    @classmethod
    def published_leads(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Nothing of ours stands in for a published figure."""
        published = (pl.col("basis") == "published").any().over("period", "framework", "geography")
        return data.lazyframe.select(~pl.col("headline") | ~published | (pl.col("basis") == "published"))

    @pa.dataframe_check(error="a row without a figure is not marked L or O, or a figure without a source")
    @classmethod
    def absence_is_marked(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A unit that is missing from a ranking is seen to be missing."""
        figure = pl.any_horizontal(pl.col("rank", "score").is_not_null())
        marked = pl.col("obs_status").is_in(codes.MISSING)
        return data.lazyframe.select((figure != marked) & (~figure | pl.col("source").is_not_null()))


def standings(
    inputs: Mapping[str, pl.DataFrame],
    before: Mapping[str, pl.DataFrame],
    units: Units,
    frameworks: Frameworks,
    level: str,
    concepts: Iterable[str] = (),
) -> pl.DataFrame:
    """The rankings of a level in a year: the columns of ``Standings``, with group, and score and rank by concept."""
    now, earlier = (_places(tables_of, frameworks, level, concepts) for tables_of in (inputs, before))
    places = with_source_class(_headline(_with_peers(now, units)), inputs["observations"])
    named = with_units(places, units, ("unit_name_vi", "unit_name_en", "region", "region_name_vi", "region_name_en"))
    return _compared(with_predecessors(named, units), pl.concat([earlier, now]), units, level, frameworks)


def _places(
    inputs: Mapping[str, pl.DataFrame], frameworks: Frameworks, level: str, concepts: Iterable[str]
) -> pl.DataFrame:
    """The figures of the index itself, where ranks were printed or computed, with those of some nodes beside it.

    Means of a geography are left out.
    """
    rows = figures(inputs, frameworks).filter(pl.col("unit") != pl.col("geography"))
    nodes = node_frame(rows, frameworks).filter(pl.col("level") == level, ~pl.col("overlaid"))
    tree = nodes.select("framework", "geography", "node", "concept", "parent")
    placed = rows.join(tree, on=["framework", "geography", "node"])
    figure = pl.any_horizontal(pl.col("score", "rank").is_not_null())
    roots = placed.filter(pl.col("parent").is_null()).drop("node", "concept", "parent")
    ranked = pl.col("rank_status").is_not_null()  # scores that were printed without any rank are no ranking
    places = roots.filter(figure.any().over(_RANKING) & ranked.any().over(*_RANKING, "peer_group"))
    places = places.with_columns(_of_ranking(name) for name in ("rank_status", "ranked", "peers"))
    for concept in concepts:
        part = placed.filter(pl.col("concept") == concept).select(
            *_RANKING, *_PEER, pl.col("score").alias(f"score_{concept}"), pl.col("rank").alias(f"rank_{concept}")
        )
        places = places.join(part, on=[*_RANKING, *_PEER], how="left", nulls_equal=True)
    return places


def _of_ranking(name: str) -> pl.Expr:
    """What a ranking says of itself also beside a score that was printed without a rank."""
    return pl.col(name).fill_null(pl.col(name).drop_nulls().first().over(*_RANKING, "peer_group"))


def _with_peers(places: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Every unit of a geography in every ranking of it, so that the missing are seen.

    Not so where a ranking has groups: who belongs to which is not public for every year. Derived figures are none.
    """
    rankings = (
        places.filter(pl.col("peer_group").is_null(), ~DERIVED)
        .group_by(_RANKING)
        .agg(pl.col("rank_status", "ranked", "peers").drop_nulls().first(), evidence=pl.col("evidence").min())
    )
    members = [(geography, unit) for geography, ids in units.geographies.items() for unit in ids]
    peers = pl.DataFrame(members, schema={"geography": pl.String, "unit": pl.String}, orient="row")
    everyone = rankings.join(peers, on="geography").with_columns(peer_group=pl.lit(None, pl.String))
    filled = places.join(
        everyone, on=[*_RANKING, *_PEER], how="full", coalesce=True, nulls_equal=True, suffix="_of_all"
    )
    figure = pl.any_horizontal(pl.col("rank", "score").is_not_null())
    return filled.with_columns(
        *(pl.coalesce(name, f"{name}_of_all") for name in ("rank_status", "ranked", "peers", "evidence")),
        obs_status=pl.when(figure).then("obs_status").otherwise(_absent()),
        source=pl.coalesce("rank_source", "score_source"),
        certainty=pl.coalesce("rank_certainty", "score_certainty"),
    ).select(pl.exclude("^.*_of_all$"))


def _absent() -> pl.Expr:
    """The status of a row without a figure: none was published, or none of ours can be computed."""
    return pl.when(pl.col("basis") == "published").then(pl.lit("L")).otherwise(pl.lit("O"))


def _headline(places: pl.DataFrame) -> pl.DataFrame:
    """Marks the rows of the basis that leads each ranking; an illustrative ranking leads only where no other does."""
    marked = places.with_columns(illustrative=ILLUSTRATIVE.any().over(_RANKING))  # a nested window sees one unit
    leading = leads(["period", "framework", "geography", "unit"], illustrative=pl.col("illustrative"))
    return marked.with_columns(headline=leading).drop("illustrative")


def _compared(now: pl.DataFrame, known: pl.DataFrame, units: Units, level: str, frameworks: Frameworks) -> pl.DataFrame:
    """Adds previous_period, previous_rank, rank_change and comparison.

    An official row is compared with official ranks only, whatever else is known of the period before.
    """
    pairs = ((now.filter(~ILLUSTRATIVE), known.filter(~ILLUSTRATIVE)), (now.filter(ILLUSTRATIVE), known))
    return pl.concat([_with_rank_before(rows, ranks, units, level, frameworks) for rows, ranks in pairs])


def _with_rank_before(
    now: pl.DataFrame, known: pl.DataFrame, units: Units, level: str, frameworks: Frameworks
) -> pl.DataFrame:
    """Adds the same columns, from the ranks that count for these rows.

    The rank before is shown also across a break, and then no change: a unit that took over one other whole is held
    against what that one had. Nothing is held against a rank that was derived.
    """
    earlier = known.filter(pl.col("rank").is_not_null(), ~DERIVED)
    before = ["previous_period", "previous_framework", "previous_geography", "previous_basis"]
    then = earlier.select(
        pl.col(_RANKING).name.map(lambda name: f"previous_{name}"),
        "peer_group",
        previous_unit="unit",
        previous_rank="rank",
    )
    joined = _with_previous_unit(now.join(_earlier(now, earlier, level, frameworks), on=_RANKING), units).join(
        then, on=[*before, "peer_group", "previous_unit"], how="left", nulls_equal=True
    )
    why = (
        pl.when(pl.col("rank").is_null())
        .then(pl.lit("not_ranked"))
        .when(pl.col("comparison").is_null() & pl.col("previous_rank").is_null())
        .then(pl.lit("not_ranked_before"))
        .otherwise("comparison")
    )
    return joined.with_columns(
        comparison=why, rank_change=pl.when(why.is_null()).then(pl.col("previous_rank") - pl.col("rank"))
    ).drop("previous_framework", "previous_geography", "previous_basis", "previous_unit")


def _with_previous_unit(now: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Adds previous_unit: the unit itself; in another set of units, the one that it was made of, if it was one."""
    olds = {unit: units.predecessors(unit) for unit in now["unit"].unique()}
    sole = {unit: old[0] for unit, old in olds.items() if len(old) == 1}
    of_before = pl.col("unit").replace_strict(sole, default=None, return_dtype=pl.String)
    same = pl.col("geography") == pl.col("previous_geography")
    return now.with_columns(previous_unit=pl.when(same).then("unit").otherwise(of_before))


def _earlier(now: pl.DataFrame, earlier: pl.DataFrame, level: str, frameworks: Frameworks) -> pl.DataFrame:
    """For every ranking, the nearest one of the period before (``previous_...``), and ``comparison``: what parts them.

    Of those that are as near, the one on the basis that leads. Another index is no earlier ranking.
    """
    families = {framework.version: framework.family for framework in frameworks.all}

    def contest(ranking: tuple[str, ...]) -> Contest:
        """What a ranking (period, framework, geography, basis) is one of."""
        _, framework, geography, basis = ranking
        return Contest(level, geography, families[framework], basis)

    known = sorted(earlier.select(_RANKING).unique().rows(), key=lambda each: LEADING_BASES.index(each[-1]))
    verdicts: list[tuple[str | None, ...]] = []
    for one in now.select(_RANKING).unique().rows():
        own = [each for each in known if frameworks.indexes[each[1]] == frameworks.indexes[one[1]]]
        before = previous(one[0], {period for period, *_ in own})
        there = [each for each in own if each[0] == before]
        nearest = min(there, key=lambda each: distance(contest(one), contest(each)), default=None)
        if nearest is None:
            verdicts.append((*one, *[None] * len(_RANKING), "no_earlier_ranking"))
        else:
            verdicts.append((*one, *nearest, comparable(contest(one), contest(nearest))))
    previous_ones = [f"previous_{name}" for name in _RANKING]
    schema = dict.fromkeys((*_RANKING, *previous_ones, "comparison"), pl.String())
    return pl.DataFrame(verdicts, schema=schema, orient="row")


def with_subgroup_ranks(places: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Adds rank_in_region and rank_among_cities to complete rankings (every peer has a row in each).

    A region, or the cities, of which one member has no rank gets no ranks: the first of those known need not be first.
    """
    return places.with_columns(city=_city(places, units)).with_columns(
        rank_in_region=pl.when(pl.col("region").is_not_null()).then(_subgroup_rank(*_RANKING, "region")),
        rank_among_cities=pl.when("city").then(_subgroup_rank(*_RANKING, "city")),
    )


def _subgroup_rank(*subgroup: str) -> pl.Expr:
    """Competition rank of the rank within the subgroup, where every member of it has one."""
    rank = pl.col("rank")
    return pl.when(rank.is_not_null().all().over(subgroup) & ~DERIVED).then(
        rank.rank("min").over(subgroup).cast(pl.Int32)
    )


def _city(places: pl.DataFrame, units: Units) -> pl.Series:
    """Whether each unit was a centrally-run city at the end of the year that was measured."""
    pairs = places.select("unit", "period").unique().rows()
    kinds = [(unit, period, _kind(units, unit, period) == _CITY) for unit, period in pairs]
    schema = {"unit": pl.String, "period": pl.String, "city": pl.Boolean}
    known = pl.DataFrame(kinds, schema=schema, orient="row")
    return places.join(known, on=["unit", "period"], how="left", maintain_order="left")["city"]


def _kind(units: Units, unit: str, period: str) -> str:
    """The kind of a unit in the form in which it stood then; of a unit that was yet to come, in its first form."""
    day = date(Period.parse(period).year, 12, 31)
    forms = units.spans[unit]
    return next((form.kind for form in forms if form.stands_on(day)), forms[0].kind)


def with_predecessors(places: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Adds predecessors: the ids of the units that each was made of, by spaces; null where it was made of none."""
    made = {unit: " ".join(units.predecessors(unit)) or None for unit in places["unit"].unique()}
    known = pl.DataFrame(list(made.items()), schema={"unit": pl.String, "predecessors": pl.String}, orient="row")
    return places.join(known, on="unit", how="left", maintain_order="left")
