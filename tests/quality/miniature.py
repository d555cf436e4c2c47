"""A ranking of four provinces, small enough to be worked out by hand: valid rows of every table that has a suite.

Published figures are official; ``verified`` ones rest on a made-up indicator list (nodes 7.1 and 7.2) and agree with
them. The tree is that of Decision 922 with one main index in each half: pillars share the common group ``I``.
"""

from typing import Any

import polars as pl

from dti_platform import publications, tables
from dti_platform.quality.trees import NODES, PARTS

Others = dict[str, pl.DataFrame]

PUBLISHER = "https://dti.gov.vn/xep-hang-2022"
FILE = "a" * 64
TREE = {"framework": "922", "geography": "VN63"}
#: code: concept, kind, maximum, evidence
TREE_NODES = {
    "PDTI": ("overall", "index", 1000, "official"),
    "CQS": ("digital_government", "pillar", 700, "official"),
    "KTS": ("digital_economy", "pillar", 650, "official"),
    "XHS": ("digital_society", "pillar", 650, "official"),
    "I": ("common", "group", 500, "official"),
    "7": ("digital_government_activity", "main_index", 200, "official"),
    "8": ("digital_economy_activity", "main_index", 150, "official"),
    "9": ("digital_society_activity", "main_index", 150, "official"),
    "7.1": (None, "indicator", 120, "illustrative"),
    "7.2": (None, "indicator", 80, "illustrative"),
}
TREE_PARTS = {
    "PDTI": ("I", "7", "8", "9"),
    "CQS": ("I", "7"),
    "KTS": ("I", "8"),
    "XHS": ("I", "9"),
    "7": ("7.1", "7.2"),
}
#: Points of the inputs; VN63-02 and VN63-03 tie.
POINTS = {
    "VN63-01": {"I": 400, "7.1": 100, "7.2": 60, "8": 120, "9": 110},
    "VN63-02": {"I": 350, "7.1": 90, "7.2": 50, "8": 100, "9": 110},
    "VN63-03": {"I": 360, "7.1": 80, "7.2": 50, "8": 110, "9": 100},
    "VN63-04": {"I": 250, "7.1": 60, "7.2": 40, "8": 90, "9": 80},
}
RANKS = {"VN63-01": 1, "VN63-02": 2, "VN63-03": 2, "VN63-04": 4}
OFFICIAL = [code for code in TREE_NODES if "." not in code]

nodes = pl.DataFrame(
    [
        ("922", "DTI", "922", "VN63", code, concept, kind, float(most), evidence, 9, 10)
        for code, (concept, kind, most, evidence) in TREE_NODES.items()
    ],
    schema=NODES,
    orient="row",
)
parts = pl.DataFrame(
    [{**TREE, "node": whole, "part": part, "share": 1.0} for whole, below in TREE_PARTS.items() for part in below],
    schema=PARTS,
)
domains = pl.DataFrame({"domain": ["example.vn", "gov.vn"], "source_class": ["press", "government_body"]})
geographies = pl.DataFrame({"geography": ["VN63"], "units": [4]}, schema={"geography": pl.String, "units": pl.Int64})


def model(table: str) -> type[tables.Table]:
    return tables.TABLES.get(table) or publications.released()[table].MODEL


def rows(table: str, *given: dict[str, Any]) -> pl.DataFrame:
    """Rows of a table, sorted by key: what is not given is null where it may be, else something harmless."""
    kind = model(table)
    schema = tables.polars_schema(kind)
    filler = {
        name: None if column.nullable else harmless(schema[name]) for name, column in kind.to_schema().columns.items()
    }
    return pl.DataFrame([{**filler, **each} for each in given], schema=schema).sort(tables.key(kind))


def harmless(kind: pl.DataType) -> object:
    if kind == pl.String:
        return "text"
    return False if kind == pl.Boolean else 1 if kind.is_integer() else 0.5


def points(unit: str, node: str) -> int:
    given = POINTS[unit]
    return given[node] if node in given else sum(points(unit, part) for part in TREE_PARTS[node])


def score(unit: str, node: str) -> float:
    return points(unit, node) / TREE_NODES[node][2]


def place(unit: str, node: str) -> int:
    return 1 + sum(score(peer, node) > score(unit, node) for peer in POINTS)


def place_from_below(unit: str, node: str) -> int:
    return 1 + sum(score(peer, node) < score(unit, node) for peer in POINTS)


