"""Commands that audit a composite indicator, whosever it is: score, replay, coherence, influence.

Here: files in and files out. Not here: any formula (``audit``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import PlainFile, check_empty, empty_folder, not_blank, say

if TYPE_CHECKING:
    from dti_platform.audit.dataset import Dataset
    from dti_platform.audit.replay import Replayed
    from dti_platform.audit.spec import Spec
    from dti_platform.audit.stages import Scored
    from dti_platform.audit.treat import Check, Treatment
    from dti_platform.audit.tree import Tree


#: The columns of a check of skewness and kurtosis.
CHECKED = "check_SkewKurt{0}.Pass check_SkewKurt{0}.Skew check_SkewKurt{0}.Kurt"


FOLDER = click.Path(path_type=Path, file_okay=False)


class WithSpecification(click.Command):
    """A command whose help ends with the specification: it is made only where somebody asks for it."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the settings of every step below the options."""
        from dti_platform.audit.spec import HELP

        super().format_epilog(ctx, formatter)
        formatter.write("\n" + HELP.replace("\b\n", ""))


@click.group()
def audit() -> None:
    """Audit any composite indicator, and its ranks.

    The tree and the data are read in the layout of COINr's iMeta and iData (CSV); each command's help documents the
    specification. Nothing of the platform's own data is read or changed, but that `ranking` reads what the audit of a
    release says of the platform's own rankings.
    """


