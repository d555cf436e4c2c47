"""How a run grows: with the years of workbooks, the indicators, the releases and the receipts of a data root.

Run: ``.venv/bin/python -m benchmarks.growth [years] [indicators] [releases] [receipts]`` (default: all; allow a
quarter of an hour on two idle cores). One JSON line a point: CPU seconds and peak MiB (of the largest process) of
``./dti run`` over everything for the first time, and of one that finds one workbook changed; bytes on disk. After each
curve the exponent of each figure, from its first point to its last: 1 is linear, 0 is no growth.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from dti_platform.pipeline.publish import descriptions, properties
from dti_platform.storage import Store
from tests.copies import copied
from tests.feeds.drafts import Draft

PROJECT = Path(__file__).parents[1]
FRAMEWORKS = Path("dti_platform/methodology/frameworks")
OVERLAY = FRAMEWORKS / "922-provincial.illustrative.toml"
#: Framework 922 with its list of indicators is in force in these years, of which a curve takes the last.
YEARS = (*range(2009, 2020), 2021, 2022)
#: The points of each curve.
POINTS = {"years": (1, 5, 13), "indicators": (98, 478), "releases": (1, 100), "receipts": (100, 10_000)}


class Used(NamedTuple):
    """What a process and its children used."""

    cpu: float
    mib: float
    output: str


def process(root: Path, *arguments: str) -> Used:
    """What ``./dti`` used in a copy of the project.

    Raises:
        RuntimeError: it failed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DTI_", "DAGSTER_"))}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = subprocess.Popen(
            ["./dti", *arguments], cwd=root, env=environment, stdout=output, stderr=errors, stdin=subprocess.DEVNULL
        )
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if started.returncode:
            raise RuntimeError(f"./dti {' '.join(arguments)}: {errors.read().decode()[-2000:]}")
        return Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output.read().decode())


def project(root: Path, years: int = 1, parts: int = 1) -> Path:
    """A copy of the project with this many years of 63 workbooks, each indicator of which is made of some parts."""
    copied(root)
    for name in ("dti", "dagster.yaml", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy2(PROJECT / name, root / name)
    (root / ".venv").symlink_to(PROJECT / ".venv")
    shutil.copytree(PROJECT / "data" / "feeds", root / "data" / "feeds")
    if parts > 1:
        split(root, parts)
    periods = [year for year in YEARS[-years:] if year != YEARS[-1] or parts > 1]
    in_force(root, YEARS[-years:])
    for year in periods:
        workbooks(root, year)
    return root


def in_force(root: Path, years: Sequence[int]) -> None:
    """Puts framework 922 in force in years before, too."""
    path = root / FRAMEWORKS / "922-provincial.toml"
    lines = [f'  {{ period = "{year}", geography = "VN63" }},' for year in sorted({*years, 2021, 2022})]
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?<=in_force = \[\n).*?(?=\n\])", "\n".join(lines), text, flags=re.DOTALL), "utf-8")


def workbooks(root: Path, year: int) -> None:
    """Synthetic workbooks of a year and their verification, in the folders of the committed feeds."""
    made = root / "made"
    framework = ("--framework", "922", "--level", "provincial", "--period", str(year), "--geography", "VN63")
    process(root, "dev", "generate", *framework, "--out", str(made))
    for feed, pattern in (("self_assessment", "*.xlsx"), ("verification", "*.csv")):
        folder = root / "data" / "feeds" / feed / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        for path in made.glob(pattern):
            shutil.move(path, folder / path.name)
    shutil.rmtree(made)


def split(root: Path, parts: int) -> None:
    """Makes each indicator of the illustrative list into some parts that share its points."""
    (root / "dti_platform/synthetic/agreeing/922-provincial-2022-VN63.csv").unlink()
    head, *nodes = (root / OVERLAY).read_text(encoding="utf-8").split("[[nodes]]\n")
    made = [each for node in nodes for each in _parts(node, parts)]
    official = root / FRAMEWORKS / "922-provincial.toml"  # how many there are is no longer what it declares
    official.write_text(re.sub(r"\ncomponents = \d+.*", "", official.read_text(encoding="utf-8")), encoding="utf-8")
    (root / OVERLAY).write_text("".join([head, *(f"[[nodes]]\n{each}" for each in made)]), encoding="utf-8")


def _parts(node: str, parts: int) -> Iterator[str]:
    fields = tomllib.loads(node, parse_float=Decimal)
    if fields.get("kind") != "indicator" or "max_points" not in fields:
        yield node
        return
    points = Decimal(fields["max_points"]) / parts
    for part in range(1, parts + 1):
        named = node.replace(f'code = "{fields["code"]}"', f'code = "{fields["code"]}.{part}"', 1)
        named = re.sub(r"(name_(?:vi|en) = \".*?)\"$", rf'\1 ({part})"', named, flags=re.MULTILINE)
        yield re.sub(r"max_points = .*", f"max_points = {points:f}", named, count=1)


