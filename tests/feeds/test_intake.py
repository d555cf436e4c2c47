"""The intake: every cell has one fate, and what is held back says why."""

from collections.abc import Callable

import pytest

from dti_platform.feeds import Feed, Known, Received, discover, read
from dti_platform.feeds.fields import Held, code
from dti_platform.feeds.framed import framed, refused
from dti_platform.feeds.intake import Intake, LostCellsError
from dti_platform.language import Bilingual
from dti_platform.reading import Cell, Unreadable
from dti_platform.reading.cells import Kind
from dti_platform.reading.delimited import read_delimited
from dti_platform.tables import Observations, Quarantine, Submissions, meets

Receive = Callable[..., Received]
FEED = Feed("trial", "Thử", "Trial", "nobody", "CC0-1.0", "P1Y", "official")
CONTENT = b"unit,value\nA,1\nB,x\n"
RECEIVED = Received("trial", "2022", "trial.csv", "0" * 64, CONTENT)


def opened(content: bytes = CONTENT) -> Intake:
    return Intake(FEED, RECEIVED, read_delimited(content, "trial.csv"), geography="VN63")


def observe(intake: Intake, row: int) -> None:
    unit, value = intake.book.sheets[0].rows[row]
    intake.observe(value, unit=unit.raw, node="n", measure="value", basis="reported", value=1.5, unit_measure="percent")
    intake.mark("accepted", [unit])


def test_every_cell_has_one_fate_and_the_frames_meet_their_contracts() -> None:
    intake = opened()
    header, _first, second = intake.book.sheets[0].rows
    intake.mark("header", header)
    observe(intake, 1)
    with intake.row(second):
        raise Held(second[1], "not_a_number")
    parsed = framed(intake.extract())
    assert meets(Observations, parsed.observations)
    assert meets(Quarantine, parsed.quarantine)
    assert meets(Submissions, parsed.submissions)
    row = parsed.submissions.row(0, named=True)
    assert (row["cells"], row["accepted"], row["quarantined"], row["header"]) == (6, 2, 2, 2)
    assert row["status"] == "accepted_in_part"
    assert parsed.quarantine["reason"].to_list() == ["not_a_number", "held_with_row"]
    assert parsed.observations["raw"].to_list() == ["1"]


def test_a_cell_without_a_fate_is_a_fault_of_the_feed() -> None:
    intake = opened()
    with pytest.raises(LostCellsError, match="line 1, column unit"):
        intake.extract()


def test_a_second_value_of_one_key_is_quarantined_and_names_the_first() -> None:
    intake = opened(b"unit,value\nA,1\nA,2\n")
    intake.mark("header", intake.book.sheets[0].rows[0])
    observe(intake, 1)
    observe(intake, 2)
    parsed = framed(intake.extract())
    assert parsed.observations.height == 1
    assert parsed.quarantine["reason"].to_list() == ["repeated_value"]
    assert "line 2, column value" in parsed.quarantine["reason_en"][0]


def test_a_refused_file_is_a_submission_with_its_reason_in_both_languages() -> None:
    parsed = refused(FEED, RECEIVED, Unreadable("damaged", Bilingual("trial.csv kết thúc sớm", "trial.csv ends early")))
    assert meets(Submissions, parsed.submissions)
    row = parsed.submissions.row(0, named=True)
    assert row["status"] == "refused"
    assert "Tệp bị hỏng" in row["reason"]
    assert "trial.csv kết thúc sớm / " in row["reason"]
    assert row["reason"].endswith(": trial.csv ends early")
    assert parsed.refusal is not None


def test_only_modules_with_a_declaration_and_parse_are_feeds() -> None:
    assert "trial" not in discover()
    assert all(module.FEED.id == name for name, module in discover().items())


def test_a_ragged_row_is_held_back_and_the_others_are_taken(known: Known, receive: Receive) -> None:
    header = "geography,unit,metric,value,source,certainty\n"
    shorter, longer = (
        "VN63,Hà Nội,rank_overall,1,https://s.vn\n",
        "VN63,Huế,rank_overall,2,https://s.vn,verbatim,more\n",
    )
    rows = f"{shorter}{longer}VN63,Lào Cai,rank_overall,3,https://s.vn,verbatim\n"
    parsed = read(receive("published_results", "2022", (header + rows).encode()), known)
    assert parsed.observations["unit"].to_list() == ["VN63-10"]
    assert set(parsed.quarantine["reason"]) == {"ragged_row"}
    assert parsed.quarantine.height == 5 + 7
    assert meets(Submissions, parsed.submissions)


@pytest.mark.parametrize(
    ("kind", "raw", "found"),
    [
        ("text", "4.10", "4.10"),
        ("text", "04", "04"),
        ("number", "4", "4"),
        ("number", "4.1", None),
        ("date", "2022-04-10", None),
    ],
)
def test_a_code_typed_as_a_number_is_not_guessed(kind: Kind, raw: str, found: str | None) -> None:
    cell = Cell("S", 1, 1, "S!A1", raw, kind, raw)
    if found is None:
        with pytest.raises(Held) as held:
            code(cell)
        assert held.value.reason == "code_as_number"
    else:
        assert code(cell) == found


def test_a_place_is_named_in_each_language() -> None:
    intake = opened(b"unit,value\nA,1\nA,2\n")
    intake.mark("header", intake.book.sheets[0].rows[0])
    observe(intake, 1)
    observe(intake, 2)
    held = framed(intake.extract()).quarantine.row(0, named=True)
    assert held["reason_vi"].endswith("ở dòng 2, cột value")
    assert held["reason_en"].endswith("at line 2, column value")
