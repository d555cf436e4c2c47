"""Consistency: whether the figures of a file, and what is computed from them, agree with other figures of its year.

Here: what a run would compute for the year with and without the file, by the functions of the run itself and the
comparisons of its gate; reported figures for which other sources give another value. Not here: two figures of one key,
which the door compares (``feeds.door``).
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

#: How many figures are listed at most.
MOST_NAMED = 20
#: The key of a reported figure, whatever its source.
_FIGURE = ("period", "geography", "unit", "node", "measure", "basis")
#: The source of a reported figure, and its content.
_CONTENT = ("source", "value", "unit_measure")


def disputed(version: Version, others: Sequence[Version], known: Known) -> list[Remark]:
    """The printed figures that no longer follow from the other figures once a file counts, with the computed values.

    ``others``: the standing files of its feed and year.
    """
    printed = version.parsed.observations.filter(pl.col("basis") == "published")
    if printed.is_empty():
        return []
    year = Period.parse(version.received.period).year
    number = max((other.received.number for other in others), default=0) + 1
    newest = version._replace(received=replace(version.received, number=number))
    after = _disputed_figures([*others, newest], year, known)
    before = _disputed_figures(others, year, known) if after else set()
    return list(_remarks(sorted(after - before)[:MOST_NAMED], printed, known))


def contradicting(version: Version, current: Version | None, standing: Iterable[Parsed], known: Known) -> list[Remark]:
    """The reported figures that contradict another source's standing value, with both values and both locations.

    ``current``: the version that the file would replace; its figures are not compared.
    """
    from dti_platform.feeds.door import place_of  # imports Pandera

    new = version.parsed.observations.filter(basis="reported")
    others = [parsed.observations.filter(basis="reported") for parsed in standing]
    if current:
        new = new.join(current.parsed.observations, on=[*_FIGURE, *_CONTENT], how="anti")
        others = [rows.filter(pl.col("file") != current.received.sha256) for rows in others]
    if new.is_empty() or not others:
        return []
    pairs = new.join(pl.concat(others), on=_FIGURE, suffix="_standing")
    same = [pl.col(name) == pl.col(f"{name}_standing") for name in ("value", "unit_measure")]
    contradicted = pairs.filter(~pl.all_horizontal(same)).unique("locator", maintain_order=True).sort("locator")
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
        for row in contradicted.head(MOST_NAMED).iter_rows(named=True)
    ]


def withdrawn_again(version: Version, others: Iterable[Version], withdrawn: Iterable[Version]) -> list[Remark]:
    """The withdrawn files whose figures a file gives again, unless another standing file gives them, too."""
    columns = [*_FIGURE, "peer_group", *_CONTENT]
    new = version.parsed.observations
    for other in others:
        new = new.join(other.parsed.observations, on=columns, how="anti", nulls_equal=True)
    text = catalogue("warning")["withdrawn_before"].detail["figures"]
    counts = (
        (file.received, new.join(file.parsed.observations, on=columns, how="semi", nulls_equal=True).height)
        for file in withdrawn
    )
    return [
        Remark(text.format(count=count, file=received.name, receipt=received.number), None, "withdrawn_before")
        for received, count in counts
        if count
    ][:MOST_NAMED]


def repeats_index_results(version: Version, known: Known) -> bool:
    """Whether a file reports published results of the index; the feed ``published_results`` holds those."""
    results = [indicator.code for indicator in known.units.indicators.values() if indicator.index_result]
    return not version.parsed.observations.filter(
        pl.col("basis") == "reported", pl.col("node").is_in(results)
    ).is_empty()


def _disputed_figures(files: Iterable[Version], year: int, known: Known) -> set[tuple[str, str, str, float, float]]:
    """The printed figures of standing files that the gate would dispute."""
    from dti_platform.feeds.door import SCORE_TOLERANCE  # imports Pandera
    from dti_platform.publications import reconciliation
    from dti_platform.publications.figures import figures

    frames = [parsed.observations for parsed in counting((file for file in files if not file.parsed.outlived), known)]
    observations = pl.concat(frames) if frames else pl.DataFrame()
    if observations.is_empty():
        return set()
    units, frameworks = known.units, known.frameworks
    scores = methodology.score_year(year, observations, units, frameworks)
    rankings = methodology.rank_year(year, scores, observations, units, frameworks)
    tables = {"observations": observations, "scores": scores, "rankings": rankings}
    lead_figures = figures(tables, frameworks)
    verdicts = verdicts_on_recomputed(reconciliation.build(year, tables, {}, units, frameworks))
    frames = (
        *(
            recomputed_and_published(table)
            .filter(pl.col("difference").abs() > SCORE_TOLERANCE)
            .select("unit", "node", measure=pl.lit("score"), printed="published", ours="ours")
            for table in (scores, lead_figures.rename({"score_source": "source"}))
        ),
        *(
            printed_places(table)
            .filter(pl.col("rank") != pl.col("place"))
            .select("unit", "node", measure=pl.lit("rank"), printed="rank", ours="place")
            for table in (rankings, lead_figures)
        ),
        verdicts.filter(pl.col("verdict") == "differs").select(
            "unit", "node", measure=pl.col("metric").str.extract("^([a-z]+)"), printed="as_published", ours="ours"
        ),
    )
    return {row for frame in frames for row in frame.cast({"printed": pl.Float64, "ours": pl.Float64}).iter_rows()}


def _remarks(
    figures: Iterable[tuple[str, str, str, float, float]], printed: pl.DataFrame, known: Known
) -> Iterator[Remark]:
    """A remark on each disputed figure, at the cell that prints it; at no cell where the file prints parts of it."""
    text = catalogue("warning")["disputed"].detail["otherwise"]
    for unit, node, measure, value, ours in figures:
        cells = printed.filter(unit=unit, node=node, measure=measure)["locator"]
        sentence = text.format(
            unit=_unit_name(unit, known), node=node, printed=format_number(value), ours=format_number(ours)
        )
        yield Remark(sentence, cells[0] if len(cells) else None, "disputed")


def _unit_name(unit: str, known: Known) -> Bilingual:
    record = known.units.all[unit]
    return Bilingual(record.name_vi, record.name_en)


def _indicator_name(code: str, known: Known) -> Bilingual:
    record = known.units.indicators[code]
    return Bilingual(record.name_vi, record.name_en)
