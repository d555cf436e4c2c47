"""What the tests of feeds share: the known names, the committed files, and how one is received."""

import hashlib
from collections.abc import Callable

import pytest

from dti_platform.feeds import Known, Parsed, Received
from tests import committed as committed_files

Receive = Callable[..., Received]


def _receive(feed: str, period: str, content: bytes, name: str = "received.csv") -> Received:
    return Received(feed, period, name, hashlib.sha256(content).hexdigest(), content)


@pytest.fixture(scope="session")
def receive() -> Receive:
    """Makes a received file of some bytes."""
    return _receive


@pytest.fixture(scope="session")
def known() -> Known:
    return committed_files.known()


@pytest.fixture(scope="session")
def committed() -> dict[tuple[str, str, str], Parsed]:
    """Every committed CSV, read: by feed, period and name."""
    paths = [path for path in committed_files.files() if path.suffix == ".csv"]
    return {(path.parts[-3], path.parts[-2], path.name): committed_files.said(path) for path in paths}
