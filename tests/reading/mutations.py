"""Files to change, and changes at random as their formats are built: bytes, parts, markup, records, sectors."""

import datetime as dt
import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator

import xlsxwriter

from tests.reading.text_mutations import CSV, JSON, quoting, signs, spelling
from tests.reading.xls_by_hand import boolerr, formula, label, number, record, wide, workbook

__all__ = ["KINDS", "mutants"]

Mutation = Callable[[bytes, random.Random], bytes]
NASTY = [
    "", "0", "-1", "1e999", "NaN", "1_0", "٣", "99999999999", "A1", "XFD1048576", "A0", "ZZZ9", "s", "inlineStr", "é",
    "true", "../x", "&#x41;", " ", "0x10", "1,5", "#DIV/0!", "1", "2", "str", "B2", "60", "1e-5", "_x0041_",
]  # fmt: skip


def xlsx() -> bytes:
    """Every type of cell, in two sheets; the values of formulas are said to be calculated."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Bảng điểm")
        sheet.write_row("A1", ["Mã", "Chỉ tiêu", "Điểm"])
        for row in range(1, 9):
            sheet.write_row(row, 0, [f"{row}.10", "Tên chỉ tiêu", row / 7])
        sheet.write_datetime("D2", dt.datetime.fromisoformat("2022-12-31"), day)
        sheet.write_formula("D3", "=1+1", None, 2)
        sheet.write_boolean("D4", True)
        sheet.write_formula("D5", "=1/0", None, "#DIV/0!")
        sheet.merge_range("E1:F1", "Ghi chú")
        book.add_worksheet("Khác").write("B2", "x")
    part = "xl/workbook.xml"
    held = parts(buffer.getvalue())
    held[part] = held[part].replace(b'fullCalcOnLoad="1"', b'fullCalcOnLoad="0"')
    return packed(list(held.items()), comment=b"x" * 400)


def xls() -> bytes:
    """Likewise, by the records of an old workbook."""
    strings = record(0x00FC, struct.pack("<II", 3, 3) + wide("Hà Nội") + wide("Huế") + struct.pack("<HB", 2, 0) + b"ab")
    days = record(0x041E, struct.pack("<H", 164) + wide("dd/mm/yyyy"))
    styles = [record(0x00E0, struct.pack("<HH", 0, form) + b"\0" * 16) for form in (0, 164)]
    cells = [record(0x00FD, struct.pack("<HHHI", row, 0, 0, row % 3)) for row in range(8)]
    cells += [number(row, 1, row / 7) for row in range(8)]
    cells += [formula(0, 2, struct.pack("<d", 2.5)), label(1, 2, "4.10"), number(2, 2, 44926, style=1)]
    cells += [boolerr(3, 2, 1, error=False), boolerr(4, 2, 7, error=True), label(5, 2, "Đà Nẵng")]
    cells += [record(0x00BD, struct.pack("<HHHIHIH", 6, 2, 0, 5 << 2 | 2, 0, 1234 << 2 | 3, 3))]
    cells += [formula(7, 2, b"\0\0\0\0\0\0\xff\xff"), record(0x0207, wide("Cần Thơ"))]
    return (
        workbook(cells, declared=[days, *styles, strings], sheet="Bảng", more={"Khác": [label(1, 1, "x")]})
        + b"\0" * 128
    )


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


def packed(entries: list[tuple[str, bytes]], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, part in entries:
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return buffer.getvalue()


def entries(content: bytes, chance: random.Random) -> bytes:
    """An entry is lost, doubled, renamed, emptied, or has another's content."""
    held = list(parts(content).items())
    at, other = chance.randrange(len(held)), chance.randrange(len(held))
    name, part = held[at]
    changed = [[], [held[at], held[at]], [(name.upper(), part)], [(name, b"")], [(name, held[other][1])]]
    return packed([*held[:at], *chance.choice(changed), *held[at + 1 :]])


MARKS = [
    re.compile(r'(?<==")[^"]*(?=")'),
    re.compile(r"<[^>]+/>"),
    re.compile(r"(?<=>)[^<]+(?=<)"),
    re.compile(r"</?\w+>"),
    re.compile(r"<(?:c|row|si|sheet|xf|Relationship)\b.*?>"),
]


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


#: Where the stream of ``xls`` begins: behind the header, the table of sectors and the directory.
TABLE, DIRECTORY, STREAM = 512, 1024, 1536


