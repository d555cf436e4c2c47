"""Several columns of names side by side: each figure goes to its own unit, or the table is refused."""

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dti_platform import methodology, units
from dti_platform.feeds import Known
from dti_platform.reading import Column, Layout, Unreadable
from tests.feeds.drawings import INDICES, NAME, NO, RANK, SCORE, Drawn, Merge, Row, figure, workbook
from tests.feeds.name_columns import UNITS, sheet
from tests.feeds.test_printed_tables import found, parse

ENTRY, LAND = (Column(about, INDICES[about]) for about in ("entry", "land"))
TITLES = ("Gia nhập thị trường", "Tiếp cận đất đai")
BY_ENTRY, BY_LAND = ("Huế", "Lào Cai", "Cà Mau"), ("Cà Mau", "Huế", "Lào Cai")
BOTH = [Layout((NAME, ENTRY, LAND), "name")]
EACH = [Layout((NAME, ENTRY), "name"), Layout((NAME, LAND), "name")]
OPTIONAL = [Layout((NAME, ENTRY, Column("land", INDICES["land"], required=False)), "name")]
TRUTH = {
    (name, "", about): figure(name, about)
    for name in ("Thừa Thiên Huế", "Lào Cai", "Cà Mau") for about in ("entry", "land")
}  # fmt: skip


def values(names: tuple[str, ...], about: str) -> list[float]:
    return [figure("Thừa Thiên Huế" if name == "Huế" else name, about) for name in names]


def rows(head: Row, *columns: tuple[object, ...] | list[float]) -> list[Row]:
    return [head, *zip(*columns, strict=True)]


