"""Numbers are read as their column declares, or not at all."""

import random
import unicodedata
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dti_platform.reading import Cell, Convention, Doubt, Number, normalise, parse
from dti_platform.reading.numbers import Measure

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
        ("0.6671", "0.00%", Convention(".", minimum=0, maximum=100), Doubt("percent_cell", "0.6671 (0.00%)")),
        ("1e-07", "General", PLAIN, Number(Decimal("1E-7"))),
        ("1e+22", "General", PLAIN, Number(Decimal("1E+22"))),
    ],
)
def test_a_typed_number_is_what_a_person_saw(
    raw: str, form: str, convention: Convention, found: Number | Doubt
) -> None:
    assert parse(Cell("S", 1, 1, "S!A1", raw, "number", float(raw), form), convention) == found


@pytest.mark.parametrize(
    ("raw", "convention", "value"),
    [
        ("9.75", Convention(",", minimum=0, maximum=10), "9.75"),
        ("9.750", Convention(",", minimum=0, maximum=10), "9.75"),
        ("9,750", Convention(".", minimum=0, maximum=10), "9.75"),
        ("9,75", Convention(minimum=0, maximum=10), "9.75"),
        ("66.71%", Convention(",", unit="percent"), "66.71"),
        ("0,5763", Convention(".", unit="ratio"), "0.5763"),
        ("1.500", Convention(",", minimum=1000, maximum=2000), "1500"),
        ("1.500", Convention(",", minimum=0, maximum=2000), None),
        ("9.750", Convention(",", minimum=0), None),
        ("9.750", Convention(",", maximum=10), None),
        ("2.000", Convention(".", unit="rank", maximum=63), None),
        ("1.2.3", Convention(",", minimum=0, maximum=10), None),
    ],
)
def test_a_range_decides_only_where_it_leaves_one_reading(raw: str, convention: Convention, value: str | None) -> None:
    expected = Number(Decimal(value)) if value else None
    assert parse(raw, convention) == Doubt("ambiguous_number", raw, expected)


@pytest.mark.parametrize("raw", ["1.234,5", "1,234.5", "11.75", "12.500", "-1.5"])
def test_what_is_out_of_range_however_it_is_read_is_no_matter_of_marks(raw: str) -> None:
    assert parse(raw, Convention(",", minimum=0, maximum=10)) == Doubt("out_of_range", raw)


@given(
    st.from_regex(r"[+-]?[0-9]{1,4}([.,][0-9]{1,4}){0,3}", fullmatch=True),
    st.sampled_from([",", ".", None]),
    st.integers(-10, 10),
    st.integers(0, 2_000),
    st.booleans(),
)
@example("9.750", ",", 0, 10_000, False)
def test_what_a_range_admits_is_the_only_number_in_it_that_the_text_can_mean(
    raw: str, decimal: Literal[",", "."] | None, low: int, width: int, whole: bool
) -> None:
    """Against the definition under both marks, grouped or not; where two numbers fit, none is taken."""
    convention = Convention(decimal, minimum=low, maximum=low + width, whole=whole)
    read = parse(raw, convention)
    if isinstance(read, Number) or read.reason != "ambiguous_number":
        return
    bounds = {"minimum": low, "maximum": low + width}
    readings = {meant(raw, Convention(mark, grouped=grouped, **bounds)) for mark, grouped in product(",.", (0, 1))}
    (only, *others) = readings - {None} or {None}
    expected = None if others or whole else only
    assert expected == (read.admitted and (Fraction(read.admitted.value), read.admitted.qualifier))


DIGITS = "0123456789"
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u2060\ufeff"))
WORDS = {"gần": "about", "khoảng": "about", "~": "about", "trên": "over", ">": "over", "dưới": "under", "<": "under"}
CONVENTIONS = (
    COMMA, POINT, PLAIN, UNDECLARED, Convention(","), Convention(",", grouped=True), Convention(".", unit="count"),
    Convention(",", grouped=True, unit="count"), Convention(",", unit="percent"), Convention(".", unit="ratio"),
    Convention(unit="rank", maximum=63), Convention(",", grouped=True, unit="vnd"), Convention(None, grouped=True),
)  # fmt: skip


def test_20000_writings_come_back_as_what_they_were_written_for() -> None:
    """Written from the definition, in all its ways: signs, leading zeros, groups, trailing zeros, spaces, words."""
    chance = random.Random(20_000)
    for _ in range(20_000):
        convention = chance.choice((COMMA, POINT, PLAIN, Convention(","), Convention(",", grouped=True, unit="vnd")))
        raw, value, qualifier = writing(chance, convention)
        found = parse(raw, convention)
        assert isinstance(found, Number), (raw, convention)
        assert (Fraction(found.value), found.qualifier) == (value, qualifier), (raw, convention)


