"""`dti doctor`: each broken set-up is made for real, and named in one sentence with the fix."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import OpenerDirector, Request

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.remote_origin import RemoteJobOrigin
from dagster._daemon.types import DaemonHeartbeat
from rich.console import Console

from dti_platform.cli import main
from dti_platform.cli.options import say
from dti_platform.operations import causes, health
from dti_platform.operations.alert import Alert
from dti_platform.operations.beside import Beside, longer
from dti_platform.operations.checks import environment
from dti_platform.operations.health import Finding, Place, ask, discover, public_functions
from dti_platform.orchestration import health as of_dagster
from dti_platform.orchestration import liveness, origin
from dti_platform.pipeline.journal import GONE, Journal
from dti_platform.report.markup import markup
from dti_platform.settings import Settings
from dti_platform.storage import Received, Store
from tests.operations.sinks import WebhookSink, serving

if TYPE_CHECKING:
    from tests.conftest import Flow

Break = Callable[[Place], Place | None]
ORIGIN = RemoteJobOrigin(origin.REPOSITORY, liveness.JOB)
LONG_AGO = time.time() - 40 * 86_400


@pytest.fixture(scope="module")
def kept(flow: Flow, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for the module, whose files those of each test are, as long as it writes none."""
    flow.copy(place := tmp_path_factory.mktemp("kept"))
    return place


