"""Failing rows name whose figure it is, what stands in which file and where; of several cells those that matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from dti_platform.failing_row import sentence
from dti_platform.language import Bilingual
from dti_platform.pipeline.failing_rows import with_places
from dti_platform.quality import CheckResult
from dti_platform.storage import Store
from tests.quality.miniature import rows

CELL = {
    "feed": "self_assessment", "period": "2022", "geography": "VN63", "framework": "922", "unit": "VN63-48",
    "measure": "points", "basis": "self", "file": "a" * 64, "file_name": "VN63-48.xlsx",
}  # fmt: skip
CELLS = [
    {**CELL, "node": f"1.{number}", "value": float(number), "raw": f"{number},0", "locator": f"Phiếu!D{number}"}
    for number in range(1, 6)
]


def first_of(
    tmp_path: Path, cells: list[dict[str, Any]], held: list[dict[str, Any]] | None = None, **row: Any
) -> dict[str, Any]:
    """The one failing row as it is shown, where these cells stand, and those that are held back."""
    store = Store(tmp_path)
    if held:
        store.tables.write("quarantine", 2022, rows("quarantine", *held))
    store.tables.write("observations", 2022, rows("observations", *cells))
    failed = CheckResult(
        "scores", "a_check", "critical", "failed", Bilingual("Vì sao.", "Why."), 1, 1, rows=pl.DataFrame([row])
    )
    (result,) = with_places(store, [failed])
    assert result.failing_rows.height == 1
    return result.failing_rows.row(0, named=True)


OF_UNIT = {"period": "2022", "geography": "VN63", "unit": "VN63-48", "basis": "self"}


def test_a_row_of_one_figure_names_its_cell(tmp_path: Path) -> None:
    shown = first_of(tmp_path, CELLS, **OF_UNIT, node="1.2", points=2.0, max_points=1.0)
    assert [*shown.items()][:7] == [
        ("unit_name_vi", "Đà Nẵng"), ("unit_name_en", "Da Nang"), ("value", 2.0), ("raw", "2,0"),
        ("file_name", "VN63-48.xlsx"), ("locator", "Phiếu!D2"), ("feed", "self_assessment"),
    ]  # fmt: skip
    assert sentence(shown, "vi") == (
        "Đà Nẵng (VN63-48): giá trị 2, VN63-48.xlsx (self_assessment), Phiếu!D2: «2,0»; period 2022, basis self, "
        "node 1.2, points 2, max_points 1"
    )


def test_a_sum_names_the_first_cells_that_it_rests_on_and_how_many_more_there_are(tmp_path: Path) -> None:
    shown = first_of(tmp_path, CELLS, **OF_UNIT, node="1", points=15.0)
    assert (shown["value"], shown["raw"]) == (None, "1,0 | 2,0 | 3,0")
    assert shown["locator"] == "Phiếu!D1 | Phiếu!D2 | Phiếu!D3 | … +2"
    assert "Phiếu!D3: «3,0», … +2; period" in sentence(shown, "en")


def test_cells_of_several_files_stand_beside_their_files(tmp_path: Path) -> None:
    other = {**CELLS[1], "feed": "verification", "basis": "self", "file": "b" * 64, "file_name": "b.csv"}
    other |= {"locator": "line 3, column value", "raw": "2.0"}
    shown = first_of(tmp_path, [CELLS[1], other], **OF_UNIT, node="1.2", points=2.0)
    assert shown["file_name"] == "VN63-48.xlsx | b.csv"
    assert "VN63-48.xlsx, Phiếu!D2: «2,0», b.csv, line 3, column value: «2.0»" in sentence(shown, "en")


def test_a_row_that_has_its_own_cell_keeps_it_and_one_that_rests_on_none_says_what_it_knows(tmp_path: Path) -> None:
    shown = first_of(tmp_path, CELLS, **CELLS[3])
    assert (shown["locator"], shown["raw"], shown["value"]) == ("Phiếu!D4", "4,0", 4.0)
    shown = first_of(tmp_path / "other", CELLS, **{**OF_UNIT, "unit": "VN63-01"}, rank=3)
    assert sentence(shown, "en") == "Hanoi (VN63-01): period 2022, basis self, rank 3"
    assert sentence(first_of(tmp_path / "third", CELLS, host="example.org"), "en") == "host example.org"


def test_a_sentence_is_of_one_language() -> None:
    row = {"unit": "VN63-01", "why_vi": "thiếu", "why_en": "missing", "inputs": 95}
    assert sentence(row, "en") == "VN63-01: why missing, inputs 95"
    assert sentence(row, "vi") == "VN63-01: why thiếu, inputs 95"


def test_a_row_that_counts_quarantined_cells_names_these_alone(tmp_path: Path) -> None:
    held = {
        "feed": "self_assessment", "file": "a" * 64, "file_name": "VN63-48.xlsx", "period": "2022", "unit": "VN63-48",
        "node": "3.1", "error_class": "value", "reason": "ambiguous_number",
    }  # fmt: skip
    texts = dict.fromkeys(("reason_vi", "reason_en", "mend_vi", "mend_en"), "x")
    cells = [{**held, **texts, "locator": f"Phiếu!{column}36", "raw": "1.500"} for column in "FG"]
    row = {"period": "2022", "geography": "VN63", "unit": "VN63-48", "feed": "self_assessment"}
    shown = first_of(tmp_path, CELLS, cells, **row, received=7, quarantined=2)
    assert (shown["locator"], shown["raw"]) == ("Phiếu!F36 | Phiếu!G36", "1.500 | 1.500")
    other = first_of(tmp_path / "other", CELLS, cells, **{**row, "unit": "VN63-01"}, received=7, quarantined=0)
    assert other["locator"] is None
