"""What the tests of the desk share: an empty store with its desk, and a draft of one unit's sheet."""

from pathlib import Path

import pytest

from dti_platform import methodology, units
from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk
from tests.feeds.drafts import HOME, Draft


@pytest.fixture(scope="session")
def known() -> Known:
    return Known(units.load(check=False), methodology.load())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def desk(store: Store, known: Known) -> Desk:
    return Desk(store, known)


@pytest.fixture
def draft() -> Draft:
    return Draft.of(HOME.read_bytes())
