"""How a node's points come about, in a line of words, Vietnamese and English, for readers of a table or a page.

Here: words for the rules that a framework file declares. Not here: computing by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dti_platform.methodology.framework import Framework, Node
    from dti_platform.methodology.rules import Rule

__all__ = ["rounding", "rule"]

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
