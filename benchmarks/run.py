"""What ``./dti run`` costs by what changed, what it needs of memory, and how soon ``./dti ui`` shows its first page.

``.venv/bin/python -m benchmarks.run``. One JSON line per figure: name, ours, peer, ratio, goal, met. CPU seconds of the
whole process tree, the median of three rounds, each of which runs every case in turn; the peer is the import of what a
run stands on. Memory is the peak of the largest process, in MiB. The first page is wall time until the page and its
list of assets are served; the peer is ``dagster dev`` of an empty project. Every run's release is checked.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measuring import PROJECT, Used, figure, measured
from dti_platform import methodology, synthetic, units
from tests.feeds.drafts import HOME, Draft

ROUNDS = 3
FLOOR = (sys.executable, "-c", "import dagster, polars, pandera.polars, great_expectations, pyarrow")
#: The highest ratio of each case to the floor.
GOALS = {"nothing changed": 0.05, "forced": 1.4, "one workbook of 63 changed": 1.9, "first run": 2.6}
FIRST_PAGE = 1.5
#: The highest peaks, in MiB.
COMMITTED, MANY_YEARS = 450, 512
#: Until a file counts as one that is no longer written, its change may lie in the same instant as the look at it.
SETTLED = 2.5
#: Years of made-up workbooks: the committed one, and those in which no framework is in force.
YEARS = (2022, *range(2025, 2037))
#: What the page of assets asks for; without assets in the answer it is not served yet.
QUESTION = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name assetNodes { id } } } } }"
EMPTY = "import dagster\n\ndefs = dagster.Definitions()\n"


class Root:
    """A data root with the committed feeds, and a history of runs, in a new folder; of this project or a copy."""

    def __init__(self, folder: Path, project: Path = PROJECT) -> None:
        self.project = project
        self.variables = {"DTI_DATA": folder / "data", "DAGSTER_HOME": folder / "home"}
        self.feeds = folder / "data" / "feeds"
        shutil.copytree(project / "data" / "feeds", self.feeds)

    def run(self, *options: str) -> tuple[Used, dict[str, Any]]:
        """``./dti run``: what it used, and its outcome."""
        used = measured([self.project / "dti", "run", "--json", *options], self.project, **self.variables)
        return used, json.loads(used.told)


def main() -> None:
    """Prints every figure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        used = Root(folder / "used")
        costs(folder, used)
        peaks(folder)
        first_page(folder, used)


def costs(folder: Path, used: Root) -> None:
    """Each case against the floor, round by round, and the peak of the first run of committed data."""
    _, before = used.run()
    expected = before["release"]
    found: dict[str, list[float]] = {name: [] for name in ("floor", *GOALS)}
    most = 0.0
    for number in range(ROUNDS):
        found["floor"].append(measured(FLOOR).cpu)
        first, outcome = Root(folder / f"first {number}").run()
        assert (outcome["release"], outcome["release_is_new"]) == (expected, True), outcome
        most = max(most, first.peak)
        found["first run"].append(first.cpu)
        time.sleep(SETTLED)
        for case, options in (("nothing changed", ()), ("forced", ("--force",))):
            cost, after = used.run(*options)
            assert (after["release"], after["release_is_new"]) == (before["release"], False), after
            found[case].append(cost.cpu)
        change(used, number)
        cost, after = used.run()
        assert (after["release"][:4], after["release_is_new"]) == (f"{number + 2:04}", True), after
        found["one workbook of 63 changed"].append(cost.cpu)
        before = after
        time.sleep(SETTLED)
    floor = statistics.median(found["floor"])
    for case, goal in GOALS.items():
        figure(f"dti run, {case}, CPU s against its imports", statistics.median(found[case]), floor, goal)
    figure("dti run, peak of committed data, MiB", most, None, COMMITTED)


def change(root: Root, number: int) -> None:
    """Give one workbook another figure."""
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", 1 + number / 8)
    (root.feeds / "self_assessment" / "2022" / HOME.name).write_bytes(draft.xlsx())


