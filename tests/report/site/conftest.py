"""What the tests of sites share."""

from __future__ import annotations

from pathlib import Path

import pytest

from dti_platform.pipeline import site
from dti_platform.report.site import Content
from tests.conftest import Flow


@pytest.fixture(scope="module")
def folder(flow: Flow) -> Path:
    """The site that the finished run made."""
    (made,) = [path for path in (flow.store.root / "published" / "sites").iterdir() if not path.is_symlink()]
    return made


@pytest.fixture
def content(flow: Flow) -> Content:
    """What that site is made from; a test may put other rows in the place of its tables."""
    return site.content(flow.store, flow.store.releases.find(flow.store.releases.open().name))
