"""A trace as plain lines for a person, in Vietnamese or English.

Here: the lines, their order and their words. Not here: terms (``glossary``), or colours (the command line).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from dti_platform.amounts import amount
from dti_platform.codes import LISTS
from dti_platform.explain.evidence import Cell, Computation, Figure, Step
from dti_platform.explain.forward import Reach
from dti_platform.explain.losses import Loss, Losses
from dti_platform.explain.trace import Gap, Standing, Trace, UnitTrace, Verdict
from dti_platform.glossary import (
    BASES,
    CERTAINTIES,
    COMPARISONS,
    ILLUSTRATIVE,
    MEASURES,
    VERDICTS,
    feed_name,
    metric_name,
    terms,
)
from dti_platform.language import Bilingual, Language, format_number, place, rounded, rule_text
from dti_platform.methodology.rules import categories_named


def trace_lines(trace: Trace, language: Language = "vi") -> list[str]:
    """The whole trace; the first line states the evidence."""
    lines = [evidence_line(trace, language)]
    for unit in trace.units:
        name = unit.unit_name_vi if language == "vi" else unit.unit_name_en
        lines += ["", f"{name} ({unit.unit}) · {trace.period} · {unit.geography} · {trace.release}"]
        lines += _unit_lines(unit, language)
    return lines


def evidence_line(trace: Trace, language: Language) -> str:
    """The evidence of a trace; of a node without a figure also how many figures other nodes have."""
    elsewhere = sum(unit.elsewhere for unit in trace.units)
    key = "none_at_node" if trace.evidence == "none" and elsewhere else trace.evidence
    return say(EVIDENCE[key], language, count=elsewhere)


def reach_lines(reach: Reach, language: Language = "vi") -> list[str]:
    """The values read from the cell, then the figures that rest on them."""
    lines = [say(LINES["reach"], language), *(f"  {_cell(cell, language)}" for cell in reach.cells)]
    lines += ["", say(LINES["moved"], language)]
    for moved in reach.moved:
        name, unit = (
            (moved.node_name_vi, moved.unit_name_vi) if language == "vi" else (moved.node_name_en, moved.unit_name_en)
        )
        rank = f", {say(MEASURES['rank'], language)} {moved.rank}" if moved.rank else ""
        basis = basis_line(moved.basis, moved.evidence, language)
        lines.append(f"  {unit} {moved.period} {moved.node} {name}: {number(moved.score, language, 6)}{rank} ({basis})")
    return lines if reach.moved else [*lines, f"  {say(LINES['nothing_moved'], language)}"]


def _unit_lines(unit: UnitTrace, language: Language) -> Iterator[str]:
    yield from (f"  {_standing(standing, language)}" for standing in unit.standings)
    if unit.published:
        yield from ("", say(LINES["published"], language))
        yield from (f"  {figure_line(figure, language)}" for figure in unit.published)
    if unit.verdicts:
        yield from ("", say(LINES["verdicts"], language))
        yield from (f"  {line}" for line in _verdict_lines(unit.verdicts, language))
    yield from _unexplained(unit, language)
    for losses in unit.losses:
        yield from ("", *_loss_lines(losses, language))
    for computation in _best_founded(unit.computations):
        yield from ("", *_computation_lines(computation, language))
    if unit.gaps:
        yield from ("", say(LINES["gaps"], language))
        yield from (f"  {_gap(gap, language)}" for gap in unit.gaps)


def _best_founded(computations: tuple[Computation, ...]) -> list[Computation]:
    """The recomputed figure, and the best founded of those from submissions: the others have the same cells."""
    recomputed = [computation for computation in computations if computation.basis == "recomputed"]
    return recomputed + [computation for computation in computations if computation.basis != "recomputed"][:1]


def _standing(standing: Standing, language: Language) -> str:
    basis = basis_line(standing.basis, standing.evidence, language)
    lines = [_rank(standing, basis, language)]
    if standing.score is not None:
        lines.append(say(LINES["score"], language, score=number(standing.score, language, 6)))
    if standing.rank_change is not None:
        period, before, change = standing.previous_period, standing.previous_rank, standing.rank_change
        line = LINES["change" if change else "unchanged"]
        lines.append(say(line, language, period=period, before=before, rank=standing.rank, change=change))
    elif standing.comparison is not None and standing.rank is not None:
        lines.append(say(LINES["no_change"], language, why=say(COMPARISONS[standing.comparison], language)))
    return " · ".join(lines)


def _rank(standing: Standing, basis: str, language: Language) -> str:
    """The rank with the number of peers if known; else that there is no rank, and why."""
    facts = {name: getattr(standing, name) for name in ("rank", "peers", "ranked", "missing")}
    if standing.rank is not None:
        line = "standing" if standing.peers else "standing_alone"
    elif standing.score is not None:
        line = "unranked" if standing.peers else "without_rank"
    else:
        line = "not_computed"
    return say(LINES[line], language, basis=basis, bounds=bounds_suffix(standing, language), **facts)


def bounds_suffix(standing: Standing, language: Language) -> str:
    """The bounds of a computed rank, to append to it, if the rank is not settled."""
    possible = bounds(standing.rank, standing.rank_best, standing.rank_worst)
    return f" ({possible.text(language)})" if possible else ""


def bounds(rank: int | None, best: int | None, worst: int | None) -> Bilingual | None:
    """The ranks that are possible among all peers; None where that is the rank alone, or not known (printed ranks)."""
    if not best or not worst or (best == worst and rank in (None, best)):
        return None
    return RANKS["bounds" if best != worst else "bound"].format(best=best, worst=worst)


def basis_line(basis: str, evidence: str, language: Language) -> str:
    """The name of the basis, marked if the figure is illustrative."""
    words = say(BASES[basis], language)
    return f"{words}, {say(ILLUSTRATIVE, language)}" if evidence == "illustrative" else words


def site_of(source: str) -> str:
    """The host of an address; any other source unchanged."""
    return urlsplit(source).hostname or source


def figure_line(figure: Figure, language: Language) -> str:
    """A figure as one source gives it, with its cell."""
    name = figure.node_name_vi if language == "vi" else figure.node_name_en
    mark = f" ({say(CERTAINTIES[certainty], language)})" if (certainty := figure.cell.certainty) in CERTAINTIES else ""
    label = marked(name, figure.cell.evidence, language)
    text = f"{label}: {say(MEASURES[figure.measure], language)} {figure_amount(figure, language)}{mark}"
    return f"{'*' if figure.leads else ' '} {text}  ← {figure.cell.source}  [{_cell(figure.cell, language)}]"


def marked(name: str, evidence: str, language: Language) -> str:
    """A name, behind the word for illustrative if its figure is."""
    return f"{say(ILLUSTRATIVE, language)} · {name}" if evidence == "illustrative" else name


def figure_amount(figure: Figure, language: Language) -> str:
    """The figure with its qualifier; a reported value or plan also has its total and unit of measure."""
    measured = figure.measure in ("value", "plan")
    unit, total = (figure.cell.unit_measure, figure.denominator) if measured else ("rank", None)
    return say(amount(figure.value, unit, figure.qualifier, total), language)


def _cell(cell: Cell, language: Language) -> str:
    document = f"; {' '.join(cell.document.split())}" if cell.document else ""
    location = place(cell.locator).text(language)
    return f"{cell.file_name} ({cell.file[:8]}), {location}: «{' '.join(cell.raw.split())}»{document}"


def _verdict_lines(verdicts: tuple[Verdict, ...], language: Language) -> Iterator[str]:
    """One line for each verdict and reason, with the figures that it applies to."""
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    for entry in verdicts:
        why = (entry.why_vi if language == "vi" else entry.why_en) or ""
        groups.setdefault((entry.basis, entry.verdict, why), []).append(entry)
    for (basis, verdict, why), entries in groups.items():
        difference = max((abs(entry.difference) for entry in entries if entry.difference is not None), default=None)
        largest = f" (≤ {number(difference, language, 6)})" if difference and verdict != "not computable" else ""
        metrics = ", ".join(dict.fromkeys(say(metric_name(entry.metric), language) for entry in entries))
        reason = f" — {why}" if why else ""
        yield f"{say(BASES[basis], language)}: {say(VERDICTS[verdict], language)}{largest}: {metrics}{reason}"


def _unexplained(unit: UnitTrace, language: Language) -> Iterator[str]:
    """A line for each published rank below the first that can't be explained, because no points were published."""
    explained = {losses.basis for losses in unit.losses}
    for standing in unit.standings:
        if standing.basis == "published" not in explained and standing.rank not in (None, 1):
            basis = basis_line(standing.basis, standing.evidence, language)
            yield from ("", say(LINES["why_unknown"], language, basis=basis, rank=standing.rank))


