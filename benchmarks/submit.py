"""One ``dti submit`` of a workbook of 98 rows, whole process, beside merely importing polars and pandera.

Run: ``.venv/bin/python -m benchmarks.submit``. One JSON line per figure: name, ours, peer, ratio, goal, met. CPU
seconds of a new process and its children, in turn, the best of five; what the submission answers is checked. The data
root holds the committed feeds, received before: each submission differs in one figure, so that each is kept.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
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


def submit(folder: Path, number: int) -> float:
    """One submission that changes one figure."""
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 1 + number / 8)
    (folder / "phieu.xlsx").write_bytes(draft.xlsx())
    used, told = cpu(
        "-m", "dti_platform.cli", "submit", str(folder / "phieu.xlsx"), "--feed", "self_assessment", "--json",
        data=folder / "data",
    )  # fmt: skip
    (answer,) = json.loads(told)
    assert answer["outcome"] == "accepted", answer
    assert (answer["counted"]["changed"], answer["counted"]["unchanged"]) == (1, 195), answer["counted"]
    return used


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(PROJECT / "data" / "feeds", folder / "data" / "feeds")
        submit(folder, 0)
        ours, peers = [], []
        for number in range(1, ROUNDS + 1):
            ours.append(submit(folder, number))
            peers.append(cpu(*PEER, data=folder)[0])
    best, peer = min(ours), min(peers)
    figure = {
        "name": "one dti submit of 98 rows, CPU s of the whole process, against importing polars and pandera",
        "ours": round(best, 3), "peer": round(peer, 3), "ratio": round(best / peer, 2), "goal": GOAL,
        "met": best <= GOAL * peer,
    }  # fmt: skip
    print(json.dumps(figure))


if __name__ == "__main__":
    main()