def figure(unit: str, node: str, basis: str, period: str = "2022") -> dict[str, Any]:
    """What every table of figures says of a unit at a node."""
    printed = basis == "published"
    return {
        **TREE,
        "period": period,
        "unit": unit,
        "node": node,
        "basis": basis,
        "source": PUBLISHER if printed else f"submission {unit}",
        "score": score(unit, node),
        "evidence": "official" if printed or node in ("I", "8", "9") else "illustrative",
        "obs_status": "A",
        "headline": printed or node not in OFFICIAL,
        "concept": TREE_NODES[node][0],
        "kind": TREE_NODES[node][1],
        "points": float(points(unit, node)),
        "points_low": float(points(unit, node)),
        "points_high": float(points(unit, node)),
        "max_points": float(TREE_NODES[node][2]),
        "rank": place(unit, node),
        "rank_score": None if printed else score(unit, node),
        "rank_best": None if printed else place(unit, node),
        "rank_worst": None if printed else place(unit, node),
        "rank_status": "published" if printed else "complete",
        "ranked": 4,
        "peers": 4,
        "missing": 0,
        "missing_rule": "withhold",
    }


def figures(table: str) -> pl.DataFrame:
    """Figures of every unit, node and basis, with the columns of the table."""
    wanted = set(tables.polars_schema(model(table)))
    every = [figure(unit, node, "published") for unit in POINTS for node in OFFICIAL]
    every += [figure(unit, node, "verified") for unit in POINTS for node in TREE_NODES]
    every += [recomputed(unit) for unit in POINTS]
    return rows(table, *({name: value for name, value in each.items() if name in wanted} for each in every))


def recomputed(unit: str) -> dict[str, Any]:
    """Three of four could be recomputed: too few, so the ranking is withheld."""
    found = figure(unit, "PDTI", "recomputed") | {
        "source": PUBLISHER, "evidence": "official", "rank": None, "rank_status": "withheld", "ranked": 3,
        "headline": False,
    }  # fmt: skip
    missing = {"score": None, "rank_score": None, "points": None, "missing": 1, "obs_status": "O"}
    return found | (missing if unit == "VN63-04" else {})


def observations() -> pl.DataFrame:
    """The evidence: printed scores and ranks of two years, submitted points, one operational count with its whole."""
    common = {"file": FILE, "qualifier": "exact", "certainty": "verbatim", "obs_status": "A", "denominator": None}
    printed = [
        {**common, **keyed(unit, node), "feed": "published_results", "source": source, "basis": "published",
         "period": period, "measure": measure, "value": value, "unit_measure": kind, "evidence": "official"}
        for unit in POINTS
        for node in ("PDTI", "CQS", "KTS")
        for source in (PUBLISHER, "https://example.vn/copy")
        for period, measure, value, kind in (
            ("2022", "score", score(unit, node), "ratio"), ("2022", "rank", float(place(unit, node)), "rank"),
            ("2021", "score", 1 - score(unit, node), "ratio"),
            ("2021", "rank", float(place_from_below(unit, node)), "rank"),
        )
    ]  # fmt: skip
    submitted = [
        {**common, **keyed(unit, node), "feed": "self_assessment", "source": f"submission {unit}", "basis": "verified",
         "measure": "points", "value": float(value), "unit_measure": "points", "evidence": "illustrative"}
        for unit, given in POINTS.items()
        for node, value in given.items()
    ]  # fmt: skip
    villages = {**common, "feed": "national_report", "source": PUBLISHER, "period": "2022-S1", "geography": "VN",
                "unit": "VN", "node": "villages", "measure": "value", "basis": "reported", "value": 477.0,
                "unit_measure": "villages", "denominator": 832.0, "evidence": "official"}  # fmt: skip
    return rows("observations", *printed, *submitted, villages)


def keyed(unit: str, node: str) -> dict[str, Any]:
    return {**TREE, "period": "2022", "unit": unit, "node": node}