def words(content: bytes, chance: random.Random) -> bytes:
    """Two bytes anywhere in the stream of an old workbook are others, as a record's kind or length would be."""
    at = chance.randrange(STREAM, len(content) - 8)
    new = chance.choice([b"\xff\xff", b"\0\0", struct.pack("<H", chance.randrange(2**16)), b"\x09\x08", b"\xfc\0"])
    return content[:at] + new + content[at + 2 :]


def places(content: bytes) -> list[tuple[int, int, int]]:
    """Of every record of ``xls``: where it begins, its kind, and its length."""
    found, at = [], STREAM
    while at + 4 <= len(content) and content[at : at + 4] != b"\0\0\0\0":
        kind, size = struct.unpack_from("<HH", content, at)
        found.append((at, kind, size))
        at += 4 + size
    return found


def records(content: bytes, chance: random.Random) -> bytes:
    """A record has another length, place, string, style, kind or offset; is lost, doubled, moved, or cut in two."""
    held = places(content)
    at, kind, size = chance.choice(held)
    low = chance.choice([0, 1, 2, 3, 7, 255, 256, 0xFFFF, chance.randrange(2**16)])
    other, _, other_size = chance.choice(held)
    body, rest = content[at : at + 4 + size], content[at + 4 + size :]
    before, word = content[:at], struct.pack("<H", low)
    changed = [
        before
        + body[:2]
        + struct.pack("<H", max(0, size + chance.choice([-2, -1, 1, 2, low]) & 0xFFFF))
        + body[4:]
        + rest,
        before + body[:4] + word + body[6:] + rest,
        before + body[:6] + word + body[8:] + rest,
        before + body[:8] + word + body[10:] + rest,
        before + body[:10] + word + body[12:] + rest,
        before + word + body[2:] + rest,
        before + body * 2 + rest[: -len(body)],
        before + rest + b"\0" * len(body),
        before + content[other : other + 4 + other_size] + body + rest[: -4 - other_size],
        before + halved(body, chance) + rest[:-4],
    ]
    if kind == 0x0085:
        changed = [
            before + body[:4] + struct.pack("<I", other - STREAM + chance.choice([0, 0, 1, low])) + body[8:] + rest
        ]
    return chance.choice(changed)


def halved(body: bytes, chance: random.Random) -> bytes:
    """A record that goes on in another: as a string may, or as nothing may."""
    cut = chance.randrange(4, len(body) + 1)
    more = struct.pack("<HH", chance.choice([0x003C, 0x003C, 0x000A, 0x0809]), len(body) - cut) + body[cut:]
    return body[:2] + struct.pack("<H", cut - 4) + body[4:cut] + more


def sectors(content: bytes, chance: random.Random) -> bytes:
    """The container says something else: of its header, of which sector follows which, or of where a stream lies."""
    at = chance.choice([
        chance.randrange(24, 80) & ~1,
        TABLE + 4 * chance.randrange(24),
        DIRECTORY + 128 * chance.randrange(2) + chance.choice([0, 2, 64, 66, 116, 120, 122]),
    ])  # fmt: skip
    new = struct.pack("<H", chance.choice([0, 1, 2, 3, 5, 9, 12, 64, 512, 4096, 0xFFFE, 0xFFFF, chance.randrange(40)]))
    return content[:at] + new + content[at + 2 :]


KINDS: dict[str, tuple[Callable[[], bytes], Mutation]] = {
    "xlsx flip": (xlsx, flip), "xlsx cut": (xlsx, cut), "xlsx double": (xlsx, double),
    "xlsx entries": (xlsx, entries), "xlsx markup": (xlsx, markup),
    "xls flip": (xls, flip), "xls cut": (xls, cut), "xls double": (xls, double), "xls words": (xls, words),
    "xls records": (xls, records), "xls sectors": (xls, sectors),
    "csv flip": (lambda: CSV, flip), "csv cut": (lambda: CSV, cut), "csv signs": (lambda: CSV, signs),
    "csv quoting": (lambda: CSV, quoting),
    "json flip": (lambda: JSON, flip), "json cut": (lambda: JSON, cut), "json signs": (lambda: JSON, signs),
    "json spelling": (lambda: JSON, spelling),
}  # fmt: skip


def mutants(kind: str, count: int) -> Iterator[bytes]:
    """The same ones every time."""
    make, mutate = KINDS[kind]
    content, chance = make(), random.Random(kind)
    return (mutate(content, chance) for _ in range(count))
