"""What every unit is worth at every node of a framework: a pure function of observations and the framework.

Here: carrying printed scores, recomputing from the printed parts of one source, and adding up submissions, always
exactly (billionths, see ``exact``), with the framework's own missing and rounding rules. Not here: which framework
goes with a year's figures (``years``), who stands where (``ranking``), how an indicator's points follow from raw
figures (``rules``), nor what merged units get (``merging``).

A *sheet* is what one source says of one unit in one period on one basis. Figures of two sheets are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.methodology.aggregation import add_up, node_frame
from dti_platform.methodology.exact import as_decimal, half_up, scaled
from dti_platform.methodology.framework import Framework
from dti_platform.methodology.precision import half_unit
from dti_platform.methodology.rules import misplaced, raw_measures, worked_out

#: The key of a sheet within one framework and geography.
SHEET = ("period", "unit", "peer_group", "basis", "source")
#: What scoring looks at of Observations.
TAKEN = (
    *SHEET, "feed", "geography", "framework", "node", "measure", "value", "raw", "obs_status", "evidence",
)  # fmt: skip
#: The source of a unit without any source: it has no score, and its row says so.
NO_SOURCE = "none"
#: Bases that are ours from what a unit submitted.
SUBMITTED = ("self", "verified", "final")


class ObservationError(ValueError):
    """An observation that its framework or geography does not know: names unit, node, source, framework and fix."""


def score(observations: pl.DataFrame, framework: Framework, units: Iterable[str]) -> pl.DataFrame:
    """Scores of the units of one geography under one framework (Observations -> Scores, sorted by key).

    ``published``: as printed. ``derived``: as its quoter worked it out, and no ground for anything of ours.
    ``recomputed``: every node above printed parts, from the parts of one source only.
    ``self``, ``verified``, ``final``: every node, from submitted points. Wherever a basis is there at all, every unit
    has a row at every computed node; what is missing is counted, and the score withheld unless the framework's rule
    says otherwise. A ranked group is scored by the framework as it applies to it.

    Raises:
        ObservationError: a node or unit that is not known, or more than one geography.
    """
    members = tuple(units)
    rows = observations.select(TAKEN).filter(pl.col("framework") == framework.version)
    if rows.is_empty():
        return no_scores()
    geography = _checked(rows, framework, members)
    if not framework.exemptions:
        return _scored(rows, framework, members, geography)
    scores: list[pl.DataFrame] = []
    for (group,), of_group in rows.partition_by("peer_group", as_dict=True).items():
        applied = framework.of_group(None if group is None else str(group))
        alone = of_group.height == rows.height  # else a unit may be in no group
        scores.append(_scored(of_group, applied, members if alone else tuple(of_group["unit"].unique()), geography))
    return pl.concat(scores).sort(_key())


def _scored(rows: pl.DataFrame, framework: Framework, members: tuple[str, ...], geography: str) -> pl.DataFrame:
    quoted = rows.filter(pl.col("basis").is_in(QUOTED) & pl.col("measure").is_in(("score", "points")))
    scores: list[pl.DataFrame] = []
    if not quoted.is_empty():
        scores.append(_printed(_figures(quoted, framework), framework))
        recomputable = _recomputable(quoted.filter(pl.col("basis") == "published"), framework, members)
        if not recomputable.is_empty():
            scores.append(computed(recomputable, framework, members))
    submitted = _submitted(rows, framework)
    if not submitted.is_empty():
        inputs = (*(node.code for node in framework.inputs), *submitted["node"].unique())
        scores.append(computed(submitted, framework, members, own=inputs))
    return as_scores(pl.concat(scores), framework, geography) if scores else no_scores()


def _checked(rows: pl.DataFrame, framework: Framework, members: tuple[str, ...]) -> str:
    """The one geography of the rows, once every node and unit is known."""
    geographies = rows["geography"].unique().sort().to_list()
    if len(geographies) != 1:
        raise ObservationError(f"{framework.name}: one geography at a time, not {geographies}. Split the observations.")
    known = pl.col("node").is_in(list(framework.nodes)) & pl.col("unit").is_in([*members, *geographies])
    for row in rows.filter(~known).sort("unit", "node", "source").head(1).iter_rows(named=True):
        node_known = row["node"] in framework.nodes
        what = f"unit {row['unit']} is not of {row['geography']}" if node_known else f"node {row['node']} is not known"
        raise ObservationError(
            f"{framework.file}: {what} (unit {row['unit']}, node {row['node']}, source {row['source']},"
            f" framework {framework.name}). Fix the feed, or add it to the framework's file or the geography."
        )
    return geographies[0]


def _figures(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """One row a sheet and node: points in billionths (from a score and the maximum where only that is given).

    ``low`` and ``high`` are the least and the most that were rounded to them; submitted points are what they are.
    """
    points, given = pl.col("measure") == "points", pl.col("value")
    most = pl.when(points).then(1.0).otherwise(as_decimal(pl.col("max")))
    value = scaled(given * most)
    half = pl.when(pl.col("basis").is_in(SUBMITTED)).then(0).otherwise(half_unit(most))
    figures = (
        _one_voice(rows)
        .join(node_frame(framework), on="node", how="inner")
        .select(
            *SHEET,
            "node",
            "obs_status",
            points=value,
            low=pl.max_horizontal(value - half, 0),
            high=pl.when(value.is_not_null()).then(pl.min_horizontal(value + half, "max")),
            printed=pl.when(~points).then(given),
            illustrative=(pl.col("evidence") == "illustrative") | pl.col("made_up"),
        )
    )
    return figures if rows["measure"].n_unique() <= 1 else _merged(figures)


def _one_voice(rows: pl.DataFrame) -> pl.DataFrame:
    """Where two feeds bring one source's figure, an official one, then the first in alphabetical order.

    Both stay in the observations.
    """
    if rows["feed"].n_unique() <= 1:
        return rows
    return rows.sort(pl.col("evidence") == "illustrative", "feed").unique(
        [*SHEET, "node", "measure"], keep="first", maintain_order=True
    )


def _merged(figures: pl.DataFrame) -> pl.DataFrame:
    """Score and points of one node in one row: points as given, else from the score; the score as given."""
    own_points = pl.col("printed").is_null()
    return (
        figures.sort(~own_points)
        .group_by(*SHEET, "node", maintain_order=True)
        .agg(
            pl.col("obs_status", "points", "low", "high").first(),
            pl.col("printed").drop_nulls().first(),
            pl.col("illustrative").any(),
        )
    )


def _printed(figures: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Scores as a page has them; from its points where it has no score."""
    rows = figures.join(node_frame(framework), on="node", how="left")
    return rows.select(
        *SHEET,
        "node",
        "points",
        "low",
        "high",
        "max",
        score=pl.col("printed").fill_null(_rounded(framework)),
        missing=pl.lit(0, pl.Int32),
        obs_status="obs_status",
        illustrative="illustrative",
    )


