"""A feed that the platform has never heard of, whose senders are units: it is answered like any other."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dti_platform import feeds
from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import indicator, number
from dti_platform.feeds.intake import Intake
from dti_platform.reading import Column, Convention
from dti_platform.submissions import Desk, Offer
from dti_platform.submissions.answer import Answer
from dti_platform.submissions.forms.html import page
from tests.submissions.in_process import in_this_process

VALUES = Convention(",", minimum=0)
FEED = Feed(
    "local_report", "Báo cáo địa phương", "Local report", "các tỉnh", "none", "P1M", "official", sender="unit",
    columns=(Column("indicator", ("Mã chỉ tiêu",)), Column("value", ("Giá trị",), number=VALUES)),
)  # fmt: skip
REPORT = 'Mã chỉ tiêu,Giá trị\ncommunity_digital_teams,2255\nadult_smartphone_share,"{share}"\n'


def parse(received: Received, known: Known) -> Extract:
    intake = Intake(FEED, received, opened(FEED, received, known), geography="VN63", sender=received.sender)
    for row in intake.declared_rows():
        with intake.row(row.values(), unit=received.sender):
            code = indicator(row["indicator"], "provincial", known)
            intake.observe(
                row["value"], unit=str(received.sender), node=code, measure="value", basis="reported",
                value=number(row["value"], VALUES).value, unit_measure="count", source="local",
            )  # fmt: skip
    return intake.extract()


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {**feeds.discover(), FEED.id: SimpleNamespace(__name__=__name__, FEED=FEED, parse=parse)}
    monkeypatch.setattr(feeds, "discover", lambda: found)
    in_this_process(monkeypatch)


def serve(desk: Desk, share: str) -> Answer:
    content = REPORT.format(share=share).encode()
    return next(desk.serve([Offer(content, "r.csv", FEED.id, "VN63-19", "2022")])).answer


def test_its_sender_is_answered_and_its_cells_are_judged(desk: Desk) -> None:
    answer = serve(desk, "70,91")
    assert (answer.outcome, answer.errors, answer.warnings) == ("accepted", (), ())
    assert answer.sender is not None
    assert answer.sender.unit == "VN63-19"
    worse = serve(desk, "gần như tất cả")
    assert (worse.outcome, worse.errors[0].reason) == ("waiting", "not_a_number")
    assert worse.standing.receipt == answer.receipt


def test_what_changes_is_told_with_every_digit(desk: Desk) -> None:
    serve(desk, "1234567,89")
    answer = serve(desk, "1234567,99")
    assert answer.counted == {"new": 0, "changed": 1, "unchanged": 1, "withdrawn": 0}
    assert "1.234.567,89 → 1.234.567,99" in page(answer)