def _loss_lines(losses: Losses, language: Language) -> Iterator[str]:
    basis = basis_line(losses.basis, losses.evidence, language)
    name = losses.next_name_vi if language == "vi" else losses.next_name_en
    scale = number(losses.scale, language)
    line = LINES["why_some" if losses.some_alone else "why"]
    yield say(line, language, basis=basis, next=name, above=losses.above, scale=scale)
    yield from (f"  {_loss(loss, name, language)}" for loss in losses.main)
    if losses.main and losses.inputs:
        yield f"  {say(LINES['within'], language)}"
    yield from (f"  {_loss(loss, name, language)}" for loss in losses.inputs)


def _loss(loss: Loss, above: str, language: Language) -> str:
    """The points of a node, and the distance from those of the unit just above and from the mean."""
    name = loss.node_name_vi if language == "vi" else loss.node_name_en
    points = LINES["points"].format(points=_with_maximum(loss.points, loss.max_points, language)).text(language)
    points = say(LINES["score"], language, score=number(loss.score, language, 6)) if loss.points is None else points
    to_next = _distance(loss.lost_to_next, above, language)
    to_mean = _distance(loss.lost_to_mean, say(LINES["mean"], language), language)
    return f"{loss.node} {name}: {say(LINES['loss'], language, points=points, next=to_next, mean=to_mean)}"


