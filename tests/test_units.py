"""Who is who: folding, names within one geography, what became of a unit, groups and kinds."""

import csv
import dataclasses
import io
import json
import pickle
import shutil
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform import units as units_module
from dti_platform.units import Match, ReferenceDataError, Units, fold, load
from tests.stand_ins import collected, digest, of_others, real

ROOT = Path(__file__).parents[1]
EVERYONE = load(check=False)
PLAIN_NAMES = [unit.name_vi for geography in ("VN63", "MIN22") for unit in EVERYONE.members(geography)]


@pytest.fixture(scope="module")
def units() -> Units:
    return EVERYONE


# --- finding within one geography ----------------------------------------------------------------------------------


def test_the_sizes_of_the_geographies(units: Units) -> None:
    assert {name: len(ids) for name, ids in units.geographies.items()} == {
        "VN": 1,
        "VN63": 63,
        "VN34": 34,
        "MIN22": 30,
        "MIN25": 22,
    }


@pytest.mark.parametrize("geography", ["VN", "VN63", "VN34", "MIN22", "MIN25"])
def test_every_unit_is_found_by_each_of_its_names_and_its_id(geography: str, units: Units) -> None:
    for unit in units.members(geography):
        assert units.find(unit.id, geography) == Match(unit.id, (), "id")
        for name in (unit.name_vi, unit.full_name_vi, unit.name_en, unit.abbreviation):
            if name is not None:
                for spelling in (name, name.upper(), unicodedata.normalize("NFD", name), f" {name}\u00a0"):
                    assert units.find(spelling, geography) == Match(unit.id, (), "name")


