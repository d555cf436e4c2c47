"""What is played on the host, and what must be true of it: each scene raises what is not as it should be.

Here: the login, an arrival that becomes a release, the same with a process killed in mid-run, and with a backup made in
mid-run, which is restored beside. Not here: processes (``host``) and requests (``ui``).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.trial.host import OPERATOR, Host
from deploy.trial.rendered import PROJECT
from deploy.trial.ui import Browser

if TYPE_CHECKING:
    from collections.abc import Callable


#: What is killed in mid-run.
KILLED = ("daemon", "web", "code", "run", "postgres")
BACKUP = "backup"
AT_WORK = {"QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING"}
FEEDS = PROJECT / "data/feeds"
#: What arrives, a folder a cycle: by year, so that no run makes the tables of a year after it.
ARRIVING = sorted(each.relative_to(FEEDS) for each in (FEEDS / "provincial_report").glob("2*"))
PUBLISH = {"ops": {"release": {"config": {"publish": "candidate"}}}}


class Failed(Exception):
    """Something of the host is not as it should be."""


def until(what: str, found: Callable[[], Any], seconds: float, host: Host) -> Any:
    """What is found at last.

    Raises:
        Failed: it isn't there in time; with the ends of the logs.
    """
    end = time.monotonic() + seconds
    while (value := found()) is None or value is False:
        if time.monotonic() > end:
            logs = "\n".join(f"--- {unit}\n{host.log(unit)}" for unit in host.running)
            raise Failed(f"not within {seconds:.0f} s: {what}\n{logs}")
        time.sleep(1)
    return value


def must(holds: object, what: str) -> None:
    """Go on only where something holds.

    Raises:
        Failed: it doesn't.
    """
    if not holds:
        raise Failed(what)


@dataclass
class Trial:
    """A host at work, and a data root beside it that gets the same files and is never disturbed.

    Attributes:
        host: the host.
        told: is given a sentence for each thing that holds.
        cycles: how many files have arrived.
    """

    host: Host
    told: Callable[[str], None]
    cycles: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(14))  # noqa: S311 - moments

    def __post_init__(self) -> None:
        """Who asks, and the two data roots."""
        self.viewer, self.operator = Browser(self.host.place, "mai"), Browser(self.host.place, OPERATOR)
        self.data, self.undisturbed = self.host.place.root / "lib/data", self.host.place.root / "undisturbed"
        (self.undisturbed / "feeds").mkdir(parents=True)

    def begins(self) -> None:
        """Code, daemons and UI are up."""
        begun = time.monotonic()
        until("the UI with its code and its daemons", self.operator.is_ready, 180, self.host)
        self.told(f"up after {time.monotonic() - begun:.0f} s: PostgreSQL, code server, daemon, two UIs, nginx")
        self.told(f"first backup: {self.backs_up()}")
        doctor = self.host.dti("doctor", "--within", "60")
        said, _ = doctor.communicate(timeout=180)
        must(doctor.returncode == 0, said)
        self.told(f"doctor: {said.strip().splitlines()[-1]}")

    def logs_in(self) -> None:
        """Nobody without a login, viewers change nothing, and nginx can't be passed by."""
        must(Browser(self.host.place).open("/runs")[0] == 401, "the UI answers without a login")
        must(self.viewer.open("/runs")[0] == 200, "a viewer doesn't see the UI")
        answer = self.viewer.launch(PUBLISH)
        must(answer and answer["__typename"] == "UnauthorizedError", f"a viewer launches a run: {answer}")
        for port in (self.host.place.operators, self.host.place.viewers):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/runs", timeout=10)
            except urllib.error.HTTPError as error:
                must(error.code == 403, f"past nginx: {error}")
            else:
                raise Failed(f"port {port} answers past nginx")
        self.told("login: 401 without, a viewer reads and launches nothing, past nginx 403")

    def cycle(self, kill: str | None = None) -> None:
        """A file arrives and becomes a candidate, whatever happens meanwhile; the operator publishes it.

        Args:
            kill: what is killed in mid-run; or a backup is made, and restored beside; None: it is undisturbed.
        """
        which, known = ARRIVING[self.cycles], {each["runId"] for each in self.runs()}
        self.cycles += 1
        for root in (self.data, self.undisturbed):
            shutil.copytree(FEEDS / which, root / "inbox" / which)
        beside = self.undisturbed_run(which.name[:4])
        entries = len(self.entries())
        what = "undisturbed"
        if kill == BACKUP:
            until("what arrived in the ledger", lambda: len(self.entries()) > entries, 120, self.host)
            what = f"a backup in mid-run ({self.backs_up()})"
        elif kill:
            what = self.disturb(kill, known)
        self.is_quiet(known)
        by = self.publishes()
        release = self.newest()
        must(release["for"] == OPERATOR == by, f"who published: {release['for']} in the ledger, {by} in the tags")
        output, _ = beside.communicate(timeout=600)
        must(beside.returncode == 0, output[-3000:])
        expected = json.loads(output)["release"]
        must(expected.startswith(f"{self.cycles:04}-"), f"{which} changed nothing: {expected}")
        must(release["release"] == expected, f"{release['release']}, undisturbed {expected}")
        self.done(self.host.dti("verify"))
        if kill == BACKUP:
            what += f"; {self.restores(which.name[:4], expected)}"
        self.told(f"cycle {self.cycles}: {what}; {release['release']} by {by}, same bytes, 0 faults")

    def backs_up(self) -> str:
        """What the timer starts, by hand; its last line."""
        begun = time.monotonic()
        said = self.done(self.host.begin(self.host.place.command("dti-backup")))
        return f"{time.monotonic() - begun:.1f} s; {said.splitlines()[-1].rpartition('/')[2]}"

    def restores(self, year: str, expected: str) -> str:
        """The newest backup beside the host, with a database of its own: its run goes on to the same release."""
        place = self.host.place.root
        backup = max((place / "backups").glob("20*Z"))
        self.host.create_database("restored")
        own = {"DTI_DATA": str(place / "restored/data"), "DAGSTER_HOME": str(place / "restored/dagster")}
        own["DAGSTER_POSTGRES_URL"] = self.host.place.environment()["DAGSTER_POSTGRES_URL"].replace(
            "/dti?", "/restored?"
        )
        begun = time.monotonic()
        said = self.done(self.host.begin([str(PROJECT / "deploy/restore"), str(backup)], **own))
        seconds = time.monotonic() - begun
        must("now marked failed: 1" in said, f"the run that was at work: {said}")
        run = ("run", "--publish", "auto", "--period", year, "--force", "--json")
        first, again = (json.loads(self.done(self.host.dti(*run, **own))) for _ in range(2))
        must(first["release"] == expected, f"restored, it ends in {first['release']}, not {expected}")
        must(not again["release_is_new"], "a second run makes a release")
        rebuilt = self.done(self.host.dti("rebuild", expected, **own))
        must("every byte as published" in rebuilt, rebuilt)
        self.done(self.host.dti("verify", **own))
        return f"restored beside in {seconds:.1f} s, its run failed, the next made {expected}, rebuilt to the byte"

    def done(self, process: subprocess.Popen[str]) -> str:
        """What a command printed, once it has ended well."""
        said, _ = process.communicate(timeout=600)
        log = (self.host.place.root / "log/command.log").read_text(encoding="utf-8")[-2000:]
        must(process.returncode == 0, f"{process.args}: {said}{log}")
        return said.strip()

    def entries(self) -> list[Path]:
        """The entries of the ledger."""
        return [*(self.data / "ledger").glob("*.json")]

    def runs(self) -> list[dict[str, Any]]:
        """Every run that the UI tells of."""
        return until("the list of runs", self.operator.runs, 60, self.host)

    def disturb(self, kill: str, known: set[str]) -> str:
        """Kill something while the new run is at work; says after how many seconds that run was at an end, and all."""

        def started() -> dict[str, Any] | None:
            """The new run, once it names its process."""
            new = (each for each in self.runs() if each["runId"] not in known and each["status"] == "STARTED")
            return next((each for each in new if "dti/process" in each["tags"]), None)

        run = until("a run at work", started, 120, self.host)
        time.sleep(self.chance.uniform(0, 2))
        begun = time.monotonic()
        if kill == "run":
            os.kill(int(run["tags"]["dti/process"].split()[3]), signal.SIGKILL)
        else:
            self.host.kill(kill if kill == "postgres" else f"dti-{kill}")
        until("the end of the run that was at work", lambda: self.ended(run["runId"]), 240, self.host)
        seconds = time.monotonic() - begun
        self.is_quiet(known)
        return (
            f"{kill} killed, its run ended after {seconds:.0f} s, nothing waits after {time.monotonic() - begun:.0f} s"
        )

    def is_quiet(self, known: set[str]) -> None:
        """Runs came, all have ended, the last one well, and the candidate stands."""

        def quiet() -> bool:
            """Whether it is so now."""
            new = [each for each in self.operator.runs() or () if each["runId"] not in known]
            return bool(new) and not AT_WORK & {each["status"] for each in new} and new[0]["status"] == "SUCCESS"

        until("nothing at work, nothing that waits", quiet, 240, self.host)

    def publishes(self) -> str | None:
        """The operator publishes the candidate in the UI; who launched it, as the run says."""
        said = until("the launch", lambda: self.operator.launch(PUBLISH, ["release"]), 60, self.host)
        must(said["__typename"] == "LaunchRunSuccess", str(said))
        run_id = said["run"]["runId"]

        run = until("the release", lambda: self.ended(run_id), 180, self.host)
        must(run["status"] == "SUCCESS", str(run))
        return run["tags"].get("dti/user")

    def ended(self, run_id: str) -> dict[str, Any] | None:
        """A run, once it is at an end."""
        return next((each for each in self.runs() if each["runId"] == run_id and each["status"] not in AT_WORK), None)

    def newest(self) -> dict[str, Any]:
        """The newest release of the host."""
        return json.loads(self.host.dti("releases", "--json").communicate(timeout=600)[0])["releases"][-1]

    def undisturbed_run(self, year: str) -> subprocess.Popen[str]:
        """The command line takes the same file into the other data root, and publishes."""
        own = {"DTI_DATA": str(self.undisturbed), "DAGSTER_HOME": str(self.host.place.root / "undisturbed-home")}
        Path(own["DAGSTER_HOME"]).mkdir(exist_ok=True)
        return self.host.dti("run", "--publish", "auto", "--period", year, "--json", **own)
