"""A copy of the project to change: its own files, and what its command line says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

PROJECT = Path(__file__).parents[1]
PARTS = ("dti_platform", "expectations", "data/reference")


@dataclass(frozen=True)
class Copy:
    """A copy of the project with something added, and what its main job said."""

    root: Path
    before: dict[str, bytes]
    outcome: dict[str, Any]

    def table(self, name: str) -> pl.DataFrame:
        """A released table, its illustrative rows too."""
        latest = self.root / "data" / "published" / "latest"
        return pl.concat(map(pl.read_parquet, sorted(latest.rglob(f"{name}.parquet"))))

    def added(self) -> list[str]:
        """Files of the program that were not there, or not so, when it was copied."""
        return sorted(name for name, content in files(self.root).items() if self.before.get(name) != content)


def files(root: Path) -> dict[str, bytes]:
    found = (file for part in PARTS for file in (root / part).rglob("*"))
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in found
        if file.is_file() and "__pycache__" not in file.parts
    }


def copied(root: Path) -> dict[str, bytes]:
    """Copies the project, its compiled modules too; gives its files as they were."""
    for part in PARTS:
        shutil.copytree(PROJECT / part, root / part)
    return files(root)


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def run(root: Path, before: dict[str, bytes]) -> Copy:
    return Copy(root, before, dti(root, "run"))


def dti(root: Path, *arguments: str) -> Any:
    """What a command of the copy prints as JSON."""
    done = process(root, *arguments, "--json")
    assert done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout)


def process(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the copy, over its own data."""
    env = {name: value for name, value in os.environ.items() if name not in {"DAGSTER_HOME", "PYTHONPATH"}}
    return subprocess.run(
        [sys.executable, "-m", "dti_platform.cli", *arguments],
        env={**env, "DTI_DATA": str(root / "data"), "PYTHONPATH": str(root), "DAGSTER_DISABLE_TELEMETRY": "1"},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
