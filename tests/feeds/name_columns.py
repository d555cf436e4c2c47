"""Sheets with several columns of names, drawn at random: each list of names in an order of its own, titled or not.

A figure stands in the row of its unit's name in one of the columns of names; ``figure`` tells whose a value is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from random import Random

from dti_platform.reading import Column, Layout
from tests.feeds.drawings import CAPTIONS, INDICES, NAME, NO, RANK, SCORE, Drawn, Merge, figure

UNITS = ("Hà Nội", "Lào Cai", "Cà Mau", "Sơn La", "Cần Thơ", "Đà Nẵng", "Hà Giang", "An Giang", "Kon Tum", "Quảng Ninh")
#: What stands above a column of names: its declared title, none, or one that nobody declared.
TITLES = ("Tỉnh", None, "Địa bàn")


@dataclass
class Block:
    """Columns that share one column of names."""

    order: list[str]
    columns: list[str | tuple[str, str]]
    """From left to right: ``name``, ``no``, ``gap``, ``text``, ``more`` (undeclared figures), or index and column."""
    title: str | None = "Tỉnh"
    lag: int = 0

    @property
    def abouts(self) -> list[str]:
        return list(dict.fromkeys(column[0] for column in self.columns if isinstance(column, tuple)))


@dataclass
class Grid:
    """What stands where, from 0."""

    cells: dict[tuple[int, int], object] = field(default_factory=dict[tuple[int, int], object])
    merged: list[Merge] = field(default_factory=list[Merge])

    def drawn(self, layouts: list[Layout]) -> Drawn:
        bottom, right = (max(places) for places in zip(*self.cells, strict=True))
        rows = [[self.cells.get((row, column)) for column in range(right + 1)] for row in range(bottom + 1)]
        return Drawn(layouts).sheet(rows, *self.merged)


def sheet(chance: Random) -> Drawn:
    """A sheet of one to four blocks side by side, and the figures that stand in it."""
    own_titles = chance.random() < 0.5
    blocks = _blocks(chance, own_titles)
    grid, left, lead = Grid(), 0, chance.choice([0, 0, 1, 3])
    if lead:
        grid.cells[0, 0] = "Phụ lục: các chỉ số thành phần"
    draw = _with_own_titles if own_titles else _under_captions
    way = chance.choice(["merged", "over figures", "first", "first figure"])
    second, numbered, broken = (chance.random() < 0.15 for _ in range(3))
    for block in blocks:
        head = draw(grid, block, lead + block.lag, left, way)
        head += _below_titles(grid, block, head, left, second, numbered)
        _fill(grid, block, head, left, chance.randrange(2, 4) if broken else 0)
        left += len(block.columns)
    drawn = grid.drawn(_layouts(chance, own_titles, blocks))
    drawn.truth = {
        (name, *column): figure(name, *column)
        for block in blocks for name, column in product(block.order, block.columns) if isinstance(column, tuple)
    }  # fmt: skip
    return drawn


def _blocks(chance: Random, own_titles: bool) -> list[Block]:
    abouts = chance.sample(list(INDICES), chance.randint(1, 4))
    parts = chance.choice([("score",), ("score",), ("score", "rank")]) if not own_titles else ("score",)
    direction = chance.choice(["names first", "names first", "figures first", "rank first"])
    no = chance.choice(["none", "none", "each", "first"])
    titles = chance.choice([("Tỉnh",), TITLES[:2], TITLES[:2], TITLES])
    more, gap, spacer, text = (chance.random() < share for share in (0.15, 0.1, 0.3, 0.1))
    disjoint, lags = chance.random() < 0.2, chance.random() < 0.15
    blocks: list[Block] = []
    for number, about in enumerate(abouts):
        figures: list[str | tuple[str, str]] = [(about, part) for part in parts]
        figures += ["more"] if more and chance.random() < 0.5 else []
        if blocks and chance.random() < 0.25:  # shares the names before it
            blocks[-1].columns += figures
            continue
        order = chance.sample(UNITS, chance.randint(3, len(UNITS)))
        order = chance.sample(UNITS[number * 2 :][:4], 3) if disjoint else order
        columns = _arranged(direction, figures, gap)
        columns = ["no", *columns] if no == "each" or (no == "first" and not blocks) else columns
        columns += ["text"] if text and chance.random() < 0.5 else []
        title = "Tỉnh" if not blocks and chance.random() < 0.8 else chance.choice(titles)
        blocks.append(Block(order, columns, title, chance.randint(0, 3) if lags and spacer else 0))
    for block in blocks[:-1]:
        block.columns += ["gap"] if spacer else []
    return blocks


def _arranged(direction: str, figures: list[str | tuple[str, str]], gap: bool) -> list[str | tuple[str, str]]:
    between: list[str | tuple[str, str]] = ["gap"] if gap else []
    if direction == "figures first":
        return [*figures, *between, "name"]
    if direction == "rank first" and len(figures) > 1:
        return [*figures[1:], *between, "name", *figures[:1]]
    return ["name", *between, *figures]


def _title(column: str | tuple[str, str], block: Block) -> str | None:
    if isinstance(column, tuple):
        return {"score": "Điểm", "rank": "Hạng"}[column[1]]
    return {"name": block.title, "no": "STT", "gap": None, "text": "Nhận xét", "more": "Số phiếu"}[column]


def _with_own_titles(grid: Grid, block: Block, top: int, left: int, way: str) -> int:
    """One row of titles, in which an index is a figure's title; or it stands above the names and the figure."""
    for at, column in enumerate(block.columns, left):
        title = INDICES[column[0]][0] if isinstance(column, tuple) else _title(column, block)
        if title is not None:
            grid.cells[top, at] = title
    first = next(at for at, column in enumerate(block.columns, left) if isinstance(column, tuple))
    name = left + block.columns.index("name")
    if block.title is None and way == "merged" and name == first - 1:
        grid.cells[top, name] = grid.cells.pop((top, first))
        grid.merged.append((top, name, top, first))
    return top + 1


