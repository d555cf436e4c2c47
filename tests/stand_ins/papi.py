"""A workbook as that of the index PAPI: a sheet a year, two rows of titles, 63 provinces and a row that is none."""

from __future__ import annotations

import io
import random
import tomllib
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter

from dti_platform import units

RECIPES = Path(__file__).parents[1] / "recipes"
YEARS = range(2011, 2017)
WITHOUT_FIGURES = {2014: ("Bắc Giang", "Đồng Tháp")}
TITLES_VI = {
    "Participation at Local Levels": "Tham gia của người dân ở cấp cơ sở",
    "Un-weighted2015PAPI": "Chỉ số PAPI (giả lập)",
}
Node = dict[str, str]


def papi(years: Iterable[int] = YEARS) -> bytes:
    """The workbook of some years; those from 2016 on have the columns of 2016."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": "giả lập / synthetic"})
        for year in years:
            sheet = workbook.add_worksheet(f"{year}_PAPI")
            for number, row in enumerate(rows(year)):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def nodes(year: int) -> list[Node]:
    """The columns: each dimension with its sub-dimensions, the total last."""
    name = "papi16" if year >= YEARS[-1] else "papi11"
    tree = tomllib.loads((RECIPES / f"{name}-provincial.toml").read_text(encoding="utf-8"))["nodes"]
    return [*(node for node in tree if "parent" in node), *(node for node in tree if "parent" not in node)]


def rows(year: int) -> list[list[str | float | None]]:
    columns, chance = nodes(year), random.Random(year)
    titles = [node["name_en"] for node in columns]
    provinces = []
    for number, unit in enumerate(units.load(check=False).members("VN63"), start=1):
        blank = unit.name_vi in WITHOUT_FIGURES.get(year, ())
        values = nothing(columns) if blank else figures(columns, chance)
        provinces.append([number, unit.name_en, unit.name_vi, *values])
    highest = [max(row[at] or 0 for row in provinces) for at in range(3, 3 + len(columns))]
    return [
        ["tinhid", "tentinh_eng", "tentinh_vie", *titles],
        ["tinhid", "tentinh_eng", "tentinh_vie", *(TITLES_VI.get(title, "giả lập") for title in titles)],
        *provinces,
        [999, "Highest", "Điểm cao nhất", *highest],
    ]


def figures(columns: list[Node], chance: random.Random) -> list[float]:
    """A made-up figure for every sub-dimension; a dimension is their sum, and the total that of the dimensions."""
    values: dict[str, float] = {}
    for node in reversed(columns):
        parts = [other["code"] for other in columns if other.get("parent") == node["code"]]
        if not parts:
            values[node["code"]] = round(chance.uniform(0.5, 2.5), 6)
    for node in sorted(columns, key=lambda node: -node["code"].count(".") if "parent" in node else 1):
        parts = [values[other["code"]] for other in columns if other.get("parent") == node["code"]]
        values.setdefault(node["code"], round(sum(parts), 6))
    return [values[node["code"]] for node in columns]


def nothing(columns: list[Node]) -> list[float | None]:
    return [None] * (len(columns) - 1) + [0]
