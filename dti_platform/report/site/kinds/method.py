"""The methods: a page for each framework that computes scores, the open questions of each, and breaks in the series.

A made-up list of indicators (an overlay) has no page; its scores are only on marked pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dti_platform.codes import LISTS
from dti_platform.glossary import terms
from dti_platform.language import Bilingual, Language, format_number, rule_text
from dti_platform.methodology.description import described
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.report.site.content import Content

KIND = Kind(50, Bilingual("Phương pháp", "Method"), "phuong-phap/index.html")
TITLE = Bilingual("Phương pháp và những điều chưa rõ", "Method, and what is not known")
WORDS = terms("framework_words")
WEIGHT_DECIMALS = 4


def pages(content: Content) -> Iterator[Page]:
    """The list, then a page for each framework."""
    methods = [described(framework) for framework in official_frameworks(content)]
    breaks = content.table("breaks").sort("period", "level", "geography", descending=[True, False, False]).to_dicts()
    listed = [{**method, "path": path_of(method["name"])} for method in methods]
    levels = LISTS["level"].names
    yield Page("phuong-phap/index.html", TITLE, {"listed": listed, "breaks": breaks, "levels": levels})
    for method in methods:
        yield Page(path_of(method["name"]), Bilingual(method["title_vi"], method["title_en"]), values(method))


def official_frameworks(content: Content) -> list[Framework]:
    """The frameworks of official lists, the newest decision first."""
    frameworks = [
        framework
        for framework in content.frameworks.all
        if framework.overlay is None and framework.evidence == "official"
    ]
    return sorted(
        frameworks,
        key=lambda framework: (framework.in_force[0][0] if framework.in_force else "", framework.level),
        reverse=True,
    )


def path_of(framework: str) -> str:
    """The path of the page of a framework."""
    return f"phuong-phap/{framework}.html"


def values(method: Mapping[str, Any]) -> Mapping[str, object]:
    """The values for the template: a described framework, its nodes above the indicators, and its rules in words."""
    nodes = [node for node in method["nodes"] if node["kind"] != "indicator"]
    return {
        "framework": method,
        "nodes": nodes,
        "tops": list(method["weights"]),
        "weight": lambda top, code: _weight(method["weights"][top].get(code)),  # pyright: ignore[reportUnknownLambdaType]
        "number": lambda value: Bilingual("", "") if value is None else format_number(value),  # pyright: ignore[reportUnknownLambdaType]
        "settings": [(_word(name), _value(value)) for name, value in method["settings"].items()],
        "rule": _rule,
    }


def _weight(share: float | None) -> Bilingual:
    return Bilingual("", "") if share is None else format_number(share, WEIGHT_DECIMALS)


def _word(name: str) -> Bilingual:
    return WORDS.get(name, Bilingual.same(name))


def _value(value: str | float) -> Bilingual:
    return _word(value) if isinstance(value, str) else format_number(value)


def _rule(node: Mapping[str, Any]) -> Bilingual:
    """The rule for the points of a node, with numbers in the notation of each language."""
    languages: tuple[Language, Language] = ("vi", "en")
    return Bilingual(*(rule_text(node[f"rule_{language}"], language) for language in languages))
