"""Text from before Unicode is read where its encoding is declared or shown by known names; never guessed."""

import csv
import unicodedata
from pathlib import Path

import pytest

from dti_platform.reading import Unreadable
from dti_platform.reading import encoding as tables
from dti_platform.reading.cells import Book, Cell, Sheet
from dti_platform.reading.delimited import read_delimited
from dti_platform.reading.encoding import decode, in_unicode

PROVINCES = Path(__file__).parents[2] / "data" / "reference" / "provinces.csv"


def provinces(geography: str) -> list[str]:
    with PROVINCES.open(encoding="utf-8", newline="") as file:
        return [row["name_vi"] for row in csv.DictReader(file) if row["geography"] == geography]


NAMES = [provinces("VN63"), provinces("VN34")]
LETTERS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"


def to_tcvn3(text: str) -> bytes:
    places = {letter: byte for byte, letter in tables._TCVN3.items()}
    return bytes(places.get(letter) or ord(letter) for letter in unicodedata.normalize("NFC", text))


def to_vni(text: str) -> bytes:
    """VNI written by the tables of a letter and its marks, letter by letter."""
    marks = {unicodedata.normalize("NFC", mark): sign for sign, mark in tables._VNI_MARKS.items()}
    alone = {unicodedata.normalize("NFC", letter): sign for sign, letter in tables._VNI_LETTERS.items()}
    return "".join(_vni(letter, marks, alone) for letter in unicodedata.normalize("NFC", text)).encode("cp1252")


def _vni(letter: str, marks: dict[str, str], alone: dict[str, str]) -> str:
    small = letter.lower()
    if small in alone:
        sign = alone[small]
    else:
        base, *rest = unicodedata.normalize("NFD", small)
        rest.sort(key=lambda mark: mark in "\u0301\u0300\u0309\u0303\u0323")
        if rest and rest[0] == "\u031b":
            base, rest = alone[unicodedata.normalize("NFC", base + rest[0])], rest[1:]
        sign = base + (marks[unicodedata.normalize("NFC", "".join(rest))] if rest else "")
    return sign.upper() if letter.isupper() else sign


def to_1258(text: str) -> bytes:
    return b"".join(_1258(letter) for letter in unicodedata.normalize("NFC", text))


def _1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        decomposed = unicodedata.normalize("NFD", letter)
        tone = next(mark for mark in "\u0301\u0300\u0309\u0303\u0323" if mark in decomposed)
        base = unicodedata.normalize("NFC", decomposed.replace(tone, ""))
        return (base + tone).encode("cp1258")


WRITERS = {"tcvn3": to_tcvn3, "vni": to_vni, "windows-1258": to_1258}


@pytest.mark.parametrize("encoding", tables.ENCODINGS)
def test_every_vietnamese_letter_comes_back(encoding: str) -> None:
    assert tables.from_bytes(WRITERS[encoding](LETTERS), encoding) == LETTERS
    upper = LETTERS.upper() if encoding != "tcvn3" else "ĂÂÊÔƠƯĐ"
    assert tables.from_bytes(WRITERS[encoding](upper), encoding) == upper


def test_each_table_as_its_fonts_draw_it() -> None:
    assert tables.from_western("Bé Tµi chÝnh", "tcvn3") == "Bộ Tài chính"
    assert tables.from_western("Thaùi Nguyeân, Ñieän Bieân, Thöøa Thieân Hueá", "vni") == (
        "Thái Nguyên, Điện Biên, Thừa Thiên Huế"
    )
    assert tables.from_bytes(b"Vi\xea\xf2t Nam", "windows-1258") == "Việt Nam"


def file_of(names: list[str], write: object) -> bytes:
    return b"unit,value\n" + b"".join(write(name) + b",1\n" for name in names)  # type: ignore[operator]


@pytest.mark.parametrize("encoding", tables.ENCODINGS)
@pytest.mark.parametrize("names", NAMES, ids=["63", "34"])
def test_known_names_show_their_encoding(encoding: str, names: list[str]) -> None:
    content = file_of(names, WRITERS[encoding])
    rows = read_delimited(content, "t.csv", names=NAMES).sheets[0].rows
    assert [row[0].raw for row in rows[1:]] == names


@pytest.mark.parametrize("encoding", tables.ENCODINGS)
def test_a_few_names_show_nothing_unless_it_is_declared(encoding: str) -> None:
    content = file_of(["Thái Nguyên", "Đà Nẵng"], WRITERS[encoding])
    with pytest.raises(Unreadable) as refusal:
        read_delimited(content, "t.csv", names=NAMES)
    assert refusal.value.reason == "not_utf8"
    declared = read_delimited(content, "t.csv", encoding=encoding).sheets[0].rows
    assert [row[0].raw for row in declared[1:]] == ["Thái Nguyên", "Đà Nẵng"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_needs_no_declaration(encoding: str, form: str) -> None:
    text = unicodedata.normalize(form, "đơn vị,Thừa Thiên Huế")
    assert decode(text.encode(encoding), "t.csv") == text


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_that_ends_in_the_middle_of_a_character_is_refused(mark: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        decode(mark + b"a\x00b", "t.csv")
    assert refusal.value.reason == "not_utf8"


def sheet_of(texts: list[str]) -> Sheet:
    return Sheet("S", [[Cell("S", row, 1, f"S!A{row}", text, "text", text)] for row, text in enumerate(texts, 1)])


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_cells_of_a_workbook_are_turned_where_names_show_it(encoding: str) -> None:
    western = [WRITERS[encoding](name).decode("cp1252") for name in NAMES[0]]
    book = in_unicode(Book("t.xls", (sheet_of(western), sheet_of(["Số"]))), names=NAMES)
    assert [row[0].raw for row in book.sheets[0].rows] == NAMES[0]
    assert {row[0].encoding for row in book.sheets[0].rows} == {encoding, None}
    assert book.sheets[1].rows[0][0].raw == "Số"


def test_a_sheet_in_unicode_stays_as_it_is() -> None:
    book = Book("t.xlsx", (sheet_of(NAMES[0]),))
    assert in_unicode(book, names=NAMES) == book


def test_names_that_stand_in_unicode_count_beside_those_that_do_not() -> None:
    """A list pasted together from two sources: what can be of no old encoding stays as it is."""
    clear = {name for name in NAMES[0][:30] if not name.isascii() and name.encode("cp1252", "replace").count(b"?")}
    pasted = [name if name in clear else WRITERS["tcvn3"](name).decode("cp1252") for name in NAMES[0]]
    (sheet,) = in_unicode(Book("t.xls", (sheet_of(pasted),)), names=NAMES).sheets
    assert clear
    assert [row[0].raw for row in sheet.rows] == NAMES[0]