def standings(table: str, **more: object) -> pl.DataFrame:
    """Two years of a ranking; the places of the first are the previous ones of the second."""
    wanted = set(tables.polars_schema(model(table)))
    every = [
        {**figure(unit, "PDTI", basis, period), **more, "score_source": PUBLISHER, "headline": basis == "published",
         "previous_period": "2021" if period == "2022" else None,
         "previous_rank": RANKS[unit] if period == "2022" else None,
         "rank_change": 0 if period == "2022" else None,
         "comparison": None if period == "2022" else "no_earlier_ranking"}
        for period in ("2021", "2022")
        for basis in ("published", "verified")
        for unit in POINTS
    ]  # fmt: skip
    withheld = {"headline": False, "comparison": "not_ranked", **more}
    every += [recomputed(unit) | withheld for unit in POINTS]
    return rows(table, *({name: value for name, value in each.items() if name in wanted} for each in every))


def scorecard(table: str, **more: object) -> pl.DataFrame:
    """Villages covered, and smartphones, in two half-years."""
    villages = {"indicator": "villages", "indicator_kind": "stock", "unit_measure": "villages", "qualifier": "exact",
                "obs_status": "A", "certainty": "verbatim", "evidence": "official", "source": PUBLISHER,
                **more}  # fmt: skip
    phones = {**villages, "indicator": "phones", "unit_measure": "percent"}
    first = {"period": "2022-S1", "compared_with": "no_earlier_figure"}
    second = {"period": "2022-S2", "compared_with": "period_before", "previous_period": "2022-S1",
              "report_before": "2022-S1", "repeats_previous": False}  # fmt: skip
    return rows(
        table,
        {**villages, **first, "value": 477.0, "denominator": 832.0},
        {**villages, **second, "value": 600.0, "denominator": 832.0, "previous_value": 477.0,
         "previous_denominator": 832.0, "report_before_value": 477.0, "report_before_denominator": 832.0,
         "denominator_changed": False},
        {**phones, **first, "value": 70.91},
        {**phones, **second, "value": 73.5, "previous_value": 70.91, "report_before_value": 70.91},
    )  # fmt: skip


AGREES = {"evidence": "official"}
CONSTRUCTED = {
    "evidence": "illustrative",
    "reason": "synthetic_submissions",
    "why_vi": "giả lập",
    "why_en": "synthetic",
}


def league_table() -> pl.DataFrame:
    """The printed ranking of two years, as it is shown."""
    shown = standings("province_ranking").filter(pl.col("headline"))
    known = {name: shown[name] for name in tables.polars_schema(model("league_table")) if name in shown.columns}
    every = pl.DataFrame(known).with_columns(score_basis="basis").to_dicts()
    return rows("league_table", *({**each, "level": "provincial", "index_name": "DTI"} for each in every))


def reconciliation() -> pl.DataFrame:
    """Every printed figure of ``observations``, held against a recomputed and a verified one."""
    printed = observations().filter(pl.col("basis") == "published")
    return rows(
        "reconciliation",
        *(
            {**{name: each[name] for name in ("period", "framework", "geography", "unit", "node", "source")},
             "metric": f"{each['measure']}_{TREE_NODES[each['node']][0]}", "as_published": each["value"],
             "ours": each["value"], "difference": 0.0, "tolerance": 0.0001, "basis": basis, "verdict": verdict,
             "certainty": "verbatim", **told}
            for each in printed.iter_rows(named=True)
            for basis, verdict, told in (("recomputed", "agrees", AGREES), ("verified", "by construction", CONSTRUCTED))
        ),
    )  # fmt: skip


def coverage() -> pl.DataFrame:
    """What ``observations`` holds, counted by unit and feed."""
    counted = observations().group_by("period", "geography", "framework", "unit", "feed").len("accepted")
    of_index = {"inputs": 5, "lacking": 0, "expected": 5, "missing": 0, "computed": True, "rank_status": "complete",
                "ranked": 4, "peers": 4}  # fmt: skip
    return rows(
        "coverage",
        *(
            {**each, "received": each["accepted"], "quarantined": 0, "evidence": "official",
             **(of_index if each["framework"] else {})}
            for each in counted.iter_rows(named=True)
        ),
    )  # fmt: skip


def submissions() -> pl.DataFrame:
    """Two files: one read in part, one refused."""
    read = {"cells": 21, "accepted": 6, "quarantined": 1, "blank": 2, "header": 5, "note": 4, "total": 3}
    given = {"feed": "self_assessment", "file": FILE, "period": "2022", "evidence": "illustrative"}
    refused = dict.fromkeys(read, 0) | {"file": "b" * 64, "cells": 9, "status": "refused", "reason": "encrypted"}
    return rows("submissions", {**given, **read, "status": "accepted_in_part"}, {**given, **refused})


