"""Scoring and ranking at two sizes; one JSON line for each figure.

Small: 63 provinces x 98 indicators x 5 years, warm, in this process. Middle: 10,600 communes x 100 indicators x 12
months (12.7 million values) from Parquet to Parquet, every node scored and ranked, month by month: scored by shares of
the units, ranked by shares of the nodes, so that no table is whole in memory. Beside it DuckDB does the same sums,
rounding and ranks, each side in processes of its own, turn about. CPU seconds and the peak are the process's (CPU less
the imports); totals and ranks are compared. ``python -m benchmarks.scoring [small|middle]``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from dti_platform import methodology, units
from dti_platform.methodology.loading import FOLDER

PROJECT = Path(__file__).parents[1]
COMMUNES, MONTHS, MAIN, EACH, MOST = 10_600, 12, 8, (13, 13, 13, 13, 12, 12, 12, 12), 10
ROUNDS = 2
#: Shares of the units (to score) and of the nodes (to rank).
PARTS = 6
#: What is the same in every row of a submission.
SAME = {
    "feed": "self_assessment", "geography": "XA25", "framework": "xa", "peer_group": None, "measure": "points",
    "basis": "verified", "obs_status": "A", "certainty": "submitted", "evidence": "official",
}  # fmt: skip
HEAD = """version = "xa"
level = "local"
family = "xa"
title_vi = "x"
title_en = "x"
decision = "none"
source = ["here"]
publisher = "none"
evidence = "official"
aggregation = "sum_of_main_indices"
unknown_vi = []
unknown_en = []
in_force = [{ period = "2026", geography = "XA25" }]
[settings]
decimals = 6
printed_decimals = 4
rounding = "half_up"
tie = "competition"
missing = "withhold"
[sources]
here = "made up for a benchmark"
"""


def small() -> None:
    """Best of many, warm: the goal is wall time."""
    from tests.methodology.test_properties import large

    rows, framework, known = large()
    five = pl.concat([rows.with_columns(period=pl.lit(str(year))) for year in range(2018, 2023)])
    members, best = known.geographies["VN63"], 1e9
    for _ in range(25):
        started = time.perf_counter()
        scores = methodology.score(five, framework, members)
        methodology.rank(scores, five, framework, known)
        best = min(best, time.perf_counter() - started)
    told("score and rank 63 x 98 x 5 years, warm, ms", best * 1000, None, 50, better_than=best * 1000)


def told(name: str, ours: float, peer: float | None, goal: float, *, better_than: float, **more: Any) -> None:
    """One JSON line; ``better_than`` is what is held against the goal."""
    ratio = None if peer is None else round(ours / peer, 3)
    line = {"name": name, "ours": round(ours, 3), "peer": peer and round(peer, 3), "ratio": ratio, "goal": goal,
            "met": better_than <= goal, **more}  # fmt: skip
    print(json.dumps(line), flush=True)


# --- middle ---------------------------------------------------------------------------------------------------------


def framework_file(folder: Path) -> None:
    """A framework of 100 indicators under eight main indices."""
    nodes = [("T", "", "index", "")]
    for main, count in enumerate(EACH, 1):
        nodes.append((str(main), 'parent = "T"', "main_index", ""))
        nodes += [
            (f"{main}.{at}", f'parent = "{main}"', "indicator", f"max_points = {MOST}") for at in range(1, count + 1)
        ]
    text = HEAD + "".join(
        f'[[nodes]]\ncode = "{code}"\n{parent}\nkind = "{kind}"\nname_vi = "x"\nname_en = "x"\n{more}\n'
        'certainty = "inferred"\nsource = ["here"]\n'
        for code, parent, kind, more in nodes
    )
    (folder / "xa-local.toml").write_text(text, encoding="utf-8")


def write(folder: Path) -> None:
    """Twelve months of observations: points in steps of 0.01, from a fixed mixing of unit, indicator and month."""
    framework_file(folder)
    leaves = [f"{main}.{at}" for main, count in enumerate(EACH, 1) for at in range(1, count + 1)]
    people = pl.DataFrame({"u": range(COMMUNES)}).with_columns(unit=pl.format("XA25-{}", pl.col("u")))
    nodes = pl.DataFrame({"n": range(len(leaves)), "node": leaves})
    for month in range(1, MONTHS + 1):
        mixed = (pl.col("u") * 7919 + pl.col("n") * 104_729 + month * 1_299_709) % 100_003 % (MOST * 100 + 1)
        frame = people.join(nodes, how="cross").select(
            "unit", "node", value=mixed / 100.0, period=pl.lit(f"2026-M{month:02}"),
            source=pl.concat_str(pl.lit("submission "), "unit"), **{k: pl.lit(v, pl.String) for k, v in SAME.items()},
        )  # fmt: skip
        frame.write_parquet(folder / f"{month:02}.parquet", compression="zstd")


def ours(folder: Path) -> list[tuple[str, float, int]]:
    """Every month scored and ranked; of each, the first totals and ranks, as a check."""
    framework = methodology.load(folder).get("xa", "local")
    members = tuple(f"XA25-{unit}" for unit in range(COMMUNES))
    nothing: dict[str, Any] = {name: {} for name in ("all", "spans", "successors", "groups", "names", "indicators")}
    known = units.Units(geographies={"XA25": members}, **nothing)
    found = []
    for file in sorted(folder.glob("??.parquet")):
        for part in range(PARTS):
            theirs = members[part::PARTS]
            rows = pl.scan_parquet(file).filter(pl.col("unit").is_in(theirs)).collect(engine="streaming")
            methodology.score(rows, framework, theirs).write_parquet(folder / f"scores{part}", compression="zstd")
        codes = sorted(framework.nodes)
        for part in range(PARTS):
            here = pl.scan_parquet(folder / "scores?", glob=True).filter(pl.col("node").is_in(codes[part::PARTS]))
            ranks = methodology.rank(here.collect(engine="streaming"), rows.clear(), framework, known)
            ranks.write_parquet(folder / f"ranks{part}", compression="zstd")
            found += ranks.filter(pl.col("node") == "T").select("unit", "score", "rank").sort("unit").head(50).rows()
    return found


SQL = """
create or replace table points as select unit, node, cast(round(value * 1000000000) as bigint) as points from '{file}';
create or replace table every as
  select unit, node, points, {most}::bigint * 1000000000 as most from points
  union all select unit, split_part(node, '.', 1), sum(points)::bigint, count(*) * {most}::bigint * 1000000000
  from points group by 1, 2
  union all select unit, 'T', sum(points)::bigint, count(*) * {most}::bigint * 1000000000 from points group by 1;
