"""The door: what files gave is asked whatever contracts, frameworks and critical checks will ask of it later.

Here: each observation of a file by itself, and each key that files which stand together give twice. A row that would
stop a run goes to quarantine with its reason, so that no accepted file can. Not here: reading cells, nor checks of what
many files give together, or of the last release (entries of ``expectations/`` that are asked at the gate).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dti_platform import codes
from dti_platform.feeds import maxima
from dti_platform.feeds.feed import Known, Parsed, Remark
from dti_platform.feeds.fields import interval
from dti_platform.feeds.intake import MOST_QUARANTINED
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import Period
from dti_platform.problems import catalogue
from dti_platform.reading import Unreadable, place
from dti_platform.sources import source_class
from dti_platform.tables import (
    Observations,
    Quarantine,
    Row,
    column_contracts,
    key,
    polars_schema,
    row_contract,
    worked_out,
)

if TYPE_CHECKING:
    from dti_platform.methodology import Frameworks

SUBMITTED = ("self", "verified", "final")
#: The largest figure: sums and ratios of such figures are exact to six decimals.
LARGEST = 1e15
#: The most points of a node whose maximum is not known, and the most units that a source can count.
MOST_POINTS = MOST_UNITS = 1e6
#: By how much a printed score may differ from printed points, as a share of the maximum.
SCORE_TOLERANCE = 1e-4
_UNITS = {"geography": pl.String, "unit": pl.String, "level": pl.String, "units": pl.Float64, "version": pl.String}
_TIMES = {"geography": pl.String, "period": pl.String, "since": pl.Date, "until": pl.Date, "in_force": pl.Boolean}
_KEY = [name for name in key(Observations) if name != "feed"]
#: Whose keys are one: reports of any feed give one table of each indicator.
_WHOSE = pl.when(pl.col("framework").is_not_null()).then("feed")
#: The source of a figure, as far as it tells two figures apart: what was submitted names its file there, or its sender.
_SOURCE = pl.when(~pl.col("basis").is_in(SUBMITTED)).then("source").alias("source")
#: What makes two observations of one key the same.
_SAME = ("value", "qualifier", "unit_measure", "denominator")
_VALUE = pl.col("value")


class _Fault(NamedTuple):
    """Why an observation is held back: where it stands among those of its file, and what fills the sentences."""

    at: int
    observation: Row
    reason: str
    details: Mapping[str, object]


def admitted(files: Sequence[Parsed], known: Known, index: str) -> list[Parsed]:
    """What files gave, each observation that a later table can't hold in quarantine with its reason.

    Asked of all at once: asking costs more than the rows. They are of one year, and all illustrative or all not.
    ``index``: of their feeds; a score of another index is none that these can give.

    Raises Unreadable where more of a file is held back than a file could have.
    """
    if all(each.observations.is_empty() for each in files):
        return [*files]
    submission = files[0].submissions.row(0, named=True)
    year, synthetic = Period.parse(submission["period"]).year, submission["evidence"] == "illustrative"
    reason = pl.coalesce(*(pl.when(rule).then(pl.lit(code)) for code, rule in _rules(known, year, synthetic).items()))
    given = _with_source_class(_together(files), known)
    asked = _with_sums(_with_bounds(_with_context(given, known, year, index)), known.frameworks, year)
    faults = defaultdict[int, list[_Fault]](list)
    for row in asked.with_columns(reason=reason).drop_nulls("reason").iter_rows(named=True):
        period = files[row["file_at"]].submissions["period"][0]
        faults[row["file_at"]].append(_Fault(row["at"], row, row["reason"], _details(row, period)))
    heights = [each.observations.height for each in files]
    observations = given.drop("file_at", "at")
    placed = [
        replace(each, observations=observations.slice(start, height))
        for each, start, height in zip(files, accumulate(heights, initial=0), heights, strict=False)
    ]
    return [_held_back(each, faults[at]) for at, each in enumerate(placed)]


def _held_back(parsed: Parsed, faults: Sequence[_Fault]) -> Parsed:
    if len(faults) > MOST_QUARANTINED:
        file = parsed.submissions["file_name"][0]
        raise Unreadable("too_many_errors", "cells", file=file, most=MOST_QUARANTINED)
    return _without(parsed, faults)


def _together(files: Sequence[Parsed]) -> pl.DataFrame:
    """What files gave, in one frame: of which of them, and where in it, each row is."""
    heights = [each.observations.height for each in files]
    file_at = [at for at, height in enumerate(heights) for _ in range(height)]
    at = [at for height in heights for at in range(height)]
    return pl.concat([each.observations for each in files]).with_columns(
        file_at=pl.Series(file_at, dtype=pl.UInt32), at=pl.Series(at, dtype=pl.UInt32)
    )


def _with_source_class(observations: pl.DataFrame, known: Known) -> pl.DataFrame:
    """With the class of each source by the table of domains; of what was submitted none."""
    quoted = ~pl.col("basis").is_in(SUBMITTED)
    sources = observations.filter(quoted)["source"].unique().to_list()
    classes = {each: source_class(each, known.units.domains) for each in sources}
    found = pl.col("source").replace_strict(classes, default=None, return_dtype=pl.String)
    return observations.with_columns(source_class=pl.when(quoted).then(found))


def _rules(known: Known, year: int, synthetic: bool) -> Mapping[str, pl.Expr]:
    """Which observations are held back, by the reason; the first that applies is told."""
    of_index, submitted = pl.col("framework").is_not_null(), pl.col("basis").is_in(SUBMITTED)
    quoted, measure = pl.col("basis").is_in(codes.QUOTED), pl.col("measure")
    raw = submitted & pl.col("scored") & ~measure.is_in(("points", "score"))
    used = pl.col("takes").list.contains(measure)
    illustrative = pl.col("evidence") == "illustrative"
    whole = measure.is_in(("rank", "top", "bottom", "units"))
    return {
        "out_of_contract": ~row_contract(Observations)
        | (pl.col("basis") == "recomputed")
        | (worked_out() != (pl.col("basis") == "derived")),
        "wrong_period": pl.col("period").str.extract(r"(?:^|/)(\d{4})[^/]*$") != str(year),
        "unknown_unit": pl.col("units").is_null(),
        "no_framework": (of_index != (quoted | submitted))
        | (of_index & pl.col("version").ne_missing(pl.col("framework"))),
        "geography_of_another_time": ~of_index & ~pl.col("in_force"),
        "unknown_indicator": ~of_index & ~pl.col("node").is_in(list(known.units.indicators)),
        "unknown_node": of_index
        & (~pl.when(submitted).then("sent").otherwise("printed").fill_null(value=False) | (raw & ~used)),
        "group_without_ranking": pl.col("peer_group").is_not_null() & (pl.col("level") != "ministerial"),
        "wrong_evidence": (quoted & illustrative)
        | (~illustrative & (pl.col("made_up").fill_null(value=False) | (submitted & synthetic))),
        "out_of_range": ~_VALUE.is_between("least", "most")
        | ((measure == "share") & raw & ~pl.col("shares").list.contains(_VALUE))
        | (pl.col("denominator").abs() > LARGEST).fill_null(value=False),
        "not_whole": whole & (_VALUE % 1 != 0),
        "sum_above_maximum": pl.col("sum").is_not_null(),
    }


def _with_context(observations: pl.DataFrame, known: Known, year: int, index: str) -> pl.DataFrame:
    """With what is known of the unit and the node of each; nulls where nothing is."""
    pairs = observations.select("geography", "unit").unique().rows()
    units = pl.DataFrame([_unit(known, year, index, *pair) for pair in pairs], schema=_UNITS, orient="row")
    placed = observations.join(units, on=["geography", "unit"], how="left", maintain_order="left")
    dated = observations.select("geography", "period").unique().rows()
    times = pl.DataFrame([_times(known, *pair) for pair in dated], schema=_TIMES, orient="row")
    placed = placed.join(times, on=["geography", "period"], how="left", maintain_order="left")
    nodes = maxima.nodes(known.frameworks, year)
    variants = nodes["variant"].drop_nulls().unique().to_list()
    placed = placed.with_columns(variant=pl.when(pl.col("peer_group").is_in(variants)).then("peer_group"))
    by = ["framework", "geography", "variant", "node"]
    return placed.join(nodes, on=by, how="left", nulls_equal=True, maintain_order="left")


def _unit(known: Known, year: int, index: str, geography: str, unit: str) -> tuple[object, ...]:
    """Level of a unit's geography, its number of units and the framework in force; nulls where it is none of it."""
    members = known.units.geographies.get(geography, ())
    whole = known.units.all.get(geography)
    if whole is None or (unit != geography and unit not in members):
        return geography, unit, None, None, None
    framework = known.frameworks.for_period(year, geography, index)
    return geography, unit, whole.level, float(max(len(members), 1)), framework and framework.version


