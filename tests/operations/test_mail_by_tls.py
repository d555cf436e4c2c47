"""Alerts by a mail server that speaks TLS alone: it is trusted only by name and authority, and no word comes before."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dti_platform import settings
from dti_platform.language import Bilingual
from dti_platform.operations.alert import Alert
from dti_platform.operations.health import Place
from dti_platform.operations.telling import kinds, tell
from dti_platform.settings import Settings
from dti_platform.storage import Store
from tests.operations.sinks import MailSink, serving

LOGIN = ("dti", "thu-mat")
ONE = Alert("candidate", "0007", Bilingual("Bản 0007 chờ công bố", "Candidate 0007 waits"))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, what it has signed for two names and for a day that is over, and a stranger."""
    folder = tmp_path_factory.mktemp("certificates")

    def made(name: str, *options: str) -> None:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        files = ("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")
        command = ["openssl", "req", "-x509", *key, *files, "-subj", f"/CN={name}", *options]
        subprocess.run(command, check=True, capture_output=True)
        both = (folder / f"{name}.key").read_bytes() + (folder / f"{name}.crt").read_bytes()
        (folder / f"{name}.pem").write_bytes(both)

    def signed(name: str, host: str, *options: str) -> None:
        by = ("-CA", str(folder / "authority.crt"), "-CAkey", str(folder / "authority.key"))
        made(name, *by, "-addext", f"subjectAltName={host}", "-addext", "basicConstraints=critical,CA:FALSE", *options)

    made("authority")
    signed("host", "DNS:localhost,IP:127.0.0.1")
    signed("another", "DNS:mail.example.vn")
    signed("over", "DNS:localhost,IP:127.0.0.1", "-not_before", "20200101000000Z", "-not_after", "20200102000000Z")
    made("stranger", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    return folder


def asked(place: Path, sink: MailSink, certificates: Path, **own: object) -> Place:
    """A data root whose alerts go to a server, as settings say."""
    base: dict[str, object] = {
        "alert_smtp_host": "localhost", "alert_smtp_port": sink.port, "alert_smtp_user": LOGIN[0],
        "alert_smtp_tls": "tls" if sink.at_once else "starttls", "alert_smtp_password": LOGIN[1],
        "alert_from": "dti@example.vn", "alert_to": "a@example.vn", "alert_ca": str(certificates / "authority.crt"),
    }  # fmt: skip
    return replace(Place.of(Store(place), None), settings=Settings(**base | own))  # type: ignore[arg-type]


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "tls"])
def test_a_mail_goes_by_tls_with_a_login(certificates: Path, tmp_path: Path, at_once: bool) -> None:
    with serving(MailSink(str(certificates / "host.pem"), at_once=at_once, login=LOGIN)) as sink:
        assert tell(asked(tmp_path, sink, certificates), [ONE], kinds()) == []
    (mail,) = sink.mails
    assert mail["Subject"] == "DTI: Bản 0007 chờ công bố / Candidate 0007 waits"
    assert mail.get_content().split() == ["Bản", "0007", "chờ", "công", "bố", "--", "Candidate", "0007", "waits"]


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "tls"])
@pytest.mark.parametrize(
    ("name", "why"),
    [("stranger", "self-signed certificate"), ("another", "Hostname mismatch"), ("over", "certificate has expired")],
)
def test_a_server_that_is_not_the_one_named_hears_nothing(
    certificates: Path, tmp_path: Path, name: str, why: str, at_once: bool
) -> None:
    with serving(MailSink(str(certificates / f"{name}.pem"), at_once=at_once, login=LOGIN)) as sink:
        place = asked(tmp_path, sink, certificates)
        (said,) = tell(place, [ONE], kinds())
    assert said.startswith("1 alerts could not be sent by mail (")
    assert f"its certificate is not trusted: {why}" in said
    assert "DTI_ALERT_CA" in said
    assert said.endswith("; they will be sent again")
    assert LOGIN[1] not in said
    assert {*sink.heard} <= {b"EHLO", b"STAR"}
    with serving(MailSink(str(certificates / "host.pem"), at_once=at_once, login=LOGIN)) as sink:
        later = asked(tmp_path, sink, certificates)
        assert tell(replace(later, now=place.now + timedelta(minutes=5)), [ONE], kinds()) == []
    assert len(sink.mails) == 1, "it is told once the right one answers"


def test_a_wrong_password_and_a_server_without_tls_are_told(certificates: Path, tmp_path: Path) -> None:
    with serving(MailSink(str(certificates / "host.pem"), login=LOGIN)) as sink:
        (said,) = tell(asked(tmp_path, sink, certificates, alert_smtp_password="another"), [ONE], kinds())
        assert "authentication failed" in said
        (said,) = tell(asked(tmp_path, sink, certificates, alert_smtp_password="mật"), [ONE], kinds())
        assert "plain letters" in said
        (said,) = tell(asked(tmp_path, sink, certificates, alert_smtp_tls="none", alert_smtp_user="",
                             alert_smtp_password=""), [ONE], kinds())  # fmt: skip
        assert "STARTTLS" in said
    with serving(MailSink()) as sink:
        (said,) = tell(asked(tmp_path, sink, certificates), [ONE], kinds())
        assert "STARTTLS" in said
    assert sink.mails == []


def test_a_webhook_whose_certificate_is_not_trusted_hears_nothing(certificates: Path, tmp_path: Path) -> None:
    with serving(MailSink(str(certificates / "stranger.pem"), at_once=True)) as sink:
        webhook = settings.SecretStr(f"https://localhost:{sink.port}/a-secret")
        place = replace(Place.of(Store(tmp_path), None), settings=Settings(alert_webhook=webhook))
        (said,) = tell(place, [ONE], kinds())
    assert "its certificate is not trusted: self-signed certificate" in said
    assert "a-secret" not in said
    assert sink.heard == []
