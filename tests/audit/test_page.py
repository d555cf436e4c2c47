"""The page about audits: every command on it runs, and prints what stands there."""

from __future__ import annotations

from tests.audit.page import BLOCK, PAGE, page


def test_every_command_prints_what_the_page_says() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert len(BLOCK.findall(written)) == written.count("```sh") >= 8
    assert page() == written
