"""The engine: Great Expectations, behind three functions.

Here alone are great_expectations and pandas named, and they are imported only when something is to be checked: the
import costs a CPU second or two. Not here: what is asked (``suites``) and what the answers mean (``checks``).
"""

from __future__ import annotations

import copy
import gc
import importlib
import sys
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import polars as pl

from dti_platform.quality.errors import SuiteError

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    from dti_platform.quality.suites import Entry, Suite

    Answers = dict[str, ExpectationValidationResult]


class Deferred(ModuleType):
    """A library that Great Expectations imports, but few of its expectations need: imported when one does."""

    def __getattr__(self, name: str) -> Any:
        """From the library itself."""
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


#: They take a third of the time.
DEFERRED = ("altair", "scipy.stats")
#: What is replaced, of its models and while they are made, and of its expectations and while they are asked.
COPIES, CONFIGURATION = "smart_deepcopy", "configuration"


@cache
def load() -> None:
    """Import Great Expectations, once: with garbage collection paused, which saves a fifth of the time.

    What it warns of while it is imported (old modules of its own dependencies) is not ours to fix.
    """
    collecting = gc.isenabled()
    gc.disable()
    deferred = {name: Deferred(name) for name in DEFERRED if name not in sys.modules}
    sys.modules.update(deferred)
    try:
        with warnings.catch_warnings(), _fields_copied_flat():
            warnings.simplefilter("ignore", DeprecationWarning)
            importlib.import_module("great_expectations")
    finally:
        for name, library in deferred.items():
            if sys.modules.get(name) is library:
                del sys.modules[name]
        if collecting:
            gc.enable()


@contextmanager
def _fields_copied_flat() -> Generator[None]:
    """Each of its hundreds of models copies all that the fields of its bases hold, which takes a third of the import.

    A model changes of a field that it inherits only what is copied here.
    """
    from pydantic.v1 import main
    from pydantic.v1.fields import ModelField

    deep = getattr(main, COPIES)

    def flat(held: Any) -> Any:
        """A copy of a model's fields by name; of anything else, as before."""
        of_model = isinstance(held, dict) and all(isinstance(each, ModelField) for each in held.values())
        return {name: copied(each) for name, each in held.items()} if of_model else deep(held)

    def copied(field: ModelField) -> ModelField:
        """Of its own are its settings and its validators."""
        made = copy.copy(field)
        made.field_info, made.class_validators = copy.copy(field.field_info), dict(field.class_validators)
        return made

    setattr(main, COPIES, flat)
    try:
        yield
    finally:
        setattr(main, COPIES, deep)


def expectation(entry: Entry) -> Expectation:
    """The entry as Great Expectations knows it.

    Raises:
        SuiteError: it does not know the type, or the arguments are not the type's.
    """
    load()
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    severity = FailureSeverity(entry.severity)
    meta = {"name": entry.name}
    try:
        return ExpectationConfiguration(entry.type, dict(entry.kwargs), meta, severity=severity).to_domain_obj()
    except (GreatExpectationsError, ValueError) as error:
        raise SuiteError(f"{entry.file}: entry {entry.name} ({entry.type}) can't be parsed: {error}") from error


def ask(
    suite: Suite, frame: pl.DataFrame, expectations: Mapping[str, Expectation], detail: str, most: int = 0
) -> Answers:
    """Great Expectations' answers by name of the entry; ``detail`` BASIC counts, SUMMARY also finds ``most`` rows.

    Raises:
        SuiteError: it gave fewer answers than it was asked.
    """
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    rows = PandasExecutionEngine(batch_data_dict={suite.table: _to_pandas(frame, expectations.values())})
    asked = Validator(rows, data_context=_context())
    form = {"result_format": {"result_format": detail, "partial_unexpected_count": most}}
    with _configured_once():
        answered = asked.graph_validate([each.configuration for each in expectations.values()], form)
    answers = {_name(answer): answer for answer in answered}
    dropped = expectations.keys() - answers.keys()
    if dropped:
        raise SuiteError(f"{suite.table}: Great Expectations dropped {', '.join(sorted(dropped))}")
    return answers


def _name(answer: ExpectationValidationResult) -> str:
    config = answer.expectation_config
    return str((config.meta or {})["name"]) if config else ""


@contextmanager
def _configured_once() -> Generator[None]:
    """An expectation works out its configuration anew each of the 80 times that it is read while it is asked."""
    from great_expectations.expectations.expectation import Expectation

    read: property = getattr(Expectation, CONFIGURATION)
    known: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}

    def configuration(asked: Expectation) -> ExpectationConfiguration:
        """Worked out once; the expectation is held beside it, for the number of one that is gone is given again."""
        if id(asked) not in known:
            known[id(asked)] = asked, read.__get__(asked)
        return known[id(asked)][1]

    setattr(Expectation, CONFIGURATION, property(configuration))
    try:
        yield
    finally:
        setattr(Expectation, CONFIGURATION, read)


@cache
def _context() -> AbstractDataContext:
    """One ephemeral context per process, without progress bars."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def _to_pandas(frame: pl.DataFrame, expectations: Iterable[Expectation]) -> pd.DataFrame:
    """The columns that are asked about (the others would only be hashed), or the first where only rows are counted.

    Arrow-backed, so that null, NaN, dates and whole numbers stay apart; decimals as floats, to be compared.
    """
    named = {value for each in expectations for value in _words(each.configuration.kwargs)}
    asked = [name for name in frame.columns if name in named] or frame.columns[:1]
    floats = pl.selectors.decimal().cast(pl.Float64)
    return frame.select(asked).with_columns(floats).to_pandas(use_pyarrow_extension_array=True)


def _words(kwargs: Mapping[str, object]) -> Iterator[str]:
    """Every text in an entry's arguments: among them the names of its columns."""
    for value in kwargs.values():
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))