def _with_maximum(points: float | None, maximum: float | None, language: Language) -> str:
    """Points, with the maximum if it is known."""
    return number(points, language) + (f"/{number(maximum, language)}" if maximum is not None else "")


def _distance(loss: float, other: str, language: Language) -> str:
    line = "behind" if loss > 0 else "ahead" if loss < 0 else "level"
    return say(LINES[line], language, points=number(abs(loss), language), whom=other)


def _computation_lines(computation: Computation, language: Language) -> Iterator[str]:
    yield say(LINES["descent"], language, basis=basis_line(computation.basis, computation.evidence, language))
    yield f"  {say(feed_name(computation.source), language)} · {_rounding(computation.rounding, language)}"
    yield from _steps(computation.step, "  ", language, set())


def _rounding(settings: str, language: Language) -> str:
    """The declared rules, which released tables store as ``half_up 6; ties competition 4; provisional 0.9``."""
    rounding, decimals, _, tie, tie_decimals, *_ = settings.replace(";", "").split()
    values = {"rounding": RULES[rounding], "decimals": decimals, "tie": RULES[tie], "tie_decimals": tie_decimals}
    return say(LINES["rounding"], language, **values)


def _steps(step: Step, indent: str, language: Language, shown: set[str]) -> Iterator[str]:
    """A step and its parts; the parts of a node that two pillars share are shown once."""
    name = step.node_name_vi if language == "vi" else step.node_name_en
    value = _with_maximum(step.points, step.max_points, language)
    score = f" = {number(step.score, language, 6)}" if step.score is not None and step.parts else ""
    rank = f", {say(MEASURES['rank'], language)} {step.rank}" if step.rank and step.parts else ""
    rule = _rule(step, language)
    yield f"{indent}{step.node} {name}: {value}{score}{rank}  [{rule}]{_origin(step, language)}"
    if step.node not in shown:
        shown.add(step.node)
        for part in step.parts:
            yield from _steps(part, indent + "  ", language, shown)


def _rule(step: Step, language: Language) -> str:
    """The rule in one language; earlier releases name its categories by code."""
    rule = categories_named(Bilingual(step.rule_vi, step.rule_en)).text(language)
    return rule_text(rule, language)


def _origin(step: Step, language: Language) -> str:
    raw = [f"{say(MEASURES[figure.measure], language)} {_cell(figure.cell, language)}" for figure in step.raw]
    if step.cell is not None or raw:
        points = [_cell(step.cell, language)] if step.cell is not None else []
        return f"  ← {'; '.join([*raw, *points])}"
    if step.missing and step.missing_rule:
        return "  " + say(LINES["absent"], language, missing=step.missing, rule=MISSING_RULES[step.missing_rule])
    return ""


def _gap(gap: Gap, language: Language) -> str:
    why = gap.why_vi if language == "vi" else gap.why_en
    lacking = gap.lacking and not why  # the reason states how many are missing, where that matters
    missing = say(LINES["missing"], language, lacking=gap.lacking, inputs=gap.inputs) if lacking else ""
    counts = {"received": gap.received, "accepted": gap.accepted, "quarantined": gap.quarantined}
    line = say(LINES["gap"], language, feed=feed_name(gap.feed), missing=missing, **counts)
    return f"{line} — {why}" if why else line


#: The first line: the evidence of the trace.
EVIDENCE = terms("trace_evidence")
RANKS = terms("rank_words")
#: Headings and sentences.
LINES = terms("trace_lines")
#: How a framework treats a missing part.
MISSING_RULES = LISTS["missing_rule"].names
#: Settings of a framework.
RULES = terms("framework_words")


def say(text: Bilingual, language: Language, **details: object) -> str:
    """A text with its placeholders filled, in one language."""
    return text.format(**details).text(language)


def number(value: float | None, language: Language, decimals: int = 4) -> str:
    """A figure in the notation of the language, without trailing zeros; a dot for a missing one."""
    return "·" if value is None else format_number(rounded(value, decimals)).text(language)
