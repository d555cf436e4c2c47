"""Backup and restore as an operator calls them: in mid-run, elsewhere, verified, made again; what fails is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from dti_platform.operations.checks.disk import data_root
from dti_platform.operations.checks.work import last_backup
from dti_platform.operations.health import Place
from dti_platform.orchestration.liveness import PROCESS, Process
from dti_platform.pipeline import Platform
from dti_platform.pipeline.rebuild import rebuild
from dti_platform.settings import Settings
from dti_platform.storage import Ledger, LedgerBehind, Received, Store
from tests.pipeline.in_process import run, short_releases

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.skipif(not shutil.which("rsync"), reason="rsync is not installed: apt-get install rsync")

COMMITTED = ("published_results/2021", "provincial_report/2022")


@dataclass
class Host:
    """A data root with a home of Dagster, and the folder of its backups.

    Attributes:
        place: the folder of all three.
        before: the command that starts its scripts.
    """

    place: Path
    before: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        """The data root."""
        return Store(self.place / "data")

    @property
    def home(self) -> Path:
        """The home of Dagster."""
        return self.place / "home"

    def begin(self, script: str, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """A script of deploy/ at work."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("DTI_", "DAGSTER_"))}
        own |= {"DTI_DATA": str(self.store.root), "DAGSTER_HOME": str(self.home)}
        own |= {"DTI_BACKUP_SAME_DISK": "1"} | settings
        command = [*self.before, str(Path(__file__).parents[2] / "deploy" / script), *arguments]
        return subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def call(self, script: str, *arguments: str, **settings: str) -> tuple[int, str]:
        """Exit code of a script, and all that it printed."""
        return ended(self.begin(script, *arguments, **settings))

    def backup(self, *options: str, **settings: str) -> tuple[int, str]:
        """Exit code of a backup, and all that it printed."""
        return self.call("backup", *options, str(self.place / "backups"), **settings)

    @property
    def backups(self) -> list[Path]:
        """What stands in the folder of backups, the oldest first."""
        return standing(self.place / "backups")

    @property
    def noted(self) -> dict[str, Any]:
        """What the last backup left for the doctor."""
        return json.loads((self.store.root / "last_backup").read_bytes())


