"""A correction through the whole flow: one cell of one workbook, and everything that moved with it, with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.orchestration.run import publish_candidate, run_main_job

if TYPE_CHECKING:
    from tests.conftest import Flow

REASON = "the department had counted a meeting twice"


def lower(path: Path, code: str) -> str:
    """Half the verified score of an indicator; the place of the cell."""
    book = openpyxl.load_workbook(path)
    rows = [(sheet, row) for sheet in book for row in sheet.iter_rows()]
    ((_, head),) = [each for each in rows if any(cell.value == "Thẩm định" for cell in each[1])]
    column = next(cell.column for cell in head if cell.value == "Thẩm định")
    ((sheet, row),) = [each for each in rows if each[1][0].value == code]
    cell = sheet.cell(row[0].row, column)
    assert isinstance(cell.value, int | float)
    cell.value = cell.value / 2
    book.save(path)
    return f"{sheet.title}!{cell.coordinate}"


def test_a_correction_lists_every_figure_that_it_moved(flow: Flow, tmp_path: Path) -> None:
    store = flow.copy(tmp_path)
    place = lower(store.feeds / "self_assessment" / "2022" / "VN63-19.xlsx", "7.1")
    proposed = run_main_job(store, ["2022"], publish="ask")
    assert proposed.success, proposed.failure
    assert (proposed.release_is_new, proposed.candidate and proposed.candidate["before"]) == (False, proposed.release)
    outcome = publish_candidate(store, type="correction", reason=REASON)
    assert outcome.success, outcome.failure
    latest = store.releases.latest()
    assert latest is not None
    assert (latest.number, latest.kind, latest.reason) == (2, "correction", REASON)
    table = store.releases.open().table("revisions")
    assert set(table["release"]) == {"0002"}
    assert set(table["type"]) == {"correction"}
    assert set(table["reason"]) == {REASON}
    assert set(table["basis"]) == {"verified"}, "no published figure moved"
    own = table.filter(pl.col("cause") == "cells")
    assert set(own["unit"]) == {"VN63-19"}
    assert {"PDTI", "CQS", "7", "7.1"} <= set(own["node"])
    assert all(place in cells for cells in table["cells"])
    head = store.ledger.head().sha256
    again = run_main_job(store, ["2022"])
    assert (again.success, again.release_is_new, again.ledger_head) == (True, False, head)
    told = CliRunner().invoke(main, ["diff", "1", "2", "--json", "--data", str(store.root)])
    index = [each for each in json.loads(told.output)["changes"] if each["unit"] == "VN63-19" and each["is_index"]]
    assert [(each["why"][0]["type"], each["why"][0]["reason"]) for each in index] == [("correction", REASON)]
