"""What a release says: its tables, what readers are told of them, and of the package as a whole.

Here: putting together what ``publications`` and ``feeds`` declare, for a release in the making and for one that is
made again. Not here: judging it (``gate``), publishing it (``platform``) or making it again (``rebuild``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dti_platform import feeds, publications, quality

if TYPE_CHECKING:
    import polars as pl

    from dti_platform.publications import Announced
    from dti_platform.storage import OpenRelease

__all__ = ["descriptions", "properties", "released"]

#: The package of every release, as Data Package v2 words it. The facts are public; the arrangement is Apache-2.0.
PACKAGE = {
    "title": "Chỉ số chuyển đổi số (DTI) · Vietnam's Digital Transformation Index",
    "description": "Published figures with their sources, figures recomputed from printed parts, and figures made from "
    "synthetic submissions. Rows whose evidence is 'illustrative' rest on synthetic input or a made-up list of "
    "indicators and are no official figures. · Dòng có evidence 'illustrative' dựa trên dữ liệu tổng hợp hoặc danh mục "
    "chỉ tiêu minh họa, không phải số liệu chính thức.",
    "licenses": [{"name": "Apache-2.0", "path": "https://www.apache.org/licenses/LICENSE-2.0"}],
}


def released(
    yearly: Callable[[str], pl.DataFrame], before: OpenRelease | None, announced: Announced
) -> dict[str, pl.DataFrame]:
    """Every table of a release, held to its contract and sorted by key.

    Args:
        yearly: gives a published table with all its years.
        before: the release before, to which the chronicles add; None before the first.
        announced: number, type and reason of the release.

    Raises:
        quality.ContractBroken: a table breaks its contract.
    """
    modules = publications.discover()
    frames = {name: quality.contract(name, module.MODEL, yearly(name)) for name, module in modules.items()}
    for name, chronicle in publications.chronicles().items():
        earlier = {table: _of(before, table) for table in (*chronicle.INPUTS, name)}
        frames[name] = quality.contract(name, chronicle.MODEL, chronicle.extend(announced, earlier, frames))
    return frames


def _of(before: OpenRelease | None, table: str) -> pl.DataFrame:
    """A table of the release before; no rows where there was none."""
    return publications.empty(table) if before is None or table not in before.tables else before.table(table)


def descriptions() -> dict[str, Mapping[str, Any]]:
    """What readers are told of each table, from its model."""
    modules = {**publications.discover(), **publications.chronicles()}
    return {name: publications.describe(module) for name, module in modules.items()}


def properties(waived: Sequence[str]) -> dict[str, Any]:
    """What ``datapackage.json`` says of the release as a whole; waivers in force are printed in it."""
    declared = [module.FEED for module in feeds.discover().values()]
    sources = [{"title": f"{each.title_en} ({each.publisher})"} for each in declared]
    return PACKAGE | {"sources": sources} | ({"waivers": list(waived)} if waived else {})
