"""A host on which the units run, without systemd: PostgreSQL, nginx, what the units start, and starting it again.

Here: processes, from their start to their end. Not here: what they are asked (``scenes``).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from deploy.trial.rendered import DEPLOY, PROJECT, UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.trial.rendered import Place

#: What each unit's processes bear, as a control group holds them together under systemd.
MARK = "DTI_TRIAL_UNIT"
RESTART_SECONDS = 5
#: What must be installed.
PROGRAMS = ("initdb", "postgres", "createdb", "pg_dump", "pg_restore", "nginx", "openssl", "rsync")
#: Whoever may log in, with the password; the second may launch.
PEOPLE = {"mai": "xem-thoi", "lan": "phat-hanh"}
OPERATOR = "lan"


class NotInstalled(Exception):
    """A program that the host needs is missing."""


def program(name: str) -> str:
    """Where a program of Debian lies.

    Raises:
        NotInstalled: it isn't there.
    """
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), "/usr/sbin", os.environ["PATH"]]))
    if not found:
        raise NotInstalled(f"{name} is not installed: apt-get install postgresql nginx openssl rsync")
    return found


class Host:
    """One host; a context that ends every process of it.

    Attributes:
        place: where its files lie.
        more: settings of its processes beside those of ``dti.env``.
    """

    def __init__(self, place: Place, more: Mapping[str, str] | None = None) -> None:
        self.place = place
        self.more = more or {}
        self.stopped = set[str]()
        self.programs = {name: program(name) for name in PROGRAMS}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.commands: list[subprocess.Popen[str]] = []
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        #: PostgreSQL refuses to run as root.
        self.account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}

    def __enter__(self) -> Self:
        """The host at work."""
        for name in ("etc", "lib/data/feeds", "lib/dagster", "log", "nginx", "postgresql", "run"):
            (self.place.root / name).mkdir(parents=True)
        self.place.root.chmod(0o755)  # of another account's PostgreSQL, too
        with ExitStack() as begun:
            begun.callback(self.end)
            self.start()
            begun.pop_all()  # begun whole: from here on ``__exit__`` ends it
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing of it is left."""
        self.end()

    def start(self) -> None:
        """Everything, as an operator installs it."""
        root = self.place.root
        database = root / "postgresql"
        if self.account:
            shutil.chown(database, **self.account)
        own = {**self.account, "cwd": database}
        self.call("initdb", "-D", str(database / "data"), "-U", "dti", "--auth", "trust", "--no-sync", **own)
        self.run("postgres", self.database())
        self.create_database()
        (root / "lib/dagster/dagster.yaml").write_text((DEPLOY / "dagster.production.yaml").read_text(encoding="utf-8"))
        self.secure()
        for unit in UNITS:
            self.run(unit, self.place.command(unit))
        self.run("nginx", [self.programs["nginx"], "-c", str(root / "nginx.conf"), "-e", str(root / "log/error.log")])
        self.watcher.start()

    def secure(self) -> None:
        """Certificate, logins and secret of nginx, and its settings, which it judges itself."""
        root, folder = self.place.root, self.place.root / "nginx"
        self.call(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost",
            "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"),
        )  # fmt: skip
        lines = [f"{name}:{self.call('openssl', 'passwd', '-6', word).strip()}\n" for name, word in PEOPLE.items()]
        (folder / "users").write_text("".join(lines))
        (folder / "operators").write_text(f'"{OPERATOR}" dti_operators;\n')
        (folder / "token").write_text(f'proxy_set_header X-Proxy-Token "{self.place.token}";\n')
        (root / "dti.conf").write_text(self.place.render("nginx/dti.conf"))
        kept = "".join(
            f"{each}_temp_path {root}/log/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if self.account else ""
        (root / "nginx.conf").write_text(
            f"{user}daemon off;\npid {root}/run/nginx.pid;\nworker_processes 1;\nerror_log {root}/log/error.log;\n"
            f"events {{}}\nhttp {{\n{kept}include {root}/dti.conf;\n}}\n"
        )
        self.call("nginx", "-t", "-c", str(root / "nginx.conf"), "-e", str(root / "log/error.log"))

    def database(self) -> list[str]:
        """The command that starts PostgreSQL."""
        folder = self.place.root / "postgresql"
        return [self.programs["postgres"], "-D", str(folder / "data"), "-k", str(folder), "-c", "listen_addresses="]

    def create_database(self, name: str = "dti") -> None:
        """The database, as soon as PostgreSQL answers; or a further one."""
        folder = self.place.root / "postgresql"
        end = time.monotonic() + 60
        while True:
            try:
                self.call("createdb", "-h", str(folder), "-U", "dti", name, cwd=folder, **self.account)
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
            else:
                return

    def call(self, name: str, *arguments: str, **options: object) -> str:
        """A program that ends, and what it printed.

        Raises:
            RuntimeError: it failed.
        """
        done = subprocess.run([self.programs[name], *arguments], capture_output=True, text=True, check=False, **options)
        if done.returncode:
            raise RuntimeError(f"{name} {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def dti(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """The command line at work, with the settings of the units."""
        return self.begin([str(PROJECT / ".venv/bin/python"), "-P", "-m", "dti_platform.cli", *arguments], **settings)

    def begin(self, command: list[str], **settings: str) -> subprocess.Popen[str]:
        """A command at work, with the settings of the units and others."""
        own = self.environment() | settings
        with (self.place.root / "log/command.log").open("a") as log:
            self.commands.append(
                subprocess.Popen(command, env=own, cwd=PROJECT, stdout=subprocess.PIPE, stderr=log, text=True)
            )
        return self.commands[-1]

    def environment(self) -> dict[str, str]:
        """What the units' processes are given."""
        base = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return base | {"HOME": str(self.place.root)} | self.place.environment() | self.more

    def run(self, unit: str, command: list[str]) -> None:
        """Start a unit; what it prints is kept."""
        self.stopped.discard(unit)
        account = self.account if unit == "postgres" else {}
        with (self.place.root / "log" / f"{unit}.log").open("ab") as log:
            self.running[unit] = subprocess.Popen(
                command, env=self.environment() | {MARK: self.mark(unit)}, stdout=log, stderr=log,
                cwd=self.place.root / "postgresql" if account else PROJECT, start_new_session=True, **account,
            )  # fmt: skip

    def mark(self, unit: str) -> str:
        """What the processes of a unit bear."""
        return f"{self.place.root} {unit}"

    def processes(self, unit: str) -> list[int]:
        """Every process of a unit, whoever started it, as a control group lists them."""
        mark = f"{MARK}={self.mark(unit)}".encode()
        found: list[int] = []
        for each in Path("/proc").iterdir():
            with suppress(OSError):
                if each.name.isdigit() and mark in (each / "environ").read_bytes().split(b"\0"):
                    found.append(int(each.name))
        return found

    def watch(self) -> None:
        """Start again what has ended, once all of it has: Restart=always, RestartSec=5."""
        while not self.ended.wait(0.5):
            for unit, process in list(self.running.items()):
                if unit not in self.stopped and process.poll() is not None:
                    self.clear(unit)
                    if self.ended.wait(RESTART_SECONDS):
                        return
                    self.run(unit, list(process.args))

    def clear(self, unit: str) -> None:
        """End what is left of a unit, by its KillMode."""
        mode = self.place.entry(unit, "KillMode", "control-group") if unit in UNITS else "control-group"
        if self.running[unit].poll() is None:
            self.running[unit].terminate()
            if mode == "mixed":
                with suppress(subprocess.TimeoutExpired):
                    self.running[unit].wait(90)
        for number in (signal.SIGKILL,) if mode == "mixed" else (signal.SIGTERM, signal.SIGKILL):
            for each in self.processes(unit):
                with suppress(ProcessLookupError):
                    os.kill(each, number)
            end = time.monotonic() + (10 if number == signal.SIGTERM else 5)
            while self.processes(unit) and time.monotonic() < end:
                time.sleep(0.2)

    def stop(self, unit: str) -> None:
        """End a unit, which does not start again by itself."""
        self.stopped.add(unit)
        self.clear(unit)

    def kill(self, unit: str) -> None:
        """The main process of a unit, at once."""
        self.running[unit].kill()

    def log(self, unit: str) -> str:
        """The end of what a unit printed."""
        return (self.place.root / "log" / f"{unit}.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def end(self) -> None:
        """End everything; PostgreSQL last."""
        self.ended.set()
        for command in self.commands:
            command.kill()
        if self.watcher.is_alive():
            self.watcher.join()
        for unit in reversed(list(self.running)):
            if unit == "postgres":
                self.running[unit].send_signal(signal.SIGINT)  # fast shutdown
                with suppress(subprocess.TimeoutExpired):
                    self.running[unit].wait(20)
            self.clear(unit)
            self.running[unit].wait(20)
