"""What other sites can make a browser send is refused; the UI's own pages work; ending the UI ends all of it."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dti_platform import cli
from dti_platform.cli import runs
from dti_platform.orchestration import ui
from dti_platform.orchestration.web_guard import WebGuard

QUERY = "query={version}"
OWN = {"Host": "127.0.0.1:3000", "Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-origin"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Ask:
    """A request as a browser would send it, without headers that are None."""

    method: str = "POST"
    path: str = "/graphql"
    query: str = ""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    kind: str = "http"
    port: int = 3000
    extensions: tuple[str, ...] = ("websocket.http.response",)

    def sent(self) -> dict[str, str]:
        given = OWN | (JSON if self.method == "POST" and self.kind == "http" else {}) | dict(self.headers)
        return {name: value for name, value in given.items() if value is not None}

    def scope(self) -> dict[str, Any]:
        headers = [(name.lower().encode(), value.encode()) for name, value in self.sent().items()]
        return {
            "type": self.kind,
            "path": self.path,
            "query_string": self.query.encode(),
            "headers": headers,
            "server": ("127.0.0.1", self.port),
            **(
                {"method": self.method}
                if self.kind == "http"
                else {"extensions": {name: {} for name in self.extensions}}
            ),
        }


def upgrade(**headers: str | None) -> Ask:
    return Ask(
        method="GET", headers={name.replace("_", "-"): value for name, value in headers.items()}, kind="websocket"
    )


def answer(ask: Ask, *, scope: dict[str, Any] | None = None, **options: Any) -> tuple[int | str, str]:
    """Status and text of the guard's answer, or ("through", "")."""
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "through"})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(WebGuard(app, **options)(scope or ask.scope(), receive, send))
    first, *rest = sent
    text = b"".join(each.get("body", b"") for each in rest).decode()
    return first.get("status", first["type"]), text


THROUGH = ("through", "")

ALLOWED = {
    "the UI's query": Ask(query="op=VersionNumber"),
    "the UI's query, with a charset": Ask(headers={"Content-Type": "application/json; charset=utf-8"}),
    "by the name localhost": Ask(headers={"Host": "localhost:3000", "Origin": "http://localhost:3000"}),
    "by the address of IPv6": Ask(headers={"Host": "[::1]:3000", "Origin": "http://[::1]:3000"}),
    "a name in capitals": Ask(headers={"Host": "LOCALHOST:3000", "Origin": "http://localhost:3000"}),
    "a program that is no browser": Ask(headers={"Origin": None, "Sec-Fetch-Site": None}),
    "a page, its address typed": Ask("GET", "/runs", "view=all", {"Origin": None, "Sec-Fetch-Site": "none"}),
    "a page that is named for GraphQL": Ask("GET", "/assets/graphql/checks"),
    "an upgrade of the UI": upgrade(),
    "an upgrade of a program": upgrade(Origin=None, Sec_Fetch_Site=None),
    "at port 80, which browsers leave out": Ask(headers={"Host": "localhost", "Origin": "http://localhost"}, port=80),
}


