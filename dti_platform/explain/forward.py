"""Forward: from a cell of a received file to the scores and ranks that it moves.

Here: following ``parts`` upwards in a release's own tables. Not here: by how much a change would move them.
"""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import QUOTED
from dti_platform.explain.evidence import Cell, cell_of
from dti_platform.explain.lookup import WORDS, NothingToTrace, Rows, names
from dti_platform.language import LANGUAGES, Bilingual, place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dti_platform.storage.release import OpenRelease
    from dti_platform.tables import Row

#: So many digits of a sha256 name a file.
SHORTEST_HASH = 8


@dataclass(frozen=True, slots=True)
class Moved:
    """A released figure that rests on the cell."""

    period: str
    geography: str
    unit: str
    unit_name_vi: str
    unit_name_en: str
    node: str
    node_name_vi: str
    node_name_en: str
    basis: str
    score: float | None
    rank: int | None
    rank_status: str | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Reach:
    """The values read in a cell, and every released score and rank above them, nearest first.

    A rank that moves may move its neighbours' as well: those are all units of the same rankings.
    """

    release: str
    cells: tuple[Cell, ...]
    moved: tuple[Moved, ...]

    def to_dict(self) -> Mapping[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def reach(release: OpenRelease, file: str, locator: str) -> Reach:
    """What rests on a cell of a file (its name or its sha256, or the first 8 or more of it).

    ``locator``: as it stands in the release, or as a trace tells it in Vietnamese.

    Raises:
        NothingToTrace: no value of the release was read there.
    """
    rows = Rows(release)
    named = (pl.col("file_name") == file) | (pl.lit(len(file) >= SHORTEST_HASH) & pl.col("file").str.starts_with(file))
    read = rows.table("observations").filter(named)
    if read.is_empty():
        files = rows.table("observations")["file_name"].drop_nulls().unique().to_list()
        near = names("near", difflib.get_close_matches(file, files)) or ""
        raise NothingToTrace(WORDS["no_file"].format(release=release.name, file=file, near=near))
    places = {each: place(each) for each in read["locator"].unique(maintain_order=True)}
    here = read.filter(pl.col("locator").is_in([each for each, told in places.items() if locator in told]))
    if here.is_empty():
        first = list(places.values())[:3]
        like = Bilingual(*("; ".join(f"«{each.text(language)}»" for each in first) for language in LANGUAGES))
        raise NothingToTrace(WORDS["no_cell"].format(file=file, cell=locator, places=like))
    moved_figures = [moved for row in here.iter_rows(named=True) for moved in _moved(rows, row)]
    return Reach(release.name, tuple(cell_of(row) for row in here.iter_rows(named=True)), tuple(moved_figures))


def _moved(rows: Rows, row: Row) -> list[Moved]:
    """The figures of the cell's unit, at its node and above, on the bases that use it."""
    bases = ("published", "recomputed") if row["basis"] == "published" else (row["basis"],)
    scores = rows.of("index_scores", period=row["period"], unit=row["unit"]).filter(pl.col("basis").is_in(bases))
    above = _above(row["node"], scores.filter(pl.col("basis") == bases[-1]))
    kept = [each for each in scores.iter_rows(named=True) if _rests(each, row, above)]
    ordered = sorted(kept, key=lambda each: (above.get(each["node"], 0), each["basis"], each["node"]))
    return [Moved(**{name: each[name] for name in Moved.__dataclass_fields__}) for each in ordered]


def _rests(score: Row, row: Row, above: dict[str, int]) -> bool:
    """Whether a released figure uses the observation: as it stands, or as a part of ours from the same source."""
    if score["basis"] in QUOTED:
        used = score["rank_source"] if row["measure"] == "rank" else score["source"]
        return score["node"] == row["node"] and used == row["source"]
    if row["measure"] not in ("points", "score") or score["source"] != row["source"]:
        return False
    return score["node"] in above or (score["basis"] != "recomputed" and score["node"] == row["node"])


def _above(node: str, scores: pl.DataFrame) -> dict[str, int]:
    """The nodes that are made of a node, with their distance from it."""
    parts = {row["node"]: str(row["parts"] or "").split() for row in scores.iter_rows(named=True)}
    distances: dict[str, int] = {}
    reached = {node}
    while reached:
        distance = max(distances.values(), default=0) + 1
        reached = {each for each, made_of in parts.items() if each not in distances and reached & set(made_of)}
        distances |= dict.fromkeys(reached, distance)
    return distances
