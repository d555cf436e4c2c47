"""Files changed at random, as their formats are built: each is read or refused, and never read as something else.

A part of a zip is held by its checksum, so a flipped byte must be refused or change nothing. Where a change makes
another workbook, an independent reader must see in it what ours sees.
"""

import datetime as dt
import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from dti_platform.reading import Book, Request, Unreadable, read_batch
from tests.reading.xls_by_hand import formula, label, number, record, wide, workbook

PROJECT = Path(__file__).parents[2]
Mutation = Callable[[bytes, random.Random], bytes]
NASTY = [
    "", "0", "-1", "1e999", "NaN", "1_0", "٣", "99999999999", "A1", "XFD1048576", "A0", "ZZZ9", "s", "inlineStr", "é",
    "true", "../x", "&#x41;", " ", "0x10", "1,5", "#DIV/0!",
]  # fmt: skip


def xlsx() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Bảng điểm")
        sheet.write_row("A1", ["Mã", "Chỉ tiêu", "Điểm"])
        for row in range(1, 9):
            sheet.write_row(row, 0, [f"{row}.10", "Tên chỉ tiêu", row / 7])
        sheet.write_datetime(
            "D2", dt.datetime.fromisoformat("2022-12-31"), book.add_format({"num_format": "dd/mm/yyyy"})
        )
        sheet.write_formula("D3", "=1+1", None, 2)
        sheet.write_boolean("D4", True)
        sheet.merge_range("E1:F1", "Ghi chú")
        book.add_worksheet("Khác").write("B2", "x")
    return buffer.getvalue()


def xls() -> bytes:
    strings = record(0x00FC, struct.pack("<II", 2, 2) + wide("Hà Nội") + wide("Huế"))
    cells = [record(0x00FD, struct.pack("<HHHI", row, 0, 0, row % 2)) for row in range(8)]
    cells += [number(row, 1, row / 7) for row in range(8)] + [
        formula(0, 2, struct.pack("<d", 2.5)),
        label(1, 2, "4.10"),
    ]
    return workbook(cells, declared=[strings])


def flip(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(4, len(content))]


def double(content: bytes, chance: random.Random) -> bytes:
    first, last = sorted(chance.sample(range(len(content)), 2))
    return content[:last] + content[first:last] + content[last:]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, part in entries:
            archive.writestr(name, part)
    return buffer.getvalue()


def entries(content: bytes, chance: random.Random) -> bytes:
    """An entry is lost, doubled, renamed, emptied, or has another's content."""
    held = list(parts(content).items())
    at, other = chance.randrange(len(held)), chance.randrange(len(held))
    name, part = held[at]
    changed = [[], [held[at], held[at]], [(name.upper(), part)], [(name, b"")], [(name, held[other][1])]]
    return packed([*held[:at], *chance.choice(changed), *held[at + 1 :]])


def markup(content: bytes, chance: random.Random) -> bytes:
    """In one XML part: an attribute gets another value, an element is lost or doubled, a text changes."""
    held = parts(content)
    name = chance.choice([each for each in held if each.endswith((".xml", ".rels")) and "docProps" not in each])
    text = held[name].decode()
    places = list(chance.choice(MARKS).finditer(text))
    if places:
        match = chance.choice(places)
        new = chance.choice([NASTY[chance.randrange(len(NASTY))], "", match[0] * 2, match[0][1:], match[0][:-1]])
        text = text[: match.start()] + new + text[match.end() :]
    if chance.random() < 0.1:
        at = text.find("?>") + 2
        text = text[:at] + chance.choice(["<!DOCTYPE a>", "<!-- x -->", "<?x y?>", "<a>"]) + text[at:]
    return packed([(each, text.encode() if each == name else part) for each, part in held.items()])


MARKS = [
    re.compile(r'(?<==")[^"]*(?=")'),
    re.compile(r"<[^>]+/>"),
    re.compile(r"(?<=>)[^<]+(?=<)"),
    re.compile(r"</?\w+>"),
]


