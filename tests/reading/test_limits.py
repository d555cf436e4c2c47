"""An archive is measured before it is read: bombs are refused, the process lives."""

import gzip
import io
import json
import struct
import time
import warnings
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from dti_platform.reading import Book, Request, Unreadable, limits, read_batch, read_file, read_workbook
from dti_platform.reading.xlsx import archive
from dti_platform.storage import arrivals

pytestmark = pytest.mark.usefixtures("one_child_for_all")

Made = Callable[[Callable[[xlsxwriter.Workbook], None]], bytes]
Rewritten = Callable[[bytes, dict[str, bytes]], bytes]


@pytest.fixture
def plain(made: Made) -> bytes:
    return made(lambda workbook: workbook.add_worksheet("S").write("A1", "x") and None)


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        read_workbook(content, "t.xlsx")
    return raised.value.reason


def test_a_bomb_is_measured_as_it_inflates(plain: bytes, rewritten: Rewritten, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_INFLATED", 2**20)
    assert refusal(rewritten(plain, {"xl/media/image1.png": b"0" * 2**21})) == "too_large"


def test_too_many_entries(plain: bytes, rewritten: Rewritten) -> None:
    assert refusal(rewritten(plain, {f"xl/media/{n}.bin": b"" for n in range(archive.MOST_ENTRIES)})) == "too_large"


SHEET = "xl/worksheets/sheet1.xml"
TWIN_NAMES = (
    SHEET,
    "xl\\worksheets\\sheet1.xml",
    "/xl/worksheets/sheet1.xml",
    "xl/./worksheets/sheet1.xml",
    "xl/media/../worksheets/sheet1.xml",
    "xl/worksheets/sheet%31.xml",
)


@pytest.mark.parametrize("twin", [*TWIN_NAMES, "XL/Worksheets/Sheet1.xml"])
def test_an_entry_twice_however_its_name_is_written(plain: bytes, twin: str) -> None:
    buffer = io.BytesIO(plain)
    with zipfile.ZipFile(buffer, "a") as added, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        added.writestr(twin, "<worksheet/>")
    assert refusal(buffer.getvalue()) == "duplicate_entry"


@pytest.mark.parametrize("written", TWIN_NAMES)
def test_a_part_alone_is_read_however_its_name_is_written(plain: bytes, written: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(written if name == SHEET else name, old.read(name))
    assert [cell.raw for cell in read_workbook(buffer.getvalue(), "t.xlsx").cells()] == ["x"]


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as inner:
        inner.writestr("a.txt", "a")
    return buffer.getvalue()


ARCHIVES = {
    "zip": zipped(),
    "zip behind a picture": b"GIF89a" + b"\x00" * (64 * 2**10 - len(zipped()) + 12) + zipped(),
    "empty zip": b"PK\x05\x06" + b"\x00" * 18,
    "gzip": gzip.compress(b"a", mtime=0),
    "7z": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!\x1a\x07\x01\x00",
    "xz": b"\xfd7zXZ\x00",
    "bzip2": b"BZh91AY&SY",
    "zstd": b"\x28\xb5\x2f\xfd",
    "cabinet": b"MSCF\x00\x00\x00\x00",
    "compound": limits.OLE,
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_inside_is_told_by_its_bytes(plain: bytes, rewritten: Rewritten, kind: str) -> None:
    for name in ("xl/media/image1.png", "customXml/item1.bin"):
        assert refusal(rewritten(plain, {name: ARCHIVES[kind]})) == "nested_archive"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + b"PK\x03\x04" * 1_000),
        ("xl/media/image1.jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 1_000),
        ("xl/media/image1.emz", gzip.compress(b"emf", mtime=0)),
        ("xl/vbaProject.bin", limits.OLE + b"\x00" * 600),
        ("xl/drawings/vmlDrawing1.vml", b"<xml><br></xml>"),
        ("customXml/item1.xml", b"<!-- <!DOCTYPE a> --><a/>"),
    ],
)
def test_pictures_macros_and_drawings_do_not_alarm(
    plain: bytes, rewritten: Rewritten, name: str, content: bytes
) -> None:
    assert [cell.raw for cell in read_workbook(rewritten(plain, {name: content}), "t.xlsm").cells()] == ["x"]


@pytest.mark.parametrize("part", ["docProps/app.xml", "customXml/item1.xml", "docProps/CORE2.XML", "xl/a.vml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_a_part_that_nothing_reads(
    plain: bytes, rewritten: Rewritten, part: str, encoding: str
) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!--{"x" * 5_000}--><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    assert refusal(rewritten(plain, {part: bomb.encode(encoding)})) == "doctype"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_workbooks_do_not_use(plain: bytes, method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(buffer, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refusal(buffer.getvalue()) == "damaged"


def test_macros_are_remarked_on_and_never_run(plain: bytes, rewritten: Rewritten) -> None:
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").replace(
            b"</Relationships>", b'<Relationship Id="m" Type="a/vbaProject" Target="vbaProject.bin"/></Relationships>'
        )
    parts = {"xl/vbaProject.bin": limits.OLE + b"\x00" * 600, "xl/_rels/workbook.xml.rels": relations}
    (book,) = read_batch([Request(rewritten(plain, parts), "t.xlsm")])
    assert isinstance(book, Book)
    assert [cell.raw for cell in book.cells()] == ["x"]
    assert ["macro" in remark.vi for remark in book.remarks] == [True]
    assert read_workbook(plain, "t.xlsx").remarks == ()


def test_two_workbooks_in_a_row(plain: bytes) -> None:
    assert refusal(plain + plain) == "damaged"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_encoding(plain: bytes, rewritten: Rewritten, encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    assert refusal(rewritten(plain, {"xl/worksheets/sheet1.xml": bomb.encode(encoding)})) == "doctype"


def test_a_password(plain: bytes) -> None:
    at = plain.index(b"PK\x01\x02")
    flags = struct.unpack_from("<H", plain, at + 8)[0] | 1
    assert refusal(plain[: at + 8] + struct.pack("<H", flags) + plain[at + 10 :]) == "encrypted"
    assert refusal(limits.OLE + b"\x00" * 512) == "damaged"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"not a workbook", b"<html></html>", b"PK\x05\x06" + b"\x00" * 18]
)
def test_no_workbook_at_all(content: bytes) -> None:
    assert refusal(content) in {"empty", "damaged", "not_a_workbook"}


def test_every_truncation_is_refused(plain: bytes) -> None:
    for end in range(1, len(plain) - 1, 97):
        assert refusal(plain[:end]) in {"damaged", "not_a_workbook"}


def test_a_flipped_bit_never_changes_a_cell_in_silence(plain: bytes) -> None:
    for at in range(0, len(plain), 41):
        mutant = plain[:at] + bytes([plain[at] ^ 0x10]) + plain[at + 1 :]
        try:
            found = [cell.raw for cell in read_workbook(mutant, "t.xlsx").cells()]
        except Unreadable:
            continue
        assert found == ["x"]


def with_attributes(count: int) -> str:
    return "<a " + " ".join(f"b{number}='x'" for number in range(count)) + "/>"


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<a>" * 97 + "</a>" * 97, None),
        ("<a>" * 98 + "</a>" * 98, "damaged"),
        ("<a/>" * 1_000, None),
        (with_attributes(256), None),
        (with_attributes(257), "too_large"),
    ],
)
def test_elements_have_a_bound_of_depth_and_of_attributes(
    plain: bytes, rewritten: Rewritten, inside: str, reason: str | None
) -> None:
    content = rewritten(
        plain, {"xl/worksheets/sheet1.xml": f"<worksheet><x/><b><d>{inside}</d></b></worksheet>".encode()}
    )
    if reason is None:
        assert not list(read_workbook(content, "t.xlsx").cells())
    else:
        assert refusal(content) == reason


