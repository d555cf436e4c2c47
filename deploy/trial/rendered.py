"""The files of ``deploy/`` for another place than theirs: what is started is what an operator installs.

Here: paths, ports and placeholders exchanged, and what a unit starts. Not here: starting it (``host``).
"""

from __future__ import annotations

import re
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
#: The units that go on for ever, in the order of their start.
UNITS = ("dti-code", "dti-daemon", "dti-web", "dti-web-viewers")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Place:
    """Where a rendered deployment lies.

    Attributes:
        root: the folder of all of it; short, as sockets lie in it.
        token: the secret between nginx and the UI.
        https, http, operators, viewers: ports.
    """

    root: Path
    token: str
    https: int
    http: int
    operators: int
    viewers: int

    @classmethod
    def at(cls, root: Path, token: str) -> Place:
        """A place with free ports."""
        return cls(root, token, *(free_port() for _ in range(4)))

    def render(self, name: str) -> str:
        """The text of a file of ``deploy/``, for this place."""
        text = (DEPLOY / name).read_text(encoding="utf-8")
        host = "localhost" if name.startswith("nginx/") else f"localhost:{self.https}"
        exchanged = {
            "https://@HOST@": f"https://localhost:{self.https}",
            "@HOST@": host,
            "@TOKEN@": self.token,
            "host=/var/run/postgresql": f"host={self.root}/postgresql",
            "/opt/dti": str(PROJECT),
            "/run/dti": f"{self.root}/run",
            "/etc/dti": f"{self.root}/etc",
            "/etc/nginx/dti": f"{self.root}/nginx",
            "/var/log/nginx": f"{self.root}/log",
            "/var/backups/dti": f"{self.root}/backups",
            "/var/lib/dti": f"{self.root}/lib",
            "listen 443 ": f"listen 127.0.0.1:{self.https} ",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "127.0.0.1:3000": f"127.0.0.1:{self.operators}",
            "127.0.0.1:3001": f"127.0.0.1:{self.viewers}",
            "--port 3000": f"--port {self.operators}",
            "--port 3001": f"--port {self.viewers}",
        }
        for old, new in exchanged.items():
            text = text.replace(old, new)
        return text

    def environment(self) -> dict[str, str]:
        """What ``dti.env`` sets, for backups on the disk of the data and a certificate that is made for the trial."""
        lines = self.render("dti.env").splitlines()
        settings = dict(line.split("=", 1) for line in lines if line[:1] not in ("", "#"))
        return settings | {"DTI_BACKUP_SAME_DISK": "1", "DTI_CERTIFICATE": ""}

    def command(self, unit: str) -> list[str]:
        """What a unit starts."""
        line = self.entry(unit, "ExecStart")
        settings = self.environment()
        return [re.sub(r"\$\{(\w+)\}", lambda found: settings[found[1]], word) for word in shlex.split(line)]

    def entry(self, unit: str, name: str, default: str = "") -> str:
        """The entry of a unit by its name; an entry that has several lines is none of ours."""
        found = re.findall(rf"^{name}=(.*)$", self.render(f"systemd/{unit}.service"), re.MULTILINE)
        return found[0] if found else default