def writing(chance: random.Random, convention: Convention) -> tuple[str, Fraction, str]:
    """A text as the definition allows it, the number that it means, and what its words say."""
    grouped = convention.grouped and chance.random() < 0.5
    fraction = "" if convention.whole else "".join(chance.choices(DIGITS, k=chance.randrange(7)))
    digits = chance.choice("123456789" if grouped else DIGITS) + "".join(chance.choices(DIGITS, k=chance.randrange(12)))
    value = Fraction(int(digits)) + (Fraction(int(fraction), 10 ** len(fraction)) if fraction else 0)
    sign = chance.choice(("", "", "+", "-"))
    word, qualifier = chance.choice([("", "exact"), *WORDS.items()])
    number = (in_groups(digits, "," if convention.decimal == "." else ".") if grouped else digits) + (
        f"{convention.decimal}{fraction}" if fraction else ""
    )
    percent = chance.choice(("", "%", " %", "\u00a0%")) if convention.percent else ""
    word = chance.choice((str, str.upper, lambda word: unicodedata.normalize("NFD", word)))(word)
    before, between, after = (chance.choice(("", " ", "\u00a0", "\u200b", " \n")) for _ in range(3))
    return f"{before}{word}{between}{sign}{number}{percent}{after}", -value if sign == "-" else value, qualifier


def in_groups(digits: str, mark: str) -> str:
    first = len(digits) % 3
    return mark.join(filter(None, (digits[:first], *(digits[at : at + 3] for at in range(first, len(digits), 3)))))


LIKELY = (*"0019", "25", "255", "000", "123", "1234", *".,.,-+% ", "gần ", "> ")
PIECES = (
    *LIKELY, "..", "\u00a0",
    "\u202f", "e", "E9", "x", "trên", "~", "NaN", "inf", "٣", "½", "²", "０", "−", "–", "'", "’",
    "(", ")", "/", "đ", "1e309", "\n", "\u200b", "\u00ad", "\u200f",
)  # fmt: skip


def test_20000_strings_are_read_as_the_definition_says_or_doubted() -> None:
    chance = random.Random(40_000)
    read = 0
    for _ in range(20_000):
        raw = "".join(chance.choices(chance.choice((LIKELY, PIECES)), k=chance.randrange(1, 7)))
        read += agrees(raw, chance.choice(CONVENTIONS))
    assert read > 2_000


@given(st.text("0123456789.,-+% \u00a0'e−０", max_size=12), st.sampled_from(CONVENTIONS))
@example("0.123", COMMA)
@example("0,000", POINT)
def test_any_text_of_digits_and_marks_is_read_as_the_definition_says(raw: str, convention: Convention) -> None:
    agrees(raw, convention)


def agrees(raw: str, convention: Convention) -> bool:
    """Holds a reading to the definition, both ways: what it gives, and that it gives nothing else."""
    found, expected = parse(raw, convention), meant(raw, convention)
    seen = (Fraction(found.value), found.qualifier) if isinstance(found, Number) else None
    assert seen == expected, (raw, convention, found)
    return seen is not None


def meant(raw: str, convention: Convention) -> tuple[Fraction, str] | None:
    """The definition, written down apart from the parser: what a text means under a convention, if anything."""
    text = " ".join(raw.translate(UNSEEN).split())
    if "\u00ad" in raw or "\u200f" in raw:
        return None
    word = next((word for word in WORDS if text.lower().startswith(word)), "")
    text = text[len(word) :].lstrip(" ") if word else text
    text = text[:-1].rstrip(" ") if convention.percent and text.endswith("%") else text
    sign, text = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    whole, mark, part = text.partition(convention.decimal) if convention.decimal else (text, "", "")
    other = {",": ".", ".": ",", None: ""}[convention.decimal]
    groups = whole.split(other) if convention.grouped and other else [whole]
    if not all(each and set(each) <= set(DIGITS) for each in (*groups, *([part] if mark else []))):
        return None
    if len(groups) > 1 and (groups[0][0] == "0" or len(groups[0]) > 3 or any(len(each) != 3 for each in groups[1:])):
        return None
    value = Fraction(int("".join(groups) + part), 10 ** len(part)) * (-1 if sign == "-" else 1)
    if convention.whole and (value.denominator > 1 or (mark and len(groups) == 1)):
        return None
    if not (convention.minimum is None or value >= convention.minimum):
        return None
    return (value, WORDS.get(word, "exact")) if convention.maximum is None or value <= convention.maximum else None


