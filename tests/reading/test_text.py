"""Text that looks alike compares as alike, and what is kept is kept as received."""

import unicodedata

import pytest

from dti_platform.reading import Cell, Column, Rule, Sheet, comparable, find_table, normalise, one_spelling
from dti_platform.reading.cells import Unreadable
from dti_platform.reading.grid import Grid, check_grids


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Điểm tối đa", "\u00d0iểm tối đa"),
        ("điểm", "\u00f0iểm"),
        ("Đơn vị", "\u0189ơn vị"),
        ("HÒA BÌNH", "Hoà Bình"),
        ("Hóa, khỏe, tõe, nhụy", "Hoá, khoẻ, toẽ, nhuỵ"),
        ("Thủy lợi", "Thuỷ lợi"),
        ("quý", "qúy"),
        ("Xã hội số", unicodedata.normalize("NFD", "Xã\u00a0hội\nsố")),
    ],
)
def test_two_writings_of_one_text_compare_as_one(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)
    assert comparable(unicodedata.normalize("NFD", one)) == comparable(unicodedata.normalize("NFD", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hòa", "Hóa"), ("Hòa", "Hoa"), ("đoàn", "đoán"), ("Đơn vị", "Dơn vị"), ("Điểm", "Điêm"), ("mía", "miá")],
)
def test_another_word_is_another_word(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


def test_only_the_end_of_a_syllable_has_two_places_for_its_tone() -> None:
    assert one_spelling("hòan hoàn thủyn") == "hòan hoàn thủyn"


def test_what_is_kept_is_not_respelt() -> None:
    assert normalise("\u00d0ơn vị  Hoà") == "\u00d0ơn vị Hoà"


def row(*texts: str) -> list[Cell]:
    return [Cell("S", 1, at, f"S!{at}", text, "text", text) for at, text in enumerate(texts, 1)]


def test_a_header_is_found_in_any_spelling() -> None:
    sheet = Sheet("S", [row("Mã", "\u00d0iểm tối đa", "Thuỷ lợi")])
    columns = (Column("code", ("Mã",)), Column("maximum", ("Điểm tối đa",)), Column("water", ("Thủy lợi",)))
    assert find_table(sheet, columns).columns == {"code": 1, "maximum": 2, "water": 3}


def test_a_rule_applies_to_any_spelling_of_its_words() -> None:
    rule = Rule("region", "name", "vùng (hòa bình|đông bắc).*")
    for text in ("Vùng Hoà Bình", "VÙNG HÒA BÌNH (*)", "vùng \u00f0ông bắc"):
        assert rule.applies({"name": row(text)[0]}), text
    assert not rule.applies({"name": row("Vùng Hóa Bình")[0]})


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("TỔNG SỐ", "Tổng số"), ("VÙNG HÒA BÌNH", "Vùng Hoà Bình"), ("T\u1ed4NG S\u1ed0\\S", "tổng số:"),
        ("TO\u0302\u0309NG", "tổng"), ("(?P<A>TỔNG)(?P=A)?", "TỔNG"), ("[IVX]+", "iv"), (r"\u1ED4NG", "Ổng"),
    ],
)  # fmt: skip
def test_a_rule_applies_whatever_the_case_of_its_pattern(pattern: str, seen: str) -> None:
    assert Rule("total", "name", pattern).applies({"name": row(seen)[0]})
    assert not Rule("total", "name", r"TỔNG\S").applies({"name": row("tổng ")[0]})


def test_sheets_whose_names_look_alike_are_refused() -> None:
    with pytest.raises(Unreadable, match="duplicate_sheet"):
        check_grids([Grid("Đơn vị"), Grid("\u00d0ơn vị")], "a.xlsx")