@contextmanager
def history(host: Host) -> Generator[dg.DagsterInstance]:
    """The runs of a host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(host.home))
        with dg.DagsterInstance.get() as opened:
            yield opened


def standing(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said = "".join(process.communicate(timeout=300))
    return process.returncode, said


@pytest.fixture
def host(tmp_path: Path, project: Path) -> Host:
    """A host at which two committed folders have arrived, and nothing has run."""
    made = Host(tmp_path / "here")
    for each in COMMITTED:
        shutil.copytree(project / "data" / "feeds" / each, made.store.feeds / each)
    made.home.mkdir()
    shutil.copy2(project / "dagster.yaml", made.home)
    return made


def is_waited_for(lock: Path) -> bool:
    """Whether some process waits until another lets go of a lock."""
    waiting = [line for line in Path("/proc/locks").read_text(encoding="utf-8").splitlines() if "->" in line]
    return any(line.split()[-3].endswith(f":{lock.stat().st_ino}") for line in waiting)


def test_a_backup_in_mid_run_is_whole_and_ends_in_the_same_release(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, int, str]] = []
    waiting: list[subprocess.Popen[str]] = []
    append = Ledger.append

    def and_back_up(ledger: Ledger, kind: str, *arguments: Any, **named: Any) -> Any:
        """A backup after each entry; after that of the release, whose folder is not in its place yet, it waits."""
        entry = append(ledger, kind, *arguments, **named)
        if kind == "release":
            waiting.append(begun := host.begin("backup", str(tmp_path / kind)))
            while not is_waited_for(host.store.root / "locks" / "publish.lock"):
                assert begun.poll() is None, f"it did not wait for the publisher: {ended(begun)}"
                time.sleep(0.05)
        else:
            made.append((kind, *host.call("backup", str(tmp_path / kind))))
        return entry

    monkeypatch.setattr(Ledger, "append", and_back_up)
    release = run(Platform(host.store), "1").release
    monkeypatch.undo()
    made += [("release", *ended(waiting[0]))]
    assert {kind for kind, *_ in made} >= {"receipt", "derived", "release"}
    assert [said for said in made if said[1]] == []
    (whole,) = standing(tmp_path / "release")
    assert [each.name for each in (whole / "data/published/releases").iterdir()] == [release.name]
    (early,) = standing(tmp_path / "receipt")
    assert not (early / "data/published/releases").exists()
    shutil.copytree(early / "data", tmp_path / "elsewhere/data", symlinks=True)
    again = run(Platform(Host(tmp_path / "elsewhere").store), "2").release
    assert (again.name, again.files) == (release.name, release.files)


def test_the_drill(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two backups; all is lost; what fails to be restored is begun again, and comes back with the rights that were."""
    short_releases(monkeypatch)
    status = dg.DagsterRunStatus
    with history(host) as runs:
        runs.add_run(dg.DagsterRun("dti_main", "0e" * 16, status=status.SUCCESS))
        process = Process("5e" * 16, "another-host", "boot", "1", "2")
        runs.add_run(dg.DagsterRun("dti_main", process.run, status=status.STARTED, tags={PROCESS: str(process)}))
    run(Platform(host.store), "1")
    waits = host.store.inbox / "provincial_report" / "2023" / "indicators.csv"
    waits.parent.mkdir(parents=True)
    waits.write_text("not yet landed", encoding="utf-8")
    os.utime(waits, (0, 0))
    open_to_the_group(host.store.root)
    made = host.backup()
    assert made[0] == 0, made[1]
    for name in ("last_backup", "locks", "locks/publish.lock"):
        assert (host.store.root / name).stat().st_mode & 0o040, f"the group may not read {name}, which a backup makes"
    (older,) = host.backups
    (receipt, *_) = host.store.landing.receipts()
    landed = Path("data/landing", host.store.landing.path(receipt.sha256).relative_to(host.store.landing.folder))
    known = (older / landed).stat()
    made = host.backup("--keep", "1")
    assert made[0] == 0, made[1]
    (newer,) = host.backups
    assert newer != older
    assert os.path.samestat(known, (newer / landed).stat()), "what has not changed is a link"
    said = last_backup(Place(host.store, Settings(backup_within_hours=1), host.home, datetime.now(UTC)))
    assert said.state == "ok", said

    before = rights(host.store.root)
    shutil.rmtree(host.place / "data")
    shutil.rmtree(host.home)
    there = restored_at_last(newer, landed, tmp_path / "elsewhere")
    now = rights(there.store.root)
    assert {"inbox", "ledger", "published/releases"} < now.keys()
    assert [name for name in now if name not in before] == [f"ledger/{there.store.ledger.head().sequence:09}.json"]
    assert {name: each for name, each in now.items() if each != before.get(name, each)} == {}
    assert (there.home / "dagster.yaml").stat().st_mode & 0o777 == 0o644
    assert (there.store.inbox / "provincial_report/2023/indicators.csv").read_text(encoding="utf-8") == "not yet landed"
    with history(there) as runs:
        assert {run.run_id: run.status for run in runs.get_runs()} == {
            "0e" * 16: status.SUCCESS,
            "5e" * 16: status.FAILURE,
        }
    assert there.store.verify((newer / "head").read_text().strip()) == []
    assert rebuild(Platform(there.store), "1").whole
    (there.store.inbox / "provincial_report/2023/indicators.csv").unlink()
    assert not run(Platform(there.store), "2").is_new
    exit_code, refused = there.call("restore", str(newer))
    assert (exit_code, "has a ledger" in refused) == (1, True), refused
    exit_code, said = there.call("restore", "--check", str(newer))
    assert (exit_code, f"{newer} is whole" in said) == (0, True), said
    (newer / landed).unlink()
    exit_code, said = there.call("restore", "--check", str(newer))
    assert (exit_code, receipt.sha256 in said, "take an older backup" in said) == (1, True, True), said


def open_to_the_group(root: Path) -> None:
    """As in production, where no lock was taken yet."""
    shutil.rmtree(root / "locks")
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o750 if path.is_dir() else 0o640)
    for path in (root, root / "inbox"):
        path.chmod(0o751)  # senders pass through


