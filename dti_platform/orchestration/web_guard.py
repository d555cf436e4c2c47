"""Who may speak to the UI: an ASGI middleware in front of Dagster's webserver, which has no login.

Here: which requests of a browser are let through, and the sentence that a refused one gets. Not here: the
webserver (``webserver``), and any question of who a person is.

The webserver checks neither Host nor Origin and runs mutations sent by GET: any page that a person opens could
start a run on this machine. What a browser says of itself is enough to tell such a page from the UI's own.
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

#: The names of this machine that no foreign name server can answer for.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
METHODS = ("GET", "HEAD", "POST")
ANSWERED = {"Allow": ", ".join(METHODS), "X-Content-Type-Options": "nosniff"}
OWN_SITE = {"same-origin", "none"}
#: The UI names the operation in the address of its POST, for logs; the webserver does not read it.
HARMLESS = {"op"}
JSON = "application/json"
HTTP_PORT = 80
#: WebSocket close code: the message violates the policy of the receiver (RFC 6455, 7.4.1).
POLICY_VIOLATION = 1008


class Refusal(NamedTuple):
    """Why a request is not let through: an HTTP status and a sentence."""

    status: int
    why: str


class WebGuard:
    """Lets through what the UI's own pages and programs on this machine ask; refuses all else in a plain sentence."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = LOOPBACK, hosts: Iterable[str] = ()) -> None:
        """Stand in front of an app.

        Args:
            app: the ASGI app that gets what is let through.
            names: host names that count with the port that is served.
            hosts: further values of Host as a browser sends them: ``dti.example.vn``, ``localhost:8080``.
        """
        self.app = app
        self.names = tuple(name.lower() for name in names)
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the app, or answer with the reason."""
        refusal = None if scope["type"] == "lifespan" else self.refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await PlainTextResponse(f"{refusal.why}\n", refusal.status, ANSWERED)(scope, receive, send)

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why this request or upgrade is not let through; None: it is."""
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        if len(named) != 1 or named[0].lower() not in self.allowed(scope):
            return Refusal(
                HTTPStatus.FORBIDDEN,
                f"Refused: Host {shown(named)} is not a name of this server; DTI_UI_HOSTS can add it.",
            )
        return of_site(headers, named[0].lower()) or (of_method(scope, headers) if scope["type"] == "http" else None)

    def allowed(self, scope: Scope) -> frozenset[str]:
        """Every value of Host that is let through at the port of this connection; a browser leaves out port 80."""
        _, port = scope.get("server") or (None, None)
        served = {f"{name}:{port}" for name in self.names}
        return self.hosts | served | (set(self.names) if port == HTTP_PORT else set())


def of_site(headers: Headers, host: str) -> Refusal | None:
    """A page of another site, by what the browser says of the page that asks."""
    origins = headers.getlist("origin")
    if any(each.lower() not in (f"http://{host}", f"https://{host}") for each in origins):
        return Refusal(
            HTTPStatus.FORBIDDEN,
            f"Refused: a page of {shown(origins)} may not speak to this server, only its own pages.",
        )
    sites = headers.getlist("sec-fetch-site")
    if not OWN_SITE.issuperset(sites):
        return Refusal(
            HTTPStatus.FORBIDDEN,
            f"Refused: a {shown(sites)} request. If you followed a link, type the address instead.",
        )
    return None


def of_method(scope: Scope, headers: Headers) -> Refusal | None:
    """A request that another site's form or link could make, or that would change something by its address."""
    if scope["method"] not in METHODS:
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"Refused: this server answers {', '.join(METHODS)} only.")
    if scope["method"] == "POST" and [media_type(each) for each in headers.getlist("content-type")] != [JSON]:
        return Refusal(HTTPStatus.FORBIDDEN, f"Refused: a POST must carry Content-Type {JSON}.")
    return of_graphql(scope) if scope["path"].rstrip("/").endswith("/graphql") else None


def of_graphql(scope: Scope) -> Refusal | None:
    """GraphQL by any other way than the body of a POST."""
    if scope["method"] != "POST":
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"Refused: GraphQL is asked by POST with {JSON}, never by GET.")
    given = {name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    if not given <= HARMLESS:
        return Refusal(
            HTTPStatus.FORBIDDEN, "Refused: GraphQL stands in the body of the request, never in the query string."
        )
    return None


def media_type(value: str) -> str:
    """A Content-Type without its parameters, which a page may choose freely."""
    return value.partition(";")[0].strip().lower()


def shown(values: list[str]) -> str:
    """Header values as they came, or that there was none."""
    return ", ".join(values) if values else "(none)"
