"""Something to publish, and a clock that is set by hand, for tests and the processes they start."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from dti_platform.storage import Store, TableDescription


class Clock:
    """A clock that says what it is told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


def ranking(version: int = 0, rows: int = 63) -> pl.DataFrame:
    """A table in which every row bears the same version stamp."""
    return pl.DataFrame(
        {
            "period": ["2022"] * rows,
            "unit": [f"VN63-{number:02}" for number in range(rows)],
            "score": [round(1 - number / 1000, 4) for number in range(rows)],
            "rank": pl.Series([*range(1, rows), None], dtype=pl.Int32),
            "version": pl.Series([version] * rows, dtype=pl.Int64),
        }
    )


def description(title: str = "ranking") -> TableDescription:
    return TableDescription(
        title=title,
        description="One row says where one unit stands.",
        columns=[(name, "any", f"the {name}") for name in ranking().columns],
        key=["period", "unit"],
    )


NAMES = ("illustrative/index_scores", "index_scores", "province_ranking")
DESCRIPTIONS = {name: description(name) for name in NAMES}


def tables(version: int = 0, rows: int = 63) -> dict[str, pl.DataFrame]:
    return dict.fromkeys(NAMES, ranking(version, rows))


def published_files(root: str, seed: int) -> dict[str, str]:
    """The hashes of what is published of many rows in an order of their own, and of a table that is stored."""
    store, large = Store(root), tables(1, 140_000)
    shuffled = {name: large[name].sample(fraction=1, shuffle=True, seed=seed) for name in reversed(large)}
    release = store.releases.publish(shuffled, DESCRIPTIONS, record={})
    stored = store.tables.write("scores", 2022, large["index_scores"])
    assert release
    return {"name": release.name, "stored": stored.sha256, **release.files}
