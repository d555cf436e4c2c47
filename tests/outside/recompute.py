"""Scores, ranks, scorecards and reconciliation again, from the evidence of a release alone.

Each function yields what it could not make again: nothing, where the release is right. It counts what it compared, so
that a comparison of nothing is seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tests.outside.release import Row, Tree, exact, half_up, levels, months, predecessors, trees

SUBMITTED = ("self", "verified", "final")
#: What a sheet is, and the measures of raw figures.
SHEET = ("period", "framework", "geography", "unit", "peer_group", "basis")
RAW = ("numerator", "denominator", "value", "share")
Place = tuple[str, str, str, str | None, str, str]


class Release:
    """The tables of a release, and what was compared of each."""

    def __init__(self, **tables: list[Row]) -> None:
        self.observations, self.scores = tables["observations"], tables["index_scores"]
        self.tables = tables
        self.compared: Counter[str] = Counter()
        self._contests: dict[Place, list[Row]] = defaultdict(list)
        self.trees, self.levels = trees(), levels()

    def of_contest(self, row: Row) -> list[Row]:
        """The scores of all units at the node of a row, on its basis."""
        if not self._contests:
            for each in self.scores:
                self._contests[_contest(each)].append(each)
        return self._contests[_contest(row)]

    def tree(self, row: Row) -> Tree:
        """The framework of a row; what units submit is scored by the list of indicators that was laid over it."""
        return self.trees[row["framework"], self.levels[row["geography"]], row["basis"] in SUBMITTED]


def given(release: Release) -> dict[tuple[Any, ...], dict[str, Fraction]]:
    """By sheet (period, framework, geography, unit, group, basis, source) the points that came in, by node."""
    sheets: dict[tuple[Any, ...], dict[str, Fraction]] = defaultdict(dict)
    for row in release.observations:
        if row["framework"] is None or row["measure"] not in ("points", "score") or row["basis"] == "derived":
            continue
        basis = "recomputed" if row["basis"] == "published" else row["basis"]
        tree = release.tree({**row, "basis": basis})
        maximum = tree.maximum(row["node"])
        value = exact(row["value"])
        points = value if row["measure"] == "points" else None if maximum is None else value * maximum
        if points is not None:
            source = row["source"] if basis == "recomputed" else ""
            key = (row["period"], row["framework"], row["geography"], row["unit"], row["peer_group"], basis, source)
            sheets[key][row["node"]] = points
    for (*key, node), points in _from_raw(release).items():
        sheets[tuple(key)][node] = points
    return sheets


def _from_raw(release: Release) -> dict[tuple[Any, ...], Fraction]:
    """By sheet and node the points of raw figures: a / b x the maximum; as released where the rule is another one."""
    raw: dict[tuple[Any, ...], dict[str, Fraction]] = defaultdict(dict)
    trees_of: dict[tuple[Any, ...], Tree] = {}
    for row in release.observations:
        if row["basis"] in SUBMITTED and row["measure"] in RAW:
            key = (*(row[name] for name in SHEET), "", row["node"])
            raw[key][row["measure"]], trees_of[key] = exact(row["value"]), release.tree(row)
    others = {(*(row[name] for name in SHEET), "", row["node"]): row["points"] for row in release.scores if raw}
    points: dict[tuple[Any, ...], Fraction] = {}
    for key, figures in raw.items():
        tree, node = trees_of[key], key[-1]
        most, part, whole = tree.maximum(node), figures.get("numerator"), figures.get("denominator")
        if tree.nodes[node].get("rule", {}).get("kind") != "ratio":
            points |= {key: exact(others[key])} if others.get(key) is not None else {}
        elif most is not None and part is not None and whole and 0 <= part <= whole:
            points[key] = half_up(part / whole * most, 9)
    return points


def added(tree: Tree, code: str, sheet: dict[str, Fraction], *, top: bool = True) -> Fraction | None:
    """The points of a node from its parts, each as it came in or from its own parts; None where one is missing."""
    if not top and code in sheet:
        return sheet[code]
    parts = tree.parts(code)
    if not parts:
        return sheet.get(code)
    points = [added(tree, part, sheet, top=False) for part in parts]
    if any(each is None for each in points):
        return None
    known = [each for each in points if each is not None]
    if tree.nodes[code].get("method", "sum") == "sum":
        return sum(known, Fraction(0))
    total = Fraction(0)
    for part, each in zip(parts, known, strict=True):
        most = tree.maximum(part)
        assert most
        total += exact(tree.nodes[part]["weight"]) * each / most
    most = tree.maximum(code)
    assert most
    return total * most


def scores(release: Release) -> Iterator[str]:
    """Every score of ours, and every printed one."""
    sheets = given(release)
    printed = {
        (row["period"], row["geography"], row["unit"], row["peer_group"], row["node"], row["source"]): row["value"]
        for row in release.observations
        if row["basis"] == "published" and row["measure"] == "score"
    }
    for row in release.scores:
        if row["score"] is None and row["points"] is None:
            continue
        name = f"{row['period']} {row['unit']} {row['node']} {row['basis']}"
        if row["basis"] in ("published", "derived"):
            if row["basis"] == "published" and row["score"] is not None:
                place = tuple(row[each] for each in ("period", "geography", "unit", "peer_group", "node", "source"))
                release.compared["printed"] += 1
                if printed.get(place) != row["score"]:
                    yield f"{name}: {row['score']}, its source prints {printed.get(place)}"
            continue
        tree, source = release.tree(row), row["source"] if row["basis"] == "recomputed" else ""
        points = _merged(release, row, sheets) if source.startswith(("mean of", "as ")) else None
        if points is None:
            key = (*(row[each] for each in ("period", "framework", "geography", "unit", "peer_group", "basis")), source)
            points = added(tree, row["node"], sheets.get(key, {}))
        most = tree.maximum(row["node"])
        release.compared[row["basis"]] += 1
        if points is None or most is None:
            yield f"{name}: {row['points']} points, and parts or maximum are missing"
        elif half_up(points / most, tree.settings["decimals"]) != exact(row["score"]):
            yield f"{name}: {row['score']}, its parts give {float(points / most)}"
        elif row["points"] is not None and abs(points - exact(row["points"])) > Fraction(1, 10**9):
            yield f"{name}: {row['points']} points, its parts give {float(points)}"


def _merged(release: Release, row: Row, sheets: dict[tuple[Any, ...], dict[str, Fraction]]) -> Fraction | None:
    """The mean of the former provinces at a node, by what one source prints of each."""
    source, before = row["source"].partition(": ")[2], release.tree(row).merging
    assert before
    of = [unit for unit in predecessors()[row["unit"]] if unit.startswith(before["before"])]
    keys = [(row["period"], row["framework"], before["before"], unit, None, "recomputed", source) for unit in of]
    points = [sheets.get(key, {}).get(row["node"]) for key in keys]
    known = [each for each in points if each is not None]
    return sum(known, Fraction(0)) / len(of) if len(known) == len(of) else None


def ranks(release: Release) -> Iterator[str]:
    """Every place among the peers: competition ranking on points / maximum, rounded once to the printed decimals."""
    contests: dict[Place, list[Row]] = defaultdict(list)
    for row in release.scores:
        if row["basis"] not in ("published", "derived") and row["unit"] != row["geography"]:
            contests[_contest(row)].append(row)
    for contest, peers in contests.items():
        tree = release.tree(peers[0])
        most = tree.maximum(peers[0]["node"])
        known = {row["unit"]: _worth(row, most, tree) for row in peers if row["points"] is not None}
        for row in peers:
            if row["unit"] in known and row["rank"] is not None:
                place = 1 + sum(other > known[row["unit"]] for other in known.values())
                release.compared["ranks"] += 1
                if place != row["rank"]:
                    yield f"{contest} {row['unit']}: rank {row['rank']}, by the scores {place}"
            elif row["rank"] is not None:
                yield f"{contest} {row['unit']}: rank {row['rank']} without a score"
        enough = peers[0]["peers"] is not None and len(known) >= Fraction(9, 10) * peers[0]["peers"]
        if peers[0]["peers"] is not None and enough != any(row["rank"] is not None for row in peers):
            yield f"{contest}: {len(known)} of {peers[0]['peers']} have a score"


def _contest(row: Row) -> Place:
    return (row["period"], row["framework"], row["geography"], row["peer_group"], row["node"], row["basis"])


def _worth(row: Row, most: Fraction | None, tree: Tree) -> Fraction:
    points = exact(row["points"])
    return half_up(points / most, tree.settings.get("tie_decimals", 4)) if most else points


def scorecards(release: Release) -> Iterator[str]:
    """Every gap to a plan and every figure that is compared with one before."""
    for table in ("national_scorecard", "provincial_scorecard"):
        figures = release.tables[table]
        for row in figures:
            name = f"{table} {row['indicator']} {row.get('unit', '')} {row['period']}"
            if row["gap"] is not None:
                release.compared["gaps"] += 1
                if exact(row["gap"]) != exact(row["value"]) - exact(row["plan"]):
                    yield f"{name}: gap {row['gap']} of {row['value']} against {row['plan']}"
            if row["previous_period"] is not None:
                release.compared["earlier figures"] += 1
                yield from _compared(name, row, figures)


def _compared(name: str, row: Row, figures: list[Row]) -> Iterator[str]:
    """The figure before is one of the same series, as long, and of the same part of the year unless it is a stock."""
    same = [
        each
        for each in figures
        if all(each.get(key) == row.get(key) for key in ("indicator", "unit", "unit_measure"))
        and each["period"] == row["previous_period"]
    ]
    if row["previous_value"] not in [each["value"] for each in same]:
        yield f"{name}: {row['previous_value']} in {row['previous_period']} is no figure of the series"
    now, then = months(row["period"]), months(row["previous_period"])
    if now is None or then is None:
        if now != then:
            yield f"{name}: compared with {row['previous_period']}, which is not as long"
    elif now[1] - now[0] != then[1] - then[0] or (row["indicator_kind"] != "stock" and (now[0] - then[0]) % 12):
        yield f"{name}: compared with {row['previous_period']}, which is not alike"


def reconciliation(release: Release) -> Iterator[str]:
    """Every figure of ours beside a printed one, its difference, and the verdict on it."""
    printed = Counter(
        (row["period"], row["unit"], row["peer_group"], row["node"], row["source"], row["value"])
        for row in release.observations
        if row["basis"] == "published"
    )
    for row in release.tables["reconciliation"]:
        name = f"{row['period']} {row['unit']} {row['metric']} {row['basis']}"
        figure = tuple(row[each] for each in ("period", "unit", "peer_group", "node", "source", "as_published"))
        if not printed[figure]:
            yield f"{name}: {row['source']} does not print {row['as_published']}"
        if row["ours"] is not None:
            yield from (f"{name}: {fault}" for fault in (*_judged(release, row), *_ours(release, row)))


def _judged(release: Release, row: Row) -> Iterator[str]:
    """The difference between the two, and the verdict that follows; of a list of the first, whether the unit is one."""
    if row["metric"].startswith("top"):
        release.compared["among the first"] += 1
        if (row["ours"] > row["as_published"]) != (row["verdict"] == "differs"):
            yield f"rank {row['ours']} among the first {row['as_published']}: {row['verdict']}"
        return
    release.compared["reconciled"] += 1
    difference = exact(row["ours"]) - exact(row["as_published"])
    if abs(difference - exact(row["difference"])) > Fraction(1, 10**6):
        yield f"difference {row['difference']} of {row['ours']} and {row['as_published']}"
    if (abs(difference) <= exact(row["tolerance"])) == (row["verdict"] == "differs"):
        yield f"{row['verdict']} at {float(difference)}"


def _ours(release: Release, row: Row) -> Iterator[str]:
    """Our figure as ``index_scores`` has it; of a geography the mean of its units."""
    measure, of_units = row["metric"].partition("_")[0], row["unit"] != row["geography"]
    if of_units and measure in ("score", "rank"):
        release.compared["ours"] += 1
        (mine,) = (each for each in release.of_contest(row) if each["unit"] == row["unit"])
        if mine[measure] != row["ours"]:
            yield f"ours is {row['ours']}, index_scores has {mine[measure]}"
    elif not of_units and measure == "score":
        release.compared["means"] += 1
        scored = [exact(each["score"]) for each in release.of_contest(row) if each["unit"] != row["geography"]]
        mean = sum(scored, Fraction(0)) / len(scored)
        if half_up(mean, 6) != exact(row["ours"]):
            yield f"our mean is {row['ours']}, the scores give {float(mean)}"
