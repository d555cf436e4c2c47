"""The rules between the files of ``data/reference``, and the messages of their violations.

Here: the models applied to the rows, and rules over several files (a crosswalk covers every unit, an alias means an
existing unit). Not here: columns, types and keys (``models``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import polars as pl
from pandera.errors import SchemaErrors

from dti_platform.reference_tables.files import ReferenceDataError, Row, Rows
from dti_platform.reference_tables.models import MODELS, OPTIONAL, Reference
from dti_platform.tables import key, meets, polars_schema

#: The most messages of one error: more would hide the first.
SHOWN = 20
#: The files of the units of geographies.
UNIT_FILES = ("provinces", "ministries", "local_units")
#: The geography that follows each geography at the same level.
NEXT = {"VN64": "VN63", "VN63": "VN34", "MIN22": "MIN25"}


def check(folder: Path, rows: Rows) -> None:
    """Checks the files of a folder against their models and the rules between them.

    Raises:
        ReferenceDataError: a file breaks its model, or a rule between files.
    """
    if problems := _faults(tuple((name, tuple(tuple(row.items()) for row in file)) for name, file in rows.items())):
        listing = "\n".join(f"  {fault}" for fault in problems[:SHOWN])
        raise ReferenceDataError(f"{folder}: {len(problems)} fault(s)\n{listing}")


@lru_cache(maxsize=2)  # a long-running process checks the same files at every run
def _faults(files: tuple[tuple[str, tuple[tuple[tuple[str, str | None], ...], ...]], ...]) -> list[str]:
    return faults({name: [dict(row) for row in rows] for name, rows in files})


def faults(rows: Rows) -> list[str]:
    """Violations of the models or, if there are none, of the rules between files: file, line, fix."""
    models = MODELS | {name: model for name, model in OPTIONAL.items() if rows[name]}
    model_problems = [fault for name, model in models.items() for fault in model_faults(name, model, rows[name])]
    return model_problems or [fault for rule in RULES for fault in rule(rows)]


def model_faults(name: str, model: type[Reference], rows: Sequence[Row]) -> Iterator[str]:
    """Violations of the model of one file; the header first, because Pandera fails in Polars without a key column."""
    header, expected = list(rows[0]) if rows else [], list(polars_schema(model))
    if header != expected:
        yield f"{name}.csv, header: {', '.join(header) or 'no rows'}; rows are needed with {', '.join(expected)}"
        return
    frame = pl.DataFrame([list(row.values()) for row in rows], schema=polars_schema(model), orient="row")
    if meets(model, frame):
        return
    try:
        model.validate(frame, lazy=True)
    except SchemaErrors as errors:
        for case in errors.failure_cases.sort("index", maintain_order=True).to_dicts():
            yield f"{name}.csv, line {case['index'] + 2}: {_explain(model, case)}"


def _explain(model: type[Reference], case: Mapping[str, str]) -> str:
    """The message of a failure of Pandera, with the fix: of a cell, a key or a row."""
    columns = model.to_schema().columns
    if case["column"] in columns:
        promise = columns[case["column"]].description
        return f"{case['failure_case']!r} breaks {case['check']}; {case['column']} must be: {promise}"
    if case["check"] == "multiple_fields_uniqueness":
        return f"the key {', '.join(key(model))} is repeated; strike one row: {case['failure_case']}"
    return f"{case['check']}; fix the row: {case['failure_case']}"


def _lines(rows: Rows, *names: str) -> Iterator[tuple[str, Row]]:
    """Each row of the files with its place, such as ``provinces.csv, line 7``."""
    for name in names:
        for number, row in enumerate(rows[name], start=2):
            yield f"{name}.csv, line {number}", row


def _text(row: Row, column: str) -> str:
    return row[column] or ""


def _units(rows: Rows) -> dict[str, Row]:
    """The first form of every unit."""
    first_forms: dict[str, Row] = {}
    for _, row in _lines(rows, *UNIT_FILES):
        first_forms.setdefault(_text(row, "unit"), row)
    return first_forms


def _sources_are_listed(rows: Rows) -> Iterator[str]:
    known = {row["source"] for row in rows["sources"]}
    for place, row in _lines(rows, *(name for name in rows if name != "sources")):
        sources = f"{_text(row, 'source')} {row.get('region_source') or ''}".split()
        for source in sources:
            if source not in known:
                yield f"{place}: source {source!r} is not in sources.csv; add it there"


def _regions_are_listed(rows: Rows) -> Iterator[str]:
    known = {row["region"] for row in rows["regions"]}
    for place, row in _lines(rows, "provinces"):
        if row["region"] and row["region"] not in known:
            yield f"{place}: region {row['region']!r} is not in regions.csv; add it there"


def _geographies_are_whole(rows: Rows) -> Iterator[str]:
    """A complete geography has its declared number of units (63, 34, 30, 22)."""
    sizes = Counter(row["geography"] for row in _units(rows).values())
    for place, row in _lines(rows, "geographies"):
        count = sizes[row["geography"]] if row["level"] != "national" else 1
        if row["complete"] == "yes" and count != int(_text(row, "units")):
            yield f"{place}: {row['geography']} has {row['units']} units, but {count} are held; add or strike units"


def _forms_fill_the_geography(rows: Rows) -> Iterator[str]:
    """The forms of a unit follow each other day by day, from the geography's first day to its last."""
    spans = {row["geography"]: row for row in rows["geographies"]}
    forms: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for place, row in _lines(rows, *UNIT_FILES):
        forms[_text(row, "unit")].append((place, row))
    for unit_forms in forms.values():
        (place, first), (last_place, last) = unit_forms[0], unit_forms[-1]
        span = spans.get(_text(first, "geography"))
        if span is None:
            yield f"{place}: geography {first['geography']!r} is not in geographies.csv; add it there"
        elif (first["valid_from"], last["valid_to"]) != (span["valid_from"], span["valid_to"]):
            yield f"{last_place}: {first['unit']} does not stand for all of {span['geography']}; fix its days"
        for (_, before), (place, after) in pairwise(unit_forms):
            if _day_after(before) != after["valid_from"]:
                yield f"{place}: this form of {after['unit']} does not begin the day after the one before; fix it"