def _times(known: Known, geography: str, period: str) -> tuple[object, ...]:
    """Since and until when a geography is in force, and whether it is at any time of a period.

    What is reported of a part of a year runs from the year's first day.
    """
    whole, parsed = known.units.all.get(geography), Period.find(period)
    if whole is None or parsed is None:
        return geography, period, None, None, True
    began = whole.valid_from is None or whole.valid_from.isoformat() <= parsed.ends
    over = whole.valid_to is not None and whole.valid_to.year < parsed.first_year
    return geography, period, whole.valid_from, whole.valid_to, began and not over


def _with_sums(asked: pl.DataFrame, frameworks: Frameworks, year: int) -> pl.DataFrame:
    """With the sum that a submitted score is part of, in its file, where that exceeds the maximum of a node above.

    Of several such nodes the one that comes first in the framework.
    """
    sums = maxima.sums(frameworks, year)
    if sums.is_empty():
        return asked.with_columns(sum=pl.lit(None, pl.Float64))
    parts = asked.filter(pl.col("basis").is_in(SUBMITTED), pl.col("measure") == "points").join(
        sums, on=["framework", "geography", "variant", "node"], nulls_equal=True
    )
    of_whole = ("file_at", "geography", "unit", "peer_group", "basis", "whole")
    beyond = (
        parts.with_columns(sum=_VALUE.sum().over(of_whole))
        .filter(pl.col("sum") > pl.col("whole_points"))
        .unique(["file_at", "at"], keep="first", maintain_order=True)
        .select("file_at", "at", "sum", "whole_name_vi", "whole_name_en", "whole_points")
    )
    return asked.join(beyond, on=["file_at", "at"], how="left", maintain_order="left")