def test_what_is_taken_in_is_what_can_be_read() -> None:
    assert arrivals.MOST_BYTES == limits.MOST_BYTES


MARKS = "\u0301"


@pytest.mark.parametrize("kind", ["xlsx", "sheet name", "csv", "json", "json in escapes", "utf-16"])
@pytest.mark.parametrize(("marks", "outcome"), [(limits.MOST_MARKS, "read"), (16_000, "stacked_marks")])
def test_a_letter_with_thousands_of_marks_is_refused_before_any_text_is_put_into_order(
    made: Made, rewritten: Rewritten, kind: str, marks: int, outcome: str
) -> None:
    """16,000 marks in 108 cells, 16 kB in all, took a minute to normalise."""
    text = "e" + MARKS * marks

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("S")
        sheet.write_column("A1", [f"{n}{text if kind == 'xlsx' else ''}" for n in range(108)])

    csv, names = f"a,b\n{text},1\n", WORKBOOK.format(name=text).encode()
    content = {
        "xlsx": made(fill),
        "sheet name": rewritten(made(fill), {"xl/workbook.xml": names}),
        "csv": csv.encode(),
        "utf-16": csv.encode("utf-16"),
        "json": f'[{{"a": "{text}"}}]'.encode(),
        "json in escapes": json.dumps([{text: "a"}]).encode(),
    }[kind]
    before = time.process_time()
    found = next(read_batch([Request(content, "t")]))
    assert time.process_time() - before < 2
    reason = found.reason if isinstance(found, Unreadable) else "read"
    assert reason == ("damaged" if kind == "sheet name" and marks > 31 else outcome)


WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


@pytest.mark.parametrize(("letters", "outcome"), [(31, "read"), (32, "damaged"), (2_000_000, "damaged")])
def test_the_name_of_a_sheet_is_as_long_as_spreadsheet_programs_allow(
    plain: bytes, rewritten: Rewritten, letters: int, outcome: str
) -> None:
    """It stands in the locator of every cell: millions of letters took all memory."""
    content = rewritten(plain, {"xl/workbook.xml": WORKBOOK.format(name="T" * letters).encode()})
    found = next(read_batch([Request(content, "t.xlsx")]))
    assert (found.reason if isinstance(found, Unreadable) else "read") == outcome
    assert isinstance(found, Book) or len(found.detail.en) < 200


def test_a_long_header_is_a_column_by_its_number() -> None:
    rows = read_file(b"a," + b"b" * 30_000 + b"\n1,2\n", "t.csv").sheets[0].rows
    assert [cell.locator for cell in rows[1]] == ["line 2, column a", "line 2, column 2"]
