"""The dictionary of columns: every column of every table, in both languages, and nothing else."""

from __future__ import annotations

import pytest

from dti_platform import publications, tables
from dti_platform.audit import results
from dti_platform.columns import ALL, dictionary, meaning

MODELS = tables.TABLES | results.TABLES | {name: each.MODEL for name, each in publications.released().items()}


@pytest.mark.parametrize("table", MODELS)
def test_every_column_is_described_in_both_languages_and_not_in_its_model(table: str) -> None:
    for name, column in MODELS[table].to_schema().columns.items():
        vi, en = meaning(table, name)
        assert vi
        assert en
        assert vi != en
        assert column.description is None, f"{table}.{name}: say it in columns.toml, in both languages"


def test_nothing_is_described_that_no_table_has() -> None:
    columns = {table: set(model.to_schema().columns) for table, model in MODELS.items()}
    for section, texts in dictionary().items():
        there = set().union(*columns.values()) if section == ALL else columns[section]
        assert texts.keys() <= there, section


def test_no_table_repeats_what_holds_for_all() -> None:
    texts = dictionary()
    assert not [
        (table, name)
        for table, own in texts.items()
        if table != ALL
        for name in own
        if own[name] == texts[ALL].get(name)
    ]


def test_a_column_without_a_description_is_named_with_the_place_for_it() -> None:
    with pytest.raises(LookupError, match=r"rankings\.colour is not described; add .* in dti_platform/columns\.toml"):
        meaning("rankings", "colour")
