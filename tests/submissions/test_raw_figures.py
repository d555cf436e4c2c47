"""Raw figures of a ratio in a unit's workbook: what an answer says of the self score beside them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dti_platform.feeds import Known
from dti_platform.methodology import Framework
from dti_platform.storage import Store
from dti_platform.submissions import Desk, Offer
from tests.feeds.test_raw_figures import workbook


@pytest.fixture(scope="module")
def framework(known: Known) -> Framework:
    return known.frameworks.overlaid(known.frameworks.get("922", "provincial"))


@pytest.fixture(scope="module")
def ratios(framework: Framework) -> list[str]:
    return [node.code for node in framework.inputs if node.rule.kind == "ratio"]


def test_a_self_score_that_the_figures_do_not_give_is_warned_of(
    store: Store, known: Known, framework: Framework, ratios: list[str]
) -> None:
    first, second = ratios[:2]
    most = framework.nodes[second].max_points or Decimal(0)
    content = workbook(framework, {first: ("45", "60"), second: ("1", "3")}, {first: "1", second: f"{most / 3:.2f}"})
    answer = next(Desk(store, known).serve([Offer(content, "phieu.xlsx", "self_assessment")])).answer
    found = [(each.reason, each.node) for each in answer.warnings if each.reason == "score_not_as_figures"]
    assert (answer.outcome, found) == ("accepted", [("score_not_as_figures", first)])
    (told,) = (each for each in answer.warnings if each.reason == "score_not_as_figures")
    assert told.expected.vi.endswith(" điểm")
    assert "missing_row" not in {each.reason for each in answer.warnings}