def _rounded(framework: Framework) -> pl.Expr:
    """Points / maximum as the framework rounds it."""
    scale = 10**framework.settings.decimals
    return as_decimal(half_up(pl.col("points") * scale, pl.col("max")), scale)


def _recomputable(printed: pl.DataFrame, framework: Framework, members: tuple[str, ...]) -> pl.DataFrame:
    """Printed parts of units, source by source."""
    parts = {part.code for node in framework.nodes.values() for part in framework.parts(node.code)}
    grounds = pl.col("unit").is_in(members) & pl.col("node").is_in(list(parts))
    return _figures(printed.filter(grounds), framework).with_columns(basis=pl.lit("recomputed"))


def _submitted(rows: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Submitted points; where the raw figures of a rule are complete, points are worked out from them, not taken.

    Raises:
        ObservationError: a raw figure that the rule of its node has no use for.
    """
    submitted = rows.filter(pl.col("basis").is_in(SUBMITTED))
    given = _figures(submitted.filter(pl.col("measure").is_in(("points", "score"))), framework)
    raw = submitted.filter(pl.col("measure").is_in(raw_measures()))
    if raw.is_empty():
        return given
    for row in misplaced(raw, framework).sort("unit", "node", "measure").head(1).iter_rows(named=True):
        kind, takes = framework.nodes[row["node"]].rule.kind, framework.nodes[row["node"]].rule.takes
        raise ObservationError(
            f"{framework.file}: unit {row['unit']}, node {row['node']}, source {row['source']}: {row['measure']}"
            f" {row['value']} is nothing that its rule {kind} can take in ({', '.join(takes) or 'points alone'})."
            " Fix the feed, or the rule."
        )
    worked = worked_out(_one_voice(raw), framework, SHEET).with_columns(
        low="points", high="points", printed=pl.lit(None, pl.Float64)
    )
    rest = given.join(worked, on=[*SHEET, "node"], how="anti", nulls_equal=True)
    return pl.concat([rest, worked.select(rest.columns)])


def computed(
    figures: pl.DataFrame, framework: Framework, members: tuple[str, ...], *, own: Iterable[str] = ()
) -> pl.DataFrame:
    """Every node above the figures, for every sheet and unit; and the nodes of their ``own`` that figures stand at.

    ``figures``: SHEET, node, obs_status, points, low, high (billionths), illustrative. Gives SHEET, node, points, low,
    high, max (billionths), score, missing, obs_status, illustrative. Without ``own``, a node as it was given is left
    out.
    """
    sheets = _sheets(figures, members)
    numbered = figures.join(sheets, on=SHEET, nulls_equal=True).select(
        "sheet", "node", "points", "low", "high", "illustrative"
    )
    rows = _asked(sheets, framework, own)
    worth = rows.join(add_up(numbered, framework), on=["sheet", "node"], how="left", maintain_order="left")
    if not own:
        worth = worth.filter(~pl.col("as_given").fill_null(value=False))
    unknown = pl.col("points").is_null() | pl.col("illustrative").is_null()
    return worth.with_columns(points=_points(framework)).select(
        *SHEET,
        "node",
        "points",
        "low",
        "high",
        "max",
        score=_rounded(framework),
        missing=pl.col("inputs") - pl.col("known_inputs").fill_null(0),
        obs_status=_status(),
        illustrative=pl.col("illustrative").fill_null(value=False)
        | (unknown & _made_up(framework) & ~pl.col("silent"))
        | _own_made_up(framework),
    )


def _own_made_up(framework: Framework) -> pl.Expr:
    """Whether a node is made up itself: whatever stands there is illustrative, also that a unit has no figure."""
    return pl.col("node").is_in([code for code, node in framework.nodes.items() if node.evidence == "illustrative"])


def _made_up(framework: Framework) -> pl.Expr:
    """Whether a node is made up or rests on one that is: so that a value that is missing there is illustrative, too."""

    def rests(code: str) -> bool:
        """Whether a node, or any node below it, is made up."""
        made_up = framework.nodes[code].evidence == "illustrative"
        return made_up or any(rests(part.code) for part in framework.parts(code))

    return pl.col("node").is_in([code for code, node in framework.nodes.items() if node.scored and rests(code)])


def _sheets(figures: pl.DataFrame, members: tuple[str, ...]) -> pl.DataFrame:
    """Every sheet, numbered; and a ``silent`` one for a unit of which no source speaks where others do.

    Not where units form groups, whose members are not all public.
    """
    spoken = figures.select(SHEET).unique().with_columns(silent=pl.lit(value=False))
    ungrouped = spoken.filter(pl.col("peer_group").is_null().all().over("period", "basis"))
    everyone = ungrouped.select("period", "basis").unique().join(pl.DataFrame({"unit": members}), how="cross")
    silent = everyone.join(spoken, on=["period", "basis", "unit"], how="anti").with_columns(
        peer_group=pl.lit(None, pl.String), source=pl.lit(NO_SOURCE), silent=pl.lit(value=True)
    )
    sheets = pl.concat([spoken, silent.select(spoken.columns)])
    return sheets.with_columns(
        person=pl.struct("period", "unit", "peer_group").rank("dense"), voice=pl.struct("basis", "source").rank("dense")
    ).with_row_index("sheet")


def _asked(sheets: pl.DataFrame, framework: Framework, own: Iterable[str]) -> pl.DataFrame:
    """The rows to be made, in key order: every computed node of every sheet, and its ``own`` nodes where it speaks."""
    made = [node.code for level in framework.levels for node in level]
    nodes = node_frame(framework).sort("node").with_row_index("place")
    wanted = pl.col("node").is_in(made) | (pl.col("node").is_in(list(own)) & ~pl.col("silent"))
    return sheets.join(nodes, how="cross").filter(wanted).sort("person", "place", "voice")


def _points(framework: Framework) -> pl.Expr:
    """No figure at all is worth no points under the rule ``zero``, for a unit that did submit."""
    unspoken = pl.col("points").is_null() & (pl.col("parts") > 0) & ~pl.col("silent")
    return pl.when(unspoken & (framework.settings.missing == "zero")).then(0).otherwise("points")


def _status() -> pl.Expr:
    """SDMX: O where there is no value, E where the missing rule stood in for a part, else A."""
    complete = pl.col("inputs") == pl.col("known_inputs")
    return pl.when(pl.col("points").is_null()).then(pl.lit("O")).when(complete).then(pl.lit("A")).otherwise(pl.lit("E"))


def as_scores(rows: pl.DataFrame, framework: Framework, geography: str) -> pl.DataFrame:
    """What ``computed`` gives, as rows of the table Scores, sorted by key."""
    evidence = pl.when("illustrative").then(pl.lit("illustrative")).otherwise(pl.lit("official"))
    scores = rows.with_columns(
        framework=pl.lit(framework.version),
        geography=pl.lit(geography),
        points=as_decimal(pl.col("points")),
        points_low=as_decimal(pl.col("low")),
        points_high=as_decimal(pl.col("high")),
        max_points=as_decimal(pl.col("max")),
        missing_rule=pl.lit(framework.settings.missing),
        evidence=evidence,
    )
    empty = no_scores()
    return scores.select(empty.columns).cast(empty.schema).sort(_key())


def no_scores() -> pl.DataFrame:
    """The table Scores without rows."""
    from dti_platform import tables

    return tables.empty(tables.Scores)


def _key() -> list[str]:
    from dti_platform import tables

    return tables.key(tables.Scores)
