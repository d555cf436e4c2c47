"""The recipes of CONTRIBUTING, followed to the letter in a copy of the project: each is one place, all tests pass."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from tests.copies import PROJECT, put
from tests.extended import RECIPES

if TYPE_CHECKING:
    from tests.extended import Extended


def test_each_recipe_writes_one_place_of_the_package_beside_data_and_proofs() -> None:
    product = {
        letter: [block.path for block in blocks if block.path.startswith(("dti_platform/", "expectations/"))]
        for letter, blocks in RECIPES.items()
    }
    assert {letter: len(paths) for letter, paths in product.items()} == dict.fromkeys("abcef", 1) | {"d": 2, "g": 3}
    assert {Path(path).with_suffix("").with_suffix("") for path in product["g"]} == {
        Path("dti_platform/report/site/kinds/firsts")
    }
    assert product["d"] == ["dti_platform/publications/first_places.py", "expectations/first_places.json"]


def test_what_the_recipes_write_passes_the_linter(tmp_path: Path) -> None:
    """As it stands in the page, and behind what a file holds already."""
    put(PROJECT / "pyproject.toml", tmp_path / "pyproject.toml")
    blocks = [block for of_recipe in RECIPES.values() for block in of_recipe if block.path.endswith(".py")]
    for package in ("dti_platform", "tests"):
        beside = shutil.ignore_patterns("__pycache__", "archives", "golden")
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=beside)
    for block in blocks:
        block.write(tmp_path)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", *sorted({block.path for block in blocks})]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_else_was_touched(extended: Extended) -> None:
    written = {block.path for blocks in RECIPES.values() for block in blocks}
    assert set(extended.added()) <= written


def test_the_main_job_goes_through(extended: Extended) -> None:
    assert extended.outcome["success"], extended.outcome["failure"]
    assert extended.outcome["release"].startswith("0001-")


def test_a_feed_is_received_read_and_published(extended: Extended) -> None:
    (received,) = [line for line in extended.outcome["received"] if line["feed"] == "household_survey"]
    assert (received["files"], received["quarantined"], received["evidence"]) == (1, 0, "illustrative")
    rows = extended.table("provincial_scorecard").filter(period="2023", indicator="household_smartphone_share")
    assert dict(rows.select("unit_name_vi", "value").rows()) == {"Điện Biên": 81.5, "Hà Giang": 64.25}
    assert set(rows["evidence"]) == {"illustrative"}


def test_illustrative_figures_are_marked_wherever_they_are_printed(extended: Extended) -> None:
    """A made-up 81.5 % was "published (official)" in a trace, and stood unmarked in a full one and in a table."""

    def printed(*arguments: str) -> str:
        data = str(extended.root / "data")
        result = CliRunner(env={"COLUMNS": "100"}).invoke(main, [*arguments, "--lang", "en", "--data", data])
        assert result.exit_code == 0, result.output
        return result.output

    traced = printed("trace", "Điện Biên", "--period", "2023")
    assert traced.startswith("Evidence: ILLUSTRATIVE ONLY")
    for text in (
        traced,
        printed("trace", "Điện Biên", "--period", "2023", "--full"),
        printed("ranking", "2023", "--scorecard", "--unit", "Điện Biên"),
    ):
        (line,) = [line for line in text.splitlines() if "81.5%" in line]
        assert "ILLUSTRATIVE · " in line


def test_a_framework_is_described(extended: Extended) -> None:
    assert [node["code"] for node in extended.framework["nodes"]] == ["PDTI", "1", "2"]


def test_a_check_is_made(extended: Extended) -> None:
    assert "coverage.few_cells_are_quarantined" not in str(extended.outcome["checks"]["not_passed"])
    assert extended.outcome["checks"]["passed"] > len(json.loads((PROJECT / "expectations/coverage.json").read_text()))


def test_a_kind_of_page_stands_on_the_site(extended: Extended) -> None:
    site = Path(extended.outcome["release_path"]).parents[1] / "sites" / extended.outcome["release"]
    assert "Đà Nẵng" in (site / "dung-dau.html").read_text(encoding="utf-8")
    assert 'href="../dung-dau.html"' in (site / "en" / "dung-dau.html").read_text(encoding="utf-8")


def test_a_table_is_published_and_described(extended: Extended) -> None:
    assert extended.table("first_places").filter(period="2022")["unit"].to_list() == ["VN63-48"]
    package = json.loads(
        (extended.root / "data" / "published" / "latest" / "datapackage.json").read_text(encoding="utf-8")
    )
    assert "first_places" in {resource["name"] for resource in package["resources"]}


def test_a_form_of_answers_is_made_kept_and_linked(extended: Extended) -> None:
    answers, receipt = extended.root / "data" / "answers" / "VN63-19", extended.answer["receipt"]
    text = (answers / str(receipt) / "answer.txt").read_text(encoding="utf-8")
    assert text.startswith("✓ Chấp nhận toàn bộ: phieu.xlsx")
    page = (answers / "index.html").read_text(encoding="utf-8")
    assert f'<a href="{receipt}/answer.txt" type="text/plain">Văn bản để gửi thư' in page


@pytest.fixture
def place() -> Iterator[Path]:
    """A new folder that lies where checkouts do: not below /dev, where no service may work, and open to be read."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.heavy
def test_all_tests_pass_where_all_recipes_were_followed(place: Path) -> None:
    root = place / "project"
    extended_checkout(root)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DAGSTER", "DTI"))}
    subprocess.run([sys.executable, "-m", "tests.regenerate"], cwd=root, env=env, check=True)
    without = [f"--ignore=tests/{name}.py" for name in ("test_recipes", "test_canaries")]  # they follow them again
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadfile", *without]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]


def extended_checkout(root: Path) -> None:
    """A checkout of all that git knows here, with all recipes followed and committed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (PROJECT / name).is_file():
            put(PROJECT / name, root / name)
            shutil.copymode(PROJECT / name, root / name)
    for blocks in RECIPES.values():
        for block in blocks:
            block.write(root)
    (root / ".venv").symlink_to(PROJECT / ".venv")
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Follow the recipes"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)
