"""An archive is measured before it is read: bombs are refused, the process lives."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from dti_platform.reading import Unreadable, guard, read_workbook

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
    monkeypatch.setattr(guard, "MOST_INFLATED", 2**20)
    assert refusal(rewritten(plain, {"xl/media/image1.png": b"0" * 2**21})) == "too_large"


def test_too_many_entries(plain: bytes, rewritten: Rewritten) -> None:
    assert refusal(rewritten(plain, {f"xl/media/{n}.bin": b"" for n in range(guard.MOST_ENTRIES)})) == "too_large"


def test_an_entry_twice(plain: bytes) -> None:
    buffer = io.BytesIO(plain)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert refusal(buffer.getvalue()) == "duplicate_entry"


def test_an_archive_inside(plain: bytes, rewritten: Rewritten) -> None:
    assert refusal(rewritten(plain, {"xl/embeddings/inner.xlsx": plain})) == "nested_archive"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_encoding(plain: bytes, rewritten: Rewritten, encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    assert refusal(rewritten(plain, {"xl/worksheets/sheet1.xml": bomb.encode(encoding)})) == "doctype"


def test_a_password(plain: bytes) -> None:
    at = plain.index(b"PK\x01\x02")
    flags = struct.unpack_from("<H", plain, at + 8)[0] | 1
    assert refusal(plain[: at + 8] + struct.pack("<H", flags) + plain[at + 10 :]) == "encrypted"
    assert refusal(guard.OLE + b"\x00" * 512) == "damaged"


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
        plain, {"xl/worksheets/sheet1.xml": f"<worksheet><x/><b><c>{inside}</c></b></worksheet>".encode()}
    )
    if reason is None:
        assert not list(read_workbook(content, "t.xlsx").cells())
    else:
        assert refusal(content) == reason
