"""One ``dti submit`` of a workbook of 98 rows, whole process, beside merely importing polars and pandera.

Run: ``.venv/bin/python -m benchmarks.submit``. One JSON line per figure: name, ours, peer, ratio, goal, met. CPU
seconds of a new process and its children, in turn, the median of five; what the submission answers is checked. One
data root holds the committed feeds, received before, the other is new each time: what is committed is landed first.
Each submission differs in one figure, so that each is kept.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.feeds.drafts import HOME, Draft

PROJECT = Path(__file__).parents[1]
ROUNDS, GOAL = 5, 2.0
PEER = ("-c", "import polars, pandera.polars")


def cpu(*arguments: str, data: Path) -> tuple[float, str]:
    """CPU seconds of a new Python and its children, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "DTI_DATA": str(data)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def submit(folder: Path, number: int, data: Path) -> float:
    """One submission that changes one figure."""
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 1 + number / 8)
    (folder / "phieu.xlsx").write_bytes(draft.xlsx())
    used, told = cpu(
        "-m", "dti_platform.cli", "submit", str(folder / "phieu.xlsx"), "--feed", "self_assessment", "--json",
        data=data,
    )  # fmt: skip
    (answer,) = json.loads(told)
    assert answer["outcome"] == "accepted", answer
    assert (answer["counted"]["changed"], answer["counted"]["unchanged"]) == (1, 97), answer["counted"]
    return used


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours: dict[str, list[float]] = {"": [], ", on a new data root": []}
        peers: list[float] = []
        submit(folder, 0, _with_feeds(folder / "used"))
        for number in range(1, ROUNDS + 1):
            ours[""].append(submit(folder, number, folder / "used"))
            ours[", on a new data root"].append(submit(folder, number, _with_feeds(folder / f"new {number}")))
            peers.append(cpu(*PEER, data=folder)[0])
        for where, found in ours.items():
            _print(where, statistics.median(found), statistics.median(peers))


def _with_feeds(data: Path) -> Path:
    """A data root with the committed feeds, that nobody has used."""
    shutil.copytree(PROJECT / "data" / "feeds", data / "feeds")
    return data


def _print(where: str, ours: float, peer: float) -> None:
    figure = {
        "name": f"one dti submit of 98 rows{where}, CPU s of the whole process, against importing polars and pandera",
        "ours": round(ours, 3), "peer": round(peer, 3), "ratio": round(ours / peer, 2), "goal": GOAL,
        "met": ours <= GOAL * peer,
    }  # fmt: skip
    print(json.dumps(figure))


if __name__ == "__main__":
    main()