def peaks(folder: Path) -> None:
    """The peak of thirteen years of 63 workbooks: a copy of the project in which a framework is in force in them."""
    project = folder / "project"
    kept = shutil.ignore_patterns(".git", ".venv", ".dagster", "__pycache__", "tests")
    shutil.copytree(PROJECT, project, ignore=kept)
    (project / ".venv").symlink_to(PROJECT / ".venv")
    file = project / "dti_platform" / "methodology" / "frameworks" / "922-provincial.toml"
    years = "".join(f'  {{ period = "{year}", geography = "VN63" }},\n' for year in YEARS)
    text = file.read_text(encoding="utf-8")
    head, _, rest = text.partition("in_force = [\n")
    file.write_text(f"{head}in_force = [\n{years}{rest[rest.index(']') :]}", encoding="utf-8")
    compileall.compile_dir(project / "dti_platform", quiet=1)  # as it is wherever the platform is installed
    root = Root(folder / "many", project)
    known = units.load(check=False)
    frameworks = methodology.load(units=known)
    framework = frameworks.overlaid(frameworks.get("922", "provincial"))
    for year in YEARS[1:]:
        chosen = (framework, str(year), known.members("VN63"), year, known)
        for feed, files in (
            ("self_assessment", synthetic.generate(*chosen)),
            ("verification", [synthetic.verification(*chosen)]),
        ):
            place = root.feeds / feed / str(year)
            place.mkdir(parents=True)
            for name, content in files:
                (place / name).write_bytes(content)
    used, outcome = root.run()
    (came,) = (each for each in outcome["received"] if each["feed"] == "self_assessment")
    assert (came["files"], came["quarantined"], outcome["release_is_new"]) == (63 * len(YEARS), 0, True), came
    figure(f"dti run, peak of {len(YEARS)} years of 63 workbooks, MiB", used.peak, None, MANY_YEARS, cpu=used.cpu)


def first_page(folder: Path, used: Root) -> None:
    """Both UIs in turn, the median of each."""
    empty, home = folder / "empty.py", folder / "empty home"
    empty.write_text(EMPTY, encoding="utf-8")
    home.mkdir()
    dagster = Path(sys.executable).parent / "dagster"
    sides: dict[str, Callable[[int], float]] = {
        "ours": lambda port: served([PROJECT / "dti", "ui", "--port", str(port)], port, used.variables, assets=True),
        "peer": lambda port: served(
            [dagster, "dev", "-f", empty, "-p", str(port)], port, {"DAGSTER_HOME": home}, assets=False
        ),
    }
    found: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, start in sides.items():
            found[side].append(start(free_port()))
    ours, peer = (statistics.median(found[side]) for side in sides)
    figure("dti ui, first page, wall s against dagster dev of an empty project", ours, peer, FIRST_PAGE)


def served(command: list[str | Path], port: int, variables: dict[str, Path], *, assets: bool) -> float:
    """Wall seconds until the page and its list of assets are served; then the UI is ended."""
    environment = {**os.environ, **{name: str(value) for name, value in variables.items()}}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        while not shows(port, assets=assets):
            assert process.poll() is None, f"{command} ended"
            time.sleep(0.02)
        return time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def shows(port: int, *, assets: bool) -> bool:
    """Whether the page is served, and the definitions behind it."""
    place = f"http://127.0.0.1:{port}"
    body = json.dumps({"query": QUESTION}).encode()
    asked = urllib.request.Request(f"{place}/graphql", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(place, timeout=30), urllib.request.urlopen(asked, timeout=30) as answer:
            nodes = json.load(answer)["data"]["repositoriesOrError"]["nodes"]
    except (urllib.error.URLError, OSError, KeyError):
        return False
    return bool(nodes) and (not assets or bool(nodes[0]["assetNodes"]))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    main()
