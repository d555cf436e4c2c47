"""The platform's settings: DTI_* environment variables, with defaults that need none."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
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
    keep_runs_days: int = Field(
        default=400, ge=1, description="how long Dagster remembers runs on which nothing that is current rests"
    )
    cache_mb: int = Field(default=128, ge=1, description="how large the cache of the data root may be, in 10^6 bytes")
    lock_wait_seconds: float = Field(default=0, ge=0, description="how long a run waits for another run of the data")


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