def inputs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the tree, the data, the specification and an empty folder; an error becomes a message.

    The folder is made where there is something to write (``put``).
    """

    @functools.wraps(command)
    def opened(tree: Path, data: Path, spec: Path, out: Path, **arguments: object) -> None:
        """The command with its inputs read."""
        from dti_platform.audit import dataset
        from dti_platform.audit import spec as specification
        from dti_platform.audit import tree as trees

        with of_file(tree):
            elements = trees.read(rows(tree))
        with of_file(data):
            values = dataset.read(rows(data), elements)
        with of_file(spec):
            steps = specification.read(text(spec))
        check_empty(out)
        others = [tree, data, *(path for path in arguments.values() if isinstance(path, Path))]
        with of_file(f"{spec} with {', '.join(map(str, others))}"):
            command(tree=elements, data=values, spec=steps, out=out, **arguments)

    for option in (
        click.option(
            "--out",
            required=True,
            type=click.Path(path_type=Path, file_okay=False),
            help="An empty folder to write into.",
        ),
        click.option("--spec", required=True, type=PlainFile(), help="The specification (TOML), documented below."),
        click.option("--data", required=True, type=PlainFile(), help="iData: uCode and a column for each indicator."),
        click.option(
            "--tree", required=True, type=PlainFile(), help="iMeta: iCode, Level, Parent, Direction, Weight, Type."
        ),
    ):
        opened = option(opened)
    return opened


@audit.command(cls=WithSpecification)
@inputs
def score(tree: Tree, data: Dataset, spec: Spec, out: Path) -> None:
    """Score the units, and write every stage.

    Writes a CSV for each step that is taken (Denominated, Imputed, Screened, Treated, Normalised, Aggregated), and
    ranks.csv, weights.csv (given and effective) and treatments.csv. Units are in the order of their codes.
    """
    from dti_platform.audit.stages import score as scored
    from dti_platform.audit.stages import scored_in_part

    done = scored(tree, data, spec)
    written = dict(stages(done, spec))
    put(out, written)
    remarked([*done.remarks, *scored_in_part(done, spec)])
    say(*written)


@audit.command(cls=WithSpecification)
@click.option(
    "--params", required=True, type=PlainFile(), help="Draws: rep, weight_set and further columns (norm, agg, winmax)."
)
@click.option(
    "--weightsets", required=True, type=PlainFile(), help="Weights: weight_set and a column for each element."
)
@click.option("--rep", metavar="REP", callback=not_blank, help="This draw alone.")
@inputs
def replay(tree: Tree, data: Dataset, spec: Spec, out: Path, params: Path, weightsets: Path, rep: str | None) -> None:
    """Make the index again by recorded draws.

    Writes scores.csv and ranks.csv (a column for each draw beside Nominal) and rankstats.csv (Nominal, Mean, Median,
    Q5, Q95: of the draws in which the unit has a rank). Where the draws are a variance-based design, the statistics are
    of its two samples A and B alone, and sensitivity.csv has for each choice the first order (Si: of the outcomes as
    they are, as COINr has it; Si_centred: of the outcomes less their mean, which errs less) and the total order (STi,
    Jansen's), each with a 90 % bootstrap interval. The outcome is the mean shift of ranks.

    A variance-based design (Saltelli) of k columns is N rows A, N rows B, then for each column, in any order, N rows
    that are A but for that column, which is B's: N (k + 2) rows, as COINr writes them; a column that never varies has
    its N rows, too, which are A's, and explains nothing. One written sample by sample (A,
    its k mixed rows, B, as SALib has it without second order; or A, B, its mixed rows) is put in that order first, and
    the columns of scores.csv and ranks.csv are in it, too. Other draws are replayed without sensitivity.csv.
    """
    from dti_platform.audit import replay as replaying
    from dti_platform.audit import sensitivity

    with of_file(params):
        parameters = rows(params)
    with of_file(weightsets):
        sets = rows(weightsets)
    with of_file(params):
        draws = sensitivity.in_blocks(parameters) or parameters
        if rep is not None:
            draws = list(replaying.alone(parameters, rep))
    replayed = replaying.replay(tree, data, spec, draws, sets)
    written = dict(replays(replayed, draws))
    put(out, written)
    remarked(replayed.remarks)
    if rep is None:
        remarked([*of_design(parameters, draws)])
    if replayed.withheld:
        units = ", ".join(f"{unit} (in {count})" for unit, count in replayed.withheld)
        consequence = (
            "rankstats.csv tells of the others; in these the list is shorter, and who stands below them moves up"
        )
        remarked([f"of {len(draws)} draws some give no rank to {units}; {consequence}"])
    say(*written)


@audit.command(cls=WithSpecification)
@click.option("--method", type=click.Choice(["pearson", "spearman", "kendall"]), default="pearson", show_default=True)
@inputs
def coherence(tree: Tree, data: Dataset, spec: Spec, out: Path, method: str) -> None:
    """Tell which parts belong together, and which say the same.

    Writes correlations.csv (parts of one parent, and parts with their parent; p and flag), cronbach.csv and
    components.csv and loadings.csv (principal components of each element's parts): of indicators as they are
    normalised, and of the scores of aggregates.

    Flags: of two parts of one parent redundant (above 0.92) and opposed (below -0.4); of a part with its parent
    negative (below 0), weak (0 to below 0.3) and redundant (above 0.92), but of a part that alone varies none.
    """
    from dti_platform.audit import coherence as coherent
    from dti_platform.audit.dataset import to_csv
    from dti_platform.audit.stages import score as scored

    done = scored(tree, data, spec)
    remarked(done.remarks)
    scores = done.scores
    pairs = coherent.correlations(scores, method, list(coherent.within(tree)))
    aggregates = [code for code, element in tree.elements.items() if element.level > 1]
    scores_of_parts = {code: coherent.part_scores(scores, tree, code) for code in aggregates}
    alphas = [coherent.cronbach(code, values) for code, values in scores_of_parts.items()]
    components = [
        component
        for code, values in scores_of_parts.items()
        for component in coherent.components(code, tree.parts(code), values)
    ]
    loadings = [
        [component.element, component.number, part, loading]
        for component in components
        for part, loading in component.loadings.items()
    ]
    written = {
        "correlations.csv": to_csv(
            ["Var1", "Var2", "Correlation", "p", "units", "flag"],
            [[e.one, e.other, e.coefficient, e.p, e.units, coherent.flag(e, tree, scores)] for e in pairs],
        ),
        "cronbach.csv": to_csv(
            ["group", "alpha", "units"], [[alpha.element, alpha.value, alpha.units] for alpha in alphas]
        ),
        "components.csv": to_csv(
            ["group", "PC", "sdev", "eigenvalue", "prop", "cum"],
            [
                [
                    component.element,
                    component.number,
                    component.sd,
                    component.eigenvalue,
                    component.share,
                    component.cumulated,
                ]
                for component in components
            ],
        ),
        "loadings.csv": to_csv(["group", "PC", "iCode", "loading"], loadings),
    }
    put(out, written)
    say(*written)


@audit.command(cls=WithSpecification)
@click.option("--level", type=int, default=1, show_default=True, help="Of the elements that are left out in turn.")
@inputs
def influence(tree: Tree, data: Dataset, spec: Spec, out: Path, level: int) -> None:
    """Tell how far ranks move where an element is left out.

    Writes influence.csv: element, and the mean and largest number of places.
    """
    from dti_platform.audit import influence as influential
    from dti_platform.audit.dataset import to_csv
    from dti_platform.audit.stages import score as scored

    if not 1 <= level < tree.top:
        raise click.BadParameter(f"{level}; below its index the tree has 1 to {tree.top - 1}", param_hint="--level")
    done = scored(tree, data, spec)
    remarked(done.remarks)
    normalised = done.stages[spec.steps[-2]]
    removed = influential.remove(tree, normalised, spec, tree.level(level))
    table = [[influence.element, influence.mean, influence.largest] for influence in removed]
    put(out, {"influence.csv": to_csv(["element", "MeanAbsDiff", "MaxAbsDiff"], table)})
    say("influence.csv")


def stages(done: Scored, spec: Spec) -> Iterator[tuple[str, str]]:
    """The files of a scored index, by name."""
    from dti_platform.audit.dataset import table, to_csv
    from dti_platform.audit.stages import NAMES, counting, effective_weights, weights

    for step, data in done.stages.items():
        yield f"{NAMES[step]}.csv", table(data)
    yield "ranks.csv", table(done.ranks)
    stated = weights(done.tree, spec)
    effective = effective_weights(done.tree, counting(stated, done.stages["aggregate"]))
    lines = [[code, element.level, stated[code], effective[code]] for code, element in done.tree.elements.items()]
    yield "weights.csv", to_csv(["iCode", "Level", "Weight", "EffWeight"], lines)
    if done.treatments:
        header = ["iCode", *CHECKED.format(0).split(), "winsorise.nwin", *CHECKED.format(1).split(), "log_CT"]
        header += CHECKED.format(2).split()
        yield "treatments.csv", to_csv(header, [treatment(treated) for treated in done.treatments])


def treatment(done: Treatment) -> list[object]:
    """What was done to an indicator, as a row."""
    before, after = done.before, done.winsorised
    winsorised = [done.points if after else None, *checked(after)]
    return [done.code, *checked(before), *winsorised, done.logged is not None, *checked(done.logged)]


def checked(check: Check | None) -> list[object]:
    """A check of skewness and kurtosis, as fields; empty where there was none."""
    return [check.passes, check.skew, check.kurtosis] if check else [None, None, None]


def replays(replayed: Replayed, draws: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """The files of a replay, by name."""
    from dti_platform.audit import sensitivity
    from dti_platform.audit.dataset import to_csv

    header = ["uCode", "Nominal", *(f"r_{rep}" for rep in replayed.reps)]
    nominal = replayed.nominal_ranks
    for name, nominal_values, values in (
        ("scores", replayed.nominal, replayed.scores),
        ("ranks", nominal, replayed.ranks),
    ):
        lines = zip(replayed.units, nominal_values.tolist(), values.tolist(), strict=True)
        yield f"{name}.csv", to_csv(header, [[unit, one, *others] for unit, one, others in lines])
    design = sensitivity.design_of(draws)
    sampled = replayed.first(2 * design.size) if design else replayed
    yield "rankstats.csv", to_csv(["uCode", "Nominal", "Mean", "Median", "Q5", "Q95"], sampled.statistics)
    if design:
        shifts = sensitivity.shift(replayed.ranks, nominal)
        yield "sensitivity.csv", to_csv(sensitivity.COLUMNS, sensitivity.table_rows(shifts, design))


def of_design(parameters: Sequence[Mapping[str, str]], draws: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """What a reader would not see of draws as given, and as put in the order of a variance-based design."""
    from dti_platform.audit.sensitivity import REP, design_of

    columns = [name for name in parameters[0] if name != REP]
    if parameters != draws:
        yield "the draws are a variance-based design written sample by sample: put in the order A, B, mixed"
    elif design_of(draws) is None and sum(len({row[name] for row in parameters}) > 1 for name in columns) > 1:
        times = len(columns) + 2
        why = f"which has N x {times} rows of {len(columns)} columns, not {len(parameters)}"
        if len(parameters) % times == 0:
            why = "for no block of rows is A with one column of B"
        yield f"the draws are no variance-based design, {why} (see --help): no sensitivity.csv"


@contextmanager
def of_file(path: Path | str) -> Generator[None]:
    """Makes an error of the audit a message that names the file, or the files and options, that it comes from.

    Raises:
        click.ClickException: there is an error.
    """
    from dti_platform.audit.tree import AuditError

    try:
        yield
    except AuditError as error:
        raise click.ClickException(f"{path}: {error}") from error


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    from dti_platform.audit.dataset import rows_of

    return rows_of(text(path))


def text(path: Path) -> str:
    """A file in UTF-8.

    Raises:
        click.ClickException: it is in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{path}: not in UTF-8 ({error.reason} at byte {error.start}); save it as such"
        ) from error


def remarked(remarks: Sequence[str]) -> None:
    """Tells on standard error what a reader must know of the steps."""
    for remark in remarks:
        say(remark, err=True)


def put(out: Path, written: Mapping[str, str]) -> None:
    """Writes files into a folder, which is made for them."""
    empty_folder(out)
    for name, content in written.items():
        (out / name).write_text(content, encoding="utf-8")
