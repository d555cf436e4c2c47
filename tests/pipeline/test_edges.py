"""Files from the edges, each of which used to stop every publication or to take from others, lie in one reception.

Whether they come by submission, by the inbox or in a checkout, each ends by itself, what others gave counts as before,
and the next run publishes.
"""

# The other faults that were found there, of hosts and runs, and what holds them:
# an edited or cut cache or table     tests/storage/test_derived.py, tests/pipeline/test_unverified.py
# a killed run                        tests/orchestration/test_liveness.py, test_kills_of_the_ui.py
# a lock held when the sensor fires   tests/orchestration/test_automation.py
# a clock of another year             tests/orchestration/test_years.py, tests/storage/test_clock.py
# `verify --head` of another ledger   tests/storage/test_verify.py
# `DTI_DATA=s3://...`                 tests/storage/test_roots.py
# a `dagster.yaml` of one's own       tests/test_entry.py
# two hosts, one data root            tests/pipeline/test_arrivals.py
# `[/x]` in the path of a data root   tests/report/test_terminal.py

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.feeds import Known, door, intake
from dti_platform.feeds.sheet.template import template
from dti_platform.pipeline import Platform
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer, Reception, Register, UsageError, keep_answer
from dti_platform.submissions.forms import workbook
from tests import committed
from tests.feeds.drafts import Draft
from tests.feeds.drawings import Drawn
from tests.feeds.drawings import workbook as drawn
from tests.feeds.erratic import scanned, survey
from tests.pipeline.in_process import answers_alone, run, short_releases
from tests.reading.test_bombs import with_parts
from tests.submissions.in_process import in_this_process
from tests.submissions.refused import copies

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
SHEETS, REPORT = FEEDS / "self_assessment" / "2022", FEEDS / "provincial_report" / "2023" / "indicators.csv"
MINISTRIES = FEEDS / "published_results" / "2022" / "ministries.csv"
SELF, YEARS = "Tự đánh giá", (2022, 2023)
#: The most cells of a file that are held back here: the real bound is met in tests/submissions/test_refusals.py.
MOST_HELD = 1_000
#: Who returns an answer, who fills a template, who has bad cells, and who sends for the first time.
RETURNS, FILLS, SPOILS, SENDS, FOREIGN = "VN63-19", "VN63-01", "VN63-02", "VN63-04", "VN63-06"
#: What is committed before; of the verifier's rows those of these units.
STANDING = (*(SHEETS / f"{unit}.xlsx" for unit in (RETURNS, FILLS, SPOILS)), REPORT, MINISTRIES)
VERIFIED = FEEDS / "verification" / "2022" / "922-provincial.csv"


def changed(content: bytes, value: Callable[[int], object]) -> bytes:
    """A workbook of ours with scores in its rows, saved by another program."""
    book, saved = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    sheet: Any = book.worksheets[0]
    header = next(row for row in sheet.iter_rows() if row[0].value == "Mã")
    at = next(cell.column for cell in header if cell.value == SELF)
    rows = (row[0].row for row in sheet.iter_rows() if "." in str(row[0].value))
    for number, row in enumerate(rows):
        sheet.cell(row, at).value = value(number)
    book.save(saved)
    return saved.getvalue()


def filled(unit: str, known: Known) -> bytes:
    """Our own template with one point everywhere."""
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    return changed(template(framework, "2022", known.units.all[unit]), lambda _: 1)


def returned(known: Known, store: Store) -> bytes:
    """The answer to a template with a bad cell, corrected."""
    sent = changed(filled(RETURNS, known), lambda number: 1 if number else "tốt")
    (served,) = Desk(store, known).serve([Offer(sent, "a.xlsx", "self_assessment")], dry_run=True)
    made = workbook.make(served)
    assert made
    return changed(made, lambda _: 2)


def sheet(unit: str, spoilt: Iterable[str] = (), foreign: Iterable[str] = ()) -> bytes:
    """A unit's own sheet as CSV, with words for some scores, and some codes that no framework has."""
    draft = Draft.of((SHEETS / f"{unit}.xlsx").read_bytes())
    for code in spoilt:
        draft.put(code, SELF, "tốt")
    for code in foreign:
        draft.put(code, "Mã", f"{code}.99")
    return draft.csv()


WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    f'<sheets><sheet name="{"T" * 10**6}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
MARKS = ("Mã,Tên\n" + f"1.1,e{chr(0x301) * 16_000}\n" * 108).encode()
PAIRS = [["Tỉnh", "Gia nhập", None, "Tiếp cận đất đai"], ["Cà Mau", 5, "Huế", 8], ["Huế", 6, "Cà Mau", 7]]


def otherwise() -> bytes:
    """A printed figure that another file prints otherwise."""
    with MINISTRIES.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(row))
    writer.writeheader()
    writer.writerow(row | {"value": "9"})
    return written.getvalue().encode()


@dataclass(frozen=True)
class Edge:
    """A file, where it is sent, and how it ends; of a checkout otherwise, where that is named."""

    feed: str
    period: str
    name: str
    make: Callable[[], bytes]
    end: str
    committed: str = ""


EDGES = {
    "a first sheet of another unit": Edge("self_assessment", "2022", "good.csv", lambda: sheet(SENDS), "accepted"),
    "a feed whose reader raises": Edge(
        "erratic", "2023", "raises.csv", lambda: survey(80, "ZeroDivisionError"), "refused broken_reader"
    ),
    "a sheet name of a million letters": Edge(
        "self_assessment", "2022", "name.xlsx", lambda: with_parts({"xl/workbook.xml": WORKBOOK.encode()}),
        "refused damaged",
    ),
    "runs of combining marks": Edge("self_assessment", "2022", "marks.csv", lambda: MARKS, "refused stacked_marks"),
    "a committed file and one blank line": Edge(
        "provincial_report", "2023", "indicators (1).csv", lambda: REPORT.read_bytes() + b"\n", "accepted"
    ),
    "one row time and again": Edge(
        "provincial_report", "2023", "copies.csv", lambda: copies(MOST_HELD + 2), "refused too_many_errors"
    ),
    "a printed figure that is printed otherwise": Edge(
        "published_results", "2022", "otherwise.csv", otherwise, "refused nothing_given",
        "accepted contradicts_another",
    ),
    "a code that the framework doesn't know": Edge(
        "self_assessment", "2022", "foreign.csv", lambda: sheet(FOREIGN, foreign=["1.2"]),
        "accepted held_with_row unknown_node",
    ),
    "five bad cells in a resubmission": Edge(
        "self_assessment", "2022", "spoilt.csv", lambda: sheet(SPOILS, ["1.3", "1.4", "1.5", "2.1", "2.2"]), "waiting"
    ),
    "untitled columns of names in a drawn table": Edge(
        "drawn", "2023", "pairs.xlsx", lambda: drawn(Drawn([]).sheet(PAIRS)), "refused two_readings"
    ),
}  # fmt: skip
#: What lies in a folder and is no file to be received.
LEFT = ("provincial_report/2022\n/a.csv", "provincial_report/２０２２/a.csv", "self_assessment/2022/big.xlsx")


@pytest.fixture(scope="module", autouse=True)
def opened_here() -> Iterator[None]:
    with scanned(), pytest.MonkeyPatch.context() as patch:
        in_this_process(patch)
        for module in (intake, door):
            patch.setattr(module, "MOST_QUARANTINED", MOST_HELD)
        yield


