"""Any index: a commune's, by a framework file and rows of reference data; no code knows its name, units or level."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from dti_platform import feeds, methodology, tables, units
from dti_platform.feeds import Extract, Feed, Known, Parsed, Received, opened
from dti_platform.feeds.fields import Held, code, exact, text
from dti_platform.feeds.framed import framed
from dti_platform.feeds.intake import Intake
from dti_platform.methodology import Framework, rank_year, score_year
from dti_platform.methodology.rules import Category
from dti_platform.reading import Cell, Column, Convention
from dti_platform.units import ReferenceDataError, Units
from tests.methodology.observed import one
from tests.stand_ins import of_others

PROJECT = Path(__file__).parents[2]
COMMUNE, OTHER = "XA25-00001", "XA25-00002"
HEAD = """
version = "xa"
level = "local"
index = "DTI"
family = "xa"
title_vi = "Bộ chỉ số cấp xã"
title_en = "An index of communes"
decision = "none"
source = ["sheet"]
publisher = "none"
evidence = "official"
aggregation = "sum_of_main_indices"
in_force = [{ period = "2025", geography = "XA25" }]
unknown_vi = ["làm tròn, đồng hạng"]
unknown_en = ["rounding, ties"]

[settings]
decimals = 6
printed_decimals = 2
rounding = "half_up"
tie = "competition"
missing = "withhold"

[sources]
sheet = "shape_commune_selfassessment_62.csv"
"""


def node(code: str, parent: str | None, kind: str, name: str, more: str = "") -> str:
    said = {"code": code, "parent": parent, "kind": kind, "name_vi": name, "name_en": name, "certainty": "verbatim"}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items() if value]
    return "\n".join(("", "[[nodes]]", *lines, 'source = ["sheet"]', more, ""))


def reference(folder: Path, *local: str) -> Path:
    """The reference data, and one geography of another level."""
    shutil.copytree(PROJECT / "data" / "reference", folder)
    with (folder / "geographies.csv").open("a", encoding="utf-8") as text:
        text.write(f"XA25,local,{len(local)},yes,xã thử,communes of a test,2025-07-01,,general_knowledge\n")
    header = "unit,geography,name_vi,full_name_vi,name_en,kind,valid_from,valid_to,source"
    (folder / "local_units.csv").write_text("\n".join((header, *local, "")), encoding="utf-8")
    return folder


def commune(unit: str, name: str) -> str:
    return f"{unit},XA25,{name},Xã {name},{name},commune,2025-07-01,,general_knowledge"


@pytest.fixture(scope="module")
def sheet() -> bytes:
    return of_others("reference/shape_commune_selfassessment_62.csv")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, sheet: bytes) -> Known:
    folder = tmp_path_factory.mktemp("commune")
    known_units = units.load(reference(folder / "reference", commune(COMMUNE, "Thử Một"), commune(OTHER, "Thử Hai")))
    rows = list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"))))
    groups = {row["code"].split(".")[0]: row["group_vi"] for row in rows}
    nodes = [node("T", None, "index", "Tổng"), *(node(each, "T", "main_index", name) for each, name in groups.items())]
    nodes += [
        node(row["code"], row["code"].split(".")[0], "indicator", row["name_vi"], f"max_points = {row['max_points']}")
        for row in rows
    ]
    (folder / "xa-local.toml").write_text(HEAD + "".join(nodes), encoding="utf-8")
    return Known(known_units, methodology.load(folder, known_units))


def received(name: str, content: bytes, sender: str) -> Received:
    return Received("self_assessment", "2025", name, hashlib.sha256(content).hexdigest(), content, sender=sender)


def verification(known: Known, sheets: Mapping[str, bytes]) -> Parsed:
    """The verifier's table of what sheets print as verified, each under the code of its unit."""
    lines = ["unit_id,code,verified"]
    for unit, sheet in sheets.items():
        rows = csv.DictReader(io.StringIO(sheet.decode("utf-8-sig")))
        lines += [f"{unit},{row['code']},{row['verified_score']}" for row in rows]
    content = "\n".join(lines).encode()
    parsed = feeds.read(Received("verification", "2025", "v.csv", hashlib.sha256(content).hexdigest(), content), known)
    assert parsed.submissions["status"].to_list() == ["accepted"]
    return parsed


