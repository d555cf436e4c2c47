"""A trace as plain lines for a person, in Vietnamese or English.

Here: the lines, their order and their words. Not here: terms (``glossary``), nor colours (the command line's).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
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
from dti_platform.language import Bilingual, Language, format_number, place, rule_text
from dti_platform.methodology.rules import categories_named


def trace_lines(trace: Trace, language: Language = "vi") -> list[str]:
    """The whole trace: its first line says on what evidence it rests."""
    lines = [say(EVIDENCE[trace.evidence], language)]
    for unit in trace.units:
        name = unit.unit_name_vi if language == "vi" else unit.unit_name_en
        lines += ["", f"{name} ({unit.unit}) · {trace.period} · {unit.geography} · {trace.release}"]
        lines += _unit(unit, language)
    return lines


def reach_lines(reach: Reach, language: Language = "vi") -> list[str]:
    """What was read in the cell, then what rests on it."""
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


def _unit(unit: UnitTrace, language: Language) -> Iterator[str]:
    yield from (f"  {_standing(each, language)}" for each in unit.standings)
    if unit.published:
        yield from ("", say(LINES["published"], language))
        yield from (f"  {figure_line(each, language)}" for each in unit.published)
    if unit.verdicts:
        yield from ("", say(LINES["verdicts"], language))
        yield from (f"  {line}" for line in _verdicts(unit.verdicts, language))
    yield from _unexplained(unit, language)
    for losses in unit.losses:
        yield from ("", *_losses(losses, language))
    for computation in _best_founded(unit.computations):
        yield from ("", *_descent(computation, language))
    if unit.gaps:
        yield from ("", say(LINES["gaps"], language))
        yield from (f"  {_gap(each, language)}" for each in unit.gaps)


def _best_founded(computations: tuple[Computation, ...]) -> list[Computation]:
    """What was recomputed, and of the bases of submissions the best founded: the others are like it, cell by cell."""
    printed = [each for each in computations if each.basis == "recomputed"]
    return printed + [each for each in computations if each.basis != "recomputed"][:1]


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
    """The rank, among how many where that is known; else that there is none, and why."""
    facts = {name: getattr(standing, name) for name in ("rank", "peers", "ranked", "missing")}
    if standing.rank is not None:
        line = "standing" if standing.peers else "standing_alone"
    elif standing.score is not None:
        line = "unranked" if standing.peers else "without_rank"
    else:
        line = "not_computed"
    return say(LINES[line], language, basis=basis, bounds=bounds_behind(standing, language), **facts)


def bounds_behind(standing: Standing, language: Language) -> str:
    """Behind a rank of ours between which ranks the unit may stand, where that is not settled."""
    told = bounds(standing.rank_best, standing.rank_worst)
    return f" ({told.text(language)})" if told else ""


def bounds(best: int | None, worst: int | None) -> Bilingual | None:
    """Between which ranks a unit may stand; None where they are one, or not known, as of printed ranks."""
    return RANKS["bounds"].format(best=best, worst=worst) if best and worst and best != worst else None


def basis_line(basis: str, evidence: str, language: Language) -> str:
    """Whose figure it is, marked where it is illustrative."""
    words = say(BASES[basis], language)
    return f"{words}, {say(ILLUSTRATIVE, language)}" if evidence == "illustrative" else words


def site_of(source: str) -> str:
    """The site of an address; any other source as it is."""
    return urlsplit(source).hostname or source


def figure_line(figure: Figure, language: Language) -> str:
    """A figure as one source gives it, and where."""
    name = figure.node_name_vi if language == "vi" else figure.node_name_en
    mark = f" ({say(CERTAINTIES[sure], language)})" if (sure := figure.cell.certainty) in CERTAINTIES else ""
    text = f"{name}: {say(MEASURES[figure.measure], language)} {figure_amount(figure, language)}{mark}"
    return f"{'*' if figure.leads else ' '} {text}  ← {figure.cell.source}  [{_cell(figure.cell, language)}]"


def figure_amount(figure: Figure, language: Language) -> str:
    """The figure with its wording; one that was reported, or its plan, with its total and unit of measure, too."""
    measured = figure.measure in ("value", "plan")
    unit, total = (figure.cell.unit_measure, figure.denominator) if measured else ("rank", None)
    return say(amount(figure.value, unit, figure.qualifier, total), language)


def _cell(cell: Cell, language: Language) -> str:
    document = f"; {' '.join(cell.document.split())}" if cell.document else ""
    at = place(cell.locator).text(language)
    return f"{cell.file_name} ({cell.file[:8]}), {at}: «{' '.join(cell.raw.split())}»{document}"


def _verdicts(verdicts: tuple[Verdict, ...], language: Language) -> Iterator[str]:
    """One line for each verdict and reason, with the figures that it applies to."""
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    for each in verdicts:
        why = (each.why_vi if language == "vi" else each.why_en) or ""
        groups.setdefault((each.basis, each.verdict, why), []).append(each)
    for (basis, verdict, why), alike in groups.items():
        apart = max((abs(each.difference) for each in alike if each.difference is not None), default=None)
        largest = f" (≤ {number(apart, language, 6)})" if apart and verdict != "not computable" else ""
        metrics = ", ".join(dict.fromkeys(say(metric_name(each.metric), language) for each in alike))
        reason = f" — {why}" if why else ""
        yield f"{say(BASES[basis], language)}: {say(VERDICTS[verdict], language)}{largest}: {metrics}{reason}"


def _unexplained(unit: UnitTrace, language: Language) -> Iterator[str]:
    """That a published rank below the first has no known reason, where no points were published to compare."""
    explained = {each.basis for each in unit.losses}
    for each in unit.standings:
        if each.basis == "published" not in explained and each.rank not in (None, 1):
            basis = basis_line(each.basis, each.evidence, language)
            yield from ("", say(LINES["why_unknown"], language, basis=basis, rank=each.rank))


def _losses(losses: Losses, language: Language) -> Iterator[str]:
    basis = basis_line(losses.basis, losses.evidence, language)
    name = losses.next_name_vi if language == "vi" else losses.next_name_en
    scale = number(losses.scale, language)
    yield say(LINES["why"], language, basis=basis, next=name, above=losses.above, scale=scale)
    yield from (f"  {_loss(each, name, language)}" for each in losses.main)
    if losses.main and losses.inputs:
        yield f"  {say(LINES['within'], language)}"
    yield from (f"  {_loss(each, name, language)}" for each in losses.inputs)


def _loss(loss: Loss, above: str, language: Language) -> str:
    """The points of a node, and how far they are from those of the unit just above and from the mean."""
    name = loss.node_name_vi if language == "vi" else loss.node_name_en
    points = LINES["points"].format(points=_of_most(loss.points, loss.max_points, language)).text(language)
    points = say(LINES["score"], language, score=number(loss.score, language, 6)) if loss.points is None else points
    to_next = _distance(loss.lost_to_next, above, language)
    to_mean = _distance(loss.lost_to_mean, say(LINES["mean"], language), language)
    return f"{loss.node} {name}: {say(LINES['loss'], language, points=points, next=to_next, mean=to_mean)}"


def _of_most(points: float | None, most: float | None, language: Language) -> str:
    """Points, and of how many where that is known."""
    return number(points, language) + (f"/{number(most, language)}" if most is not None else "")


def _distance(lost: float, whom: str, language: Language) -> str:
    line = "behind" if lost > 0 else "ahead" if lost < 0 else "level"
    return say(LINES[line], language, points=number(abs(lost), language), whom=whom)


def _descent(computation: Computation, language: Language) -> Iterator[str]:
    yield say(LINES["descent"], language, basis=basis_line(computation.basis, computation.evidence, language))
    yield f"  {say(feed_name(computation.source), language)} · {_rounding(computation.rounding, language)}"
    yield from _steps(computation.step, "  ", language, set())


def _rounding(settings: str, language: Language) -> str:
    """The declared rules, which released tables hold as ``half_up 6; ties competition 4; provisional 0.9``."""
    rounding, decimals, _, tie, tie_decimals, *_ = settings.replace(";", "").split()
    named = {"rounding": RULES[rounding], "decimals": decimals, "tie": RULES[tie], "tie_decimals": tie_decimals}
    return say(LINES["rounding"], language, **named)


def _steps(step: Step, indent: str, language: Language, written: set[str]) -> Iterator[str]:
    """A step and its parts; a part that two pillars share is shown once."""
    name = step.node_name_vi if language == "vi" else step.node_name_en
    value = _of_most(step.points, step.max_points, language)
    score = f" = {number(step.score, language, 6)}" if step.score is not None and step.parts else ""
    rank = f", {say(MEASURES['rank'], language)} {step.rank}" if step.rank and step.parts else ""
    rule = _rule(step, language)
    yield f"{indent}{step.node} {name}: {value}{score}{rank}  [{rule}]{_place(step, language)}"
    if step.node not in written:
        written.add(step.node)
        for part in step.parts:
            yield from _steps(part, indent + "  ", language, written)


def _rule(step: Step, language: Language) -> str:
    """The rule in one language; earlier releases name its categories in code."""
    rule = categories_named(Bilingual(step.rule_vi, step.rule_en)).text(language)
    return rule_text(rule, language)


def _place(step: Step, language: Language) -> str:
    if step.cell is not None:
        return f"  ← {_cell(step.cell, language)}"
    if step.missing and step.missing_rule:
        return "  " + say(LINES["absent"], language, missing=step.missing, rule=MISSING_RULES[step.missing_rule])
    return ""


def _gap(gap: Gap, language: Language) -> str:
    why = gap.why_vi if language == "vi" else gap.why_en
    lacking = gap.lacking and not why  # the reason says how many are missing, where that matters
    missing = say(LINES["missing"], language, lacking=gap.lacking, inputs=gap.inputs) if lacking else ""
    counts = {"received": gap.received, "accepted": gap.accepted, "quarantined": gap.quarantined}
    line = say(LINES["gap"], language, feed=feed_name(gap.feed), missing=missing, **counts)
    return f"{line} — {why}" if why else line


#: The first line: on what evidence the trace rests.
EVIDENCE = terms("trace_evidence")
RANKS = terms("rank_words")
#: Headings and sentences.
LINES = terms("trace_lines")
#: What a framework does about a missing part.
MISSING_RULES = LISTS["missing_rule"].names
#: Settings of a framework.
RULES = terms("framework_words")


def say(text: Bilingual, language: Language, **details: object) -> str:
    """A text in one language, filled."""
    return text.format(**details).text(language)


def number(value: float | None, language: Language, decimals: int = 4) -> str:
    """A figure as the language writes it, without needless zeros; a dot for a missing one."""
    return "·" if value is None else format_number(Decimal(f"{value:.{decimals}f}")).text(language)
