"""One child reads a batch within bounds; whatever a file does to it, the parent lives and the other files are read."""

import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from dti_platform.reading import Book, Form, Request, Unreadable, read_batch, read_file
from dti_platform.reading.sandbox import Limits, Task, ask_batch, parent

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
CSV = "đơn vị,giá trị\nHuế,1\n".encode()
FEEDS = Path(__file__).parents[2] / "data" / "feeds"


def outcome(found: Book | Unreadable) -> str:
    return found.reason if isinstance(found, Unreadable) else "read"


def test_what_comes_back_is_what_would_have_been_read_here(made: Made) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Bảng")
        sheet.write_row("B2", ["4.10", 4.1, True, "=1+1"])
        sheet.write_datetime("A4", child_day(), workbook.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.merge_range("A6:C6", "x")
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_row(3, None, None, {"hidden": True})
        workbook.add_worksheet("Ẩn").hide()

    files = [made(fill), CSV, b'{"unit": "VN63-19", "rows": [{"code": "4.10", "self": 4.50, "note": null}]}']
    found = list(read_batch([Request(content, "file") for content in files]))
    assert found == [read_file(content, "file") for content in files]


def child_day() -> object:
    import datetime as dt

    return dt.datetime.fromisoformat("2022-12-31")


def test_every_committed_file_comes_back_the_same() -> None:
    paths = sorted(FEEDS.glob("*/*/*.*"))[::7]
    requests = [Request(path.read_bytes(), path.name) for path in paths]
    for request, found in zip(requests, read_batch(requests), strict=True):
        assert found == read_file(request.content, request.name)


def test_known_names_and_a_declared_encoding_reach_the_child() -> None:
    content = "đơn vị,x\nThái Nguyên,1\n".encode("cp1258", "replace")
    assert outcome(next(read_batch([Request(content, "t.csv")]))) == "not_utf8"
    declared = Request("unit;x\nHu\u00ea\u0301;1\n".encode("cp1258"), "t.csv", Form(";", "windows-1258"))
    book = next(read_batch([declared]))
    assert isinstance(book, Book)
    assert book.sheets[0].rows[1][0].raw == "Huế"


@pytest.fixture
def sabotaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child in which some names make the reader misbehave as a broken library might."""
    tricks = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from dti_platform.reading.sandbox import child
real = child.open_file
def open_file(content, name, form):
    if name == "memory":
        held = [bytearray(2**20) for _ in range(2**12)]
    if name == "crash":
        os.abort()
    if name == "killed":
        os.kill(os.getpid(), 9)
    if name == "loop":
        while True: pass
    if name == "asleep":
        time.sleep(60)
    if name == "disk":
        os.write(os.memfd_create("x"), b"x")
    if name == "liar":
        os.write(answers, b"\\0" * 7 + b"\\xff" + b"x" * 64)
    if name == "babble":
        os.write(answers, (4).to_bytes(8, "little") + b"nope")
    if name == "waits":
        time.sleep(1.2)
    if name == "chatter":
        print("x" * 100_000, flush=True), os.write(1, b"nope"), sys.stdin.read()
    return real(content, name, form)
child.open_file = open_file
answers = os.dup(1)
child.serve(int(sys.argv[2]), int(sys.argv[3]))
"""
    monkeypatch.setattr(parent, "_MAIN", tricks)


#: How each culprit is refused; what only waits longer than it may compute, or babbles where nobody listens, is read.
CULPRITS = {
    "memory": "too_large", "crash": "unsafe", "killed": "unsafe", "loop": "unsafe", "disk": "unsafe", "liar": "unsafe",
    "babble": "unsafe", "chatter": "read", "waits": "read",
}  # fmt: skip


@pytest.mark.usefixtures("sabotaged")
def test_only_the_culprits_are_refused() -> None:
    names = [name for culprit in CULPRITS for name in (culprit, f"after {culprit}")]
    found = read_batch([Request(CSV, name) for name in names], Limits(cpu=0, wall=30.0))
    assert dict(zip(names, map(outcome, found), strict=True)) == {name: CULPRITS.get(name, "read") for name in names}


@pytest.mark.usefixtures("sabotaged")
def test_a_batch_that_begins_while_a_file_has_ended_the_child_is_read() -> None:
    limits = Limits(wall=30.0)
    outer = read_batch([Request(CSV, name) for name in ("before", "killed", "between", "asleep", "after")], limits)
    for culprit in ("killed", "asleep"):
        assert outcome(next(outer)) == "read"
        (child,) = parent._children.values()
        child.limits = replace(limits, wall=0.3)  # one that has started need not be waited for any longer
        assert outcome(next(outer)) == "unsafe", culprit
        assert outcome(next(read_batch([Request(CSV, "inside")], limits))) == "read"
    assert [outcome(each) for each in outer] == ["read"]


def test_a_busy_machine_refuses_no_file() -> None:
    assert Limits().wall >= 20 * Limits().cpu


def test_a_child_that_does_not_start_refuses_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_MAIN", "raise SystemExit(1)")
    task = Task("m:f", b"x" * 2**20)
    assert [outcome(each.opened) for each in ask_batch([Request(CSV, "a"), Request(CSV, "b")], task)] == ["unsafe"] * 2


def test_the_child_ends_with_its_batch() -> None:
    before = children()
    batch = read_batch([Request(CSV, "a"), Request(CSV, "b")])
    next(batch)
    assert children() - before
    batch.close()  # type: ignore[attr-defined]
    assert not children() - before


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.mark.heavy
def test_a_sheet_as_large_as_allowed_fits_the_memory_of_the_child(made: Made) -> None:
    rows, columns = 10_000, 50

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("S")
        for row in range(rows):
            sheet.write_row(row, 0, range(columns))

    book = next(read_batch([Request(made(fill), "t.xlsx")]))
    assert isinstance(book, Book)
    assert sum(len(row) for row in book.sheets[0].rows) == rows * columns


def test_a_head_that_lies_about_its_size_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    lie = f"import sys; sys.stdout.buffer.write({struct.pack('<Q', 2**40)!r})"
    monkeypatch.setattr(parent, "_MAIN", lie)
    assert outcome(next(read_batch([Request(CSV, "t.csv")]))) == "unsafe"
