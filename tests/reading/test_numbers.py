"""Numbers are read as their column declares, or not at all."""

import random
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dti_platform.reading import Cell, Convention, Doubt, Number, parse

COMMA = Convention(",", grouped=True, percent=True)
POINT = Convention(".", grouped=True, percent=True)
PLAIN = Convention(".")
UNDECLARED = Convention()


@pytest.mark.parametrize(
    ("raw", "convention", "value"),
    [
        ("2.255", COMMA, "2255"),
        ("2.255", POINT, "2.255"),
        ("66,71%", COMMA, "66.71"),
        ("66,71 %", COMMA, "66.71"),
        ("1.833.162", COMMA, "1833162"),
        ("1.833.162,5", COMMA, "1833162.5"),
        ("1,833,162.5", POINT, "1833162.5"),
        ("-5", PLAIN, "-5"),
        ("0.5763", PLAIN, "0.5763"),
        ("2255", UNDECLARED, "2255"),
        (" 70.91\u00a0", PLAIN, "70.91"),
        ("007", PLAIN, "7"),
    ],
)
def test_a_number_is_read_as_declared(raw: str, convention: Convention, value: str) -> None:
    assert parse(raw, convention) == Number(Decimal(value), "exact")


@pytest.mark.parametrize(
    ("raw", "convention"),
    [
        ("2.255", UNDECLARED),
        ("1.234", UNDECLARED),
        ("66,71", UNDECLARED),
        ("1,234", PLAIN),
        ("1.23.4", COMMA),
        ("12.34", COMMA),
    ],
)
def test_what_the_convention_does_not_decide_is_ambiguous(raw: str, convention: Convention) -> None:
    found = parse(raw, convention)
    assert isinstance(found, Doubt)
    assert found.reason == "ambiguous_number"


@pytest.mark.parametrize(
    "raw",
    [
        "NaN",
        "inf",
        "-inf",
        "1e309",
        "1e5",
        "0x10",
        "١٢",
        "1_000",
        "five",
        "12 34",
        "5 teams",
        "½",
        "5%",
        "--5",
        "1.",
        ".5",
    ],
)
def test_what_is_no_plain_number_is_not_read(raw: str) -> None:
    assert isinstance(parse(raw, PLAIN), Doubt)


@pytest.mark.parametrize(
    ("raw", "qualifier"),
    [
        ("gần 80", "about"),
        ("Khoảng 80", "about"),
        ("trên 80", "over"),
        ("hơn 80", "over"),
        (">80", "over"),
        ("dưới 80", "under"),
        ("over 80", "over"),
    ],
)
def test_words_before_a_number_qualify_it(raw: str, qualifier: str) -> None:
    assert parse(raw, PLAIN) == Number(Decimal(80), qualifier)


def test_a_range_is_held() -> None:
    share = Convention(".", minimum=0, maximum=1)
    assert parse("1", share) == Number(Decimal(1))
    assert parse("1.01", share) == Doubt("out_of_range", "1.01")
    assert parse("-0.1", share) == Doubt("out_of_range", "-0.1")


def test_nothing_is_missing_not_zero() -> None:
    assert parse("", PLAIN) == Doubt("missing_value", "")
    assert parse(" \u200b", PLAIN) == Doubt("missing_value", "")


def written(value: Decimal, convention: Convention, *, grouped: bool) -> str:
    text = f"{value:,f}" if grouped else f"{value:f}"
    return text if convention.decimal == "." else text.translate({ord("."): ",", ord(","): "."})


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12), st.booleans()
)
@example(Decimal(2255), True)
def test_what_is_written_by_a_convention_is_read_back(value: Decimal, grouped: bool) -> None:
    for convention in (COMMA, POINT):
        assert parse(written(value, convention, grouped=grouped), convention) == Number(value)


@given(st.text(max_size=60), st.sampled_from([COMMA, POINT, PLAIN, UNDECLARED]))
def test_any_text_is_read_exactly_or_doubted(raw: str, convention: Convention) -> None:
    found = parse(raw, convention)
    if isinstance(found, Number):
        assert found.value.is_finite()
        digits = [char for char in raw if char.isdigit()]
        assert "".join(digits).lstrip("0") == "".join(c for c in f"{found.value:f}" if c.isdigit()).lstrip("0")


@pytest.mark.parametrize(
    ("raw", "form", "convention", "found"),
    [
        ("0.6671", "0.00%", COMMA, Number(Decimal("66.71"))),
        ("66.71", "General", COMMA, Number(Decimal("66.71"))),
        ("0.6671", "0.00%", Convention(".", minimum=0, maximum=1), Number(Decimal("0.6671"))),
        ("0.6671", "0.00%", Convention(".", minimum=0, maximum=100), Doubt("ambiguous_number", "0.6671 (0.00%)")),
        ("1e-07", "General", PLAIN, Number(Decimal("1E-7"))),
        ("1e+22", "General", PLAIN, Number(Decimal("1E+22"))),
    ],
)
def test_a_typed_number_is_what_a_person_saw(
    raw: str, form: str, convention: Convention, found: Number | Doubt
) -> None:
    assert parse(Cell("S", 1, 1, "S!A1", raw, "number", float(raw), form), convention) == found


#: Words and marks around a number, and what they say of it.
AROUND = (("", "", "exact"), ("gần ", "", "about"), ("trên ", "", "over"), ("", "%", "exact"), ("\u00a0", " ", "exact"))


def test_20000_numbers_come_back_as_they_were_written() -> None:
    chance = random.Random(20_000)
    for _ in range(20_000):
        value = Decimal(chance.randrange(-(10**12), 10**12)).scaleb(-chance.randrange(7))
        convention = chance.choice((COMMA, POINT))
        before, after, qualifier = chance.choice(AROUND)
        raw = f"{before}{written(value, convention, grouped=chance.random() < 0.5)}{after}"
        assert parse(raw, convention) == Number(value, qualifier), raw


def test_20000_strings_are_read_exactly_or_doubted() -> None:
    chance = random.Random(40_000)
    pieces = [
        "0",
        "1",
        "9",
        "25",
        "255",
        "1234",
        ".",
        ",",
        "..",
        "-",
        "+",
        "%",
        " ",
        "\u00a0",
        "e",
        "E9",
        "x",
        "gần ",
        ">",
    ]
    pieces += ["NaN", "inf", "٣", "½", "\u200b", "(", ")", "/", "'", "đ", "1e309", "\n", "０"]
    read = 0
    for _ in range(20_000):
        raw = "".join(chance.choices(pieces, k=chance.randrange(1, 7)))
        convention = chance.choice((COMMA, POINT, PLAIN, UNDECLARED))
        found = parse(raw, convention)
        if isinstance(found, Number):
            read += 1
            assert found.value == by_hand(raw, convention), raw
    assert read > 1_000


def by_hand(raw: str, convention: Convention) -> Decimal:
    """The value of digits and marks alone, put together in another way."""
    kept = [char for char in raw if char in "0123456789+-.,"]
    whole, mark, part = "".join(kept).partition(convention.decimal or "none")
    sign = -1 if whole.startswith("-") else 1
    digits = int("".join(filter(str.isdigit, whole)))
    assert bool(mark) == bool(part)
    return sign * (Decimal(digits) + (Decimal(int(part)).scaleb(-len(part)) if part else 0))
