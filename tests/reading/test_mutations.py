"""Files changed at random, as their formats are built: each is read or refused, and never read as something else.

Every mutant that is read is laid beside what readers that are not ours see in the same bytes, in both directions: the
same value in every place, and no place that only one of them fills (``comparing`` names what either may leave out).
A part of a zip is held by its checksum besides, so a change of its bytes must be refused or change nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dti_platform.reading import Book, Request, Unreadable, read_batch
from dti_platform.reading.sandbox import parent
from tests.reading.comparing import differences, placed
from tests.reading.mutations import KINDS, mutants
from tests.reading.peers import look

FEW, MANY = 20, 700
HELD_BY_CHECKSUM = ("xlsx flip", "xlsx cut", "xlsx double")


@dataclass
class Proof:
    """How mutants of a kind ended, how many that were read another reader could read too, and what differed."""

    ends: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    differing: list[Any] = field(default_factory=list)


def prove(kinds: Sequence[str], count: int) -> dict[str, Proof]:
    """Reads so many mutants of each kind, in one batch of ours and in one of the others."""
    files = [(kind, content) for kind in kinds for content in mutants(kind, count)]
    originals = {
        kind: cells(found) for kind, found in zip(kinds, read([KINDS[kind][0]() for kind in kinds]), strict=True)
    }
    contents = [content for _, content in files]
    proofs = {kind: Proof() for kind in kinds}
    for (kind, _), found, seen in zip(files, read(contents), look(contents), strict=True):
        proof = proofs[kind]
        proof.ends[found.reason if isinstance(found, Unreadable) else "read"] += 1
        if isinstance(found, Unreadable):
            continue
        proof.compared += bool(seen)
        proof.differing += [(peer, each) for peer, theirs in seen.items() for each in differences(found, peer, theirs)]
        if kind in HELD_BY_CHECKSUM and cells(found) != originals[kind]:
            proof.differing.append((kind, cells(found)))
    return proofs


def read(contents: Sequence[bytes]) -> Iterator[Book | Unreadable]:
    """In the child, whose memory is looked at after every file."""
    with pytest.MonkeyPatch.context() as patch:
        started: list[int] = []
        start = parent._Child.start
        patch.setattr(parent._Child, "start", lambda limits, task: noted(start(limits, task), started))
        for found in read_batch([Request(content, "mutant") for content in contents]):
            assert peak(started[-1]) <= 512 * 2**20
            yield found


def noted(made: Any, started: list[int]) -> Any:
    started.append(made.process.pid)
    return made


def peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes; of one that ended nothing is known but its bound."""
    said = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(said.get("VmPeak", "0 kB").split()[0]) * 1024


def cells(found: Book | Unreadable) -> dict[Any, Any]:
    assert isinstance(found, Book)
    return {place: (cell.raw, cell.kind) for place, cell in placed(found)}


@pytest.fixture(scope="module")
def few() -> dict[str, Proof]:
    return prove(list(KINDS), FEW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_is_refused_or_read_as_others_read_it(kind: str, few: dict[str, Proof]) -> None:
    assert few[kind].ends.total() == FEW
    assert "unsafe" not in few[kind].ends
    assert few[kind].differing == []


def test_readers_that_are_not_ours_read_most_of_them_too(few: dict[str, Proof]) -> None:
    assert (
        sum(proof.compared for proof in few.values()) >= 0.9 * sum(proof.ends["read"] for proof in few.values()) >= 100
    )


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
def test_700_mutants_of_each_kind_are_refused_or_read_as_others_read_them(kind: str) -> None:
    assert len(KINDS) * MANY >= 10_000
    proof = prove([kind], MANY)[kind]
    print(f"\n{kind}: {proof.compared} of {proof.ends['read']} read ones compared; {dict(proof.ends)}")  # noqa: T201
    assert proof.ends.total() == MANY
    assert "unsafe" not in proof.ends
    assert 0 < proof.ends["read"] < MANY, "the kind proves nothing"
    assert proof.compared >= 0.9 * proof.ends["read"]
    assert proof.differing == []


def test_a_difference_would_be_seen() -> None:
    """The proof itself: a value that is altered, a cell that is lost and one that is added, on either side."""
    contents = [KINDS[kind][0]() for kind in ("xlsx markup", "xls records", "csv quoting", "json spelling")]
    for book, peers in zip(read(contents), look(contents), strict=True):
        assert isinstance(book, Book)
        for peer, seen in peers.items():
            assert differences(book, peer, seen) == []
            place = next(
                place for place, cell in placed(book) if cell.kind == "number" or peer in ("rfc4180", "python_csv")
            )
            lost = {where: value for where, value in seen.items() if where != place}
            altered = [lost, {**seen, place: "x"}, {**seen, place: True}, {**seen, (place[0], 99, 99): 1}]
            assert [len(differences(book, peer, each)) for each in altered] == [1, 1, 1, 1]
