"""A framework for a person or a program to read: its tree, maxima, rules, settings, sources, and what is unknown.

Here: the rule of a node in words; ``described`` (data) and its lines in Vietnamese and English, as Markdown that also
reads well in a terminal. Not here: the words for each kind of rule (``rules``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dti_platform.codes import LISTS
from dti_platform.glossary import terms
from dti_platform.language import Bilingual, Language, format_number, rule_text
from dti_platform.methodology.rules import Information
from dti_platform.methodology.weights import weights

if TYPE_CHECKING:
    from dti_platform.methodology.framework import Framework, Node

#: What a framework says, as plain data for JSON and for the lines of a page.
Description = dict[str, Any]
WORDS = terms("framework_words")
KINDS = LISTS["kind"].names
GROUPS = LISTS["peer_group"].names
_INFERRED = Bilingual(" (công thức suy ra)", " (formula inferred)")
_UNKNOWN = Bilingual("điểm tối đa chưa rõ", "a maximum that is not known")


def rule(framework: Framework, node: Node) -> Bilingual:
    """How a node's points come about, in a line: from its parts, or by the rule of an input."""
    parts = framework.parts(node.code)
    if not node.scored:
        return Information.label
    if not parts:
        return node.rule.words(node.direction)
    if node.method == "weighted":
        return Bilingual.same(" + ".join(f"{part.weight} x {part.code}" for part in parts))
    total = " + ".join(part.code for part in parts)
    how_sure = _INFERRED if node.certainty == "inferred" else Bilingual("", "")
    if node.max_points is None:
        return Bilingual(*(f"({total}) / {unknown}" for unknown in _UNKNOWN))
    others = _by_group(framework, node)
    return Bilingual(
        *(f"({total}) / {node.max_points}{text}{sure}" for text, sure in zip(others, how_sure, strict=True))
    )


def _by_group(framework: Framework, node: Node) -> Bilingual:
    """The other maximum that a file assumes for a ranked group to which not everything applies."""
    groups = [exemption.group for exemption in framework.exemptions]
    maxima = {group: framework.of_group(group).nodes[node.code].max_points for group in groups}
    others = [
        Bilingual("; {group}: / {maximum} (giả định)", "; {group}: / {maximum} (assumed)").format(
            group=_group(group), maximum=str(maximum)
        )
        for group, maximum in maxima.items()
        if maximum != node.max_points
    ]
    return Bilingual("".join(each.vi for each in others), "".join(each.en for each in others))


def rounding(framework: Framework) -> str:
    """The declared rules, as named settings: ``half_up 6; ties competition 4; provisional 0.9``.

    That is: scores to six decimals; ties on four; ranks are given, as provisional, from nine peers in ten.
    """
    settings = framework.settings
    ties = f"{settings.tie} {settings.tie_decimals}"
    return f"{settings.rounding} {settings.decimals}; ties {ties}; provisional {settings.provisional_from}"


def described(framework: Framework) -> Description:
    """Everything that a framework says, as plain data: texts, numbers, lists; nodes in the order of the file."""
    merging, settings = framework.merging, framework.settings
    members = Counter((period, group) for (period, _), group in framework.membership.items())
    return {
        "name": framework.name,
        "title_vi": framework.title_vi,
        "title_en": framework.title_en,
        "level": framework.level,
        "index": framework.index,
        "family": framework.family,
        "decision": framework.decision,
        "decided_on": framework.decided_on and framework.decided_on.isoformat(),
        "evidence": framework.evidence,
        "file": framework.file,
        "in_force": [f"{period} {geography}" for period, geography in framework.in_force],
        "computable": framework.computable(),
        "settings": {
            "decimals": settings.decimals,
            "rounding": settings.rounding,
            "tie": settings.tie,
            "tie_decimals": settings.tie_decimals,
            "provisional_from": float(settings.provisional_from),
            "missing": settings.missing,
        },
        "merging": merging and {name: getattr(merging, name) for name in ("rule", "kind", "before", "after", "source")},
        "exemptions": [{"group": e.group, "note_vi": e.note_vi, "note_en": e.note_en} for e in framework.exemptions],
        "membership": [{"period": p, "group": group, "units": count} for (p, group), count in sorted(members.items())],
        "unknown_vi": list(framework.unknown_vi),
        "unknown_en": list(framework.unknown_en),
        "nodes": [_node(framework, node) for node in framework.nodes.values()],
        "weights": _weights(framework),
        "sources": list(
            dict.fromkeys((*framework.source, *(s for node in framework.nodes.values() for s in node.source)))
        ),
    }


def _weights(framework: Framework) -> Mapping[str, Mapping[str, float]]:
    """Effective weights in the index and in each pillar, by its code, then by node; none where no maximum is known."""
    tops = [node.code for node in framework.nodes.values() if node is framework.root or node.kind == "pillar"]
    known = {top: weights(framework, top) for top in tops}
    return {top: {code: float(weight) for code, weight in of.items()} for top, of in known.items() if of}


