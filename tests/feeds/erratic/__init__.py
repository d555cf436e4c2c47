"""A feed for tests alone, found because its folder is among those that are scanned for feeds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dti_platform import feeds

HEADER = "province,indicator,name_vi,name_en,period,value,unit,source,certainty\n"


def survey(share: float, trick: str = "", province: str = "Điện Biên") -> bytes:
    """A file of one figure, and how its reader goes wrong."""
    note = f"trick: {trick}" if trick else ""
    return f"{HEADER}{province},household_smartphone_share,{note},,2023,{share},%,https://tests.vn,verbatim\n".encode()


@contextmanager
def scanned() -> Iterator[None]:
    """The feed is found as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds, "__path__", [*feeds.__path__, str(Path(__file__).parent)])
        feeds.discover.cache_clear()
        yield
    feeds.discover.cache_clear()
