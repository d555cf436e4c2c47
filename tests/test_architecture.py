"""Who may import whom, and what no file may hold: the rooms of the design, held by a test."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dti_platform"

#: A room -> the rooms that it may import. A room that is not named here may import everything.
ALLOWED: dict[str, set[str]] = {
    "said": set(),
    "reading": {"said"},
    "storage": set(),
    "tables": set(),
    "units": {"tables", "reference_tables"},
    "reference_tables": {"tables"},
    "methodology": {"tables", "units"},
    "feeds": {"reading", "tables", "units", "said"},
    "audit": {"methodology", "tables"},
    "publications": {"tables", "units", "methodology", "audit"},
    "quality": {"tables"},
    "explain": {"tables", "units", "storage"},
    "report": {"tables", "units", "storage", "explain", "reading", "said"},
    "submissions": {"feeds", "reading", "tables", "units", "storage", "report", "said"},
}
FREE = {"definitions", "cli", "orchestration", "settings", "__init__"}
#: A library -> the only rooms that may name it.
ONLY_IN = {
    "dagster": {"orchestration", "definitions"},
    "great_expectations": {"quality"},
    "pandas": {"quality"},
    "calamine": {"reading"},
    "python_calamine": {"reading"},
    "click": {"cli"},
    "filelock": {"storage"},
    "rfc8785": {"storage"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "constants", "common"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms_imported(path: Path) -> set[str]:
    ours = (name.split(".") for name in imports(path) if name.startswith("dti_platform."))
    return {parts[1] for parts in ours} - {room_of(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_what_the_design_allows(path: Path) -> None:
    room = room_of(path)
    assert room in ALLOWED or room in FREE, f"{room} is a room that the design does not know"
    if room in ALLOWED:
        assert rooms_imported(path) <= ALLOWED[room]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_library_is_named_only_in_its_room(path: Path) -> None:
    named = {name.split(".")[0] for name in imports(path)}
    strays = {library for library in named & ONLY_IN.keys() if room_of(path) not in ONLY_IN[library]}
    assert not strays


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not {path for path in modules() if path.stem in FORBIDDEN_NAMES}


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("dti_platform", {"dagster", "polars", "pandas", "pandera", "great_expectations", "pydantic"}),
        ("dti_platform.cli", {"dagster", "polars", "pandas", "pandera", "great_expectations", "pydantic"}),
        ("dti_platform.storage", {"dagster", "pandas", "pandera", "great_expectations", "pydantic"}),
        ("dti_platform.explain", {"dagster", "pandas", "pandera", "great_expectations", "pydantic"}),
        ("dti_platform.submissions", {"dagster", "pandas", "great_expectations", "pydantic_settings"}),
        ("dti_platform.definitions", {"great_expectations"}),
    ],
)
def test_importing_a_module_stays_cheap(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_no_broad_except() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert not broad