def _day_after(row: Row) -> str | None:
    return (date.fromisoformat(row["valid_to"]) + timedelta(days=1)).isoformat() if row["valid_to"] else None


def _successions(rows: Rows) -> Iterator[tuple[str, str]]:
    """Unit and (main) successor, of both crosswalks."""
    for _, row in _lines(rows, "province_crosswalk", "ministry_crosswalk"):
        if row.get("main", "yes") == "yes":
            yield _text(row, "unit"), _text(row, "successor")


def _successors_exist(rows: Rows) -> Iterator[str]:
    """Both ends of a succession are units, of geographies that follow each other."""
    units = _units(rows)
    for place, row in _lines(rows, "province_crosswalk", "ministry_crosswalk"):
        unit, successor = _text(row, "unit"), _text(row, "successor")
        unknown = [code for code in (unit, successor) if code not in units]
        if unknown:
            yield f"{place}: {unknown[0]} is no unit; add it to its file, or fix the id"
        elif NEXT.get(_text(units[unit], "geography")) != units[successor]["geography"]:
            yield f"{place}: {successor} is not of the geography that follows that of {unit}; fix the successor"


def _crosswalk_is_total(rows: Rows) -> Iterator[str]:
    """Every ended unit has exactly one (main) successor, and every unit of the next geography a predecessor."""
    counts = Counter(unit for unit, _ in _successions(rows))
    successors = {successor for _, successor in _successions(rows)}
    complete = {row["geography"] for row in rows["geographies"] if row["complete"] == "yes"}
    following = {later for earlier, later in NEXT.items() if earlier in complete}
    for place, row in _lines(rows, *UNIT_FILES):
        unit, geography = _text(row, "unit"), _text(row, "geography")
        if geography in NEXT and counts[unit] != 1:
            yield f"{place}: {unit} has {counts[unit]} main successors in the crosswalk; it must have exactly one"
        if geography in following and unit not in successors:
            yield f"{place}: {unit} is nobody's successor; add its predecessors to the crosswalk"


