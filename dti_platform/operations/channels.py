"""By which way people are told: a mail through the ministry's own server, and JSON posted to an address of theirs.

Both are off until a setting names a host; none has a default outside. Here: sending. Not here: what is told, and what
was told already (``telling``).
"""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dti_platform.operations.alert import Alert
    from dti_platform.settings import Settings

#: Seconds for each word with a server; together with a webhook well below the minute that Dagster gives a sensor.
PATIENCE = 10
#: What is raised where a message can't be sent: a server that refuses, is not there, or is not trusted.
NOT_SENT = (smtplib.SMTPException, OSError, ValueError)


class Channel(Protocol):
    """A way by which people are told."""

    @property
    def name(self) -> str:
        """As it stands in what was told."""
        ...

    def send(self, alerts: Sequence[Alert], at: datetime) -> None:
        """Tells these together. Raises one of ``NOT_SENT``."""
        ...


@dataclass(frozen=True)
class Mail:
    """A mail to everybody who is named."""

    settings: Settings
    name: str = "mail"

    def send(self, alerts: Sequence[Alert], at: datetime) -> None:
        """One mail: what happened in Vietnamese, then in English."""
        to = self.settings
        message = EmailMessage()
        further = f" (+{len(alerts) - 1})" if len(alerts) > 1 else ""
        message["Subject"] = f"DTI: {alerts[0].title.both}{further}"
        message["From"], message["To"] = to.alert_from, ", ".join(recipients(to))
        message["Date"], message["Message-ID"] = formatdate(at.timestamp()), make_msgid(domain=socket.gethostname())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            "\n\n-- \n\n".join("\n\n".join(each.text(language) for each in alerts) for language in ("vi", "en"))
        )
        with self._server() as server:
            if to.alert_smtp_user:
                server.login(to.alert_smtp_user, to.alert_smtp_password.get_secret_value())
            server.send_message(message)

    def _server(self) -> smtplib.SMTP:
        to = self.settings
        named = (to.alert_smtp_host, to.alert_smtp_port, socket.gethostname())
        if to.alert_smtp_tls == "tls":
            return smtplib.SMTP_SSL(*named, timeout=PATIENCE, context=_trust(to))
        server = smtplib.SMTP(*named, timeout=PATIENCE)
        try:
            if to.alert_smtp_tls == "starttls":
                server.starttls(context=_trust(to))
        except NOT_SENT:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class Webhook:
    """A document of JSON to one address; it is not followed elsewhere, and no proxy is asked."""

    settings: Settings
    name: str = "webhook"

    def send(self, alerts: Sequence[Alert], at: datetime) -> None:
        """All alerts in one document; ``text`` says them for a person."""
        told = {
            "source": "dti",
            "host": socket.gethostname(),
            "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "text": "\n\n".join(each.text(language) for language in ("vi", "en") for each in alerts),
            "alerts": [each.to_dict() for each in alerts],
        }
        url = self.settings.alert_webhook.get_secret_value()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = urllib.request.Request(url, json.dumps(told, ensure_ascii=False).encode(), headers)  # noqa: S310 - `faults` holds the scheme
        with _opener(self.settings).open(request, timeout=PATIENCE):
            pass


def beat(settings: Settings) -> None:
    """Tells an address that somebody looked and nothing is left untold. Raises one of ``NOT_SENT``."""
    if url := settings.alert_heartbeat.get_secret_value():
        with _opener(settings).open(url, timeout=PATIENCE):
            pass


def _opener(settings: Settings) -> urllib.request.OpenerDirector:
    """Asks the host that is named, and no other."""
    trust = urllib.request.HTTPSHandler(context=_trust(settings))
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), trust, _Stay)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: what is told is meant for the host that is named."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


def configured(settings: Settings) -> list[Channel]:
    """The ways that settings name."""
    named = {Mail: settings.alert_smtp_host, Webhook: settings.alert_webhook.get_secret_value()}
    return [kind(settings) for kind, host in named.items() if host]


def faults(settings: Settings) -> list[str]:
    """What is missing or unsafe in the settings of alerts."""
    mail, url, ca = bool(settings.alert_smtp_host), settings.alert_webhook.get_secret_value(), settings.alert_ca
    login = settings.alert_smtp_user + settings.alert_smtp_password.get_secret_value()
    heartbeat = settings.alert_heartbeat.get_secret_value()
    in_the_open = settings.alert_smtp_tls == "none" and bool(settings.alert_smtp_password.get_secret_value())
    rules = {
        "DTI_ALERT_TO names nobody whom a mail could reach": mail and not recipients(settings),
        "DTI_ALERT_FROM names no sender": mail and "@" not in settings.alert_from,
        "DTI_ALERT_SMTP_USER and _PASSWORD may hold plain letters, digits and marks alone": not login.isascii(),
        "DTI_ALERT_SMTP_TLS=none would send the password in the open": mail and in_the_open,
        "DTI_ALERT_WEBHOOK is no address that begins with http:// or https://": bool(url) and not _is_address(url),
        "DTI_ALERT_HEARTBEAT is no address that begins with http:// or https://": (
            bool(heartbeat) and not _is_address(heartbeat)
        ),
        f"DTI_ALERT_CA names no file ({ca})": bool(ca) and not Path(ca).is_file(),
    }
    return [fault for fault, holds in rules.items() if holds]


def reason(error: Exception) -> str:
    """Why something was not sent; of a certificate that is not trusted with the setting for it."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted: {cause.verify_message}; DTI_ALERT_CA names that of an authority of yours"
        )
    return str(error)


def recipients(settings: Settings) -> list[str]:
    """Who is told by mail."""
    return [name for each in settings.alert_to.split(",") if "@" in (name := each.strip())]


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _trust(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.alert_ca or None)
