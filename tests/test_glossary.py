"""One wording for each term, in both languages; numbers shown to people read back to the same value."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from string import Formatter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dti_platform import codes, glossary
from dti_platform.explain.text import number
from dti_platform.language import Language, format_number
from dti_platform.reading.numbers import Convention, Number, parse

DECIMAL_MARKS: dict[Language, Convention] = {"vi": Convention(","), "en": Convention(".")}
VALUES = st.decimals(0, 1_000_000, places=6)


def test_every_text_is_in_both_languages_with_the_same_placeholders() -> None:
    for section, texts in tomllib.loads(glossary.GLOSSARY.read_text(encoding="utf-8")).items():
        for code, text in texts.items():
            assert set(text) == {"vi", "en"}, (section, code)
            assert all(text.values())
            vi, en = ({name for _, name, *_ in Formatter().parse(text[language]) if name} for language in ("vi", "en"))
            assert vi == en, (section, code)


def test_every_section_is_used() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in glossary.GLOSSARY.parent.rglob("*.py"))
    sections = tomllib.loads(glossary.GLOSSARY.read_text(encoding="utf-8"))
    assert [section for section in sections if f'terms("{section}")' not in sources] == []


@pytest.mark.parametrize("language", DECIMAL_MARKS)
@given(value=VALUES)
def test_a_number_shown_reads_back_to_the_same_value(language: Language, value: Decimal) -> None:
    read = parse(format_number(value).text(language), DECIMAL_MARKS[language])
    assert isinstance(read, Number)
    assert read.value == value


@given(value=VALUES)
def test_a_figure_of_a_trace_reads_back_as_rounded(value: Decimal) -> None:
    read = parse(number(float(value), "vi"), DECIMAL_MARKS["vi"])
    assert isinstance(read, Number)
    assert abs(read.value - value) <= Decimal("0.00005")


def test_no_vietnamese_figure_has_a_point() -> None:
    assert [number(74.605, "vi"), number(74.605, "en"), number(100.0, "vi"), number(None, "vi")] == [
        "74,605", "74.605", "100", "·",
    ]  # fmt: skip


def test_every_severity_of_a_finding_has_a_name() -> None:
    assert set(get_args(codes.FindingSeverity)) == set(glossary.SEVERITIES)


def test_a_word_stands_before_a_number_unless_it_is_exact() -> None:
    assert glossary.QUALIFIERS["over"] == ("hơn ", "over ")
    assert glossary.QUALIFIERS["exact"] == ("", "")


def test_what_is_simply_as_printed_gets_no_mark() -> None:
    assert set(glossary.CERTAINTIES) == {*codes.CERTAINTIES} - {"verbatim", "submitted"}