@pytest.mark.parametrize(
    ("name", "geography", "reason", "first"),
    [
        ("Hà Giang", "VN34", "other_geography", ("Tuyên Quang",)),
        ("Vũng Tàu", "VN34", "other_geography", ("TP. Hồ Chí Minh",)),
        ("Hà Tây", "VN63", "other_geography", ("Hà Nội",)),
        ("Hà Tây", "VN34", "other_geography", ("Hà Nội",)),
        ("Bộ Giao thông vận tải", "MIN25", "other_geography", ("Bộ Xây dựng",)),
        (
            "Bộ Nông nghiệp và Môi trường",
            "MIN22",
            "other_geography",
            ("Bộ Nông nghiệp và Phát triển nông thôn", "Bộ Tài nguyên và Môi trường"),
        ),
        ("Hà G\u0456ang", "VN63", "mixed_script", ("Hà Giang",)),
        ("Thái Nguуên", "VN63", "mixed_script", ("Thái Nguyên",)),
        ("Thái Nguên", "VN63", "unknown", ("Thái Nguyên",)),
        ("Hà Nội (34)", "VN34", "unknown", ("Hà Nội",)),
        ("Bộ Tài chín", "MIN22", "unknown", ("Bộ Tài chính",)),
        ("Đông Nam Bộ", "VN63", "not_accepted", ()),
        ("VN34-19", "VN63", "unknown", ()),
        ("19", "VN63", "unknown", ()),
        ("  \u200b ", "VN63", "blank", ()),
        ("--", "VN63", "blank", ()),
        ("Bộ Tài chính", "VN63", "unknown", ()),
        ("Thái Nguyên", "MIN22", "unknown", ()),
        ("Ханой", "VN63", "unknown", ()),
        ("x" * 100_000, "VN63", "unknown", ()),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_is_never_mapped(
    name: str, geography: str, reason: str, first: tuple[str, ...], units: Units
) -> None:
    match = units.find(name, geography)
    assert (match.unit_id, match.reason) == (None, reason)
    assert match.suggestions[: len(first)] == first
    assert len(match.suggestions) <= 3


@settings(deadline=None)
@given(st.one_of(st.text(), st.text("aăâbcdđeêghiklmnoôơpqrstuưvxy ", max_size=12)))
def test_likeness_only_suggests(name: str) -> None:
    match = EVERYONE.find(name, "VN63")
    assert match.unit_id is None or fold(name) in EVERYONE.names["VN63"]
    assert all(EVERYONE.find(near, "VN63").unit_id for near in match.suggestions)


@settings(deadline=None)
@given(st.sampled_from(PLAIN_NAMES), st.data())
def test_one_letter_of_another_script_is_enough_to_refuse(name: str, data: st.DataObject) -> None:
    latin = [index for index, char in enumerate(name) if char.isalpha()]
    place = data.draw(st.sampled_from(latin))
    foreign = data.draw(st.sampled_from("асеорхуіАВЕКМНОРСТХοΑΒ"))
    for geography in EVERYONE.geographies:
        assert EVERYONE.find(name[:place] + foreign + name[place + 1 :], geography).unit_id is None


def test_nothing_is_suggested_for_a_text_too_long_to_be_a_name(units: Units) -> None:
    name = units.all["MIN22-CMSC"].name_en
    assert units.find(f"{name} {'x' * 45}", "MIN22").suggestions == ("Ủy ban Quản lý vốn nhà nước tại doanh nghiệp",)
    assert units.find(f"{name} {'x' * 50}", "MIN22").suggestions == ()


def test_a_geography_that_does_not_exist_is_an_error(units: Units) -> None:
    with pytest.raises(KeyError):
        units.find("Hà Nội", "VN99")
    with pytest.raises(KeyError):
        units.members("VN64")


# --- what a unit is ------------------------------------------------------------------------------------------------


def test_codes_are_text_and_ambiguous_alone(units: Units) -> None:
    same_code_other_name = {
        unit.gso_code
        for unit in units.members("VN34")
        if unit.name_vi not in {form.name_vi for form in units.spans.get(f"VN63-{unit.gso_code}", ())}
    }
    assert same_code_other_name == {"15", "24", "44", "52", "80", "82", "91"}
    same_in_iso = {unit.gso_code for unit in units.members("VN63") if unit.iso_3166_2 == f"VN-{unit.gso_code}"}
    assert same_in_iso == {"04"}
    assert units.all["VN63-04"].gso_code == "04"


def test_all_names_of_the_34_also_exist_among_the_63(units: Units) -> None:
    old = {form.name_vi for unit in units.geographies["VN63"] for form in units.spans[unit]}
    assert {unit.name_vi for unit in units.members("VN34")} <= old


def test_hue_became_a_city_before_the_merger(units: Units) -> None:
    def hue(day: date) -> tuple[str, str]:
        (unit,) = [unit for unit in units.members("VN63", day) if unit.id == "VN63-46"]
        return unit.name_vi, unit.kind

    assert hue(date(2024, 12, 31)) == ("Thừa Thiên Huế", "province")
    assert hue(date(2025, 1, 1)) == ("Huế", "centrally_run_city")
    assert units.all["VN63-46"].name_vi == "Thừa Thiên Huế"
    assert units.find("Thừa Thiên - Huế", "VN34").unit_id == units.find("Huế", "VN34").unit_id == "VN34-46"


def test_ha_tay_stood_until_2008(units: Units) -> None:
    assert units.all["VN64-28"].valid_to == date(2008, 7, 31)
    assert units.successor("VN64-28") == "VN63-01"
    assert units.predecessors("VN63-01") == ("VN64-28",)
    assert units.find("Hà Tây", "VN64").unit_id == "VN64-28"


@pytest.mark.parametrize(
    ("geography", "day", "count"),
    [
        ("VN63", date(2008, 7, 31), 0),
        ("VN63", date(2008, 8, 1), 63),
        ("VN63", date(2025, 1, 1), 63),
        ("VN63", date(2025, 6, 30), 63),
        ("VN63", date(2025, 7, 1), 0),
        ("VN34", date(2025, 6, 30), 0),
        ("VN34", date(2025, 7, 1), 34),
        ("MIN22", date(2020, 12, 31), 30),
        ("MIN22", date(2025, 3, 1), 0),
        ("MIN25", date(2025, 2, 28), 0),
        ("MIN25", date(2025, 3, 1), 22),
        ("VN", date(2022, 8, 8), 1),
    ],
)
def test_a_geography_has_its_units_on_its_days(geography: str, day: date, count: int, units: Units) -> None:
    assert len(units.members(geography, day)) == count


def test_cities_and_regions(units: Units) -> None:
    cities = [unit.id[5:] for unit in units.members("VN63") if unit.kind == "centrally_run_city"]
    assert cities == ["01", "31", "48", "79", "92"]
    assert sum(unit.kind == "centrally_run_city" for unit in units.members("VN34")) == 6
    regions = [unit.region for unit in units.members("VN63")]
    sizes = {region: regions.count(region) for region in dict.fromkeys(regions)}
    assert sizes == {"DBSH": 11, "TDMNPB": 14, "BTB_DHMT": 14, "TN": 5, "DNB": 6, "DBSCL": 13}
    assert units.region_of("VN63-19") == "TDMNPB"
    assert units.all["VN63-19"].region_vi == "Trung du và miền núi phía Bắc"
    assert units.region_of("MIN22-BTC") is None


def test_aggregates_have_names_in_both_languages(units: Units) -> None:
    for aggregate in ("VN", "VN63", "VN34", "MIN22", "MIN25"):
        unit = units.all[aggregate]
        assert unit.name_vi
        assert unit.name_en
        assert unit.kind == ("country" if aggregate == "VN" else "aggregate")
    assert units.all["VN63"].name_vi == "63 tỉnh, thành phố"


# --- what became of it ---------------------------------------------------------------------------------------------


def test_every_old_province_goes_into_exactly_one_new_one(units: Units) -> None:
    new = [units.successor(unit) for unit in units.geographies["VN63"]]
    assert set(new) == set(units.geographies["VN34"])
    assert sum(len(units.predecessors(unit)) for unit in units.geographies["VN34"]) == 63
    assert units.predecessors("VN34-19") == ("VN63-06", "VN63-19")
    sizes = [len(units.predecessors(unit)) for unit in units.geographies["VN34"]]
    assert {size: sizes.count(size) for size in sorted(set(sizes))} == {1: 11, 2: 17, 3: 6}


def test_every_ministry_has_a_main_successor(units: Units) -> None:
    assert {units.successor(unit) for unit in units.geographies["MIN22"]} == set(units.geographies["MIN25"])
    assert units.predecessors("MIN25-BKHCN") == ("MIN22-BTTTT", "MIN22-BKHCN")
    assert units.successor("MIN22-BNV") == "MIN25-BNV"
    assert units.successor("MIN25-BNV") is None


def test_groups_are_dated_and_unknown_where_not_public(units: Units) -> None:
    assert units.group_of("MIN22-BTC", 2022) == "with_public_services"
    assert units.group_of("MIN22-VTV", 2023) == "without_public_services"
    assert units.group_of("MIN22-BQP", 2022) is None
    assert units.group_of("MIN22-BTC", 2019) is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Bảo hiểm xã hội Việt Nam", "BHXHVN"),
        ("Ngân hàng Nhà nước", "NHNN"),
        ("Viện Hàn lâm Khoa học và Công nghệ Việt Nam", "VAST"),
        ("Bộ Văn hóa, Thể thao và Du lịch", "BVHTTDL"),
        ("Bộ KH&ĐT", "BKHDT"),
        ("Bộ Nông nghiệp và PTNT", "BNNPTNT"),
        ("BKHĐT", "BKHDT"),
        ("Bộ Lao động – Thương binh và Xã hội", "BLDTBXH"),
        ("Ủy ban Dân tộc", "UBDT"),
        ("ministry of finance", "BTC"),
        ("Uỷ ban Quản lý vốn Nhà nước tại doanh nghiệp", "CMSC"),
    ],
)
def test_ministries_are_found(name: str, unit: str, units: Units) -> None:
    assert units.find(name, "MIN22").unit_id == f"MIN22-{unit}"


