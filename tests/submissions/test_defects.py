"""A thousand planted defects of a hundred kinds, in three forms: all are found where they are, and nothing else."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from pathlib import Path

import pytest

from dti_platform.feeds import Known, Received
from dti_platform.reading.cells import letters
from dti_platform.storage import Store
from dti_platform.submissions.answer import Answer
from dti_platform.submissions.compose import Composer
from dti_platform.submissions.verdict import judge
from dti_platform.submissions.versions import read_version
from tests.feeds.drafts import HOME, Draft
from tests.feeds.test_raw_figures import workbook
from tests.submissions.defects import DEFECTS, FORMS, NOT_IN, UNITS, Planted, clean, forms, plant

pytestmark = pytest.mark.usefixtures("answer_alone")

#: Of each kind in the whole proof; in CI one, the forms in turn.
ALL = 15
#: What a form says of every sheet: in delimited text 4.10 looks like a number.
OF_THE_FORM = {"xlsx": set[str](), "csv": {"code_like_a_number"}, "json": set[str]()}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("data"))


def answer(content: bytes, store: Store, known: Known, form: str = "xlsx") -> Answer:
    """What the desk says, without a child process for each of a thousand files of our own."""
    from dti_platform.reading import read_file

    name = f"phieu.{form}"
    received = Received(
        "self_assessment", "2022", name, hashlib.sha256(content).hexdigest(), content, opened=read_file(content, name)
    )
    return Composer(store, known, judge(read_version(received, known), None), None).answer()


def said(found: Answer) -> set[tuple[str, str | None]]:
    """Every reason with its cell; what a held row takes with it is no finding of its own."""
    if found.refusal:
        return {(found.refusal.reason, None)}
    return {(each.reason, each.locator) for each in found.findings if each.reason != "held_with_row"}


def expected(draft: Draft, planted: Planted, form: str) -> str | None:
    """Where it must be found: a locator, told without reading the file; None: it concerns no one cell."""
    if planted.place is None:
        return None
    code, header = planted.place
    column = draft.column(header)
    if code == "Mã":
        row = -1
    elif code.startswith("#"):
        row = int(code[1:])
    else:
        rows = [str(each[0] if each[0] is not None else "") for each in draft.rows]
        row = len(rows) - 1 if code == "" else rows.index(code)
    if form == "json":
        return f"/Phiếu/{max(row, 0)}/{header.replace('/', '~1')}" if row >= 0 else None
    record = len(draft.title) + 2 + row
    return (
        f"Tự đánh giá!{letters(column + 1)}{record}"
        if form == "xlsx"
        else f"line {record}, column {header or column + 1}"
    )


def check(kind: str, number: int, store: Store, known: Known) -> str:
    """The form in which it was planted."""
    draft, planted = plant(kind, number)
    form = forms(kind)[number % len(forms(kind))]
    found = said(answer(getattr(draft, form)(), store, known, form))
    place, at = expected(draft, planted, form), f"{kind} {number} ({form})"
    places = {where for reason, where in found if reason == planted.reason}
    assert places, f"{at}: {planted} was not found, but {found}"
    assert place is None or place in places, f"{at}: {planted} was found at {places}, not at {place}"
    allowed = {planted.reason, *FOLLOW.get(planted.reason, ()), *OF_THE_FORM[form]}
    others = {reason for reason, _ in found} - allowed
    assert not others, f"{at}: a false alarm, {others}"
    return form


#: What follows from a defect by itself: a row that is held back leaves its score missing.
FOLLOW = {
    "unknown_node": {"missing_row"},
    "missing_value": {"missing_row"},
    "not_a_number": {"sum_differs"},
    "final_above_self": {"final_far_from_verified", "quoted_scores"},
    "verified_above_self": {"quoted_scores"},
    "final_far_from_verified": {"quoted_scores"},
    "sum_differs": {"quoted_scores"},
    "sum_unread": {"quoted_scores"},
    "read_by_range": {"not_a_grade"},
    "shown_otherwise": {"not_a_grade"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("unit", UNITS)
def test_nothing_is_said_of_the_clean_twin(unit: str, form: str, store: Store, known: Known) -> None:
    found = answer(getattr(clean(unit), form)(), store, known, form)
    assert (found.outcome, found.errors, {each.reason for each in found.warnings}) == (
        "accepted", (), OF_THE_FORM[form]
    )  # fmt: skip
    assert found.counted["new"] == 98


@pytest.mark.heavy
@pytest.mark.usefixtures("whole_answers")
@pytest.mark.parametrize("sheet", sorted(HOME.parent.glob("*.xlsx")), ids=lambda path: path.stem)
def test_nothing_new_is_said_of_any_committed_sheet_nor_of_its_twins(sheet: Path, store: Store, known: Known) -> None:
    as_committed = answer(sheet.read_bytes(), store, known)
    assert (as_committed.outcome, as_committed.errors) == ("accepted", ())
    assert {each.reason for each in as_committed.warnings} <= {"score_without_evidence"}
    for form in FORMS:
        found = answer(getattr(clean(sheet.stem), form)(), store, known, form)
        assert (found.errors, {each.reason for each in found.warnings}) == ((), OF_THE_FORM[form])


@pytest.mark.parametrize(("number", "kind"), [*enumerate(DEFECTS)], ids=DEFECTS.keys())
def test_every_kind_of_defect_is_found_where_it_is(number: int, kind: str, store: Store, known: Known) -> None:
    check(kind, number % ALL, store, known)


def test_the_kinds_are_many_and_so_are_what_is_said_of_them() -> None:
    reasons = {plant(kind, 0)[1].reason for kind in DEFECTS}
    assert (len(DEFECTS) >= 90, len(reasons) >= 40) == (True, True), (len(DEFECTS), len(reasons))
    assert {kind for kinds in NOT_IN.values() for kind in kinds} <= DEFECTS.keys()


@pytest.mark.heavy
@pytest.mark.usefixtures("whole_answers")
def test_a_thousand_defects_are_found_where_they_are(
    store: Store, known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recall by kind and form is printed; every one is found, so it is 100 %."""
    found = {kind: Counter(check(kind, number, store, known) for number in range(ALL)) for kind in DEFECTS}
    total = sum(map(Counter.total, found.values()))
    assert total == len(DEFECTS) * ALL >= 1000
    lines = [f"{kind:46} {counts.total()} of {ALL}  {dict(counts)}" for kind, counts in found.items()]
    reasons = {plant(kind, 0)[1].reason for kind in DEFECTS}
    lines.append(f"{total} defects of {len(DEFECTS)} kinds, {len(reasons)} reasons: all found")
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *lines, ""]))


def test_the_path_of_the_test_is_that_of_the_desk(tmp_path: Path, known: Known) -> None:
    from dti_platform.submissions import Desk, Offer

    draft, _ = plant("a word for a number", 1)
    served = next(
        Desk(Store(tmp_path), known).serve([Offer(draft.xlsx(), "phieu.xlsx", "self_assessment")], dry_run=True)
    )
    ours = answer(draft.xlsx(), Store(tmp_path), known)
    assert [each.reason for each in served.answer.findings] == [each.reason for each in ours.findings]


def test_what_is_expected_of_a_raw_figure_is_not_the_maximum_of_its_row(store: Store, known: Known) -> None:
    """The answer to a part of 250 of 100 asked for a number from 0 to 20, the most points of that row."""
    framework = known.frameworks.overlaid(known.frameworks.get("922", "provincial"))
    code = next(node.code for node in framework.inputs if node.rule.kind == "ratio")
    (finding,) = answer(workbook(framework, {code: ("250", "100")}, {}), store, known).errors
    assert (finding.node, finding.read) == (code, "250")
    assert "từ 0 đến mẫu số (100)" in finding.why.vi
    assert finding.expected.vi == "giá trị trong khoảng đó"
