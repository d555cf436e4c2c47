"""A framework for a person to read: everything in its file is told, in both languages, and the pages are up to date."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.methodology import FrameworkError, Frameworks, described, load
from dti_platform.methodology.description import lines, page_of
from tests.methodology.pages import FOLDER, pages
from tests.methodology.test_rules import tree

NAMES = sorted(each.name for each in load().all)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_every_framework_is_as_its_file_says(name: str) -> None:
    """After a change that is meant: python -m tests.regenerate."""
    assert (FOLDER / f"{name}.md").read_text(encoding="utf-8") == pages()[f"{name}.md"]


def test_there_is_no_page_of_a_framework_that_is_gone() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.md")) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_everything_is_told_in_both_languages(frameworks: Frameworks, name: str, language: str) -> None:
    framework = frameworks.named(name)
    text = "\n".join(lines(described(framework), language))  # type: ignore[arg-type]
    assert "None" not in text
    for node in framework.nodes.values():
        assert len(re.findall(rf"^ *- \*\*{re.escape(node.code)}\*\* ", text, re.MULTILINE)) == 1
        assert getattr(node, f"name_{language}") in text
    for said in (*getattr(framework, f"unknown_{language}"), *framework.source, framework.decision):
        assert said in text
    assert ("ILLUSTRATIVE" in text or "MINH HỌA" in text) == (framework.evidence == "illustrative")
    for exemption in framework.exemptions:
        assert getattr(exemption, f"note_{language}") in text


def test_the_steps_of_a_rule_are_told_with_their_direction(load_text: Callable[..., Frameworks]) -> None:
    text = "\n".join(lines(described(load_text(tree()).all[0]), "en"))
    assert "steps, as shares of the maximum (<= 0: 1; <= 2: 0.5)" in text
    assert "steps, as shares of the maximum (>= 4: 1;" in text
    vietnamese = "\n".join(lines(described(load_text(tree()).all[0]), "vi"))
    assert "(<= 0: 1; <= 2: 0,5)" in vietnamese


def test_maxima_known_and_unknown_are_told_apart(frameworks: Frameworks) -> None:
    text = "\n".join(lines(described(frameworks.named("405")), "en"))
    assert "**PDTI** Provincial digital transformation index: 1000 points" in text
    assert "**1** Digital awareness: maximum unknown" in text
    assert "Merged units: the unweighted mean (main index, VN63 → VN34)" in text
    assert "not scored" in "\n".join(lines(described(frameworks.named("922")), "en"))


def test_a_framework_is_found_by_version_or_by_full_name(frameworks: Frameworks) -> None:
    assert frameworks.named("922").name == "922-provincial"
    assert frameworks.named("922-ministerial.illustrative").level == "ministerial"
    with pytest.raises(FrameworkError, match=r"no framework 1; known: .*405-provincial"):
        frameworks.named("1")


def test_the_command_prints_a_framework() -> None:
    run = CliRunner().invoke
    text = run(main, ["dev", "methodology", "405", "--lang", "vi"])
    assert text.exit_code == 0
    assert text.output.startswith("# Chỉ số đánh giá chuyển đổi số cấp tỉnh (405/QĐ-BKHCN)")
    told = json.loads(run(main, ["dev", "methodology", "922-ministerial.illustrative", "--json"]).output)
    assert len([node for node in told["nodes"] if node["kind"] == "indicator"]) == 70
    assert run(main, ["dev", "methodology", "405", "--page"]).output.rstrip("\n") == page_of(
        described(load().named("405"))
    ).rstrip("\n")
    wrong = run(main, ["dev", "methodology", "7"])
    assert wrong.exit_code == 1
    assert "no framework 7; known:" in wrong.output