def test_the_62_row_commune_set_is_scored_to_its_printed_sums(known: Known, sheet: bytes) -> None:
    framework: Framework = known.frameworks.get("xa", "local")
    assert (len(framework.leaves()), framework.root.max_points) == (62, 960)
    parsed = feeds.read(received("set.csv", sheet, COMMUNE), known)
    assert parsed.submissions["status"].to_list() == ["accepted"]
    observations = pl.concat([parsed.observations, verification(known, {COMMUNE: sheet}).observations])
    scores = score_year(2025, observations, known.units, known.frameworks)
    assert tables.meets(tables.Scores, scores)
    for basis, points in (("self", 787.84), ("verified", 606.27)):
        total = one(scores, unit=COMMUNE, node="T", basis=basis)
        assert (total["points"], total["max_points"], total["missing"]) == (points, 960.0, 0)
        assert total["score"] == round(points / 960, 6)
        assert one(scores, unit=OTHER, node="T", basis=basis)["obs_status"] == "O"
    rankings = rank_year(2025, scores, observations, known.units, known.frameworks)
    assert tables.meets(tables.Rankings, rankings)
    assert one(rankings, unit=COMMUNE, node="T", basis="self")["rank_status"] == "withheld", "one of two"


def test_two_communes_are_ranked(known: Known, sheet: bytes) -> None:
    """The other one claims the same, and is verified at what it claims."""
    lines = sheet.decode("utf-8-sig").splitlines(keepends=True)
    second = "".join([lines[0], *(line.replace("10,7.04,10", "10,7.54,10") for line in lines[1:])]).encode()
    parsed = [
        feeds.read(received(f"{unit}.csv", content, unit), known)
        for unit, content in ((COMMUNE, sheet), (OTHER, second))
    ]
    parsed.append(verification(known, {COMMUNE: sheet, OTHER: second}))
    observations = pl.concat([each.observations for each in parsed])
    scores = score_year(2025, observations, known.units, known.frameworks)
    places = rank_year(2025, scores, observations, known.units, known.frameworks).filter(node="T")
    ranks = {(row["basis"], row["unit"]): row["rank"] for row in places.iter_rows(named=True)}
    assert ranks == {("self", COMMUNE): 2, ("self", OTHER): 1, ("verified", COMMUNE): 1, ("verified", OTHER): 1}