def _with_bounds(asked: pl.DataFrame) -> pl.DataFrame:
    """With the least and the largest value of each."""
    measure, unit_measure = pl.col("measure"), pl.col("unit_measure")
    counted = (pl.col("basis") == "reported") & (measure == "value") & unit_measure.is_in(codes.COUNTED)
    share, place = measure.is_in(("score", "minimum", "share")), measure.is_in(("rank", "top", "bottom"))
    least = (
        pl.when(share | (measure == "points") | counted).then(0).when(place | (measure == "units")).then(1)
    ).otherwise(-LARGEST)
    most = (
        pl.when(share).then(1).when(measure == "points").then(pl.col("max_points").fill_null(MOST_POINTS))
        .when(place).then("units").when(measure == "units").then(MOST_UNITS).otherwise(LARGEST)
    )  # fmt: skip
    return asked.with_columns(least=least.cast(pl.Float64), most=most.cast(pl.Float64))


def _details(row: Row, period: str) -> Mapping[str, object]:
    """What fills the sentences of any reason; each takes what it names."""
    bounds = interval(row["least"], row["most"])
    facts = {"geography": row["geography"], "in_force": _span(row["since"], row["until"])}
    if row["sum"] is not None:
        facts |= {
            "sum": format_number(row["sum"]),
            "maximum": format_number(row["whole_points"]),
            "whole": Bilingual(row["whole_name_vi"], row["whole_name_en"]),
        }
    columns = _out_of_contract(row) if row["reason"] == "out_of_contract" else ""
    return {"range": bounds, "period": period, "suggestions": "", "columns": columns, **facts}


