"""The newest framework can be run on the day its annex is at hand: one file, then template, submissions, ranking."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from dti_platform import feeds, tables
from dti_platform.feeds.sheet.template import template
from dti_platform.methodology import Frameworks, rank_year, score_year
from dti_platform.publications import index_scores, province_ranking
from dti_platform.synthetic import generate, verification
from dti_platform.units import Units
from tests.methodology.annex import COUNTS, frameworks_with
from tests.methodology.observed import observed, one

UNIT = "VN34-19"
Year = dict[str, pl.DataFrame]


def submitted(
    sheets: Iterable[tuple[str, bytes]], units: Units, frameworks: Frameworks, feed: str = "self_assessment"
) -> pl.DataFrame:
    known = feeds.Known(units, frameworks)
    parsed = [
        feeds.read(feeds.Received(feed, "2024", name, hashlib.sha256(content).hexdigest(), content), known)
        for name, content in sheets
    ]
    assert {status for each in parsed for status in each.submissions["status"]} == {"accepted"}
    return pl.concat([each.observations for each in parsed])


def computed(observations: pl.DataFrame, units: Units, frameworks: Frameworks) -> Year:
    scores = score_year(2024, observations, units, frameworks)
    rankings = rank_year(2024, scores, observations, units, frameworks)
    return {"observations": observations, "scores": scores, "rankings": rankings}


@pytest.fixture(scope="module")
def illustrative(tmp_path_factory: pytest.TempPathFactory) -> Frameworks:
    return frameworks_with(tmp_path_factory.mktemp("illustrative"), "illustrative")


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Frameworks:
    return frameworks_with(tmp_path_factory.mktemp("official"), "illustrative", "official")


@pytest.fixture(scope="module")
def year(illustrative: Frameworks, known_units: Units) -> Year:
    framework = illustrative.get("405", "provincial", overlay=True)
    made = (framework, "2024", known_units.members("VN34"))
    sheets = submitted(generate(*made), known_units, illustrative)
    verified = submitted([verification(*made)], known_units, illustrative, "verification")
    return computed(pl.concat([sheets, verified]), known_units, illustrative)


def test_without_the_annex_nothing_is_computed(frameworks: Frameworks) -> None:
    framework = frameworks.get("405", "provincial")
    assert not framework.computable()
    assert any("maxima" in said for said in framework.unknown)


def test_the_annex_supplies_what_is_unknown(illustrative: Frameworks) -> None:
    framework = illustrative.get("405", "provincial", overlay=True)
    assert framework.computable()
    assert len(framework.leaves()) == sum(count for count, _ in COUNTS.values()) == 47
    assert [framework.nodes[code].max_points for code in ("PDTI", "CQS", "KTS", "XHS")] == [1000, 700, 650, 650]
    assert not any("maxima" in said for said in framework.unknown)


def test_points_out_of_a_made_up_maximum_are_illustrative_whoever_sends_them(
    illustrative: Frameworks, official: Frameworks, known_units: Units
) -> None:
    rows = observed([(UNIT, code, 50) for code in COUNTS], framework="405", period="2024", geography="VN34")
    for frameworks, evidence in ((illustrative, "illustrative"), (official, "official")):
        scores = score_year(2024, rows, known_units, frameworks).filter(unit=UNIT)
        assert scores["node"].n_unique() >= 12
        assert scores.filter(pl.col("points").is_not_null())["evidence"].unique().to_list() == [evidence]


def test_34_synthetic_submissions_give_a_whole_illustrative_ranking(year: Year) -> None:
    ours = year["rankings"].filter(basis="verified", node="PDTI")
    assert ours["rank"].drop_nulls().len() == 34
    assert ours["rank_status"].unique().to_list() == ["complete"]
    for name in ("scores", "rankings"):
        assert year[name]["evidence"].unique().to_list() == ["illustrative"]


def test_readers_get_the_ranking_of_34_with_pillars(year: Year, known_units: Units, illustrative: Frameworks) -> None:
    nothing = {name: frame.clear() for name, frame in year.items()}
    table = province_ranking.build(2024, year, nothing, known_units, illustrative)
    province_ranking.MODEL.validate(table)
    assert table.filter(basis="verified")["unit"].to_list() == sorted(known_units.geographies["VN34"])
    assert table.filter(basis="verified")["score_digital_economy"].null_count() == 0
    by_node = index_scores.build(2024, year, nothing, known_units, illustrative)
    assert by_node.filter(unit=UNIT, basis="self")["node"].n_unique() == 47 + 8 + 4


def filled(blank: bytes, share: Decimal) -> tuple[bytes, Decimal]:
    """A template with that share of every maximum as its self score, and what they add up to."""
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet, total = book.worksheets[0], Decimal(0)
    header = next(row for row in sheet.iter_rows() if "Mã" in [cell.value for cell in row])
    at = {cell.value: cell.column for cell in header}
    for row in range(header[0].row + 1, sheet.max_row + 1):
        if sheet.cell(row, at["Tự đánh giá"]).protection.locked:
            continue
        points = Decimal(str(sheet.cell(row, at["Điểm tối đa"]).value)) * share
        sheet.cell(row, at["Tự đánh giá"]).value, total = float(points), total + points
    content = io.BytesIO()
    book.save(content)
    return content.getvalue(), total


@pytest.mark.parametrize(("kind", "evidence"), [("illustrative", "illustrative"), ("official", "official")])
def test_a_template_filled_by_hand_comes_back_as_scores(
    request: pytest.FixtureRequest, known_units: Units, kind: str, evidence: str
) -> None:
    frameworks: Frameworks = request.getfixturevalue(kind)
    framework = frameworks.overlaid(frameworks.get("405", "provincial"))
    content, total = filled(template(framework, "2024", known_units.all[UNIT]), Decimal("0.5"))
    found = computed(submitted([(f"{UNIT}.xlsx", content)], known_units, frameworks), known_units, frameworks)
    ours = one(found["scores"], unit=UNIT, node="PDTI", basis="self")
    assert (ours["points"], ours["score"], ours["missing"]) == (float(total), 0.5, 0)
    assert ours["evidence"] == evidence
    place = one(found["rankings"], unit=UNIT, node="PDTI", basis="self")
    assert (place["rank"], place["rank_status"], place["ranked"], place["peers"]) == (None, "withheld", 1, 34)
    assert tables.meets(tables.Scores, found["scores"])
    assert tables.meets(tables.Rankings, found["rankings"])


def test_the_official_annex_leads_a_made_up_one(official: Frameworks) -> None:
    framework = official.overlaid(official.get("405", "provincial"))
    assert (framework.overlay, framework.evidence) == ("annex", "official")


def test_one_file_is_all_that_was_added(tmp_path: Path, frameworks: Frameworks) -> None:
    added = frameworks_with(tmp_path, "official").all
    assert {each.file for each in added} - {each.file for each in frameworks.all} == {"405-provincial.annex.toml"}
