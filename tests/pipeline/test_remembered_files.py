"""What files gave is remembered file by file: a changed file alone is read again, and the year is as if all were.

So is it that the reference tables met their contracts.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest

from dti_platform.feeds import Known, Parsed, Quotation, Received, Remark, Stated, read
from dti_platform.language import Bilingual
from dti_platform.pipeline import Platform, inputs, remembered, versions
from dti_platform.pipeline.flow import READ
from dti_platform.reference_tables import rules
from dti_platform.storage import Store
from dti_platform.submissions import read_versions

FILES = (
    "self_assessment/2022/VN63-01.xlsx",
    "self_assessment/2022/VN63-19.xlsx",
    "provincial_report/2022/indicators.csv",
)
ADDED = "self_assessment/2022/VN63-79.xlsx"
REPORT = FILES[2]


@pytest.fixture
def root(tmp_path: Path, project: Path) -> Path:
    for file in FILES:
        commit(tmp_path, project, file)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read."""
    names: list[str] = []

    def spied(batch: Sequence[Received], known: Known) -> object:
        names.extend(each.name for each in batch)
        return read_versions(batch, known)

    monkeypatch.setattr(remembered, "read_versions", spied)
    return names


def commit(root: Path, project: Path, file: str) -> None:
    (root / "feeds" / file).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(project / "data" / "feeds" / file, root / "feeds" / file)


def year(root: Path, asked: list[str]) -> list[str]:
    """What a run of a process of its own reads of 2022, which is what reading all of it would give."""
    platform = Platform(Store(root / "data", feeds=root / "feeds"))
    standing = platform.arrivals.land().standing
    asked.clear()
    given = platform.reader.read_year(2022)
    whole = platform.reader.read(standing)
    assert all(getattr(given, name).equals(getattr(whole, name)) for name in READ)
    platform.store.derived.record("a run")
    return sorted(asked)


def test_only_a_changed_file_is_read_again(
    root: Path, project: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert year(root, asked) == sorted(Path(each).name for each in FILES)
    assert year(root, asked) == []
    report = root / "feeds" / REPORT
    received = report.read_bytes()
    report.write_bytes(b"".join(received.splitlines(keepends=True)[:-3]))
    assert year(root, asked) == [report.name]
    commit(root, project, ADDED)
    assert year(root, asked) == [Path(ADDED).name]
    report.write_bytes(received)
    assert year(root, asked) == []  # what came back counts by its first receipt: both versions stand
    monkeypatch.setattr(inputs, "reference_version", lambda: "another")
    assert {*year(root, asked)} == {Path(each).name for each in (*FILES, ADDED)}


def test_what_is_damaged_or_of_another_shape_is_read_again(root: Path, asked: list[str]) -> None:
    year(root, asked)
    for path in (root / "data" / "cache").glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1])
    assert len(year(root, asked)) == len(FILES)
    store = Store(root / "data", feeds=root / "feeds")
    for path in (root / "data" / "cache").glob("*/*"):
        store.cache.put(path.name, remembered.content(pl.DataFrame({"key": ["of another version"]})))
    known = Platform(store).known
    found = remembered.versions(store.cache, 2022, [], known, lambda _: "")
    assert found == []


def test_all_that_a_file_says_comes_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Platform(Store(root / "data", feeds=root / "feeds"))
    content = (root / "feeds" / FILES[0]).read_bytes()
    received = Received("self_assessment", "2022", "VN63-01.xlsx", "0" * 64, content, ours=True)
    text = Bilingual("lời", "words")
    said = replace(
        read(received, platform.known),
        stated=Stated(3, dt.date(2023, 2, 28)),
        remarks=(Remark(text, "A1"), Remark(text)),
        quotations=(
            Quotation("VN63-01", "1.1", "verified", 0.1 + 0.2, "F12"),
            Quotation("x", "1", "final", None, "F9"),
        ),
        corrected=("an entry",),
        outlived=text,
    )
    monkeypatch.setattr(
        remembered, "read_versions", lambda batch, _: [remembered.Version(each, said) for each in batch]
    )
    asked = (platform.store.cache, 2022, [received], platform.known, lambda _: "a key")
    remembered.versions(*asked)
    monkeypatch.setattr(remembered, "read_versions", lambda batch, _: iter(batch))
    (version,) = remembered.versions(*asked)
    back = version.parsed
    for field in fields(Parsed):
        one, other = getattr(said, field.name), getattr(back, field.name)
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other, field.name


def test_reference_tables_that_met_their_contracts_are_held_to_them_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Path] = []
    check = rules.check
    monkeypatch.setattr(rules, "check", lambda folder, rows: held.append(folder) or check(folder, rows))

    def known(*, running: bool = True) -> int:
        """How often a process holds them to their contracts."""
        held.clear()
        platform = Platform(Store(root / "data", feeds=root / "feeds"), running=running)
        assert platform.known.units.all
        platform.store.derived.record("a run")
        return len(held)

    assert known(running=False) == 1
    assert not (root / "data").exists()
    assert [known(), known(), known(running=False)] == [1, 0, 1]
    monkeypatch.setattr(versions, "reference_version", lambda: "another")
    assert [known(), known()] == [1, 0]
