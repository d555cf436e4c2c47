"""Whatever is altered afterwards is found, and what is corrupt is never read as if it were not."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785

from dti_platform.storage import Corrupt, Head, Store
from dti_platform.storage.files import digest
from tests.storage.samples import DESCRIPTIONS, ranking, tables

Tell = Callable[[str], None]
Edit = Callable[[Path, random.Random], None]


@pytest.fixture
def written(store: Store) -> Store:
    """Receipts, three releases and some other entries."""
    for version in range(3):
        for number in range(4):
            content = f"{version}-{number}".encode()
            store.landing.receive(content, feed="f", period="2022", name=f"{number}.csv")
        store.ledger.append("run", {"version": version})
        store.releases.publish(tables(version), DESCRIPTIONS, record={"version": version})
    store.ledger.append("run", {"version": "last"})
    return store


def some(root: Path, pattern: str, chance: random.Random) -> Path:
    return chance.choice(sorted(path for path in root.glob(pattern) if path.is_file()))


ENTRIES, LANDED, RELEASED = "ledger/*.json", "landing/*/*", "published/releases/*/**/*"


def flip(pattern: str) -> Edit:
    def edit(root: Path, chance: random.Random) -> None:
        path = some(root, pattern, chance)
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)

    return edit


def truncate(pattern: str) -> Edit:
    def edit(root: Path, chance: random.Random) -> None:
        path = some(root, pattern, chance)
        path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])

    return edit


def remove(pattern: str) -> Edit:
    def edit(root: Path, chance: random.Random) -> None:
        some(root, pattern, chance).unlink()

    return edit


def swap(pattern: str) -> Edit:
    def edit(root: Path, chance: random.Random) -> None:
        one, other = some(root, pattern, chance), some(root, pattern, chance)
        while one.read_bytes() == other.read_bytes():
            other = some(root, pattern, chance)
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)

    return edit


def cut_off(root: Path, chance: random.Random) -> None:
    """The last entries are gone, as if they had never been."""
    entries = sorted(root.glob(ENTRIES))
    for path in entries[chance.randrange(len(entries)) :]:
        path.unlink()


def rewrite(root: Path, chance: random.Random) -> None:
    """One entry says something else, and all after it are chained anew: no fault but against a known head."""
    entries = sorted(root.glob(ENTRIES))
    first = chance.randrange(len(entries))
    previous = "0" * 64 if not first else digest(entries[first - 1].read_bytes())
    for path in entries[first:]:
        entry = json.loads(path.read_bytes())
        entry |= {"previous": previous} | ({"at": "2021-01-01T00:00:00Z"} if path == entries[first] else {})
        path.write_bytes(rfc8785.dumps(entry))
        previous = digest(path.read_bytes())


def pretty(root: Path, chance: random.Random) -> None:
    """The same entry in another spelling."""
    path = some(root, ENTRIES, chance)
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))


def slip_in(root: Path, chance: random.Random) -> None:
    """A file more: in the ledger, among the releases, or in one of them."""
    content = some(root, RELEASED, chance).read_bytes()
    release = chance.choice(sorted((root / "published/releases").iterdir()))
    inside = [release / "more.parquet", release / "illustrative" / "more.parquet"]
    chance.choice([root / "ledger/0.json", *inside, release.with_name("0009-forged")]).write_bytes(content)


def point_back(root: Path, chance: random.Random) -> None:
    """``latest`` points to an older release."""
    link = root / "published/latest"
    link.unlink()
    link.symlink_to(Path("releases", chance.choice(sorted((root / "published/releases").iterdir())[:-1]).name))


def lose_release(root: Path, chance: random.Random) -> None:
    shutil.rmtree(chance.choice(sorted((root / "published/releases").iterdir())))


EDITS: dict[str, Edit] = {
    **{f"flip {pattern}": flip(pattern) for pattern in (ENTRIES, LANDED, RELEASED)},
    **{f"truncate {pattern}": truncate(pattern) for pattern in (ENTRIES, LANDED, RELEASED)},
    **{f"remove {pattern}": remove(pattern) for pattern in (ENTRIES, LANDED, RELEASED)},
    **{f"swap {pattern}": swap(pattern) for pattern in (ENTRIES, LANDED, RELEASED)},
    **{edit.__name__: edit for edit in (cut_off, rewrite, pretty, slip_in, point_back, lose_release)},
}


@pytest.mark.parametrize("edits", [54, pytest.param(1000, marks=pytest.mark.heavy)])
def test_p11_every_edit_is_found_against_the_last_known_head(
    written: Store, tmp_path: Path, tell: Tell, edits: int
) -> None:
    known = Head.parse(str(written.ledger.head()))
    assert written.verify(known) == []
    chance, made = random.Random(edits), Counter[str]()
    for number in range(edits):
        name = list(EDITS)[number % len(EDITS)]
        root = tmp_path / "edited"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(written.root, root, symlinks=True)
        EDITS[name](root, chance)
        assert Store(root).verify(known), f"edit {number} ({name}) was not found"
        made[name] += 1
    tell(f"P11: {edits} edits of {len(made)} kinds, all found against the last known head")


def test_growth_after_the_known_head_is_no_fault(written: Store) -> None:
    known = written.ledger.head()
    written.ledger.append("run", {})
    assert Store(written.root).verify(known) == []


@pytest.mark.parametrize(("flips", "cuts"), [(40, 10), pytest.param(400, 50, marks=pytest.mark.heavy)])
def test_p15_no_corrupt_table_is_read(store: Store, tell: Tell, flips: int, cuts: int) -> None:
    info = store.tables.write("scores", 2022, ranking())
    release = store.releases.publish(tables(), DESCRIPTIONS, record={})
    readers: list[tuple[Path, Callable[[], object]]] = [
        (info.path, lambda: store.tables.read("scores", 2022)),
        *[
            (release.path / f"{name}.parquet", lambda name=name: store.releases.open().table(name))
            for name in store.releases.open().tables
        ],
        (release.path / "datapackage.json", lambda: store.releases.open().descriptor),
    ]
    chance = random.Random(400)
    for path, read in readers:
        whole = path.read_bytes()
        for content in damaged(whole, chance, flips, cuts):
            path.write_bytes(content)
            with pytest.raises(Corrupt, match=path.name):
                read()
        path.write_bytes(whole)
        read()
    tell(f"P15: {flips} flips and {cuts} truncations of each of {len(readers)} files: 0 read")


def damaged(whole: bytes, chance: random.Random, flips: int, cuts: int) -> list[bytes]:
    found: list[bytes] = []
    for _ in range(flips):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        found.append(bytes(content))
    return found + [whole[: chance.randrange(len(whole))] for _ in range(cuts)]


def test_a_table_recorded_before_the_last_is_not_read_in_its_place(store: Store) -> None:
    first = store.tables.write("scores", 2022, ranking())
    second = store.tables.write("scores", 2022, ranking(1))
    second.path.write_bytes(first.path.read_bytes())
    with pytest.raises(Corrupt, match="not those that were written"):
        store.tables.read("scores", 2022)