E1, L1, L2 = values(BY_ENTRY, "entry"), values(BY_LAND, "land"), values(BY_ENTRY, "land")
PAIRS: dict[str, tuple[list[Row], list[Layout], tuple[Merge, ...]]] = {
    "an untitled column of names is that of the figure behind it": (
        rows(["Tỉnh", TITLES[0], None, TITLES[1]], BY_ENTRY, E1, BY_LAND, L1), EACH, (),
    ),
    "a title that is merged over names and figures is that of the figures": (
        rows(["Tỉnh", TITLES[0], TITLES[1], None], BY_ENTRY, E1, BY_LAND, L1), EACH, ((0, 2, 0, 3),),
    ),
    "names that are repeated in the same order": (
        rows(["Tỉnh", TITLES[0], None, TITLES[1]], BY_ENTRY, E1, BY_ENTRY, L2), BOTH, (),
    ),
    "names in two languages": (
        rows(["Tỉnh", "Name", *TITLES], BY_ENTRY, ("Hue city", "Lao Cai", "Ca Mau"), E1, L2), BOTH, (),
    ),
    "remarks without a title": (
        rows(["Tỉnh", TITLES[0], None, TITLES[1]], BY_ENTRY, E1, ("tốt", "tốt", "khá"), L2), BOTH, (),
    ),
}  # fmt: skip
#: The figures and both columns of names, by their first cells.
REFUSED: dict[str, tuple[list[Row], list[Layout], str]] = {
    "a table of both would join figures of two units": (
        rows(["Tỉnh", TITLES[0], None, TITLES[1]], BY_ENTRY, E1, BY_LAND, L1), BOTH, "D2 A2 C2",
    ),
    "names under a title that nobody declared": (
        rows(["Tỉnh", TITLES[0], "Địa bàn", TITLES[1]], BY_ENTRY, E1, BY_LAND, L1), BOTH, "D2 A2 C2",
    ),
    "an untitled column of words that are no known names": (
        rows(["Tỉnh", TITLES[0], None, TITLES[1]], BY_ENTRY, E1, ("Xã A", "Xã B", "Xã C"), L1), BOTH, "D2 A2 C2",
    ),
    "names before and behind the figures": (
        rows(["Tỉnh", TITLES[0], "Sáp nhập vào"], BY_ENTRY, E1, BY_LAND), EACH[:1], "B2 A2 C2",
    ),
    "figures before their names, which the titles alone would give to the names before them": (
        rows([TITLES[0], "Tỉnh", TITLES[1], "Tỉnh"], E1, BY_ENTRY, L1, BY_LAND), EACH, "C2 B2 D2",
    ),
    "figures between names, before and behind which figures stand": (
        rows(["Số phiếu", "Tỉnh", *TITLES, "Tỉnh", "Số hộ"], [7, 5, 3], BY_ENTRY, E1, L1, BY_LAND, [7, 5, 3]), EACH,
        "C2 B2 E2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS)
def test_each_figure_goes_to_the_names_beside_it(case: str, known: Known) -> None:
    drawn, layouts, merged = PAIRS[case]
    assert found(parse(workbook(Drawn(layouts).sheet(drawn, *merged)), layouts, known), known) == TRUTH


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_reads_in_two_ways_is_refused_and_both_are_named(case: str, known: Known) -> None:
    drawn, layouts, places = REFUSED[case]
    figures, first, second = (f"Bảng!{place}" for place in places.split())
    with pytest.raises(Unreadable, match=f"figures from {figures} .* names from {first} .* from {second}$") as refusal:
        parse(workbook(Drawn(layouts).sheet(drawn)), layouts, known)
    assert refusal.value.reason == "two_readings"


def test_pairs_that_are_sorted_by_themselves_never_take_the_first_names(names: list[str], known: Known) -> None:
    """Eleven indices of 63 provinces, each beside its own names, of which only the first bear a title."""
    abouts = [f"Chỉ số {n}" for n in range(1, 12)]
    orders = {about: sorted(names, key=lambda name, about=about: -figure(name, about)) for about in abouts}
    head: Row = ["Tỉnh", *(cell for about in abouts for cell in (about, None))][:-1]
    columns = [
        column for about in abouts for column in (orders[about], [figure(name, about) for name in orders[about]])
    ]
    content = workbook(Drawn([]).sheet(rows(head, *map(tuple, columns))))
    own = tuple(Column(about, (about,)) for about in abouts)
    with pytest.raises(Unreadable, match="names from Bảng!A2 or to those from Bảng!C2"):
        parse(content, [Layout((NAME, *own), "name")], known)
    truth = {(name, "", about): figure(name, about) for about in abouts for name in names}
    assert found(parse(content, [Layout((NAME, each), "name") for each in own], known), known) == truth


@pytest.fixture(scope="module")
def names(known: Known) -> list[str]:
    return [unit.name_vi for unit in known.units.members("VN63")]


def test_names_and_figures_beside_a_table_that_are_not_read_are_said(known: Known) -> None:
    head = ["Tỉnh", TITLES[0], None, "Địa bàn", TITLES[1]]
    parsed = parse(workbook(Drawn(OPTIONAL).sheet(rows(head, BY_ENTRY, E1, (None,) * 3, BY_LAND, L1))), OPTIONAL, known)
    assert found(parsed, known) == {key: value for key, value in TRUTH.items() if key[2] == "entry"}
    assert [remark.text.en.split(":")[0] for remark in parsed.remarks] == ["Bảng!D2"]
    years = [Layout((NAME,), "name", repeated=(SCORE, RANK))]
    parsed = parse(workbook(Drawn(years).sheet(rows(["Điểm", "Tỉnh"], E1, BY_ENTRY))), years, known)
    assert [remark.text.vi.split(":")[0] for remark in parsed.remarks] == ["Bảng!A2"]


KNOWN = Known(units.load(check=False), methodology.load())
#: Whose a value is, and what it is about: no two figures that can be drawn are the same.
WHOSE = {figure(*key): key for key in product(UNITS, INDICES, ("score", "rank"))}
#: What a caption, a title of a group or a column's own title is about.
ABOUT = {title.lower(): about for about, titles in INDICES.items() for title in (about, titles[0])}


def check(drawn: Drawn) -> bool:
    """Whether a drawn sheet is read, and not refused: then each figure was given to its own unit."""
    try:
        parsed = parse(workbook(drawn), drawn.layouts, KNOWN)
    except Unreadable:
        return False
    for (name, group, column), value in found(parsed, KNOWN).items():
        if column != NO.name:
            unit, about, part = WHOSE[value]
            assert (name, ABOUT.get(group or column, about)) == (unit, about)
            assert column in {about, part}
    return True


@settings(max_examples=80, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_no_figure_goes_to_another_unit_however_the_columns_of_names_are_drawn(chance: Random) -> None:
    check(sheet(chance))


@pytest.mark.heavy
def test_thousands_of_sheets_give_no_figure_to_another_unit() -> None:
    read = sum(check(sheet(Random(seed))) for seed in range(5_000))
    assert read > 2_000, "most are refused: then nothing is proved"
