"""Alerts: each cause is told once by mail and webhook, in both languages, with rows and place."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl
import pytest
from pydantic import SecretStr

from dti_platform import settings
from dti_platform.cli import doctor
from dti_platform.cli.doctor import with_undelivered
from dti_platform.language import Bilingual
from dti_platform.operations import causes, stopped
from dti_platform.operations.alert import Alert
from dti_platform.operations.channels import configured, faults
from dti_platform.operations.checks.settings import alerts
from dti_platform.operations.health import Finding, Place, answer, ok
from dti_platform.operations.telling import FORGOTTEN, kinds, standing, tell
from dti_platform.orchestration import alerting, liveness
from dti_platform.pipeline.gate import Judged
from dti_platform.pipeline.rhythms import RHYTHMS
from dti_platform.quality import CheckResult
from dti_platform.settings import Settings
from dti_platform.storage import Store, WriteFailed, files
from tests.operations.sinks import BeatSink, MailSink, WebhookSink, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = Alert("candidate", "0007", Bilingual("Bản 0007 chờ công bố", "Candidate 0007 waits"), [Bilingual("dòng", "row")])
TWO = Alert("late_feed", "x 2022", Bilingual("Chưa nhận được gì", "Nothing came"))


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with serving(MailSink()) as sink:
        yield sink


@pytest.fixture
def webhook() -> Iterator[WebhookSink]:
    with serving(WebhookSink()) as sink:
        yield sink


@pytest.fixture
def place(tmp_path: Path, mail: MailSink, webhook: WebhookSink, monkeypatch: pytest.MonkeyPatch) -> Place:
    own = {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_TLS": "none", "FROM": "dti@example.vn",
        "TO": "a@example.vn, b@example.vn", "WEBHOOK": webhook.url, "LINK": "https://dti.example.vn/",
    }  # fmt: skip
    for name, value in own.items():
        monkeypatch.setenv(f"DTI_ALERT_{name}", value)
    (tmp_path / "data").mkdir()
    return Place.of(Store(tmp_path / "data"), None)


def again(place: Place, **later: float) -> Place:
    """The same place in another process, some time later."""
    return replace(place, store=Store(place.store.root), now=place.now + timedelta(**later))


def test_each_cause_is_told_once_by_each_way_whoever_looks(place: Place, mail: MailSink, webhook: WebhookSink) -> None:
    assert tell(place, [ONE], kinds()) == []
    assert tell(again(place), [ONE, TWO], kinds()) == []
    assert tell(again(place), [TWO, ONE], kinds()) == []
    assert webhook.causes == [ONE.cause, TWO.cause]
    first, second = mail.mails
    assert first["Subject"] == "DTI: Bản 0007 chờ công bố / Candidate 0007 waits"
    assert first["To"] == "a@example.vn, b@example.vn"
    vietnamese, english = first.get_content().split("-- ")
    assert vietnamese.split() == ["Bản", "0007", "chờ", "công", "bố", "dòng"]
    assert english.split() == ["Candidate", "0007", "waits", "row"]
    assert "Nothing came" in second["Subject"]
    document = webhook.documents[0]
    assert document["alerts"][0]["title"] == {"vi": "Bản 0007 chờ công bố", "en": "Candidate 0007 waits"}
    assert document["text"].startswith("Bản 0007 chờ công bố")


def test_a_cause_that_is_over_is_told_again_when_it_comes_back_later(place: Place, webhook: WebhookSink) -> None:
    tell(place, [ONE], kinds())
    tell(again(place, minutes=1), [], kinds())
    tell(again(place, minutes=2), [ONE], kinds())
    assert webhook.causes == [ONE.cause], "it comes and goes"
    tell(again(place, minutes=3), [], kinds())
    tell(again(place, minutes=4), [], ["disk"])
    tell(again(place, seconds=FORGOTTEN.total_seconds() + 200), [ONE], kinds())
    assert webhook.causes == [ONE.cause, ONE.cause]


def test_a_look_that_asks_of_others_ends_no_cause(place: Place, webhook: WebhookSink) -> None:
    tell(place, [ONE], kinds())
    tell(again(place), [], ["ledger"])
    tell(again(place, hours=5), [ONE], kinds())
    assert webhook.causes == [ONE.cause]


def test_a_mail_server_that_is_down_is_asked_again_and_stops_nothing_else(
    place: Place, mail: MailSink, webhook: WebhookSink
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = place.settings.model_copy(update={"alert_smtp_port": free.getsockname()[1]})
    (said,) = tell(replace(place, settings=down), [ONE], kinds())
    assert said.startswith("1 alerts could not be sent by mail (")
    assert (len(mail.mails), webhook.causes) == (0, [ONE.cause])
    assert tell(again(place), [ONE], kinds()) == []
    assert (len(mail.mails), webhook.causes) == (1, [ONE.cause])


def test_doctor_is_broken_as_long_as_an_alert_could_not_be_sent(
    place: Place, mail: MailSink, webhook: WebhookSink
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = place.settings.model_copy(update={"alert_smtp_port": free.getsockname()[1]})
    (failed,) = tell(replace(place, settings=down), [ONE], kinds())
    found = alerts(again(place))
    assert (found.state, found.what) == ("broken", failed)
    assert "by mail" in failed
    assert [each.state for each in with_undelivered([answer("alerts", ok("well"), 0)], [failed])] == ["broken"]
    assert tell(again(place), [ONE], kinds()) == []
    assert alerts(again(place)).state == "ok"
    assert (len(mail.mails), len(webhook.causes)) == (1, 1)


def test_a_heartbeat_is_sent_where_nothing_is_left_untold(place: Place) -> None:
    with serving(BeatSink()) as sink:
        kept = replace(place, settings=place.settings.model_copy(update={"alert_heartbeat": SecretStr(sink.url)}))
        assert doctor.tell(kept, []) == []
        assert sink.beats == 1
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            down = kept.settings.model_copy(update={"alert_smtp_port": free.getsockname()[1]})
        broken = answer("web", Finding("broken", "it does not answer", "start it"), 0)
        assert len(doctor.tell(replace(kept, settings=down), [broken])) == 1
        assert sink.beats == 1, "somebody was not told"
    assert "DTI_ALERT_HEARTBEAT does not answer" in doctor.tell(kept, [])[0]


@pytest.mark.parametrize("status", [302, 500])
def test_a_webhook_that_refuses_or_leads_elsewhere_has_not_told(tmp_path: Path, status: int) -> None:
    with serving(WebhookSink(status)) as sink:
        place = Place.of(Store(tmp_path), None)
        place = replace(place, settings=Settings(alert_webhook=sink.url))  # type: ignore[arg-type]
        (said,) = tell(place, [ONE], kinds())
        assert str(status) in said
        assert "a-secret" not in said
        assert len(sink.documents) == 1
        sink.status = 204
        assert tell(place, [ONE], kinds()) == []


def test_a_full_disk_tells_nothing_twice(
    place: Place, mail: MailSink, webhook: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise WriteFailed("no space")

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", full)
        patch.setattr(Store, "lock", full)
        for _ in range(3):
            assert tell(place, [ONE], kinds()) == []
    assert (len(mail.mails), webhook.causes) == (1, [ONE.cause])


def test_nothing_is_sent_where_nothing_is_set_nor_where_it_is_unsafe(
    place: Place, mail: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsafe = place.settings.model_copy(update={"alert_smtp_password": settings.SecretStr("hush")})
    (said,) = tell(replace(place, settings=unsafe), [ONE], kinds())
    assert "in the open" in said
    assert mail.mails == []
    for name in [name for name in os.environ if name.startswith("DTI_ALERT_")]:
        monkeypatch.delenv(name)
    assert configured(Settings()) == []
    assert faults(Settings()) == []
    assert tell(replace(place, settings=Settings()), [ONE], kinds()) == []


def test_no_secret_is_printed_or_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from dti_platform.cli.unchanged import Request

    monkeypatch.setenv("DTI_ALERT_SMTP_PASSWORD", "hush")
    printed = settings.shown()
    assert printed["DTI_ALERT_SMTP_PASSWORD"] == settings.MASK
    assert printed["DTI_ALERT_WEBHOOK"] == settings.MASK
    assert "hush" not in Request(place.store.root, (), "auto").key
    assert "a-secret" not in Request(place.store.root, (), "auto").key


def judged(report: Path) -> list[Judged]:
    rows = {"unit_name_vi": "Đà Nẵng", "unit_name_en": "Da Nang", "unit": "VN63-48", "value": 0.1, "raw": "0.10",
            "file_name": "a.csv", "locator": "line 2, column value", "feed": "a_feed"}  # fmt: skip
    reason = Bilingual("Điểm không vượt điểm tối đa.", "No score exceeds its maximum.")
    result = CheckResult("scores", "within_maximum", "critical", "failed", reason, 9, 7, rows=pl.DataFrame([rows]))
    return [Judged([result], report, [])]


def test_a_run_that_a_check_stops_is_told_with_rule_row_and_place(place: Place, webhook: WebhookSink) -> None:
    for run_id in ("1" * 8, "2" * 8):
        stopped.keep(place.store, run_id, judged(place.store.root / "docs" / "checks-1.html"))
        place.store.ledger.append("run", {"run": run_id, "success": False, "failure": "stopped", "release": None})
        assert tell(place, causes.failed_run(place), kinds()) == []
    (alert,) = webhook.documents[0]["alerts"]
    assert alert["title"]["en"] == "Nothing is published: checks that stop the release: 1"
    assert [line["vi"] for line in alert["lines"]] == [
        "scores.within_maximum: Điểm không vượt điểm tối đa.",
        "Đà Nẵng (VN63-48): giá trị 0,1, a.csv (a_feed), dòng 2, cột value: «0.10»",
        "và 6 dòng khác, ở trang kiểm tra",
        "Chưa có bản công bố nào.",
    ]
    assert alert["link"] == "https://dti.example.vn/pages/checks/checks-1.html"
    assert webhook.causes == [alert["cause"]], "a run that fails again for the same reason is the same cause"
    place.store.ledger.append("run", {"run": "3" * 8, "success": False, "failure": "killed", "release": None})
    (killed,) = causes.failed_run(place)
    assert killed.title.en == "A run failed: killed"
    place.store.ledger.append("run", {"run": "4" * 8, "success": True, "failure": None, "release": None})
    assert [*causes.failed_run(place)] == []


def test_a_refused_file_is_told_with_its_reason(place: Place, project: Path) -> None:
    from dti_platform.pipeline import Platform

    assert project
    folder = place.store.inbox / "provincial_report" / "2022-S1"
    folder.mkdir(parents=True)
    (folder / "a.xlsx").write_bytes(b"no workbook")
    Platform(place.store).arrivals.land()
    (alert,) = causes.refused_file(place)
    assert alert.title.en == "A file was refused: provincial_report/2022-S1/a.xlsx"
    assert len(alert.lines) == 3
    assert all(line.vi and line.en and "{" not in line.en for line in alert.lines)
    (folder / "a.xlsx").unlink()
    assert [*causes.refused_file(place)] == []


@pytest.mark.parametrize(
    ("today", "looked"),
    [(date(2026, 2, 4), date(2026, 1, 5)), (date(2026, 1, 5), date(2026, 1, 5)), (date(2026, 1, 4), date(2025, 12, 5))],
)
def test_a_rhythm_knows_when_it_looked_last(today: date, looked: date) -> None:
    assert RHYTHMS[0].looked_on(today) == looked
    assert RHYTHMS[1].looked_on(date(2026, 7, 19)) == date(2026, 1, 20)
    assert RHYTHMS[3].looked_on(date(2026, 7, 31)) == date(2025, 12, 1)


def test_a_feed_is_late_some_days_after_its_schedule_looked_in_vain(place: Place) -> None:
    noon = replace(place, now=datetime(2026, 2, 7, 12, tzinfo=UTC))
    before = {alert.about for alert in causes.late_feed(noon)}
    assert "national_report 2025-M12" in before, "the schedule of 5 February has looked, but three days are not over"
    after = {alert.about for alert in causes.late_feed(replace(noon, now=noon.now + timedelta(days=1)))}
    assert "national_report 2026-M01" in after
    folder = place.store.inbox / "national_report" / "2026-M01"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(b"anything")
    came = {alert.about for alert in causes.late_feed(replace(noon, now=noon.now + timedelta(days=1)))}
    assert after - came == {"national_report 2026-M01"}


def test_what_can_not_be_asked_is_told_itself(place: Place) -> None:
    (place.store.root / "ledger").mkdir(parents=True)
    (place.store.root / "ledger" / "000000001.json").write_bytes(b"no entry")
    told = {alert.kind: alert for alert in standing(place)}
    assert "failed_run" in told
    assert "can't be read" in told["failed_run"].title.en


def test_the_sensor_tells_and_asks_for_no_run(place: Place, mail: MailSink, webhook: WebhookSink) -> None:
    """Also of a run that failed before it held the data, which the ledger does not know."""
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.add_run(dg.DagsterRun(liveness.JOB, run_id="5" * 32, status=dg.DagsterRunStatus.STARTED))
        instance.report_run_failed(run, "the run worker was lost")
        for _ in range(2):
            answer = alerting.sensor(place.store)(dg.build_sensor_context(instance))
            assert isinstance(answer, dg.SkipReason)
            assert answer.skip_message
            assert answer.skip_message.endswith("causes stand, all alerts were sent")
    titles = [alert["title"]["en"] for each in webhook.documents for alert in each["alerts"]]
    assert "A run failed: the run worker was lost" in titles
    assert len(titles) == len(set(titles))
    assert len(mail.mails) == 1


def test_without_a_setting_the_sensor_looks_at_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "look", None)
    answer = alerting.sensor(Store(tmp_path))(dg.build_sensor_context(dg.DagsterInstance.ephemeral()))
    assert isinstance(answer, dg.SkipReason)
    assert "no alerts are configured" in str(answer.skip_message)


def test_doctor_alerts_tell_what_is_broken_once(place: Place, webhook: WebhookSink) -> None:
    from dti_platform.cli.doctor import tell as tell_of_doctor
    from dti_platform.operations.health import Answer

    answers: list[Any] = [
        Answer("daemon", "broken", "the daemon does not live", "start it", 0.1),
        Answer("last run", "broken", "run 1 failed", "", 0.1),
        Answer("candidate", "warning", "waits", "", 0.1),
    ]
    for _ in range(2):
        assert tell_of_doctor(place, answers) == []
    told = [each["title"]["en"] for document in webhook.documents for each in document["alerts"]]
    assert "The platform is not well (daemon): the daemon does not live" in told
    assert not any("last run" in each for each in told)
    assert len(told) == len(set(told))
    assert json.loads((place.store.root / "notes" / "told.json").read_bytes())


def test_a_data_root_that_takes_nothing_is_told_once_by_whatever_processes(
    place: Place, webhook: WebhookSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And alone: what can't be asked then is neither told nor over."""
    tell(place, [ONE], kinds())
    closed = [*causes.data_root(replace(place, store=Store(tmp_path / "gone"))), TWO]
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    notes = place.store.root / "notes"
    notes.rename(tmp_path / "away")
    notes.touch()
    for hour in range(3):
        assert tell(again(place, hours=hour), closed, kinds()) == []
    notes.unlink()
    (tmp_path / "away").rename(notes)
    assert webhook.causes == [ONE.cause, closed[0].cause]
    tell(again(place, hours=3), [ONE], kinds())
    tell(again(place, hours=3), [ONE, TWO], kinds())
    assert webhook.causes == [ONE.cause, closed[0].cause, TWO.cause]
    assert json.loads((tmp_path / "run" / "told.json").read_bytes()) == {}
    tell(again(place, hours=5), closed, kinds())
    assert webhook.causes[3:] == [closed[0].cause], "it is closed anew"


def test_a_data_root_that_is_gone_is_not_made_by_telling(place: Place, webhook: WebhookSink, tmp_path: Path) -> None:
    gone = replace(place, store=Store(tmp_path / "gone"), home=tmp_path)
    for _ in range(2):
        assert tell(gone, standing(gone), kinds()) == []
    (alert,) = webhook.documents[0]["alerts"]
    assert "there is no data root" in alert["title"]["en"]
    assert webhook.causes == [alert["cause"]]
    assert not gone.store.root.exists()
