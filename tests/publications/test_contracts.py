"""Every published table as built meets its contract, of which every rule over rows catches mutants of real rows.

The rules of single columns, types, order and key are those of all tables: ``tests/quality/test_contracts.py``, where a
broken contract names each rule over rows, too.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest

from dti_platform import publications, tables
from dti_platform.quality import contract
from tests.publications.changed import corrected
from tests.publications.flow import declared, published

RELEASED = publications.released()
#: The published tables whose model is their own (the evidence table is a shared one).
MODELS = {name: each.MODEL for name, each in RELEASED.items() if each.MODEL is not tables.Observations}
YEARS = (2020, 2021, 2022, 2023, 2024, 2025)


@cache
def whole(name: str) -> pl.DataFrame:
    """All years of a table, or a release of a chronicle: as many kinds of rows as there are."""
    return pl.concat(made(name))


def made(name: str) -> list[pl.DataFrame]:
    """The frames of a table as built."""
    if name in publications.catalogues():
        return [publications.catalogues()[name].listed(declared())]
    return [corrected()] if name in publications.chronicles() else [published(name, year) for year in YEARS]


def over_rows(name: str, frame: pl.DataFrame) -> set[str]:
    """The broken rules over rows, asked as ``tables.meets`` does: Pandera takes 20 ms a frame, columns and all."""
    model, data = MODELS[name], pa.PolarsData(frame.lazy(), "*")
    checks = model.to_schema().checks
    asked = [getattr(model, str(check.name))(data).select(pl.all().fill_null(value=True).all()) for check in checks]
    return {str(check.error) for check, holds in zip(checks, pl.collect_all(asked), strict=True) if not holds.item()}


@pytest.mark.parametrize("name", MODELS)
class TestAsBuilt:
    def test_the_table_as_built_meets_its_contract(self, name: str) -> None:
        for frame in made(name):
            assert contract(name, MODELS[name], frame).equals(frame), "built sorted by key"

    def test_every_column_and_the_table_are_described(self, name: str) -> None:
        described = publications.describe(RELEASED[name])
        assert [column for column, _, _ in described["columns"]] == whole(name).columns
        assert described["key"] == MODELS[name].to_schema().unique
        assert all(len(vi) > 4 and len(en) > 4 for vi, en in (told.split(" · ") for _, _, told in described["columns"]))
        assert len(described["description"].split()) > 40
        assert " · " in described["title"]


def row_of(name: str, *conditions: pl.Expr, **changes: Any) -> pl.DataFrame:
    """The whole table with changes in the first row that meets the conditions."""
    frame = whole(name).with_row_index("at")
    at = frame.filter(*conditions)["at"][0]
    values = {column: pl.lit(value, frame.schema[column]) for column, value in changes.items()}
    return frame.with_columns(
        **{column: pl.when(pl.col("at") == at).then(value).otherwise(column) for column, value in values.items()}
    ).drop("at")


def col(name: str) -> pl.Expr:
    return pl.col(name)


RANKED = col("rank_change").is_not_null()
OUTSIDE: list[tuple[tuple[pl.Expr, ...], dict[str, Any]]] = [
    ((col("rank_best") == col("rank"), col("rank") > 1), {"rank_best": 1, "rank_worst": 1}),
    ((col("rank_best").is_not_null(),), {"rank_worst": 64}),
]
#: Table -> the error of a rule over rows -> mutants that it must catch.
ROW_MUTANTS: dict[str, dict[str, list[tuple[tuple[pl.Expr, ...], dict[str, Any]]]]] = {
    "province_ranking": {
        "a change over a break": [
            ((RANKED,), {"rank_change": 40}),
            ((RANKED,), {"comparison": "other_basis"}),
            ((col("comparison") == "other_geography",), {"comparison": None}),
            ((col("comparison") == "other_geography", col("previous_rank") > 0), {"rank_change": 0}),
        ],
        "a rank before that is said not to be there": [
            ((RANKED,), {"previous_period": None}),
            ((col("comparison") == "not_ranked_before",), {"previous_rank": 1}),
        ],
        "a rank outside its bounds": OUTSIDE,
        "a unit of a ranking has no headline": [
            ((col("headline"),), {"headline": False}),
            ((~col("headline"),), {"headline": True}),
        ],
        "a place within a region": [
            ((col("rank_in_region").is_not_null(),), {"rank_in_region": 64}),
            ((col("rank_among_cities").is_not_null(),), {"rank_among_cities": 64}),
            ((col("rank").is_null(),), {"rank_in_region": 1}),
        ],
        "an illustrative row leads": [
            ((~col("headline"),), {"headline": True}),
            ((col("headline"),), {"basis": "self"}),
        ],
        "a row without a figure is not marked L or O": [
            ((col("obs_status") == "L",), {"obs_status": "A"}),
            ((col("rank").is_not_null(),), {"obs_status": "L"}),
            ((col("rank").is_not_null(),), {"source": None}),
        ],
    },
    "league_table": {
        "a level is shown for two sets of units": [
            ((col("geography") == "VN34",), {"headline": False}),
            ((col("period") == "2024", col("geography") == "VN63"), {"headline": True}),
        ],
        "a figure without who says it": [
            ((col("score").is_not_null(),), {"score_source": None}),
            ((col("score").is_null(),), {"score_basis": "published"}),
            (
                (col("score_digital_economy").is_null(), col("rank_digital_economy").is_not_null()),
                {"basis_digital_economy": None},
            ),
        ],
        "a change over a break": [
            ((RANKED,), {"rank_change": 40}),
            ((RANKED,), {"comparison": "other_basis"}),
            ((col("comparison") == "other_geography", col("previous_rank") > 0), {"rank_change": 0}),
        ],
    },
    "index_scores": {
        "a figure has no headline": [
            ((col("headline"),), {"headline": False}),
            ((~col("headline"),), {"headline": True}),
            ((col("basis") == "derived",), {"headline": True}),
        ],
        "a rank outside its bounds": OUTSIDE,
        "a row has neither a score": [
            ((col("rank").is_null(), col("score").is_not_null()), {"score": None, "points": None})
        ],
        "points / max_points differs": [((col("points").is_not_null(),), {"points": 399.0})],
    },
    "national_scorecard": {
        "the gap is not value - plan": [
            ((col("gap").is_not_null(),), {"gap": 1.5}),
            ((col("gap").is_not_null(),), {"gap": None, "gap_unit_measure": None}),
            ((col("gap").is_null(),), {"gap": 0.0}),
            ((col("gap").is_not_null(),), {"plan_unit_measure": "ratio"}),
            ((col("gap_unit_measure") == "percentage_points",), {"gap_unit_measure": "percent"}),
            ((col("gap").is_null(),), {"gap_unit_measure": "percent"}),
        ],
        "a plan lacks its period": [
            ((col("plan").is_not_null(),), {"plan_period": None, "plan_of_other_period": None}),
            ((col("plan").is_not_null(),), {"plan_certainty": None}),
            ((col("plan").is_null(),), {"plan_unit_measure": "percent"}),
            ((col("plan_of_other_period") == True,), {"plan_of_other_period": False}),  # noqa: E712
        ],
        "a row has neither value nor plan": [
            ((col("value").is_null(),), {"plan": None}),
            ((col("value").is_null(),), {"obs_status": "A"}),
            ((col("value").is_not_null(),), {"qualifier": None}),
        ],
        "a comparison without the period": [
            ((col("compared_with") == "period_before",), {"previous_period": None}),
            ((col("compared_with") == "year_before",), {"previous_value": None}),
            ((col("compared_with") == "year_before",), {"compared_with": "period_before"}),
            ((col("compared_with") == "other_periods",), {"previous_period": "2021", "previous_value": 1.0}),
            ((col("value").is_not_null(),), {"compared_with": None}),
        ],
        "a repeat that is none": [
            ((col("repeats_previous") == True,), {"repeats_previous": False}),  # noqa: E712 - nulls are neither
            ((col("repeats_previous") == False,), {"repeats_previous": True}),  # noqa: E712
            ((col("repeats_previous") == True,), {"report_before": None}),  # noqa: E712
        ],
        "a denominator is flagged wrongly": [
            ((col("denominator_changed") == True,), {"denominator_changed": False}),  # noqa: E712
            ((col("denominator_changed") == True,), {"previous_denominator": None, "report_before_denominator": None}),  # noqa: E712
            ((col("denominator").is_null(),), {"denominator_changed": True}),
        ],
    },
    "reconciliation": {
        "a verdict that its figures do not bear out": [
            ((col("verdict") == "agrees",), {"ours": None}),
            ((col("verdict") == "agrees",), {"verdict": "differs"}),
            ((col("verdict") == "agrees",), {"difference": 0.01}),
            ((col("verdict") == "not computable",), {"verdict": "agrees"}),
        ],
        "an agreement that rests on synthetic input": [
            ((col("verdict") == "agrees",), {"evidence": "illustrative"}),
            ((col("verdict") == "not computable",), {"why_vi": None}),
            ((col("verdict") == "agrees",), {"reason": "beyond_tolerance", "why_vi": "x", "why_en": "x"}),
        ],
        "a difference that is not ours": [((col("verdict") == "agrees",), {"difference": 0.0})],
    },
    "coverage": {
        "received is not accepted": [((col("received") > 0,), {"accepted": 0, "quarantined": 0})],
        "more is missing than expected": [
            ((col("missing").is_not_null(),), {"missing": 99}),
            ((col("missing").is_not_null(),), {"missing": None}),
            ((col("lacking") == col("inputs"),), {"computed": True}),
            ((col("expected").is_not_null(),), {"expected": 99, "missing": 99}),
        ],
        "an index that is not computed": [
            ((col("computed") == False,), {"reason": None}),  # noqa: E712
            ((col("rank_status") == "withheld",), {"why_en": None}),
            ((col("computed").is_null(),), {"reason": "no_parts_known", "why_vi": "x", "why_en": "x"}),
        ],
    },
}
ROW_MUTANTS["sessions"] = {
    "a figure is found without its place": [
        ((), {"value": None}),
        ((), {"locator": None}),
        ((), {"qualifier": None}),
        ((), {"unit_measure": None}),
        ((), {"obs_status": "L"}),
    ]
}
ROW_MUTANTS["revisions"] = {
    "a row in which nothing changed": [
        ((col("cause") == "peers",), {"old_rank": 5, "new_rank": 5}),
        ((col("old_rank").is_null(),), {"old_score": 0.5, "new_score": 0.5}),
    ],
    "a revision or a correction without its reason": [
        ((), {"reason": None}),
        ((), {"reason": None, "type": "revision"}),
    ],
    "cells are counted but not named": [
        ((col("cause") == "cells",), {"changed_cells": 0}),
        ((col("cause") == "peers",), {"cells": None}),
        ((col("cause") == "cells",), {"cause": "rules"}),
    ],
}
ROW_MUTANTS["ministry_ranking"] = {
    "a change over a break": ROW_MUTANTS["province_ranking"]["a change over a break"][:2],
    "a rank before that is said not to be there": [((RANKED,), {"previous_period": None})],
    "a rank outside its bounds": [((), {"rank_best": 5, "rank_worst": 4})],
    "a unit of a ranking has no headline": [((col("headline"),), {"headline": False})],
    "an illustrative row leads": [((col("headline"),), {"basis": "self"})],
    "a row without a figure is not marked L or O": [
        ((col("rank").is_not_null(),), {"obs_status": "L"}),
        ((col("rank").is_not_null(),), {"source": None}),
    ],
}
ROW_MUTANTS["breaks"] = {
    "a break of which the two sides are alike": [
        ((col("break_kind") == "geography",), {"geography_before": "VN34", "geography": "VN34"}),
        ((col("break_kind") == "framework_version",), {"framework_before": "2323"}),
    ]
}
ROW_MUTANTS["provincial_scorecard"] = {
    "the gap is not value - plan": [((col("gap").is_null(),), {"gap": 0.0})],
    "a row has neither value nor plan": [
        ((), {"value": None, "qualifier": None, "obs_status": "L"}),
        ((), {"qualifier": None}),
        ((), {"obs_status": "L"}),
    ],
    "a plan lacks its period": [((), {"plan_period": "2022"})],
    "a comparison without the period": [((), {"compared_with": "year_before"})],
    "a repeat that is none": [((col("repeats_previous").is_null(),), {"repeats_previous": True})],
    "a denominator is flagged wrongly": [((col("denominator").is_null(),), {"denominator_changed": True})],
}


def row_mutants() -> Iterator[tuple[str, str, tuple[pl.Expr, ...], dict[str, Any]]]:
    for name, rules in ROW_MUTANTS.items():
        for rule, mutants in rules.items():
            for conditions, changes in mutants:
                yield name, rule, conditions, changes


@pytest.mark.parametrize(
    ("name", "rule", "conditions", "changes"), list(row_mutants()), ids=lambda each: str(each)[:32]
)
def test_a_rule_over_rows_catches_its_mutant(
    name: str, rule: str, conditions: tuple[pl.Expr, ...], changes: dict[str, Any]
) -> None:
    assert any(broken.startswith(rule) for broken in over_rows(name, row_of(name, *conditions, **changes)))


def test_every_rule_over_rows_has_a_mutant() -> None:
    for name, model in MODELS.items():
        own = {str(check.error) for check in model.to_schema().checks} - {"a number is NaN or infinite"}
        assert {error for error in own if any(error.startswith(rule) for rule in ROW_MUTANTS[name])} == own


def test_a_publication_is_found_by_its_file_alone() -> None:
    assert set(publications.chronicles()) >= {"revisions"}
    assert set(publications.catalogues()) >= {"codes"}
    assert set(publications.discover()) >= {
        "coverage",
        "index_scores",
        "ministry_ranking",
        "national_scorecard",
        "observations",
        "province_ranking",
        "provincial_scorecard",
        "reconciliation",
        "sessions",
    }


def test_a_table_without_an_entry_is_named_at_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(publications.discover()["coverage"], "TITLE_VI")
    publications.discover.cache_clear()
    try:
        with pytest.raises(TypeError, match=r"dti_platform\.publications\.coverage: TITLE_VI missing"):
            publications.discover()
    finally:
        monkeypatch.undo()
        publications.discover.cache_clear()