FAULTS = {
    "an id of another geography": (commune("XA26-00001", "Thử Ba"), "does not begin with the geography"),
    "a kind that is no word": (commune("XA25-00003", "Thử Ba").replace(",commune,", ",Xã,"), "kind must be"),
    "a geography that is not declared": (
        commune("XA25-00003", "Thử Ba").replace("XA25", "XA99"), "geography 'XA99' is not in geographies.csv"),
    "a source that is not listed": (commune("XA25-00003", "Thử Ba").replace("general_knowledge", "hearsay"), "hearsay"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_units_of_another_level_are_held_to_their_contract(fault: str, tmp_path: Path) -> None:
    line, message = FAULTS[fault]
    with pytest.raises(ReferenceDataError, match=message):
        units.load(reference(tmp_path / "reference", commune(COMMUNE, "Thử Một"), line))


def test_a_geography_has_as_many_units_as_it_says(tmp_path: Path) -> None:
    folder = reference(tmp_path / "reference", commune(COMMUNE, "Thử Một"), commune(OTHER, "Thử Hai"))
    file = folder / "geographies.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("XA25,local,2,", "XA25,local,3,"), encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="XA25 has 3 units, but 2 are held"):
        units.load(folder)


# --- raw figures and words come in through a feed of a few lines, which knows no rule ------------------------------

FEED = Feed("raw_reports", "Số liệu gốc", "Raw figures", "các xã", "none", "P1Y", "official")
COLUMNS = (
    Column("unit"),
    Column("code"),
    Column("a", required=False),
    Column("b", required=False),
    Column("said", required=False),
)
RULED = (
    node("R", None, "index", "Tổng", "max_points = 50")
    + node("1.1", "R", "indicator", "Họp", "max_points = 20\nrule = { kind = 'ratio' }")
    + node("1.2", "R", "indicator", "Người đứng đầu", "max_points = 10\nrule = { kind = 'category', shares = "
           "{ chair = 1, deputy = 0.5, none = 0 } }")
    + node("1.3", "R", "indicator", "Chỉ đạo", "max_points = 10\nrule = { kind = 'criteria', shares = "
           "{ attends = 0.5, chairs = 0.5 } }")
    + node("1.4", "R", "indicator", "Cáp quang", "max_points = 10\nrule = { kind = 'steps', steps = "
           "[[90, 1], [50, 0.5]] }")
)  # fmt: skip
REPORT = """unit,code,a,b,said
XA25-00001,1.1,3,4,
XA25-00001,1.2,,,Phó ban
XA25-00001,1.3,,,dự họp; chủ trì
XA25-00001,1.4,"72,5",,
XA25-00002,1.1,5,4,
XA25-00002,1.2,,,Chủ tịch
XA25-00002,1.3,,,chairs
XA25-00002,1.4,95,,
"""


def parse(received: Received, known: Known) -> Extract:
    framework = known.frameworks.for_period(received.period, "XA25", "DTI")
    intake = Intake(FEED, received, opened(FEED, received, known), geography="XA25", framework=framework.version)
    for row in intake.rows(intake.only_sheet(COLUMNS), COLUMNS):
        unit, found = text(row["unit"]), framework.nodes[code(row["code"])]
        with intake.row(row.values(), unit=unit, node=found.code):
            for cell, measure in zip((row["a"], row["b"], row["said"]), _measures(found.rule), strict=True):
                if measure and not cell.blank:
                    value = _share(cell, found.rule) if measure == "share" else exact(cell, Convention(","))
                    intake.observe(
                        cell, unit=unit, node=found.code, measure=measure, basis="verified", value=value,
                        unit_measure="ratio" if measure == "share" else "count", source=f"submission {unit}",
                    )  # fmt: skip
    return intake.extract()


def _measures(rule: methodology.Rule) -> tuple[str | None, str | None, str | None]:
    takes = rule.takes
    return ("numerator", "denominator", None) if len(takes) == 2 else ("value", None, "share")


#: What the senders of this feed call the names of shares.
WORDS = {"Trưởng ban": "chair", "Phó ban": "deputy", "dự họp": "attends", "chủ trì": "chairs"}


def _share(cell: Cell, rule: Category) -> Decimal:
    names = [WORDS.get(word.strip(), word.strip()) for word in text(cell).split(";")]
    if not set(names) <= set(rule.shares):
        raise Held(cell, "unknown_word", allowed=", ".join(rule.shares))
    return sum((rule.shares[name] for name in names), Decimal(0))


def test_raw_figures_and_words_become_points(tmp_path: Path, known: Known) -> None:
    (tmp_path / "xa-local.toml").write_text(HEAD + RULED, encoding="utf-8")
    known_units: Units = known.units
    ruled = Known(known_units, methodology.load(tmp_path, known_units))
    content = REPORT.encode()
    parsed = framed(parse(Received(FEED.id, "2025", "raw.csv", hashlib.sha256(content).hexdigest(), content), ruled))
    assert parsed.quarantine.filter(reason="unknown_word").select("raw", "unit", "node").rows() == [
        ("Chủ tịch", OTHER, "1.2")
    ]
    assert tables.meets(tables.Observations, parsed.observations)
    scores = score_year(2025, parsed.observations, known_units, ruled.frameworks)
    found = {(row["unit"], row["node"]): row["points"] for row in scores.iter_rows(named=True)}
    assert [found[COMMUNE, each] for each in ("1.1", "1.2", "1.3", "1.4", "R")] == [15, 5, 10, 5, 35]
    assert [found[OTHER, each] for each in ("1.1", "1.2", "1.3", "1.4", "R")] == [None, None, 5, 10, None]
    assert one(scores, unit=OTHER, node="R")["missing"] == 2, "5 of 4 can't be, and a word was not known"