def _out_of_contract(row: Row) -> str:
    """The columns of an observation that no table of figures can hold, with what stands there."""
    schema = polars_schema(Observations)
    frame = pl.DataFrame([{name: row[name] for name in schema}], schema=schema)
    meets = frame.select(**column_contracts(Observations)).row(0, named=True)
    names = [name for name, fine in meets.items() if not fine] or ["basis", "certainty"]
    return ", ".join(f"{name} = {row[name]}" for name in names)


def _span(since: dt.date | None, until: dt.date | None) -> Bilingual:
    """From one day to another, as far as they are known."""
    vi = (f"từ {since:%d/%m/%Y}" if since else "", f"đến {until:%d/%m/%Y}" if until else "")
    en = (f"from {since}" if since else "", f"to {until}" if until else "")
    return Bilingual(*(" ".join(filter(None, days)) for days in (vi, en)))


def reconciled(files: Sequence[Parsed], known: Known) -> list[Parsed]:
    """Files that stand together, each without what one before it gave already; official figures are before others.

    Of one key the same value is counted once, which is remarked on; another value goes to quarantine, with both places.
    So do a printed score and printed points of one node that differ, and an illustrative plan of an official figure.
    """
    if not files:
        return []
    together = _together(files)
    again: defaultdict[int, list[tuple[Row, Row]]] = defaultdict(list)
    for row, given in (*_given_again(together), *_given_otherwise(together, known), *_beside_official(together)):
        again[row["file_at"]].append((row, given))
    return [_apart(each, again[at]) if at in again else each for at, each in enumerate(files)]


def _given_again(together: pl.DataFrame) -> Iterator[tuple[Row, Row]]:
    """The observations whose key one before them has, each with that one; official ones are before others."""
    keyed = together.with_columns(_SOURCE, whose=_WHOSE)
    twice = keyed.filter(pl.struct(*_KEY, "whose").is_duplicated())
    twice = twice.sort(pl.col("evidence") == "illustrative", maintain_order=True)
    first: dict[tuple[object, ...], Row] = {}
    for row in twice.iter_rows(named=True):
        given = first.setdefault(tuple(row[name] for name in (*_KEY, "whose")), row)
        if given is not row:
            yield row, given


def _given_otherwise(together: pl.DataFrame, known: Known) -> Iterator[tuple[Row, Row]]:
    """Of a printed score and printed points of one node that differ the later one, each with the other."""
    of_node = [name for name in _KEY if name != "measure"]
    printed = together.filter(pl.col("basis").is_in(codes.QUOTED), pl.col("measure").is_in(("score", "points")))
    both = printed.filter(pl.col("measure").n_unique().over(of_node) > 1)
    for _, rows in both.group_by(of_node, maintain_order=True):
        pair = [next(rows.filter(measure=name).iter_rows(named=True)) for name in ("score", "points")]
        score, points = pair
        most = _most_printed(score, known)
        if most and abs(score["value"] - points["value"] / most) > SCORE_TOLERANCE:
            earlier, later = sorted(pair, key=lambda row: (row["file_at"], row["at"]))
            yield later, earlier


def _beside_official(together: pl.DataFrame) -> Iterator[tuple[Row, Row]]:
    """What illustrative files report beside an official figure of the same row of a scorecard, with that figure."""
    row_key = [name for name in _KEY if name != "measure"]
    reported = together.filter(pl.col("basis") == "reported")
    mixed = reported.filter(pl.col("evidence").n_unique().over(row_key) > 1)
    for _, rows in mixed.group_by(row_key, maintain_order=True):
        official = rows.filter(evidence="official")
        beside = rows.filter(
            pl.col("evidence") == "illustrative", ~pl.col("measure").is_in(official["measure"].implode())
        )
        yield from ((row, official.row(0, named=True)) for row in beside.iter_rows(named=True))


