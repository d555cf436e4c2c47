"""A trace in five lines, each as wide as a terminal: evidence; what; where from; why; compared with the period before.

Here: choosing what is told first, and its words. Not here: the whole of it (``text``), nor finding it (``trace``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dti_platform.explain.evidence import Cell, Computation, Figure, cells
from dti_platform.explain.losses import Loss, Losses
from dti_platform.explain.text import EVIDENCE, basis_line, bounds_behind, figure_amount, number, say, site_of
from dti_platform.explain.trace import Standing, Trace, UnitTrace
from dti_platform.glossary import CERTAINTIES, MEASURES, terms
from dti_platform.language import Language, format_number, place, shortened

#: The letters of a line.
WIDTH = 80
#: So many operational figures are told.
MOST_FIGURES = 3
WORDS = terms("trace_brief")
#: What parts a ranking from the one before, in few words.
APART = terms("trace_apart")
#: The decimals of scores, as they are printed, and of points lost.
_PRINTED, _POINTS = 4, 2


def brief_lines(trace: Trace, language: Language = "vi") -> list[str]:
    """The evidence, then four lines for each unit; a unit of which figures were reported alone has those."""
    lines = [say(EVIDENCE[trace.evidence], language)]
    for unit in trace.units:
        told = _of_index(trace, unit, language) if unit.standings else _reported(trace, unit, language)
        lines += [shortened(line, WIDTH) for line in told]
    return lines


def _of_index(trace: Trace, unit: UnitTrace, language: Language) -> Iterator[str]:
    leading = unit.standings[0]
    yield _head(trace, unit, leading, language)
    yield _source(unit, leading, language)
    yield _why(unit, leading, language)
    yield _before(unit, leading, language)


def _head(trace: Trace, unit: UnitTrace, standing: Standing, language: Language) -> str:
    """What is asked about, by name as far as the line has room, and where it stands."""
    several = len({each.framework for each in trace.units}) > 1
    period = f"{trace.period}, {unit.framework}" if several else trace.period
    rank = "no_rank" if standing.rank is None else "rank_of" if standing.peers else "rank"
    score = "no_score" if standing.score is None else "score"
    values = {
        "rank": standing.rank,
        "peers": standing.peers,
        "bounds": bounds_behind(standing, language),
        "score": standing.score is not None and format_number(standing.score, _PRINTED),
    }
    facts = {
        "period": period,
        "place": ", ".join(say(WORDS[each], language, **values) for each in (rank, score)),
        "basis": basis_line(standing.basis, standing.evidence, language),
    }
    code, name = str(unit.node), (unit.node_name_vi if language == "vi" else unit.node_name_en) or ""
    shown = unit.unit_name_vi if language == "vi" else unit.unit_name_en
    heads = (
        say(WORDS["head"], language, unit=who, node=what, **facts)
        for who in (f"{shown} ({unit.unit})", shown, unit.unit)
        for what in (f"{code} {name}", code)
    )
    return next((head for head in heads if len(head) <= WIDTH), f"{unit.unit}, {facts['place']} ({facts['basis']})")


def _source(unit: UnitTrace, standing: Standing, language: Language) -> str:
    """Who says it, and where in which file it was read; of ours one of the cells that it was computed from."""
    computed = next((each for each in unit.computations if each.basis == standing.basis), None)
    if computed is not None:
        return _computed(computed, standing, language)
    measure = "rank" if standing.rank is not None else "score"
    printed = [each for each in unit.published if each.node == unit.node and each.cell.source == standing.source]
    figure = next((each for each in printed if each.measure == measure), printed[0] if printed else None)
    if figure is None:
        return say(WORDS["merged"], language, source=site_of(standing.source or "–"))
    sure, site = figure.cell.certainty, site_of(figure.cell.source)
    marked = sure in CERTAINTIES and standing.basis != "derived"  # which says it already
    who = f"{site} ({say(CERTAINTIES[sure], language)})" if marked else site
    line = say(WORDS["source"], language, source=who, cell=_place(figure.cell, language))
    return line if len(line) <= WIDTH else line.partition(": «")[0]


def _computed(computation: Computation, standing: Standing, language: Language) -> str:
    read = [cell for _, cell in cells(computation.step)]
    if not read:
        return say(WORDS["merged"], language, source=site_of(standing.source or computation.source))
    if len(read) == 1:
        return say(WORDS["read"], language, cell=_place(read[0], language))
    return say(WORDS["computed"], language, count=len(read), cell=_place(read[0], language))


def _place(cell: Cell, language: Language) -> str:
    return f"{cell.file_name}, {place(cell.locator).text(language)}: «{' '.join(cell.raw.split())}»"


def _why(unit: UnitTrace, standing: Standing, language: Language) -> str:
    """What costs the unit most against those above, on the basis that leads, else on the best founded of ours."""
    if unit.unit == unit.geography:
        return say(WORDS["mean"], language)
    if standing.rank is None:
        return say(WORDS["nowhere"], language)
    if standing.rank == 1:
        return say(WORDS["first"], language)
    own = next((each for each in unit.losses if each.basis == standing.basis), None)
    told = own or next(iter(unit.losses), None)
    if told is None or not (told.main or told.inputs):
        leaf = unit.computations and not any(each.step.parts for each in unit.computations)
        return say(WORDS["input" if leaf else "unknown"], language)
    if own is not None:
        return _lost("why", told, language)
    return _lost("why_other", told, language)


def _lost(line: str, losses: Losses, language: Language) -> str:
    """As many of the nodes that cost most as the line has room for; the name of the first is cut where it must be."""
    basis = basis_line(losses.basis, losses.evidence, language)
    dear = [each for each in losses.main or losses.inputs if each.lost_to_mean > 0]
    if not dear:
        return say(WORDS["unknown"], language)

    def told(names: Iterable[str]) -> str:
        nodes = ", ".join(map(_with_points, names, dear))
        return say(WORDS[line], language, nodes=nodes, basis=basis)

    def _with_points(name: str, loss: Loss) -> str:
        return say(WORDS["lost"], language, name=name, points=number(loss.lost_to_mean, language, _POINTS))

    names = [f"{each.node} {each.node_name_vi if language == 'vi' else each.node_name_en}" for each in dear]
    lines = [told(names[:count]) for count in range(len(names), 0, -1)]
    too_long = len(lines[-1]) - WIDTH
    cut = told([shortened(names[0], max(len(names[0]) - too_long, len(dear[0].node)))])
    return next((each for each in lines if len(each) <= WIDTH), cut)


def _before(unit: UnitTrace, standing: Standing, language: Language) -> str:
    facts = {"period": standing.previous_period, "before": standing.previous_rank, "rank": standing.rank}
    if standing.rank_change is not None:
        line = "same" if not standing.rank_change else "risen" if standing.rank_change > 0 else "fallen"
        return say(WORDS[line], language, **facts, places=abs(standing.rank_change))
    if standing.comparison is None:
        ranked = unit.unit != unit.geography
        apart = say(APART["not_ranked"], language)
        return say(WORDS["index_only" if ranked else "not_compared"], language, why=apart)
    why = say(APART[standing.comparison], language)
    line = "not_compared" if standing.previous_rank is None else "apart"
    return say(WORDS[line], language, **facts, why=why)


def _figure(figure: Figure, language: Language) -> str:
    """An operational figure with its unit of measure, and who says it."""
    name = figure.node_name_vi if language == "vi" else figure.node_name_en
    measure = "" if figure.measure == "value" else f"{say(MEASURES[figure.measure], language)} "
    return f"  {name}: {measure}{figure_amount(figure, language)}; {site_of(figure.cell.source)}"


def _reported(trace: Trace, unit: UnitTrace, language: Language) -> Iterator[str]:
    """The first of the operational figures that were reported."""
    name, count = unit.unit_name_vi if language == "vi" else unit.unit_name_en, len(unit.published)
    yield say(WORDS["reported"], language, unit=name, id=unit.unit, period=trace.period, count=count)
    yield from (_figure(each, language) for each in unit.published[:MOST_FIGURES])
    if count > MOST_FIGURES:
        yield say(WORDS["further"], language, count=count - MOST_FIGURES)
