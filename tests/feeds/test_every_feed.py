"""What every feed gets, whatever it declares: found by scanning, so that a new feed is tested here by itself."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from dti_platform import feeds
from dti_platform.feeds import Known, Parsed, Received
from dti_platform.feeds.blank import LISTS, Blank
from dti_platform.reading import Column
from tests.feeds.test_formats import FORMATS

pytestmark = pytest.mark.usefixtures("one_child_for_all")

FOLDER = Path(__file__).parents[2] / "data" / "feeds"
FEEDS = sorted(feeds.discover())
DECLARED = [name for name in FEEDS if feeds.discover()[name].FEED.columns]
#: Where a figure was read, which no two formats have in common.
PLACE = ("file", "file_name", "locator")
DURATION = re.compile(r"P\d+[YMWD]")

every_feed = pytest.mark.parametrize("name", FEEDS)
every_declared = pytest.mark.parametrize("name", DECLARED)


def files(name: str) -> list[Path]:
    return [path for path in sorted((FOLDER / name).glob("*/*")) if path.suffix != ".md"]


#: What committed files gave, each read once.
COMMITTED: dict[Path, Parsed] = {}


def read(name: str, path: Path, known: Known, content: bytes | None = None) -> Parsed:
    """What a committed file gives, read in a child as if it had come; or other content in its place, read here."""
    if content is None and path in COMMITTED:
        return COMMITTED[path]
    given = path.read_bytes() if content is None else content
    received = Received(name, path.parent.name, path.name, hashlib.sha256(given).hexdigest(), given)
    if content is not None:
        return feeds.read(received, known)
    COMMITTED[path] = feeds.read(*feeds.read_apart([received], known), known)
    return COMMITTED[path]


#: As many rows of a file as show what a format or a template does to them; the longest has thousands.
ENOUGH = 200


def beginning(path: Path) -> list[list[str]]:
    """The header and the first rows of a committed CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[: 1 + ENOUGH]


#: What the beginnings of committed files gave, each read once.
BEGUN: dict[Path, pl.DataFrame] = {}


def given(name: str, path: Path, known: Known) -> pl.DataFrame:
    """The figures of the beginning of a committed CSV, but for where they were read."""
    if path not in BEGUN:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(beginning(path))
        BEGUN[path] = read(name, path, known, text.getvalue().encode()).observations.drop(PLACE)
    return BEGUN[path]


def filled(path: Path) -> int:
    """How many cells hold something, as another reader sees it."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(cell.strip() != "" for row in csv.reader(file) for cell in row)
    book = openpyxl.load_workbook(path)
    return sum(cell.value not in (None, "") for sheet in book for row in sheet.iter_rows() for cell in row)


@every_feed
def test_it_says_what_it_is_whose_it_is_and_how_often_it_comes(name: str) -> None:
    feed = feeds.discover()[name].FEED
    assert feed.id == name
    assert all((feed.title_vi, feed.title_en, feed.publisher, feed.licence))
    assert DURATION.fullmatch(feed.rhythm)
    assert files(name), "it has sample files"
    assert all(path.match(feed.pattern) for path in files(name))


@every_feed
def test_every_cell_of_its_files_has_a_fate(name: str, known: Known) -> None:
    for path in files(name)[:3]:
        row = read(name, path, known).submissions.row(0, named=True)
        assert row["status"] != "refused"
        assert row["cells"] - row["blank"] == filled(path), path.name
        assert row["cells"] == sum(
            row[fate] for fate in ("accepted", "quarantined", "blank", "header", "note", "total")
        )


@every_feed
def test_its_files_give_figures_and_hold_nothing_back(name: str, known: Known) -> None:
    for path in files(name)[:3]:
        parsed = read(name, path, known)
        assert parsed.observations.height > 0
        assert set(parsed.observations["feed"]) == {name}
        assert parsed.quarantine.is_empty()


@every_declared
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "xls"])
def test_every_format_gives_the_same_figures(name: str, form: str, known: Known) -> None:
    path = files(name)[0]
    found = read(name, path, known, FORMATS[form](beginning(path)))
    assert found.observations.drop(PLACE).equals(given(name, path, known))


def made(name: str, known: Known) -> bytes:
    module = feeds.discover()[name]
    return Blank(module.FEED, module.choices(known), height=ENOUGH).workbook()  # type: ignore[attr-defined]


#: Blank workbooks, each made once.
TEMPLATES: dict[str, bytes] = {}


def template(name: str, known: Known) -> bytes:
    return TEMPLATES.get(name) or TEMPLATES.setdefault(name, made(name, known))


def typed(text: str, column: Column) -> str | float:
    """What a cell of a spreadsheet holds once a person typed it: a number where the column takes numbers."""
    plain = column.number is not None and re.fullmatch(r"\d+(\.\d*[1-9])?", text)
    return float(text) if plain and column.number.decimal == "," else text  # type: ignore[union-attr]


def into_template(name: str, path: Path, known: Known) -> bytes:
    """The rows of a file, written below the header of the blank workbook as a person would, by the column's meaning."""
    book = openpyxl.load_workbook(io.BytesIO(template(name, known)))
    header, *rows = beginning(path)
    for number, cells in enumerate(rows, 2):
        row = dict(zip(header, cells, strict=True))
        for place, column in enumerate(feeds.discover()[name].FEED.columns, 1):
            if row.get(column.name):
                book.worksheets[0].cell(number, place).value = typed(row[column.name], column)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@every_declared
def test_its_template_filled_by_hand_comes_back_whole(name: str, known: Known) -> None:
    for path in files(name)[:2]:
        found = read(name, path, known, into_template(name, path, known))
        assert found.submissions["status"].to_list() == ["accepted"]
        assert found.observations.drop(PLACE).equals(given(name, path, known))


@every_declared
def test_its_template_locks_the_header_and_offers_what_may_be_chosen(name: str, known: Known) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(name, known)))
    sheet = book.worksheets[0]
    assert sheet.protection.sheet
    assert all(cell.protection.locked and cell.comment for cell in sheet[1])
    assert not any(cell.protection.locked for cell in sheet[2])
    offered = {str(rule.sqref).split(":")[0]: str(rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert len(offered) == len(list(lists(book[LISTS])))
    assert made(name, known) == template(name, known)


def lists(sheet: object) -> Iterator[list[str]]:
    for column in sheet.iter_cols(values_only=True):  # type: ignore[attr-defined]
        words = [str(word) for word in column if word is not None]
        assert len(set(words)) == len(words) > 1
        yield words


def test_a_choice_of_a_template_is_taken_as_it_stands(known: Known) -> None:
    """Every province and indicator that a drop-down offers is one that reading knows."""
    path = files("provincial_report")[0]
    with path.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file)) | {"period": "2025"}  # both lists of provinces were in force in it
    choices = feeds.discover()["provincial_report"].choices(known)  # type: ignore[attr-defined]
    rows = [
        row | {"province": province, "geography": geography}
        for province in choices["province"]
        for geography in choices["geography"]
        if known.units.find(province, geography).unit_id
    ]
    rows += [row | {"indicator": indicator} for indicator in choices["indicator"] if indicator != row["indicator"]]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerows(rows)
    of_2025 = path.parents[1] / "2025" / path.name
    parsed = read("provincial_report", of_2025, known, text.getvalue().encode())
    assert parsed.quarantine.filter(pl.col("reason") != "repeated_value").is_empty()
    assert {each["province"] for each in rows} == set(choices["province"])
