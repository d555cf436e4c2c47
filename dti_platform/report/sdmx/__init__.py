"""Releases in SDMX 3.0: a table of figures as SDMX-CSV 2.0, and the structure that says what its columns mean.

Here: the dataflows, their data and their structure. The same release gives the same bytes: nothing is taken from the
clock, and the version of every artefact is that of the release. Not here: where files go (the command line, the site).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from dti_platform.report.sdmx.dataflows import FLOWS, NoDataflow, Released
from dti_platform.report.sdmx.observations import data
from dti_platform.report.sdmx.structure import structure

__all__ = ["EXTENSIONS", "FORMS", "NoDataflow", "Released", "data", "files", "structure"]

#: How a table is made in each form, and how its file ends.
FORMS: Mapping[str, Callable[[Released, str], bytes]] = {"sdmx-csv": data, "sdmx-structure": structure}
EXTENSIONS: Mapping[str, str] = {"sdmx-csv": "sdmx.csv", "sdmx-structure": "sdmx.xml"}


def files(released: Released) -> dict[str, Callable[[], bytes]]:
    """By name, how each file of a release is made: one structure, and the official rows of every table of figures.

    There are none of a release without code lists.
    """
    try:
        released.codes()
    except NoDataflow:
        return {}
    return {"structure.xml": partial(structure, released)} | {
        f"{table}.csv": partial(data, released, table) for table in FLOWS
    }