def _relations_are_true(rows: Rows) -> Iterator[str]:
    """A province is unchanged if and only if it is the only predecessor of its successor."""
    sizes = Counter(row["successor"] for row in rows["province_crosswalk"])
    provinces_of_63 = {row["unit"] for row in rows["provinces"] if row["geography"] == "VN63"}
    for place, row in _lines(rows, "province_crosswalk"):
        expected = "unchanged" if sizes[row["successor"]] == 1 and row["unit"] in provinces_of_63 else "merged"
        if row["relation"] != expected:
            yield f"{place}: {row['successor']} has {sizes[row['successor']]} predecessor(s); write {expected}"


def _heirs_keep_code_and_name(rows: Rows) -> Iterator[str]:
    """A province of the 34 has the code and a name of its predecessors (Decision 19/2025)."""
    successor = {row["unit"]: row["successor"] for row in rows["province_crosswalk"]}
    before: dict[str | None, set[str | None]] = defaultdict(set)
    for row in rows["provinces"]:
        before[successor.get(row["unit"])] |= {row["gso_code"], row["name_vi"]}
    for place, row in _lines(rows, "provinces"):
        if row["geography"] == "VN34" and not {row["gso_code"], row["name_vi"]} <= before[row["unit"]]:
            yield f"{place}: code or name of {row['unit']} is none of its predecessors'; fix it or the crosswalk"


def _mentions_are_units(rows: Rows) -> Iterator[str]:
    """Aliases, groups and figures of sessions refer to existing units; an alias to a unit of its geography."""
    units = _units(rows)
    home = {unit: row["geography"] for unit, row in units.items()} | {"VN": "VN"}
    for place, row in _lines(rows, "aliases", "ministry_groups", "session_figures"):
        unit = _text(row, "unit")
        if unit not in home:
            yield f"{place}: {unit} is no unit; fix the id"
        elif row.get("geography", home[unit]) != home[unit]:
            yield f"{place}: {unit} is not of {row['geography']}; fix the geography"


def _figures_are_of_sessions(rows: Rows) -> Iterator[str]:
    """Each figure is of a listed session, and of its year or the year before; a value is of an indicator."""
    sessions = {_text(row, "session"): row for row in rows["sessions"]}
    indicators = {row["code"] for row in rows["indicators"]}
    for place, row in _lines(rows, "session_figures"):
        session = sessions.get(_text(row, "session"))
        if session is None:
            yield f"{place}: session {row['session']!r} is not in sessions.csv; add it there"
        elif not 0 <= _year(session, "held") - _year(row, "period") <= 1:
            yield f"{place}: {row['period']} is neither of the year of the session nor of the year before; fix it"
        if row["measure"] == "value" and row["node"] not in indicators:
            yield f"{place}: indicator {row['node']!r} is not in indicators.csv; add it there, or fix the code"


def _sessions_have_figures(rows: Rows) -> Iterator[str]:
    """A session has figures: without any, it would appear nowhere."""
    with_figures = {row["session"] for row in rows["session_figures"]}
    for place, row in _lines(rows, "sessions"):
        if row["session"] not in with_figures:
            yield f"{place}: session {row['session']!r} has no figures; add them to session_figures.csv"


def _year(row: Row, column: str) -> int:
    return int(_text(row, column).rpartition("/")[2][:4])


RULES = (
    _sources_are_listed,
    _regions_are_listed,
    _geographies_are_whole,
    _forms_fill_the_geography,
    _successors_exist,
    _crosswalk_is_total,
    _relations_are_true,
    _heirs_keep_code_and_name,
    _mentions_are_units,
    _figures_are_of_sessions,
    _sessions_have_figures,
)
