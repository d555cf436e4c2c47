"""A year of the host within an hour: ``deploy/try --year``, under a clock that goes from one event to the next.

Here: what arrives before each schedule looks, in 2023, for which every rhythm has a framework; a bad file, a check that
stops a release, a process killed in mid-run, and the host lost and put back from its backup. What arrives is committed,
or made up here and says so. Not here: processes (``host``), and what a single event must bring about (``scenes``).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.trial.rendered import PROJECT, UNITS
from deploy.trial.scenes import AT_WORK, FEEDS, Failed, Trial, must, until
from dti_platform.periods import just_ended
from dti_platform.pipeline.rhythms import RHYTHMS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from dti_platform.pipeline.rhythms import Rhythm

YEAR = 2023
#: Schedules look at the hour of Vietnam.
VIETNAM = dt.timezone(dt.timedelta(hours=7))
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
#: Of what arrives each month and half-year, the committed file whose rows are made up anew.
PATTERNS = {
    "national_report": FEEDS / "national_report/2023-M08/indicators.csv",
    "provincial_report": FEEDS / "provincial_report/2022-S1/indicators.csv",
}
SOURCE = "https://example.org/dien-tap-so-lieu-gia-dinh-made-up-for-a-rehearsal"
#: What else happens in which month, before its monthly file comes.
BAD_FILE, KILLED, LOST = 3, 5, 9
#: Within so many seconds of this machine people are told.
TOLD_WITHIN = 90


class Clock:
    """The clock of every process of the host: that of this machine, moved by a number of seconds."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def set(self, at: dt.datetime) -> None:
        """From now on it is ``at``, and goes on from there."""
        moved = int((at - dt.datetime.now(dt.UTC)).total_seconds())
        self.file.write_text(f"{moved:+d}\n")
        time.sleep(2)  # until each process has read it again

    def settings(self) -> dict[str, str]:
        """What lets a process go by it."""
        if not FAKETIME.is_file():
            raise Failed(f"{FAKETIME} is not there: apt-get install faketime")
        return {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1", "NO_FAKE_STAT": "1",
        }  # fmt: skip


class Sink(ThreadingHTTPServer):
    """Whoever is told by webhook."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.alerts: list[Mapping[str, Any]] = []

    @property
    def settings(self) -> dict[str, str]:
        """What lets the host tell it."""
        return {"DTI_ALERT_WEBHOOK": f"http://127.0.0.1:{self.server_address[1]}/"}


class _Post(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        """Keep what is told."""
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.alerts += document["alerts"]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Nothing is printed."""


@contextmanager
def told() -> Generator[Sink]:
    """A sink that listens."""
    with Sink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        yield sink
        sink.shutdown()