@pytest.mark.parametrize("ask", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_the_ui_and_programs_of_this_machine_ask_comes_through(ask: Ask) -> None:
    assert answer(ask) == THROUGH


#: The five that a running UI is asked, too.
FIVE = {
    "a mutation by GET": (Ask("GET", query="query=mutation{reloadWorkspace{__typename}}"), 405, "never by GET"),
    "DNS rebinding": (Ask(headers={"Host": "evil.example:3000", "Origin": "http://evil.example:3000"}), 403, "Host"),
    "a POST of a foreign origin": (
        Ask(headers={"Origin": "http://evil.example"}),
        403,
        "a page of http://evil.example",
    ),
    "a cross-site request": (
        Ask(headers={"Origin": None, "Sec-Fetch-Site": "cross-site"}),
        403,
        "a cross-site request",
    ),
    "a form that sends text": (Ask(headers={"Content-Type": "text/plain"}), 403, "application/json"),
}
ATTACKS = FIVE | {
    "a query by GET": (Ask("GET", query=QUERY), 405, "never by GET"),
    "a query by HEAD": (Ask("HEAD", query=QUERY), 405, "never by GET"),
    "a query by GET as a page": (Ask("GET", headers={"Accept": "text/html"}), 405, "never by GET"),
    "a query by GET, a slash behind": (Ask("GET", "/graphql/", QUERY), 405, "never by GET"),
    "a query by GET, slashes before": (Ask("GET", "//graphql", QUERY), 405, "never by GET"),
    "a query by GET, under a prefix": (Ask("GET", "/prefix/graphql", QUERY), 405, "never by GET"),
    "a query string beside a body": (Ask(query=QUERY), 403, "query string"),
    "a query string in escapes": (Ask(query="op=A&%71uery=1"), 403, "query string"),
    "a query string without a value": (Ask(query="query"), 403, "query string"),
    "JSON by the name of a parameter": (
        Ask(headers={"Content-Type": "text/plain; a=application/json"}),
        403,
        "application/json",
    ),
    "a form": (Ask(headers={"Content-Type": "application/x-www-form-urlencoded"}), 403, "application/json"),
    "a form with files": (Ask(headers={"Content-Type": "multipart/form-data; boundary=a"}), 403, "application/json"),
    "GraphQL as its own type": (Ask(headers={"Content-Type": "application/graphql"}), 403, "application/json"),
    "a POST without a type": (Ask(headers={"Content-Type": None}), 403, "application/json"),
    "a form that reports an asset": (
        Ask(path="/report_asset_materialization/rankings", headers={"Content-Type": "text/plain"}),
        403,
        "application/json",
    ),
    "a preflight": (Ask("OPTIONS"), 405, "GET, HEAD, POST only"),
    "a PUT": (Ask("PUT"), 405, "GET, HEAD, POST only"),
    "an origin that is hidden": (Ask(headers={"Origin": "null"}), 403, "a page of null"),
    "an origin at another port": (Ask(headers={"Origin": "http://127.0.0.1:8000"}), 403, "a page of"),
    "an origin that begins like ours": (
        Ask(headers={"Origin": "http://127.0.0.1:3000.evil.example"}),
        403,
        "a page of",
    ),
    "an origin of another loopback name": (Ask(headers={"Origin": "http://localhost:3000"}), 403, "a page of"),
    "a request of another port of this machine": (
        Ask(headers={"Origin": None, "Sec-Fetch-Site": "same-site"}),
        403,
        "a same-site request",
    ),
    "a link of another site": (
        Ask("GET", "/", headers={"Origin": None, "Sec-Fetch-Site": "cross-site"}),
        403,
        "type the address",
    ),
    "rebinding of a page": (
        Ask("GET", "/", headers={"Host": "evil.example:3000", "Origin": None}),
        403,
        "DTI_UI_HOSTS",
    ),
    "a Host that begins like ours": (Ask(headers={"Host": "127.0.0.1:3000.evil.example"}), 403, "Host"),
    "a Host that ends like ours": (Ask(headers={"Host": "evil.localhost:3000"}), 403, "Host"),
    "a Host at another port": (Ask(headers={"Host": "127.0.0.1:8000"}), 403, "Host"),
    "a Host without its port": (Ask(headers={"Host": "127.0.0.1"}), 403, "Host"),
    "no Host": (Ask(headers={"Host": None}), 403, "Host (none)"),
    "an upgrade of a foreign origin": (upgrade(Origin="http://evil.example"), 403, "a page of http://evil.example"),
    "an upgrade of a hidden origin": (upgrade(Origin="null"), 403, "a page of null"),
    "an upgrade by rebinding": (upgrade(Host="evil.example:3000", Origin="http://evil.example:3000"), 403, "Host"),
    "a cross-site upgrade": (upgrade(Origin=None, Sec_Fetch_Site="cross-site"), 403, "a cross-site request"),
}


@pytest.mark.parametrize(("ask", "status", "why"), ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_refused_with_a_reason(ask: Ask, status: int, why: str) -> None:
    answered, text = answer(ask)
    assert answered == status
    assert text.startswith("Refused: ")
    assert why in text


@pytest.mark.parametrize("twice", ["host", "origin", "sec-fetch-site", "content-type"])
def test_a_header_given_twice_helps_nobody(twice: str) -> None:
    scope = Ask().scope()
    foreign = {"host": b"evil.example", "origin": b"http://evil.example", "sec-fetch-site": b"cross-site"}
    scope["headers"].append((twice.encode(), foreign.get(twice, b"text/plain")))
    assert answer(Ask(), scope=scope)[0] == 403


def test_a_server_that_can_give_an_upgrade_no_answer_closes_it() -> None:
    ask = Ask("GET", headers={"Origin": "http://evil.example"}, kind="websocket", extensions=())
    assert answer(ask) == ("websocket.close", "")


def test_the_start_of_the_server_is_nobodys_request() -> None:
    assert answer(Ask(), scope={"type": "lifespan"}) == THROUGH


def test_a_name_that_is_set_is_let_through_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_UI_HOST", "fd00::5")
    monkeypatch.setenv("DTI_UI_HOSTS", "dti.example.vn, localhost:8080")
    from dti_platform.orchestration import webserver  # imports dagster_webserver: a CPU second

    monkeypatch.setattr(webserver, "create_unguarded_app", lambda *_given, **_options: None)
    guard = webserver.create_guarded_app(None, "", 2000).app
    assert isinstance(guard, WebGuard)
    allowed = guard.allowed(Ask().scope())
    assert {"dti.example.vn", "localhost:8080", "[fd00::5]:3000", "localhost:3000"} <= allowed
    assert "dti.example.vn:3000" not in allowed
    through_a_proxy = Ask(headers={"Host": "dti.example.vn", "Origin": "https://dti.example.vn"})
    assert answer(through_a_proxy, hosts=guard.hosts) == THROUGH


def test_the_webserver_is_exchanged_and_nothing_unknown_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(ui, "open_original", lambda command, **_: started.append(command))
    ui.start(["python", "-m", "dagster_webserver", "--port", "3000"])
    ui.start(["python", "-m", "dagster._daemon", "run"])
    assert started == [
        ["python", "-m", "dti_platform.orchestration.webserver", "--port", "3000"],
        ["python", "-m", "dagster._daemon", "run"],
    ]
    with pytest.raises(ui.UnknownProcess, match="dagster_webserver2"):
        ui.start(["python", "-m", "dagster_webserver2"])


def test_read_only_reaches_the_webserver(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The webserver as it is started, but that what it would serve is looked at instead of served."""
    from dagster_webserver import cli as dagsters

    from dti_platform.orchestration import webserver

    monkeypatch.setenv("DAGSTER_WEBSERVER_READ_ONLY", "false")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.chdir(project)
    started: list[str] = []
    monkeypatch.setattr(runs, "replace_process", lambda module, *_: started.append(module))
    assert CliRunner().invoke(cli.main, ["ui", "--read-only"]).exit_code == 0
    assert started == ["dti_platform.orchestration.ui"]
    served: list[bool] = []

    def serve(context: Any, *_: Any) -> None:
        served.append(context.create_request_context().read_only)

    monkeypatch.setattr(dagsters, "host_dagster_ui_with_workspace_process_context", serve)
    monkeypatch.setattr(dagsters, webserver.SEAM, webserver.create_unguarded_app)
    for of_the_process in ("configure_loggers", "setup_interrupt_handlers"):
        monkeypatch.setattr(dagsters, of_the_process, lambda **_: None)
    monkeypatch.setattr(sys, "argv", ["dagster-webserver", "--empty-workspace"])
    with pytest.raises(SystemExit, match="0"):
        webserver.main()
    assert served == [True]


@dataclass(frozen=True)
class Running:
    """A UI that was started as a person starts it, in a session of its own."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path

    def ask(self, ask: Ask, body: str = '{"query": "{ version }"}') -> tuple[int, str]:
        """Send a request to it, every 3000 put right, and give status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {name: value.replace("3000", str(self.port)) for name, value in ask.sent().items()}
        address = f"{ask.path}?{ask.query}" if ask.query else ask.path
        try:
            connection.request(ask.method, address, body if ask.method == "POST" else None, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def wait(self, seconds: float = 120) -> None:
        """Until it answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.ask(Ask("GET", "/server_info"))
            except OSError:
                time.sleep(0.2)
            else:
                return
        pytest.fail("the UI does not answer")

    def processes(self) -> list[int]:
        """Every process that was given its data root."""
        mark = f"DTI_DATA={self.data}".encode()
        return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and mark in environment(each)]

    def left(self, seconds: float) -> list[int]:
        """What still runs after so long: on a busy machine a child may end a moment after its parent."""
        end = time.monotonic() + seconds
        while (found := self.processes()) and time.monotonic() < end:
            time.sleep(0.2)
        return found


def environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # another person's, or gone by now
        return []


@pytest.fixture
def started(tmp_path: Path, project: Path) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = tmp_path / "data"
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [str(project / "dti"), "ui", "--port", str(port)],
            env=os.environ | {"DTI_DATA": str(data), "DAGSTER_HOME": str(tmp_path / "home")},
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        running_ui = Running(process, port, data)
        yield running_ui
        for each in running_ui.processes():
            os.kill(each, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="what is left running is read from /proc")
def test_a_running_ui_answers_its_pages_refuses_attacks_and_leaves_nothing_behind(started: Running) -> None:
    started.wait()
    jobs = "{ repositoriesOrError { ... on RepositoryConnection { nodes { jobs { name } } } } }"
    status, text = started.ask(Ask(query="op=Jobs"), json.dumps({"query": jobs}))
    assert status == 200
    assert "dti_main" in text
    assert started.ask(Ask("GET", "/asset-groups", headers={"Origin": None, "Sec-Fetch-Site": "none"}))[0] == 200
    for name, (ask, status, why) in FIVE.items():
        answered, text = started.ask(ask)
        assert answered == status, name
        assert why in text, name
    assert len(started.processes()) >= 4  # itself, code server, webserver, daemon
    os.killpg(started.process.pid, signal.SIGINT)
    assert started.process.wait(timeout=90) == 0
    assert started.left(seconds=20) == []
