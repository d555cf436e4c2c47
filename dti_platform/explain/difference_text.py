"""A difference as plain lines for a person, in Vietnamese or English.

Here: the order and the words of the lines. Not here: what differs (``difference``).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dti_platform.explain.difference import Change, Difference, Why
from dti_platform.explain.words import number, say
from dti_platform.glossary import BASES, ILLUSTRATIVE, MEASURES
from dti_platform.language import Bilingual, Language

__all__ = ["difference_lines"]

TYPES = {
    "scheduled": Bilingual("định kỳ", "scheduled"),
    "revision": Bilingual("cập nhật số liệu", "revision: better data"),
    "correction": Bilingual("sửa sai", "correction of a mistake"),
}
CAUSES = {
    "cells": Bilingual("{count} ô đã đổi: {cells}", "changed cells, {count}: {cells}"),
    "peers": Bilingual("{count} ô của đơn vị khác đã đổi: {cells}", "changed cells of other units, {count}: {cells}"),
    "source": Bilingual("nguồn khác dẫn đầu", "another source leads"),
    "rules": Bilingual(
        "không ô nào đổi: bộ chỉ số hoặc mã nguồn đã đổi", "no cell changed: the framework or the code did"
    ),
}
TOLD = {
    "head": Bilingual(
        "Từ {earlier} đến {later}: {count} số liệu đã đổi", "From {earlier} to {later}: {count} figures changed"
    ),
    "none": Bilingual("Không điểm hay hạng nào thay đổi", "No score and no rank changed"),
    "below": Bilingual(
        "… và {count} số liệu ở các chỉ số bên dưới (--all)", "… and {count} figures of nodes below (--all)"
    ),
    "because": Bilingual("công bố {release}, {type}", "release {release}, {type}"),
}


def difference_lines(found: Difference, language: Language = "vi", *, whole: bool = False) -> list[str]:
    """Who moved in each ranking, from what to what, why; nodes below the index are counted, or told as well."""
    lines = [say(TOLD["head"], language, earlier=found.earlier, later=found.later, count=len(found.changes))]
    if not found.changes:
        return [*lines, say(TOLD["none"], language)]
    for ranking, each in groupby(found.changes, key=lambda change: (change.period, change.geography, change.basis)):
        changes = list(each)
        lines += ["", _heading(*ranking, changes, language), *_ranking(changes, language, whole=whole)]
    return lines


def _heading(period: str, geography: str, basis: str, changes: list[Change], language: Language) -> str:
    mark = f" · {say(ILLUSTRATIVE, language)}" if any(x.evidence == "illustrative" for x in changes) else ""
    return f"{period} · {geography} · {say(BASES[basis], language)}{mark}"


def _ranking(changes: list[Change], language: Language, *, whole: bool) -> Iterator[str]:
    told = [each for each in changes if whole or each.is_index]
    for change in sorted(told, key=lambda each: (not each.is_index, each.node, each.new_rank or 0, each.unit)):
        name, node = (
            (change.unit_name_vi, change.node_name_vi)
            if language == "vi"
            else (change.unit_name_en, change.node_name_en)
        )
        yield f"  {name} ({change.unit}) {change.node} {node}: {_moved(change, language)}"
        yield from (f"    {_because(why, language)}" for why in change.why)
    if len(told) < len(changes):
        yield f"  {say(TOLD['below'], language, count=len(changes) - len(told))}"


def _moved(change: Change, language: Language) -> str:
    pairs = (
        ("score", number(change.old_score, language, 6), number(change.new_score, language, 6)),
        ("rank", number(change.old_rank, language), number(change.new_rank, language)),
    )
    return ", ".join(f"{say(MEASURES[name], language)} {old} -> {new}" for name, old, new in pairs if old != new)


def _because(why: Why, language: Language) -> str:
    told = say(TOLD["because"], language, release=why.release, type=say(TYPES[why.type], language))
    reason = f" «{why.reason}»" if why.reason else ""
    return f"{told}{reason}: {say(CAUSES[why.cause], language, count=why.changed_cells, cells=why.cells)}"
