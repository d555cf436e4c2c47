"""Which requests reach the UI: an ASGI middleware in front of Dagster's webserver, which has no login.

Here: which requests of a browser are allowed, and the message of a refusal. Not here: the webserver (``webserver``),
and authentication (``web_login``).

The webserver checks neither Host nor Origin and runs mutations sent by GET: any page that a person opens could
start a run on this machine. The headers that a browser sends are enough to tell such a page from the UI's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: The names of this machine that no foreign name server can resolve to another address.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
METHODS = ("GET", "HEAD", "POST")
REFUSAL_HEADERS = {"Allow": ", ".join(METHODS), "X-Content-Type-Options": "nosniff"}
ALLOWED_SITES = {"same-origin", "none"}
#: Allowed query parameters: the UI puts the operation's name there, for logs; the webserver does not read it.
QUERY_PARAMETERS = {"op"}
JSON = "application/json"
HTTP_PORT = 80
#: WebSocket close code: the message violates the policy of the receiver (RFC 6455, 7.4.1).
POLICY_VIOLATION = 1008


class Refusal(NamedTuple):
    """Why a request is refused: an HTTP status and a sentence."""

    status: int
    why: str


class WebGuard:
    """Passes requests of the UI's own pages and of programs on this machine; refuses all others with a message."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = LOOPBACK, hosts: Iterable[str] = ()) -> None:
        """Wrap an app.

        Args:
            app: the ASGI app that gets the allowed requests.
            names: host names that are allowed with the port of the server.
            hosts: further allowed values of Host as a browser sends them: ``dti.example.vn``, ``localhost:8080``.
        """
        self.app = app
        self.names = tuple(name.lower() for name in names)
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the app, or answer with the reason of the refusal."""
        refusal = None if scope["type"] == "lifespan" else self.refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await PlainTextResponse(f"{refusal.why}\n", refusal.status, REFUSAL_HEADERS)(scope, receive, send)

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why this request or upgrade is refused; None: it is allowed."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.allowed(scope):
            return Refusal(
                HTTPStatus.FORBIDDEN,
                f"Refused: Host {joined(hosts)} is not a name of this server; DTI_UI_HOSTS can add it.",
            )
        return site_refusal(headers, hosts[0].lower()) or (
            method_refusal(scope, headers) if scope["type"] == "http" else None
        )

    def allowed(self, scope: Scope) -> frozenset[str]:
        """Every allowed value of Host at the port of this connection; a browser omits port 80."""
        _, port = scope.get("server") or (None, None)
        served = {f"{name}:{port}" for name in self.names}
        return self.hosts | served | (set(self.names) if port == HTTP_PORT else set())


def site_refusal(headers: Headers, host: str) -> Refusal | None:
    """Refuse a page of another site, by Origin and Sec-Fetch-Site."""
    origins = headers.getlist("origin")
    if any(origin.lower() not in (f"http://{host}", f"https://{host}") for origin in origins):
        return Refusal(
            HTTPStatus.FORBIDDEN,
            f"Refused: a page of {joined(origins)} may not speak to this server, only its own pages.",
        )
    sites = headers.getlist("sec-fetch-site")
    if not ALLOWED_SITES.issuperset(sites):
        return Refusal(
            HTTPStatus.FORBIDDEN,
            f"Refused: a {joined(sites)} request. If you followed a link, type the address instead.",
        )
    return None


def method_refusal(scope: Scope, headers: Headers) -> Refusal | None:
    """Refuse a request that a form or link of another site could make, or a change by its address alone."""
    if scope["method"] not in METHODS:
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"Refused: this server answers {', '.join(METHODS)} only.")
    if scope["method"] == "POST" and [media_type(value) for value in headers.getlist("content-type")] != [JSON]:
        return Refusal(HTTPStatus.FORBIDDEN, f"Refused: a POST must carry Content-Type {JSON}.")
    return graphql_refusal(scope) if scope["path"].rstrip("/").endswith("/graphql") else None


def graphql_refusal(scope: Scope) -> Refusal | None:
    """Refuse GraphQL anywhere but in the body of a POST."""
    if scope["method"] != "POST":
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"Refused: GraphQL is asked by POST with {JSON}, never by GET.")
    parameters = {name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    if not parameters <= QUERY_PARAMETERS:
        return Refusal(
            HTTPStatus.FORBIDDEN, "Refused: GraphQL stands in the body of the request, never in the query string."
        )
    return None


def media_type(value: str) -> str:
    """A Content-Type without its parameters, which a page can choose freely."""
    return value.partition(";")[0].strip().lower()


def joined(values: list[str]) -> str:
    """Header values as they were sent, or ``(none)``."""
    return ", ".join(values) if values else "(none)"
