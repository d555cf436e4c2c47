"""Workbooks as other programs write them: what the formats allow is read alike, what is another format is named."""

import io
import re
import struct
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from dti_platform.reading import Unreadable, read_file
from tests.reading.xls_by_hand import BIFF5, label, number, record, workbook

Parts = dict[str, bytes]
Rewrite = Callable[[Parts], Parts]
WORKBOOK, SHEET, STRINGS = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
RELATIONS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
SPACES = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/": b"http://purl.oclc.org/ooxml/officeDocument/",
}


def plain() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Bảng")
        sheet.write_row(0, 0, ["Tỉnh", "Điểm", "Đạt"])
        sheet.write_row(1, 0, ["Huế", 5.5, True])
        sheet.write(2, 0, "Hà Nội")
        sheet.write_formula(2, 1, "B2*2", None, 11)
        sheet.write_rich_string(3, 0, "Hà ", made.add_format({"bold": True}), "Giang")
    return buffer.getvalue()


def parts_of(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def values(content: bytes) -> list[list[object]]:
    (sheet,) = read_file(content, "t.xlsx").sheets
    return [[cell.value for cell in row] for row in sheet.rows]


def changed(name: str, old: str, new: str) -> Rewrite:
    def rewrite(parts: Parts) -> Parts:
        found = re.sub(old.encode(), new.encode(), parts[name], flags=re.DOTALL)
        assert found != parts[name]
        return parts | {name: found}

    return rewrite


def without(name: str) -> Rewrite:
    """Without a part, and without what names it."""

    def rewrite(parts: Parts) -> Parts:
        short = name.rpartition("/")[2].encode()
        kept = {path: content for path, content in parts.items() if path != name}
        return kept | {path: re.sub(rb"<[^<]*" + short + rb"[^<]*/>", b"", kept[path]) for path in (RELATIONS, TYPES)}

    return rewrite


def renamed(new: Callable[[str], str]) -> Rewrite:
    return lambda parts: {new(name): content for name, content in parts.items()}


def with_texts_in_cells(parts: Parts) -> Parts:
    texts = re.findall(rb"<si>(.*?)</si>", parts[STRINGS])
    cell = re.compile(rb'(<c r="\w+"[^>]*) t="s"><v>(\d+)</v>')
    inline = cell.sub(lambda at: at[1] + b' t="inlineStr"><is>' + texts[int(at[2])] + b"</is>", parts[SHEET])
    return without(STRINGS)(parts | {SHEET: inline})


def with_prefixes(parts: Parts) -> Parts:
    def prefixed(content: bytes) -> bytes:
        return re.sub(rb"<(/?)(?=\w)", rb"<\1x:", content).replace(b'xmlns="', b'xmlns:x="')

    return parts | {name: prefixed(parts[name]) for name in (WORKBOOK, SHEET, STRINGS)}


def strict(parts: Parts) -> Parts:
    for transitional, space in SPACES.items():
        parts = {name: content.replace(transitional, space) for name, content in parts.items()}
    return parts


WAYS: dict[str, Rewrite] = {
    "the path of a sheet from the root": changed(RELATIONS, "worksheets/sheet1", "/xl/worksheets/sheet1"),
    "the path of a sheet with backslashes": changed(RELATIONS, "worksheets/sheet1", r"worksheets\\\\sheet1"),
    "the path of a sheet with escapes": changed(RELATIONS, "worksheets/sheet1", "./worksheets/%73heet1"),
    "names of parts with backslashes": renamed(lambda name: name.replace("/", "\\") if "xl/" in name else name),
    "names of parts in capitals": renamed(str.upper),
    "one part's name in another case": renamed(lambda name: name.replace("sheet1", "Sheet1")),
    "parts in another order": lambda parts: dict(sorted(parts.items(), reverse=True)),
    "no styles": without("xl/styles.xml"),
    "no shared strings": with_texts_in_cells,
    "no content types": lambda parts: {name: content for name, content in parts.items() if name != TYPES},
    "no places of cells and rows": changed(SHEET, r'(<row|<c) r="\w+"', r"\1"),
    "places in small letters": changed(SHEET, r'<c r="B(\d)"', r'<c r="b\1"'),
    "no dimension": changed(SHEET, "<dimension[^>]*/>", ""),
    "a dimension that lies": changed(SHEET, 'ref="A1:C4"', 'ref="A1"'),
    "rows in another order": changed(SHEET, '(<row r="2".*?</row>)(<row r="3".*?</row>)', r"\2\1"),
    "elements with a prefix": with_prefixes,
    "strict": strict,
    "a byte-order mark": lambda parts: parts | {SHEET: b"\xef\xbb\xbf" + parts[SHEET]},
    "UTF-16": lambda parts: parts | {SHEET: parts[SHEET].decode().replace("UTF-8", "UTF-16").encode("utf-16")},
    "phonetic hints": changed(STRINGS, "<t>Huế</t>", '<t>Huế</t><rPh sb="0" eb="1"><t>x</t></rPh>'),
    "a character section": changed(STRINGS, "<t>Huế</t>", "<t><![CDATA[Huế]]></t>"),
    "comments and instructions": changed(SHEET, "<sheetData>", "<!-- made --><?made so?><sheetData>"),
    "words for truth": changed(SHEET, 't="b"><v>1</v>', 't="b"><v>true</v>'),
    "a number with an exponent": changed(SHEET, "<v>5.5</v>", "<v>55E-1</v>"),
    "a link to another workbook": changed(
        RELATIONS, "</Relationships>", '<Relationship Id="x" Type="r/externalLink" Target="y.xml"/></Relationships>'
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_workbook_of_another_writer_says_the_same(way: str) -> None:
    content = plain()
    assert values(packed(WAYS[way](parts_of(content)))) == values(content)


def by_hand() -> bytes:
    """A sheet alone, without a version, as programs for the web write it."""
    cells = struct.pack("<HHHHHd", 0x0203, 14, 1, 1, 0, 5.5) + struct.pack("<HHHHHH", 0x0204, 11, 1, 0, 0, 3) + b"Hue"
    return struct.pack("<HHHHHH", 0x0809, 8, 0, 0x10, 0, 0) + cells + struct.pack("<HH", 0x000A, 0)


def stream_of(content: bytes) -> bytes:
    """What the container made by hand holds: behind header, table and directory."""
    return content[3 * 512 :]


CELLS = [label(0, 0, "Huế"), number(0, 1, 5.5)]
OLD = {
    "records without their container": (stream_of(workbook(CELLS)), [["Huế", 5.5]]),
    "records of Excel 5 without their container": (
        stream_of(workbook([label(0, 0, "Hue", version=BIFF5), number(0, 1, 5.5)], version=BIFF5)), [["Hue", 5.5]],
    ),
    "a sheet alone": (by_hand(), [[None, None], ["Hue", 5.5]]),
    "a stream that is shorter than its directory says": (
        workbook(CELLS).replace(struct.pack("<IQ", 2, 4096), struct.pack("<IQ", 2, 9000)), [["Huế", 5.5]],
    ),
    "a code page that does not exist": (
        workbook([label(0, 0, "Hue", version=BIFF5)], declared=[record(0x0042, b"\x00\x00")], version=BIFF5), [["Hue"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OLD)
def test_an_old_workbook_of_another_writer_is_read(case: str) -> None:
    content, expected = OLD[case]
    assert values(content) == expected


@pytest.mark.parametrize("end", [512, 700])
def test_an_old_workbook_that_ends_too_early_is_refused(end: int) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_file(workbook(CELLS * 200)[:-end], "t.xls")
    assert refusal.value.reason == "damaged"


def archive(**parts: bytes) -> bytes:
    return packed({name.replace("__", "/").replace("_", "."): content for name, content in parts.items()})


BINARY = b'<Types><Default ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
STRANGERS = {
    ".xlsb": packed({TYPES: BINARY, "xl/workbook.bin": b"\x83\x01"}),
    ".ods": archive(mimetype=b"").replace(b"mimetype", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", 1),
    "Word": archive(word__document_xml=b"<w/>"),
    "PowerPoint": archive(ppt__presentation_xml=b"<p/>"),
    "not an .xlsx workbook": archive(readme_xml=b"<a/>"),
    "MHTML": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>",
    "PDF": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "RTF": b"{\\rtf1 T\\'ca}",
    "Excel 4": b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00",
    "web page": b"<html><table><tr><td>1</td></tr></table></html>",
}


@pytest.mark.parametrize("what", STRANGERS)
def test_a_file_of_another_program_is_refused_by_its_name(what: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(what)) as refusal:
        read_file(STRANGERS[what], "t.xls")
    assert refusal.value.reason == "not_a_workbook"