def quarantine() -> pl.DataFrame:
    """One cell that could not be read."""
    return rows("quarantine", {"file": FILE, "error_class": "value", "reason": "not_a_number", "period": "2022"})


def breaks() -> pl.DataFrame:
    """Another set of units, and another version of a framework."""
    common = {"level": "provincial", "period": "2024", "period_before": "2023", "source": PUBLISHER}
    return rows(
        "breaks",
        {**common, "geography": "VN34", "geography_before": "VN63", "framework": "922", "framework_before": "922",
         "break_kind": "geography", "comparable": False},
        {**common, "geography": "VN63", "geography_before": "VN63", "framework": "2323", "framework_before": "922",
         "break_kind": "framework_version", "comparable": True},
    )  # fmt: skip


def codes() -> pl.DataFrame:
    """A list of two codes."""
    return rows("codes", *({"list": "basis", "code": code, "position": 1} for code in ("published", "self")))


def revisions(release: str = "0003") -> pl.DataFrame:
    """A printed figure that was corrected twice, then with a verified rank that moved with its framework's rules."""
    printed = {**keyed("VN63-01", "PDTI"), "basis": "published", "cause": "cells", "cells": "a.csv, line 2: 0.79 → 0.8",
               "type": "correction", "reason": "a slip of the pen", "evidence": "official"}  # fmt: skip
    ruled = {**printed, "basis": "verified", "cause": "rules", "cells": None, "changed_cells": 0,
             "evidence": "illustrative"}  # fmt: skip
    scores = {"old_score": 0.79, "new_score": 0.8, "old_rank": 1, "new_rank": 1}
    changes = {
        "0002": [{**printed, **scores}],
        "0003": [
            {**printed, **scores, "old_score": 0.8, "new_score": 0.81},
            {**ruled, **scores, "new_score": 0.79, "new_rank": 2},
        ],
    }
    return rows("revisions", *({**each, "release": release} for each in changes[release]))


def sessions() -> pl.DataFrame:
    """Two figures of one session."""
    told = {
        "session": "committee_1", "held": "2022-M08", "reported_period": "2022-S1", "period": "2022-S1", "unit": "VN",
        "measure": "value", "basis": "reported", "qualifier": "exact", "unit_measure": "villages", "file": FILE,
        "locator": "line 2, column value", "obs_status": "A", "evidence": "official",
    }  # fmt: skip
    return rows("sessions", *({**told, "position": position, "value": 477.0} for position in (1, 2)))


MADE = {
    "observations": observations,
    "scores": lambda: figures("scores"),
    "rankings": lambda: figures("rankings"),
    "index_scores": lambda: figures("index_scores").with_columns(rank_source="source"),
    "province_ranking": lambda: standings("province_ranking"),
    "ministry_ranking": lambda: standings("ministry_ranking", peer_group="with_public_services"),
    "league_table": league_table,
    "national_scorecard": lambda: scorecard("national_scorecard"),
    "provincial_scorecard": lambda: scorecard("provincial_scorecard", geography="VN63", unit="VN63-19"),
    "reconciliation": reconciliation,
    "coverage": coverage,
    "revisions": revisions,
    "breaks": breaks,
    "codes": codes,
    "sessions": sessions,
    "indicators": lambda: rows("indicators", {"indicator_kind": "stock", "unit_measure": "percent"}),
    "submissions": submissions,
    "quarantine": quarantine,
}


def case(table: str) -> tuple[pl.DataFrame, Others]:
    """A valid table, and everything that its checks may compare it with."""
    made = MADE[table]()
    submissions = pl.DataFrame({"file": [FILE], "evidence": ["illustrative"]})
    others = {
        "nodes": nodes, "parts": parts, "geographies": geographies, "domains": domains, "last_release": made,
        "releases_before": revisions("0002"),
        "observations": observations(), "submissions": submissions, **made_from(table),
    }  # fmt: skip
    return made, others


def made_from(table: str) -> Others:
    """The scores and the rankings that a table shows."""
    if table not in ("province_ranking", "ministry_ranking", "league_table"):
        return {name: figures(name) for name in ("scores", "rankings")}
    group = {"peer_group": "with_public_services"} if table == "ministry_ranking" else {}
    return {name: standings(name, **group) for name in ("scores", "rankings")}