@dataclass
class Year:
    """The year of a trial's host, which has just begun.

    Attributes:
        trial: the host, and what is asked of it.
        clock: its clock.
        sink: whoever is told.
        seconds: of this machine, how long the host took to be at work again, by what had happened.
    """

    trial: Trial
    clock: Clock
    sink: Sink
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def plays(self) -> None:
        """Every schedule of the year looks, and what it asks for has come the day before."""
        before = self.size()
        for at, rhythm in looks():
            self.goes_to(at - dt.timedelta(hours=20))
            if rhythm.frequency == "month":
                self.happens(at.month)
            known = self.kinds()
            arrived = self.arrives(rhythm, at.date())
            if arrived:
                self.becomes_a_release(known)
            self.goes_to(at)
            self.looks(rhythm)
            self.night()
            self.trial.told(f"{at:%Y-%m-%d} {rhythm.name}: {arrived or 'nothing new'}; {self.newest()}")
        self.ends(before)

    def goes_to(self, at: dt.datetime) -> None:
        """It is ``at``; daemons, whose last beat now lies far back, look dead until their next."""
        self.clock.set(at)

    def happens(self, month: int) -> None:
        """What befalls the host before the file of a month comes."""
        known, runs = self.kinds(), {each["runId"] for each in self.trial.runs()}
        if month == BAD_FILE:
            self.put("national_report", "2023-M02", "indicators.xlsx", b"PK\x03\x04 cut off")
            self.trial.is_quiet(runs)
            self.is_told("refused_file", known)
        if month == LOST:
            self.is_lost()

    def arrives(self, rhythm: Rhythm, on: dt.date) -> str:
        """The files of the period just ended, if any are due; says which."""
        period = just_ended(on, rhythm.frequency).text
        known = {each["runId"] for each in self.trial.runs()}
        if rhythm.feed in PATTERNS:
            self.put(rhythm.feed, period, "indicators.csv", made_up(PATTERNS[rhythm.feed], period))
            if rhythm.frequency == "month" and on.month == KILLED:
                self.seconds["killed"] = self.is_killed(known)
        elif rhythm.feed == "self_assessment":
            for feed in ("self_assessment", "verification"):
                self.commits(feed, period)
        elif on.month == 8:
            self.is_stopped(period)
            self.commits(rhythm.feed, period)
        else:
            return ""
        self.trial.is_quiet(known)
        self.confirms()
        return f"{rhythm.feed} {period}"

    def confirms(self) -> None:
        """What waits for the operator, as every table of results does, is confirmed, and computed."""
        waiting = [each["receipt"] for each in self.receipts() if each["state"] == "waiting"]
        for number in waiting:
            reason = "đã đối chiếu với nguồn / compared with its source"
            self.trial.done(self.trial.host.dti("confirm", str(number), "--reason", reason))
        if waiting:
            self.trial.host.dti("run", "--publish", "ask").communicate(timeout=600)

    def receipts(self) -> list[dict[str, Any]]:
        """Every receipt, as the register tells it."""
        return json.loads(self.trial.done(self.trial.host.dti("receipts", "--json")))

    def put(self, feed: str, period: str, name: str, content: bytes) -> None:
        """A file lies in the inbox, written at the hour of the host."""
        path = self.trial.data / "inbox" / feed / period / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moved = int(self.clock.file.read_text())
        written = time.time() + moved - 120
        os.utime(path, (written, written))

    def commits(self, feed: str, period: str) -> None:
        """The committed files of a period lie in the inbox."""
        for path in sorted((FEEDS / feed / period).iterdir()):
            self.put(feed, period, path.name, path.read_bytes())

    def becomes_a_release(self, known: Counter[str]) -> None:
        """What has come stands as a candidate, people are told, and the operator publishes it."""
        self.is_told("candidate", known)
        releases = len(self.entries("release"))
        self.trial.publishes()
        must(len(self.entries("release")) == releases + 1, "the candidate was not released")

    def looks(self, rhythm: Rhythm) -> None:
        """The schedule has asked for its period, and the run has ended well."""

        def asked() -> dict[str, Any] | None:
            """Its newest run of this hour, at its end."""
            now = dt.datetime.now(dt.UTC).timestamp() + int(self.clock.file.read_text())
            mine = (each for each in self.trial.runs() if each["tags"].get("dagster/schedule_name") == rhythm.name)
            of_today = (each for each in mine if each["startTime"] and now - each["startTime"] < 3600)
            return next((each for each in of_today if each["status"] not in AT_WORK), None)

        run = until(f"the run of {rhythm.name}", asked, 240, self.trial.host)
        must(run["status"] == "SUCCESS", f"{rhythm.name}: {run}")

    def night(self) -> None:
        """What the timers start: a backup, and the doctor, who finds nothing broken."""
        self.trial.backs_up()
        until("the daemons at the new hour", self.trial.operator.is_ready, 180, self.trial.host)
        said = self.trial.done(self.trial.host.dti("doctor", "--within", "60", "--alert"))
        must(": 0 broken," in said, said)

    def is_told(self, kind: str, known: Counter[str]) -> None:
        """People are told of something new, of this kind."""
        begun = time.monotonic()
        until(f"the alert {kind}", lambda: self.kinds()[kind] > known[kind], TOLD_WITHIN, self.trial.host)
        self.seconds[f"told of {kind}"] = max(self.seconds.get(f"told of {kind}", 0), time.monotonic() - begun)

    def is_killed(self, known: set[str]) -> float:
        """The daemon is killed while the run of what came is at work; seconds until nothing waits."""
        begun = time.monotonic()
        self.trial.told(self.trial.disturb("daemon", known))
        return time.monotonic() - begun

    def is_stopped(self, period: str) -> None:
        """A printed total contradicts its parts: the check stops it, people are told, and the file is withdrawn."""
        wrong = (FEEDS / "published_results" / period / "provinces.csv").read_text(encoding="utf-8")
        must("score_overall,0.8002," in wrong, "the committed results of 2022 have changed")
        known, runs = self.kinds(), {each["runId"] for each in self.trial.runs()}
        spoiled = wrong.replace("score_overall,0.8002,", "score_overall,0.1,")
        self.put("published_results", period, "provinces.csv", spoiled.encode())
        self.trial.is_quiet(runs)
        self.confirms()
        self.is_told("failed_run", known)
        number = max(each["receipt"] for each in self.receipts())
        reason = "tổng điểm in sai / the printed total is wrong"
        self.trial.done(self.trial.host.dti("withdraw", str(number), "--reason", reason, "--yes"))

    def is_lost(self) -> None:
        """Data and history are gone; the newest backup is put back, and nothing has changed."""
        host, place = self.trial.host, self.trial.host.place.root
        before, head = self.newest(), self.head()
        self.trial.backs_up()
        for unit in reversed(UNITS):
            host.stop(unit)
        self.trial.data.rename(place / "lost")
        begun = time.monotonic()
        backup = max((place / "backups").glob("2*Z"))
        self.trial.done(host.begin([str(PROJECT / "deploy/restore"), str(backup)]))
        for unit in UNITS:
            host.run(unit, host.place.command(unit))
        until("the host after its restore", self.trial.operator.is_ready, 180, host)
        self.seconds["lost and put back"] = time.monotonic() - begun
        self.trial.done(host.dti("verify", "--head", head))
        rebuilt = self.trial.done(host.dti("rebuild", before))
        must("every byte as published" in rebuilt, rebuilt)
        again = json.loads(self.trial.done(host.dti("run", "--force", "--json")))
        must((again["release"], again["release_is_new"]) == (before, False), f"after the restore: {again['release']}")
        shutil.rmtree(place / "lost")

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The entries of a kind in the ledger."""
        found = (json.loads(path.read_bytes()) for path in sorted(self.trial.entries()))
        return [each for each in found if each["kind"] == kind]

    def newest(self) -> str:
        """The name of the newest release."""
        return self.trial.newest()["release"]

    def head(self) -> str:
        """The last entry of the ledger, as a person notes it."""
        ledger = json.loads(self.trial.done(self.trial.host.dti("releases", "--json")))["ledger"]
        return f"{ledger['sequence']}:{ledger['sha256']}"

    def kinds(self) -> Counter[str]:
        """How often people were told, by kind."""
        return Counter(str(each["kind"]) for each in self.sink.alerts)

    def size(self) -> float:
        """What the data root and PostgreSQL hold, in MB."""
        folders = (self.trial.data, self.trial.host.place.root / "postgresql/data")
        return sum(held(folder) for folder in folders) / 1e6

    def ends(self, before: float) -> None:
        """Nothing is at work, every byte is as it was, and the figures of the year."""
        must(not AT_WORK & {each["status"] for each in self.trial.runs()}, "a run is still at work")
        self.trial.done(self.trial.host.dti("verify"))
        rebuilt = self.trial.done(self.trial.host.dti("rebuild", self.newest()))
        must("every byte as published" in rebuilt, rebuilt)
        runs = Counter(each["status"] for each in self.trial.runs())
        figures = {
            "releases": len(self.entries("release")), "candidates": len(self.entries("candidate")),
            "alerts": dict(self.kinds()), "runs": dict(runs), "ledger_entries": len(self.trial.entries()),
            "MB_grown": round(self.size() - before, 1),
            "seconds": {what: round(each, 1) for what, each in self.seconds.items()},
        }  # fmt: skip
        self.trial.told(json.dumps(figures, ensure_ascii=False))


def looks() -> Iterator[tuple[dt.datetime, Rhythm]]:
    """When each schedule looks in the year, a minute later, in order."""
    found: list[tuple[dt.datetime, Rhythm]] = []
    for rhythm in RHYTHMS:
        minute, hour, day, months, _ = rhythm.cron.split()
        for month in range(1, 13) if months == "*" else map(int, months.split(",")):
            at = dt.datetime(YEAR, month, int(day), int(hour), int(minute), tzinfo=VIETNAM)
            found.append((at + dt.timedelta(minutes=1), rhythm))
    return iter(sorted(found, key=lambda each: each[0]))


def made_up(pattern: Path, period: str) -> bytes:
    """A file of a period: the rows of another, with figures made up from its name, and a source that says so."""
    head, *rows = pattern.read_text(encoding="utf-8").splitlines()
    names = head.split(",")
    figure = names.index("value")
    share = (int(period[-2:].lstrip("MS")) + 20) / 32
    lines = [head]
    for line in rows:
        cells = line.split(",")
        if len(cells) != len(names) or not cells[figure].replace(".", "", 1).isdigit():
            continue  # a plan alone, or a figure in words
        digits = 2 if "." in cells[figure] else 0
        made = {"value": f"{float(cells[figure]) * share:.{digits}f}", "period": period, "source": SOURCE}
        row = dict(zip(names, cells, strict=True)) | made
        lines.append(",".join("" if name.startswith("plan") else cell for name, cell in row.items()))
    must(len(lines) > 1, f"{pattern} has no plain figure")
    return "\n".join([*lines, ""]).encode()


def held(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