create or replace table scores as select '{period}' as period, 'xa' as framework, 'XA25' as geography, unit, node,
  'verified' as basis, 'submission ' || unit as source, points / 1e9 as points, most / 1e9 as max_points,
  ((points::hugeint * 1000000 * 2 + most) // (most::hugeint * 2))::bigint as worth from every;
copy (select * replace (worth / 1e6 as worth) from scores order by unit, node)
  to '{out}.scores' (format parquet, compression zstd);
create or replace table ranks as select unit, node, basis, source, worth / 1e6 as score,
  rank() over (partition by node order by worth desc)::int as rank, count(*) over (partition by node)::int as ranked
  from scores;
copy (select * from ranks order by unit, node) to '{out}.ranks' (format parquet, compression zstd);
"""


def peer(folder: Path) -> list[tuple[str, float, int]]:
    """The same sums, rounding, ranks, order and files by DuckDB."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set memory_limit = '400MB'; set threads = 2")
    found: list[tuple[str, float, int]] = []
    for file in sorted(folder.glob("??.parquet")):
        connection.execute(SQL.format(file=file, out=folder / "peer", most=MOST, period=f"2026-M{file.stem}"))
        found += connection.sql(
            "select unit, score, rank from ranks where node = 'T' order by unit limit 50"
        ).fetchall()
    return found


def measured(side: str, folder: Path) -> dict[str, Any]:
    """One side in a process of its own: CPU seconds, MiB at the peak, and a check of its answers."""
    line = [sys.executable, "-m", "benchmarks.scoring", side, str(folder)]
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def one_side(side: str, folder: Path) -> None:
    """What ``measured`` calls."""
    import hashlib

    import duckdb  # noqa: F401 - both sides carry both imports

    from dti_platform import tables

    tables.empty(tables.Scores)
    before = time.process_time()
    answers = (ours if side == "ours" else peer)(folder)
    cpu = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    digest = hashlib.sha256(json.dumps(answers).encode()).hexdigest()
    print(json.dumps({"cpu": cpu, "peak": peak, "answers": digest}))


def middle() -> None:
    """Both sides turn about; the best of each."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        runs: dict[str, list[dict[str, Any]]] = {"ours": [], "duckdb": []}
        for _ in range(ROUNDS):
            for side, each in runs.items():
                each.append(measured(side, folder))
    best = {side: min(run["cpu"] for run in each) for side, each in runs.items()}
    peak = {side: max(run["peak"] for run in each) for side, each in runs.items()}
    alike = len({run["answers"] for each in runs.values() for run in each}) == 1
    rows = COMMUNES * sum(EACH) * MONTHS
    ratio = best["ours"] / best["duckdb"]
    told("score and rank 12.7 M values from Parquet, CPU s", best["ours"], best["duckdb"], 1.1, better_than=ratio,
         rows=rows, same_answers=alike)  # fmt: skip
    told("the same, peak MiB", peak["ours"], peak["duckdb"], 512, better_than=peak["ours"])


if __name__ == "__main__":
    assert FOLDER.is_dir()
    asked = sys.argv[1:]
    if len(asked) == 2:
        one_side(asked[0], Path(asked[1]))
    else:
        for part in (small, middle):
            if not asked or asked[0] == part.__name__:
                part()
