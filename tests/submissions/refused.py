"""One file for every reason for which a whole file is refused: real bytes, and how they are handed in."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from dti_platform.submissions import Offer
from tests.feeds.drafts import HOME, Draft
from tests.feeds.drawings import Drawn, workbook
from tests.reading.test_bombs import doctype, duplicated, locked, plain, with_parts

__all__ = ["FILE", "WAYS", "Way"]

FILE = "phiếu gửi.xlsx"
#: How many cells of a file are held back at most, where that is asked.
MOST_HELD = 5


@dataclass(frozen=True)
class Way:
    """How a file comes to be refused: its bytes, what is said with it, and what came before it."""

    content: bytes
    feed: str = "self_assessment"
    period: str = "2022"
    sender: str | None = None
    before: bytes | None = None

    def offers(self) -> list[Offer]:
        """What is handed in; the last is to be refused."""
        contents = [each for each in (self.before, self.content) if each is not None]
        return [Offer(each, FILE, self.feed, self.sender, self.period) for each in contents]


def book(*names: str, at: tuple[int, int] = (0, 0)) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        for name in names:
            made.add_worksheet(name).write(*at, "x")
    return content.getvalue()


def tables(*units: str) -> bytes:
    """A workbook with the sheet of each of these units."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        for number, unit in enumerate(units):
            draft = Draft.of(HOME.read_bytes())
            draft.say("Mã đơn vị", unit)
            page = made.add_worksheet(f"Phiếu {number}")
            for row, record in enumerate(draft.records()):
                page.write_row(row, 0, [str(value) if value is not None else "" for value in record])
    return content.getvalue()


def said(*pairs: tuple[str, Any]) -> bytes:
    draft = Draft.of(HOME.read_bytes())
    for label, value in pairs:
        draft.say(label, value)
    return draft.xlsx()


def again(label: str, text: str) -> bytes:
    """The sheet with a second line of its title block."""
    draft = Draft.of(HOME.read_bytes())
    draft.title.append((f"{label}: {text}", None))
    return draft.xlsx()


def headed(old: str, new: str) -> bytes:
    draft = Draft.of(HOME.read_bytes())
    draft.header[draft.column(old)] = new
    return draft.xlsx()


def pairs() -> bytes:
    """A table drawn for print, with figures between two columns of names."""
    rows = [["Tỉnh", "Điểm", "Sáp nhập vào"], ["Cà Mau", 5, "Bạc Liêu"], ["Huế", 6, "Cà Mau"]]
    return workbook(Drawn([]).sheet(rows))


def blank() -> bytes:
    draft = Draft.of(HOME.read_bytes())
    for row in draft.rows:
        row[draft.column("Tự đánh giá")] = None
    return draft.xlsx()


def copies(times: int) -> bytes:
    """A report whose rows all say the same."""
    header = "geography,province,indicator,name_vi,name_en,period,value,unit,source,certainty\n"
    return (header + "VN63,Huế,household_smartphone_share,,,2023,81.5,%,https://x.vn,verbatim\n" * times).encode()


def older() -> Way:
    newer, old = (said(("Ngày lập", dt.date(2023, month, 1)), ("Phiên bản", None)) for month in (6, 5))
    return Way(old, before=newer)


#: By the reason that must be given.
WAYS: Mapping[str, Callable[[], Way]] = {
    "too_large": lambda: Way(b"," * 500_001),
    "text_too_long": lambda: Way(b"a,b\n" + b"x" * 32_768 + b",1\n"),
    "stacked_marks": lambda: Way(b"a,b\n" + "e\u0323\u0302".encode() * 9 + b"e" + "\u0301".encode() * 9 + b",1\n"),
    "damaged": lambda: Way(plain()[:-40]),
    "encrypted": lambda: Way(locked()),
    "duplicate_entry": lambda: Way(duplicated()),
    "doctype": lambda: Way(doctype('<!ENTITY e "e">', "&e;")),
    "empty": lambda: Way(b""),
    "not_a_workbook": lambda: Way(b"<html><table></table></html>"),
    "nested_archive": lambda: Way(with_parts({"xl/embeddings/a.xlsx": plain()})),
    "duplicate_sheet": lambda: Way(book("Hòa", "Ho\u0300a")),
    "too_far": lambda: Way(book("S", at=(1_048_575, 16_383))),
    "not_text": lambda: Way(b"a,b\n\0,1\n"),
    "not_utf8": lambda: Way(b"a,b\n\xe9\xff,1\n"),
    "unsafe": lambda: Way(book("S")),
    "broken_reader": lambda: Way(HOME.read_bytes()),
    "too_deep": lambda: Way(b"[" * 10_000),
    "duplicate_key": lambda: Way(b'[{"a": 1, "a": 2}]'),
    "no_table": lambda: Way(json.dumps([1, 2]).encode()),
    "header_missing": lambda: Way(headed("Tự đánh giá", "Điểm")),
    "header_repeated": lambda: Way(headed("Trạng thái", "Tự đánh giá")),
    "two_readings": lambda: Way(pairs()),
    "wrong_sender": lambda: Way(HOME.read_bytes(), sender="VN63-01"),
    "two_units": lambda: Way(again("Mã đơn vị", "VN63-01")),
    "contradiction": lambda: Way(again("Bộ chỉ số", "405")),
    "wrong_geography": lambda: Way(said(("Mã đơn vị", "VN34-19"))),
    "too_many_errors": lambda: Way(copies(MOST_HELD + 2), "provincial_report", "2023"),
    "nothing_given": lambda: Way(blank()),
    "older_than_held": older,
    "year_not_held": lambda: Way(copies(1), "provincial_report", "9999"),
    "wrong_period": lambda: Way(HOME.read_bytes(), period="2021"),
    "wrong_framework": lambda: Way(said(("Bộ chỉ số", "405"))),
    "several_tables": lambda: Way(tables("VN63-19", "VN63-19")),
    "no_framework": lambda: Way(said(("Kỳ", "2025")), period="2025"),
}
