"""What Dagster is told of a suite's checks: known rows pass and are counted, new ones warn."""

from pathlib import Path

import dagster as dg
import polars as pl

from dti_platform import quality
from dti_platform.language import Bilingual
from dti_platform.orchestration.checks import evaluation
from dti_platform.quality.results import Outcome

KNOWN = pl.DataFrame({"unit": ["VN63-01", "VN63-02"], "known_en": ["why", "why"]})


def told(*, failing: int, outcome: Outcome) -> tuple[bool, str, object, object]:
    rows = pl.DataFrame({"unit": ["VN63-03"]}).head(failing)
    result = quality.CheckResult(
        "coverage", "no_input_is_missing", "warning", outcome, Bilingual("Vì sao", "Why"), 9, failing, rows=rows,
        known=KNOWN,
    )  # fmt: skip
    made = evaluation([result], [2022], Path("page.html"), asset="coverage", name="advisory")
    entries = made.metadata["entries"]
    assert isinstance(entries, dg.TableMetadataValue)
    return made.passed, made.description or "", made.metadata["known"].value, entries.records[0].data["found"]


def test_known_rows_pass_and_say_how_many_they_are() -> None:
    assert told(failing=0, outcome="passed") == (True, "passed", 2, "passed, 2 known")


def test_a_new_row_beside_them_warns() -> None:
    found = "1 of 9 rows fail, 2 known"
    assert told(failing=1, outcome="failed") == (False, f"Why. VN63-03 [no_input_is_missing: {found}]", 2, found)
