"""A mail server and a webhook of a test: each keeps what it receives."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Server = TypeVar("Server", bound=socketserver.BaseServer)


class MailSink(socketserver.ThreadingTCPServer):
    """Takes every mail by SMTP; with a certificate by TLS alone, from the first byte or after STARTTLS, and a login."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, certificate: str = "", *, at_once: bool = False, login: tuple[str, str] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails: list[EmailMessage] = []
        self.heard: list[bytes] = []
        self.login, self.at_once = login, at_once
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self.tls:
            self.tls.load_cert_chain(certificate)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    """One client: its words are answered as SMTP has it; what comes before TLS and login is refused where they are."""

    server: MailSink

    def handle(self) -> None:
        self.is_safe, self.is_known = self.server.tls is None, self.server.login is None
        try:
            if self.server.at_once:
                self.secure()
            self.say("220 sink")
            while (line := self.rfile.readline()) and line[:4].upper() != b"QUIT":
                self.answer(line)
            self.say("221 bye")
        except (ssl.SSLError, ConnectionError):
            """The client does not trust us."""

    def answer(self, line: bytes) -> None:
        word = line[:4].upper()
        self.server.heard.append(word)
        if word == b"EHLO":
            offers = ["sink", *([] if self.is_safe else ["STARTTLS"]), *(["AUTH PLAIN"] if self.is_safe else [])]
            self.say(*(f"250{' ' if each is offers[-1] else '-'}{each}" for each in offers))
        elif word == b"STAR":
            self.say("220 go on")
            self.secure()
        elif not self.is_safe:
            self.say("530 Must issue a STARTTLS command first")
        elif word == b"AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            self.is_known = (user, password) == self.server.login
            self.say("235 welcome" if self.is_known else "535 authentication failed")
        elif not self.is_known:
            self.say("530 authentication required")
        elif word == b"DATA":
            self.say("354 go on")
            self.server.mails.append(self.mail())
            self.say("250 ok")
        else:
            self.say("250 ok")

    def mail(self) -> EmailMessage:
        lines = iter(self.rfile.readline, b".\r\n")
        content = b"".join(each[1:] if each.startswith(b".") else each for each in lines)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    def secure(self) -> None:
        assert self.server.tls
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.setup()
        self.is_safe = True

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{each}\r\n" for each in lines).encode())


class WebhookSink(ThreadingHTTPServer):
    """Takes every document that is posted, and answers with a status."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.status, self.documents = status, list[dict[str, Any]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/alerts/a-secret"

    @property
    def causes(self) -> list[str]:
        return [alert["cause"] for each in self.documents for alert in each["alerts"]]


class Post(BaseHTTPRequestHandler):
    """One document; 302 leads to the same place again."""

    server: WebhookSink

    def do_POST(self) -> None:
        self.server.documents.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class BeatSink(ThreadingHTTPServer):
    """Counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Get)
        self.beats = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/beats/a-secret"


class Get(BaseHTTPRequestHandler):
    """One question."""

    server: BeatSink

    def do_GET(self) -> None:
        self.server.beats += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """A server at work while the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
