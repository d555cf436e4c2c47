"""Raw figures of a ratio in a unit's workbook: what an answer says of the self score beside them."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from dti_platform.feeds import Known
from dti_platform.methodology import Framework
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from dti_platform.submissions.answer import Answer
from tests.feeds.test_raw_figures import workbook


@pytest.fixture(scope="module")
def framework(known: Known) -> Framework:
    return known.frameworks.overlaid(known.frameworks.get("922", "provincial"))


@pytest.fixture(scope="module")
def ratios(framework: Framework) -> list[str]:
    return [node.code for node in framework.inputs if node.rule.kind == "ratio"]


def test_a_self_score_that_the_figures_do_not_give_is_warned_of(
    store: Store, known: Known, framework: Framework, ratios: list[str]
) -> None:
    first, second = ratios[:2]
    most = framework.nodes[second].max_points or Decimal(0)
    content = workbook(framework, {first: ("45", "60"), second: ("1", "3")}, {first: "1", second: f"{most / 3:.2f}"})
    answer = next(Desk(store, known).serve([Offer(content, "phieu.xlsx", "self_assessment")])).answer
    found = [(each.reason, each.node) for each in answer.warnings if each.reason == "score_not_as_figures"]
    assert (answer.outcome, found) == ("accepted", [("score_not_as_figures", first)])
    (told,) = (each for each in answer.warnings if each.reason == "score_not_as_figures")
    assert told.expected.vi.endswith(" điểm")
    assert "missing_row" not in {each.reason for each in answer.warnings}


def send(store: Store, known: Known, content: bytes) -> Answer:
    return next(Desk(store, known).serve([Offer(content, "phieu.xlsx", "self_assessment")])).answer


def test_both_figures_of_a_share_stand_for_its_points(
    store: Store, known: Known, framework: Framework, ratios: list[str]
) -> None:
    first = ratios[0]
    send(store, known, workbook(framework, {}, {first: "1"}))
    alone = send(store, known, without_score(workbook(framework, {first: ("45", "60")}, {first: "1"}), first))
    assert (alone.outcome, alone.counted["withdrawn"]) == ("accepted", 0)
    most = float(framework.nodes[first].max_points or 0)
    (change,) = (change for change in alone.changes if change.kind == "changed")
    assert (change.node, change.before, change.after) == (first, 1.0, 0.75 * most)


def test_the_points_that_count_are_compared_not_the_self_score_beside_them(
    store: Store, known: Known, framework: Framework, ratios: list[str]
) -> None:
    first = ratios[0]
    send(store, known, workbook(framework, {}, {first: "1"}))
    answer = send(store, known, workbook(framework, {first: ("0", "60")}, {first: "1"}))
    (change,) = (change for change in answer.changes if change.kind == "changed")
    assert (change.node, change.before, change.after) == (first, 1.0, 0.0)


@pytest.mark.parametrize(
    ("raw", "given", "lacking"), [(("39", None), "tử số", "mẫu số"), ((None, "4"), "mẫu số", "tử số")]
)
def test_one_figure_of_a_share_alone_is_warned_of(
    store: Store, known: Known, framework: Framework, ratios: list[str], raw: tuple[str | None, str | None], given: str,
    lacking: str,
) -> None:  # fmt: skip
    answer = send(store, known, workbook(framework, {ratios[0]: raw}, {}))
    (warning,) = (warning for warning in answer.warnings if warning.reason == "half_of_a_share")
    assert warning.node == ratios[0]
    assert warning.why.vi.startswith(f"Chỉ có {given} mà chưa có {lacking}")


def without_score(content: bytes, node: str) -> bytes:
    """A workbook without the self score of a node."""
    book, saved = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    sheet = book.worksheets[0]
    header = next(row for row in sheet.iter_rows() if "Tự đánh giá" in [cell.value for cell in row])
    column = next(cell.column for cell in header if cell.value == "Tự đánh giá")
    (row,) = (row for row in sheet.iter_rows(min_col=1, max_col=1) if row[0].value == node)
    sheet.cell(row[0].row, column).value = None
    book.save(saved)
    return saved.getvalue()
