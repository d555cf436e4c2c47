"""What ``deploy/`` holds is what its programs take: settings, units, containers, values; and a host plays it."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import process_config
from dagster._core.instance.ref import InstanceRef

from deploy.trial.rendered import DEPLOY, UNITS, Place
from dti_platform.orchestration.attribution import AttributedRunCoordinator
from dti_platform.settings import OF_SCRIPTS, Settings

#: Service of the composition -> the unit that starts the same.
SERVICES = dict(zip(("code", "daemon", "web", "viewers"), UNITS, strict=True))
ALL_UNITS = sorted(each.name for each in (DEPLOY / "systemd").iterdir() if each.is_file())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "secret", 8443, 8080, 3100, 3101)


def loaded(name: str) -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def lines(unit: str) -> list[str]:
    return [each for each in (DEPLOY / "systemd" / unit).read_text(encoding="utf-8").splitlines() if "=" in each]


def test_the_settings_of_production_are_dagsters_own_and_queue_by_our_coordinator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", "postgresql://dti@/dti")
    shutil.copy2(DEPLOY / "dagster.production.yaml", tmp_path / "dagster.yaml")
    instance = InstanceRef.from_dir(str(tmp_path))  # raises where an entry is none of Dagster's
    assert isinstance(instance.run_coordinator, AttributedRunCoordinator)
    assert instance.storage_data is not None
    assert instance.storage_data.class_name == "DagsterPostgresStorage"
    assert instance.settings["run_retries"] == {
        "enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": True,
    }  # fmt: skip


def test_production_queues_and_forgets_as_the_embedded_settings_do(project: Path) -> None:
    embedded = yaml.safe_load((project / "dagster.yaml").read_text(encoding="utf-8"))
    production = loaded("dagster.production.yaml")
    for same in ("concurrency", "retention", "telemetry", "nux"):
        assert production[same] == embedded[same], same


def test_every_setting_of_the_environment_is_one(place: Place) -> None:
    known = {f"DTI_{name.upper()}" for name in Settings.model_fields} | {*OF_SCRIPTS}
    assert {name for name in place.environment() if name.startswith("DTI_")} < known


@pytest.mark.parametrize("unit", ALL_UNITS)
def test_systemd_finds_no_fault_in_a_unit(place: Place, unit: str) -> None:
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed")
    for each in ALL_UNITS:
        (place.root / each).write_text(place.render(f"systemd/{each}"), encoding="utf-8")
    done = subprocess.run([analyze, "verify", place.root / unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(place.root) not in done.stderr, "a line of ours is ignored"


def test_units_that_go_on_for_ever_are_started_again_for_ever() -> None:
    for unit in UNITS:
        assert {"Restart=always", "StartLimitIntervalSec=0", "WantedBy=multi-user.target"} <= {
            *lines(f"{unit}.service")
        }


def test_every_service_is_hardened_alike() -> None:
    services = [unit for unit in ALL_UNITS if unit.endswith(".service")]
    hardened = [
        [each for each in lines(unit) if re.match("Protect|Private|Restrict|NoNew|Capab|System", each)]
        for unit in services
    ]
    assert len(hardened[0]) > 15
    assert all(each == hardened[0] for each in hardened)


def test_settings_are_read_by_their_account_and_never_carried_out(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root becomes another account")
    settings, script = tmp_path / "dti.env", tmp_path / "dti-run"
    lines = (
        "# comment", "A=$(touch carried-out)", "B='two words'", "DTI_ALERT_TO=a@x.vn, b@x.vn ", "C=", "D=x=y",
    )  # fmt: skip
    settings.write_text("\n".join(lines), encoding="utf-8")
    text = (DEPLOY / "dti-run").read_text(encoding="utf-8")
    text = text.replace("account=dti", "account=nobody").replace("/etc/dti/dti.env", str(settings))
    script.write_text(text, encoding="utf-8")
    for path in (script, tmp_path, *tmp_path.parents[:-2]):
        path.chmod(path.stat().st_mode | 0o755)
    command = ["sh", "-c", 'id -un; printf "%s|" "$A" "$B" "$DTI_ALERT_TO" "$C" "$D"']
    done = subprocess.run([script, *command], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout == "nobody\n$(touch carried-out)|two words|a@x.vn, b@x.vn||x=y|", done.stderr
    assert not (tmp_path / "carried-out").exists()
    settings.write_text("A=1\ntouch carried-out\n", encoding="utf-8")
    done = subprocess.run([script, "true"], capture_output=True, text=True, check=False)
    assert (done.returncode, "line 2 is no NAME=VALUE" in done.stderr) == (1, True), done.stderr
    settings.chmod(0o600)
    done = subprocess.run([script, "true"], capture_output=True, text=True, check=False)
    assert (done.returncode, "nobody can't read" in done.stderr) == (1, True), done.stderr


def test_logins_are_added_changed_and_removed_with_one_line_each(tmp_path: Path) -> None:
    def login(*arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [DEPLOY / "login", *arguments], input=password, env=os.environ | {"DTI_NGINX": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    for arguments in (["mai"], ["--operator", "lan"], ["--operator", "lan"], ["lan"], ["mai"]):
        assert login(*arguments, password="Mật khẩu\n").returncode == 0
    assert login().stdout.split("\n")[:-1] == ["lan (operator)", "mai"]
    assert (tmp_path / "operators").read_text(encoding="utf-8") == '"lan" dti_operators;\n'
    assert (tmp_path / "users").stat().st_mode & 0o777 == 0o640
    name, hashed = (tmp_path / "users").read_text(encoding="utf-8").splitlines()[1].split(":")
    again = ["openssl", "passwd", "-6", "-salt", hashed.split("$")[2], "-stdin"]
    assert name == "mai"
    assert (
        subprocess.run(again, input="Mật khẩu\n", capture_output=True, text=True, check=True).stdout.strip() == hashed
    )
    assert login("--remove", "lan").returncode == 0
    assert login().stdout == "mai\n"
    assert not (tmp_path / "operators").read_text(encoding="utf-8")
    assert [login(*wrong).returncode for wrong in (["--remove", "lan"], ["a b"], ["x", "y"], ["thu"])] == [1, 2, 2, 1]


def test_who_asked_what_is_kept_for_a_year_beside_the_rule_of_nginx(tmp_path: Path) -> None:
    if not (logrotate := shutil.which("logrotate")):
        pytest.skip("logrotate is not installed")
    shutil.copy2(DEPLOY / "logrotate", tmp_path / "dti")
    (tmp_path / "nginx").write_text("/var/log/nginx/*.log {\n daily\n rotate 14\n}\n", encoding="utf-8")
    (tmp_path / "conf").write_text(f"include {tmp_path}\n", encoding="utf-8")
    done = subprocess.run(
        [logrotate, "--debug", tmp_path / "dti", tmp_path / "nginx"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr


def test_containers_start_what_the_units_start_and_can_write_no_root(place: Place) -> None:
    services = loaded("container/compose.yaml")["services"]
    for name, unit in SERVICES.items():
        (line,) = re.findall(r"^ExecStart=\S+ (.*)$", place.render(f"systemd/{unit}.service"), re.MULTILINE)
        started = place.render("container/compose.yaml").replace("0.0.0.0", "127.0.0.1")
        rendered = yaml.safe_load(started)["services"][name]
        socket = f"{place.root}/run/code.sock"
        ports = {"3000": str(place.operators), "3001": str(place.viewers)}
        command = [ports.get(word, word) for word in rendered["command"][1:]]
        assert sorted(command) == sorted(word.replace("${DAGSTER_CODE_SOCKET}", socket) for word in shlex.split(line))
        assert rendered["read_only"]
        assert rendered["cap_drop"] == ["ALL"]
    assert all(service["restart"] == "always" and service["read_only"] for service in services.values())


def test_the_composition_is_rendered_by_a_composer(tmp_path: Path) -> None:
    able = {"docker-compose": "docker-compose", "podman-compose": "podman"}  # one asks podman for its version
    composer = next((each for each, needed in able.items() if shutil.which(each) and shutil.which(needed)), None)
    if composer is None:
        pytest.skip("neither docker-compose nor podman-compose is installed")
    shutil.copytree(DEPLOY / "container", tmp_path / "container")
    shutil.copy2(DEPLOY / "dti.env", tmp_path / "container")
    done = subprocess.run(
        [composer, "-f", "compose.yaml", "config"],
        cwd=tmp_path / "container",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == {*SERVICES, "postgres", "nginx"}


@pytest.mark.parametrize("name", ["kubernetes", "docker"])
def test_the_values_of_a_launcher_are_its_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = loaded(f"values/{name}.yaml")["run_launcher"]
    assert sorted(launcher) == ["class", "config", "module"]
    if importlib.util.find_spec(launcher["module"]) is None:
        return  # its library is no part of the locks: that the file can be read is all that is known here
    found = getattr(importlib.import_module(launcher["module"]), launcher["class"])
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", "postgresql://dti@/dti")
    judged = process_config(found.config_type(), launcher["config"])
    assert judged.success, judged.errors


@pytest.mark.heavy
@pytest.mark.deploy
def test_a_host_plays_what_is_deployed_and_survives_each_kill(project: Path) -> None:
    done = subprocess.run([project / "deploy/try"], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
