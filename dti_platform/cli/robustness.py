"""``dti audit robustness``: where each unit of any index may stand under other choices than those that were taken.

Here: options in, files out. Not here: any formula (``audit``), nor the platform's own rankings (``audited_ranking``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.audit import WithSpecification, inputs, of_file, put, remarked, text
from dti_platform.cli.options import PlainFile, say

if TYPE_CHECKING:
    from dti_platform.audit.dataset import Dataset
    from dti_platform.audit.draws import Uncertainty
    from dti_platform.audit.robustness import Robustness
    from dti_platform.audit.spec import Spec
    from dti_platform.audit.tree import Tree


@click.command(cls=WithSpecification)
@click.option(
    "--draws", "number", default=100_000, show_default=True, help="With 1,000 an interval may be off by a rank."
)
@click.option(
    "--noise", multiple=True, metavar="LEVEL=SHARE", help="Draw the weights of a level, such as 2=0.25 (+-25 %)."
)
@click.option(
    "--option", "options", multiple=True, metavar="NAME=A,B", help="Draw a choice, such as norm=n_minmax,n_rank."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Of all draws (default: 0).")
@click.option(
    "--choices", type=PlainFile(), help="All that as a TOML file: seed, [noise] by level or every, [options] by choice."
)
@click.option(
    "--sample", type=click.IntRange(min=0), default=0, metavar="N",
    help="Tell what moves the ranks, too, by a design of N rows for each choice; 4096 gives narrow intervals.",
)  # fmt: skip
@click.option("--save-draws", is_flag=True, help="Write the draws as `dti audit replay` reads them.")
@inputs
def robustness(
    tree: Tree,
    data: Dataset,
    spec: Spec,
    out: Path,
    number: int,
    noise: Sequence[str],
    options: Sequence[str],
    seed: int | None,
    choices: Path | None,
    sample: int,
    *,
    save_draws: bool,
) -> None:
    """Tell where each unit may stand under other choices.

    Writes intervals.csv (nominal rank, 5, 50 and 95 % of the ranks, mean, share among the first ten, and Ranked: in how
    many draws the unit has a rank), neighbours.csv (each unit with the next one: the share of draws in which it stands
    above it, whether they are told apart: one above the other in more than 95 %, and Both: in how many draws both have
    a rank), acceptability.csv (units x ranks: share of draws) and above.csv (units x units: share of draws in which one
    stands above the other), and says which share of units lies less than three places from the simulated median, how
    wide the 90 % intervals of ranks are (median), and how many units have one of 5 places or more.

    What is told of a unit is of the draws in which it has a rank (fewer than all where missing = withhold is drawn);
    what is told of two units, of those in which both have one. --sample adds sensitivity.csv (Si and Si_centred, first
    order as it is and by the centred estimator, which errs less, and STi, total order, with 90 % bootstrap intervals:
    as `dti audit replay` writes it), --save-draws params.csv and weightsets.csv, of which `dti
    audit replay --rep 777` makes one draw again alone.
    """
    from dti_platform.audit import draws, sensitivity
    from dti_platform.audit.dataset import to_csv
    from dti_platform.audit.robustness import Drawing, counted
    from dti_platform.audit.stages import weights

    uncertain = uncertainty(noise, options, seed, choices)
    with of_file(f"--draws, {choices or '--noise, --option'}"):
        draws.check(uncertain, tree, number)
    if 0 < sample < sensitivity.FEWEST:
        raise click.BadParameter(f"{sample}; intervals need {sensitivity.FEWEST} or more", param_hint="--sample")
    if not uncertain.varying:
        raise click.UsageError("nothing varies: name --noise, or --option (or --choices) with several values")
    drawing = Drawing(tree, data, spec, uncertain)
    result = counted(drawing, number)
    written = dict(intervals(result))
    if sample:
        rows = sensitivity.table_rows(*sensitivity.outcomes(drawing, uncertain, sample))
        written["sensitivity.csv"] = to_csv(sensitivity.COLUMNS, rows)
    if save_draws:
        for name, recorded in draws.recorded(uncertain, tree, weights(tree, spec), number).items():
            written[f"{name}.csv"] = to_csv([*recorded], [*zip(*recorded.values(), strict=True)])
    put(out, written)
    remarked(drawing.remarks)
    remarked([*withheld(result)])
    say(*headline(result, uncertain.varying), *written)


def headline(result: Robustness, varying: Sequence[str]) -> Iterator[str]:
    """JRC's headline with what it rests on, and how wide the intervals are that a median says nothing of."""
    import numpy as np

    from dti_platform.audit.robustness import WIDE

    basis = f"{result.number} draws of {', '.join(varying)}"
    yield f"{result.headline:.1%} of units shift by less than 3 places against the simulated median ({basis})"
    width, wide = np.median(result.widths), (result.widths >= WIDE).sum()
    yield f"90 % intervals are {width:g} places wide (median), {WIDE} or more for {wide} of {len(result.units)} units"


