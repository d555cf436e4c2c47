"""A framework with the codes and maxima of another system's export, in force for one period of its own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from dti_platform.feeds import Known
from dti_platform.methodology.loading import FOLDER, load

__all__ = ["framework_of_export"]


def framework_of_export(export: bytes, known: Known, folder: Path) -> Known:
    """The names known, with that framework alone; its file is written into the folder."""
    rows = list(csv.DictReader(io.StringIO(export.decode())))
    groups = {row["code"].split(".")[0]: row["group_vi"] for row in rows}
    head = (FOLDER / "405-provincial.toml").read_text(encoding="utf-8").partition("[[nodes]]")[0]
    for old, new in (('"405"', '"xã"'), ("2024", "2025"), ('  { period = "2025", geography = "VN34" },\n', "")):
        head = head.replace(old, new)
    nodes = [
        _node("T", None, "index", "Tổng"),
        *(_node(code, "T", "main_index", name) for code, name in groups.items()),
    ]
    nodes += [
        _node(row["code"], row["code"].split(".")[0], "indicator", row["name_vi"], row["max_points"]) for row in rows
    ]
    (folder / "xã-provincial.toml").write_text(head + "\n".join(nodes), encoding="utf-8")
    return Known(known.units, load(folder))


def _node(code: str, parent: str | None, kind: str, name: str, maximum: str = "") -> str:
    said = {"code": code, "parent": parent, "kind": kind, "name_vi": name, "name_en": name, "certainty": "inferred"}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items() if value]
    return "\n".join(("[[nodes]]", *lines, 'source = ["ngaynay"]', f"max_points = {maximum}" if maximum else "", ""))