def _most_printed(row: Row, known: Known) -> float | None:
    """The maximum of the node of a printed figure, where it is known."""
    framework = known.frameworks.of_version(row["framework"], row["period"], row["geography"])
    node = framework.of_group(row["peer_group"]).nodes.get(row["node"]) if framework else None
    return float(node.max_points) if node and node.max_points else None


def _apart(parsed: Parsed, again: Sequence[tuple[Row, Row]]) -> Parsed:
    """What a file gives beside others; ``again``: its observations that stand already, each with the first."""
    faults = [
        _Fault(
            row["at"],
            row,
            "contradicts_another",
            {"value": format_number(given["value"]), "place": place_of(given["file_name"], given["locator"])},
        )
        for row, given in again
        if any(row[name] != given[name] for name in ("measure", *_SAME))
    ]
    held = {fault.at for fault in faults}
    repeated = [(row["at"], given["file_name"]) for row, given in again if row["at"] not in held]
    texts = catalogue("warning")["given_already"].detail
    remarks = [
        Remark(texts["by_another"].format(count=count, file=name), None, "given_already")
        for name, count in Counter(name for _, name in repeated).items()
    ]
    left = _without(parsed, faults, {at for at, _ in repeated})
    reason = "; ".join(filter(None, [parsed.submissions["reason"][0], *(each.text.both for each in remarks)]))
    submissions = left.submissions.with_columns(reason=pl.lit(reason or None, pl.String))
    return replace(left, submissions=submissions, remarks=(*parsed.remarks, *remarks), repeated=len(repeated))


def place_of(file: str, locator: str) -> Bilingual:
    """File and cell, in words."""
    return Bilingual(*(f"{file}, {text}" for text in place(locator)))


def _rest_of_rows(parsed: Parsed, faults: Sequence[_Fault], repeated: Collection[int]) -> Iterator[_Fault]:
    """What else the rows of a report give of which a figure is faulty: a plan is held back with its value."""
    rows = {_row(fault.observation) for fault in faults if fault.observation["basis"] == "reported"}
    others = {*repeated, *(fault.at for fault in faults)}
    for at, observation in enumerate(parsed.observations.iter_rows(named=True) if rows else ()):
        if at not in others and _row(observation) in rows:
            yield _Fault(at, observation, "held_with_row", {})


def _row(observation: Row) -> tuple[object, ...]:
    return tuple(observation[name] for name in _KEY if name != "measure")


def _without(parsed: Parsed, faults: Sequence[_Fault], repeated: Collection[int] = ()) -> Parsed:
    """What a file gave: without some of its observations in the frame, and with the faulty ones in quarantine."""
    if not faults and not repeated:
        return parsed
    faults = [*faults, *_rest_of_rows(parsed, faults, repeated)]
    held = {fault.observation["locator"] for fault in faults}
    new = len(held - {*parsed.quarantine["locator"]})
    quarantined = pl.DataFrame(list(map(_quarantined, faults)), schema=polars_schema(Quarantine), orient="row")
    return replace(
        parsed,
        observations=parsed.observations.filter(
            ~pl.int_range(pl.len()).is_in([*repeated, *(fault.at for fault in faults)])
        ),
        quarantine=pl.concat([parsed.quarantine, quarantined.unique(["locator", "reason"], maintain_order=True)]),
        submissions=parsed.submissions.with_columns(
            pl.col("accepted") - new,
            pl.col("quarantined") + new,
            status=pl.lit("accepted_in_part") if faults else pl.col("status"),
        ),
    )


def _quarantined(fault: _Fault) -> tuple[object, ...]:
    row, problem = fault.observation, catalogue("cell")[fault.reason]
    cell = (row[name] for name in ("feed", "file", "file_name", "locator", "period", "unit", "node", "raw"))
    why, fix = problem.why.format(**fault.details), problem.fix.format(**fault.details)
    return *cell, problem.error_class, fault.reason, *why, *fix
