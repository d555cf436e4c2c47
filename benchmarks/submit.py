"""One ``dti submit`` of a workbook of 98 rows, whole process, beside merely importing polars and pandera.

Run: ``.venv/bin/python -m benchmarks.submit``. One JSON line per figure: name, ours, peer, ratio, goal, met. CPU
seconds of a new process and its children, in turn, the median of five; what the submission answers is checked. One
data root holds the committed feeds, received before, the other is new each time: what is committed is landed first.
Each submission differs in one figure, so that each is kept.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import PROJECT, figure, measured
from tests.feeds.drafts import HOME, Draft

ROUNDS, GOAL = 5, 2.0
PEER = (sys.executable, "-c", "import polars, pandera.polars")


def submit(folder: Path, number: int, data: Path) -> float:
    """One submission that changes one figure."""
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 1 + number / 8)
    (folder / "phieu.xlsx").write_bytes(draft.xlsx())
    line = (sys.executable, "-m", "dti_platform.cli", "submit", folder / "phieu.xlsx", "--feed", "self_assessment")
    used = measured([*line, "--json"], DTI_DATA=data)
    (answer,) = json.loads(used.told)
    assert answer["outcome"] == "accepted", answer
    assert (answer["counted"]["changed"], answer["counted"]["unchanged"]) == (1, 97), answer["counted"]
    return used.cpu


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
            peers.append(measured(PEER).cpu)
        for where, found in ours.items():
            case = f"one dti submit of 98 rows{where}, CPU s of the whole process, against importing polars and pandera"
            figure(case, statistics.median(found), statistics.median(peers), GOAL)


def _with_feeds(data: Path) -> Path:
    """A data root with the committed feeds, that nobody has used."""
    shutil.copytree(PROJECT / "data" / "feeds", data / "feeds")
    return data


if __name__ == "__main__":
    main()
