"""The one catalogue of everything that can be wrong with a cell or a file, and of every warning.

Here: the catalogue (``problems.toml``), checked as it is loaded, on first use. Not here: who finds a problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args

from dti_platform.codes import ERROR_CLASSES, ErrorClass
from dti_platform.language import Bilingual

CATALOGUE = Path(__file__).with_name("problems.toml")
Level = Literal["cell", "file", "warning", "arrival"]
_TEXTS = ("why", "expected", "fix")
_KEYS = {"class", "detail", *_TEXTS}


class CatalogueError(ValueError):
    """The catalogue is not as its head describes: a fault of ours, never of a sender."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, what was expected and how to correct it; ``{placeholders}`` are filled where it is found."""

    error_class: ErrorClass
    """As in Eurostat's structural validation."""
    why: Bilingual
    fix: Bilingual
    expected: Bilingual | None
    """None: ``fix`` says so."""
    detail: Mapping[str, Bilingual]
    """The sentences that say what was found and where, by name."""


def catalogue(level: Level) -> Mapping[str, Problem]:
    """The problems of one level by code."""
    return _levels()[level]


@cache
def _levels() -> Mapping[Level, Mapping[str, Problem]]:
    return load(CATALOGUE.read_text(encoding="utf-8"))


def load(text: str) -> Mapping[Level, Mapping[str, Problem]]:
    """Reads a catalogue: level, code, problem.

    Raises:
        CatalogueError: a level, class or key is not known, a text lacks a language, or its placeholders differ
            between the languages.
    """
    import tomllib  # costs more than the rest of this module, and most runs meet no problem

    levels = tomllib.loads(text)
    _expect(set(levels) == set(get_args(Level)), "the levels", f"have exactly {', '.join(get_args(Level))}")
    return {
        level: {code: _problem(f"[{level}.{code}]", entry) for code, entry in levels[level].items()}
        for level in get_args(Level)
    }


def _problem(where: str, entry: Mapping[str, Any]) -> Problem:
    _expect(entry.keys() <= _KEYS, where, f"remove {', '.join(sorted(entry.keys() - _KEYS))}")
    error_class: Any = entry.get("class")
    _expect(error_class in ERROR_CLASSES, where, f"set class to one of {', '.join(ERROR_CLASSES)}")
    _expect({"why", "fix"} <= entry.keys(), where, "give why and fix")
    why, expected, fix = (_text(f"{where} {key}", entry[key]) if key in entry else None for key in _TEXTS)
    detail = {name: _text(f"{where} detail.{name}", text) for name, text in entry.get("detail", {}).items()}
    assert why
    assert fix
    return Problem(error_class, why, fix, expected, detail)


def _text(where: str, entry: Mapping[str, str]) -> Bilingual:
    _expect(set(entry) == {"vi", "en"} and all(entry.values()), where, "give vi and en, and nothing else")
    text = Bilingual(entry["vi"], entry["en"])
    vi, en = map(_placeholders, text)
    _expect(vi == en, where, f"use the same placeholders in vi and en, not {sorted(vi)} and {sorted(en)}")
    return text


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _expect(met: bool, where: str, fix: str) -> None:
    if not met:
        raise CatalogueError(f"{CATALOGUE.name}, {where}: {fix}")
