"""What the tests of feeds share: the known names, the committed files, and how one is received."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform import methodology, units
from dti_platform.feeds import Known, Parsed, Received, read

PROJECT = Path(__file__).parents[2]


Receive = Callable[..., Received]


def _receive(feed: str, period: str, content: bytes, name: str = "received.csv") -> Received:
    return Received(feed, period, name, hashlib.sha256(content).hexdigest(), content)


@pytest.fixture(scope="session")
def receive() -> Receive:
    """Makes a received file of some bytes."""
    return _receive


@pytest.fixture(scope="session")
def known() -> Known:
    return Known(units.load(check=False), methodology.load())


@pytest.fixture(scope="session")
def committed(known: Known) -> dict[tuple[str, str, str], Parsed]:
    """Every committed CSV, read: by feed, period and name."""
    paths = sorted((PROJECT / "data" / "feeds").glob("*/*/*.csv"))
    keys = [(path.parts[-3], path.parts[-2], path.name) for path in paths]
    return {
        key: read(_receive(key[0], key[1], path.read_bytes(), key[2]), known)
        for key, path in zip(keys, paths, strict=True)
    }
