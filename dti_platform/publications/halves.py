"""Illustrative rows lie apart: a released table ``x`` holds none of them, they are the table ``illustrative/x``.

Here: parting the tables of a release that is drafted, describing both halves, and reading them as one table again.
Every table with a column ``evidence`` has both halves, whether or not a half has rows: what a reader finds does not
hang on what was received. Not here: which rows are illustrative, which each table's module says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from dti_platform.codes import EVIDENCE

if TYPE_CHECKING:
    from dti_platform.storage import OpenRelease
    from dti_platform.storage.package import DescriptionFields

#: The folder of a release in which illustrative rows lie, and the value of ``evidence`` that they have.
ILLUSTRATIVE = "illustrative"
COLUMN = "evidence"
#: What the title and the description of a table of illustrative rows begin with.
MARK = "MINH HỌA · ILLUSTRATIVE"
WARNING = (
    "MINH HỌA: các dòng này dựa trên dữ liệu giả lập hoặc danh mục chỉ số minh họa, không phải số liệu chính thức. · "
    "ILLUSTRATIVE: these rows rest on synthetic input or on a made-up list of indicators and are no official figures."
)
ELSEWHERE = "Không có dòng minh họa: xem {path}. · No row is illustrative: those are in {path}."


def halves_of(table: str) -> tuple[str, str]:
    """The names under which a release holds a table and its illustrative rows."""
    return table, f"{ILLUSTRATIVE}/{table}"


def rows_of_halves(table: str, columns: Collection[str]) -> dict[str, pl.Expr]:
    """Which rows of a table with these columns each table of a release holds, by its name."""
    main, illustrative = halves_of(table)
    if COLUMN not in columns:
        return {main: pl.lit(value=True)}
    return {main: pl.col(COLUMN) != ILLUSTRATIVE, illustrative: pl.col(COLUMN) == ILLUSTRATIVE}


def apart(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Whole tables as a release holds them, by name; the order of the rows stays."""
    return {
        half: frame.filter(rows)
        for name, frame in frames.items()
        for half, rows in rows_of_halves(name, frame.columns).items()
    }


def whole(release: OpenRelease, table: str) -> pl.LazyFrame:
    """A table of a release, its illustrative rows after the others; releases of schema version 1 part none.

    Raises:
        CorruptRelease: its bytes are not those that were published.
    """
    return pl.concat(release.scan(half) for half in halves_of(table) if half in release.tables)


def described_apart(descriptions: Mapping[str, DescriptionFields]) -> dict[str, DescriptionFields]:
    """The descriptions of whole tables, as those of the tables that a release holds.

    Each allows only the evidence of its half, so that a row in the wrong one is refused when it is published.
    """
    return dict(half for name, described in descriptions.items() for half in _described(name, described))


def _described(name: str, described: DescriptionFields) -> Iterator[tuple[str, DescriptionFields]]:
    main, illustrative = halves_of(name)
    if COLUMN in (column for column, _, _ in described["columns"]):
        quotable = [each for each in EVIDENCE if each != ILLUSTRATIVE]
        elsewhere = ELSEWHERE.format(path=f"{illustrative}.parquet")
        yield main, {**_only(quotable, described), "description": f"{described['description']}\n\n{elsewhere}"}
        marked = _only([ILLUSTRATIVE], described)
        marked["title"] = f"{MARK}: {described['title']}"
        yield illustrative, {**marked, "description": f"{WARNING}\n\n{described['description']}"}
    else:
        yield main, described


def _only(evidence: list[str], described: DescriptionFields) -> DescriptionFields:
    """The description of a table that may hold only this evidence, and counts it."""
    fields = described.get("fields", {})
    known = fields.get(COLUMN, {})
    labels = [each for each in known.get("categories", ()) if each["value"] in evidence]
    limited = {**known, "constraints": {"enum": evidence}} | ({"categories": labels} if labels else {})
    return {**described, "fields": {**fields, COLUMN: limited}, "counted": [COLUMN]}
