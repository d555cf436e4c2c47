"""The folding rule, and every name as it was seen: which spellings meet, and which never may."""

import csv
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform.units import Match, Units, fold, load
from tests.stand_ins import collected, digest

ROOT = Path(__file__).parents[1]
VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
TONES = "\u0300\u0301\u0303\u0309\u0323"

with (Path(__file__).parent / "names_as_seen.csv").open(encoding="utf-8", newline="") as lines:
    SEEN = list(csv.DictReader(lines))
with (ROOT / "data" / "reference" / "aliases.csv").open(encoding="utf-8", newline="") as lines:
    ALIASES = list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def units() -> Units:
    return load(check=False)


def words(alphabet: str = VIETNAMESE) -> st.SearchStrategy[str]:
    return st.lists(st.text(alphabet, min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


# --- folding -------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.text())
def test_a_key_holds_letters_and_digits_only(text: str) -> None:
    assert all(char.isalnum() for char in fold(text))


@settings(deadline=None)
@given(words(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_folding_does_not_see_the_unicode_form(name: str, form: str) -> None:
    assert fold(unicodedata.normalize(form, name)) == fold(name)


@settings(deadline=None)
@given(words(), st.sampled_from([str.upper, str.title, str.capitalize, str.swapcase]))
def test_folding_does_not_see_case(name: str, change: Callable[[str], str]) -> None:
    assert fold(change(name)) == fold(name)


@settings(deadline=None)
@given(words("abcdeghiklmnopqrstuvxy"), st.data())
def test_folding_does_not_see_where_a_tone_stands(name: str, data: st.DataObject) -> None:
    places = st.integers(0, len(name) - 1).filter(lambda index: name[index] != " ")
    tone, first, second = data.draw(st.sampled_from(TONES)), data.draw(places), data.draw(places)
    toned = [name[: index + 1] + tone + name[index + 1 :] for index in (first, second)]
    assert fold(toned[0]) == fold(toned[1]) == fold(name)


@settings(deadline=None)
@given(words())
def test_folding_does_not_see_which_of_the_crossed_d_is_written(name: str) -> None:
    assert fold(name.upper().replace("Đ", "Ð")) == fold(name.replace("đ", "ð")) == fold(name.replace("đ", "d"))


@settings(deadline=None)
@given(words(), st.data())
def test_folding_does_not_see_invisible_characters(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name)))
    invisible = data.draw(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e"))
    assert fold(name[:place] + invisible + name[place:]) == fold(name)


@settings(deadline=None)
@given(words(), st.sampled_from(["\u00a0", "\u202f", "\u3000", "\t", "\n", "  ", " - ", "-", "–", ". "]))
def test_folding_does_not_see_what_parts_the_words(name: str, gap: str) -> None:
    assert fold(name.replace(" ", gap)) == fold(name)


@settings(deadline=None)
@given(words(), st.sampled_from(["Tỉnh ", "thành phố ", "TP.", "TP. ", "T.P ", "UBND tỉnh ", "Ủy ban nhân dân TP "]))
def test_folding_drops_what_kind_of_unit_it_is(name: str, prefix: str) -> None:
    assert fold(prefix + name) == fold(name)


@pytest.mark.parametrize("name", ["T\u200bỉnh Hà Giang", "U\u00adBND tỉnh Hà Giang", "T\ufeff\u200bP. Hà Giang"])
def test_an_invisible_character_does_not_hide_the_kind_of_unit(name: str) -> None:
    assert fold(name) == "hagiang"


def test_case_is_folded_not_lowered() -> None:
    assert fold("Straße") == fold("STRASSE")


@pytest.mark.parametrize("word", ["Tỉnh", "TP", "Thành phố", "UBND", "City", "Province"])
def test_an_affix_alone_is_a_name(word: str) -> None:
    assert fold(word) != ""


def test_a_province_that_ends_in_the_word_for_province_keeps_it() -> None:
    assert fold("Tỉnh Hà Tĩnh") == fold("Hà Tĩnh") == "hatinh"


# --- names as seen -------------------------------------------------------------------------------------------------


def test_the_names_as_seen_are_still_all_there_and_still_decomposed() -> None:
    forms = [name["form"] for name in SEEN]
    assert (len(SEEN), forms.count("nfd")) == (527, 59)
    assert {by: sum(name["by"] == by for name in SEEN) for by in ("fold", "alias", "never")} == {
        "fold": 496,
        "alias": 28,
        "never": 3,
    }
    for name in SEEN:
        assert unicodedata.is_normalized("NFC", name["name"]) == (name["form"] == "nfc")


def test_every_name_as_seen_resolves_as_its_file_says(units: Units) -> None:
    for seen in SEEN:
        name, accepted = seen["name"], seen["accepted"] == "yes"
        assert fold(name) == seen["key"], seen
        assert units.find(name, "VN63").unit_id == (seen["vn63"] if accepted else None), seen
        assert units.find(name, "VN34").unit_id == ((seen["vn34"] or None) if accepted else None), seen
        assert units.successor(seen["vn63"]) == seen["successor"], seen


def test_the_names_as_seen_are_those_of_the_shared_file() -> None:
    ours = [seen["name"] for seen in SEEN]
    assert [row["variant"] for row in collected("name_variants")] in ([], ours)
    assert digest(enumerate(ours)) == "a92fbaaa5d9bbcdc"


def test_every_alias_earns_its_row(units: Units) -> None:
    """A name that the unit's own name covers needs no alias."""
    for alias in ALIASES:
        accepted = Match(alias["unit"], (), "alias") if alias["accepted"] == "yes" else Match(None, (), "not_accepted")
        assert units.find(alias["name"], alias["geography"]) == accepted, alias
