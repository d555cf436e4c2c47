"""From a failed run to file and line: a rank of 64 among 63 is planted behind the door, and the links are followed."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
import yaml
from sqlalchemy.exc import OperationalError

from dti_platform.feeds import door
from dti_platform.orchestration.automation import WILL_RETRY
from dti_platform.orchestration.liveness import instance
from dti_platform.orchestration.run import run_main_job
from dti_platform.orchestration.web_guard import WebGuard
from dti_platform.orchestration.web_pages import WebPages
from dti_platform.pipeline.inputs import Arrivals
from dti_platform.storage import Store

FILE = Path("published_results", "2022", "provinces.csv")
REPORT = "20261126T063000Z-01234567.html"


async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - an ASGI app
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"the UI"})


@contextmanager
def served(store: Store) -> Generator[int]:
    """The pages behind the guard, on a port of this machine."""
    import uvicorn

    config = uvicorn.Config(WebGuard(WebPages(app, store)), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def asked(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
    """Status, text and headers of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers
    finally:
        connection.close()


@pytest.fixture
def planted(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Feeds in which the last of 63 stands at rank 64, and a door that does not look at ranges."""
    (tmp_path / "feeds" / FILE).parent.mkdir(parents=True)
    text = (project / "data" / "feeds" / FILE).read_text(encoding="utf-8")
    assert text.count(",rank_overall,63,") == 1
    (tmp_path / "feeds" / FILE).write_text(text.replace(",rank_overall,63,", ",rank_overall,64,"), encoding="utf-8")
    rules = vars(door)["_rules"]
    monkeypatch.setattr(
        door, "_rules", lambda *given, **named: rules(*given, **named) | {"out_of_range": pl.lit(False)}
    )
    (tmp_path / "home").mkdir()
    embedded, production = (project / each for each in ("dagster.yaml", "deploy/dagster.production.yaml"))
    retries = {"run_retries": yaml.safe_load(production.read_text(encoding="utf-8"))["run_retries"]}
    (tmp_path / "home/dagster.yaml").write_text(embedded.read_text(encoding="utf-8") + yaml.safe_dump(retries))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return Store(tmp_path / "data", feeds=tmp_path / "feeds")


def shown(run_id: str) -> tuple[str, dict[str, Any]]:
    """What the UI shows with the error of the failed step: the link, and the first row."""
    with instance() as history:
        events = [each.dagster_event for each in history.all_logs(run_id, dg.DagsterEventType.STEP_FAILURE)]
    (failure,) = (each.step_failure_data.user_failure_data for each in events if each)
    assert failure
    link, rows = failure.metadata["page"], failure.metadata["rows"]
    assert isinstance(link, dg.UrlMetadataValue)
    assert isinstance(rows, dg.TableMetadataValue)
    return str(link.url), dict(rows.records[0].data)


def is_tried_again(run_id: str) -> bool:
    """Whether Dagster will try a run again."""
    with instance() as history:
        run = history.get_run_by_id(run_id)
        assert run
        return run.tags[WILL_RETRY] == "true"


def test_a_run_that_lost_the_database_in_a_step_is_tried_again(planted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(Arrivals, "land", lost)
    outcome = run_main_job(planted, ["2022"])
    assert "server closed the connection" in str(outcome.failure)
    assert is_tried_again(outcome.run_id)


def test_from_a_failed_run_to_file_and_line_by_the_links_of_the_ui(planted: Store) -> None:
    outcome = run_main_job(planted, ["2022"])
    assert not is_tried_again(outcome.run_id), "the same rows would stop it again"
    here = "Bac Kan (VN63-06): value 64, provinces.csv (published_results), line 24, column value: «64»"
    (stops,) = (each for each in outcome.checks["not_passed"] if each["kind"] == "failed")
    rule = f"observations.{stops['name']}: {stops['reason_en'].rstrip('.')}."
    assert f"{rule} {here}" in str(outcome.failure)
    assert outcome.failure_kind == "checks"
    link, first = shown(outcome.run_id)
    assert {
        "unit_name_vi": "Bắc Kạn",
        "value": 64.0,
        "raw": "64",
        "file_name": "provinces.csv",
    }.items() <= first.items()
    name = link.rpartition("/")[2]
    assert str(outcome.docs).endswith(name)
    with served(planted) as port:
        status, page, headers = asked(port, link)
        assert status == 200
        assert page.index(here) < page.index("<h2>observations</h2>")
        assert str(headers["Content-Security-Policy"]).startswith("default-src 'none'; ")
        assert headers["X-Content-Type-Options"] == "nosniff"
        _, listed, _ = asked(port, "/pages/checks/")
        assert f'href="{name}">✗ Kiểm tra / Checks · ' in listed
        assert "1 stop the release" in listed
        assert asked(port, link, Host="evil.example")[0] == 403
        assert asked(port, link, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
        assert asked(port, link, "HEAD")[:2] == (200, "")
        assert asked(port, link, "POST", **{"Content-Type": "application/json"})[0] == 405
        assert asked(port, "/runs")[1] == "the UI"


@pytest.fixture
def pages(tmp_path: Path) -> Store:
    """A report, an answer with its lists, and what must not be reached from there."""
    store = Store(tmp_path / "data")
    store.check_reports.write(store.check_reports.folder / REPORT, "<title>a &lt;b&gt; report</title>")
    store.answers().keep("VN63-01", "12", {"answer.html": b"an answer", "answer.json": b"{}", "answer.xlsx": b"PK"})
    store.answers().keep_list(b"{}", b"its list", "VN63-01")
    (store.root / "secret.html").write_text("secret")
    for folder in (store.root / "docs", store.root / "answers"):
        (folder / ".hidden.html").write_text("secret")
        (folder / "notes.txt").write_text("secret")
        (folder / "linked.html").symlink_to(store.root / "secret.html")
        (folder / "linked").symlink_to(store.root)
    return store


def answered(store: Store, path: str) -> tuple[int, bytes, str]:
    """Status, body and media type of what is answered to a path, as a server decodes it."""
    response = WebPages(app, store).response(path)
    return response.status_code, bytes(response.body), response.headers.get("content-type", "")


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        (f"/pages/checks/{REPORT}", b"<title>a &lt;b&gt; report</title>", "text/html; charset=utf-8"),
        ("/pages/answers/VN63-01/12/answer.html", b"an answer", "text/html; charset=utf-8"),
        ("/pages/answers/VN63-01/12/answer.json", b"{}", "application/json"),
        ("/pages/answers/VN63-01/", b"its list", "text/html; charset=utf-8"),
    ],
)
def test_a_page_is_given_as_it_was_kept(pages: Store, path: str, body: bytes, kind: str) -> None:
    assert answered(pages, path) == (200, body, kind)


def test_a_workbook_is_saved_and_lists_name_pages_as_text(pages: Store) -> None:
    workbook = WebPages(app, pages).response("/pages/answers/VN63-01/12/answer.xlsx")
    assert workbook.headers["content-disposition"] == "attachment"
    assert f'<a href="{REPORT}">a &lt;b&gt; report</a>'.encode() in answered(pages, "/pages/checks/")[1]
    assert b"secret" not in answered(pages, "/pages/checks/")[1]
    assert b'href="/pages/answers/"' in answered(pages, "/pages/")[1]
    assert WebPages(app, pages).response("/pages/answers").headers["location"] == "/pages/answers/"


@pytest.mark.parametrize("folder", ["checks", "answers"])
@pytest.mark.parametrize(
    "name",
    [
        "../secret.html", "linked.html", "linked/secret.html", ".hidden.html", "notes.txt", "nothing.html", "linked/",
        "/secret.html", "./../secret.html", "VN63-01/../../secret.html", "VN63-01/12", "x\0.html", "..\\secret.html",
        "secret.html\n", "",
    ],
)  # fmt: skip
def test_nothing_else_is_given(pages: Store, folder: str, name: str) -> None:
    status, body, _ = answered(pages, f"/pages/{folder}/{name}")
    assert b"secret" not in body
    assert status == (404 if name else 200)


SITE = {
    "index.html": b"start", "tinh/VN63-19.html": b"a province", "en/index.html": b"in English", "site.css": b"p{}",
    "site.js": b"1", "catalog.jsonld": b"{}", "CITATION.cff": b"c: 1", "sdmx/codes.xml": b"<x/>", "a.csv": b"1",
    "du-lieu/codes.parquet": b"PAR1",
}  # fmt: skip


@pytest.fixture
def sites(pages: Store) -> Store:
    """Sites of two releases, and what must not be reached from there."""
    for number in (1, 2):
        name = f"000{number}-{number * 'ab'}"
        pages.sites.put(name, "v", {**SITE, "which.html": name.encode()}.items())
        folder = pages.sites.folder / name
        (folder / ".hidden.html").write_text("secret")
        (folder / "notes.xlsx").write_text("secret")
        (folder / "linked.html").symlink_to(pages.root / "secret.html")
        (folder / "linked").symlink_to(pages.root)
    (pages.sites.folder / "0003-linked").symlink_to(pages.root)
    (pages.sites.folder / "secret.html").write_text("secret")
    return pages


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("", b"start", "text/html; charset=utf-8"),
        ("en/", b"in English", "text/html; charset=utf-8"),
        ("which.html", b"0002-abab", "text/html; charset=utf-8"),
        ("0002-abab/which.html", b"0002-abab", "text/html; charset=utf-8"),
        ("0001-ab/which.html", b"0001-ab", "text/html; charset=utf-8"),
        ("0001-ab/", b"start", "text/html; charset=utf-8"),
        ("site.css", b"p{}", "text/css; charset=utf-8"),
        ("site.js", b"1", "text/javascript; charset=utf-8"),
        ("catalog.jsonld", b"{}", "application/ld+json"),
        ("CITATION.cff", b"c: 1", "application/yaml"),
        ("sdmx/codes.xml", b"<x/>", "application/xml"),
        ("a.csv", b"1", "text/csv; charset=utf-8"),
        ("du-lieu/codes.parquet", b"PAR1", "application/vnd.apache.parquet"),
    ],
)
def test_a_file_of_a_site_is_given_as_it_was_made(sites: Store, path: str, body: bytes, kind: str) -> None:
    assert answered(sites, f"/site/{path}") == (200, body, kind)


@pytest.mark.parametrize("folder", ["", "0001-ab/", "0003-linked/", "latest/"])
@pytest.mark.parametrize(
    "name",
    [
        "../secret.html", "../../../secret.html", "linked.html", "linked/secret.html", ".hidden.html", "notes.xlsx",
        "nothing.html", "linked/", "/secret.html", "tinh", "x\0.html", "secret.html", "secret.html\n",
    ],
)  # fmt: skip
def test_nothing_beside_a_site_is_given(sites: Store, folder: str, name: str) -> None:
    status, body, _ = answered(sites, f"/site/{folder}{name}")
    assert (status, b"secret" in body) == (404, False)


def test_a_site_is_read_only_and_loads_nothing_but_its_own(sites: Store) -> None:
    with served(sites) as port:
        status, body, headers = asked(port, "/site/site.js")
        assert (status, body, headers["X-Content-Type-Options"]) == (200, "1", "nosniff")
        policy = asked(port, "/site/")[2]["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; ")
        assert "frame-ancestors 'none'" in policy
        assert asked(port, "/site/", "HEAD")[:2] == (200, "")
        assert asked(port, "/site/", "POST", **{"Content-Type": "application/json"})[0] == 405
        assert asked(port, "/site/", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
        for path in ("/site", "/site/0001-ab"):
            status, _, headers = asked(port, path)
            assert (status, headers["Location"].endswith(f"{path}/")) == (307, True)
        assert 'href="/site/0001-ab/"' in asked(port, "/site/0009-gone/")[1]
        assert asked(port, "/sites")[1] == "the UI"


def test_without_a_site_a_sentence_says_how_there_will_be_one(pages: Store) -> None:
    status, body, _ = answered(pages, "/site/")
    assert (status, "There is no site yet: ./dti run" in body.decode()) == (404, True)


def test_an_answer_that_is_not_as_it_was_recorded_is_not_given(pages: Store) -> None:
    (pages.root / "answers" / "VN63-01" / "12" / "answer.html").write_bytes(b"another answer")
    assert answered(pages, "/pages/answers/VN63-01/12/answer.html")[0] == 404


def test_what_is_no_page_is_the_uis(pages: Store) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    for scope in ({"type": "http", "path": "/pagesx"}, {"type": "websocket", "path": "/pages/"}, {"type": "lifespan"}):
        asyncio.run(WebPages(app, pages)(scope, None, send))  # pyright: ignore[reportArgumentType]
    assert [each["status"] for each in sent if "status" in each] == [418, 418, 418]
