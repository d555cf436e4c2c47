"""Figures as people write them: each reads back to the same value, wording and total, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform.amounts import UNNAMED, amount, amount_of
from dti_platform.codes import COUNTED, LISTS, QUALIFIERS
from dti_platform.feeds.wording import read_unit
from dti_platform.glossary import UNIT_MEASURES
from dti_platform.language import Language, format_number
from dti_platform.reading.numbers import Convention, Number, parse

LANGUAGES: tuple[Language, Language] = ("vi", "en")
UNITS = LISTS["unit_measure"].values
VALUES = st.decimals(0, 10**15, places=6)
TOTAL = {"vi": "/", "en": " of "}


def convention(language: Language, unit: str = "count") -> Convention:
    return Convention("," if language == "vi" else ".", grouped=True, percent=unit == "percent")


def read_back(text: str, unit: str, language: Language) -> tuple[Decimal, str, Decimal | None]:
    """Value, wording and total of a figure in words, by the reader of numbers."""
    name = UNIT_MEASURES[unit].text(language)
    number, _, total = text.removesuffix("" if unit in UNNAMED else f" {name}").partition(TOTAL[language])
    read = parse(number, convention(language, unit))
    assert isinstance(read, Number), text
    whole = parse(total, convention(language, unit)) if total else None
    assert whole is None or isinstance(whole, Number), text
    return read.value, read.qualifier, whole and whole.value


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=VALUES, unit=st.sampled_from(UNITS), qualifier=st.sampled_from(QUALIFIERS), total=st.none() | VALUES)
def test_a_figure_in_words_reads_back(
    language: Language, value: Decimal, unit: str, qualifier: str, total: Decimal | None
) -> None:
    text = amount(value, unit, qualifier, total).text(language)
    assert read_back(text, unit, language) == (value, qualifier, total)


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.floats(0, 1e12), unit=st.sampled_from(sorted({*UNITS} - {*COUNTED})))
def test_a_figure_of_a_released_table_reads_back(language: Language, value: float, unit: str) -> None:
    assert float(read_back(amount(round(value, 6), unit).text(language), unit, language)[0]) == round(value, 6)


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.decimals(-(10**15), 10**15, places=6))
def test_a_grouped_number_reads_back(language: Language, value: Decimal) -> None:
    read = parse(format_number(value, grouped=True).text(language), convention(language))
    assert isinstance(read, Number)
    assert read.value == value


@given(unit=st.sampled_from([unit for unit in UNITS if unit not in UNNAMED]))
def test_the_unit_of_a_figure_in_words_is_understood_in_a_report(unit: str) -> None:
    for language in LANGUAGES:
        words = amount(7, unit).text(language).removeprefix("7").strip()
        assert getattr(read_unit(words), "unit_measure", None) == unit


@pytest.mark.parametrize(
    ("figure", "vi", "en"),
    [
        ((450_000, "computers", "over"), "hơn 450.000 máy tính", "over 450,000 computers"),
        ((10, "billion_usd", "about"), "khoảng 10 tỷ USD", "about 10 billion USD"),
        ((70.91, "percent"), "70,91 %", "70.91%"),
        ((477, "villages", "exact", 832), "477/832 thôn, bản", "477 of 832 villages"),
        ((2255, "count", None), "2.255", "2,255"),
        ((-0.5, "percentage_points"), "-0,5 điểm phần trăm", "-0.5 percentage points"),
        ((None, "percent"), "·", "·"),
        ((3, "no code of ours"), "3 no code of ours", "3 no code of ours"),
    ],
)
def test_a_figure_is_written_as_officials_do(figure: tuple[float, str], vi: str, en: str) -> None:
    assert amount(*figure) == (vi, en)


def test_a_row_of_observations_is_its_figure() -> None:
    row = {"value": 80.0, "unit_measure": "people", "qualifier": "under", "denominator": None}
    assert amount_of(row).vi == "dưới 80 người"
    assert amount_of({f"{name}_then": value for name, value in row.items()}, "_then").en == "under 80 people"
