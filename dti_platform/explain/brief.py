"""A trace in five lines of terminal width: evidence; rank and score; source; reason; change from the previous period.

Here: choosing and wording the most important facts. Not here: all of them (``text``), or finding them (``trace``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dti_platform.codes import QUOTED
from dti_platform.explain.evidence import Cell, Computation, Figure, cells
from dti_platform.explain.losses import Loss, Losses
from dti_platform.explain.text import (
    basis_line,
    bounds_suffix,
    evidence_line,
    figure_amount,
    marked,
    number,
    say,
    site_of,
)
from dti_platform.explain.trace import Standing, Trace, UnitTrace
from dti_platform.glossary import CERTAINTIES, MEASURES, terms
from dti_platform.language import Language, format_number, place, shortened

#: The length of a line in characters.
WIDTH = 80
#: At most this many operational figures are shown.
MOST_FIGURES = 3
WORDS = terms("trace_brief")
#: Why a ranking can't be compared with the previous one, in few words.
INCOMPARABLE = terms("trace_apart")
#: The decimals of scores, as they are published, and of lost points.
_PRINTED, _POINTS = 4, 2


def brief_lines(trace: Trace, language: Language = "vi") -> list[str]:
    """The evidence, then four lines for each unit; a unit with operational figures alone has those instead."""
    lines = [evidence_line(trace, language)]
    for unit in trace.units:
        unit_lines = _index_lines(trace, unit, language) if unit.standings else _figure_lines(trace, unit, language)
        lines += [shortened(line, WIDTH) for line in unit_lines]
    return lines


def _index_lines(trace: Trace, unit: UnitTrace, language: Language) -> Iterator[str]:
    leading = unit.standings[0]
    yield _head(trace, unit, leading, language)
    yield _source(unit, leading, language)
    yield _why(unit, leading, language)
    yield _comparison(unit, leading, language)


def _head(trace: Trace, unit: UnitTrace, standing: Standing, language: Language) -> str:
    """Unit, node, rank and score; the names are shortened to codes as far as needed to fit the line."""
    several = len({other.framework for other in trace.units}) > 1
    period = f"{trace.period}, {unit.framework}" if several else trace.period
    facts = {"period": period, "place": _rank_and_score(unit, standing, language)}
    code, name = str(unit.node), (unit.node_name_vi if language == "vi" else unit.node_name_en) or ""
    unit_name = unit.unit_name_vi if language == "vi" else unit.unit_name_en
    heads = (
        say(WORDS["head"], language, unit=unit_label, node=node_label, **facts)
        for unit_label in (f"{unit_name} ({unit.unit})", unit_name, unit.unit)
        for node_label in (f"{code} {name}", code)
    )
    return next((head for head in heads if len(head) <= WIDTH), f"{unit.unit}, {facts['place']}")


def _rank_and_score(unit: UnitTrace, standing: Standing, language: Language) -> str:
    """Rank and score with their basis; the recomputed score where none was published."""
    rank = "no_rank" if standing.rank is None else "rank_of" if standing.peers else "rank"
    recomputed = next((other.score for other in unit.standings if other.basis == "recomputed"), None)
    score, line = standing.score, "rank_and_score"
    if standing.basis == "published" and score is None and recomputed is not None:
        score, line = recomputed, "rank_and_recomputed"
    key = "score" if score is not None else "no_score" if standing.basis in QUOTED else "no_computed_score"
    bounds = bounds_suffix(standing, language)
    return say(
        WORDS[line],
        language,
        rank=say(WORDS[rank], language, rank=standing.rank, peers=standing.peers, bounds=bounds),
        score=say(WORDS[key], language, score=score is not None and format_number(score, _PRINTED)),
        basis=basis_line(standing.basis, standing.evidence, language),
    )


def _source(unit: UnitTrace, standing: Standing, language: Language) -> str:
    """The source and the cell of the figure; for a computed figure one of its input cells."""
    computation = next((computation for computation in unit.computations if computation.basis == standing.basis), None)
    if computation is not None:
        return _computed_source(computation, standing, language)
    if standing.rank is None and standing.score is None:
        return say(WORDS["nothing_read"], language)
    measure = "rank" if standing.rank is not None else "score"
    figures = [
        figure for figure in unit.published if figure.node == unit.node and figure.cell.source == standing.source
    ]
    figure = next((figure for figure in figures if figure.measure == measure), figures[0] if figures else None)
    if figure is None:
        return say(WORDS["merged"], language, source=site_of(standing.source or "–"))
    certainty, site = figure.cell.certainty, site_of(figure.cell.source)
    is_marked = certainty in CERTAINTIES and standing.basis != "derived"  # the name of that basis says it already
    source = f"{site} ({say(CERTAINTIES[certainty], language)})" if is_marked else site
    line = say(WORDS["source"], language, source=source, cell=_cell_text(figure.cell, language))
    return line if len(line) <= WIDTH else line.partition(": «")[0]


def _computed_source(computation: Computation, standing: Standing, language: Language) -> str:
    inputs = [cell for _, cell in cells(computation.step)]
    if not inputs:
        return say(WORDS["merged"], language, source=site_of(standing.source or computation.source))
    if len(inputs) == 1:
        return say(WORDS["read"], language, cell=_cell_text(inputs[0], language))
    return say(WORDS["computed"], language, count=len(inputs), cell=_cell_text(inputs[0], language))


def _cell_text(cell: Cell, language: Language) -> str:
    return f"{cell.file_name}, {place(cell.locator).text(language)}: «{' '.join(cell.raw.split())}»"


def _why(unit: UnitTrace, standing: Standing, language: Language) -> str:
    """The nodes that cost most against the units above, on the leading basis, else on the best founded of ours."""
    if unit.unit == unit.geography:
        return say(WORDS["mean"], language)
    if standing.rank is None:
        return say(WORDS["nowhere"], language)
    if standing.rank == 1:
        return say(WORDS["first"], language)
    leading = next((losses for losses in unit.losses if losses.basis == standing.basis), None)
    losses = leading or next(iter(unit.losses), None)
    if losses is None or not (losses.main or losses.inputs):
        leaf = unit.computations and not any(computation.step.parts for computation in unit.computations)
        return say(WORDS["input" if leaf else "unknown"], language)
    if leading is not None:
        return _loss_line("why", losses, language)
    return _loss_line("why_other", losses, language)


def _loss_line(key: str, losses: Losses, language: Language) -> str:
    """As many of the costliest nodes as fit the line; the name of the first is cut if it must be."""
    if key == "why" and losses.some_alone:
        key = "why_some"
    basis = basis_line(losses.basis, losses.evidence, language)
    costly = [loss for loss in losses.main or losses.inputs if loss.lost_to_mean > 0]
    if not costly:
        return say(WORDS["unknown"], language)

    def line_with(names: Iterable[str]) -> str:
        nodes = ", ".join(map(_with_points, names, costly))
        return say(WORDS[key], language, nodes=nodes, basis=basis, above=losses.above)

    def _with_points(name: str, loss: Loss) -> str:
        return say(WORDS["lost"], language, name=name, points=number(loss.lost_to_mean, language, _POINTS))

    names = [f"{loss.node} {loss.node_name_vi if language == 'vi' else loss.node_name_en}" for loss in costly]
    lines = [line_with(names[:count]) for count in range(len(names), 0, -1)]
    too_long = len(lines[-1]) - WIDTH
    cut = line_with([shortened(names[0], max(len(names[0]) - too_long, len(costly[0].node)))])
    return next((line for line in lines if len(line) <= WIDTH), cut)


def _comparison(unit: UnitTrace, standing: Standing, language: Language) -> str:
    facts = {"period": standing.previous_period, "before": standing.previous_rank, "rank": standing.rank}
    if standing.rank_change is not None:
        line = "same" if not standing.rank_change else "risen" if standing.rank_change > 0 else "fallen"
        return say(WORDS[line], language, **facts, places=abs(standing.rank_change))
    if standing.comparison is None:
        ranked = unit.unit != unit.geography
        reason = say(INCOMPARABLE["not_ranked"], language)
        return say(WORDS["index_only" if ranked else "not_compared"], language, why=reason)
    why = say(INCOMPARABLE[standing.comparison], language)
    line = "not_compared" if standing.previous_rank is None else "apart"
    return say(WORDS[line], language, **facts, why=why)


def _figure(figure: Figure, language: Language) -> str:
    """An operational figure with its unit of measure and source."""
    name = figure.node_name_vi if language == "vi" else figure.node_name_en
    measure = "" if figure.measure == "value" else f"{say(MEASURES[figure.measure], language)} "
    label = marked(name, figure.cell.evidence, language)
    return f"  {label}: {measure}{figure_amount(figure, language)}; {site_of(figure.cell.source)}"


def _figure_lines(trace: Trace, unit: UnitTrace, language: Language) -> Iterator[str]:
    """The first operational figures, and how many more there are."""
    name, count = unit.unit_name_vi if language == "vi" else unit.unit_name_en, len(unit.published)
    yield say(WORDS["reported"], language, unit=name, id=unit.unit, period=trace.period, count=count)
    yield from (_figure(figure, language) for figure in unit.published[:MOST_FIGURES])
    if count > MOST_FIGURES:
        yield say(WORDS["further"], language, count=count - MOST_FIGURES)
