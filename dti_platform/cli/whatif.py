"""``dti whatif``: the score and rank of a unit had it other points, and what would reach a rank.

Here: options and files. Not here: any figure (``audit.whatif``), nor a line of the answer (``explain.whatif``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, RELEASE, PlainFile, at_data_root, print_json, say
from dti_platform.cli.usage import InBothLanguages
from dti_platform.language import Bilingual

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.audit.contest import Contest
    from dti_platform.audit.printed import Published
    from dti_platform.audit.whatif import Released
    from dti_platform.explain.lookup import Rows
    from dti_platform.language import Language
    from dti_platform.storage import Store
    from dti_platform.units import Unit

#: Where a cost stands that no file has.
OPTION = Bilingual.same("--cost")
#: What a point of a node costs; decimals after a point or a comma.
COST = re.compile(r"\s*(?P<node>[^=\s]+)\s*=\s*(?P<cost>[0-9]{1,9}(?:[.,][0-9]{1,9})?)\s*")
#: A cost that one language reads in thousands, the other as decimals.
AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


@click.command(cls=InBothLanguages)
@click.argument("unit")
@click.option("--period", required=True, metavar="PERIOD", help="2022, for instance.")
@click.option(
    "--set", "changes", multiple=True, metavar="CODE=POINTS",
    help="8.3=+5 gains 5 points at the indicator 8.3, 8.3=-2 loses 2, 8.3=12 has 12; several may be given.",
)  # fmt: skip
@click.option("--reach", type=click.IntRange(min=1), metavar="RANK", help="The gains of least cost that reach a rank.")
@click.option(
    "--cost", "costs", multiple=True, metavar="CODE=COST",
    help="What a point of an indicator costs, such as 8.3=2 (default: 1); several may be given.",
)  # fmt: skip
@click.option("--costs", "file", type=PlainFile(), help="The same as a CSV file with the columns node and cost.")
@click.option(
    "--only", multiple=True, metavar="CODE",
    help="Gains at this indicator, or below this main index or pillar, alone; several may be given.",
)  # fmt: skip
@click.option(
    "--basis", "bases", multiple=True, type=click.Choice(["final", "verified", "self", "published"]),
    help="Whose figures, several to compare (default: the best founded; without --set and --reach all that were"
    " submitted are compared).",
)  # fmt: skip
@click.option("--framework", metavar="VERSION", help="Where a unit has figures by several.")
@RELEASE
@LANGUAGE
@AS_JSON
@at_data_root
def whatif(
    store: Store,
    unit: str,
    period: str,
    changes: Sequence[str],
    reach: int | None,
    costs: Sequence[str],
    file: Path | None,
    only: Sequence[str],
    bases: Sequence[str],
    framework: str | None,
    release: str | None,
    lang: Language,
    *,
    as_json: bool,
) -> None:
    """Tell the score and rank of UNIT had it other points.

    For instance: dti whatif "Thái Nguyên" --period 2022 --set 9.3=+5

    What it takes to be 5th: dti whatif thainguyen --period 2022 --reach 5 --cost 9.3=2

    Scores and ranks are made as a run makes them, from the figures of the release; all other units stay as they are.
    --reach finds the gains that cost least, each within the maximum of its indicator (and after --set, where both are
    given); a rank that is shared counts; of equal costs the fewest indicators. Where the rule of an indicator gives
    certain points only (steps, categories, criteria), its gain ends at one of them; a ratio may take any value. What
    rests on illustrative figures says so in its first line. Where no points of indicators were published (--basis
    published), it tells between which ranks the unit would stand, by what is printed.
    """
    from dti_platform.audit.contest import ERRORS, WhatIfError
    from dti_platform.audit.scenario import Change
    from dti_platform.audit.whatif import answer
    from dti_platform.explain.lookup import NothingToTrace
    from dti_platform.explain.whatif import whatif_lines

    if reach is None and (costs or file or only):
        raise click.UsageError(ERRORS["only_with_reach"].text(lang))
    try:
        rows = opened(store, release)
        every = bool(bases) or not (changes or reach)
        asked = list(contests(rows, unit, period, framework, bases))
        prices = {**(prices_of(lines(file)) if file else {}), **prices_of((OPTION, each) for each in costs)}
        wanted, taken = [Change.parse(each) for each in changes], asked if every else asked[:1]
        there = released(rows, asked[0].unit, period, asked[0].framework.version)
        found = answer(rows.release.name, taken, wanted, reach, prices, only, there)
    except (WhatIfError, NothingToTrace) as error:
        raise click.ClickException(error.told.text(lang)) from error
    if as_json:
        print_json(found.to_dict())
    else:
        say(*whatif_lines(found, prices, lang))


def opened(store: Store, release: str | None) -> Rows:
    """The release that is asked about.

    Raises:
        WhatIfError: there is none.
    """
    from dti_platform.audit.contest import WhatIfError
    from dti_platform.explain.lookup import Rows
    from dti_platform.storage import Missing
    from dti_platform.storage.store import CANDIDATE

    if release is None and store.releases.newest() is None:
        raise WhatIfError("nothing_released", root=store.root)
    if release == CANDIDATE and store.candidates.standing() is None:
        raise WhatIfError("no_release", release=release)
    if release not in (None, CANDIDATE):
        try:
            store.releases.recorded(release)
        except Missing as error:
            raise WhatIfError("no_release", release=release) from error
    return Rows(store.open_release(release))


def contests(
    rows: Rows, unit: str, period: str, version: str | None, bases: Sequence[str]
) -> Iterator[Contest | Published]:
    """The contests of the unit that a name or a code means, on each basis asked for, or that there is."""
    from dti_platform import methodology, units
    from dti_platform.audit import contest, printed
    from dti_platform.explain.lookup import units_of

    known = units.load(check=False)
    observations = rows.table("observations")
    of = one_unit(unit, units_of(rows, known, unit, period, of_index=True))
    used = one_framework(observations, of, period, version)
    by = (methodology.load(units=known), known, of, period, used)
    for basis in bases or contest.bases(observations, of, period, used) or ["published"]:
        if basis == "published":
            ranking = released(rows, of, period, used).get(basis)
            yield printed.published(observations, *by, peers=ranking and ranking.peers)
        else:
            yield contest.contest(observations, *by, basis)


def released(rows: Rows, unit: Unit, period: str, version: str) -> dict[str, Released]:
    """What the release has of a unit at the index, by basis."""
    from dti_platform.audit.whatif import Released

    of_unit = rows.of("index_scores", period=period, unit=unit.id, framework=version)
    index = of_unit.filter(of_unit["parent"].is_null()).select("basis", "score", "rank", "peers", "rank_source")
    return {basis: Released(*told) for basis, *told in index.iter_rows()}


def one_unit(asked: str, found: Sequence[Unit]) -> Unit:
    """The one unit that is meant."""
    from dti_platform.audit.contest import WhatIfError

    if len(found) > 1:
        raise WhatIfError("several_units", unit=asked, units=", ".join(each.id for each in found))
    return found[0]


def one_framework(observations: pl.DataFrame, unit: Unit, period: str, asked: str | None) -> str:
    """The framework asked for, or the one that the unit has figures by.

    Raises:
        WhatIfError: the unit has no figures by that, or by several.
    """
    from dti_platform.audit.contest import WhatIfError

    versions = sorted(observations.filter(period=period, unit=unit.id)["framework"].drop_nulls().unique())
    if asked and versions and asked not in versions:
        raise WhatIfError("other_framework", version=asked, period=period, versions=", ".join(versions))
    if asked or len(versions) == 1:
        return asked or versions[0]
    raise WhatIfError("several_frameworks", versions=", ".join(versions) or "–")


def prices_of(costs: Iterable[tuple[Bilingual, str]]) -> dict[str, Decimal]:
    """What a point costs, by node, from where each cost stands and its text.

    Raises:
        WhatIfError: a cost is none, may be read in two ways, or is given twice.
    """
    from dti_platform.audit.contest import WhatIfError

    prices: dict[str, Decimal] = {}
    for place, text in costs:
        match = COST.fullmatch(text)
        if match is None:
            raise WhatIfError("not_a_cost", place=place, text=text)
        node, cost = match["node"], match["cost"].replace(",", ".")
        if AMBIGUOUS.fullmatch(cost):
            raise WhatIfError("which_cost", place=place, text=text, whole=cost.replace(".", ""), decimals=f"{cost}0")
        if node in prices:
            raise WhatIfError("cost_twice", place=place, node=node)
        prices[node] = Decimal(cost)
    return prices


def lines(file: Path) -> Iterator[tuple[Bilingual, str]]:
    """The rows of a CSV file with the columns node and cost, between commas or semicolons: its line, and NODE=COST.

    Raises:
        WhatIfError: it is no such file, or a row has more columns than the first.
    """
    import csv

    from dti_platform.audit.contest import ERRORS, WhatIfError

    try:
        text = file.read_text(encoding="utf-8-sig").splitlines()
        rows = csv.DictReader(text, delimiter=";" if ";" in "".join(text[:1]) else ",", strict=True)
        if not {"node", "cost"} <= {*(rows.fieldnames or ())}:
            raise WhatIfError("no_columns", file=file)
        for row in rows:
            place = ERRORS["line"].format(file=file, line=rows.line_num)
            if any(row.pop(None, None) or ()):  # what stands past the last named column
                raise WhatIfError("more_columns", place=place, text=text[rows.line_num - 1])
            yield place, f"{row['node'] or ''}={row['cost'] or ''}"
    except (UnicodeDecodeError, csv.Error) as error:
        raise WhatIfError("no_columns", file=file) from error
