"""Consistency: whether the figures of a file agree with others of its year: what follows from them, and what they say.

Here: what a run would make of the year with and without the file, by the functions that the run itself uses and the
comparisons that its gate judges; reported figures of which other sources give another value. Not here: two figures of
one key, which the door compares (``feeds.door``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import methodology
from dti_platform.amounts import amount_of
from dti_platform.feeds import Remark
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import Period
from dti_platform.problems import catalogue
from dti_platform.quality.comparisons.agreement import recomputed_and_published, verdicts_on_recomputed
from dti_platform.quality.comparisons.places import printed_places
from dti_platform.submissions.versions import Version, counting

if TYPE_CHECKING:
    from dti_platform.feeds import Known, Parsed

#: So many figures are named.
MOST_NAMED = 20
#: What a reported figure is of, whatever its source.
_OF = ("period", "geography", "unit", "node", "measure", "basis")
#: Whose word it is, and what it says.
_SAYS = ("source", "value", "unit_measure")


def disputed(version: Version, others: Sequence[Version], known: Known) -> list[Remark]:
    """The printed figures that no longer follow from the others once a file counts, each with what does.

    ``others``: what stands of its feed and year.
    """
    printed = version.parsed.observations.filter(pl.col("basis") == "published")
    if printed.is_empty():
        return []
    year = Period.parse(version.received.period).year
    number = max((each.received.number for each in others), default=0) + 1
    newest = version._replace(received=replace(version.received, number=number))
    after = _disputed([*others, newest], year, known)
    before = _disputed(others, year, known) if after else set()
    return list(_remarks(sorted(after - before)[:MOST_NAMED], printed, known))


def contradicting(version: Version, held: Version | None, standing: Iterable[Parsed], known: Known) -> list[Remark]:
    """The reported figures of which another source's value counts, each with both values and both places.

    ``held``: the version that counts in its place, whose figures are no others' word.
    """
    from dti_platform.feeds.door import place_of  # imports Pandera

    new = version.parsed.observations.filter(basis="reported")
    others = [each.observations.filter(basis="reported") for each in standing]
    if held:
        new = new.join(held.parsed.observations, on=[*_OF, *_SAYS], how="anti")
        others = [each.filter(pl.col("file") != held.received.sha256) for each in others]
    if new.is_empty() or not others:
        return []
    both = new.join(pl.concat(others), on=_OF, suffix="_standing")
    same = [pl.col(name) == pl.col(f"{name}_standing") for name in ("value", "unit_measure")]
    otherwise = both.filter(~pl.all_horizontal(same)).unique("locator", maintain_order=True).sort("locator")
    text = catalogue("warning")["contradicts_standing"].detail["otherwise"]
    return [
        Remark(
            text.format(
                unit=_unit_name(row["unit"], known),
                indicator=_indicator_name(row["node"], known),
                value=amount_of(row),
                other=amount_of(row, "_standing"),
                place=place_of(row["file_name_standing"], row["locator_standing"]),
            ),
            row["locator"],
            "contradicts_standing",
        )
        for row in otherwise.head(MOST_NAMED).iter_rows(named=True)
    ]


def withdrawn_again(version: Version, others: Iterable[Version], withdrawn: Iterable[Version]) -> list[Remark]:
    """The withdrawn files whose figures a file brings again, unless another file that stands gives them, too."""
    columns = [*_OF, "peer_group", *_SAYS]
    new = version.parsed.observations
    for each in others:
        new = new.join(each.parsed.observations, on=columns, how="anti", nulls_equal=True)
    text = catalogue("warning")["withdrawn_before"].detail["figures"]
    given = (
        (each.received, new.join(each.parsed.observations, on=columns, how="semi", nulls_equal=True).height)
        for each in withdrawn
    )
    return [
        Remark(text.format(count=count, file=received.name, receipt=received.number), None, "withdrawn_before")
        for received, count in given
        if count
    ][:MOST_NAMED]


def repeats_index_results(version: Version, known: Known) -> bool:
    """Whether a file reports published results of the index, which ``published_results`` holds."""
    results = [each.code for each in known.units.indicators.values() if each.index_result]
    return not version.parsed.observations.filter(
        pl.col("basis") == "reported", pl.col("node").is_in(results)
    ).is_empty()


def _disputed(files: Iterable[Version], year: int, known: Known) -> set[tuple[str, str, str, float, float]]:
    """Every printed figure of files that stand together which the gate would dispute."""
    from dti_platform.feeds.door import SCORE_TOLERANCE  # imports Pandera
    from dti_platform.publications import reconciliation
    from dti_platform.publications.figures import figures

    given = [each.observations for each in counting((file for file in files if not file.parsed.outlived), known)]
    observations = pl.concat(given) if given else pl.DataFrame()
    if observations.is_empty():
        return set()
    units, frameworks = known.units, known.frameworks
    scores = methodology.score_year(year, observations, units, frameworks)
    rankings = methodology.rank_year(year, scores, observations, units, frameworks)
    made = {"observations": observations, "scores": scores, "rankings": rankings}
    leading = figures(made, frameworks)
    judged = verdicts_on_recomputed(reconciliation.build(year, made, {}, units, frameworks))
    frames = (
        *(
            recomputed_and_published(table)
            .filter(pl.col("difference").abs() > SCORE_TOLERANCE)
            .select("unit", "node", measure=pl.lit("score"), printed="published", ours="ours")
            for table in (scores, leading.rename({"score_source": "source"}))
        ),
        *(
            printed_places(table)
            .filter(pl.col("rank") != pl.col("place"))
            .select("unit", "node", measure=pl.lit("rank"), printed="rank", ours="place")
            for table in (rankings, leading)
        ),
        judged.filter(pl.col("verdict") == "differs").select(
            "unit", "node", measure=pl.col("metric").str.extract("^([a-z]+)"), printed="as_published", ours="ours"
        ),
    )
    return {row for frame in frames for row in frame.cast({"printed": pl.Float64, "ours": pl.Float64}).iter_rows()}


def _remarks(
    figures: Iterable[tuple[str, str, str, float, float]], printed: pl.DataFrame, known: Known
) -> Iterator[Remark]:
    """Each disputed figure at the cell of the file that prints it; at none where the file prints a part of it."""
    text = catalogue("warning")["disputed"].detail["otherwise"]
    for unit, node, measure, value, ours in figures:
        cells = printed.filter(unit=unit, node=node, measure=measure)["locator"]
        said = text.format(
            unit=_unit_name(unit, known), node=node, printed=format_number(value), ours=format_number(ours)
        )
        yield Remark(said, cells[0] if len(cells) else None, "disputed")


def _unit_name(unit: str, known: Known) -> Bilingual:
    named = known.units.all[unit]
    return Bilingual(named.name_vi, named.name_en)


def _indicator_name(code: str, known: Known) -> Bilingual:
    named = known.units.indicators[code]
    return Bilingual(named.name_vi, named.name_en)
