"""``docs/private-apis.md`` lists every private, unstable or superseded API in use; the code is compared with it.

What counts as such is the library's own word where it gives one: a leading underscore, Dagster's ``@public`` and its
warnings, Great Expectations' ``--Public API--``, Polars' note that a functionality is unstable.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from dagster._annotations import is_public

from dti_platform.quality import engine
from tests.syntax import PACKAGE, modules, nodes, tree

UNSTABLE = "\n.. warning::\n    This functionality is considered **unstable**"
NAMEDTUPLE = {"_replace", "_asdict", "_fields", "_make"}
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \|", re.MULTILINE)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def has_private_part(dotted: str) -> bool:
    return any(is_private(part) for part in dotted.split("."))


def library_modules(tree: ast.Module) -> dict[str, str]:
    """The local name of every module of a library that is imported -> its full name."""
    names: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            names |= {(alias.asname or alias.name): alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    foreign = {local: full for local, full in names.items() if not full.startswith(("dti_platform", "__future__"))}
    return {local: full for local, full in foreign.items() if full.partition(".")[0] not in sys.stdlib_module_names}


def private_imports(tree: ast.Module) -> Iterator[str]:
    """Imports of private modules or names, and private modules that are only named in a string."""
    libraries = library_modules(tree).values()
    yield from filter(has_private_part, libraries)
    roots = {full.partition(".")[0] for full in libraries}
    texts = (node.value for node in nodes(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    for text in texts:
        if re.fullmatch(r"\w+(\.\w+)+", text) and text.partition(".")[0] in roots and has_private_part(text):
            yield text


def private_attributes(tree: ast.Module) -> Iterator[str]:
    """``other._name``, but for the documented ones of a named tuple and what the same file defines."""
    private = [node for node in nodes(tree) if isinstance(node, ast.Attribute) and is_private(node.attr)]
    own = {node.attr for node in private if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}}
    yield from (f".{node.attr}" for node in private if node.attr not in own | NAMEDTUPLE)


def replaced(tree: ast.Module) -> Iterator[str]:
    """Modules of libraries in which a function is replaced."""
    libraries = library_modules(tree)
    for node in nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            target = node.args[0]
            if isinstance(target, ast.Name) and target.id in libraries:
                yield f"setattr({libraries[target.id]})"


def undocumented_of_dagster(tree: ast.Module) -> Iterator[str]:
    """What is read from a parameter annotated as one of Dagster's classes and is not ``@public`` there."""
    for function in (node for node in nodes(tree) if isinstance(node, ast.FunctionDef)):
        types = {
            argument.arg: annotation.attr
            for argument in function.args.args + function.args.kwonlyargs
            if isinstance(annotation := argument.annotation, ast.Attribute)
            and isinstance(annotation.value, ast.Name)
            and annotation.value.id == "dg"
        }
        for node in ast.walk(function) if types else ():
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in types:
                owner = types[node.value.id]
                if not is_public(inspect.getattr_static(getattr(dg, owner), node.attr)):
                    yield f"dagster.{owner}.{node.attr}"


def undocumented_of_great_expectations(tree: ast.Module) -> Iterator[str]:
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("great_expectations"):
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                if "--Public API--" not in (getattr(module, alias.name).__doc__ or ""):
                    yield f"{node.module}.{alias.name}"


CLASSES = (pl.DataFrame, pl.LazyFrame, pl.Series, pl.Expr)


def is_unstable(polars: object) -> bool:
    return UNSTABLE in (inspect.getdoc(polars) or "")


@cache
def unstable_names() -> set[str]:
    return {name for name in dir(pl) if is_unstable(getattr(pl, name))}


@cache
def unstable_methods() -> set[str]:
    names = {name for one in CLASSES for name in vars(one)} - set(dir(dict))
    return {name for name in names if all(is_unstable(vars(one)[name]) for one in CLASSES if name in vars(one))}


def unstable_of_polars(tree: ast.Module) -> Iterator[str]:
    """``pl.Name``, and methods that every class which has them calls unstable."""
    for node in nodes(tree):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "pl":
                if node.attr in unstable_names():
                    yield f"polars.{node.attr}"
            elif node.attr in unstable_methods():
                yield f"polars.DataFrame.{node.attr}"


SCANS = (
    private_imports,
    private_attributes,
    replaced,
    undocumented_of_dagster,
    undocumented_of_great_expectations,
    unstable_of_polars,
)


def listed(project: Path) -> set[tuple[str, str]]:
    return set(ROW.findall((project / "docs" / "private-apis.md").read_text(encoding="utf-8")))


def test_the_list_names_every_private_or_unstable_api_and_no_other(project: Path) -> None:
    engine.load()
    files = [(path.relative_to(PACKAGE).as_posix(), tree(path)) for path in modules()]
    used = {(name, file) for file, read in files for scan in SCANS for name in scan(read)}
    in_files = {(name, file) for name, file in listed(project) if file != "orchestration"}
    assert sorted(used - in_files) == [], "not in docs/private-apis.md"
    assert sorted(in_files - used) == [], "not used any more, or in another file"


def warned_of(message: str) -> str:
    """``Parameter `p` of function `f` is ...`` -> ``dagster.f(p)``; ``Function `f` is ...`` -> ``dagster.f``.

    ``Specifying a p on an F is ...`` -> ``dagster.F(p)``.
    """
    if spec := re.match(r"Specifying an? (\w+) on an? (\w+) is ", message):
        return f"dagster.{spec[2]}({spec[1]})"
    name, *function = re.findall(r"`([\w.]+)`", message.partition(" is ")[0])
    return f"dagster.{function[0].removesuffix('.__init__')}({name})" if function else f"dagster.{name}"


@pytest.mark.parametrize(
    ("scan", "source", "name"),
    [
        (private_imports, "from polars._typing import IntoExpr", "polars._typing.IntoExpr"),
        (private_imports, "import dagster\nRUN = 'dagster._daemon'", "dagster._daemon"),
        (private_attributes, "frame._df.height", "._df"),
        (replaced, "import pyarrow\nsetattr(pyarrow, 'array', print)", "setattr(pyarrow)"),
        (undocumented_of_dagster, "def f(c: dg.OutputContext): c.step_context", "dagster.OutputContext.step_context"),
        (unstable_of_polars, "pl.Int128", "polars.Int128"),
        (unstable_of_polars, "frame.match_to_schema({})", "polars.DataFrame.match_to_schema"),
    ],
)
def test_a_scan_finds_what_it_is_made_for(scan: Callable[[ast.Module], Iterator[str]], source: str, name: str) -> None:
    assert list(scan(ast.parse(source))) == [name]