def _under_captions(grid: Grid, block: Block, top: int, left: int, way: str) -> int:
    """A row of indices above a row of titles."""
    for about in block.abouts:
        ats = [at for at, column in enumerate(block.columns, left) if isinstance(column, tuple) and column[0] == about]
        first, last = ats[0], ats[-1]
        if about == block.abouts[0] and way in {"merged", "first"}:
            first = left
        grid.cells[top, first] = INDICES[about][0]
        if way in {"merged", "over figures"} and last > first:
            grid.merged.append((top, first, top, last))
    for at, column in enumerate(block.columns, left):
        if (title := _title(column, block)) is not None:
            grid.cells[top + 1, at] = title
    return top + 2


def _below_titles(grid: Grid, block: Block, top: int, left: int, second: bool, numbered: bool) -> int:
    english = {"Tỉnh": "Province", "Điểm": "Score", "Hạng": "Rank"}
    rows = 0
    if second:
        below = {at: english.get(str(grid.cells.get((top - 1, at)))) for at in range(left, left + len(block.columns))}
        grid.cells |= {(top, at): title for at, title in below.items() if title}
        rows += any(below.values())
    if numbered:
        grid.cells |= {
            (top + rows, at): f"({at + 1})" for at, column in enumerate(block.columns, left) if column != "gap"
        }
    return rows + numbered


def _fill(grid: Grid, block: Block, top: int, left: int, broken: int) -> None:
    row = top
    for number, name in enumerate(block.order, 1):
        if broken and number == broken + 1 and block.title:  # the titles again, on a new page
            for at in range(left, left + len(block.columns)):
                if (top - 1, at) in grid.cells:
                    grid.cells[row, at] = grid.cells[top - 1, at]
            row += 1
        for at, column in enumerate(block.columns, left):
            if column != "gap":
                grid.cells[row, at] = _value(column, name, number)
        row += 1


def _value(column: str | tuple[str, str], name: str, number: int) -> object:
    if isinstance(column, tuple):
        return figure(name, *column)
    return {"name": name, "no": number, "text": "tốt", "more": number * 7}[column]


def _layouts(chance: Random, own_titles: bool, blocks: list[Block]) -> list[Layout]:
    abouts = [about for block in blocks for about in block.abouts]
    if not own_titles:
        ranked = any(column[1] == "rank" for block in blocks for column in block.columns if isinstance(column, tuple))
        if chance.random() < 0.6:
            return [Layout((NO, NAME, SCORE, RANK), "name", captions=CAPTIONS)]
        return [Layout((NO, NAME), "name", repeated=(SCORE, RANK) if ranked else (SCORE,))]
    if chance.random() < 0.5:
        return [Layout((NO, NAME, Column(about, INDICES[about])), "name") for about in abouts]
    required = chance.random() < 0.6
    own = (Column(about, INDICES[about], required=required or not n) for n, about in enumerate(abouts))
    return [Layout((NO, NAME, *own), "name")]
