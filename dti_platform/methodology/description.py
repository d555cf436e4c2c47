"""A framework for a person or a program to read: its tree, maxima, rules, settings, sources, and what is unknown.

Here: the rule of a node in words; ``described`` (data) and its lines in Vietnamese and English, as Markdown that also
reads well in a terminal. Not here: the words for each kind of rule (``rules``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dti_platform.methodology.framework import Framework, Node
    from dti_platform.methodology.rules import Rule

__all__ = ["described", "lines", "page_of", "rounding", "rule"]

Language = Literal["vi", "en"]
WORDS: dict[str, tuple[str, str]] = {
    "decision": ("Quyết định", "Decision"),
    "in_force": ("Áp dụng", "In force"),
    "file": ("Tệp", "File"),
    "illustrative": (
        "MINH HỌA: danh mục hoặc điểm tối đa do nền tảng đặt ra, không phải chính thức",
        "ILLUSTRATIVE: the list or the maxima were made up for this platform; not official",
    ),
    "unknown": ("Chưa rõ", "What is unknown"),
    "settings": (
        "Quy tắc nền tảng khai báo (không tìm thấy quy định chính thức)",
        "Rules that the platform declares (no official ones were found)",
    ),
    "decimals": ("số chữ số thập phân của điểm số", "decimals of a score"),
    "rounding": ("làm tròn", "rounding"),
    "tie": ("đồng hạng", "ties"),
    "missing": ("thiếu số liệu", "a missing part"),
    "merging": ("Đơn vị hợp nhất", "Merged units"),
    "groups": ("Nhóm xếp hạng", "Ranked groups"),
    "members": ("đơn vị, theo giả định của tệp", "units, as the file assumes"),
    "tree": ("Cây chỉ số", "The tree"),
    "points": ("điểm", "points"),
    "no_maximum": ("điểm tối đa chưa rõ", "maximum unknown"),
    "unscored": ("không tính điểm", "not scored"),
    "listed": ("chỉ số thành phần, có tên ở đây", "indicators, named here"),
    "made_up": ("minh họa", "illustrative"),
    "sources": ("Nguồn", "Sources"),
}
VALUES: dict[str, tuple[str, str]] = {
    "half_up": ("nửa lên", "half up"),
    "competition": ("1, 2, 2, 4", "1, 2, 2, 4"),
    "withhold": ("không tính điểm của nút và các nút trên", "withholds the node and all above"),
    "zero": ("tính là 0", "counts as zero"),
    "rescale": ("chia lại theo phần có số liệu", "is left out, and the rest stretched"),
    "unweighted_mean": ("trung bình không trọng số", "the unweighted mean"),
}


def described(framework: Framework) -> dict[str, Any]:
    """Everything that a framework says, as plain data: texts, numbers, lists; nodes in the order of the file."""
    merging, settings = framework.merging, framework.settings
    members = Counter((period, group) for (period, _), group in framework.membership.items())
    return {
        "name": framework.name,
        "title_vi": framework.title_vi,
        "title_en": framework.title_en,
        "level": framework.level,
        "family": framework.family,
        "decision": framework.decision,
        "decided_on": framework.decided_on and framework.decided_on.isoformat(),
        "evidence": framework.evidence,
        "file": framework.file,
        "in_force": [f"{period} {geography}" for period, geography in framework.in_force],
        "computable": framework.computable(),
        "settings": {name: getattr(settings, name) for name in ("decimals", "rounding", "tie", "missing")},
        "merging": merging and {name: getattr(merging, name) for name in ("rule", "kind", "before", "after", "source")},
        "exemptions": [{"group": e.group, "note_vi": e.note_vi, "note_en": e.note_en} for e in framework.exemptions],
        "membership": [{"period": p, "group": group, "units": count} for (p, group), count in sorted(members.items())],
        "unknown_vi": list(framework.unknown_vi),
        "unknown_en": list(framework.unknown_en),
        "nodes": [_node(framework, node) for node in framework.nodes.values()],
        "sources": list(
            dict.fromkeys((*framework.source, *(s for node in framework.nodes.values() for s in node.source)))
        ),
    }


def _node(framework: Framework, node: Node) -> dict[str, Any]:
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
        "ours": node.rule.ours,
        "evidence": node.evidence,
        "certainty": node.certainty,
        "source": list(node.source),
        "note_vi": node.note_vi,
        "note_en": node.note_en,
    }


def lines(told: dict[str, Any], language: Language) -> list[str]:
    """What ``described`` gives, as lines of Markdown in one language."""
    return [*_head(told, language), *_rules(told, language), *_tree(told, language), *_sources(told, language)]


def page_of(told: dict[str, Any]) -> str:
    """The page of the docs folder: Vietnamese, then English; made, never written by hand."""
    return "\n".join((*lines(told, "vi"), "", *lines(told, "en"), ""))


def _say(word: str, language: Language) -> str:
    vi, en = (WORDS | VALUES).get(word, (word, word))
    return vi if language == "vi" else en


def _head(told: dict[str, Any], language: Language) -> Iterator[str]:
    yield f"# {told[f'title_{language}']}"
    yield ""
    if told["evidence"] == "illustrative":
        yield f"**{_say('illustrative', language)}.**"
        yield ""
    on = f" ({told['decided_on']})" if told["decided_on"] else ""
    yield f"- {_say('decision', language)}: {told['decision']}{on}"
    yield f"- {_say('in_force', language)}: {', '.join(told['in_force'])}"
    yield f"- {_say('file', language)}: `{told['file']}`"
    yield ""
    yield f"## {_say('unknown', language)}"
    yield from (f"- {each}" for each in told[f"unknown_{language}"])


def _rules(told: dict[str, Any], language: Language) -> Iterator[str]:
    yield ""
    yield f"## {_say('settings', language)}"
    yield from (f"- {_say(name, language)}: {_say(str(value), language)}" for name, value in told["settings"].items())
    if merging := told["merging"]:
        what = f"{_say(merging['rule'], language)} ({merging['kind']}, {merging['before']} → {merging['after']})"
        yield f"- {_say('merging', language)}: {what}"
    for each in told["exemptions"]:
        yield f"- {_say('groups', language)}, {each['group']}: {each[f'note_{language}']}"
    for each in told["membership"]:
        group, assumed = f"{each['period']}, {each['group']}", _say("members", language)
        yield f"- {_say('groups', language)}, {group}: {each['units']} {assumed}"


def _tree(told: dict[str, Any], language: Language) -> Iterator[str]:
    yield ""
    yield f"## {_say('tree', language)}"
    nodes, depths = {node["code"]: node for node in told["nodes"]}, dict[str, int]()
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


def _line(node: dict[str, Any], language: Language) -> str:
    """Code, name, maximum, rule, counts, evidence."""
    maximum = _say("no_maximum", language)
    if not node["scored"]:
        maximum = _say("unscored", language)
    elif node["max_points"] is not None:
        maximum = f"{node['max_points']:g} {_say('points', language)}"
    said = [f"**{node['code']}** {node[f'name_{language}']}: {maximum}"]
    if node["scored"]:
        said.append(node[f"rule_{language}"])
    if node["components"]:
        said.append(f"{node['components']} {_say('listed', language)}: {node['listed']}")
    if node["evidence"] == "illustrative":
        said.append(_say("made_up", language))
    return "; ".join(said)


def _sources(told: dict[str, Any], language: Language) -> Iterator[str]:
    yield ""
    yield f"## {_say('sources', language)}"
    yield from (f"- {each}" for each in told["sources"])


_KINDS = {
    "points": ("điểm được cho", "points as given"),
    "ratio": ("a / b x điểm tối đa", "a / b x the maximum"),
    "steps": ("thang bậc, phần của điểm tối đa", "steps, as shares of the maximum"),
    "category": ("theo loại, phần của điểm tối đa", "by category, as shares of the maximum"),
    "criteria": ("tổng các tiêu chí, phần của điểm tối đa", "sum of criteria, as shares of the maximum"),
    "information": ("thông tin, không tính điểm", "information, not scored"),
    "target": ("a / mục tiêu, nhiều nhất là 1 (quy tắc của nền tảng)", "a / target, at most 1 (the platform's own)"),
    "inverse": ("nghịch đảo theo mục tiêu (quy tắc của nền tảng)", "inverse to a target (the platform's own)"),
}
_UNKNOWN = ("điểm tối đa chưa rõ", "a maximum that is not known")


def rule(framework: Framework, node: Node) -> tuple[str, str]:
    """The rule of a node in Vietnamese and English: from its parts, or as an input."""
    parts = framework.parts(node.code)
    if not node.scored:
        return _KINDS["information"]
    if not parts:
        return _input(node.rule, "<=" if node.direction == "lower_is_better" else ">=")
    if node.method == "weighted":
        formula = " + ".join(f"{part.weight} x {part.code}" for part in parts)
        return formula, formula
    total = " + ".join(part.code for part in parts)
    if node.max_points is None:
        return f"({total}) / {_UNKNOWN[0]}", f"({total}) / {_UNKNOWN[1]}"
    vi, en = _by_group(framework, node)
    return f"({total}) / {node.max_points}{vi}", f"({total}) / {node.max_points}{en}"


def _by_group(framework: Framework, node: Node) -> tuple[str, str]:
    """The other maximum that a file assumes for a ranked group to which not everything applies."""
    others = [(each.group, framework.of_group(each.group).nodes[node.code].max_points) for each in framework.exemptions]
    told = [f"; {group}: / {most}" for group, most in others if most != node.max_points]
    return "".join(f"{each} (giả định)" for each in told), "".join(f"{each} (assumed)" for each in told)


def _input(declared: Rule, reaches: str) -> tuple[str, str]:
    vi, en = _KINDS[declared.kind]
    details = [f"{reaches} {bound}: {share}" for bound, share in declared.steps]
    details += [f"{name}: {share}" for name, share in declared.shares.items()]
    details += [] if declared.target is None else [f"{declared.target}"]
    details += [declared.by] if declared.by else []
    told = f" ({'; '.join(details)})" if details else ""
    return vi + told, en + told


def rounding(framework: Framework) -> str:
    """The declared rounding and tie rule, as named settings: ``half_up 6; ties competition``."""
    settings = framework.settings
    return f"{settings.rounding} {settings.decimals}; ties {settings.tie}"