@pytest.fixture(scope="module")
def known() -> Known:
    return committed.known()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A data root that has run once over committed files."""
    root = tmp_path_factory.mktemp("before")
    header, *rows = VERIFIED.read_text(encoding="utf-8").splitlines(keepends=True)
    verified = "".join([header, *(row for row in rows if row.startswith((RETURNS, FILLS, SPOILS, SENDS, FOREIGN)))])
    for path, content in {**{path: path.read_bytes() for path in STANDING}, VERIFIED: verified.encode()}.items():
        place = root / "feeds" / path.relative_to(FEEDS)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    store = Store(root / "data", feeds=root / "feeds")
    with pytest.MonkeyPatch.context() as patch:
        short_releases(patch)
        run(Platform(store), "0", years=YEARS)
    return store


@pytest.fixture(scope="module")
def edges(known: Known, before: Store) -> Mapping[str, tuple[Edge, bytes]]:
    made = {
        "our template, filled": Edge(
            "self_assessment", "2022", "filled.xlsx", lambda: filled(FILLS, known), "accepted"
        ),
        "an answer that is corrected and sent back": Edge(
            "self_assessment", "2022", "returned.xlsx", lambda: returned(known, before), "accepted"
        ),
    }
    return {name: (edge, edge.make()) for name, edge in (EDGES | made).items()}


Files = Mapping[str, tuple[Edge, bytes]]
Way = Callable[[Store, Known, Files], None]


def by_submission(store: Store, known: Known, files: Files) -> None:
    offers = [Offer(content, edge.name, edge.feed, period=edge.period) for edge, content in files.values()]
    for served in Desk(store, known).serve(offers):
        keep_answer(store, served)


def by_the_inbox(store: Store, known: Known, files: Files) -> None:
    lie_in(store.inbox, store, known, files)


def in_a_checkout(store: Store, known: Known, files: Files) -> None:
    lie_in(store.feeds, store, known, files)


def lie_in(folder: Path, store: Store, known: Known, files: Files) -> None:
    places = {f"{edge.feed}/{edge.period}/{edge.name}": content for edge, content in files.values()}
    for place, content in (places | dict.fromkeys(LEFT, b"1")).items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content)
    os.truncate(folder / LEFT[-1], 200 * 10**9)
    refused = Reception(store, known).take().refused
    assert sorted(each.path for each in refused) == sorted(folder / place for place in LEFT)


WAYS = (by_submission, by_the_inbox, in_a_checkout)


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    return request.param


@pytest.fixture(scope="module")
def after(way: Way, before: Store, known: Known, edges: Files, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The same data root once all came by one way, and a run over them was published.

    What was submitted is answered and released whole; the other ways differ in how files come.
    """
    root = tmp_path_factory.mktemp("after")
    shutil.copytree(before.root.parent, root, dirs_exist_ok=True, symlinks=True)
    store = Store(root / "data", feeds=root / "feeds")
    with pytest.MonkeyPatch.context() as patch:
        if way is not by_submission:
            answers_alone(patch)
            short_releases(patch)
        way(store, known, edges)
        assert run(Platform(store), "1", years=YEARS).is_new
    return store


@pytest.mark.parametrize("name", [*EDGES, "our template, filled", "an answer that is corrected and sent back"])
def test_each_file_ends_by_itself(way: Way, after: Store, edges: Files, name: str) -> None:
    edge, _ = edges[name]
    assert end(after, edge.name) == ((way is in_a_checkout and edge.committed) or edge.end)


def end(store: Store, name: str) -> str:
    """What became of a file, and why it or cells of it don't count."""
    line = next(each for each in Register(store).lines() if each.receipt.name == name)
    if line.state != "counts":
        return f"{line.state} {line.reason}".strip()
    held = table(store, "quarantine").filter(file_name=name)["reason"].unique().sort().to_list()
    return " ".join(["accepted", *held])


def table(store: Store, name: str) -> pl.DataFrame:
    return pl.concat([store.tables.read(name, year) for year in YEARS])


def test_what_others_gave_counts_as_before(before: Store, after: Store, edges: Files) -> None:
    """Verified scores, too, of the units that sent something."""
    own = (pl.col("feed") == "self_assessment") & pl.col("unit").is_in([RETURNS, FILLS])
    names = [edge.name for edge, _ in edges.values()]
    was, became = (table(store, "observations").filter(~own) for store in (before, after))
    assert became.filter(~pl.col("file_name").is_in(names)).equals(was)
    came = table(after, "observations").filter(pl.col("file_name") == "good.csv")
    assert (came["unit"].unique().to_list(), came.height) == ([SENDS], 98)


@pytest.mark.parametrize("period", ["2022\n", "２０２２"])
def test_a_submission_for_what_is_no_period_is_wrong_usage(before: Store, known: Known, period: str) -> None:
    with pytest.raises(UsageError, match="no period"):
        list(Desk(before, known).serve([Offer(b"", "a.csv", "provincial_report", period=period)]))


def test_a_submission_larger_than_any_file_is_wrong_usage_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "big.xlsx").touch()
    os.truncate(tmp_path / "big.xlsx", 200 * 10**9)
    asked = ["submit", str(tmp_path / "big.xlsx"), "--feed", "self_assessment", "--data", str(tmp_path / "data")]
    done = CliRunner().invoke(main, asked)
    assert (done.exit_code, "larger than 64 MiB" in done.output) == (2, True)
