"""Files made to take a process down, each by its name: the parent lives, the child stays within its bounds."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
import xlsxwriter

from dti_platform.reading import Book, Request, Unreadable, read_batch
from dti_platform.reading.sandbox import Limits
from tests.reading.xls_by_hand import label, number, record, wide, workbook
from tests.reading.zips_by_hand import Entry, entries_of, lying, one_inside_another, written

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
MB = 2**20


def plain() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("S").write("A1", "x")
    return buffer.getvalue()


def with_parts(parts: dict[str, bytes], *, level: int = 9) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as old, zipfile.ZipFile(buffer, "w", 8, compresslevel=level) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return buffer.getvalue()


def sheet(data: str, before: str = "", after: str = "") -> dict[str, bytes]:
    return {SHEET: f"<worksheet {MAIN}>{before}<sheetData>{data}</sheetData>{after}</worksheet>".encode()}


def cell(content: str = "<v>1</v>", attributes: str = 'r="A1"') -> str:
    return f'<row r="1"><c {attributes}>{content}</c></row>'


def overlapping() -> bytes:
    """Many entries of the directory that share one body."""
    body = zlib.compress(b"0" * MB, 9)[2:-4]
    crc = zlib.crc32(b"0" * MB)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), MB, 5, 0) + b"a.bin" + body
    central = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(body), MB, 5, 0, 0, 0, 0, 0, 0)
        + name
        for name in (f"{n:05d}".encode() for n in range(1_000))
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1_000, 1_000, len(central), len(local), 0)
    return local + central + end


def locked() -> bytes:
    content = plain()
    at = content.index(b"PK\1\2")
    return content[: at + 8] + struct.pack("<H", 1) + content[at + 10 :]


def duplicated() -> bytes:
    buffer = io.BytesIO(plain())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    return buffer.getvalue()


def looping_xls() -> bytes:
    content = bytearray(workbook([label(0, 0, "x")]))
    struct.pack_into("<I", content, 512 + 4 * 4, 2)
    return bytes(content)


def strings(size: int) -> bytes:
    """A workbook with one string of so many MiB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in set(old.namelist()) - {STRINGS}:
            new.writestr(name, old.read(name))
        with new.open(STRINGS, "w") as part:
            part.write(f"<sst {MAIN}><si><t>".encode())
            for _ in range(size):
                part.write(b"x" * MB)
            part.write(b"</t></si></sst>")
    return buffer.getvalue()


def merges(count: int) -> bytes:
    areas = '<mergeCell ref="A1:XFD1048576"/>' * count
    return with_parts(sheet(cell(), after=f"<mergeCells>{areas}</mergeCells>"))


def brackets() -> bytes:
    form = f'<numFmts><numFmt numFmtId="164" formatCode="{"[" * MB}"/></numFmts>'
    styles = f'<styleSheet {MAIN}>{form}<cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>'
    return with_parts({"xl/styles.xml": styles.encode()})


def attributes() -> bytes:
    row = " ".join(f"a{number}='x'" for number in range(10**6))
    return with_parts(sheet(f"<row {row}/>"))


def outside() -> bytes:
    relation = '<Relationship Id="rId1" Type="a/worksheet" Target="../../../../etc/passwd"/>'
    return with_parts({"xl/_rels/workbook.xml.rels": f"<Relationships>{relation}</Relationships>".encode()})


def doctype(declared: str, text: str) -> bytes:
    return with_parts({SHEET: f"<!DOCTYPE w [{declared}]><w>{text}</w>".encode()})


def zipped(change: Callable[[Entry], Entry] = lambda each: replace(each, zip64=True), *, zip64: bool = False) -> bytes:
    return written(entries_of(plain(), change), zip64=zip64)


def short() -> bytes:
    """A sheet of which a reader that trusts the directory sees the first half, well-formed, and another the whole."""
    half = f"<worksheet {MAIN}><sheetData>{cell()}</sheetData></worksheet>".encode()
    whole = half + b" " * 9 + f"<!--{'x' * 99}-->".encode()
    entries = entries_of(with_parts({SHEET: whole}))
    return written(lying(each, len(half)) if each.name == SHEET.encode() else each for each in entries)


def empty(number: int) -> Entry:
    return Entry(b"x/%d" % number, b"", 0, 0, method=0)


def with_dictionary(entry: Entry) -> Entry:
    """The content of an lzma stream that asks for four gigabytes before it says a thing."""
    return replace(entry, method=14, content=struct.pack("<HHBI", 9, 5, 93, 2**32 - 1) + entry.content)


def styles(count: int) -> dict[str, bytes]:
    fonts = '<font><name val=".VnTime"/></font>' * count
    used = "".join(f'<xf fontId="{n}" numFmtId="{n % 50}"/>' for n in range(count))
    part = f'<styleSheet {MAIN}><fonts count="9">{fonts}</fonts><cellXfs>{used}</cellXfs></styleSheet>'
    return {"xl/styles.xml": part.encode(), **sheet(cell("<v>1</v>", f'r="A1" s="{count - 1}"'))}


