"""Every rule of the reference files bites: for each, a mutant that it catches, and nothing else would."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pandera.polars import Column

from dti_platform import units
from dti_platform.reference_tables import files, rules
from dti_platform.reference_tables.models import MODELS

FOLDER = Path(__file__).parents[2] / "data" / "reference"
CLEAN = files.read(FOLDER)

Tables = dict[str, list[dict[str, str | None]]]


def tables() -> Tables:
    return {name: [dict(row) for row in rows] for name, rows in CLEAN.items()}


def row(mutant: Tables, file: str, /, **wanted: str) -> dict[str, str | None]:
    return next(each for each in mutant[file] if wanted.items() <= each.items())


def change(file: str, wanted: dict[str, str], /, **new: str | None) -> Callable[[Tables], None]:
    return lambda mutant: row(mutant, file, **wanted).update(new)


def add(name: str, *cells: str | None) -> Callable[[Tables], None]:
    return lambda mutant: mutant[name].append(dict(zip(mutant[name][0], cells, strict=True)))


def drop(file: str, /, **wanted: str) -> Callable[[Tables], None]:
    return lambda mutant: mutant[file].remove(row(mutant, file, **wanted))


def model_faults(mutant: Tables) -> list[str]:
    """The faults of the files that differ from the clean ones, by their models alone."""
    changed = [
        name
        for name in MODELS
        if [*map(list, mutant[name])] != [*map(list, CLEAN[name])] or mutant[name] != CLEAN[name]
    ]
    return [fault for name in changed for fault in rules.model_faults(name, MODELS[name], mutant[name])]


def faults_between(mutant: Tables) -> list[str]:
    return [fault for rule in rules.RULES for fault in rule(mutant)]


def test_the_committed_files_have_no_fault() -> None:
    assert rules.faults(CLEAN) == []


# --- what each file promises: the mutants are made from the models, so that no rule of a column is forgotten --------


def columns(name: str) -> dict[str, Column]:
    return MODELS[name].to_schema().columns


def checked(name: str, kind: str | None) -> set[str]:
    """The columns that have a check of a kind."""
    return {each for each, its in columns(name).items() if kind in {check.name for check in its.checks}}


def caught(name: str, line: int, what: str, mutant: Tables) -> set[str]:
    """The columns of which a fault says what is wrong with them, all in one line of a file."""
    faults = [fault for fault in model_faults(mutant) if what in fault]
    assert all(fault.startswith(f"{name}.csv, line {line}: ") for fault in faults)
    told = {column for column in columns(name) for fault in faults if f"; {column} must be: " in fault}
    assert len(told) == len(faults)
    return told


@pytest.mark.parametrize("name", MODELS)
def test_an_empty_cell_is_caught_where_a_column_is_not_nullable(name: str) -> None:
    mutant = tables()
    mutant[name][0] = dict.fromkeys(columns(name))
    assert caught(name, 2, "not_nullable", mutant) == {each for each, its in columns(name).items() if not its.nullable}


@pytest.mark.parametrize("name", MODELS)
def test_a_value_outside_its_set_or_pattern_is_caught(name: str) -> None:
    mutant = tables()
    mutant[name][-1] = dict.fromkeys(columns(name), "?")
    for kind in {check.name for its in columns(name).values() for check in its.checks}:
        assert caught(name, len(mutant[name]) + 1, f"'?' breaks {kind}(", mutant) == checked(name, kind)


@pytest.mark.parametrize("name", MODELS)
def test_every_pattern_holds_to_the_end_of_the_cell(name: str) -> None:
    mutant = tables()
    filled = {each: next((row[each] for row in CLEAN[name] if row[each]), None) for each in columns(name)}
    mutant[name][0] = {each: f"{text}?!" for each, text in filled.items()}
    of_the_whole = checked(name, "str_matches") - {"full_name_vi", "address"}  # that of the beginning; it may end so
    assert caught(name, 2, "?!' breaks str_matches(", mutant) == of_the_whole


@pytest.mark.parametrize("name", MODELS)
def test_a_repeated_key_is_caught(name: str) -> None:
    mutant = tables()
    mutant[name].append(dict(mutant[name][0]))
    assert any("is repeated; strike one row" in fault for fault in model_faults(mutant))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("harm", ["missing", "extra", "order"])
def test_a_column_out_of_place_is_caught(name: str, harm: str) -> None:
    mutant = tables()
    for each in mutant[name]:
        first = next(iter(each))
        if harm == "missing":
            del each[first]
        elif harm == "extra":
            each["extra"] = "x"
        else:
            each[first] = each.pop(first)
    assert any(fault.startswith(f"{name}.csv, header") for fault in model_faults(mutant))


@pytest.mark.parametrize("name", MODELS)
def test_a_file_without_rows_is_caught(name: str) -> None:
    mutant = tables()
    mutant[name] = []
    assert f"{name}.csv, header: no rows" in "".join(model_faults(mutant))


def test_no_rule_of_a_column_was_dropped() -> None:
    """The mutants above come from the models, so a rule that is struck from a model must be struck here too."""
    held = {name: list(model.to_schema().columns.values()) for name, model in MODELS.items()}
    assert {
        name: (len(columns), sum(not each.nullable for each in columns), sum(len(each.checks) for each in columns))
        for name, columns in held.items()
    } == {
        "sources": (5, 2, 2),
        "geographies": (9, 7, 7),
        "regions": (4, 4, 2),
        "provinces": (14, 8, 12),
        "province_crosswalk": (4, 4, 4),
        "ministries": (11, 7, 8),
        "ministry_crosswalk": (7, 7, 6),
        "ministry_groups": (5, 5, 5),
        "aliases": (6, 6, 4),
        "indicators": (17, 8, 6),
        "source_classes": (4, 4, 3),
        "sessions": (7, 6, 4),
        "session_figures": (11, 11, 7),
    }


UNTIDY = ["Ha\u0300 No\u0323\u0302i", " Hà Nội", "Hà Nội ", "Hà\nNội", "Hà\u200bNội", "Hà\u00a0Nội", "Hà\ufeffNội"]
#: (model, check) -> mutants. A check of rows that is added to a model must be added here.
ROW_CHECKS: dict[str, list[Callable[[Tables], None]]] = {
    "text_is_tidy": [change("regions", {"region": "DBSH"}, name_vi=text) for text in UNTIDY],
    "days_are_in_order": [
        change("provinces", {"unit": "VN63-19"}, valid_from="2025-07-01"),
        change("provinces", {"unit": "VN63-19"}, valid_from="2023-02-30"),
        change("ministries", {"unit": "MIN22-BTC"}, valid_to="2025-02-29"),
        change("geographies", {"geography": "VN63"}, valid_to="2008-07-31"),
    ],
    "province_agrees_with_itself": [
        change("provinces", {"unit": "VN63-19"}, gso_code="20"),
        change("provinces", {"unit": "VN63-19"}, geography="VN34"),
        change("provinces", {"unit": "VN63-19"}, name_vi="Thái Bình"),
        change("provinces", {"unit": "VN63-19"}, kind="centrally_run_city"),
        change("provinces", {"unit": "VN63-19"}, full_name_vi="Thành phố Thái Nguyên"),
        change("provinces", {"unit": "VN63-19"}, region=None),
        change("provinces", {"unit": "VN63-19"}, region_source=None),
    ],
    "ministry_agrees_with_itself": [
        change("ministries", {"unit": "MIN22-BTC"}, geography="MIN25"),
        change("ministries", {"unit": "MIN22-BTC"}, electronic_code=None),
        change("ministries", {"unit": "MIN22-BTC"}, electronic_code_certainty=None),
    ],
    "transfer_agrees_with_itself": [
        change("ministry_crosswalk", {"unit": "MIN22-BTC"}, main="no"),
        change("ministry_crosswalk", {"relation": "function_transfer"}, main="yes"),
        change("ministry_crosswalk", {"unit": "MIN22-BTC"}, source="general_knowledge"),
        change("ministry_crosswalk", {"unit": "MIN22-BTC"}, certainty="general_knowledge"),
    ],
    "texts_are_in_both_languages": [
        change("indicators", {"code": "household_fibre_share"}, **{name: text})
        for name, text in (("population_en", None), ("definition_vi", "x"), ("producer_en", "x"), ("reference_vi", "x"))
    ],
}


def test_every_check_of_rows_has_its_mutants() -> None:
    checks = {check.name for model in MODELS.values() for check in model.to_schema().checks}
    assert checks == {*ROW_CHECKS, "numbers_are_finite"}


@pytest.mark.parametrize(
    ("check", "harm"),
    [(check, harm) for check, harms in ROW_CHECKS.items() for harm in harms],
    ids=[f"{check}-{number}" for check, harms in ROW_CHECKS.items() for number, _ in enumerate(harms)],
)
def test_a_row_that_contradicts_itself_is_caught(check: str, harm: Callable[[Tables], None]) -> None:
    messages = {each.error for model in MODELS.values() for each in model.to_schema().checks if each.name == check}
    mutant = tables()
    harm(mutant)
    faults = model_faults(mutant)
    assert faults
    assert all(any(f"{message}; fix the row" in fault for message in messages) for fault in faults)


# --- what holds between the files ----------------------------------------------------------------------------------

BETWEEN: dict[str, list[tuple[Callable[[Tables], None], str]]] = {
    "_sources_are_listed": [
        (drop("sources", source="superset_30607"), "aliases.csv, line 18: source 'superset_30607'"),
        (change("regions", {"region": "DBSH"}, source="nowhere"), "regions.csv, line 2: source 'nowhere'"),
        (change("provinces", {"unit": "VN63-01"}, region_source="nowhere"), "provinces.csv, line 3"),
        (change("indicators", {"code": "bts_stations"}, source="nowhere"), "indicators.csv, line 4"),
    ],
    "_regions_are_listed": [
        (change("provinces", {"unit": "VN63-01"}, region="XYZ"), "region 'XYZ' is not in regions.csv"),
    ],
    "_geographies_are_whole": [
        (change("geographies", {"geography": "VN63"}, units="64"), "VN63 has 64 units, but 63 are held"),
        (change("geographies", {"geography": "VN64"}, complete="yes"), "VN64 has 64 units, but 1 are held"),
        (change("geographies", {"geography": "VN"}, units="2"), "VN has 2 units, but 1 are held"),
        (drop("ministries", unit="MIN25-BTC"), "MIN25 has 22 units, but 21 are held"),
    ],
    "_forms_fill_the_geography": [
        (drop("geographies", geography="VN34"), "geography 'VN34' is not in geographies.csv"),
        (change("provinces", {"unit": "VN63-19"}, valid_from="2010-01-01"), "VN63-19 does not stand for all of VN63"),
        (change("provinces", {"unit": "VN63-19"}, valid_to=None), "VN63-19 does not stand for all of VN63"),
        (drop("provinces", unit="VN63-46", name_vi="Huế"), "VN63-46 does not stand for all of VN63"),
        (
            change("provinces", {"unit": "VN63-46", "name_vi": "Huế"}, valid_from="2025-01-02"),
            "this form of VN63-46 does not begin the day after the one before",
        ),
        (
            change("provinces", {"unit": "VN63-46", "name_vi": "Thừa Thiên Huế"}, valid_to=None),
            "this form of VN63-46 does not begin the day after the one before",
        ),
    ],
    "_successors_exist": [
        (change("province_crosswalk", {"unit": "VN63-19"}, successor="VN34-99"), "VN34-99 is no unit"),
        (change("province_crosswalk", {"unit": "VN63-19"}, unit="VN63-99"), "VN63-99 is no unit"),
        (change("province_crosswalk", {"unit": "VN63-19"}, successor="VN63-20"), "VN63-20 is not of the geography"),
        (change("province_crosswalk", {"unit": "VN64-28"}, successor="VN34-01"), "VN34-01 is not of the geography"),
        (change("ministry_crosswalk", {"unit": "MIN22-BTC"}, successor="MIN25-BXX"), "MIN25-BXX is no unit"),
    ],
    "_crosswalk_is_total": [
        (drop("province_crosswalk", unit="VN63-06"), "VN63-06 has 0 main successors in the crosswalk"),
        (drop("province_crosswalk", unit="VN64-28"), "VN64-28 has 0 main successors"),
        (drop("ministry_crosswalk", unit="MIN22-BTC"), "MIN22-BTC has 0 main successors"),
        (
            add("ministry_crosswalk", "MIN22-BTC", "MIN25-BXD", "merged", "yes", "all", "seen", "report_219_bnv"),
            "MIN22-BTC has 2 main successors",
        ),
        (
            change("province_crosswalk", {"unit": "VN63-04"}, successor="VN34-08"),
            "VN34-04 is nobody's successor; add its predecessors",
        ),
    ],
    "_relations_are_true": [
        (change("province_crosswalk", {"unit": "VN63-19"}, relation="unchanged"), "2 predecessor(s); write merged"),
        (change("province_crosswalk", {"unit": "VN63-04"}, relation="merged"), "1 predecessor(s); write unchanged"),
        (change("province_crosswalk", {"unit": "VN64-28"}, relation="unchanged"), "1 predecessor(s); write merged"),
    ],
    "_heirs_keep_code_and_name": [
        (
            change("provinces", {"unit": "VN34-19"}, name_vi="Bắc Thái", full_name_vi="Tỉnh Bắc Thái"),
            "code or name of VN34-19 is none of its predecessors'",
        ),
        (change("province_crosswalk", {"unit": "VN63-15"}, successor="VN34-08"), "code or name of VN34-15"),
    ],
    "_mentions_are_units": [
        (change("session_figures", {"position": "1"}, unit="VN63-99"), "VN63-99 is no unit"),
        (change("aliases", {"name": "HN"}, unit="VN63-99"), "VN63-99 is no unit"),
        (change("aliases", {"name": "BR-VT"}, geography="VN34"), "VN63-77 is not of VN34"),
        (change("ministry_groups", {"unit": "MIN22-BTC"}, unit="MIN22-BXX"), "MIN22-BXX is no unit"),
    ],
    "_figures_are_of_sessions": [
        (change("session_figures", {"position": "1"}, session="x"), "session 'x' is not in sessions.csv"),
        (change("session_figures", {"position": "1"}, period="2020"), "2020 is neither of the year of the session"),
        (change("session_figures", {"position": "1"}, period="2023-Q1"), "2023-Q1 is neither of the year"),
        (change("session_figures", {"position": "1"}, node="x"), "indicator 'x' is not in indicators.csv"),
    ],
    "_sessions_have_figures": [
        (add("sessions", "x", "x", "x", "2023", "2023", None, "session_3"), "session 'x' has no figures"),
    ],
}  # fmt: skip


def test_every_rule_between_the_files_has_its_mutants() -> None:
    assert [rule.__name__ for rule in rules.RULES] == list(BETWEEN)


@pytest.mark.parametrize(
    ("rule", "harm", "sentence"),
    [(rule, harm, sentence) for rule, harms in BETWEEN.items() for harm, sentence in harms],
    ids=[f"{rule}-{sentence[:40]}" for rule, harms in BETWEEN.items() for _, sentence in harms],
)
def test_files_that_contradict_each_other_are_caught(
    rule: str, harm: Callable[[Tables], None], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = tables()
    harm(mutant)
    assert model_faults(mutant) == [], "the models alone would stop it"
    assert any(sentence in fault for fault in faults_between(mutant))
    monkeypatch.setattr(rules, "RULES", tuple(each for each in rules.RULES if each.__name__ != rule))
    assert not any(sentence in fault for fault in faults_between(mutant)), "another rule says the same: one is idle"


# --- through the files themselves ----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "reference", ignore=shutil.ignore_patterns("maps"))


def test_a_broken_file_stops_the_load_with_file_line_and_fix(folder: Path) -> None:
    path = folder / "provinces.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("VN-69", "69"), encoding="utf-8")
    with pytest.raises(units.ReferenceDataError) as error:
        units.load(folder)
    assert "1 fault(s)" in str(error.value)
    assert "provinces.csv, line 14: '69' breaks str_matches" in str(error.value)
    assert "iso_3166_2 must be: ISO code, such as VN-69" in str(error.value)


@pytest.mark.parametrize("name", files.FILES)
def test_a_missing_file_is_named(name: str, folder: Path) -> None:
    (folder / f"{name}.csv").unlink()
    with pytest.raises(units.ReferenceDataError, match=rf"{name}\.csv: the file is missing"):
        units.load(folder, check=False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"region,name_vi,name_en,source\nA,\xff\xfe,x,y\n", "not UTF-8 at byte 32"),
        (b"region,name_vi,name_en,source\nA,B,C\n", "line 2: 3 cells under 4 headers; quote a cell"),
        (b"region,name_vi,name_en,source\nA,B,C,D,E\n", "line 2: 5 cells under 4 headers; quote a cell"),
    ],
)
def test_a_file_that_is_no_table_is_refused_unchecked_too(content: bytes, sentence: str, folder: Path) -> None:
    (folder / "regions.csv").write_bytes(content)
    with pytest.raises(units.ReferenceDataError, match=sentence):
        units.load(folder, check=False)


def test_only_the_first_faults_are_listed(folder: Path) -> None:
    path = folder / "provinces.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("province,", "country,"), encoding="utf-8")
    with pytest.raises(units.ReferenceDataError) as error:
        units.load(folder)
    assert str(error.value).count("\n") == rules.SHOWN


def test_the_files_are_plain_and_stable() -> None:
    for name in files.FILES:
        content = (FOLDER / f"{name}.csv").read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            rows = list(csv.reader(text))
        assert len(rows) == content.count(b"\n"), "one line per row, so that a line number says where"


def test_the_readme_speaks_of_every_file() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    spoken_of = {line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")}
    optional = {"local_units.csv"}  # not there unless a local index needs it
    assert {name for name in spoken_of if name.endswith(".csv")} == {f"{name}.csv" for name in files.FILES} | optional


def test_every_source_is_used() -> None:
    used = {
        source
        for name, rows in CLEAN.items()
        if name != "sources"
        for each in rows
        for source in f"{each['source']} {each.get('region_source') or ''}".split()
    }
    assert {each["source"] for each in CLEAN["sources"]} - used == {"natural_earth"}  # the maps'
