"""A made-up annex of framework 405, as the file that would supply what is unknown of it: maxima and 47 indicators.

Counts by main index are those of a commune set that was also 47 (Hà Nội, 2025-10-23); maxima and names are made up.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dti_platform import methodology
from dti_platform.methodology.loading import FOLDER

#: Main index -> (indicators, maximum).
COUNTS = {"1": (5, 100), "2": (3, 100), "3": (5, 100), "4": (6, 100), "5": (4, 100), "6": (10, 200), "7": (6, 150),
          "8": (8, 150)}  # fmt: skip
HEAD = """
overlay = "{overlay}"
version = "405"
level = "provincial"
evidence = "{evidence}"
source = ["annex"]
without = ["u01", "u02", "u03", "u04", "u05", "u06", "u07", "u08", "u09", "u10"]
unknown_vi = ["quy định chính thức về làm tròn, đồng hạng và thiếu số liệu"]
unknown_en = ["the official rules of rounding, ties and missing values"]

[sources]
annex = "made up for a test / đặt ra cho kiểm thử"
"""
MAIN = """
[[nodes]]
code = "{code}"
complete = true
components = {count}
max_points = {most}
"""
INDICATOR = """
[[nodes]]
code = "{code}"
parent = "{parent}"
kind = "indicator"
name_vi = "Chỉ tiêu {code}"
name_en = "Indicator {code}"
max_points = {most}
certainty = "{certainty}"
source = ["annex"]
"""


def annex(evidence: str) -> str:
    """The overlay's text, for evidence ``illustrative`` or ``official``."""
    certainty = "invented" if evidence == "illustrative" else "verbatim"
    text = HEAD.format(overlay="annex" if evidence == "official" else evidence, evidence=evidence)
    for code, (count, most) in COUNTS.items():
        text += MAIN.format(code=code, count=count, most=most)
        each = most // count
        for at in range(1, count + 1):
            own = most - each * (count - 1) if at == count else each
            text += INDICATOR.format(code=f"{code}.{at}", parent=code, most=own, certainty=certainty)
    return text


def frameworks_with(folder: Path, *evidence: str) -> methodology.Frameworks:
    """The packaged frameworks, and one file more for each kind of evidence."""
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    for each in evidence:
        name = "annex" if each == "official" else each
        (folder / f"405-provincial.{name}.toml").write_text(annex(each), encoding="utf-8")
    return methodology.load(folder)