def records(content: bytes, chance: random.Random) -> bytes:
    """A record of an old workbook says something else: its kind, its length, or its body."""
    at = chance.randrange(512 * 3, len(content) - 8)
    new = chance.choice([b"\xff\xff", b"\0\0", struct.pack("<H", chance.randrange(2**16)), b"\x09\x08", b"\xfc\0"])
    return content[:at] + new + content[at + 2 :]


def signs(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    new = chance.choice(
        [b'"', b"\0", b"\r", b",", b"\xff", b"\xef\xbb\xbf", b"{", b"]", b"\\", b"\n\n", b":", b"\\ud800"]
    )
    return content[:at] + new + content[at + chance.randrange(2) :]


CSV = (PROJECT / "data" / "feeds" / "national_report" / "2022-S1" / "indicators.csv").read_bytes()
JSON = b'[{"code": "4.10", "self": 4.5, "note": null}, {"code": "4.2", "self": 1e2, "note": "Hu\\u1ebf"}]'
KINDS: dict[str, tuple[Callable[[], bytes], Mutation]] = {
    "xlsx flip": (xlsx, flip), "xlsx cut": (xlsx, cut), "xlsx double": (xlsx, double),
    "xlsx entries": (xlsx, entries), "xlsx markup": (xlsx, markup),
    "xls flip": (xls, flip), "xls cut": (xls, cut), "xls double": (xls, double), "xls records": (xls, records),
    "csv flip": (lambda: CSV, flip), "csv cut": (lambda: CSV, cut), "csv signs": (lambda: CSV, signs),
    "json flip": (lambda: JSON, flip), "json cut": (lambda: JSON, cut), "json signs": (lambda: JSON, signs),
}  # fmt: skip
HELD_BY_CHECKSUM = ("xlsx flip", "xlsx cut", "xlsx double")


def mutants(kind: str, count: int) -> Iterator[bytes]:
    make, mutate = KINDS[kind]
    content, chance = make(), random.Random(kind)
    return (mutate(content, chance) for _ in range(count))


def cells(book: Book) -> dict[tuple[str | None, int, int], object]:
    return {(cell.sheet, cell.row, cell.column): same(cell.value) for cell in book.cells() if cell.kind != "error"}


def same(value: object) -> object:
    """Openpyxl gives a day as the midnight that begins it."""
    whole = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return dt.datetime.combine(value, dt.time()) if whole else value


def check(kind: str, count: int) -> dict[str, int]:
    """Reads the mutants in one batch; counts how they end."""
    files = list(mutants(kind, count))
    original, *found = read_batch([Request(KINDS[kind][0](), kind), *(Request(content, kind) for content in files)])
    assert isinstance(original, Book)
    ends: dict[str, int] = {}
    for content, each in zip(files, found, strict=True):
        ends[end] = ends.get(end := each.reason if isinstance(each, Unreadable) else "read", 0) + 1
        if isinstance(each, Book) and kind in HELD_BY_CHECKSUM:
            assert cells(each) == cells(original)
        if isinstance(each, Book) and kind == "xlsx markup" and cells(each) != cells(original):
            theirs = seen_by_another(content)
            assert theirs is None or cells(each).items() <= theirs.items()
    return ends


def seen_by_another(content: bytes) -> dict[tuple[str | None, int, int], object] | None:
    """What openpyxl sees; None where it fails."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception:  # noqa: BLE001 - whatever a foreign reader raises of a broken file
        return None
    return {
        (sheet.title, cell.row, cell.column): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_is_read_or_refused(kind: str) -> None:
    ends = check(kind, 20)
    assert sum(ends.values()) == 20


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
def test_700_mutants_of_each_kind_are_read_or_refused(kind: str) -> None:
    assert len(KINDS) * 700 >= 10_000
    ends = check(kind, 700)
    assert sum(ends.values()) == 700
    assert "unsafe" not in ends