def test_every_ministry_of_the_published_results_is_found(units: Units) -> None:
    committed = (ROOT / "data" / "feeds" / "published_results").glob("*/ministries.csv")
    rows = [{**row, "ministry": row["unit"], "year": path.parent.name} for path in committed for row in rows_of(path)]
    for row in rows + collected("dti_results_ministry"):
        if row["ministry"][0] not in "_(":
            unit = units.find(row["ministry"], "MIN22").unit_id
            assert unit is not None
            assert units.group_of(unit, int(row["year"])) == row["group"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


# --- the files, the wheel, the cost --------------------------------------------------------------------------------


def test_the_committed_files_meet_every_contract() -> None:
    assert load(check=True) == load(check=False)


def test_units_are_frozen_and_travel_between_processes(units: Units) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        units.all["VN63-19"].name_vi = "x"  # pyright: ignore[reportAttributeAccessIssue]
    assert pickle.loads(pickle.dumps(units)) == units


def test_one_key_for_two_units_is_an_error(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "data" / "reference", tmp_path / "reference")
    with (folder / "aliases.csv").open("a", encoding="utf-8") as text:
        text.write("TP. Hải-Phòng,VN63,VN63-19,yes,short,general_knowledge\n")
    with pytest.raises(ReferenceDataError, match=r"VN63-31 and VN63-19; drop the alias"):
        load(folder, check=False)


def test_the_maps_show_every_province_once() -> None:
    for geography, file in (("VN63", "provinces_63"), ("VN34", "provinces_34")):
        drawn = json.loads((ROOT / "data" / "reference" / "maps" / f"{file}.geojson").read_text(encoding="utf-8"))
        assert drawn["geography"] == geography
        assert tuple(feature["properties"]["unit"] for feature in drawn["features"]) == EVERYONE.geographies[geography]
        insets = {inset["name_vi"]: EVERYONE.all[inset["unit"]].name_vi for inset in drawn["not_in_geometry"]}
        assert insets == {"Hoàng Sa": "Đà Nẵng", "Trường Sa": "Khánh Hòa"}


def test_loading_without_checks_imports_nothing_heavy() -> None:
    code = (
        "import sys; from dti_platform import units; units.load(check=False).find('Huee', 'VN63');"
        "print(*sorted({'pandera', 'polars', 'pandas', 'pyarrow', 'numpy', 'dagster'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_an_installed_package_reads_its_own_copy(tmp_path: Path) -> None:
    package = tmp_path / "dti_platform"
    shutil.copytree(Path(units_module.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "_data"))
    shutil.copytree(ROOT / "data" / "reference", package / "_data" / "reference")
    code = "from dti_platform import units; print(units.__file__, len(units.load(check=False).geographies['VN34']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == [str(package / "units.py"), "34"]


#: Shown with TP., for the name is also a person's; collected without.
SHOWN = {"Hồ Chí Minh": "TP. Hồ Chí Minh"}


def shown(name: str) -> str:
    """A collected name as it is shown here."""
    return SHOWN.get(name, name)


# --- held against the collected reference, or what is kept of it ---------------------------------------------------


def test_the_63_are_those_of_the_shared_file(units: Units) -> None:
    kinds = {"municipality": "centrally_run_city", "province": "province"}
    columns = ("gso_code", "iso_3166_2", "name_vi", "full_name_vi", "name_en", "region_code", "region_vi", "region_en")
    ours = {
        unit.id: (unit.gso_code, unit.iso_3166_2, unit.name_vi, unit.full_name_vi, unit.name_en,
                  unit.region, unit.region_vi, unit.region_en, unit.kind, units.successor(unit.id))
        for unit in units.members("VN63")
    }  # fmt: skip
    for row in collected("provinces_63"):
        theirs = (*(shown(row[name]) for name in columns), kinds[row["type_en"]], row["successor_unit_id"])
        assert ours[row["unit_id"]] == theirs
    assert digest(ours.items()) == "d07d1fcaa3246288"


def test_the_34_are_those_of_the_shared_file(units: Units) -> None:
    columns = ("gso_code", "name_vi", "full_name_vi", "name_en", "region_code", "region_vi")
    ours = {
        unit.id: (unit.gso_code, unit.name_vi, unit.full_name_vi, unit.name_en, unit.region, unit.region_vi,
                  [before[5:] for before in units.predecessors(unit.id)])
        for unit in units.members("VN34")
    }  # fmt: skip
    for row in collected_34():
        before = sorted(row["predecessors_gso"].split("|"))
        assert ours[row["unit_id"]] == (*(shown(row[name]) for name in columns), before)
    assert digest(ours.items()) == "a36a7d9cd9c3ce24"


def collected_34() -> list[dict[str, str]]:
    """In this file a comma that is not quoted shifts every cell after region_certainty by one."""
    if not real("reference/provinces_34.csv"):
        return []
    header, *rows = csv.reader(io.StringIO(of_others("reference/provinces_34.csv").decode("utf-8-sig")))
    return [
        dict(zip(header[:10], cells[:10], strict=True)) | dict(zip(header[11:], cells[12:], strict=True))
        for cells in rows
    ]
