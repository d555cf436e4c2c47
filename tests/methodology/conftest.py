"""Frameworks and units, read once; the small index with another rule where a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform import methodology, units
from dti_platform.methodology import Framework, Frameworks
from dti_platform.units import Units
from tests.methodology.small_index import SMALL, TREE


@pytest.fixture(scope="session")
def known_units() -> Units:
    return units.load(check=False)


@pytest.fixture(scope="session")
def frameworks(known_units: Units) -> Frameworks:
    return methodology.load(units=known_units)


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[..., Frameworks]:
    """Writes the text of 1-provincial.toml, and other files by name, and loads them."""

    def load(base: str, **others: str) -> Frameworks:
        for name, content in {"1-provincial": base, **others}.items():
            (tmp_path / f"{name}.toml").write_text(content, encoding="utf-8")
        return methodology.load(tmp_path)

    return load


@pytest.fixture
def small(load_text: Callable[..., Frameworks]) -> Callable[..., Framework]:
    """The small index, with another missing rule if asked."""

    def make(missing: str = "withhold") -> Framework:
        text = SMALL.replace('"withhold"', f'"{missing}"') + TREE
        return load_text(text).all[0]

    return make
