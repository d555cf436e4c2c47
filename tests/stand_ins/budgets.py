"""Budgets of provinces as the Ministry of Finance lays them out: old workbooks whose layout moves from year to year.

Here: header over several rows, a total, regions, 61 to 64 provinces, one sheet in TCVN3, sums that differ from their
rows where those of the real files do. The figures are made up.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from dti_platform import units
from dti_platform.reading.encoding import ENCODINGS
from tests.reading.xls_by_hand import boolerr, label, number, record, short, workbook

MADE_UP = "Số liệu giả lập (synthetic)"
#: In 2003 three provinces were not split yet; Hà Tây was one until 2008.
SPLIT_LATER = ("Đắk Nông", "Điện Biên", "Hậu Giang")
REF = 0x17
Row = dict[int, str | float]


@dataclass(frozen=True)
class Budget:
    """How a year's sheet is laid out.

    ``header`` gives rows from number ``top`` on, by column; figures are in column 2 and ``spending``.
    """

    header: Sequence[Row]
    top: int
    spending: int = 4
    regions: int = 6
    share: int | None = None
    total_off: float = 0.0
    indent: str = ""


def names(*, before_2008: bool, without: Sequence[str] = ()) -> list[str]:
    own = [unit.name_vi for unit in units.load(check=False).members("VN63") if unit.name_vi not in without]
    return sorted([*own, "Hà Tây"] if before_2008 else own, key=lambda name: (len(name), name))


def table(budget: Budget, provinces: Sequence[str], seed: int) -> dict[int, Row]:
    """The sheet, by row: header, total, and each region above its provinces; where 0 is the first row or column."""
    chance, columns = random.Random(seed), (2, budget.spending)
    rows = {budget.top + at: row for at, row in enumerate(budget.header)}
    at = total = budget.top + len(budget.header)
    size, sums = -(-len(provinces) // budget.regions), dict.fromkeys(columns, 0.0)
    for region in range(budget.regions):
        at += 1
        head, own = at, dict.fromkeys(columns, 0.0)
        for name in provinces[region * size : (region + 1) * size]:
            at += 1
            figures = {column: float(chance.randrange(10**5, 10**7)) for column in columns}
            own = {column: own[column] + figures[column] for column in columns}
            shares = {budget.share: 100.0} if budget.share else {}
            rows[at] = {0: at, 1: budget.indent + name.upper(), **figures, **shares}
        rows[head] = {0: ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")[region], 1: f"VÙNG {region + 1}", **own}
        sums = {column: sums[column] + own[column] for column in columns}
    rows[total] = {1: "TỔNG SỐ", **sums}
    rows[total][2] = sums[2] + budget.total_off
    return {0: {0: "BỘ TÀI CHÍNH", 3: MADE_UP}, **rows, at + 1: {0: f"Ghi chú: {MADE_UP}"}}


def records(rows: Mapping[int, Row], write: Callable[[str], str] = str, style: int = 0) -> list[bytes]:
    cells = ((at, column, value) for at in sorted(rows) for column, value in sorted(rows[at].items()))
    return [
        label(at, column, write(value), style) if isinstance(value, str) else number(at, column, value)
        for at, column, value in cells
    ]


def sheet_of(budget: Budget, provinces: Sequence[str], name: str, *merged: tuple[int, int, int, int],
             more: Mapping[str, Sequence[bytes]] = MappingProxyType({})) -> bytes:  # fmt: skip
    areas = [record(0x00E5, struct.pack("<HHHHH", 1, *area)) for area in merged]
    return workbook([*records(table(budget, provinces, len(name))), *areas], sheet=name, more=more)


ONE_ROW = Budget([{0: "STT\nNo", 1: "Tỉnh, thành phố\nName of provinces and cities", 2: "Tổng thu NSNN trên địa bàn",
                   4: "Tổng chi cân đối ngân sách địa phương"}], 9, regions=8)  # fmt: skip
PLAN_2010 = Budget([{2: "TỔNG THU", 4: "TỔNG CHI"}, {0: "SỐ", 2: "NSNN TRÊN", 4: "CÂN ĐỐI"},
                    {0: "TT", 1: "TỈNH, THÀNH PHỐ", 2: "ĐỊA BÀN", 4: "NGÂN SÁCH"}], 5, indent="\xa0")  # fmt: skip
FINAL_2013 = Budget([{0: "STT", 1: "TÊN TỈNH, THÀNH PHỐ", 2: "TỔNG THU NSNN TRÊN ĐỊA BÀN TỈNH",
                      3: "TỶ LỆ PHÂN CHIA NGUỒN THU", 5: "TỔNG CHI CÂN ĐỐI NSĐP"}, {}, {}], 9, 5,
                    share=4, indent=" ")  # fmt: skip
PLAN_2017 = Budget([{7: "TỔNG CHI"}, {0: "SỐ", 2: "THU NSNN", 7: "CÂN ĐỐI"},
                    {0: "TT", 1: "TỈNH, THÀNH PHỐ", 2: "TRÊN", 7: "NGÂN SÁCH"}, {2: "ĐỊA BÀN", 7: "ĐỊA PHƯƠNG"}, {},
                    {0: "A", 1: "B", 2: 1.0, 7: 6.0}], 6, 7, total_off=1e6)  # fmt: skip


def final_2007() -> bytes:
    notes = [label(0, 0, MADE_UP), *(label(at, 0, f"Ghi chú {at}") for at in range(1, 9))]
    return sheet_of(ONE_ROW, names(before_2008=True), "M09+", more={"M01+": notes})


def plan_2003() -> bytes:
    """One sheet in TCVN3, in capitals that the font draws, and its twin in Unicode; totals are errors."""
    header = [{0: "s", 2: "tổng thu", 5: "tổng số chi"}, {0: "t", 1: "tỉnh, thành phố", 2: "NSNN", 5: "ngân sách"},
              {0: "t", 2: "trên địa bàn", 5: "tỉnh, thành phố"}]  # fmt: skip
    rows = table(Budget(header, 12, 5, regions=1), names(before_2008=True, without=SPLIT_LATER), 2003)
    rows = {at: {column: value.lower() if isinstance(value, str) else value for column, value in row.items()}
            for at, row in rows.items()}  # fmt: skip
    total, cities = 15, 16
    rows[total] = {1: "tổng số"}
    rows[cities] = {0: "I", 1: "thành phố", 2: 27156700.0, 5: 8090900.0}
    errors = [boolerr(total, column, REF, error=True) for column in (2, 5)]
    errors += [boolerr(at, 7, REF, error=True) for at in range(total, total + 66)]
    fonts = [record(0x0031, b"\x00" * 14 + short(name)) for name in ("Arial", ".VnTime")]
    styles = [record(0x00E0, struct.pack("<HH", font, 0) + b"\x00" * 16) for font in (0, 1)]
    return workbook([*records(rows, in_tcvn3, 1), *errors], declared=[*fonts, *styles], sheet="Sheet1",
                    more={"Sheet1 (2)": records(rows, str.upper) + errors})  # fmt: skip


def in_tcvn3(text: str) -> str:
    """The text as it lies in a file whose font draws TCVN3."""
    from dti_platform.reading.encoding import _TCVN3  # pyright: ignore[reportPrivateUsage] - the table, read backwards

    assert "tcvn3" in ENCODINGS
    return text.translate({ord(letter): chr(byte) for byte, letter in _TCVN3.items()})


BUDGETS: dict[str, Callable[[], bytes]] = {
    "Plan_2003.xls": plan_2003,
    "Final_2007.xls": final_2007,
    "Plan_2010.xls": partial(sheet_of, PLAN_2010, names(before_2008=False), "Sheet1"),
    "Final_2013.xls": partial(sheet_of, FINAL_2013, names(before_2008=False), "M09+", (9, 11, 3, 4)),
    "Plan_2017.xls": partial(sheet_of, PLAN_2017, names(before_2008=False), "M09"),
}
