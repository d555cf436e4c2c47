"""The methods: a page for each framework that scores something, and what is not known of any; breaks in the series.

A made-up list of indicators (an overlay) has no page: what is scored by it stands on marked pages.
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
    told = [described(each) for each in shown(content)]
    breaks = content.table("breaks").sort("period", "level", "geography", descending=[True, False, False]).to_dicts()
    listed = [{**each, "path": path_of(each["name"])} for each in told]
    levels = LISTS["level"].names
    yield Page("phuong-phap/index.html", TITLE, {"listed": listed, "breaks": breaks, "levels": levels})
    for each in told:
        yield Page(path_of(each["name"]), Bilingual(each["title_vi"], each["title_en"]), values(each))


def shown(content: Content) -> list[Framework]:
    """The frameworks of official lists, the newest decision first."""
    official = [each for each in content.frameworks.all if each.overlay is None and each.evidence == "official"]
    return sorted(official, key=lambda each: (each.in_force[0][0] if each.in_force else "", each.level), reverse=True)


def path_of(framework: str) -> str:
    """Where the page of a framework lies."""
    return f"phuong-phap/{framework}.html"


def values(told: Mapping[str, Any]) -> Mapping[str, object]:
    """What the template is given: the framework, its nodes above the indicators, and its rules in words."""
    nodes = [node for node in told["nodes"] if node["kind"] != "indicator"]
    return {
        "framework": told,
        "nodes": nodes,
        "tops": list(told["weights"]),
        "weight": lambda top, code: _weight(told["weights"][top].get(code)),  # pyright: ignore[reportUnknownLambdaType]
        "number": lambda value: Bilingual("", "") if value is None else format_number(value),  # pyright: ignore[reportUnknownLambdaType]
        "settings": [(_word(name), _value(value)) for name, value in told["settings"].items()],
        "rule": _rule,
    }


def _weight(share: float | None) -> Bilingual:
    return Bilingual("", "") if share is None else format_number(share, WEIGHT_DECIMALS)


def _word(name: str) -> Bilingual:
    return WORDS.get(name, Bilingual.same(name))


def _value(value: str | float) -> Bilingual:
    return _word(value) if isinstance(value, str) else format_number(value)


def _rule(node: Mapping[str, Any]) -> Bilingual:
    """How the points of a node come about, numbers as each language writes them."""
    languages: tuple[Language, Language] = ("vi", "en")
    return Bilingual(*(rule_text(node[f"rule_{language}"], language) for language in languages))
