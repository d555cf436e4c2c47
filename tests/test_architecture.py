"""Who may import whom, and what no file may hold: the rooms of the design, held by a test."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.syntax import PACKAGE, modules, nodes, tree

ROOT = PACKAGE.parent

#: The ground floor: words, code lists, periods, table models and units, open to every room that may know the domain.
WORDS = {"language", "problems"}
GROUND = WORDS | {
    "amounts",
    "glossary",
    "codes",
    "columns",
    "failing_row",
    "periods",
    "row_order",
    "sessions",
    "sources",
    "tables",
    "units",
    "reference_tables",
}
#: A room -> the rooms that it may import at run time; imports for types alone are free.
ALLOWED: dict[str, set[str]] = {
    "language": set(),
    "amounts": {"glossary", "language"},
    "codes": {"language"},
    "columns": {"language"},
    "failing_row": {"glossary", "language"},
    "glossary": {"language", "codes"},
    "periods": {"language"},
    "problems": {"codes", "language"},
    "tables": {"codes", "periods", "language"},
    "row_order": set(),
    "reference_tables": {"tables", "codes", "periods", "language"},
    "sessions": {"periods", "language"},
    "sources": set(),
    "units": {"tables", "reference_tables", "sessions", "language"},
    "pages": WORDS,
    "reading": WORDS,
    "storage": WORDS,
    "methodology": GROUND,
    "audit": GROUND | {"methodology"},
    "feeds": GROUND | {"reading"},
    "synthetic": GROUND | {"reading", "feeds", "methodology"},
    "publications": GROUND | {"methodology", "audit"},
    "quality": GROUND | {"pages"},
    "explain": GROUND | {"storage", "methodology", "publications"},
    "submissions": GROUND | {"pages", "feeds", "reading", "storage", "methodology", "publications", "quality"},
    "report": GROUND | {"pages", "storage", "methodology", "publications", "explain"},
    "pipeline": GROUND
    | {"feeds", "methodology", "publications", "explain", "quality", "storage", "submissions", "report", "settings"}
    | {"audit"},
    "operations": GROUND | {"storage", "submissions", "feeds", "methodology", "quality", "pipeline", "settings"},
}
FREE = {"definitions", "cli", "orchestration", "settings", "__init__"}
#: A library -> the only rooms that may name it.
ONLY_IN = {
    "dagster": {"orchestration", "definitions"},
    "great_expectations": {"quality"},
    "pandas": {"quality"},
    "calamine": {"reading"},
    "python_calamine": {"reading"},
    "xlrd": {"reading"},
    "click": {"cli"},
    "filelock": {"storage"},
    "jinja2": {"pages"},
    "rfc8785": {"storage"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "constants", "common"}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_for_types_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below, but for imports that only the type checker sees."""
    for child in ast.iter_child_nodes(node):
        if not is_for_types_alone(child):
            yield child
            yield from statements(child)


@cache
def imports(path: Path) -> frozenset[str]:
    """What a module imports when it runs, wherever the import stands."""
    names: set[str] = set()
    for node in statements(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def rooms_imported(path: Path) -> set[str]:
    ours = (name.split(".") for name in imports(path) if name.startswith("dti_platform."))
    return {parts[1] for parts in ours} - {room_of(path)}


def test_every_room_is_one_that_the_design_knows() -> None:
    assert {room_of(path) for path in modules()} <= ALLOWED.keys() | FREE


def test_a_room_imports_only_what_the_design_allows() -> None:
    strays = {
        path.relative_to(PACKAGE).as_posix(): rooms_imported(path) - ALLOWED[room_of(path)]
        for path in modules()
        if room_of(path) in ALLOWED
    }
    assert not {path: rooms for path, rooms in strays.items() if rooms}, "a room imports one that it may not know"


def test_a_library_is_named_only_in_its_room() -> None:
    strays = {
        (path.relative_to(PACKAGE).as_posix(), library)
        for path in modules()
        for library in {name.split(".")[0] for name in imports(path)} & ONLY_IN.keys()
        if room_of(path) not in ONLY_IN[library]
    }
    assert not strays, "a library is named outside its room"


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not {path for path in modules() if path.stem in FORBIDDEN_NAMES}


#: Modules and what importing them never brings, in an order in which one process can import them one after the other:
#: what the next may bring, none before it brings. Of the definitions: ``tests/test_packaging.py``.
ALL = {"dagster", "pandas", "pandera", "great_expectations", "pydantic"}
CHEAP: dict[str, set[str]] = {
    "dti_platform": ALL | {"polars"},
    "dti_platform.cli": ALL | {"polars"},
    "dti_platform.storage": ALL,
    "dti_platform.explain": ALL,
    "dti_platform.publications": ALL,
    "dti_platform.pipeline.site": ALL,
    "dti_platform.submissions": {"dagster", "pandas", "great_expectations", "pydantic_settings"},
}
IMPORTING = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    print(json.dumps([each for each in sys.modules if "." not in each]))
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """What there is in a process once each of the modules is imported, after those before it."""
    command = [sys.executable, "-W", "ignore", "-c", IMPORTING, *CHEAP]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(zip(CHEAP, map(set, map(json.loads, done.stdout.splitlines())), strict=True))


@pytest.mark.parametrize("module", CHEAP)
def test_importing_a_module_stays_cheap(module: str, imported: dict[str, set[str]]) -> None:
    assert CHEAP[module] & imported[module] == set()


def is_broad(handler: ast.ExceptHandler) -> bool:
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else set[str]()
    return handler.type is None or bool(names & {"Exception", "BaseException"})


def test_the_only_broad_except_is_the_boundary_around_a_file() -> None:
    broad = [
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        for node in nodes(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert broad == ["feeds/boundary.py"]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules_imported(path: Path, names: set[str]) -> set[str]:
    """Modules of ours that one needs to run; of ``from package import name`` the submodule where there is one."""
    pairs = {(name, name.rpartition(".")[0]) for name in imports(path)}
    return {name if name in names else parent for name, parent in pairs} & names - {module_name(path)}


def test_no_circle_of_modules() -> None:
    by_name = {module_name(path): path for path in modules()}
    needs = {name: modules_imported(path, set(by_name)) for name, path in by_name.items()}
    try:
        list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        pytest.fail(f"modules import one another in a circle: {' -> '.join(error.args[1])}")


def test_only_packages_list_their_names() -> None:
    """In a module an underscore says what is private; a list beside it would say it twice."""
    listing = {path.relative_to(PACKAGE).as_posix() for path in modules() if "\n__all__ = " in path.read_text("utf-8")}
    assert {name for name in listing if not name.endswith("__init__.py")} == set()
