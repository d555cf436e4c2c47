"""Forward: from a cell of a received file to the scores and ranks that rest on it.

Here: following ``parts`` upwards in the tables of a release. Not here: how much a change would move them.
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
from dti_platform.methodology.rules import raw_measures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dti_platform.storage.release import OpenRelease
    from dti_platform.tables import Row

#: At least this many digits of a sha256 identify a file.
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
    """The values read from a cell, and all released scores and ranks that rest on them, nearest first.

    A rank that moves may also move its neighbours, which are all units of the same rankings; those are not listed.
    """

    release: str
    cells: tuple[Cell, ...]
    moved: tuple[Moved, ...]

    def to_dict(self) -> Mapping[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def reach(release: OpenRelease, file: str, locator: str) -> Reach:
    """What rests on a cell of a file; ``file`` is its name, or at least 8 digits of its sha256.

    ``locator``: as in the release, or as a trace words it in Vietnamese.

    Raises:
        NothingToTrace: no value of the release was read from there.
    """
    rows = Rows(release)
    chosen = (pl.col("file_name") == file) | (pl.lit(len(file) >= SHORTEST_HASH) & pl.col("file").str.starts_with(file))
    in_file = rows.table("observations").filter(chosen)
    if in_file.is_empty():
        files = rows.table("observations")["file_name"].drop_nulls().unique().to_list()
        near = names("near", difflib.get_close_matches(file, files)) or ""
        raise NothingToTrace(WORDS["no_file"].format(release=release.name, file=file, near=near))
    places = {stored: place(stored) for stored in in_file["locator"].unique(maintain_order=True)}
    in_cell = in_file.filter(pl.col("locator").is_in([stored for stored, texts in places.items() if locator in texts]))
    if in_cell.is_empty():
        shown = list(places.values())[:3]
        texts = Bilingual(*("; ".join(f"«{cell.text(language)}»" for cell in shown) for language in LANGUAGES))
        raise NothingToTrace(WORDS["no_cell"].format(file=file, cell=locator, places=texts))
    moved_figures = [moved for row in in_cell.iter_rows(named=True) for moved in _moved(rows, row)]
    return Reach(release.name, tuple(cell_of(row) for row in in_cell.iter_rows(named=True)), tuple(moved_figures))


def _moved(rows: Rows, row: Row) -> list[Moved]:
    """The figures of the cell's unit, at its node and the nodes above, on the bases that use the cell."""
    bases = ("published", "recomputed") if row["basis"] == "published" else (row["basis"],)
    scores = rows.of("index_scores", period=row["period"], unit=row["unit"]).filter(pl.col("basis").is_in(bases))
    ancestors = _ancestors(row["node"], scores.filter(pl.col("basis") == bases[-1]))
    figures = [score for score in scores.iter_rows(named=True) if _rests_on(score, row, ancestors)]
    ordered = sorted(figures, key=lambda score: (ancestors.get(score["node"], 0), score["basis"], score["node"]))
    return [Moved(**{name: score[name] for name in Moved.__dataclass_fields__}) for score in ordered]


def _rests_on(score: Row, row: Row, ancestors: dict[str, int]) -> bool:
    """Whether a released figure uses the observation: as it is, or as a part of ours from the same source."""
    if score["basis"] in QUOTED:
        source = score["rank_source"] if row["measure"] == "rank" else score["source"]
        return score["node"] == row["node"] and source == row["source"]
    if row["measure"] not in ("points", "score", *raw_measures()) or score["source"] != row["source"]:
        return False
    return score["node"] in ancestors or (score["basis"] != "recomputed" and score["node"] == row["node"])


def _ancestors(node: str, scores: pl.DataFrame) -> dict[str, int]:
    """The nodes that a node is a part of, with their distance from it."""
    parts = {row["node"]: str(row["parts"] or "").split() for row in scores.iter_rows(named=True)}
    distances: dict[str, int] = {}
    reached = {node}
    while reached:
        distance = max(distances.values(), default=0) + 1
        reached = {parent for parent, children in parts.items() if parent not in distances and reached & set(children)}
        distances |= dict.fromkeys(reached, distance)
    return distances