def rights(root: Path) -> dict[str, tuple[int, int, int]]:
    """Account, group and what the group may, of each folder and file of a data root."""
    found = {path.relative_to(root).as_posix(): path.lstat() for path in (root, *root.rglob("*"))}
    own = {name: each for name, each in found.items() if not name.startswith(("locks", "last_backup"))}
    return {name: (each.st_uid, each.st_gid, each.st_mode & 0o071) for name, each in own.items()}


def restored_at_last(backup: Path, landed: Path, place: Path) -> Host:
    """Where the history can't be opened, and a byte is lost, nothing that is left looks whole; then it succeeds."""
    there = Host(place)
    there.home.mkdir(parents=True)
    (there.home / "dagster.yaml").write_text("storage: [", encoding="utf-8")
    content = (backup / landed).read_bytes()
    for broken in ("history", landed.name):
        exit_code, said = there.call("restore", str(backup))
        assert (exit_code, broken in said) == (1, True), said
        assert not (there.store.root / "ledger").exists()
        assert "was not put back whole" in data_root(Place(there.store, Settings(), None, datetime.now(UTC))).what
        with pytest.raises(LedgerBehind):
            there.store.releases.check_known()
        (there.home / "dagster.yaml").unlink()
        (backup / landed).write_bytes(b"rotten")
    (backup / landed).write_bytes(content)
    exit_code, said = there.call("restore", str(backup))
    assert exit_code == 0, said
    return there


