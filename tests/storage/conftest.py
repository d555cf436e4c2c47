"""What the tests of storage share: a store with a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from dti_platform.storage import Store
from tests.storage.samples import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2022, 8, 8, 9, 0, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Store:
    return Store(tmp_path / "data", clock=clock)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tells what a proof counted; shown at the end of the run, also of one in several processes."""
    return partial(record_property, "counted")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "counted":
                terminalreporter.write_line(f"counted: {text}")
