"""What a number format shows, where that is another number than the cell holds."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dti_platform.reading import Cell, held_and_shown


def texts(raw: str, form: str | None) -> tuple[str, str] | None:
    """In English."""
    differing = held_and_shown(Cell("S", 1, 1, "S!A1", raw, "number", float(raw), form))
    return differing and (differing[0].en, differing[1].en)


@pytest.mark.parametrize(
    ("raw", "form", "shown"),
    [
        ("9.75", "0.0", ("9.75", "9.8")),
        ("9.75", "0", ("9.75", "10")),
        ("9.75", "[Red]0.0", ("9.75", "9.8")),
        ("9.75", "[$-42A]#,##0.0", ("9.75", "9.8")),
        ("9.75", '"điểm "0.0" đ"', ("9.75", "9.8")),
        ("-9.75", "0.00;(0.0)", ("-9.75", "-9.8")),
        ("9.75", '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', ("9.75", "10")),
        ("9.7555", "#,##0.###", ("9.7555", "9.756")),
        ("0.975", "0%", ("97.5%", "98%")),
        ("0.045", ".00", ("0.045", "0.05")),
        ("1234567", "#,##0,", ("1234567", "1235")),
        ("1234000", "0.0,", ("1234000", "1234")),
        ("12345", "0.00E+00", ("12345", "12300")),
        ("12.5", "[>=10]0;0.00", ("12.5", "13")),
        ("9.75", ";;;", ("9.75", "no number")),
        ("1.5", '[>=5]"Đạt";"Không đạt"', ("1.5", "no number")),
    ],
)
def test_other_digits_than_the_cell_holds_are_told(raw: str, form: str, shown: tuple[str, str]) -> None:
    assert texts(raw, form) == shown


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("9.75", None), ("9.75", "General"), ("9.75", "@"), ("9.75", "0.00"), ("9.75", "#,##0.000"),
        ("-9.75", "0.0;(0.00)"), ("0.975", "0.0%"), ("0", '0;-0;"-"'), ("9.75", "[>=10]0;0.00"), ("9.75", "# ?/?"),
        ("9.700000000000001", "0.0"), ("44925", "dd/mm/yyyy"), ("0.5", "[h]:mm"), ("9.75", "#27"), ("1e+308", "0"),
        ("1250", "0.00E+00"), ("3", '0" người"'), ("2022", "0000"),
    ],
)  # fmt: skip
def test_what_shows_the_same_number_or_cannot_be_told_is_not_spoken_of(raw: str, form: str | None) -> None:
    assert texts(raw, form) is None


@given(st.decimals(-(10**6), 10**6, places=4), st.integers(0, 6), st.sampled_from(["0", "#,##0", "#"]), st.booleans())
@example(Decimal("9.75"), 1, "0", False)
@example(Decimal("0.985"), 0, "0", True)
def test_a_number_is_spoken_of_exactly_where_it_has_more_places_than_are_shown(
    value: Decimal, places: int, whole: str, percent: bool
) -> None:
    form = f"{whole}{'.' if places else ''}{'0' * places}{'%' if percent else ''}"
    raw = repr(float(value))
    seen = Decimal(raw) * (100 if percent else 1)
    rounded = seen.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = "%" if percent else ""
    expected = None if seen == rounded else (f"{seen.normalize():f}{sign}", f"{rounded.normalize():f}{sign}")
    assert texts(raw, form) == expected


@given(st.text('0#?.,%;"\\_*[]()<>=- Eed@/m', max_size=12), st.floats(allow_nan=False, allow_infinity=False))
def test_any_format_is_borne(form: str, value: float) -> None:
    differing = texts(repr(value), form)
    assert differing is None or differing[0] != differing[1]