def withheld(result: Robustness) -> Iterator[str]:
    """A sentence where some draws give a unit no rank, for then the others stand in a shorter list."""
    lacking = [
        unit for unit, ranked in zip(result.units, result.ranked.tolist(), strict=True) if ranked < result.number
    ]
    if lacking:
        remark = f"some draws give no rank to {', '.join(lacking)} (Ranked in intervals.csv)"
        yield f"{remark}: there the list is shorter, and who stands below them moves up"


def uncertainty(noise: Sequence[str], options: Sequence[str], seed: int | None, choices: Path | None) -> Uncertainty:
    """What is drawn, from a file or from options.

    Raises:
        click.UsageError: from both.
        click.ClickException: the file has a key that nobody knows.
    """
    from dti_platform.audit import draws
    from dti_platform.audit.tree import AuditError

    if choices is None:
        shares = {whole("--noise", level): amount("--noise", share) for level, share in named("--noise", noise).items()}
        values = {
            name: [value.strip() for value in texts.split(",")] for name, texts in named("--option", options).items()
        }
        return draws.Uncertainty(shares, values, seed or 0)
    if noise or options or seed is not None:
        raise click.UsageError("--choices says all that is drawn: leave --noise, --option and --seed out")
    try:
        return draws.read(text(choices), str(choices))
    except AuditError as error:
        raise click.ClickException(str(error)) from error


def named(option: str, given: Sequence[str]) -> dict[str, str]:
    """What an option NAME=VALUE says, given several times.

    Raises:
        click.BadParameter: one has no equals sign, or a name is given twice.
    """
    values: dict[str, str] = {}
    for setting in given:
        name, equals, value = setting.partition("=")
        if not equals or name in values:
            fix = f"{name} is given twice; leave one out" if equals else f"{setting}: write NAME=VALUE"
            raise click.BadParameter(fix, param_hint=option)
        values[name] = value
    return values


def whole(option: str, given: str) -> int:
    """A level in an option.

    Raises:
        click.BadParameter: it is none.
    """
    if not given.isdecimal():
        raise click.BadParameter(f"{given!r} is no level; it is 1, 2, ...", param_hint=option)
    return int(given)


def amount(option: str, given: str) -> float:
    """A number in an option.

    Raises:
        click.BadParameter: it is none.
    """
    try:
        return float(given)
    except ValueError as error:
        raise click.BadParameter(f"{given!r} is no number", param_hint=option) from error


def intervals(result: Robustness) -> Iterator[tuple[str, str]]:
    """The files of a ranking under draws, by name."""
    from dti_platform.audit.dataset import to_csv

    columns = (result.nominal, *result.quantiles.T, result.mean, result.top, result.ranked)
    lines = zip(result.units, *(column.tolist() for column in columns), strict=True)
    yield "intervals.csv", to_csv(["uCode", "Nominal", "Q5", "Median", "Q95", "Mean", "Top10", "Ranked"], [*lines])
    shares, both, units = result.shares.tolist(), result.both.tolist(), result.units
    pairs = [
        (units[one], units[two], shares[one][two], apart, both[one][two]) for one, two, apart in result.neighbours()
    ]
    yield "neighbours.csv", to_csv(["uCode", "Next", "Above", "Apart", "Both"], pairs)
    ranks = [str(rank) for rank in range(1, len(result.units) + 1)]
    for name, header, values in (
        ("acceptability", ranks, result.acceptability),
        ("above", result.units, result.shares),
    ):
        rows = [[unit, *line] for unit, line in zip(result.units, values.tolist(), strict=True)]
        yield f"{name}.csv", to_csv(["uCode", *header], rows)
