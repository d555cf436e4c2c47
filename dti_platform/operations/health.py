"""Is it well? The form of a check of the installation and of its answer, and asking all of them.

A check is a public function of a module of checks: it is found there, never registered, and its name is the
function's. Here: that mechanism. Not here: any check (``checks``), and what only Dagster knows
(``orchestration.health``).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dti_platform.language import as_typed, shown
from dti_platform.storage import StorageError

if TYPE_CHECKING:
    from types import ModuleType

    from dti_platform.settings import Settings
    from dti_platform.storage import Store

State = Literal["ok", "warning", "broken", "not asked"]
#: What is raised where a file can't be read, and where it says what nobody wrote.
UNREADABLE = (StorageError, OSError, LookupError, TypeError, ValueError, AttributeError)
#: What to do where a check itself could not be carried out.
LOOK = "look at what is named; `./dti verify` reads every byte of the data root"


@dataclass(frozen=True)
class Place:
    """What is asked about.

    Attributes:
        store: the data root.
        settings: as far as they are in order; else their defaults.
        home: DAGSTER_HOME; None: there is none.
        now: UTC.
        url: where the UI should answer; None: it isn't asked.
    """

    store: Store
    settings: Settings
    home: Path | None
    now: datetime
    url: str | None = None

    @classmethod
    def of(cls, store: Store, home: str | None, url: str | None = None) -> Place:
        """A data root and a home of Dagster, now; settings out of order are those that a check says."""
        from dti_platform.settings import read_or_default

        return cls(store, read_or_default(), Path(home) if home else None, datetime.now(UTC), url)


class Finding(NamedTuple):
    """What a check found, in a sentence with the place, and what to do."""

    state: State
    what: str
    fix: str = ""


class Answer(NamedTuple):
    """The answer of a check by name, and how long it took."""

    name: str
    state: State
    what: str
    fix: str
    seconds: float


Check = Callable[..., Finding]


def ok(what: str) -> Finding:
    """All is well."""
    return Finding("ok", what)


def not_asked(why: str) -> Finding:
    """There is nothing to ask, or no way to."""
    return Finding("not asked", why)


def public_functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions that a module defines, by name, in the order in which they stand."""
    found = inspect.getmembers(module, inspect.isfunction)
    own = [(name, each) for name, each in found if each.__module__ == module.__name__ and not name.startswith("_")]
    return dict(sorted(own, key=lambda pair: pair[1].__code__.co_firstlineno))


def discover() -> dict[str, Check]:
    """Every check of ``operations.checks``, by name."""
    from dti_platform.operations import checks

    names = sorted(each.name for each in pkgutil.iter_modules(checks.__path__))
    modules = [importlib.import_module(f"{checks.__name__}.{name}") for name in names]
    return {name: check for module in modules for name, check in public_functions(module).items()}


def ask(checks: dict[str, Check], *asked: object) -> Iterator[Answer]:
    """The answer of each check; one that meets what can't be read is broken, and the others are asked all the same."""
    for name, check in checks.items():
        begun = time.monotonic()
        try:
            found = check(*asked)
        except UNREADABLE as error:
            found = Finding("broken", f"{error!s}" or repr(error), LOOK)
        yield answer(name, found, time.monotonic() - begun)


def answer(name: str, found: Finding, seconds: float) -> Answer:
    """A finding under the name of its check, each text in one line that a terminal may show."""
    what, fix = (" ".join(shown(text).split()) for text in (found.what, as_typed(found.fix)))
    return Answer(name.replace("_", " "), found.state, what, fix, round(seconds, 3))
