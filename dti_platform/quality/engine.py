"""The engine: Great Expectations, behind three functions.

Only this module uses great_expectations and pandas, and it imports them only when something is to be checked: the
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
    """A library that Great Expectations imports but few of its expectations use: imported on first use."""

    def __getattr__(self, name: str) -> Any:
        """The attribute of the library itself."""
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


#: Libraries whose import takes a third of the time.
DEFERRED = ("altair", "scipy.stats")
#: The names that are patched: in pydantic while the models are made, in expectations while they are asked.
COPIES, CONFIGURATION = "smart_deepcopy", "configuration"


@cache
def load() -> None:
    """Import Great Expectations, once: with garbage collection paused, which saves a fifth of the time.

    Its deprecation warnings during the import concern its own dependencies and are ignored.
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
    """Copy inherited fields of its models flat: their hundreds of deep copies take a third of the import.

    A model changes only those parts of an inherited field that are copied here.
    """
    from pydantic.v1 import main
    from pydantic.v1.fields import ModelField

    deep = getattr(main, COPIES)

    def flat(value: Any) -> Any:
        """A flat copy of a model's fields by name; of anything else, a deep copy."""
        is_fields = isinstance(value, dict) and all(isinstance(field, ModelField) for field in value.values())
        return {name: copy_field(field) for name, field in value.items()} if is_fields else deep(value)

    def copy_field(field: ModelField) -> ModelField:
        """A copy with its own settings and validators."""
        duplicate = copy.copy(field)
        duplicate.field_info, duplicate.class_validators = copy.copy(field.field_info), dict(field.class_validators)
        return duplicate

    setattr(main, COPIES, flat)
    try:
        yield
    finally:
        setattr(main, COPIES, deep)


def expectation(entry: Entry) -> Expectation:
    """The entry as an expectation of Great Expectations.

    Raises:
        SuiteError: Great Expectations does not know the type, or the type does not take the arguments.
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
        SuiteError: it left entries unanswered.
    """
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    rows = PandasExecutionEngine(batch_data_dict={suite.table: _to_pandas(frame, expectations.values())})
    validator = Validator(rows, data_context=_context())
    runtime = {"result_format": {"result_format": detail, "partial_unexpected_count": most}}
    with _configured_once():
        results = validator.graph_validate([item.configuration for item in expectations.values()], runtime)
    answers = {_name(answer): answer for answer in results}
    dropped = expectations.keys() - answers.keys()
    if dropped:
        raise SuiteError(f"{suite.table}: Great Expectations dropped {', '.join(sorted(dropped))}")
    return answers


def _name(answer: ExpectationValidationResult) -> str:
    config = answer.expectation_config
    return str((config.meta or {})["name"]) if config else ""


@contextmanager
def _configured_once() -> Generator[None]:
    """Compute each expectation's configuration once; otherwise each of its 80 reads per check computes it anew."""
    from great_expectations.expectations.expectation import Expectation

    compute: property = getattr(Expectation, CONFIGURATION)
    computed: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}

    def configuration(owner: Expectation) -> ExpectationConfiguration:
        """The configuration, computed once; its owner is kept with it, because ids of freed objects are reused."""
        if id(owner) not in computed:
            computed[id(owner)] = owner, compute.__get__(owner)
        return computed[id(owner)][1]

    setattr(Expectation, CONFIGURATION, property(configuration))
    try:
        yield
    finally:
        setattr(Expectation, CONFIGURATION, compute)


@cache
def _context() -> AbstractDataContext:
    """One ephemeral context per process, without progress bars."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def _to_pandas(frame: pl.DataFrame, expectations: Iterable[Expectation]) -> pd.DataFrame:
    """The columns that the expectations name (the others would only be hashed), or the first if only rows are counted.

    Arrow-backed, so that null, NaN, dates and whole numbers stay distinct; decimals become floats, to be comparable.
    """
    texts = {text for item in expectations for text in _texts(item.configuration.kwargs)}
    columns = [name for name in frame.columns if name in texts] or frame.columns[:1]
    floats = pl.selectors.decimal().cast(pl.Float64)
    return frame.select(columns).with_columns(floats).to_pandas(use_pyarrow_extension_array=True)


def _texts(kwargs: Mapping[str, object]) -> Iterator[str]:
    """Every text in an entry's arguments, among them the names of its columns."""
    for value in kwargs.values():
        yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
