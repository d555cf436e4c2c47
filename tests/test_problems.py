"""The catalogue of problems: complete in both languages, used whole, and refused where it is not as its head says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from dti_platform.language import Bilingual
from dti_platform.problems import CATALOGUE, CatalogueError, Level, catalogue, load
from dti_platform.reading import Unreadable
from tests.languages import is_vietnamese
from tests.syntax import PACKAGE, modules, nodes, tree

LEVELS: tuple[Level, ...] = ("cell", "file", "warning", "arrival")
#: Texts without a letter of Vietnamese alone.
PLAIN = {"{remark}", "không quá {other}", "mã {code}"}


def texts() -> Iterator[tuple[str, Bilingual]]:
    for level in LEVELS:
        for code, problem in catalogue(level).items():
            for text in (problem.why, problem.expected, problem.fix, *problem.detail.values()):
                if text:
                    yield f"{level}.{code}", text


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Every call that refuses a file by a sentence of the catalogue."""
    for path in modules():
        for node in nodes(tree(path)):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Unreadable"
            if named and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def words() -> set[str]:
    """Every string that the code holds, docstrings too."""
    return {
        node.value
        for path in modules()
        for node in nodes(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_text_is_in_both_languages() -> None:
    assert [at for at, text in texts() if not is_vietnamese(text.vi) and text.vi not in PLAIN] == []
    assert [at for at, text in texts() if is_vietnamese(text.en)] == []


def test_what_a_cell_should_hold_is_no_repetition_of_how_to_fix_it() -> None:
    repeating = {code for code, each in catalogue("cell").items() if each.expected in (None, each.fix)}
    assert repeating == set()


def test_every_code_and_every_sentence_of_the_catalogue_is_used() -> None:
    used = words()
    names = {
        (level, name) for level in LEVELS for code, each in catalogue(level).items() for name in (code, *each.detail)
    }
    assert {each for each in names if each[1] not in used} == set()


def test_every_refusal_names_a_code_and_a_sentence_of_it_and_fills_its_placeholders() -> None:
    for where, call in refusals():
        reason, name = call.args
        assert isinstance(name, ast.Constant)
        codes = [reason.value] if isinstance(reason, ast.Constant) else list(catalogue("file"))
        sentences = [catalogue("file")[code].detail.get(name.value) for code in codes if code in catalogue("file")]
        sentences = [each for each in sentences if each] if len(codes) > 1 else sentences
        assert sentences, where
        for sentence in sentences:
            assert sentence, f"{where}: {codes} has no sentence {name.value}"
            if all(keyword.arg for keyword in call.keywords):
                fields = {field for _, field, _, _ in Formatter().parse(sentence.vi) if field}
                assert fields == {keyword.arg for keyword in call.keywords}, where


def test_a_refusal_is_filled_in_each_language() -> None:
    refusal = Unreadable("several_tables", "in_sheets", file=Bilingual("tệp a", "file a"), sheets="X, Y")
    assert refusal.reason == "several_tables"
    assert refusal.detail.vi.startswith("tệp a có bảng trong các trang tính X, Y:")
    assert str(refusal) == "several_tables: file a has the table in X, Y: one sheet must hold it"
    assert refusal.of("b.csv").detail.en.startswith("b.csv: file a has")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[cell.missing_value]", "[row.missing_value]"), "the levels: have exactly cell, file, warning"),
        (('class = "completeness"', 'class = "style"'), r"\[cell.missing_value\]: set class to one of completeness"),
        (('class = "completeness"', 'class = "value"\nlevel = "cell"'), r"\[cell.missing_value\]: remove level"),
        (('why.vi = "Ô bắt', '# why.vi = "Ô bắt'), r"\[cell.missing_value\] why: give vi and en"),
        (
            ("cho phép: {range}", "cho phép"),
            r"\[cell.out_of_range\] why: use the same placeholders .* \[\] and \['range'\]",
        ),
        (("{file} has no sheet", "{name} has no sheet"), r"\[file.header_missing\] detail.no_sheet: use the same"),
    ],
)
def test_a_catalogue_that_is_not_as_its_head_says_names_file_code_and_fix(
    change: tuple[str, str], message: str
) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(CatalogueError, match=f"^problems.toml, {message}"):
        load(re.sub(re.escape(change[0]), lambda _: change[1], text, count=1))