@pytest.mark.parametrize(
    ("raw", "convention"),
    [
        (raw, convention)
        for raw, conventions in {
            "0.123": (COMMA, UNDECLARED, Convention(",")),
            "0.000": (COMMA, UNDECLARED),
            "001.234": (COMMA, UNDECLARED),
            "-0.123": (COMMA,),
            "gần 0.500": (COMMA,),
            "0,123": (POINT, PLAIN, UNDECLARED),
            "1,234.5": (COMMA, UNDECLARED, PLAIN),
            "1.234.567,8": (POINT, PLAIN, UNDECLARED, Convention(",")),
            "1.234.56": (COMMA, POINT, PLAIN),
            "1 234": CONVENTIONS,
            "1\u00a0234": CONVENTIONS,
            "1\u202f234,5": CONVENTIONS,
            "2.000": (Convention(".", unit="count"), Convention(unit="rank"), UNDECLARED),
        }.items()
        for convention in conventions
    ],
)
def test_what_could_be_another_number_is_ambiguous(raw: str, convention: Convention) -> None:
    found = parse(raw, convention)
    assert isinstance(found, Doubt)
    assert found.reason == "ambiguous_number"


@pytest.mark.parametrize(
    "raw",
    ["−5", "–5", "５", "5²", "1'234", "1’234", "5\u00ad6", "1\u200f2", "(5)", "5-6", "%", "gần", "trên dưới 80",
     "≥ 80", "80 trở lên", "approxımately 5", "1e-7", "5 %%", "10^3"],
)  # fmt: skip
def test_what_is_not_written_as_a_number_is_doubted_under_every_convention(raw: str) -> None:
    assert all(parse(raw, each) == Doubt("not_a_number", normalise(raw)) for each in CONVENTIONS)


@pytest.mark.parametrize(
    ("unit", "low", "high", "whole", "percent"),
    [
        ("ratio", 0, 1, False, False),
        ("percent", 0, 100, False, True),
        ("points", 0, None, False, False),
        ("count", 0, None, True, False),
        ("rank", 1, None, True, False),
        ("vnd", None, None, True, False),
    ],
)
def test_from_a_unit_follow_range_whole_numbers_and_the_sign(
    unit: Measure, low: int | None, high: int | None, whole: bool, percent: bool
) -> None:
    found = Convention(",", unit=unit)
    assert (found.minimum, found.maximum, found.whole, found.percent) == (low, high, whole, percent)
    declared = Convention(",", unit=unit, minimum=-3, maximum=7)
    assert (declared.minimum, declared.maximum) == (-3, 7)
    assert isinstance(parse("0,5%", found), Number) is percent


@pytest.mark.parametrize("raw", ["1.5", "0.1", "1e-07"])
def test_a_typed_fraction_is_no_rank_and_no_count(raw: str) -> None:
    cell = Cell("S", 1, 1, "S!A1", raw, "number", float(raw))
    assert parse(cell, Convention(unit="count")) == Doubt("not_whole", str(Decimal(raw)))
    assert parse(cell._replace(raw="5.0"), Convention(unit="rank")) == Number(Decimal(5))


@pytest.mark.parametrize(
    ("form", "share", "percent"),
    [
        ('0.0"%"', None, "0.5"),
        (r"0\%", None, "0.5"),
        ("[Red]0%", "0.5", "50"),
        ('0%;-0%;"-"', "0.5", "50"),
        ("0.00;-0%", None, None),
        ("0%%", None, None),
    ],
)
def test_a_number_format_shows_a_hundredth_only_where_its_sign_is_no_letter(
    form: str, share: str | None, percent: str | None
) -> None:
    cell = Cell("S", 1, 1, "S!A1", "0.5", "number", 0.5, form)
    for unit, expected in (("ratio", share), ("percent", percent), ("points", None)):
        found = parse(cell, Convention(",", unit=unit))  # type: ignore[arg-type]
        assert found == (Number(Decimal(expected)) if expected else Doubt("percent_cell", f"0.5 ({form})"))


def test_minus_zero_is_zero_however_it_comes() -> None:
    for cell in ("-0", "-0,0", Cell("S", 1, 1, "/0/a", "-0", "number", -0.0)):
        found = parse(cell, COMMA)
        assert isinstance(found, Number)
        assert not found.value.is_signed()


def test_a_typed_number_beyond_all_bounds_is_doubted() -> None:
    raw = "1e-99999999999999999999"
    assert parse(Cell(None, 1, 1, "/0/a", raw, "number", 0.0), COMMA) == Doubt("not_a_number", raw)
