"""Numbers as each language writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dti_platform.explain.text import number
from dti_platform.failing_row import told
from dti_platform.language import format_number, rounded


@pytest.mark.parametrize(
    ("value", "decimals", "vi"),
    [
        (678.685, 2, "678,69"),
        (0.74605, 4, "0,7461"),
        (2.5, 0, "3"),
        (0.125, 2, "0,13"),
        (-0.125, 2, "-0,13"),
        (0.1 + 0.2, 2, "0,30"),
        (1e-7, 4, "0,0000"),
        (Decimal("1.005"), 2, "1,01"),
    ],
)
def test_a_number_is_rounded_half_up_as_it_is_written(value: float | Decimal, decimals: int, vi: str) -> None:
    assert format_number(value, decimals).vi == vi


def test_the_same_holds_without_trailing_zeros() -> None:
    assert (rounded(0.74605, 4), rounded(11.685, 2)) == (Decimal("0.7461"), Decimal("11.69"))
    assert (number(0.74605, "vi"), number(0.5, "vi"), number(None, "vi")) == ("0,7461", "0,5", "·")
    assert told(0.1234565, "vi") == "0,123457"
