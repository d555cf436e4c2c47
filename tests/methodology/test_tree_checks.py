"""Every rule that a framework file is held to, broken once; the error names file, node and fix."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dti_platform.methodology import FrameworkError, Frameworks, score
from dti_platform.publications.reconciliation import Reconciliation
from dti_platform.tables import Scores
from tests.methodology.observed import printed
from tests.methodology.small_index import SMALL, TREE, node

Load = Callable[..., Frameworks]

HERE, THERE = 'source = ["here"]', 'source = ["there"]'

BROKEN = {
    "parts that do not add up": ("max_points = 40", "max_points = 41", "node A: max_points is 60, .* add up to 61"),
    "an unknown parent": ('parent = "A"', 'parent = "C"', "names C, which is no node"),
    "an unknown member": ('"A", "B2"', '"A", "B9"', "node P: names B9"),
    "two roots": ('code = "A"\nparent = "T"', 'code = "A"', "without a parent are \\['T', 'A'\\]"),
    "a circle": ('code = "A"\nparent = "T"', 'code = "A"\nparent = "A1"', "its own ancestor"),
    "a concept twice": (
        'members = ["A", "B2"]',
        'members = ["A", "B2"]\nconcept = "overall"',
        "concept overall is already that of T",
    ),
    "a code twice": ('code = "A2"', 'code = "A1"', "node 'A1' has no code or stands twice"),
    "a code with a space": ('code = "B1"', 'code = "B 1"', "node B 1: the code holds more than letters"),
    "a code of Vietnamese letters": ('code = "B1"', 'code = "Đ1"', "node Đ1: the code holds more than letters"),
    "a code that is a number": ('code = "B1"', "code = 1", "node 1 has no code"),
    "a concept in capitals": ('concept = "overall"', 'concept = "Overall"', "the concept 'Overall' is not"),
    "two codes that differ in case": ('code = "B1"', 'code = "a1"', "node a1: the metrics of A1 are called a1"),
    "a code that is a concept of another": ('code = "B1"', 'code = "overall"', "the metrics of T are called overall"),
    "a period that is no year": ('period = "2022"', 'period = "2022-S1"', "the periods \\['2022-S1'\\]. Write years"),
    "fewer than no decimals": ("decimals = 6", "decimals = -1", "settings: decimals and printed_decimals are"),
    "ties on more decimals than a score has": (
        "decimals = 6",
        "decimals = 3",
        "settings.tie_decimals is 4. Give a number up to decimals: 3",
    ),
    "ranks from no peer at all": (
        "decimals = 6",
        "decimals = 6\nprovisional_from = 0.0",
        "settings.provisional_from is 0.0. Give a share",
    ),
    "a setting left out": ('tie = "competition"', "", "settings has the entries"),
    "no name": ('name_vi = "A1"', 'name_vi = ""', "node A1: lacks a name"),
    "an unheard-of kind": ('kind = "pillar"', 'kind = "column"', "node P: kind is 'column'"),
    "a maximum of nothing": ("max_points = 10", "max_points = 0", "node B2: max_points is 0"),
    "points on an unscored node": (
        "scored = false",
        "scored = false\nmax_points = 5",
        "node I: is unscored and has max_points",
    ),
    "an unheard-of rule": ('kind = "information" }', 'kind = "guess" }', "node I: rule is 'guess'"),
    "an unheard-of method": ("max_points = 60", 'max_points = 60\nmethod = "product"', "node A: method is 'product'"),
    "an unheard-of direction": ("max_points = 10", 'max_points = 10\ndirection = "sideways"', "node B2: direction"),
    "steps out of order": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "steps", steps = [[1, 0.25], [4, 1]] }',
        "node B2: rule steps",
    ),
    "steps whose shares do not fall": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "steps", steps = [[4, 0.5], [1, 0.5]] }',
        "node B2: rule steps: give .* shares falling",
    ),
    "steps that rise where higher is better": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "steps", steps = [[0, 1], [2, 0.5]] }',
        "node B2: rule steps: give",
    ),
    "steps that fall where lower is better": (
        "max_points = 10",
        'max_points = 10\ndirection = "lower_is_better"\nrule = { kind = "steps", steps = [[2, 1], [0, 0.5]] }',
        "node B2: rule steps: give",
    ),
    "no steps": ("max_points = 10", 'max_points = 10\nrule = { kind = "steps" }', "node B2: rule steps: give"),
    "no categories": ("max_points = 10", 'max_points = 10\nrule = { kind = "category" }', "rule category: needs named"),
    "a ratio against its direction": (
        "max_points = 10",
        'max_points = 10\ndirection = "lower_is_better"\nrule = { kind = "ratio" }',
        "node B2: rule ratio: gives more for what .* lower_is_better calls worse",
    ),
    "a rule above other nodes": (
        "max_points = 60",
        'max_points = 60\nrule = { kind = "ratio" }',
        "node A: rule ratio: the node has nodes below it",
    ),
    "information that is scored": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "information" }',
        "node B2: rule information: nothing is scored",
    ),
    "a rule of no kind": (
        "max_points = 10",
        "max_points = 10\nrule = { steps = [[1, 1]] }",
        "node B2: its rule has the entries",
    ),
    "a rule with the entry of another kind": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "ratio", shares = { a = 1 } }',
        "node B2: its rule has the entries .* A rule ratio has \\['kind'\\]",
    ),
    "a rule with an unheard-of entry": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "points", from = "x" }',
        "node B2: its rule has the entries \\['from', 'kind'\\]",
    ),
    "too many criteria": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "criteria", shares = { '
        + ", ".join(f"c{n} = {0.04 if n else 0.48}" for n in range(14))
        + " } }",
        "rule criteria: the shares add up .* more than 12",
    ),
    "shares above one": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "category", shares = { chair = 2 } }',
        "node B2: rule category: a share is outside",
    ),
    "criteria that are not whole": (
        "max_points = 10",
        'max_points = 10\nrule = { kind = "criteria", shares = { a = 0.5, b = 0.4 } }',
        "node B2: rule criteria: the shares add up to 0.9",
    ),
    "weights that are not whole": (
        "max_points = 60",
        'max_points = 60\nmethod = "weighted"',
        "node A: the weights .* 0, not 1",
    ),
    "a count that is not met": (
        "max_points = 60",
        "max_points = 60\ncomponents = 3",
        "node A: declares 3 components and lists 2",
    ),
    "a wrong evidence": ("max_points = 10", 'max_points = 10\nevidence = "rumour"', "node B2: evidence is 'rumour'"),
    "an unheard-of entry": ("max_points = 10", "maximum = 10", "node B2 has unknown entries \\['maximum'\\]"),
    "an unheard-of source": (
        f"{HERE}\nmax_points = 10",
        f"{THERE}\nmax_points = 10",
        "node B2 names the sources \\['there'\\]",
    ),
    "no source": (f"{HERE}\nmax_points = 10", "source = []\nmax_points = 10", "node B2: names no source"),
    "a missing rule unheard of": ('"withhold"', '"ignore"', "settings.missing is 'ignore'"),
    "a tie rule unheard of": ('"competition"', '"dense"', "settings.tie is 'dense'"),
    "a rounding unheard of": ('"half_up"', '"down"', "settings.rounding is 'down'"),
    "an aggregation unheard of": ('"sum_of_main_indices"', '"mean"', "aggregation is 'mean'"),
    "a level unheard of": ('level = "provincial"', 'level = "planetary"', "level is 'planetary'"),
    "an unknown said once": ('unknown_en = ["nothing"]', "unknown_en = []", "unknown_vi and unknown_en differ"),
    "too wide for exact sums": ("decimals = 6", "decimals = 9", "too wide for exact sums"),
    "an entry left out": ('decision = "none"', "", "the entry 'decision' is missing"),
    "an unheard-of head entry": (
        'decision = "none"',
        'decision = "none"\nmotto = "x"',
        "unknown entries \\['motto'\\]",
    ),
    "no TOML": ('decision = "none"', "decision = none", "not readable as TOML"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_refused_by_name(fault: str, load_text: Load) -> None:
    whole = SMALL + TREE
    old, new, message = BROKEN[fault]
    assert old in whole, "the case breaks nothing"
    with pytest.raises(FrameworkError, match=message) as refused:
        load_text(whole.replace(old, new, 1))
    assert "1-provincial.toml" in str(refused.value)


def test_what_is_made_up_cannot_be_official(load_text: Load) -> None:
    official = f'certainty = "verbatim"\n{HERE}\nmax_points = 10'
    made_up = (SMALL + TREE).replace(official, official.replace("verbatim", "invented"))
    with pytest.raises(FrameworkError, match="node B2: is invented, so its evidence is illustrative"):
        load_text(made_up)


#: An entry of another type than its field, and what the error says.
MISTYPED = {
    'rule = { kind = "steps", steps = [4, 1] }': "rule steps: steps is [4, 1]. Give [[a number, a number], ...].",
    'rule = { kind = "steps", steps = [["4", 1]] }': 'steps is [["4", 1]]. Give [[a number, a number], ...].',
    'rule = { kind = "steps", steps = [[4, 1, 0]] }': "steps is [[4, 1, 0]]. Give [[a number, a number], ...].",
    'rule = { kind = "steps", steps = [[nan, 1]] }': "steps is [[NaN, 1]]. Give [[a number, a number], ...].",
    'rule = { kind = "category", shares = { a = "1" } }': 'shares is {"a": "1"}. Give { name = a number, ... }.',
    'rule = { kind = "category", shares = { a = true } }': 'shares is {"a": true}. Give { name = a number, ... }.',
    'rule = { kind = "criteria", shares = [0.5, 0.5] }': "shares is [0.5, 0.5]. Give { name = a number, ... }.",
    'rule = { kind = "points", by = 3 }': "by is 3. Give text.",
    'rule = "ratio"': "its rule is 'ratio'. Give { kind = ... }",
    "weight = true": "weight is true. Give a number.",
    'weight = "0.5"': 'weight is "0.5". Give a number.',
    "components = 2.5": "components is 2.5. Give a whole number.",
    'complete = "no"': 'complete is "no". Give true or false.',
    'members = "A1"': 'members is "A1". Give [text, ...].',
    "concept = 4": "concept is 4. Give text.",
}


@pytest.mark.parametrize("entry", MISTYPED)
def test_a_mistyped_entry_is_refused_by_file_node_and_fix(entry: str, load_text: Load) -> None:
    """Some stopped everything with a TypeError, others counted: true as 1, and "no" as yes."""
    with pytest.raises(FrameworkError, match=re.escape(MISTYPED[entry])) as refused:
        load_text((SMALL + TREE).replace("max_points = 10", f"max_points = 10\n{entry}"))
    assert str(refused.value).startswith("1-provincial.toml: node B2: ")


def test_a_mistyped_setting_is_refused(load_text: Load) -> None:
    with pytest.raises(FrameworkError, match=r'1-provincial\.toml: settings: decimals is "6"\. Give a whole number\.'):
        load_text(SMALL.replace("decimals = 6", 'decimals = "6"', 1) + TREE)


SECOND = (SMALL + TREE).replace('version = "1"', 'version = "2"')
OTHER = SECOND.replace('index = "DTI"', 'index = "PAPI"')


def test_two_frameworks_of_one_index_cannot_hold_one_geography_and_period(load_text: Load) -> None:
    with pytest.raises(FrameworkError, match=r"in force for VN63 in 2022, and so is .* of the same index DTI"):
        load_text(SMALL + TREE, **{"2-provincial": SECOND})


def test_two_indexes_hold_one_geography_and_period_and_each_is_found_by_its_name(load_text: Load) -> None:
    both = load_text(SMALL + TREE, **{"2-provincial": OTHER})
    assert [each.version for each in both.in_force("2022-S1", "VN63")] == ["1", "2"]
    for version, index in both.indexes.items():
        assert both.for_period(2022, "VN63", index) is both.of_version(version, 2022, "VN63") is not None
    assert both.for_period(2022, "VN63", "PCI") is both.of_version("1", 2021, "VN63") is None


def test_a_version_is_of_one_index(load_text: Load) -> None:
    other = (SMALL + TREE).replace('index = "DTI"', 'index = "PAPI"').replace('"provincial"', '"ministerial"')
    with pytest.raises(FrameworkError, match=r"version 1 is of DTI, and of PAPI in .* Rename one"):
        load_text(SMALL + TREE, **{"1-ministerial": other.replace('"VN63"', '"MIN22"')})


def test_rescaling_needs_every_maximum(load_text: Load) -> None:
    unknown = (SMALL + TREE).replace("max_points = 10", "").replace('"withhold"', '"rescale"')
    with pytest.raises(FrameworkError, match="needs the maximum of every part"):
        load_text(unknown)


def test_a_maximum_not_stated_is_the_sum_of_known_parts(load_text: Load) -> None:
    framework = load_text(SMALL + TREE).all[0]
    assert framework.nodes["B"].max_points == 40
    assert framework.nodes["T"].max_points == 100
    assert framework.nodes["P"].max_points == 70


OVERLAY = """
overlay = "later"
version = "1"
level = "provincial"
evidence = "illustrative"
source = ["annex"]
without = ["B1"]
[sources]
annex = "https://annex.example"
"""


def test_an_overlay_adds_amends_and_takes_away(load_text: Load) -> None:
    more = OVERLAY + '\n[[nodes]]\ncode = "B2"\nmax_points = 25\n'
    more += node("B3", "B", "max_points = 15").replace('"verbatim"', '"invented"').replace('"here"', '"annex"')
    laid = load_text(SMALL + TREE, **{"1-provincial.later": more}).get("1", "provincial", overlay=True)
    assert laid.name == "1-provincial.later"
    assert [part.code for part in laid.parts("B")] == ["B2", "B3"]
    assert laid.nodes["B"].max_points == 40
    assert laid.nodes["B2"].name_vi == "B2"
    assert laid.nodes["B3"].evidence == "illustrative"
    assert laid.nodes["A1"].evidence == "official"


def test_an_overlay_of_nothing_is_refused(load_text: Load) -> None:
    with pytest.raises(FrameworkError, match=r"2-provincial\.later\.toml: no framework to lie over"):
        load_text(SMALL + TREE, **{"2-provincial.later": OVERLAY + "nodes = []"})


def test_a_file_is_named_by_what_it_holds(load_text: Load) -> None:
    with pytest.raises(FrameworkError, match=r"2-provincial\.toml: holds 3-provincial\. Name the file"):
        load_text(SMALL + TREE, **{"2-provincial": (SMALL + TREE).replace('version = "1"', 'version = "3"')})


@given(st.text(st.sampled_from('aZ09._- Đé\n"/'), min_size=1, max_size=4), st.booleans())
@example("b1", False)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_code_or_concept_that_a_contract_refuses_is_refused_at_load(
    load_text: Load, text: str, as_concept: bool
) -> None:
    """What is loaded is scored and named in metrics as the tables demand."""
    code = "B1" if as_concept else text
    entry = f"code = {json.dumps(code)}" + (f"\nconcept = {json.dumps(text)}" if as_concept else "")
    try:
        framework = load_text(SMALL + TREE.replace('code = "B1"', entry)).all[0]
    except FrameworkError:
        return
    scores = score(printed([("VN63-01", code, 0.5)], framework="1"), framework, ["VN63-01"])
    Scores.validate(scores)
    metric = "points_" + (framework.nodes[code].concept or code.lower())
    (pattern,) = [check.statistics["pattern"] for check in Reconciliation.to_schema().columns["metric"].checks]
    assert re.match(pattern, metric)
