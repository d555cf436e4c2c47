"""A yearly cycle as ``docs/yearly-cycle.md`` tells it, played for DTI 2025 in a copy of the project.

The framework is issued after the year that it measures, on another list than the year before: two files of
``recipes/``, marked as illustrative. 34 provinces and 22 bodies fill the templates; their scores are verified,
questioned and final; one province comes late, one corrects itself; the candidate is released, then corrected.
"""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from tests.copies import copied, dti, process, put

RECIPES = Path(__file__).parent / "recipes"
PAGE = Path(__file__).parents[1] / "docs" / "yearly-cycle.md"
LEVELS = {"VN34": ("provincial", 34), "MIN25": ("ministerial", 22)}
#: Self scores of the units in order: each has its own total, and all of them differ.
INDICATORS = ("1.1", "1.2", "1.3", "2.1", "2.2")
#: Where the table of the ministry would be printed: a domain that is nobody's.
PRINTED = "https://example.org/dti-2025"
LATE, CORRECTED, QUESTIONED = "VN34-01", "VN34-19", "VN34-92"


def commands() -> list[str]:
    """The commands of the page, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = (line.partition("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def test_the_page_is_one_page_and_names_commands_that_there_are() -> None:
    from dti_platform.cli import main

    text = PAGE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 75
    named = [shlex.split(line)[1] for line in commands() if line.startswith("./dti ")]
    assert set(named) <= main.commands.keys()
    assert {"template", "submit", "receipts", "run", "diff", "export", "release"} <= set(named)


class Cycle:
    """A copy of the project whose next framework has been issued, and what its command line says."""

    def __init__(self, root: Path, folder: Path) -> None:
        copied(root)
        for level, _ in LEVELS.values():
            put(
                RECIPES / f"dti25-{level}.toml",
                root / "dti_platform" / "methodology" / "frameworks" / f"dti25-{level}.toml",
            )
        (root / "data" / "feeds").mkdir(parents=True)
        self.root, self.folder = root, folder

    def dti(self, *arguments: str) -> Any:
        return dti(self.root, *arguments)

    def write(self, *arguments: str) -> None:
        """A command that writes files and prints no JSON."""
        done = process(self.root, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def release(self, name: str) -> pl.DataFrame:
        """A table of the newest release, what is illustrative in it too."""
        latest = self.root / "data" / "published" / "latest"
        parts = (latest / f"{name}.parquet", latest / "illustrative" / f"{name}.parquet")
        return pl.concat([pl.read_parquet(each) for each in parts if each.exists()])


def self_scores(place: int) -> Mapping[str, float]:
    """What the unit at a place claims: lower by 0.5 from unit to unit."""
    return dict(zip(INDICATORS, (10, 7.5, 20 - place / 4, 30 - place / 4, 25), strict=True))


def fill(workbook: Path, scores: Mapping[str, float], day: str = "2026-04-15") -> None:
    """Writes self scores, evidence and the day into a template, as an office would."""
    book = openpyxl.load_workbook(workbook)
    sheet = book.worksheets[0]
    titles: dict[object, int] = {}
    for row in sheet.iter_rows():
        first = row[0].value
        if first == "Ngày lập":
            row[1].value = day
        elif first == "Mã":
            titles = {cell.value: number for number, cell in enumerate(row)}
        elif first in scores:
            row[titles["Tự đánh giá"]].value = scores[str(first)]
            row[
                next(at for title, at in titles.items() if str(title).startswith("Minh chứng"))
            ].value = "Số 12/BC-UBND ngày 05/02/2026"
    book.save(workbook)


def verified(workbook: Path, target: Path, final: Mapping[str, float] | None = None) -> None:
    """The verifier's table as CSV: each self score less 1; where ``final`` gives it, the score after explanation."""
    sheet = openpyxl.load_workbook(workbook, data_only=True).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(number for number, row in enumerate(rows) if "Mã đơn vị" in row and "Mã" in row)
    titles = rows[head]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("unit_id", "period", "code", "verified", "final", "opinion"))
    for row in (dict(zip(titles, row, strict=True)) for row in rows[head + 1 :] if row[0]):
        claimed = row["Tự đánh giá"]
        if claimed is None:
            continue
        score = float(claimed) - 1 if row["Mã"] in ("1.3", "2.1", "2.2") else float(claimed)
        after = "" if final is None else f"{final.get(row['Mã đơn vị'] + ' ' + row['Mã'], score):g}"
        table.writerow((row["Mã đơn vị"], "2025", row["Mã"], f"{score:g}", after, "Theo minh chứng"))
    target.write_text(text.getvalue(), encoding="utf-8")


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    place = tmp_path_factory.mktemp("cycle")
    return Cycle(place / "project", place)


def unit_files(cycle: Cycle) -> Iterator[Path]:
    for geography in LEVELS:
        yield from sorted((cycle.folder / geography).glob("*.xlsx"))


@pytest.mark.heavy
def test_a_cycle_from_the_framework_to_the_correction(cycle: Cycle) -> None:
    scores = self_scores_come_in(cycle)
    tables = scores_are_verified_questioned_and_final(cycle, scores)
    the_candidate_is_published(cycle, scores)
    a_mistake_is_corrected(cycle, scores, tables[0])
    nothing_is_published_by_a_made_up_list(cycle)
    assert cycle.dti("verify")["faults"] == []


def asked(geography: str) -> tuple[str, ...]:
    """The options that name the framework of a geography."""
    return ("--framework", "dti25", "--level", LEVELS[geography][0], "--period", "2025", "--geography", geography)


