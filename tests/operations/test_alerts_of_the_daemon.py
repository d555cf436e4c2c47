"""Alerts by the daemon itself, and of its death by what a timer starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.operations.sinks import MailSink, WebhookSink, serving
from tests.orchestration.test_kills_of_the_ui import Place, arrive

#: Seconds within which people are told; of the death of the daemon, which a timer asks for.
SOON, BY_TIMER = 90, 300


class Alerting(Place):
    """A place whose processes tell a mail server and a webhook."""

    def __init__(self, root: Path, project: Path, mail: MailSink, webhook: WebhookSink) -> None:
        super().__init__(root, project)
        self.own = {
            "DTI_ALERT_SMTP_HOST": "127.0.0.1", "DTI_ALERT_SMTP_PORT": str(mail.port), "DTI_ALERT_SMTP_TLS": "none",
            "DTI_ALERT_FROM": "dti@example.vn", "DTI_ALERT_TO": "a@example.vn", "DTI_ALERT_WEBHOOK": webhook.url,
        }  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        places = {"DTI_DATA": str(self.root), "DAGSTER_HOME": str(self.home), "PYTHONPATH": str(self.project)}
        base = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-P", "-m", "dti_platform.cli", *arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=base | places | self.own, cwd=self.project, stdout=log, stderr=log, start_new_session=True
            )


def wait_for(kind: str, webhook: WebhookSink, seconds: float, place: Place) -> float:
    """Seconds until an alert of a kind was posted."""
    begun = time.monotonic()
    while not any(cause.startswith(f"{kind} ") for cause in webhook.causes):
        waited = time.monotonic() - begun
        assert waited < seconds, place.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        time.sleep(0.5)
    return time.monotonic() - begun


@pytest.mark.heavy
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="what is to be killed is read from /proc")
def test_the_daemon_tells_once_and_the_timer_tells_of_its_death(tmp_path: Path, project: Path) -> None:
    with serving(MailSink()) as mail, serving(WebhookSink()) as webhook, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place, port = Alerting(tmp_path, project, mail, webhook), free.getsockname()[1]
        free.close()
        ui = place.start("ui", "--port", str(port))
        try:
            wait_for("late_feed", webhook, 180, place)  # it lives
            arrive(place, 1)
            assert wait_for("refused_file", webhook, SOON, place) < SOON
            time.sleep(65)  # two further looks
        finally:
            place.kill()
            ui.wait()
        died = time.monotonic()
        while not any(cause.startswith("daemon ") for cause in webhook.causes):
            assert time.monotonic() - died < BY_TIMER
            assert place.start("doctor", "--alert", "--within", "90").wait() in (0, 1)
        assert place.start("doctor", "--alert", "--within", "90").wait() == 1
        causes = webhook.causes
    assert len(causes) == len(set(causes)), "each cause is told once"
    assert mail.mails
    assert len(mail.mails) == len(webhook.documents)
