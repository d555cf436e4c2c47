"""The page on printed tables: its feed is run as it is printed, on a workbook drawn as it declares."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from dti_platform.feeds import Known, Parsed, Received
from dti_platform.feeds.framed import framed
from tests.feeds.drawings import Drawn, Row, workbook

PAGE = Path(__file__).parents[2] / "docs" / "printed_tables.md"
BUDGET: list[Row] = [
    ["Dự toán ngân sách năm 2022"], ["Dự toán"], ["STT", "Tỉnh, thành phố", "Thu ngân sách", "Bổ sung từ trung ương"],
    [None, None, "Tổng số", "cho ngân sách địa phương"], ["(I)", "(II)", "(III)", "(IV)"],
    ["Tổng số", None, "1.500", None], ["I", "Miền Bắc", 900, None], [1, "1. Hà Nội (*)", 900, "-"],
    ["II", "Miền Trung", 700, None], [1, "Thành phố Huế", 600, 12.5], ["Ghi chú: (*) tạm tính"],
]  # fmt: skip
STAFF: list[Row] = [
    ["STT", "Tỉnh, thành phố", 2021, None, 2022, None], [None, None, *["Biên chế", "Còn trống"] * 2],
    [None, "CẢ NƯỚC", 10, 2, 12, 9], [1, "Hà Nội", 10, 2, 12, 0],
]  # fmt: skip


@pytest.fixture(scope="module")
def parsed(known: Known) -> Parsed:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    feed: dict[str, Any] = {}
    exec(compile(code, PAGE.name, "exec"), feed)
    drawn = Drawn([]).sheet(BUDGET, name="Thu").sheet(STAFF, (0, 2, 0, 3), (0, 4, 0, 5), name="Biên chế")
    content = workbook(drawn.sheet([["Tỉnh, thành phố"], ["?"]], name="Nháp 1"))
    received = Received("budgets", "2022", "t.xlsx", hashlib.sha256(content).hexdigest(), content)
    return framed(feed["parse"](received, known))


def test_the_example_finds_every_figure(parsed: Parsed, known: Known) -> None:
    rows = parsed.observations.select("unit", "node", "value").iter_rows()
    assert {(known.units.all[unit].name_vi, node): value for unit, node, value in rows} == {
        ("Hà Nội", "plan/revenue"): 900, ("Thừa Thiên Huế", "plan/revenue"): 600,
        ("Thừa Thiên Huế", "plan/transfer"): 12.5, ("Hà Nội", "2021/staff"): 10, ("Hà Nội", "2021/vacant"): 2,
        ("Hà Nội", "2022/staff"): 12, ("Hà Nội", "2022/vacant"): 0,
    }  # fmt: skip
    assert parsed.quarantine.select("locator", "raw", "reason").rows() == []


def test_the_example_says_which_printed_sums_differ(parsed: Parsed) -> None:
    said = [remark.text.en for remark in parsed.remarks]
    assert [text.partition(":")[0] for text in said] == ["Thu!C9", "Biên chế!F3"]
