"""A map of provinces as SVG, each filled by the fifth of its geography that contains its published rank.

Here: projecting the outlines of ``data/reference/maps`` to an integer grid, and drawing them. Not here: which ranking
has a map (``kinds.league``). Hoàng Sa and Trường Sa, which the outlines lack, are insets with the colour of their
province.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dti_platform.language import Bilingual
from dti_platform.reference_tables.files import default_folder

#: Height of the mainland on the grid.
HEIGHT = 1000
#: The ratio of a degree of latitude to one of longitude in the middle of the country (16 degrees north).
STRETCH = 1 / math.cos(math.radians(16))
FIFTHS = 5
#: The class of a unit without a published rank.
UNRANKED = "none"
#: The tops of the insets as shares of the height, the size of an inset, and the islets in it.
INSETS = (0.42, 0.66)
INSET_SIZE = (170, 120)
ISLETS = ((30, 60), (52, 44), (60, 78), (84, 58), (104, 84), (122, 50), (140, 72))

#: The number of points of the smallest ring, whose last point repeats the first.
TRIANGLE = 4

Point = tuple[int, int]


class Outline(NamedTuple):
    """A unit's outline as an SVG path."""

    unit: str
    path: str


class Inset(NamedTuple):
    """An archipelago that the outlines lack, shown beside the mainland."""

    unit: str
    name: Bilingual
    x: int
    y: int


class Map(NamedTuple):
    """A geography on the grid."""

    width: int
    height: int
    outlines: Sequence[Outline]
    insets: Sequence[Inset]
    attribution: str


def has(geography: str) -> bool:
    """Whether there are outlines of a geography."""
    return _file(geography).is_file()


def fifth(rank: int | None, peers: int) -> str:
    """The class of a rank: 1 (the first fifth of all units of the geography, known or not) to 5.

    >>> fifth(1, 63), fifth(13, 63), fifth(14, 63), fifth(63, 63), fifth(None, 63)
    ('1', '1', '2', '5', 'none')
    """
    return UNRANKED if rank is None else str((rank - 1) * FIFTHS // peers + 1)


@cache
def load(geography: str) -> Map:
    """The outlines of a geography on the grid.

    Raises:
        OSError: there are none.
    """
    collection = json.loads(_file(geography).read_text(encoding="utf-8"))
    rings = {feature["id"]: list(_rings(feature["geometry"])) for feature in collection["features"]}
    points = [point for shape in rings.values() for ring in shape for point in ring]
    west, north = min(x for x, _ in points), max(y for _, y in points)
    scale = HEIGHT / ((north - min(y for _, y in points)) * STRETCH)

    def on_grid(ring: Sequence[tuple[float, float]]) -> list[Point]:
        return [(round((x - west) * scale), round((north - y) * STRETCH * scale)) for x, y in ring]

    outlines = [Outline(unit, "".join(map(_path, map(on_grid, shape)))) for unit, shape in sorted(rings.items())]
    mainland = round((max(x for x, _ in points) - west) * scale)
    insets = [
        Inset(inset["unit"], Bilingual(inset["name_vi"], inset["name_en"]), mainland + 20, round(HEIGHT * top))
        for inset, top in zip(collection["not_in_geometry"], INSETS, strict=True)
    ]
    return Map(mainland + INSET_SIZE[0] + 25, HEIGHT, outlines, insets, collection["attribution"])


def drawing(geography: str, ranks: Mapping[str, int | None], peers: int) -> Mapping[str, object]:
    """The values for the template of a map: outlines and insets, each with its class and rank.

    Args:
        geography: for example VN63.
        ranks: the published rank of each unit.
        peers: how many units the geography has.
    """
    grid_map = load(geography)

    def area(unit: str) -> dict[str, object]:
        return {"unit": unit, "rank": ranks.get(unit), "fifth": fifth(ranks.get(unit), peers)}

    return {
        "map": grid_map,
        "outlines": [(outline.path, area(outline.unit)) for outline in grid_map.outlines],
        "insets": [(inset, area(inset.unit)) for inset in grid_map.insets],
        "islets": ISLETS,
        "inset_size": INSET_SIZE,
        "fifths": [(str(number + 1), *_bounds(number, peers)) for number in range(FIFTHS)],
    }


def _bounds(number: int, peers: int) -> tuple[int, int]:
    """The first and the last rank of a fifth."""
    ranks = [rank for rank in range(1, peers + 1) if (rank - 1) * FIFTHS // peers == number]
    return ranks[0], ranks[-1]


def _file(geography: str) -> Path:
    return default_folder() / "maps" / f"provinces_{geography.removeprefix('VN')}.geojson"


def _rings(
    geometry: Mapping[str, Sequence[Sequence[Sequence[Sequence[float]]]]],
) -> Iterator[list[tuple[float, float]]]:
    """The rings of all polygons of a feature, as (east, north) in degrees."""
    polygons = geometry["coordinates"] if str(geometry["type"]) == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(point[0]), float(point[1])) for point in ring]  # pyright: ignore[reportArgumentType]


def _path(points: Sequence[Point]) -> str:
    """A ring as relative SVG commands; equal neighbouring points are merged, and a ring of too few points is empty."""
    distinct = [point for index, point in enumerate(points) if not index or point != points[index - 1]]
    if len(distinct) < TRIANGLE:
        return ""
    moves = [(x - distinct[index][0], y - distinct[index][1]) for index, (x, y) in enumerate(distinct[1:-1])]
    steps = "".join(f"{x}{y if y < 0 else f' {y}'}{' '}" for x, y in moves).strip().replace(" -", "-")
    return f"M{distinct[0][0]} {distinct[0][1]}l{steps}z"
