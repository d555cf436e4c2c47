"""Releases in SDMX 3.0: a table of figures as SDMX-CSV 2.0, and the structure that defines its columns.

Here: the dataflows, their data and their structure. The same release gives the same bytes: no value depends on the
clock, and every artefact has the version of the release. Not here: where files go (the command line, the site).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from dti_platform.report.sdmx.dataflows import FLOWS, NoDataflow, Released
from dti_platform.report.sdmx.observations import data
from dti_platform.report.sdmx.structure import structure

__all__ = ["EXTENSIONS", "FORMS", "NoDataflow", "Released", "data", "files", "structure"]

#: The function that makes each format of a table, and the file extension of each.
FORMS: Mapping[str, Callable[[Released, str], bytes]] = {"sdmx-csv": data, "sdmx-structure": structure}
EXTENSIONS: Mapping[str, str] = {"sdmx-csv": "sdmx.csv", "sdmx-structure": "sdmx.xml"}


def files(released: Released) -> dict[str, Callable[[], bytes]]:
    """The functions that make the files of a release, by name: one structure, and the official rows of every dataflow.

    Empty for a release without code lists.
    """
    try:
        released.codes()
    except NoDataflow:
        return {}
    return {"structure.xml": partial(structure, released)} | {
        f"{table}.csv": partial(data, released, table) for table in FLOWS
    }
