"""What the tests of the desk share: an empty store with its desk, and a draft of one unit's sheet."""

from pathlib import Path

import pytest

from dti_platform import methodology, units
from dti_platform.feeds import Known
from dti_platform.storage import Store
from dti_platform.submissions import Desk
from tests.feeds.drafts import HOME, Draft
from tests.submissions.in_process import in_this_process

#: The modules whose tests read files in a child process, as the desk does; elsewhere that is not what is tested.
IN_A_CHILD = frozenset({"test_boundary", "test_bounds", "test_hostile", "test_refusals"})


@pytest.fixture(autouse=True)
def opened_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.stem not in IN_A_CHILD:
        in_this_process(monkeypatch)


@pytest.fixture
def scores_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers do not tell of scores before and after: that costs 0.04 CPU s."""
    monkeypatch.setattr("dti_platform.submissions.consequence.Comparison.consequences", lambda _: iter(()))


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
