"""Pages in a real browser: accessible, within the paper that they may take, without a request, an error or a script.

Needs Chromium, Node and its packages axe-core and puppeteer-core, which are no part of the project: ``npm install
axe-core puppeteer-core`` in any folder, whose ``node_modules`` the variable DTI_NODE_MODULES names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULES = os.environ.get("DTI_NODE_MODULES", "")
CHROMIUM, NODE = shutil.which("chromium"), shutil.which("node")
#: A page of every kind, and how many sheets of A4 it may take; None: as many as it needs.
PAGES = {
    "index.html": 2,
    "phien-hop/index.html": 1,
    "phien-hop/2022-S1.html": 1,
    "phien-hop/2022-Q1.html": 1,
    "phien-hop/2022-S1-nguon.html": None,
    "xep-hang/index.html": 1,
    "xep-hang/VN63-2022.html": 2,
    "xep-hang/VN63-2021.html": 2,
    "xep-hang/VN34-2024.html": 2,
    "xep-hang/MIN22-2022.html": 2,
    "tinh/VN63-48.html": 2,
    "tinh/VN63-19.html": 2,
    "tinh/VN34-14.html": 2,
    "bo/MIN22-BTC.html": 2,
    "tinh/VN63-19-minh-hoa.html": 2,
    "phuong-phap/index.html": None,
    "phuong-phap/922-provincial.html": None,
    "quoc-gia.html": None,
    "du-lieu.html": None,
    "tu-dien/league_table.html": None,
}
FIRST_PAINT = 300


@pytest.mark.heavy
@pytest.mark.skipif(not (MODULES and CHROMIUM and NODE), reason="no Chromium, or DTI_NODE_MODULES names no packages")
def test_every_kind_of_page_in_a_browser(folder: Path) -> None:
    paths = [below + path for path in PAGES for below in ("", "en/")]
    told = subprocess.run(
        [str(NODE), str(Path(__file__).with_name("browser.cjs")), str(CHROMIUM), str(folder), *paths],
        check=True, capture_output=True, env={**os.environ, "NODE_PATH": MODULES}, text=True,
    ).stdout  # fmt: skip
    scripted = [each for each in json.loads(told) if each["width"]]
    plain = {each["path"]: each for each in json.loads(told) if not each["width"]}
    assert len(scripted) == 2 * len(paths)
    assert min(each["passes"] for each in scripted) > 20
    for each in scripted:
        faults = (each["violations"], each["faults"], max(each["overflow"], 0))
        assert faults == ([], [], 0), each
        assert each["sheets"] <= (PAGES[each["path"].removeprefix("en/")] or each["sheets"]), each
    assert sorted(each["paint"] for each in scripted)[len(scripted) // 2] <= FIRST_PAINT
    assert {path for path, each in plain.items() if each["forms"]} == set()
    assert plain["xep-hang/VN63-2022.html"]["rows"] == 63