def merged_again(count: int) -> bytes:
    rows = "".join(f'<row r="{n}"><c r="CV{n}"><v>1</v></c></row>' for n in range(1, 101))
    ranges = '<mergeCell ref="A1:XFD1048576"/>' * count
    return with_parts(sheet(rows, "", f"<mergeCells>{ranges}</mergeCells>"))


def runs(count: int, inside: str) -> bytes:
    run = f'<r><rPr><rFont val="VNI-Times"/></rPr>{inside}</r>'
    text = f"<sst {MAIN}><si>{run * count}</si></sst>"
    return with_parts({STRINGS: text.encode(), **sheet(cell("<v>0</v>", 'r="A1" t="s"'))})


def namespaces() -> bytes:
    declared = " ".join(f"xmlns:n{n}='u{n}' n{n}:a='x'" for n in range(3_000))
    return with_parts(sheet(f"<row {declared}/>"))


def different_keys() -> bytes:
    return b"[" + b",".join(b'{"%d":1}' % n for n in range(10**6)) + b"]"


def like_keys() -> bytes:
    return b"[{" + b",".join(b'"a%s":1' % (b" " * n) for n in range(3_000)) + b"}]"


def many_names(count: int) -> bytes:
    """A workbook that lists its one sheet under many names."""
    with zipfile.ZipFile(io.BytesIO(plain())) as archive:
        book = archive.read("xl/workbook.xml").decode()
    listed = "".join(f'<sheet name="{number:x}" sheetId="{number}" r:id="rId1"/>' for number in range(2, count + 1))
    return with_parts({"xl/workbook.xml": book.replace("</sheets>", f"{listed}</sheets>").encode()})


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
COLUMNS = '<col min="1" max="2147483647" hidden="1"/>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
#: By name: how it is made, and how its reading ends.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip that inflates to 200 MiB": (lambda: with_parts({"xl/media/a.png": b"0" * 200 * MB}), "too_large"),
    "one string of 300 MiB": (lambda: strings(300), "too_large"),
    "one string of 40 MiB": (lambda: strings(40), "text_too_long"),
    "too many entries": (lambda: with_parts({f"x/{n}": b"" for n in range(2_001)}), "too_large"),
    "one sheet under 20,000 names": (lambda: many_names(20_000), "too_large"),
    "one sheet under 1,000 names": (lambda: many_names(1_000), "read"),
    "an archive inside": (lambda: with_parts({"xl/embeddings/a.xlsx": plain()}), "nested_archive"),
    "entries that share one body": (overlapping, "damaged"),
    "an entry twice": (duplicated, "duplicate_entry"),
    "a zip with a password": (locked, "encrypted"),
    "a billion laughs": (lambda: doctype(f'<!ENTITY l0 "l">{LAUGHS}', "&l9;"), "doctype"),
    "an entity from outside": (lambda: doctype('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"), "doctype"),
    "a far cell": (lambda: with_parts(sheet(FAR)), "too_far"),
    "a lying dimension": (lambda: with_parts(sheet(cell(), '<dimension ref="A1:XFD1048576"/>')), "read"),
    "a merged range of the whole sheet": (lambda: merges(1), "read"),
    "200,000 merged ranges": (lambda: merges(200_000), "damaged"),
    "hidden columns again and again": (lambda: with_parts(sheet(cell(), f"<cols>{COLUMNS * 99}</cols>")), "damaged"),
    "hidden columns without end": (lambda: with_parts(sheet(cell(), f"<cols>{COLUMNS}</cols>")), "read"),
    "elements 100,000 deep": (lambda: with_parts(sheet("<a>" * 100_000 + "</a>" * 100_000)), "damaged"),
    "a million empty rows": (lambda: with_parts(sheet("<row/>" * MB)), "read"),
    "a million attributes": (attributes, "too_large"),
    "a number format of brackets": (brackets, "read"),
    "a sheet outside of the archive": (outside, "damaged"),
    "a chain of sectors in a circle": (looping_xls, "damaged"),
    "four billion shared strings": (
        lambda: workbook([], declared=[record(0x00FC, struct.pack("<II", 2**32 - 1, 2**32 - 1) + wide("x"))]),
        "damaged",
    ),
    "a far cell of an old workbook": (lambda: workbook([number(65_535, 255, 1.0)]), "too_far"),
    "a field of 50 MB": (lambda: b"a,b\n" + b"x" * 50 * 10**6 + b",1\n", "text_too_long"),
    "a quote that is never closed": (lambda: b'a,b\n"' + b"x,\n" * 10**6, "text_too_long"),
    "sixty million commas": (lambda: b"," * 60 * 10**6, "too_large"),
    "a file of NUL bytes": (lambda: b"\0" * 10 * MB, "not_text"),
    "JSON a million deep": (lambda: b"[" * 10**6, "too_deep"),
    "JSON that never closes a string of quotes": (lambda: b'[{"a": "' + rb"\"" * 10**6, "damaged"),
    "an integer of a million digits": (lambda: b'[{"a": ' + b"9" * 10**6 + b"}]", "read"),
    "a million keys": (lambda: b"[{" + b",".join(b'"%d":1' % n for n in range(10**6)) + b"}]", "too_large"),
    "zip64": (lambda: zipped(zip64=True), "read"),
    "zip with data descriptors": (
        lambda: written(entries_of(plain(), lambda each: replace(each, described=True))),
        "read",
    ),
    "zip with a wrong checksum": (lambda: zipped(lambda each: replace(each, crc=1)), "damaged"),
    "zip behind other bytes": (lambda: b"PK\3\4" + b"x" * 99 + plain(), "damaged"),
    "zip that says it is smaller than it is": (short, "damaged"),
    "zip that says it is 4 GiB": (lambda: zipped(lambda each: replace(each, size=2**32 - 2)), "damaged"),
    "zip of two names": (lambda: zipped(lambda each: replace(each, own_name=b"x" + each.name)), "damaged"),
    "zip of two sizes": (lambda: zipped(lambda each: replace(each, own_size=each.size + 1)), "damaged"),
    "zip with bytes behind a stream": (lambda: zipped(lambda each: replace(each, trailing=b"x")), "damaged"),
    "an entry inside another": (one_inside_another, "damaged"),
    "zip that says it has no entries": (lambda: written(entries_of(plain()), count=0), "damaged"),
    "70,000 entries": (lambda: written(map(empty, range(70_000)), zip64=True), "too_large"),
    "zip in zstd": (lambda: zipped(lambda each: replace(each, method=93)), "damaged"),
    "lzma with a dictionary of 4 GiB": (lambda: zipped(with_dictionary), "damaged"),
    "2,000 fonts and styles": (lambda: with_parts(styles(2_000)), "read"),
    "a million styles": (lambda: with_parts(styles(10**6)), "read"),
    "a merged range again and again": (lambda: merged_again(2_000), "damaged"),
    "a million runs of one string": (lambda: runs(10**6, "<t>a</t>"), "text_too_long"),
    "a million runs that say nothing": (lambda: runs(10**6, "<t/>"), "read"),
    "runs inside one another": (lambda: runs(1, "<r>" * 5_000 + "</r>" * 5_000), "damaged"),
    "3,000 attributes of one name space each": (namespaces, "too_large"),
    "a comment of 60 MiB": (lambda: with_parts(sheet(cell(), f"<!--{'x' * 60 * MB}-->")), "read"),
    "a prolog of 60 MiB": (lambda: with_parts({SHEET: b"<!--" + b"x" * 60 * MB + b"--><w/>"}), "read"),
    "a CSV of a million columns": (lambda: b",".join(b"c%d" % n for n in range(10**6)) + b"\n", "too_large"),
    "a CSV of 400,000 columns": (lambda: b",".join(b"c%d" % n for n in range(400_000)) + b"\n", "read"),
    "a JSON string of 60 MB": (lambda: b'[{"a": "' + b"x" * 60 * 10**6 + b'"}]', "text_too_long"),
    "a JSON string of 30 MB of escapes": (lambda: b'[{"a": "' + rb"\u0041" * 5 * 10**6 + b'"}]', "text_too_long"),
    "a JSON number of 60 MB": (lambda: b'[{"a": ' + b"9" * 60 * 10**6 + b"}]", "read"),
    "a JSON key of a lone half and a NUL": (lambda: rb'[{"\ud800\u0000": 1}]', "damaged"),
    "a million objects of different keys": (
        lambda: b"[" + b",".join(b'{"%d":1}' % n for n in range(10**6)) + b"]",
        "too_large",
    ),
    "3,000 keys that look alike": (
        lambda: b"[{" + b",".join(b'"a%s":1' % (b" " * n) for n in range(3_000)) + b"}]",
        "duplicate_key",
    ),
    "white space before JSON": (lambda: b" " * 60 * 10**6 + b"[]", "read"),
    "70 MiB of anything": (lambda: b"x" * 70 * MB, "too_large"),
}


def outcome(found: Book | Unreadable) -> str:
    return found.reason if isinstance(found, Unreadable) else "read"


def test_there_are_at_least_24_bombs() -> None:
    assert len(BOMBS) >= 24


@pytest.mark.heavy
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_as_it_should_and_the_next_file_is_read(name: str) -> None:
    make, expected = BOMBS[name]
    bomb, after = read_batch([Request(make(), name), Request(b"a,b\n1,2\n", "after.csv")], Limits(cpu=10))
    assert outcome(bomb) == expected
    assert outcome(after) == "read"


#: What bombs are called that are costly to make or to hold; the light ones are answered in ``submissions``, too.
HEAVY = ("MiB", "million", " MB", "file of NUL", "200,000", "70,000", "400,000", "quotes", "white space")
LIGHT = [name for name in BOMBS if not any(word in name for word in HEAVY)]