def test_a_restore_by_root_into_a_folder_of_another_account_is_refused(host: Host, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of another account")
    Platform(host.store).arrivals.land()
    assert host.backup()[0] == 0
    (tmp_path / "there").mkdir()
    os.chown(tmp_path / "there", 65534, 65534)
    exit_code, said = Host(tmp_path / "there").call("restore", str(host.backups[0]))
    assert (exit_code, "call this as that account (runuser -u " in said) == (1, True), said
    assert [*(tmp_path / "there").iterdir()] == []


def test_what_went_wrong_is_told_and_nothing_older_goes(host: Host) -> None:
    platform = Platform(host.store)
    platform.arrivals.land()
    assert host.backup()[0] == 0
    (good,) = host.backups

    unreachable = f"postgresql://dti@/dti?host={host.place}"
    exit_code, said = host.backup("--keep", "1", DAGSTER_POSTGRES_URL=unreachable)
    assert exit_code == 1
    assert "pg_dump" in said
    assert not host.noted["success"]
    assert host.noted["why"] in said.replace("\n", "; ")
    assert host.backups == [good]

    (receipt, *_) = host.store.landing.receipts()
    path = host.store.landing.path(receipt.sha256)
    path.chmod(0o600)
    path.write_bytes(b"rotten")
    exit_code, said = host.backup("--keep", "1")
    assert exit_code == 1
    assert receipt.sha256 in host.noted["why"]
    assert host.backups == [good, host.place / "backups" / "with-faults"]
    for wrong in ([], ["--keep", "0", "x"], ["--keep", "x", "y"], ["a", "b"]):
        assert host.call("backup", *wrong)[0] == 2, wrong
    assert host.call("restore", str(host.place))[0] == 1
    assert "mounted" in host.call("restore", "")[1]


def test_a_backup_onto_the_disk_of_the_data_is_refused_and_told(host: Host) -> None:
    exit_code, said = host.backup(DTI_BACKUP_SAME_DISK="")
    assert exit_code == 1
    assert "mount its own disk there" in said
    assert host.noted["why"] in said
    assert not host.backups


def test_an_emptied_or_older_data_root_is_refused_and_removes_no_backup(host: Host) -> None:
    Platform(host.store).arrivals.land()
    assert host.backup()[0] == 0
    (good,) = host.backups
    shutil.move(host.store.root, host.place / "kept")
    for half in ((), ("landing",)):
        shutil.rmtree(host.store.root, ignore_errors=True)
        host.store.root.mkdir()
        for part in half:
            shutil.copytree(host.place / "kept" / part, host.store.root / part)
        exit_code, said = host.backup("--keep", "1")
        assert exit_code == 1
        assert f"no ledger that continues the backup {good}" in said
        assert not host.noted["success"]
        assert host.backups == [good]
    shutil.rmtree(host.store.root)
    shutil.copytree(host.place / "kept", host.store.root)
    assert host.backup("--keep", "1")[0] == 0, "a ledger that goes on from it is none of another"
    host.store.landing.receive_all([Received(b"a,b\n", "national_report", "2023", "x.csv", channel="inbox")])
    assert host.backup()[0] == 0
    shutil.rmtree(host.store.root)
    shutil.copytree(host.place / "kept", host.store.root)
    older, newer = host.backups
    exit_code, said = host.backup()
    assert (exit_code, f"continues the backup {newer}" in said) == (1, True), said
    shutil.move(newer, host.place / "newer")
    assert host.backup()[0] == 0
    assert host.backups[0] == older


@pytest.mark.parametrize("part", ["data/ledger", "data/landing", "settings/dagster.yaml", "data/inbox"])
def test_a_check_names_the_part_of_a_backup_that_is_missing(host: Host, part: str) -> None:
    waiting = host.store.inbox / "provincial_report" / "2023" / "indicators.csv"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("not yet landed", encoding="utf-8")
    os.utime(waiting, (0, 0))
    Platform(host.store).arrivals.land()
    assert host.backup()[0] == 0
    (backup,) = host.backups
    path = backup / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    exit_code, said = host.call("restore", "--check", str(backup))
    assert (exit_code, part in said) == (1, True), said


def test_a_backup_without_a_ledger_beside_one_that_has_it_is_not_whole(host: Host) -> None:
    assert host.backup()[0] == 0
    exit_code, said = host.call("restore", "--check", str(host.backups[0]))
    assert (exit_code, "nothing had been received yet" in said) == (0, True), said
    Platform(host.store).arrivals.land()
    assert host.backup()[0] == 0
    empty, full = host.backups
    exit_code, said = host.call("restore", "--check", str(empty))
    assert (exit_code, f"{full} has one" in said) == (1, True), said


def test_a_disk_without_room_and_tools_that_fail_remove_nothing(host: Host, tmp_path: Path) -> None:
    Platform(host.store).arrivals.land()
    assert host.backup()[0] == 0
    (good,) = host.backups
    exit_code, said = host.backup("--keep", "1", DTI_DISK_FREE_MB=str(10**9))
    assert (exit_code, "fewer than DTI_DISK_FREE_MB" in said) == (1, True), said
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'dti_platform.cli' in sys.orig_argv: raise SystemExit('no such module')\n", encoding="utf-8"
    )
    exit_code, said = host.backup("--keep", "1", PYTHONPATH=str(tmp_path))
    assert (exit_code, "could not be verified" in said, "no such module" in said) == (1, True, True), said
    assert host.backups == [good], "a copy that no tool could judge is not called faulty"


def test_what_a_sender_keeps_from_the_service_is_named_and_all_else_copied(host: Host) -> None:
    """As an account to which files may be closed; a folder of senders has its set-group-ID bit."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of another account")
    Platform(host.store).arrivals.land()
    folder = host.store.inbox / "self_assessment" / "VN63-19"
    folder.mkdir(parents=True)
    for name in ("open.csv", "closed.csv"):
        (folder / name).write_text(name, encoding="utf-8")
        os.utime(folder / name, (0, 0))
    (folder / "closed.csv").chmod(0o600)
    os.chown(folder / "closed.csv", 65534, 65534)
    folder.chmod(0o2770)
    host.before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    exit_code, said = host.backup()
    assert exit_code == 1, said
    (backup,) = host.backups
    assert not host.noted["success"]
    assert "self_assessment/VN63-19/closed.csv" in host.noted["why"]
    assert [path.name for path in (backup / "data/inbox").rglob("*.csv")] == ["open.csv"]
    assert (backup / "data/inbox/self_assessment/VN63-19").stat().st_mode & 0o7777 == 0o770
    assert "2770 self_assessment/VN63-19\n" in (backup / "inbox.rights").read_text(encoding="utf-8")
    (folder / "closed.csv").chmod(0o644)
    assert host.backup("--keep", "1")[0] == 0
    assert len(host.backups) == 1