def change(root: Path, number: int) -> None:
    """Changes one figure of one workbook."""
    path = root / "data/feeds/self_assessment/2022/VN63-01.xlsx"
    draft = Draft.of(path.read_bytes())
    code = next(row[0] for row in draft.rows if str(row[0]) in ("1.2", "1.2.1"))
    draft.put(str(code), "Tự đánh giá", number / 8)
    path.write_bytes(draft.xlsx())


def more_releases(root: Path, number: int) -> None:
    """Publishes as many more releases, each of which moves the scores of 63 provinces to and fro."""
    store = Store(root / "data")
    opened = store.releases.open()
    tables = {name: opened.table(name) for name in opened.tables}
    scores = tables["illustrative/index_scores"]
    at = {"geography": "VN63", "period": "2022", "basis": "verified", "node": "PDTI"}
    here = pl.all_horizontal(pl.col(name) == value for name, value in at.items())
    columns = [pl.col(name).cast(kind) for name, kind in tables["revisions"].schema.items()]
    for each in range(1, number + 1):
        old, new = (pl.col("score") + 1e-6 * ((number - each + by) % 2) for by in (1, 0))
        told = scores.with_columns(score=pl.when(here).then(new).otherwise("score"))
        rows = scores.filter(here).with_columns(
            old_score=old,
            new_score=new,
            old_rank=pl.col("rank"),
            new_rank=pl.col("rank"),
            changed_cells=1,
            cause=pl.lit("cells"),
            cells=pl.lit("made up"),
            type=pl.lit("revision"),
            reason=pl.lit("growth"),
            release=pl.lit(f"{store.releases.list()[-1].number + 1:04}"),
        )
        store.releases.publish(
            tables | {"illustrative/revisions": rows.select(columns), "illustrative/index_scores": told},
            descriptions(),
            kind="revision", reason="growth", record=store.releases.list()[-1].record, properties=properties([]),
        )  # fmt: skip


def more_receipts(root: Path, number: int) -> None:
    """Receives as many more files, of all provinces in turn, before the workbooks that stand."""
    landing = Store(root / "data").landing
    senders = sorted(path.stem for path in (root / "data/feeds/self_assessment/2022").glob("*.xlsx"))
    for each in range(number):
        unit = senders[each % len(senders)]
        content = b"made up %d" % each
        landing.receive(
            content, feed="self_assessment", period="2022", name=f"{unit}.xlsx", sender=unit, channel="submit"
        )
    for unit in senders if number else ():
        content = (root / f"data/feeds/self_assessment/2022/{unit}.xlsx").read_bytes()
        landing.receive(
            content, feed="self_assessment", period="2022", name=f"{unit}.xlsx", sender=unit, channel="submit"
        )


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def point(curve: str, number: int, root: Path) -> dict[str, Any]:
    """The figures of one point of a curve."""
    project(root, years=number if curve == "years" else 1, parts=5 if curve == "indicators" and number > 98 else 1)
    if curve == "receipts":
        more_receipts(root, number)
    first = process(root, "run", "--json")
    if curve == "releases":
        more_releases(root, number - 1)
    change(root, 1)
    changed = process(root, "run", "--json")
    told = json.loads(changed.output)
    assert told["success"], told["failure"]
    figures = {"first run CPU s": first.cpu, "first run MiB": first.mib}
    figures |= {"one workbook CPU s": changed.cpu, "one workbook MiB": changed.mib}
    if curve == "releases":
        diff = process(root, "diff", "1", told["release"], "--json")
        figures |= {"diff CPU s": diff.cpu, "diff MiB": diff.mib}
        figures["bytes of the newest release"] = size(root / "data/published/releases" / told["release"])
    figures["bytes on disk"] = size(root / "data") - size(root / "data/feeds")
    return {name: round(value, 2) for name, value in figures.items()}


def main(curves: Sequence[str]) -> None:
    """Prints the curves."""
    for curve in curves:
        points: dict[int, dict[str, Any]] = {}
        for number in POINTS[curve]:
            with tempfile.TemporaryDirectory() as folder:
                points[number] = point(curve, number, Path(folder))
            print(json.dumps({"curve": curve, "n": number, **points[number]}), flush=True)
        (least, first), (most, last) = min(points.items()), max(points.items())
        growth = math.log(most / least)
        exponents = {name: round(math.log(last[name] / first[name]) / growth, 2) for name in first}
        print(json.dumps({"curve": curve, "exponents": exponents}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(POINTS))
