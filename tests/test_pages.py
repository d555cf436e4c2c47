"""Templates are compiled once for all processes where that can be kept; where it can't, pages are the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dti_platform.pages.environment import ENVIRONMENT, Compiled


def test_a_template_is_kept_compiled_or_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    name = "orchestration/pages.html.j2"
    kept = Compiled(tmp_path)
    first = ENVIRONMENT.overlay(bytecode_cache=kept, cache_size=0).get_template(name)
    (file,) = tmp_path.iterdir()
    monkeypatch.setattr(ENVIRONMENT, "compile", None)  # an overlay asks for no compiler where the code is kept
    again = ENVIRONMENT.overlay(bytecode_cache=kept, cache_size=0).get_template(name)
    monkeypatch.undo()
    file.write_bytes(b"torn")
    torn = ENVIRONMENT.overlay(bytecode_cache=kept, cache_size=0).get_template(name)
    nowhere = ENVIRONMENT.overlay(bytecode_cache=Compiled(tmp_path / "none"), cache_size=0).get_template(name)
    values = {"title": "t", "pages": [("/", "a", "")], "empty": "none"}
    assert len({each.render(values) for each in (first, again, torn, nowhere)}) == 1
