"""The command ``python -m tools.agreeing``: searches points and writes them to ``dti_platform/synthetic/agreeing``."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dti_platform import feeds, methodology, units
from tools.agreeing.agreement import agree

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
FEED = "published_results"
TARGET = PROJECT / "dti_platform" / "synthetic" / "agreeing"


def published(period: str, geography: str, known: feeds.Known) -> pl.DataFrame:
    """The observations of the committed published results of one period and geography."""
    return pl.concat(_observations(period, known)).filter(pl.col("geography") == geography)


def _observations(period: str, known: feeds.Known) -> Iterator[pl.DataFrame]:
    for path in sorted((PROJECT / "data" / "feeds" / FEED / period).glob("*.csv")):
        content = path.read_bytes()
        received = feeds.Received(FEED, period, path.name, hashlib.sha256(content).hexdigest(), content)
        yield feeds.read(received, known).observations


def main() -> None:
    """Reads the arguments, searches, writes the points and the figures that are not met."""
    parser = argparse.ArgumentParser(prog="python -m tools.agreeing", description=__doc__)
    for name in ("framework", "period", "geography"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--level", default="provincial")
    parser.add_argument("--seed", type=int, default=2022)
    parser.add_argument("--out", type=Path, default=TARGET)
    asked = parser.parse_args()
    known = feeds.Known(units.load(check=False), methodology.load())
    framework = known.frameworks.get(asked.framework, asked.level)
    members = known.units.geographies[asked.geography]
    agreement = agree(published(asked.period, asked.geography, known), framework, members, asked.seed)
    name = f"{framework.version}-{framework.level}-{asked.period}-{asked.geography}"
    (asked.out / f"{name}.csv").write_text(agreement.to_csv(), encoding="utf-8")
    (asked.out / f"{name}.unmet.csv").write_text(agreement.unmet_csv(), encoding="utf-8")


if __name__ == "__main__":
    main()
