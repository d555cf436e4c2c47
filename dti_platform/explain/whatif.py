"""A what-if as lines for a person, in Vietnamese or English: the first says on what evidence it rests.

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
#: So many units are named; of the others the number is told.
MOST_NAMED = 8
#: The decimals of a score.
_SCORE = 6
#: Points are told to the last billionth, so that a gain that is typed in reaches what it says.
_POINTS = 9


def whatif_lines(found: WhatIf, costs: Mapping[str, Decimal], language: Language = "vi") -> list[str]:
    """The whole answer; ``costs``: of a point, where one was given."""
    name = found.unit_name_vi if language == "vi" else found.unit_name_en
    facts = {"period": found.period, "framework": found.framework, "release": found.release}
    first = found.evidence
    if found.printed and not found.asked:
        first = "both_published" if found.scenarios else "published"
    lines = [say(LINES[first], language), say(LINES["head"], language, unit=name, id=found.unit, **facts)]
    if found.official and not found.printed:
        lines.append(_official(found.official, language))
    for each in found.differing:
        now, released = (number(score, language, _SCORE) for score in (each.now, each.released))
        lines.append(
            say(LINES["differs"], language, basis=say(BASES[each.basis], language), now=now, released=released)
        )
    for each in found.scenarios:
        lines += ["", *_scenario(each, language)]
    after = [say(LINES["after_changes"], language)] if found.scenarios else []
    for each in found.reaches:
        lines += ["", *after, *_reach(each, costs, found.tie_decimals, language)]
    if found.printed is not None:
        lines += ["", *_printed(found.printed, language)]
    if found.scenarios and not found.asked:
        further = (say(LINES[each], language, id=found.unit, period=found.period) for each in ("codes", "robust"))
        lines += ["", *further]
    changed = found.asked or any(each.index.before != each.index.after for each in found.scenarios)
    return [*lines, "", say(LINES["others_stay"], language)] if changed else lines


def _official(official: Released, language: Language) -> str:
    """The published rank, of how many, the score, where one was published, and who says so."""
    told = LINES["index_rank" if official.score is None else "index_score"]
    of, score = _of(official.peers, language), number(official.score, language, _SCORE)
    facts = {"rank": official.rank, "of": of, "score": score}
    source = site_of(official.source or "–")
    return say(LINES["official_rank"], language, told=say(told, language, **facts), source=source)


def _scenario(scenario: Scenario, language: Language) -> Iterator[str]:
    basis = basis_line(scenario.basis, scenario.evidence, language)
    if scenario.figures_of is None:
        yield say(LINES["basis"], language, basis=basis)
    else:
        yield say(LINES["accepted"], language, other=say(BASES[scenario.figures_of], language), basis=basis)
    yield from (f"  {line}" for line in _outcome(scenario, language))


def _outcome(scenario: Scenario, language: Language) -> Iterator[str]:
    """The index first, then what moved it, then whom it passes."""
    steps, index = scenario.steps[:-1], scenario.index
    yield _index(index, language)
    if scenario.figures_of is not None:
        parts = [each for each in steps if each.kind != "indicator"]
        yield say(LINES["changed"], language, count=len(steps) - len(parts))
        steps = parts
    for each in steps:
        yield _step(each, language)
    if index.before.points != index.after.points:
        yield from _others(scenario, language)


def _index(step: Step, language: Language) -> str:
    same = step.before == step.after
    return say(
        LINES["index_same" if same else "index"],
        language,
        node=step.node,
        name=step.node_name_vi if language == "vi" else step.node_name_en,
        before=number(step.before.score, language, _SCORE),
        after=number(step.after.score, language, _SCORE),
        points=_points([step.before.points] if same else [step.before.points, step.after.points], step, language),
        rank_before=step.before.rank or "–",
        rank_after=step.after.rank or "–",
        ranked=step.after.ranked or "–",
    )


def _points(points: Sequence[float | None], step: Step, language: Language) -> str:
    """Behind a score, which is a share of the whole, its points and of how many, where that is known."""
    most, told = step.after.max_points, " → ".join(number(each, language, _POINTS) for each in points)
    return "" if most is None or None in points else _of_most(told, most, language)


def _of_most(points: str, most: float, language: Language) -> str:
    return say(LINES["scaled"], language, points=points, most=number(most, language))


def _step(step: Step, language: Language) -> str:
    same = step.before == step.after
    line = say(
        LINES["step_same" if same else "step"],
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
    grades = "; ".join(number(each, language, _POINTS) for each in step.grades)
    return f"{line} ({say(LINES['off_grade'], language, grades=grades)})"


def _others(scenario: Scenario, language: Language) -> Iterator[str]:
    told = {"passed": scenario.passed, "level": scenario.level, "passed_by": scenario.passed_by}
    for line, units in told.items():
        if units:
            yield say(LINES[line], language, count=len(units), units=_named(units, language))
    if not any(told.values()):
        yield say(LINES["nobody"], language)


def _named(units: Sequence[Other], language: Language) -> str:
    told = [
        say(LINES["unit"], language, name=each.name_vi if language == "vi" else each.name_en,
            score=number(each.score, language, _SCORE))
        for each in units[:MOST_NAMED]
    ]  # fmt: skip
    return ", ".join(told) + (", …" if len(units) > MOST_NAMED else "")


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
    yield from (f"  {_gain(each, language)}" for each in reach.gains)
    yield f"  {_index(reach.scenario.index, language)}"
    yield from (f"  {line}" for line in _others(reach.scenario, language))
    if not reach.proven:
        yield say(LINES["unproven"], language, at_least=number(reach.at_least, language, _POINTS))
    told = "; ".join(f"{node}: {number(float(cost), language)}" for node, cost in costs.items())
    yield say(LINES["costs" if costs else "cost_one"], language, costs=told)
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
    """What can be told by printed figures: between what, before and after."""
    yield say(LINES["basis"], language, basis=basis_line(printed.basis, printed.evidence, language))
    yield say(LINES["printed"], language, totals=printed.totals, of=_of(printed.peers, language))
    if printed.peers is None:
        yield say(LINES["peers_unknown"], language)
    yield f"  {_standing('printed_now', printed, printed.before, language)}"
    for each in printed.changes:
        unknown = say(LINES["put_unknown"], language)
        value = unknown if each.value is None else say(
            LINES["put_value"], language, value=number(each.value, language, _POINTS))  # fmt: skip
        gain = ("+" if each.gain > 0 else "") + number(each.gain, language, _POINTS)
        name = each.node_name_vi if language == "vi" else each.node_name_en
        most = number(each.max_points, language)
        yield f"  {say(LINES['put'], language, node=each.node, name=name, gain=gain, most=most, value=value)}"
    if printed.changes:
        yield f"  {_standing('printed_then', printed, printed.after, language)}"
        if printed.needed is not None:
            yield say(LINES["after_changes"], language)
    if printed.needed is not None:
        yield f"  {_needed(printed, printed.needed, language)}"


def _standing(line: str, printed: Printed, at: Between, language: Language) -> str:
    score = _total(printed, at, language)
    worst = say(LINES["unknown_last"], language) if at.rank_worst is None else str(at.rank_worst)
    rank = _between(str(at.rank_best), worst, language)
    return say(LINES[line], language, score=score, rank=rank, of=_of(printed.peers, language))


def _total(printed: Printed, at: Between, language: Language) -> str:
    """Between what the total lies, as a share of the whole and in points; that it is not known, where it may be any."""
    ends = (at.score_least, at.score_most)
    if ends == (0, 1):
        return say(LINES["total_unknown"], language)
    if printed.score is not None:  # apart by the rounding of print alone
        ends = (sum(ends) / 2,) * 2

    def between(scale: float) -> str:
        least, most = (number(end * scale, language, _POINTS) for end in ends)
        return _between(least, most, language)

    most = printed.max_points
    return between(1) + ("" if most is None else _of_most(between(most), most, language))


def _of(peers: int | None, language: Language) -> str:
    """Behind a number, of how many; nothing where that is not public."""
    return "" if peers is None else say(LINES["of_peers"], language, peers=peers)


def _between(least: str, most: str, language: Language) -> str:
    return least if least == most else say(LINES["between"], language, least=least, most=most)


def _needed(printed: Printed, needed: Needed, language: Language) -> str:
    if not needed.most:
        return say(LINES["there"], language, rank=needed.rank)
    if not needed.least and needed.most >= (printed.max_points or 1):  # what surely does is the whole scale
        return say(LINES["needed_unknown"], language, rank=needed.rank)
    least, most = (number(each, language, _POINTS) for each in (needed.least, needed.most))
    of = "" if printed.max_points is None else say(
        LINES["of_points"], language, most=number(printed.max_points, language))  # fmt: skip
    line = LINES["needed_exactly" if least == most else "needed" if needed.least else "needed_most"]
    return say(line, language, rank=needed.rank, least=least, most=most, unit=of)