@pytest.fixture
def place(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A data root in order, its home, and the settings of nobody's environment."""
    for name in [name for name in os.environ if name.startswith("DTI_")]:
        monkeypatch.delenv(name)
    shutil.copytree(kept / "data", tmp_path / "data", symlinks=True, copy_function=os.link)
    store = Store(tmp_path / "data", feeds=kept / "feeds")
    return Place.of(store, str(tmp_path / "home"))


def alter(path: Path) -> None:
    """Other bytes under a name; the file of the other tests stays what it was."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content.replace(b":", b"; ", 1))


def of(check: str, place: Place) -> Finding:
    (answer,) = ask({check: discover()[check]}, place)
    return Finding(answer.state, answer.what, answer.fix)


def with_settings(place: Place, **settings: Any) -> Place:
    return replace(place, settings=Settings(**settings))


def ledger_rewritten(place: Place) -> None:
    alter(sorted((place.store.root / "ledger").glob("*.json"))[1])


def ledger_is_older(place: Place) -> None:
    entries = sorted((place.store.root / "ledger").glob("*.json"))
    kinds = [json.loads(each.read_bytes())["kind"] for each in entries]
    for each in entries[kinds.index("release") :]:
        each.unlink()


def ledger_is_behind_a_backup(place: Place) -> Place:
    head = place.store.ledger.head()
    for name, ledger_end in (("2026-11-25T023000Z", f"{head.sequence}:{head.sha256}"), ("2026-11-26T023000Z", "")):
        (backup := place.store.root.parent / "backups" / name).mkdir(parents=True)
        (backup / "head").write_text(f"{ledger_end}\n", encoding="utf-8")
    place = with_settings(place, backup_folder=str(place.store.root.parent / "backups"))
    assert of("ledger_continues_the_backup", place).state == "ok"
    shutil.rmtree(place.store.root / "ledger")
    return place


def release_altered(place: Place) -> None:
    latest = place.store.releases.latest()
    assert latest
    alter(latest.path / "datapackage.json")


def clock_is_behind(place: Place) -> Place:
    past = Store(place.store.root, place.store.feeds, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    return replace(place, store=past)


def no_data_root(place: Place) -> Place:
    return replace(place, store=Store(place.store.root / "unmounted"))


def full_disk(place: Place) -> Place:
    return with_settings(place, disk_free_mb=10**9)


def old_file_in_the_inbox(place: Place) -> None:
    folder = place.store.inbox / "provincial_report" / "2022-S1"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(b"unanswered")
    os.utime(folder / "a.csv", (LONG_AGO, LONG_AGO))


def failed_run(place: Place) -> None:
    place.store.ledger.append(
        "run", {"run": "9f" * 16, "success": False, "failure": "scores_suite: 99", "release": None}
    )


def killed_run(place: Place) -> None:
    Journal(place.store).killed("9f" * 16, None, GONE)


def old_release(place: Place) -> Place:
    return replace(with_settings(place, release_within_days=400), now=place.now + timedelta(days=401))


def backup(**said: object) -> Break:
    def leave(place: Place) -> Place:
        (place.store.root / "last_backup").write_text(json.dumps(said), encoding="utf-8")
        return with_settings(place, backup_within_hours=26)

    return leave


def no_backup(place: Place) -> Place:
    return with_settings(place, backup_within_hours=26)


def unfit_packages(place: Place) -> None:
    del place
    environment.LOCK.write_text(
        "click==0.1 \\\n    --hash=x\nnot-there==2 ; sys_platform == 'win32'\n", encoding="utf-8"
    )


def missing_package(place: Place) -> None:
    del place
    environment.LOCK.write_text("no-such-package==1.0 \\\n    --hash=x\n", encoding="utf-8")


def alerts_to_nobody(place: Place) -> Place:
    return with_settings(place, alert_smtp_host="mail.internal", alert_from="dti@x.vn")


def certificate(days: int) -> Break:
    def leave(place: Place) -> Place:
        folder = place.store.root.parent
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/CN=x"]
        files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
        subprocess.run([*command, *files], capture_output=True, check=True)
        return with_settings(place, certificate=str(folder / "certificate.pem"))

    return leave


def expired_certificate(place: Place) -> Place:
    return replace(certificate(1)(place) or place, now=place.now + timedelta(days=2))


def no_certificate(place: Place) -> Place:
    return with_settings(place, certificate=str(place.store.root / "none.pem"))


def no_ui(place: Place) -> Place:
    return replace(place, url="http://127.0.0.1:9")


BROKEN: dict[str, tuple[str, Break, str]] = {
    "an entry was rewritten": ("ledger", ledger_rewritten, "000000002.json"),
    "an old ledger was restored": ("ledger_knows_the_releases", ledger_is_older, "older copy"),
    "the data root was emptied": ("ledger_continues_the_backup", ledger_is_behind_a_backup, "2026-11-25T023000Z"),
    "a released file was altered": ("newest_release", release_altered, "datapackage.json"),
    "the clock is years behind": ("clock", clock_is_behind, "the clock says 2020-01-01"),
    "the disk is not mounted": ("data_root", no_data_root, "there is no data root"),
    "the disk is full": ("disk", full_disk, "DTI_DISK_FREE_MB"),
    "a file of the inbox is never answered": ("inbox", old_file_in_the_inbox, "1 files lie in the inbox unanswered"),
    "the last run was killed": ("last_run", killed_run, "its process is gone"),
    "the last run failed": ("last_run", failed_run, "scores_suite: 99"),
    "nothing was released for a year": ("last_release", old_release, "more than 400 days"),
    "the backup failed": ("last_backup", backup(at="2026-01-01T00:00:00Z", success=False, why="no space"), "no space"),
    "the backup is old": ("last_backup", backup(at="2026-01-01T00:00:00Z", success=True), "more than 26 hours"),
    "there is no backup": ("last_backup", no_backup, "no backup was ever made"),
    "a package is of another version": ("packages", unfit_packages, "does not fit requirements.lock: click"),
    "a package is missing": ("packages", missing_package, "lacks no-such-package"),
    "alerts go to nobody": ("alerts", alerts_to_nobody, "DTI_ALERT_TO"),
    "the certificate ends soon": ("certificate", certificate(3), "days are left"),
    "the certificate has ended": ("certificate", expired_certificate, "expired on"),
    "there is no certificate": ("certificate", no_certificate, "none.pem"),
    "the UI is down": ("web", no_ui, "the UI does not answer"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named_with_the_fix(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    check, spoil, said = BROKEN[name]
    monkeypatch.setattr(environment, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(environment, "STAMP", tmp_path)
    assert of(check, place).state in ("ok", "not asked")
    found = of(check, spoil(place) or place)
    assert found.state == "broken"
    assert said in found.what
    assert found.fix
    assert "\n" not in found.what + found.fix


def test_a_certificate_that_ends_within_a_month_is_a_warning(place: Place) -> None:
    assert of("certificate", certificate(20)(place) or place).state == "warning"
    assert of("certificate", certificate(90)(place) or place).state == "ok"


def test_a_file_of_a_sender_that_is_closed_is_opened_without_touching_any_other(place: Place) -> None:
    """The owner of a file is who sent it, and the mode of a folder keeps other senders out."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of another account")
    (place.store.inbox / "self_assessment").mkdir(parents=True)
    path = place.store.inbox / "self_assessment" / "a.csv"
    path.write_bytes(b"a")
    path.chmod(0o600)
    os.chown(path, 65534, 65534)
    ask_it = (
        "import sys\nfrom pathlib import Path\nfrom dti_platform.operations.checks.disk import inbox_folder\n"
        "from dti_platform.operations.health import Place\nfrom dti_platform.storage import Store\n"
        "print(inbox_folder(Place.of(Store(Path(sys.argv[1])), None)).fix)"
    )
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", sys.executable, "-c", ask_it]
    done = subprocess.run([*plain, place.store.root], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"`chmod o+r {path}`"), done.stdout
    done = subprocess.run(
        [*plain[:3], "-m", "dti_platform.cli", "submit", path, "--feed", "self_assessment"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, f"account root can't read {path}" in done.stderr) == (2, True), done.stderr


def test_packages_of_production_are_made_again_by_its_own_script(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "LOCK", tmp_path / "requirements.lock")
    missing_package(place)
    assert "start ./dti" in of("packages", place).fix
    monkeypatch.setenv("DTI_COMMAND", "dti")
    assert "deploy/install" in of("packages", place).fix


def test_checks_that_did_not_end_in_time_are_a_warning_that_asks_for_longer() -> None:
    (slow,) = Beside().answers(0)
    assert (slow.name, slow.state) == ("Dagster", "warning")
    assert "--within 60" in slow.fix
    assert [longer(seconds) for seconds in (9, 58.5, 90)] == [60, 120, 180]


def test_a_database_that_is_down_is_said_in_a_line(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exceptions = pytest.importorskip("dagster_postgres.utils")

    def down() -> None:
        raise exceptions.DagsterPostgresException("too many retries for DB connection")

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv(liveness.DATABASE, "postgresql://dti@/dti")
    monkeypatch.setattr(dg.DagsterInstance, "get", down)
    remarks: list[str] = []
    with liveness.history(remarks):
        assert len(remarks) == 1
    assert "systemctl start postgresql" in remarks[0]
    del place


def test_a_run_that_hangs_is_named(place: Place) -> None:
    with place.store.lock("run", "a-run"):
        assert of("lock", place).state == "ok"
        os.utime(place.store.root / "locks" / "run.holder", (LONG_AGO, LONG_AGO))
        found = of("lock", place)
    assert found.state == "broken"
    assert found.what.startswith("a-run has held the lock `run`")
    assert found.what.endswith("for 40 days")


def test_a_bad_setting_is_named_without_its_value(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_UI_PORT", "a-secret-in-the-wrong-place")
    found = of("setting", place)
    assert found.state == "broken"
    assert found.what.startswith("DTI_UI_PORT: ")
    assert "a-secret" not in found.what
    assert Place.of(place.store, None).settings.ui_port == 3000
    monkeypatch.delenv("DTI_UI_PORT")
    monkeypatch.setenv("DTI_UI_POTR", "3001")
    assert of("setting", place)[:2] == ("warning", "no setting is called DTI_UI_POTR, so it has no effect")


#: Arguments: another data root, then data roots, each with a folder outside both; two processes look at each of them.
#: As root all is loaded that their account may not look for.
LOOK_AS_NOBODY = """
import encodings.idna, os, sys
from pathlib import Path
from dti_platform.cli import doctor
from dti_platform.operations.health import ask, discover
from dti_platform.storage import Store
_, other, *places = sys.argv
found = discover()

def asked(root):
    place = doctor.place_of(Store(Path(root)), None)
    return place, list(ask(found, place))

asked(places[0])
doctor.tell(doctor.place_of(Store(Path(other)), None), [])
for root, outside in zip(places[::2], places[1::2]):
    for _ in range(2):
        if not (child := os.fork()):
            os.environ["RUNTIME_DIRECTORY"] = outside
            os.setresuid(65534, 65534, 65534)
            place, answers = asked(root)
            print(*map(doctor.line, answers), *doctor.tell(place, answers), sep="\\n", flush=True)
            sys.exit()
        os.waitpid(child, 0)
"""


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A folder that each account may enter: another session of pytest closes the one that all of them share."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_data_root_of_another_account_is_named_and_told_once(place: Place, project: Path, everybodys: Path) -> None:
    """As an account that is not root, whom nothing is closed to."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of another account")
    (other := everybodys / "other").mkdir()
    places: list[Path] = []
    abouts: list[str] = []
    for part in ("ledger", "."):  # the second, and with it all that is asked
        root = everybodys / f"data {len(abouts)}"
        shutil.copytree(place.store.root, root, symlinks=True)
        for path in (root, *root.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        shut = root / part
        shut.chmod(0o700 if shut == root else 0o500)
        os.chown(shut, 0, 0)
        (outside := everybodys / f"outside {len(abouts)}").mkdir()
        os.chown(outside, 65534, 65534)
        places += (root, outside)
        abouts.append(f"{shut} belongs to root: {pwd.getpwuid(65534).pw_name} may not write in it")
    with serving(WebhookSink()) as webhook:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", LOOK_AS_NOBODY, other, *places],
            cwd=project,
            env={**os.environ, "DTI_ALERT_WEBHOOK": webhook.url},
            capture_output=True,
            text=True,
            check=False,
        )
    told = [each["title"]["en"] for document in webhook.documents for each in document["alerts"]]
    for about in abouts:
        assert done.stdout.count(f"✗ data root: {about}") == 2, done.stdout + done.stderr
        assert [about in title for title in told].count(True) == 1, told
    assert not any("Permission denied" in title for title in told), told


def test_a_candidate_that_waits_is_a_warning(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from dti_platform.storage.candidates import Candidate, Candidates

    entry = place.store.ledger.entries("run")[-1]
    waiting = Candidate("0002-abc", "", {}, {}, place.store.root, entry)
    monkeypatch.setattr(Candidates, "standing", lambda _: waiting)
    found = of("candidate", place)
    assert found.state == "warning"
    assert found.fix.endswith("`./dti release 0002-abc`")


def test_hints_name_the_command_that_this_host_has(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``dti`` in production, in what doctor, alerts and a run say."""
    monkeypatch.setenv("DTI_COMMAND", "dti")
    waiting = [feed for feed in causes.WORDS if "./dti" in causes.WORDS[feed].both]
    killed_run(place)
    Console(width=200).print(markup("→ ./dti withdraw 3"))
    say("./dti confirm 5")
    told = [of("last_run", place).fix, *(Alert("x", "x", causes.WORDS[each]).text("vi") for each in waiting)]
    assert told[0] == "nothing needs correcting: `dti run` once"
    assert len(told) > 1
    assert not any("./dti" in each for each in [*told, capsys.readouterr().out])


def test_a_committed_file_older_than_what_counts_is_a_warning(place: Place, tmp_path: Path) -> None:
    feeds = tmp_path / "feeds"
    for content in (b"a,b\n1,2\n", b"a,b\n1,3\n"):
        received = Received(content, "national_report", "2023", "x.csv", channel=feeds.name)
        place.store.landing.receive_all([received])
    (feeds / "national_report" / "2023").mkdir(parents=True)
    (feeds / "national_report" / "2023" / "x.csv").write_bytes(b"a,b\n1,2\n")
    old, new = (each.number for each in place.store.landing.receipts()[-2:])
    found = of("committed_files", replace(place, store=Store(place.store.root, feeds=feeds)))
    assert (found.state, old + 1) == ("warning", new)
    assert f"first national_report/2023/x.csv: receipt {new} counts" in found.what
    assert found.fix.endswith(f"`./dti withdraw` receipts {new}")


LOADED = {"name": "dti_platform", "loadStatus": "LOADED", "locationOrLoadError": {"__typename": "RepositoryLocation"}}
FAILED = LOADED | {"locationOrLoadError": {"__typename": "PythonError", "message": "No module named 'dti_platfrom'"}}


@pytest.mark.parametrize(
    ("entries", "beat", "said"),
    [
        ([FAILED], 0, "is not loaded: No module named 'dti_platfrom'"),
        ([], 0, "no code location"),
        ([LOADED], 9_999, "SENSOR"),
    ],
    ids=["location", "no location", "daemon"],
)
def test_an_answer_200_of_the_ui_is_no_health(place: Place, entries: list[Any], beat: int, said: str) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            daemon = {
                "daemonType": "SENSOR",
                "required": True,
                "healthy": True,
                "lastHeartbeatTime": time.time() - beat,
            }
            data = {
                "workspaceOrError": {"__typename": "Workspace", "locationEntries": entries},
                "instance": {"daemonHealth": {"allDaemonStatuses": [daemon]}},
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"data": data}).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as server:
        found = of("web", replace(place, url=f"http://127.0.0.1:{server.server_address[1]}/"))
    assert found.state == "broken"
    assert said in found.what


def test_the_secret_of_the_login_goes_to_this_machine_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from dti_platform.operations.checks import web
    from dti_platform.orchestration import web_login

    asked: list[dict[str, str]] = []

    def refuse(_: object, request: Request, **__: object) -> None:
        asked.append(dict(request.header_items()))
        raise OSError("no")

    monkeypatch.setattr(OpenerDirector, "open", refuse)
    for host in ("127.0.0.1:3000", "elsewhere.example.vn"):
        of("web", replace(with_settings(place, proxy_token="hush"), url=f"http://{host}"))
    assert web.PROXY == web_login.TOKEN
    assert ["hush" in each.values() for each in asked] == [True, False]


@pytest.fixture
def home(place: Place, used_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert place.home
    monkeypatch.setenv("DAGSTER_HOME", str(place.home))
    return shutil.copytree(used_home, place.home)


@pytest.fixture
def asked(place: Place, home: Path) -> Iterator[of_dagster.Context]:
    made = of_dagster.Context(place)
    assert home.is_dir()
    assert of_dagster.history(made).state == "ok"
    assert made.opened
    yield made
    made.opened.dispose()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("storage: [", "while parsing"),
        ("storage:\n  sqlite:\n    base_dir: /proc/none\n", "/proc/none"),
        (None, "there is no dagster.yaml"),
    ],
    ids=["no YAML", "no such disk", "gone"],
)
def test_a_home_out_of_order_is_named(place: Place, home: Path, settings: str | None, said: str) -> None:
    (home / "dagster.yaml").unlink()
    if settings is not None:
        (home / "dagster.yaml").write_text(settings, encoding="utf-8")
    found = of_dagster.history(of_dagster.Context(place))
    assert found.state == "broken"
    assert said in found.what
    assert found.fix


def test_tables_of_another_version_of_dagster_are_named(place: Place, asked: of_dagster.Context) -> None:
    import sqlite3
    from contextlib import closing

    assert asked.opened
    assert place.home
    with closing(sqlite3.connect(place.home / "history" / "runs.db")) as runs:
        runs.execute("UPDATE alembic_version SET version_num = '567bc23fd1ac'")
        runs.commit()
    found = of_dagster.history(of_dagster.Context(place))
    assert found.state == "broken"
    assert "dagster instance migrate" in found.fix


def test_a_run_of_a_dead_process_and_one_that_waits_for_hours_are_named(
    place: Place, asked: of_dagster.Context
) -> None:
    assert asked.opened
    gone = liveness.tags("0" * 32, place.store)
    gone[liveness.PROCESS] = gone[liveness.PROCESS].replace(str(os.getpid()), "999999999")
    asked.opened.add_run(dg.DagsterRun(liveness.JOB, run_id="0" * 32, status=dg.DagsterRunStatus.STARTED, tags=gone))
    found = of_dagster.runs(asked)
    assert found[:2] == ("broken", "runs 00000000 are marked as running, but their processes are gone")
    asked.opened.delete_run("0" * 32)
    asked.opened.add_run(
        dg.DagsterRun(liveness.JOB, run_id="1" * 32, status=dg.DagsterRunStatus.QUEUED, remote_job_origin=ORIGIN)
    )
    assert of_dagster.runs(asked).state == "ok"
    asked.place = replace(place, now=place.now + timedelta(hours=3))
    assert "11111111 wait in the queue" in of_dagster.runs(asked).what


def test_that_nothing_has_run_for_long_is_named_where_an_age_is_set(place: Place, asked: of_dagster.Context) -> None:
    assert asked.opened
    assert of_dagster.recent_run(asked).state == "not asked"
    asked.place = with_settings(place, run_within_hours=26)
    assert "no run has succeeded for more than 26 hours" in of_dagster.recent_run(asked).what
    asked.opened.add_run(dg.DagsterRun(liveness.JOB, run_id="2" * 32, status=dg.DagsterRunStatus.SUCCESS))
    assert of_dagster.recent_run(asked).state == "ok"
    asked.place = replace(asked.place, now=place.now + timedelta(hours=27))
    assert of_dagster.recent_run(asked).state == "broken"


def test_a_daemon_is_asked_for_where_one_ever_lived_or_is_expected(place: Place, asked: of_dagster.Context) -> None:
    assert asked.opened
    assert of_dagster.daemon(asked).state == "not asked"
    asked.place = with_settings(place, daemon="expected")
    assert "is not alive, and never was" in of_dagster.daemon(asked).what
    asked.place = replace(place, now=datetime.now(UTC))
    for kind in asked.opened.get_required_daemon_types():
        asked.opened.add_daemon_heartbeat(DaemonHeartbeat(time.time(), kind, None, []))
    assert of_dagster.daemon(asked).state == "ok"
    asked.place = replace(place, now=datetime.now(UTC) + timedelta(minutes=4))
    assert of_dagster.daemon(asked).state == "broken"
    asked.place = with_settings(place, daemon="none")
    assert of_dagster.daemon(asked).state == "not asked"


def doctor(place: Place, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    """Exit code and answers of the command, which asks Dagster's part in processes of their own."""
    monkeypatch.setenv("DTI_DATA", str(place.store.root))
    done = CliRunner().invoke(main, ["doctor", "--json", "--within", "90"])
    return done.exit_code, {each["name"]: each for each in json.loads(done.stdout)}


def test_only_some_checks_decide_where_they_are_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        health.answer("web", health.ok("it answers"), 0),
        health.answer("disk", Finding("broken", "full", "x"), 0),
    ]
    monkeypatch.setattr("dti_platform.cli.doctor.asked", lambda *_: answers)
    for only, exit_code in ((["web"], 0), (["disk"], 1), (["web", "disk"], 1), ([], 1), (["webb"], 2)):
        arguments = [word for name in only for word in ("--only", name)]
        done = CliRunner().invoke(main, ["doctor", "--data", str(place.store.root), *arguments])
        assert done.exit_code == exit_code, only
    assert "there is no check webb; there are: web, disk" in done.output


def test_a_place_in_order_is_well_and_every_check_has_answered(
    place: Place, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.is_dir()
    exit_code, answers = doctor(place, monkeypatch)
    answers.pop("packages")  # the environment of tests is not always that of the lock
    assert [each for each in answers.values() if each["state"] in ("broken", "warning")] == []
    own = public_functions(of_dagster).keys() - {"main"}
    assert {name.replace("_", " ") for name in discover().keys() | own} == {*answers, "packages"}
    assert all(each.keys() == {*health.Answer._fields} for each in answers.values())
    assert exit_code in (0, 1)


def test_what_ends_the_process_of_its_check_is_named_and_all_else_answered(
    place: Place, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launcher that is not installed, and after it a feed that doesn't load."""
    (home / "dagster.yaml").write_text("run_launcher:\n  module: no_such\n  class: Launcher\n", encoding="utf-8")
    broken = tmp_path / "broken"
    (broken / "sitecustomize.py").parent.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys, types\nif 'dti_platform.orchestration.health' in sys.orig_argv:\n"
        "    build = types.ModuleType('dti_platform.orchestration.build')\n"
        "    def fail(*_): raise RuntimeError('feed x has no FEED')\n"
        "    build.build = fail\n"
        "    sys.modules[build.__name__] = build\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(broken))
    exit_code, answers = doctor(place, monkeypatch)
    assert exit_code == 1
    assert answers["launcher"]["state"] == "broken"
    assert "no_such.Launcher" in answers["launcher"]["what"]
    assert answers["definitions"]["state"] == "broken"
    assert answers["definitions"]["what"].endswith("RuntimeError: feed x has no FEED")
    assert answers["history"]["state"] == "ok"
