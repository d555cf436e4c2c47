"""The committed feeds as one release in a store of its own: what readers, and a trace, open."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import polars as pl

from dti_platform import publications
from dti_platform.storage import OpenRelease, Store
from tests.publications.flow import published

YEARS = (2020, 2021, 2022, 2023, 2024, 2025)


@cache
def release() -> OpenRelease:
    modules = publications.discover()
    frames = {name: pl.concat([published(name, year) for year in YEARS]) for name in modules}
    descriptions = publications.described_apart({name: publications.describe(each) for name, each in modules.items()})
    store = Store(Path(mkdtemp(prefix="dti-release-")))
    store.releases.publish(publications.apart(frames), descriptions, record={})
    return store.releases.open()
