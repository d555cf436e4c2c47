"""A what-if as lines for a person, in Vietnamese or English; the first line states the evidence.

Here: the lines, their order and their words. Not here: any figure (``audit.whatif``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.explain.text import basis_line, number, say, site_of
from dti_platform.glossary import BASES, terms
from dti_platform.language import Language

if TYPE_CHECKING:
    from decimal import Decimal

    from dti_platform.audit.printed import Between, Needed, Printed
    from dti_platform.audit.reach import Gain, Reach
    from dti_platform.audit.scenario import Other, Scenario, Step
    from dti_platform.audit.whatif import Released, WhatIf

LINES = terms("whatif_lines")
#: At most this many units are named; the others are counted.
MOST_NAMED = 8
#: The decimals of a score.
_SCORE = 6
#: Points have nine decimals, so that typing in a gain has the stated effect.
_POINTS = 9


def whatif_lines(answer: WhatIf, costs: Mapping[str, Decimal], language: Language = "vi") -> list[str]:
    """The whole answer; ``costs``: the cost of a point by node, where one was given."""
    name = answer.unit_name_vi if language == "vi" else answer.unit_name_en
    facts = {"period": answer.period, "framework": answer.framework, "release": answer.release}
    first = answer.evidence
    if answer.printed and not answer.asked:
        first = "both_published" if answer.scenarios else "published"
    lines = [say(LINES[first], language), say(LINES["head"], language, unit=name, id=answer.unit, **facts)]
    if answer.official and not answer.printed:
        lines.append(_official(answer.official, language))
    for difference in answer.differing:
        now, released = (number(score, language, _SCORE) for score in (difference.now, difference.released))
        lines.append(
            say(LINES["differs"], language, basis=say(BASES[difference.basis], language), now=now, released=released)
        )
    for scenario in answer.scenarios:
        lines += ["", *_scenario(scenario, language)]
    after = [say(LINES["after_changes"], language)] if answer.scenarios else []
    for reach in answer.reaches:
        lines += ["", *after, *_reach(reach, costs, answer.tie_decimals, language)]
    if answer.printed is not None:
        lines += ["", *_printed(answer.printed, language)]
    if answer.scenarios and not answer.asked:
        further = (say(LINES[key], language, id=answer.unit, period=answer.period) for key in ("codes", "robust"))
        lines += ["", *further]
    changed = answer.asked or any(scenario.index.before != scenario.index.after for scenario in answer.scenarios)
    return [*lines, "", say(LINES["others_stay"], language)] if changed else lines


def _official(official: Released, language: Language) -> str:
    """The published rank with the number of peers, the score if one was published, and the source."""
    line = LINES["index_rank" if official.score is None else "index_score"]
    of_peers, score = _of_peers(official.peers, language), number(official.score, language, _SCORE)
    facts = {"rank": official.rank, "of": of_peers, "score": score}
    source = site_of(official.source or "–")
    return say(LINES["official_rank"], language, told=say(line, language, **facts), source=source)


def _scenario(scenario: Scenario, language: Language) -> Iterator[str]:
    basis = basis_line(scenario.basis, scenario.evidence, language)
    if scenario.figures_of is None:
        yield say(LINES["basis"], language, basis=basis)
    else:
        yield say(LINES["accepted"], language, other=say(BASES[scenario.figures_of], language), basis=basis)
    yield from (f"  {line}" for line in _outcome(scenario, language))


def _outcome(scenario: Scenario, language: Language) -> Iterator[str]:
    """The index first, then what moved it, then the units that it overtakes."""
    steps, index = scenario.steps[:-1], scenario.index
    yield _index(index, language)
    if scenario.figures_of is not None:
        parts = [step for step in steps if step.kind != "indicator"]
        yield say(LINES["changed"], language, count=len(steps) - len(parts))
        steps = parts
    for step in steps:
        yield _step(step, language)
    if index.before.points != index.after.points:
        yield from _overtaken(scenario, language)


def _index(step: Step, language: Language) -> str:
    unchanged = step.before == step.after
    return say(
        LINES["index_same" if unchanged else "index"],
        language,
        node=step.node,
        name=step.node_name_vi if language == "vi" else step.node_name_en,
        before=number(step.before.score, language, _SCORE),
        after=number(step.after.score, language, _SCORE),
        points=_points([step.before.points] if unchanged else [step.before.points, step.after.points], step, language),
        rank_before=step.before.rank or "–",
        rank_after=step.after.rank or "–",
        ranked=step.after.ranked or "–",
    )


def _points(points: Sequence[float | None], step: Step, language: Language) -> str:
    """The points behind a score, which is a share of the whole, with the maximum; empty if one is unknown."""
    maximum, scores = step.after.max_points, " → ".join(number(value, language, _POINTS) for value in points)
    return "" if maximum is None or None in points else _with_maximum(scores, maximum, language)


def _with_maximum(points: str, maximum: float, language: Language) -> str:
    return say(LINES["scaled"], language, points=points, most=number(maximum, language))


def _step(step: Step, language: Language) -> str:
    unchanged = step.before == step.after
    line = say(
        LINES["step_same" if unchanged else "step"],
        language,
        node=step.node,
        name=step.node_name_vi if language == "vi" else step.node_name_en,
        before=number(step.before.points, language, _POINTS),
        after=number(step.after.points, language, _POINTS),
        most=number(step.after.max_points, language, _POINTS),
        rank_before=step.before.rank or "–",
        rank_after=step.after.rank or "–",
    )
    if not step.off_grade:
        return line
    grades = "; ".join(number(grade, language, _POINTS) for grade in step.grades)
    return f"{line} ({say(LINES['off_grade'], language, grades=grades)})"


def _overtaken(scenario: Scenario, language: Language) -> Iterator[str]:
    groups = {"passed": scenario.passed, "level": scenario.level, "passed_by": scenario.passed_by}
    for line, units in groups.items():
        if units:
            yield say(LINES[line], language, count=len(units), units=_unit_names(units, language))
    if not any(groups.values()):
        yield say(LINES["nobody"], language)


def _unit_names(units: Sequence[Other], language: Language) -> str:
    names = [
        say(LINES["unit"], language, name=unit.name_vi if language == "vi" else unit.name_en,
            score=number(unit.score, language, _SCORE))
        for unit in units[:MOST_NAMED]
    ]  # fmt: skip
    return ", ".join(names) + (", …" if len(units) > MOST_NAMED else "")


def _reach(reach: Reach, costs: Mapping[str, Decimal], decimals: int, language: Language) -> Iterator[str]:
    yield say(LINES["basis"], language, basis=basis_line(reach.scenario.basis, reach.scenario.evidence, language))
    least = reach.score * (reach.scenario.index.after.max_points or 1)
    score = f"{number(reach.score, language, _POINTS)}{_points([least], reach.scenario.index, language)}"
    facts = {"rank": reach.rank, "score": score, "count": len(reach.gains)}
    if not reach.reached:
        yield say(LINES["unreached"], language, lacking=number(reach.lacking, language, _POINTS), **facts)
        yield f"  {_index(reach.scenario.index, language)}"
        return
    if not reach.gains:
        yield say(LINES["there"], language, **facts)
        yield f"  {_index(reach.scenario.index, language)}"
        return
    yield say(LINES["reach"], language, cost=number(reach.cost, language, _POINTS), **facts)
    yield from (f"  {_gain(gain, language)}" for gain in reach.gains)
    yield f"  {_index(reach.scenario.index, language)}"
    yield from (f"  {line}" for line in _overtaken(reach.scenario, language))
    if not reach.proven:
        yield say(LINES["unproven"], language, at_least=number(reach.at_least, language, _POINTS))
    prices = "; ".join(f"{node}: {number(float(cost), language)}" for node, cost in costs.items())
    yield say(LINES["costs" if costs else "cost_one"], language, costs=prices)
    yield say(LINES["ties"], language, decimals=decimals)


def _gain(gain: Gain, language: Language) -> str:
    return say(
        LINES["gain"],
        language,
        node=gain.node,
        name=gain.node_name_vi if language == "vi" else gain.node_name_en,
        before=number(gain.points, language, _POINTS),
        gain=number(gain.gain, language, _POINTS),
        after=number(gain.points + gain.gain, language, _POINTS),
        most=number(gain.max_points, language, _POINTS),
        cost=number(gain.cost, language, _POINTS),
    )


def _printed(printed: Printed, language: Language) -> Iterator[str]:
    """What published figures imply: the bounds of score and rank, before and after the changes."""
    yield say(LINES["basis"], language, basis=basis_line(printed.basis, printed.evidence, language))
    yield say(LINES["printed"], language, totals=printed.totals, of=_of_peers(printed.peers, language))
    if printed.peers is None:
        yield say(LINES["peers_unknown"], language)
    yield f"  {_standing('printed_now', printed, printed.before, language)}"
    for change in printed.changes:
        unknown = say(LINES["put_unknown"], language)
        value = unknown if change.value is None else say(
            LINES["put_value"], language, value=number(change.value, language, _POINTS))  # fmt: skip
        gain = ("+" if change.gain > 0 else "") + number(change.gain, language, _POINTS)
        name = change.node_name_vi if language == "vi" else change.node_name_en
        most = number(change.max_points, language)
        yield f"  {say(LINES['put'], language, node=change.node, name=name, gain=gain, most=most, value=value)}"
    if printed.changes:
        yield f"  {_standing('printed_then', printed, printed.after, language)}"
        if printed.needed is not None:
            yield say(LINES["after_changes"], language)
    if printed.needed is not None:
        yield f"  {_needed(printed, printed.needed, language)}"


def _standing(line: str, printed: Printed, bounds: Between, language: Language) -> str:
    score = _total(printed, bounds, language)
    worst = say(LINES["unknown_last"], language) if bounds.rank_worst is None else str(bounds.rank_worst)
    rank = _between(str(bounds.rank_best), worst, language)
    origin = say(LINES["recomputed"], language) if printed.recomputed else ""
    return say(LINES[line], language, score=score, how=origin, rank=rank, of=_of_peers(printed.peers, language))


def _total(printed: Printed, bounds: Between, language: Language) -> str:
    """The total as a share of the whole and in points; a sentence if nothing is known about it.

    If the total is published or recomputed, its bounds follow only where its rounding changes the possible ranks.
    """
    ends = (bounds.score_least, bounds.score_most)
    if bounds.score is None and ends == (0, 1):
        return say(LINES["total_unknown"], language)
    shown = ends if bounds.score is None else (bounds.score, bounds.score)

    def between(scale: float) -> str:
        least, most = (number(end * scale, language, _POINTS) for end in shown)
        return _between(least, most, language)

    maximum = printed.max_points
    total = between(1) + ("" if maximum is None else _with_maximum(between(maximum), maximum, language))
    if not bounds.rounding_counts:
        return total
    least, most = (number(end, language, _POINTS) for end in ends)
    return total + say(LINES["rounded"], language, least=least, most=most)


def _of_peers(peers: int | None, language: Language) -> str:
    """The number of peers, to append to a rank; empty if it is not public."""
    return "" if peers is None else say(LINES["of_peers"], language, peers=peers)


def _between(low: str, high: str, language: Language) -> str:
    return low if low == high else say(LINES["between"], language, least=low, most=high)


def _needed(printed: Printed, needed: Needed, language: Language) -> str:
    if not needed.most:
        return say(LINES["there"], language, rank=needed.rank)
    if not needed.least and needed.most >= (printed.max_points or 1):  # only the full maximum is certain to be enough
        return say(LINES["needed_unknown"], language, rank=needed.rank)
    least, most = (number(points, language, _POINTS) for points in (needed.least, needed.most))
    of_points = "" if printed.max_points is None else say(
        LINES["of_points"], language, most=number(printed.max_points, language))  # fmt: skip
    line = LINES["needed_exactly" if least == most else "needed" if needed.least else "needed_most"]
    return say(line, language, rank=needed.rank, least=least, most=most, unit=of_points)
