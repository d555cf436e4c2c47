"""``dti audit ranking``: how robust the platform's own rankings are, and any one draw of them made again.

Here: options, and how the answer is laid out. Not here: any figure (``audit``), nor where it lies (``pipeline``).
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
    the options leave one ranking alone, a line for each unit: its rank, the 5 and 95 % ranks and the share among the
    first ten of the draws in which it has a rank (how many is told where they are not all), and whether it can be told
    apart from the next one; before them what moves the ranks, where that was worked out: the total order (Sobol) of
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
    asked = dict(zip(columns, (period, framework, geography, group, basis), strict=True))
    there = robustness.audited(store, name)
    rankings = chosen(there, asked).to_dicts()
    if not rankings and not there.is_empty():
        names = ", ".join(map(results.name_of, there.to_dicts()))
        raise click.ClickException(results.WORDS["none_fits"].format(names=names).text(lang))
    if draw is not None:
        told = of_draw(store, name, rankings, draw, lang)
    else:
        one = len(rankings) == 1
        names = ("rank_robustness", "rank_sensitivity") if one else ()
        units, choices = [chosen(robustness.read(store, name, each), asked).to_dicts() for each in names] or ([], [])
        lines = [*of_rankings(rankings, lang), *of_choices(choices, units, lang), *of_units(units, rankings, lang)]
        told = Told({"rankings": rankings, "units": units, "choices": choices}, lines)
    notes = [WARNING] if any(row["evidence"] == ILLUSTRATIVE for row in rankings) else []
    if as_json:
        print_json({"notes": notes, "release": name, **told.data})
    else:
        say(*notes, *told.lines)


class Told(NamedTuple):
    """An answer, for machines and for people."""

    data: Mapping[str, object]
    lines: Sequence[str]


def chosen(frame: pl.DataFrame, asked: Mapping[str, str | None]) -> pl.DataFrame:
    """The rows of the rankings that options name."""
    return frame.filter(**{name: value for name, value in asked.items() if value is not None})


def of_draw(store: Store, release: str, rankings: Sequence[Row], number: int, lang: Language) -> Told:
    """One draw of the one ranking, made again.

    Raises:
        click.ClickException: there are several rankings, or none, or there is no such draw.
    """
    from dti_platform.audit import results
    from dti_platform.audit.tree import AuditError
    from dti_platform.pipeline import robustness

    if len(rankings) != 1:
        names = ", ".join(map(results.name_of, rankings)) or "–"
        raise click.ClickException(results.WORDS["one_ranking"].format(names=names).text(lang))
    try:
        again = robustness.replay(store, release, [rankings[0][part] for part in results.RANKING], number)
    except AuditError as error:
        raise click.ClickException(str(error)) from error
    choices = [f"{name} = {value}" for name, value in again.drawn.items()]
    names = unit_names(lang)
    ranks = [f"{rank:4}  {names[unit]} ({unit})" for unit, rank in again.ranks.items()]
    return Told({"drawn": again.drawn, "ranks": again.ranks}, [*choices, *ranks])


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
    """What moves the ranks of the one ranking, the most first, or why that is not told."""
    from dti_platform.audit import results
    from dti_platform.language import format_number

    falling = sorted(rows, key=lambda row: (-row["total_order"], row["choice"]))
    told = ", ".join(f"{row['choice']} {format_number(row['total_order'], 2).text(lang)}" for row in falling)
    if units:
        yield results.WORDS["moved_by" if rows else "moved_by_unknown"].format(told=told).text(lang)


def of_units(rows: Sequence[Row], rankings: Sequence[Row], lang: Language) -> Iterator[str]:
    """A line for each unit of the one ranking: rank, interval, share among the first ten.

    ~ where the next one is not told apart; of how many draws, where some withhold it.
    """
    if not rows:
        return
    from dti_platform.audit import results
    from dti_platform.language import format_number

    names = unit_names(lang)
    yield results.WORDS["columns"].text(lang)
    for row in sorted(rows, key=lambda row: (row["rank"] is None, row["rank"], row["unit"])):
        alike = "~" if row["told_apart"] is False else " "
        shown = names[row["unit"]]
        rank = "·" if row["rank"] is None else row["rank"]
        if row["draws_ranked"] < rankings[0]["draws"]:
            shown += f" {results.WORDS['ranked'].text(lang).format(**row)}"
        low, high = (format_number(row[name]).text(lang) for name in ("rank_p05", "rank_p95"))
        top = format_number(100 * row["share_top10"], 1).text(lang)
        yield f"{rank:>4} {alike} {low:>6} {high:>6} {top:>6}%  {shown}"
