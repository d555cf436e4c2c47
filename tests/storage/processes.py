"""What the other processes do: publishers, readers, writers and holders of locks, started by the tests.

They come from a fork server that has imported the libraries and used none of them, so that a
process costs milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

from dti_platform.storage import Locked, Store
from dti_platform.storage.package import Draft, encode
from tests.storage.samples import DESCRIPTIONS, tables

START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(
    ["polars", "pyarrow.compute", "pyarrow.parquet", "rfc8785", "filelock", "tests.storage.processes"]
)


def publish(store: Store, version: int) -> str | None:
    release = store.releases.publish(tables(version), DESCRIPTIONS, record={"version": version})
    return release.name if release else None


def publish_for_ever(root: Path, version: int, line: Connection) -> None:
    """Publishes one version after another, and says so before and after each; the libraries are warm before."""
    store = Store(root)
    Draft(encode(tables(version), DESCRIPTIONS), {})
    while True:
        line.send(("begin", version))
        publish(store, version)
        line.send(("done", version))
        version += 1


def publish_many(root: Path, count: int) -> None:
    store = Store(root)
    for version in range(1, count + 1):
        publish(store, version)


def versions_seen(folder: Path) -> set[int]:
    """The version stamps of a release's files, each file checked against the manifest; as a stranger reads them."""
    import polars as pl

    versions: set[int] = set()
    for resource in json.loads((folder / "datapackage.json").read_bytes())["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}", "a file is not that of the manifest"
        versions |= set(pl.read_parquet(content)["version"])
    return versions


def read_until(root: Path, stop: Event, line: Connection) -> None:
    """Reads the latest release again and again; reports reads, distinct versions and what went wrong."""
    reads, seen, wrong = 0, set[int](), list[str]()
    while not stop.is_set():
        try:
            versions = versions_seen((root / "published/latest").resolve(strict=True))
            ours = {
                version for name in ("index_scores",) for version in Store(root).releases.open().table(name)["version"]
            }
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is a finding
            wrong.append(repr(error))
            continue
        if len(versions) != 1 or len(ours) != 1:
            wrong.append(f"mixed: {versions} {ours}")
        reads += 1
        seen |= versions
    line.send((reads, len(seen), wrong))


def append_many(root: Path, writer: int, count: int, barrier: Barrier) -> None:
    store = Store(root)
    barrier.wait()
    for number in range(count):
        store.ledger.append("commit", {"writer": writer, "number": number})


def receive_many(root: Path, count: int, barrier: Barrier) -> None:
    """All writers receive the same files."""
    store = Store(root)
    barrier.wait()
    for number in range(count):
        store.landing.receive(f"{number}".encode(), feed="f", period="2022", name=f"{number}.csv")


def compute(root: Path, run: str, wait: float, barrier: Barrier, line: Connection) -> None:
    """Takes the lock of a period, computes for a moment, says what it did and whom it was told of.

    Where nobody waits for the lock, it computes until all others have asked for it.
    """
    store = Store(root)
    barrier.wait()
    try:
        with store.lock("2022", run, wait=wait):
            begun = time.monotonic()
            time.sleep(0.05) if wait else barrier.wait(30)
            line.send(("computed", run, begun, time.monotonic()))
    except Locked as error:
        line.send(("refused", error.holder, 0.0, 0.0))
        barrier.wait(30)


def started(target: Any, *arguments: Any) -> Any:
    process = START.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def told(lines: list[Connection]) -> Iterator[Any]:
    for line in lines:
        assert line.poll(30), "a process says nothing"
        yield line.recv()
