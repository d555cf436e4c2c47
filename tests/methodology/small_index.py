"""A small index to turn in the hand: four scored indicators, two main indices, one overlapping pillar."""

from __future__ import annotations

SMALL = """
version = "1"
level = "provincial"
index = "DTI"
family = "1"
title_vi = "Chỉ số nhỏ"
title_en = "A small index"
decision = "none"
source = ["here"]
publisher = "official.example"
evidence = "official"
aggregation = "sum_of_main_indices"
in_force = [{ period = "2022", geography = "VN63" }]
unknown_vi = ["không gì"]
unknown_en = ["nothing"]

[settings]
decimals = 6
printed_decimals = 4
rounding = "half_up"
tie = "competition"
missing = "withhold"

[sources]
here = "https://here.example"
"""


def node(code: str, parent: str | None, more: str, kind: str = "indicator") -> str:
    """One node of a framework file."""
    above = "" if parent is None else f'parent = "{parent}"\n'
    return (
        f'\n[[nodes]]\ncode = "{code}"\n{above}kind = "{kind}"\nname_vi = "{code}"\nname_en = "{code}"\n'
        f'certainty = "verbatim"\nsource = ["here"]\n{more}\n'
    )


TREE = (
    node("T", None, 'concept = "overall"\nmembers = ["A", "B"]', "index")
    + node("P", "T", 'members = ["A", "B2"]', "pillar")
    + node("A", "T", "max_points = 60", "main_index")
    + node("B", "T", "", "main_index")
    + node("A1", "A", "max_points = 40")
    + node("A2", "A", "max_points = 20")
    + node("B1", "B", "max_points = 30")
    + node("B2", "B", "max_points = 10")
    + node("I", "B", 'scored = false\nrule = { kind = "information" }')
)