def self_scores_come_in(cycle: Cycle) -> dict[str, Mapping[str, float]]:
    """Templates go out to every unit; one province is late, and one sends a newer sheet."""
    for geography, (_, number) in LEVELS.items():
        cycle.write("template", *asked(geography), "--out", str(cycle.folder / geography))
        assert len(list((cycle.folder / geography).glob("*.xlsx"))) == number
    files = {path.name.partition("_")[0]: path for path in unit_files(cycle)}
    scores = {unit: self_scores(place) for place, unit in enumerate(files)}
    for unit, path in files.items():
        fill(path, scores[unit])
    in_time = [str(path) for unit, path in files.items() if unit != LATE]
    accepted(cycle.dti("submit", *in_time, "--feed", "self_assessment"))
    run = cycle.dti("run", "--publish", "ask")
    assert (run["success"], run["release"]) == (True, None)
    assert run["candidate"]["candidate"].startswith("0001-")
    scores[CORRECTED] = scores[CORRECTED] | {"2.2": 27}
    fill(files[CORRECTED], scores[CORRECTED], day="2026-04-28")
    accepted(cycle.dti("submit", str(files[LATE]), str(files[CORRECTED]), "--feed", "self_assessment"))
    assert cycle.dti("run", "--publish", "ask")["success"]
    return scores


def scores_are_verified_questioned_and_final(cycle: Cycle, scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The verifier's tables have every self score; one unit asks, and the answer is final, as those of others are."""
    tables = [str(cycle.folder / f"{geography}.csv") for geography in LEVELS]
    for geography in LEVELS:
        table = cycle.folder / f"verification-{geography}.xlsx"
        cycle.write("template", "--feed", "verification", *asked(geography), "--out", str(table))
        verified(table, cycle.folder / f"{geography}.csv")
    accepted(cycle.dti("submit", *tables, "--feed", "verification", "--period", "2025"))
    for geography in LEVELS:
        final = {f"{QUESTIONED} 2.1": scores[QUESTIONED]["2.1"]}
        verified(cycle.folder / f"verification-{geography}.xlsx", cycle.folder / f"{geography}.csv", final)
    accepted(cycle.dti("submit", *tables, "--feed", "verification", "--period", "2025"))
    return tables


def the_candidate_is_published(cycle: Cycle, scores: Mapping[str, Mapping[str, float]]) -> None:
    """What was seen, and nothing else: final scores of all, each as it adds up, and places by them."""
    run = cycle.dti("run", "--publish", "ask")
    assert (run["success"], run["release"]) == (True, None)
    released = cycle.dti("release", run["candidate"]["candidate"], "--by", "Phòng Tổng hợp")
    assert (released["success"], released["release_is_new"]) == (True, True)
    ranking = cycle.release("province_ranking").filter(period="2025", basis="final")
    assert ranking.select("rank_status", "evidence").unique().rows() == [("complete", "illustrative")]
    expected = totals(scores)
    assert dict(ranking.select("unit", "score").rows()) == pytest.approx({u: p / 100 for u, p in expected.items()})
    ranks = {unit: 1 + sum(other > points for other in expected.values()) for unit, points in expected.items()}
    assert dict(ranking.select("unit", "rank").rows()) == ranks
    bodies = cycle.release("ministry_ranking").filter(period="2025", basis="final")
    assert sorted(bodies.group_by("peer_group").len()["len"]) == [6, 16]
    assert bodies["rank"].null_count() == 0


def a_mistake_is_corrected(cycle: Cycle, scores: Mapping[str, Mapping[str, float]], table: str) -> None:
    """The verifier's table comes again, and the correction says why one unit's figures moved."""
    final = {f"{QUESTIONED} 2.1": scores[QUESTIONED]["2.1"], f"{LATE} 2.2": scores[LATE]["2.2"]}
    verified(cycle.folder / "verification-VN34.xlsx", cycle.folder / "VN34.csv", final)
    accepted(cycle.dti("submit", table, "--feed", "verification", "--period", "2025"))
    assert cycle.dti("run", "--publish", "ask")["candidate"]
    reason = "Điểm 2.2 của một tỉnh bị chép sai"
    released = cycle.dti("release", "--type", "correction", "--reason", reason)
    assert (released["success"], released["release_is_new"]) == (True, True)
    moved = cycle.release("revisions").filter(pl.col("reason") == reason, pl.col("cause") == "cells")
    assert moved["unit"].unique().to_list() == [LATE]


def nothing_is_published_by_a_made_up_list(cycle: Cycle) -> None:
    """Printed results count by an official framework alone."""
    rows = ("geography,unit,metric,value,source,certainty", f"VN34,Hà Nội,rank_overall,2,{PRINTED},verbatim")
    printed = cycle.folder / "published.csv"
    printed.write_text("\n".join(rows) + "\n", encoding="utf-8")
    (answer,) = cycle.dti("submit", str(printed), "--feed", "published_results", "--period", "2025")
    assert answer["outcome"] == "refused"


def accepted(answers: list[dict[str, Any]]) -> None:
    """Every file was taken whole."""
    assert answers
    assert {each["outcome"] for each in answers} == {"accepted"}


def totals(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The final points of the 34 provinces: one less in three indicators, but for the answer to one question."""
    of_all = {unit: sum(given.values()) - 3 for unit, given in scores.items() if unit.startswith("VN34")}
    return of_all | {QUESTIONED: of_all[QUESTIONED] + 1}
