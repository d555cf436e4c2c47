"""Quality: the contracts that a table must meet before it is written, and the checks of its content before a release.

Here: contracts (Pandera, before the write), suites of ``expectations/`` (Great Expectations, after it), the
comparison frames that the suites use, the baseline of known rows, waivers, and the page that shows a run's checks. Not
here: the models themselves (``tables``, ``publications``), when a check runs and what it stops (``orchestration``).
"""

from dti_platform.quality import trees
from dti_platform.quality.by_year import failing_by_year, of_year
from dti_platform.quality.check_page import check_page
from dti_platform.quality.checks import Question, answers, check, in_order, nothing_compared, questions
from dti_platform.quality.comparisons import ACROSS_YEARS, FRAMES
from dti_platform.quality.contracts import (
    ContractBroken,
    contract,
    contracts,
    contracts_met,
    fingerprint,
    in_turn,
    recall_contracts,
)
from dti_platform.quality.errors import SuiteError
from dti_platform.quality.results import KINDS, CheckResult, Waiver, expired, together, waive, waivers
from dti_platform.quality.suites import Entry, Suite, by_years, needs, suites

__all__ = [
    "ACROSS_YEARS",
    "FRAMES",
    "KINDS",
    "CheckResult",
    "ContractBroken",
    "Entry",
    "Question",
    "Suite",
    "SuiteError",
    "Waiver",
    "answers",
    "by_years",
    "check",
    "check_page",
    "contract",
    "contracts",
    "contracts_met",
    "expired",
    "failing_by_year",
    "fingerprint",
    "in_order",
    "in_turn",
    "needs",
    "nothing_compared",
    "of_year",
    "questions",
    "recall_contracts",
    "suites",
    "together",
    "trees",
    "waive",
    "waivers",
]
