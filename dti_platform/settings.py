"""The platform's settings: DTI_* environment variables, with defaults that need none."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dti_platform.storage.store import project_data


class Settings(BaseSettings):
    """Everything that may differ between machines; nothing that changes a figure."""

    model_config = SettingsConfigDict(env_prefix="DTI_", extra="ignore")

    data: Path = Field(default_factory=project_data, description="data root: landing, ledger, tables, published")
    language: str = Field(default="vi", pattern="^(vi|en)$", description="language of answers to officials")
    user: str = Field(default="", description="who stands as `by` in the ledger, where a proxy has checked a login")
    publish: Literal["auto", "ask"] = Field(
        default="auto", description="auto: runs and schedules publish; ask: they leave a candidate for `dti release`"
    )
    ui_host: str = Field(default="127.0.0.1", description="the UI has no login: keep it on this machine")
    ui_port: int = Field(default=3000, ge=1, le=65535, description="port of the UI")
    ui_hosts: str = Field(default="", description="further names of the UI, as a browser's Host says them: a, b:8080")
    proxy_token: SecretStr = Field(
        default=SecretStr(""), description="secret of the proxy with the login: without it nothing of the UI answers"
    )
    keep_runs_days: int = Field(
        default=400, ge=1, description="how long Dagster remembers runs on which nothing that is current rests"
    )
    audit_draws: int = Field(
        default=100_000, ge=0, description="draws by which a ranking on official figures is audited; 0: no audit"
    )
    cache_mb: int = Field(default=128, ge=1, description="how large the cache of the data root may be, in 10^6 bytes")
    lock_wait_seconds: float = Field(default=0, ge=0, description="how long a run waits for another run of the data")
    daemon: Literal["auto", "expected", "none"] = Field(
        default="auto", description="whether Dagster's daemon should live; auto: where it ever did, `dti doctor` asks"
    )
    disk_free_mb: int = Field(default=1000, ge=0, description="fewer 10^6 bytes free are said to be too few")
    answer_within_hours: float = Field(default=26, gt=0, description="how long a file may lie in the inbox unanswered")
    run_within_hours: float = Field(default=0, ge=0, description="how old the last run may be; 0: any age")
    release_within_days: float = Field(default=0, ge=0, description="how old the last release may be; 0: any age")
    backup_within_hours: float = Field(default=0, ge=0, description="how old the last backup may be; 0: any age")
    backup_folder: str = Field(
        default="", description="folder of the backups: `dti doctor` compares the ledger with the newest of them"
    )
    certificate: str = Field(default="", description="file with the certificate of the proxy, whose end is watched")
    alert_smtp_host: str = Field(default="", description="the ministry's own mail server; empty: no mail is sent")
    alert_smtp_port: int = Field(default=587, ge=1, le=65535)
    alert_smtp_tls: Literal["starttls", "tls", "none"] = Field(default="starttls")
    alert_smtp_user: str = Field(default="", description="empty: the server takes mail without a login")
    alert_smtp_password: SecretStr = Field(default=SecretStr(""))
    alert_ca: str = Field(
        default="", description="file with the certificate of an internal authority, for mail and webhook"
    )
    alert_from: str = Field(default="", description="sender of alerts")
    alert_to: str = Field(default="", description="who is told, separated by commas")
    alert_webhook: SecretStr = Field(default=SecretStr(""), description="URL to which alerts are posted as JSON")
    alert_heartbeat: SecretStr = Field(
        default=SecretStr(""), description="URL that `dti doctor --alert` asks once nothing is left untold"
    )
    alert_link: str = Field(default="", description="address of the UI as people reach it, for links in alerts")
    alert_late_days: float = Field(default=3, ge=0, description="how late a feed may be after its schedule has looked")


#: What is read where there are no settings: by ``./dti``, by ``deploy/backup``, and how ``./dti`` is called here.
OF_SCRIPTS = ("DTI_PYTHON", "DTI_BACKUP_SAME_DISK", "DTI_COMMAND")
#: A variable whose name ends so holds a secret: it is never printed.
SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD")
MASK = "**********"


def shown() -> dict[str, str]:
    """Every setting and every other DTI_* variable, as it may be printed.

    A variable that no setting knows is named without its value: it may be a secret, or a slip of the pen.
    """
    known = {f"DTI_{name.upper()}": str(value) for name, value in Settings().model_dump().items()}
    strange = {
        name: MASK if name.endswith(SECRET) else "(not a setting)" for name in os.environ if name.startswith("DTI_")
    }
    return known | {name: value for name, value in sorted(strange.items()) if name not in known}


def read_or_default() -> Settings:
    """The settings; their defaults where a variable holds what no setting takes, which ``faults`` says."""
    try:
        return Settings()
    except ValidationError:
        return Settings.model_construct()


def faults() -> list[str]:
    """Each variable that holds what its setting does not take, and why; no value, which may be a secret."""
    try:
        Settings()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return [f"DTI_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in found]
    return []


def strange() -> list[str]:
    """The DTI_* variables that are no settings."""
    known = {f"DTI_{name.upper()}" for name in Settings.model_fields} | {*OF_SCRIPTS}
    return sorted(name for name in os.environ if name.startswith("DTI_") and name not in known)
