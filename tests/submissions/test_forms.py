"""The page and the workbook that answer a sender: everything escaped, every finding at its cell, a copy that counts."""

from __future__ import annotations

import io
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from dti_platform import methodology, units
from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import AnsweredFile, Desk, Offer, forms
from dti_platform.submissions.answer import grouped
from dti_platform.submissions.forms import html, workbook
from tests.feeds.drafts import HOME, Draft
from tests.submissions.in_process import in_this_process

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')
COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C"}


@pytest.fixture(scope="module")
def known() -> Known:
    return Known(units.load(check=False), methodology.load())


@pytest.fixture
def desk(known: Known, tmp_path: Path) -> Desk:
    return Desk(Store(tmp_path / "data"), known)


def serve(desk: Desk, content: bytes, name: str = "phieu.xlsx") -> AnsweredFile:
    return next(desk.serve([Offer(content, name, "self_assessment")]))


@pytest.fixture(scope="module")
def hostile(known: Known, tmp_path_factory: pytest.TempPathFactory) -> AnsweredFile:
    draft = Draft.of(HOME.read_bytes())
    for code, text in zip(("1.2", "1.3", "1.4", "1.5", "1.6"), HOSTILE, strict=True):
        draft.put(code, "Tự đánh giá", text)
        draft.put(code, "Minh chứng/Ghi chú", text)
    draft.put("2.1", "Tự đánh giá", 999)
    desk = Desk(Store(tmp_path_factory.mktemp("hostile")), known)
    with pytest.MonkeyPatch.context() as patch:
        in_this_process(patch)
        return serve(desk, draft.xlsx(), '<b onclick="x">phiếu</b>.xlsx')


@pytest.fixture(scope="module")
def copied(hostile: AnsweredFile) -> openpyxl.Workbook:
    """The workbook that answers it, as another reader sees it."""
    assert hostile.book is not None
    return openpyxl.load_workbook(io.BytesIO(workbook.workbook(hostile.answer, hostile.book)))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_no_markup_but_its_own_and_asks_for_nothing(hostile: AnsweredFile) -> None:
    page = html.page(hostile.answer)
    tags = Tags()
    tags.feed(page)
    assert not tags.found & {"script", "img", "link", "iframe", "b", "a", "form"}
    assert tags.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "scope"}
    assert "http://" not in page
    assert "https://" not in page
    assert all(text in tags.text for text in HOSTILE)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("name", forms.discover())
def test_no_form_writes_a_text_of_both_languages_as_code_does(hostile: AnsweredFile, name: str) -> None:
    content = forms.discover()[name].make(hostile) or b""
    parts = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = [book.read(member) for member in book.namelist()]
    assert not [part for part in parts if b"Bilingual(" in part]


def test_the_page_says_everything_in_both_languages(hostile: AnsweredFile) -> None:
    page = html.page(hostile.answer)
    for text in ("Chấp nhận một phần", "Accepted in part", "số từ 0 đến 10", "a number from 0 to 10", "Cách sửa"):
        assert text in page
    assert page.count('<tr class="error">') == len(hostile.answer.errors) == 6
    assert (
        0 < page.count('<tr class="warning">') == len(grouped(hostile.answer.warnings)) < len(hostile.answer.warnings)
    )


def test_a_refusal_has_a_page_and_where_it_can_be_opened_a_workbook(desk: Desk) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.say("Mã đơn vị", "VN34-19")
    served = serve(desk, draft.xlsx())
    assert served.book is not None
    assert "VN63-19" in html.page(served.answer)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.workbook(served.answer, served.book))).worksheets[-1]
    assert any("VN63-19" in str(cell.value) for row in sheet.iter_rows() for cell in row)
    (broken,) = desk.serve([Offer(b"", "phieu.xlsx", "self_assessment", period="2022")])
    assert broken.book is None


def test_every_finding_is_coloured_and_commented_at_its_cell(hostile: AnsweredFile, copied: openpyxl.Workbook) -> None:
    sheet = copied["Tự đánh giá"]
    for each in hostile.answer.findings:
        assert each.row is not None
        assert each.column is not None
        cell = sheet.cell(each.row, each.column)
        assert cell.comment is not None
        assert each.mend.vi in cell.comment.text
        assert each.why.en in cell.comment.text
        worst = "error" if any(o.locator == each.locator for o in hostile.answer.errors) else "warning"
        assert cell.fill.fgColor.rgb == COLOURS[worst]
    commented = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment}
    assert len(commented) == len({each.locator for each in hostile.answer.findings})


def test_the_copy_holds_every_cell_as_it_was_read_and_no_formula(
    hostile: AnsweredFile, copied: openpyxl.Workbook
) -> None:
    assert hostile.book is not None
    assert not [cell for sheet in copied for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    for cell in hostile.book.cells():
        value = copied[str(cell.sheet)].cell(cell.row, cell.column).value
        assert value == cell.value or str(value).startswith(str(cell.value))


def test_the_copy_can_be_mended_and_handed_in_again(desk: Desk) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", "8.5.0")
    first = serve(desk, draft.xlsx())
    assert first.book is not None
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(first.answer, first.book)))
    (error,) = first.answer.errors
    book["Tự đánh giá"].cell(error.row, error.column).value = 8.5  # type: ignore[arg-type]
    content = io.BytesIO()
    book.save(content)
    again = serve(desk, content.getvalue())
    assert again.answer.outcome == "accepted"
    assert again.answer.counted == {"new": 1, "changed": 0, "unchanged": 97, "withdrawn": 0}


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_came_as_text_is_answered_as_a_workbook_too(desk: Desk, kind: str) -> None:
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", "tốt")
    served = serve(desk, getattr(draft, kind)(), f"phieu.{kind}")
    assert served.book is not None
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(served.answer, served.book)))
    (error,) = served.answer.errors
    cell = book.worksheets[0].cell(error.row, error.column)  # type: ignore[arg-type]
    assert (cell.value, cell.comment is not None) == ("tốt", True)


def test_the_same_answer_gives_the_same_bytes(hostile: AnsweredFile) -> None:
    assert hostile.book is not None
    first, second = (workbook.workbook(hostile.answer, hostile.book) for _ in range(2))
    assert first == second
    assert html.page(hostile.answer) == html.page(hostile.answer)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("FORM = Form('answer.txt', 'text/plain', Bilingual.same('x'))", "half_a_form: make is missing"),
        ("def make(answered): return b''", "half_a_form: FORM is missing"),
        (
            "FORM = Form('answer.xlsx', 'text/plain', Bilingual.same('x'))\ndef make(answered): return b''",
            "another form writes answer.xlsx",
        ),
    ],
)
def test_a_form_that_is_half_added_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, fault: str
) -> None:
    head = "from dti_platform.language import Bilingual\nfrom dti_platform.submissions.forms import Form\n"
    (tmp_path / "half_a_form.py").write_text(head + lines, encoding="utf-8")
    monkeypatch.setattr(forms, "__path__", [*forms.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "dti_platform.submissions.forms.half_a_form", raising=False)
    with pytest.raises(TypeError, match=fault):
        forms.discover.__wrapped__()
    sys.modules.pop("dti_platform.submissions.forms.half_a_form")
