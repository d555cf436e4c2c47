"""Warnings: what counts and is to be looked at; an export of another system with its three traps."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dti_platform import feeds
from dti_platform.feeds import Known, corrections
from dti_platform.feeds.corrections import declared
from dti_platform.feeds.sheet.declaration import STATUSES
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer, reception
from dti_platform.submissions.answer import Answer
from tests.feeds.drafts import HOME, Draft
from tests.feeds.exported import framework_of_export
from tests.stand_ins import of_others
from tests.submissions.defects import clean
from tests.submissions.in_process import in_this_process

pytestmark = pytest.mark.usefixtures("answer_alone")


def serve(desk: Desk, content: bytes, name: str = "phieu.xlsx", **said: str) -> Answer:
    return next(desk.serve([Offer(content, name, "self_assessment", **said)])).answer


EXPORT = of_others("reference/shape_commune_selfassessment_62.csv")


def test_the_three_traps_of_an_export_are_warnings_and_every_cell_counts(
    store: Store, known: Known, tmp_path: Path
) -> None:
    """Code 4.10, verified above self in 5 rows, 33 rows without evidence; every row, score and difference is read.

    The verified scores of the export are quotations: one warning says so.
    """
    content = EXPORT
    desk = Desk(store, framework_of_export(content, known, tmp_path))
    answer = serve(desk, content, "export.csv", sender="VN63-19", period="2025")
    assert (answer.outcome, answer.errors, answer.cells["quarantined"]) == ("accepted", (), 0)
    found = Counter(each.reason for each in answer.warnings)
    assert (found["verified_above_self"], found["score_without_evidence"]) == (5, 33)
    spoilt = {each.node for each in answer.warnings if each.reason == "code_like_a_number"}
    assert "4.10" in spoilt
    assert found.keys() == {"verified_above_self", "quoted_scores", "score_without_evidence", "code_like_a_number"}
    assert found["quoted_scores"] == 1
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert spoilt == {row["code"] for row in rows if re.fullmatch(r"\d+\.\d*0", row["code"])}
    assert {each.node for each in answer.warnings if each.reason == "score_without_evidence"} == {
        row["code"] for row in rows if row["n_evidence_lines"] == "0"
    }
    taken = {(each.node, each.basis): each.after for each in answer.changes}
    assert taken == {(row["code"], "self"): float(row["self_score"]) for row in rows}
    assert answer.cells["cells"] == 63 * 10
    assert answer.cells["total"] == sum(1 for row in rows if row["diff"]), "differences are compared, never taken"


def test_a_difference_of_an_export_is_recomputed_in_every_row(store: Store, known: Known, tmp_path: Path) -> None:
    """Whichever is changed by a hundredth is told of, with what the rows give."""
    content = EXPORT
    known = framework_of_export(content, known, tmp_path)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    for row in rows:
        row["diff"] = f"{float(row['diff']) + 0.01:.2f}"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    answer = serve(Desk(store, known), text.getvalue().encode(), "export.csv", sender="VN63-19", period="2025")
    assert Counter(each.reason for each in answer.warnings)["sum_differs"] == len(rows) == 62


def test_a_jump_since_the_year_before_is_said(store: Store, known: Known) -> None:
    draft = clean()
    desk = Desk(store, known)
    draft.say("Kỳ", "2021")
    draft.put("1.3", "Tự đánh giá", 2)
    earlier = feeds.read(feeds.Received("self_assessment", "2021", "a.xlsx", "0" * 64, draft.xlsx()), known)
    store.tables.write("observations", 2021, earlier.observations.sort(pl.all()))
    draft.say("Kỳ", "2022")
    draft.put("1.3", "Tự đánh giá", 8)
    (found,) = serve(desk, draft.xlsx()).findings
    assert (found.reason, found.node, found.severity) == ("jump_since_last_year", "1.3", "warning")
    assert ("2021" in found.why.vi, found.expected.vi) == (True, "gần 2")


def test_a_correction_that_its_source_has_outlived_is_said_and_the_file_counts(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "self_assessment.corrections.toml").write_text(
        '[[correction]]\nunit = "VN63-19"\nperiod = "2022"\ncode = "1.2"\nwas = 95\nis = 9.5\nexpect = "> 10"\n'
        'reason_vi = "x"\nreason_en = "x"\nreported_on = 2026-11-24\n',
        encoding="utf-8",
    )
    declared.cache_clear()
    entries = declared("self_assessment", tmp_path)
    monkeypatch.setattr(corrections, "declared", lambda _: entries)
    in_this_process(monkeypatch)
    answer = serve(desk, HOME.read_bytes())
    assert answer.outcome == "accepted"
    assert [each.severity for each in answer.findings if each.reason == "correction_outlived"] == ["warning"]


@pytest.mark.parametrize(("came", "warned"), [("2023-05-29", 1), ("2023-05-31", 0), ("2023-06-02", 0)])
def test_a_day_of_issue_that_is_still_to_come_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, came: str, warned: int
) -> None:
    monkeypatch.setattr(reception, "today", lambda: dt.date.fromisoformat(came))
    draft = clean()
    draft.say("Ngày lập", "01/06/2023")
    found = [each for each in serve(desk, draft.xlsx()).findings if each.reason == "not_yet"]
    assert len(found) == warned
    assert all("01/06/2023" in each.why.vi for each in found)


def test_a_figure_in_a_hidden_row_is_said(desk: Desk) -> None:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(clean().xlsx()))
    sheet = book.worksheets[0]
    row = next(row[0].row for row in sheet.iter_rows() if row[0].value == "1.2")
    sheet.row_dimensions[row].hidden = True
    content = io.BytesIO()
    book.save(content)
    answer = serve(desk, content.getvalue())
    assert [(each.reason, each.node) for each in answer.findings] == [("hidden_figure", "1.2")]


def test_a_sheet_of_main_indices_alone_misses_no_indicator(desk: Desk) -> None:
    """Points may come in for main indices: then nobody is warned of rows that the sheet does not have."""
    draft = Draft.of(HOME.read_bytes())
    draft.rows = [row for row in draft.rows if str(row[0]) in "123456789"]
    for row in draft.rows:
        row[draft.column("Tự đánh giá")] = 50 if row[0] != "6" else None
    reasons = {each.reason for each in serve(desk, draft.xlsx()).findings}
    assert reasons == {"score_without_evidence"}


@pytest.mark.parametrize("day", ["01/01/2203", "01/01/2032", "31/12/1999"])
def test_a_day_of_issue_that_cannot_be_locks_out_no_later_sheet(desk: Desk, day: str) -> None:
    draft = clean()
    draft.say("Ngày lập", day)
    first = serve(desk, draft.xlsx())
    assert (first.outcome, [each.reason for each in first.warnings]) == ("accepted", ["day_of_issue"])
    draft.say("Ngày lập", "01/03/2023")
    second = serve(desk, draft.xlsx())
    assert (second.outcome, second.supersedes, second.warnings) == ("accepted", first.receipt, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda name: name.upper(),
        lambda name: f"1.2. {name}",
        lambda name: name.replace(" ", "\n", 2),
        lambda name: f"{name} (*)",
        lambda name: name[: len(name) * 3 // 4],
        lambda name: name.replace("số", "so"),
    ],
    ids=["case", "numbered", "broken", "noted", "cut short", "without marks"],
)
def test_a_name_as_people_write_it_alarms_nobody(desk: Desk, change: Callable[[str], str]) -> None:
    draft = clean()
    for row in draft.rows:
        if row[0]:
            row[1] = change(str(row[1]))
    answer = serve(desk, draft.xlsx())
    assert (answer.outcome, answer.findings) == ("accepted", ())


def test_a_status_is_one_of_the_template_s_list_and_points_that_are_no_grade_count_as_they_stand(
    desk: Desk, draft: Draft
) -> None:
    draft.put("1.2", "Tự đánh giá", 7)
    draft.put("1.3", "Trạng thái", "Xong rồi")
    draft.put("1.4", "Trạng thái", "Chưa thực hiện")
    answer = serve(desk, draft.xlsx())
    (status,) = (each for each in answer.warnings if each.reason == "unknown_status")
    assert (status.node, status.expected.vi) == ("1.3", f"một trong: {', '.join(STATUSES)}")
    (grade,) = (each for each in answer.warnings if each.reason == "not_a_grade")
    assert (grade.node, answer.outcome, "điểm được tính như đã ghi" in grade.mend.vi) == ("1.2", "accepted", True)
