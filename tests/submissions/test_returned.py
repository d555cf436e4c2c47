"""An answer workbook is corrected and sent back any number of times, by ``submit`` and by the inbox, in any layout."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import openpyxl
import pytest

from dti_platform import feeds
from dti_platform.feeds import Known
from dti_platform.feeds.blank import GUIDE, LISTS, TABLE, Blank, choices_of, guide_of, limits_of
from dti_platform.feeds.sheet.declaration import ANSWER, NAME
from dti_platform.feeds.sheet.template import Before, template
from dti_platform.storage import Store
from dti_platform.submissions import AnsweredFile, Desk, Offer, Reception, keep_answer
from dti_platform.submissions.forms import workbook
from tests.feeds.drafts import HOME, Draft

pytestmark = pytest.mark.usefixtures("scores_untold")

RED = "FFFFC7CE"


class Sent(NamedTuple):
    """What comes back: the answer for machines, and the workbook."""

    answer: dict[str, Any]
    workbook: bytes

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [each for each in self.answer["findings"] if each["severity"] == "error"]


Send = Callable[[bytes, int], Sent]


@pytest.fixture(params=["submit", "inbox"])
def send(request: pytest.FixtureRequest, store: Store, desk: Desk) -> Send:
    """Hands in a self-assessment of 2022, and takes its answer from where it is kept."""

    def submit(content: bytes, number: int) -> Sent:
        answered = next(desk.serve([Offer(content, f"answer {number}.xlsx", "self_assessment")]))
        folder = keep_answer(store, answered)
        return Sent(answered.answer.to_dict(), (folder / "answer.xlsx").read_bytes())

    def inbox(content: bytes, number: int) -> Sent:
        path = store.inbox / "self_assessment" / "2022" / f"answer {number}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        assert Reception(store, desk.known).take().new == 1
        (kept,) = store.root.glob(f"answers/**/{number + 1}/answer.json")
        return Sent(json.loads(kept.read_bytes()), kept.with_name("answer.xlsx").read_bytes())

    return submit if request.param == "submit" else inbox


def answer_workbook(answered: AnsweredFile) -> bytes:
    content = workbook.make(answered)
    assert content
    return content


def changed(content: bytes, put: Callable[[Any], None]) -> bytes:
    """Opened, changed and saved by another program."""
    book, saved = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    put(book)
    book.save(saved)
    return saved.getvalue()


def columns(sheet: Any) -> dict[str, int]:
    header = next(row for row in sheet.iter_rows() if row[0].value == "Mã")
    return {cell.value: cell.column for cell in header}


def open_rows(sheet: Any) -> Iterator[int]:
    at = columns(sheet)["Tự đánh giá"]
    return (row[0].row for row in sheet.iter_rows() if not sheet.cell(row[0].row, at).protection.locked)


def fill(book: Any, bad: int = 1) -> None:
    """Zero points everywhere, but words where there should be points in the first rows."""
    sheet = book[NAME]
    for number, row in enumerate(open_rows(sheet)):
        sheet.cell(row, columns(sheet)["Tự đánh giá"]).value = "tốt" if number < bad else 0
        sheet.cell(row, columns(sheet)["Minh chứng/Ghi chú"]).value = f"Số {number}/BC-UBND ngày 01/03/2023"


@pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=pytest.mark.heavy)])
def test_a_template_comes_back_with_all_that_was_sent_and_can_be_corrected_each_time(
    send: Send, known: Known, rounds: int
) -> None:
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    last = {"1.2": Before(Decimal("7.5"), "illustrative", "Số 12/BC-UBND", "2021")}
    given = template(framework, "2022", known.units.all["VN63-19"], last)
    content = changed(given, lambda book: fill(book, rounds))
    for number in range(rounds):
        sent = send(content, number)
        assert (sent.answer["outcome"], len(sent.errors)) == ("accepted_in_part", rounds - number)
        if number in (0, rounds - 1):
            is_filled_in_template(sent.workbook, given, content)
        content = with_a_score(sent, 5)
    whole = send(content, rounds)
    assert (whole.answer["outcome"], list(whole.answer["findings"])) == ("accepted", [])


def with_a_score(sent: Sent, score: float) -> bytes:
    """The workbook that came back, its first error corrected."""
    at = sent.errors[0]
    return changed(sent.workbook, lambda book: put(book[at["sheet"]], at["row"], at["column"], score))


def put(sheet: Any, row: int, column: int, value: object) -> None:
    sheet.cell(row, column).value = value


def is_filled_in_template(returned: bytes, given: bytes, sent: bytes) -> None:
    """The values that were sent, and the locks, lists, comments and print set-up that were given."""
    ours, template_, theirs = (openpyxl.load_workbook(io.BytesIO(content)) for content in (returned, given, sent))
    assert ours.sheetnames == [*template_.sheetnames, ANSWER]
    for name in template_.sheetnames:
        values = [[[cell.value or None for cell in row] for row in book[name].iter_rows()] for book in (ours, theirs)]
        assert values[0] == values[1]
    sheet: Any = ours[NAME]
    before: Any = template_[NAME]
    locks = [[cell.protection.locked for row in each.iter_rows() for cell in row] for each in (sheet, before)]
    assert locks[0] == locks[1]
    assert sheet.protection.sheet
    lists = [
        {str(each.sqref): each.formula1 for each in every.data_validations.dataValidation} for every in (sheet, before)
    ]
    assert lists[0] == lists[1] != {}
    notes = {cell.coordinate: cell.comment.text for row in before.iter_rows() for cell in row if cell.comment}
    assert {at: sheet[at].comment.text for at in notes} == notes
    assert sheet.print_title_rows == before.print_title_rows
    bad = [cell for row in sheet.iter_rows() for cell in row if cell.value == "tốt"]
    assert all(cell.fill.fgColor.rgb == RED and cell.comment for cell in bad)
    assert all(cell.fill.fgColor.rgb != RED for row in sheet.iter_rows() for cell in row if cell.value != "tốt")


def test_another_layout_is_copied_and_can_be_corrected_each_time(send: Send, draft: Draft) -> None:
    codes = [str(row[0]) for row in draft.rows if "." in str(row[0])][:2]
    for code in codes:
        draft.put(code, "Tự đánh giá", "tốt")
    draft.others = [["Ghi chú", 12]]
    content = draft.xlsx()
    for number in range(len(codes)):
        sent = send(content, number)
        assert len(sent.errors) == len(codes) - number
        content = with_a_score(sent, 0)
        assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["Bìa", NAME, ANSWER]
    assert send(content, len(codes)).answer["outcome"] == "accepted"


def test_a_refused_template_comes_back_as_the_template(desk: Desk, known: Known) -> None:
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    given = template(framework, "2022", known.units.all["VN63-19"])
    answered = next(desk.serve([Offer(changed(given, fill), "p.xlsx", "self_assessment", "VN63-01")]))
    assert answered.answer.outcome == "refused"
    sheet = openpyxl.load_workbook(io.BytesIO(answer_workbook(answered)))[NAME]
    assert sheet.protection.sheet
    assert len(list(open_rows(sheet))) == 98


def test_a_feed_with_columns_gets_its_own_template_back(desk: Desk, known: Known) -> None:
    """Drop-downs, locks and guide; what the sender wrote below; again and again."""
    module = feeds.discover()["provincial_report"]
    given = Blank(module.FEED, choices_of(module, known)).workbook()

    def fill_row(book: Any) -> None:
        sheet = book[TABLE]
        header = [cell.value for cell in sheet[1]]
        row = {"province": "Thái Nguyên", "indicator": "community_digital_teams", "value": "nhiều", "period": "2023"}
        names = {column.aliases[0] if column.aliases else column.name: column.name for column in module.FEED.columns}
        for at, title in enumerate(header, 1):
            sheet.cell(2, at).value = row.get(names[title])

    content = changed(given, fill_row)
    for number in range(2):
        answered = next(desk.serve([Offer(content, f"r{number}.xlsx", module.FEED.id, period="2023")]))
        assert answered.template is not None
        content = answer_workbook(answered)
        book = openpyxl.load_workbook(io.BytesIO(content))
        assert book.sheetnames == [TABLE, GUIDE, LISTS, ANSWER]
        assert book[TABLE].protection.sheet
        assert len(book[TABLE].data_validations.dataValidation) > 0
        assert "Thái Nguyên" in [cell.value for cell in book[TABLE][2]]


def test_the_verifiers_table_comes_back_with_its_rows_locked(desk: Desk, known: Known) -> None:
    module: Any = feeds.discover()["verification"]
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    printed = [row for row in module.rows(known, framework, "2022", "VN63", {}) if row["unit_id"] == "VN63-19"]
    further = limits_of(module, known, printed), guide_of(module)
    given = Blank(module.FEED, choices_of(module, known), printed, *further).workbook()
    content = changed(given, lambda book: put(book[TABLE], 2, 8, "tốt") or put(book[TABLE], 3, 8, 5))
    answered = next(desk.serve([Offer(content, "v.xlsx", "verification")]))
    assert [each.reason for each in answered.answer.errors] == ["not_a_number"]
    sheets = [openpyxl.load_workbook(io.BytesIO(each))[TABLE] for each in (answer_workbook(answered), given)]
    ours, theirs = sheets
    locks = [[cell.protection.locked for row in each.iter_rows() for cell in row] for each in (ours, theirs)]
    assert locks[0] == locks[1]
    rules = [{(str(rule.sqref), rule.formula1) for rule in each.data_validations.dataValidation} for each in sheets]
    assert rules[0] == rules[1] != set()
    assert (ours["H2"].fill.fgColor.rgb, ours["H3"].value, ours["A2"].value) == (RED, 5, "VN63-19")


def test_the_rows_of_an_answer_are_no_figures_of_the_sender(desk: Desk) -> None:
    first = next(desk.serve([Offer(HOME.read_bytes(), "phieu.xlsx", "self_assessment")]))
    again = next(desk.serve([Offer(answer_workbook(first), "back.xlsx", "self_assessment")]))
    assert again.answer.counted == {"new": 0, "changed": 0, "unchanged": 98, "withdrawn": 0}
    assert [each.reason for each in again.answer.findings] == [each.reason for each in first.answer.findings]