def _node(framework: Framework, node: Node) -> Description:
    vi, en = rule(framework, node)
    maximum = node.max_points
    return {
        "code": node.code,
        "parent": node.parent,
        "kind": node.kind,
        "name_vi": node.name_vi,
        "name_en": node.name_en,
        "max_points": None if maximum is None else float(maximum),
        "scored": node.scored,
        "components": node.components,
        "listed": sum(leaf.kind == "indicator" for leaf in framework.leaves(node.code)),
        "rule": node.rule.kind,
        "rule_vi": vi,
        "rule_en": en,
        "evidence": node.evidence,
        "certainty": node.certainty,
        "source": list(node.source),
        "note_vi": node.note_vi,
        "note_en": node.note_en,
    }


def lines(data: Description, language: Language) -> list[str]:
    """What ``described`` gives, as lines of Markdown in one language."""
    return [
        *_head(data, language),
        *_rules(data, language),
        *_tree(data, language),
        *_shares(data, language),
        *_sources(data, language),
    ]


def page_of(data: Description) -> str:
    """The page of the docs folder: Vietnamese, then English; made, never written by hand."""
    return "\n".join((*lines(data, "vi"), "", *lines(data, "en"), ""))


def _word(name: str, language: Language) -> str:
    return WORDS.get(name, Bilingual.same(name)).text(language)


def _group(code: str) -> Bilingual:
    """The name of a ranked group; another index may have groups of its own."""
    return GROUPS.get(code, Bilingual.same(code))


def _value(value: str | float, language: Language) -> str:
    return _word(value, language) if isinstance(value, str) else format_number(value).text(language)


def _head(data: Description, language: Language) -> Iterator[str]:
    yield from (f"# {data[f'title_{language}']}", "")
    if data["evidence"] == "illustrative":
        yield from (f"**{_word('illustrative', language)}.**", "")
    on = f" ({data['decided_on']})" if data["decided_on"] else ""
    yield f"- {_word('decision', language)}: {data['decision']}{on}"
    yield f"- {_word('in_force', language)}: {', '.join(data['in_force'])}"
    yield f"- {_word('file', language)}: `{data['file']}`"
    yield ""
    yield f"## {_word('unknown', language)}"
    yield from (f"- {text}" for text in data[f"unknown_{language}"])


def _rules(data: Description, language: Language) -> Iterator[str]:
    yield ""
    yield f"## {_word('settings', language)}"
    yield from (f"- {_word(name, language)}: {_value(value, language)}" for name, value in data["settings"].items())
    if merging := data["merging"]:
        kind = KINDS[merging["kind"]].text(language)
        text = f"{_word(merging['rule'], language)} ({kind}, {merging['before']} → {merging['after']})"
        text += f"; {_word('mean_of_totals', language)}"
        yield f"- {_word('merging', language)}: {text}"
    for exemption in data["exemptions"]:
        group = _group(exemption["group"]).text(language)
        yield f"- {_word('groups', language)}, {group}: {exemption[f'note_{language}']}"
    for members in data["membership"]:
        group = f"{members['period']}, {_group(members['group']).text(language)}"
        assumed = _word("members", language)
        yield f"- {_word('groups', language)}, {group}: {members['units']} {assumed}"


def _tree(data: Description, language: Language) -> Iterator[str]:
    yield ""
    yield f"## {_word('tree', language)}"
    nodes, depths = {node["code"]: node for node in data["nodes"]}, dict[str, int]()
    below: dict[str | None, list[str]] = {}
    for code, node in nodes.items():
        below.setdefault(node["parent"], []).append(code)
    todo = list(reversed(below[None]))
    while todo:
        code = todo.pop()
        node = nodes[code]
        depths[code] = depths.get(node["parent"], -1) + 1
        yield f"{'  ' * depths[code]}- {_line(node, language)}"
        todo.extend(reversed(below.get(code, [])))


def _line(node: Description, language: Language) -> str:
    """Code, name, maximum, rule, counts, evidence."""
    maximum = _word("no_maximum", language)
    if not node["scored"]:
        maximum = _word("unscored", language)
    elif node["max_points"] is not None:
        maximum = f"{format_number(node['max_points']).text(language)} {_word('points', language)}"
    texts = [f"**{node['code']}** {node[f'name_{language}']}: {maximum}"]
    if node["scored"]:
        texts.append(rule_text(node[f"rule_{language}"], language))
    if node["components"]:
        texts.append(f"{node['components']} {_word('listed', language)}: {node['listed']}")
    if node["evidence"] == "illustrative":
        texts.append(_word("made_up", language))
    return "; ".join(texts)


def _shares(data: Description, language: Language) -> Iterator[str]:
    """Effective weights above the indicators, as a table: a row a node, a column for the index and each pillar."""
    shares: Mapping[str, Mapping[str, float]] = data["weights"]
    kinds = {node["code"]: node["kind"] for node in data["nodes"]}
    rows = [code for code in kinds if kinds[code] != "indicator" and any(code in of for of in shares.values())]
    if not rows:
        return
    yield from ("", f"## {_word('weights', language)}", "", _word("weights_mean", language), "")
    yield f"| | {' | '.join(shares)} |"
    yield f"|---|{'---|' * len(shares)}"
    for code in rows:
        cells = (format_number(of[code], 4).text(language) if code in of else "" for of in shares.values())
        yield f"| {code} | {' | '.join(cells)} |"


def _sources(data: Description, language: Language) -> Iterator[str]:
    yield ""
    yield f"## {_word('sources', language)}"
    yield from (f"- {address}" for address in data["sources"])
