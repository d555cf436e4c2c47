"""``dti audit ranking``: how robust the platform's own rankings are, and replays of single draws.

Here: options, and the layout of the answer. Not here: any figure (``audit``), nor its storage (``pipeline``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, at_data_root, print_json, say
from dti_platform.cli.usage import InBothLanguages

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.language import Language
    from dti_platform.storage import Store
    from dti_platform.tables import Row


@click.command(cls=InBothLanguages)
@click.option("--period", metavar="PERIOD", help="2022, for instance.")
@click.option("--framework", metavar="VERSION", help="922, for instance.")
@click.option("--geography", help="VN63, for instance.")
@click.option("--group", metavar="GROUP", help="Of ministries.")
@click.option("--basis", help="final, verified, self or recomputed.")
@click.option("--draw", type=click.IntRange(min=0), metavar="N", help="Make this draw of the ranking again, alone.")
@click.option("--release", metavar="NAME", help="By name or number (default: the newest audited release).")
@LANGUAGE
@AS_JSON
@at_data_root
def ranking(
    store: Store,
    period: str | None,
    framework: str | None,
    geography: str | None,
    group: str | None,
    basis: str | None,
    draw: int | None,
    release: str | None,
    lang: Language,
    *,
    as_json: bool,
) -> None:
    """Tell how robust the rankings of a release are.

    A line for each ranking, with the share of units whose rank lies less than three places from the simulated median
    (JRC's headline), how wide the 90 % intervals are (median), and how many units have one of 5 places or more; where
    the options select a single ranking, a line for each unit: its rank, the 5 and 95 % ranks and the share among the
    first ten of the draws in which it has a rank (their number is shown if it is not all), and whether it can be told
    apart from the next one; before them what moves the ranks, if that was computed: the total order (Sobol) of
    each choice. 5 and 95 % ranks are of draws, and no extremes: what the figures themselves allow is rank_best and
    rank_worst (--json).

    --draw makes one draw again from the table that was saved: what was chosen, and the rank of each unit by it.
    """
    from dti_platform.audit import results
    from dti_platform.pipeline import robustness
    from dti_platform.publications.halves import ILLUSTRATIVE, WARNING

    audited = store.audits.names()
    name = store.releases.find(release).name if release else (audited or [""])[-1]
    if name not in audited:
        raise click.ClickException(results.WORDS["no_audit"].format(where=name or store.root).text(lang))
    columns: Sequence[str] = results.RANKING
    filters = dict(zip(columns, (period, framework, geography, group, basis), strict=True))
    all_rankings = robustness.audited(store, name)
    rankings = matching(all_rankings, filters).to_dicts()
    if not rankings and not all_rankings.is_empty():
        names = ", ".join(map(results.name_of, all_rankings.to_dicts()))
        raise click.ClickException(results.WORDS["none_fits"].format(names=names).text(lang))
    if draw is not None:
        answer = replayed_draw(store, name, rankings, draw, lang)
    else:
        tables = ("rank_robustness", "rank_sensitivity") if len(rankings) == 1 else ()
        frames = [robustness.read(store, name, table) for table in tables]
        units, choices = [matching(frame, filters).to_dicts() for frame in frames] or ([], [])
        lines = [*of_rankings(rankings, lang), *of_choices(choices, units, lang), *of_units(units, rankings, lang)]
        answer = Answer({"rankings": rankings, "units": units, "choices": choices}, lines)
    notes = [WARNING] if any(row["evidence"] == ILLUSTRATIVE for row in rankings) else []
    if as_json:
        print_json({"notes": notes, "release": name, **answer.data})
    else:
        say(*notes, *answer.lines)


class Answer(NamedTuple):
    """An answer, for machines and for people."""

    data: Mapping[str, object]
    lines: Sequence[str]


def matching(frame: pl.DataFrame, filters: Mapping[str, str | None]) -> pl.DataFrame:
    """The rows of the rankings that the options select."""
    return frame.filter(**{name: value for name, value in filters.items() if value is not None})


def replayed_draw(store: Store, release: str, rankings: Sequence[Row], number: int, lang: Language) -> Answer:
    """One draw of a single ranking, replayed.

    Raises:
        click.ClickException: the options select no ranking or several, or the draw does not exist.
    """
    from dti_platform.audit import results
    from dti_platform.audit.tree import AuditError
    from dti_platform.pipeline import robustness

    if len(rankings) != 1:
        names = ", ".join(map(results.name_of, rankings)) or "–"
        raise click.ClickException(results.WORDS["one_ranking"].format(names=names).text(lang))
    try:
        draw = robustness.replay(store, release, [rankings[0][part] for part in results.RANKING], number)
    except AuditError as error:
        raise click.ClickException(str(error)) from error
    choices = [f"{name} = {value}" for name, value in draw.drawn.items()]
    names = unit_names(lang)
    ranks = [f"{rank:4}  {names[unit]} ({unit})" for unit, rank in draw.ranks.items()]
    return Answer({"drawn": draw.drawn, "ranks": draw.ranks}, [*choices, *ranks])


def unit_names(lang: Language) -> Mapping[str, str]:
    """The name of each unit, by code."""
    from dti_platform import units

    known = units.load(check=False).all
    return {code: unit.name_vi if lang == "vi" else unit.name_en for code, unit in known.items()}


def of_rankings(rankings: Sequence[Row], lang: Language) -> Iterator[str]:
    """A line for each ranking."""
    from dti_platform.audit import results

    yield from (results.headline(row).text(lang) for row in rankings)
    if not rankings:
        yield results.WORDS["none"].text(lang)


def of_choices(rows: Sequence[Row], units: Sequence[Row], lang: Language) -> Iterator[str]:
    """The choices that move the ranks of a single ranking, the strongest first, or why they are unknown."""
    from dti_platform.audit import results
    from dti_platform.language import format_number

    strongest_first = sorted(rows, key=lambda row: (-row["total_order"], row["choice"]))
    effects = ", ".join(f"{row['choice']} {format_number(row['total_order'], 2).text(lang)}" for row in strongest_first)
    if units:
        yield results.WORDS["moved_by" if rows else "moved_by_unknown"].format(told=effects).text(lang)


def of_units(rows: Sequence[Row], rankings: Sequence[Row], lang: Language) -> Iterator[str]:
    """A line for each unit of a single ranking: rank, interval, share of draws among the first ten.

    ~ marks a unit that can't be told apart from the next one; the number of draws is shown if some withhold the unit.
    """
    if not rows:
        return
    from dti_platform.audit import results
    from dti_platform.language import format_number

    names = unit_names(lang)
    yield results.WORDS["columns"].text(lang)
    for row in sorted(rows, key=lambda row: (row["rank"] is None, row["rank"], row["unit"])):
        mark = "~" if row["told_apart"] is False else " "
        label = names[row["unit"]]
        rank = "·" if row["rank"] is None else row["rank"]
        if row["draws_ranked"] < rankings[0]["draws"]:
            label += f" {results.WORDS['ranked'].text(lang).format(**row)}"
        low, high = (format_number(row[name]).text(lang) for name in ("rank_p05", "rank_p95"))
        top = format_number(100 * row["share_top10"], 1).text(lang)
        yield f"{rank:>4} {mark} {low:>6} {high:>6} {top:>6}%  {label}"
