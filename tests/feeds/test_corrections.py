"""Known errors of sources: corrected when read, recorded, and loud once the source is fixed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dti_platform.feeds import Known, Parsed, Received, corrections, read
from dti_platform.feeds.corrections import Correction, CorrectionError, declared
from tests.feeds.drafts import HOME, Draft, Value

ENTRY = """
[[correction]]
unit = "VN63-19"
period = "2022"
code = "1.2"
was = 95
is = 9.5
expect = "> 10"
reason_vi = "gõ thiếu dấu phẩy"
reason_en = "the comma was left out"
reported_on = 2026-11-24
"""
Declare = Callable[[str], tuple[Correction, ...]]


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    def say(text: str) -> tuple[Correction, ...]:
        (tmp_path / "self_assessment.corrections.toml").write_text(text, encoding="utf-8")
        declared.cache_clear()
        found = declared("self_assessment", tmp_path)
        monkeypatch.setattr(corrections, "declared", lambda _: found)
        return found

    return say


def sheet(value: Value, *, known: Known) -> Parsed:
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", value)
    return read(Received("self_assessment", "2022", "a.xlsx", "0" * 64, draft.xlsx()), known)


def test_a_declared_error_is_corrected_recorded_and_shown_as_it_was_received(known: Known, declare: Declare) -> None:
    assert sheet(95, known=known).quarantine["reason"].to_list() == ["out_of_range"]
    declare(ENTRY)
    found = sheet(95, known=known)
    assert found.quarantine.is_empty()
    row = found.observations.filter(node="1.2", basis="self").row(0, named=True)
    assert (row["value"], row["raw"]) == (9.5, "95")
    said = found.submissions.row(0, named=True)
    assert said["status"] == "accepted"
    assert "95 → 9.5 (gõ thiếu dấu phẩy)" in said["reason"]
    assert "the comma was left out" in said["reason"]


def test_it_is_not_applied_once_the_source_is_mended(known: Known, declare: Declare) -> None:
    declare(ENTRY)
    parsed = sheet(9.5, known=known)
    assert parsed.outlived
    assert re.match(r".*VN63-19 2022 1\.2: expected '95' \(> 10\), found .*'9.5'.*remove the entry", parsed.outlived.en)
    assert parsed.quarantine.is_empty()


def without(node: str, known: Known) -> Parsed:
    draft = Draft.of(HOME.read_bytes())
    draft.put(node, "Tự đánh giá", None)
    return read(Received("self_assessment", "2022", "a.xlsx", "0" * 64, draft.xlsx()), known)


def test_it_fails_loudly_when_the_cell_is_gone(known: Known, declare: Declare) -> None:
    declare(ENTRY + 'basis = "self"\n')
    corrections.must_be_met([sheet(95, known=known)])
    with pytest.raises(CorrectionError, match=r"VN63-19 2022 1\.2: its cell is gone .*remove the entry"):
        corrections.must_be_met([without("1.2", known)])


def test_it_waits_while_its_unit_has_sent_nothing(known: Known, declare: Declare) -> None:
    declare(ENTRY.replace("VN63-19", "VN63-01"))
    corrections.must_be_met([sheet(9.5, known=known)])


def test_other_units_and_periods_are_left_alone(known: Known, declare: Declare) -> None:
    declare(ENTRY.replace("VN63-19", "VN63-01"))
    assert sheet(95, known=known).quarantine["reason"].to_list() == ["out_of_range"]
    declare(ENTRY.replace('period = "2022"', 'period = "2021"'))
    assert sheet(95, known=known).quarantine["reason"].to_list() == ["out_of_range"]


def test_an_entry_that_may_mean_two_cells_must_say_which(known: Known, declare: Declare) -> None:
    draft = Draft.of(HOME.read_bytes())
    same = draft.get("1.2", "Tự đánh giá")
    draft.put("1.2", "Thẩm định", same)
    received = Received("self_assessment", "2022", "a.xlsx", "0" * 64, draft.xlsx(), rule="")
    text = ENTRY.replace("was = 95", f"was = {same}").replace("> 10", "> 0")
    declare(text)
    outlived = read(received, known).outlived
    assert outlived
    assert "name its basis" in outlived.en
    declare(text + 'basis = "verified"\n')
    found = read(received, known).observations.filter(node="1.2").sort("basis")["value"].to_list()
    assert found == [same, 9.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.replace('expect = "> 10"\n', ""), "entry 1 lacks expect"),
        (ENTRY + 'colour = "red"\n', "entry 1 has colour"),
        (ENTRY.replace("2026-11-24", '"soon"'), "reported_on is 'soon'"),
    ],
)
def test_an_entry_must_be_whole(declare: Declare, text: str, message: str) -> None:
    with pytest.raises(CorrectionError, match=message):
        declare(text)


def test_what_to_expect_must_be_a_comparison(known: Known, declare: Declare) -> None:
    declare(ENTRY.replace("> 10", "large"))
    outlived = sheet(95, known=known).outlived
    assert outlived
    assert "write a comparison" in outlived.en


def test_every_declared_correction_of_the_committed_feeds_holds_together() -> None:
    declared.cache_clear()
    for path in corrections.FOLDER.glob("*.corrections.toml"):
        assert declared(path.name.partition(".")[0])
