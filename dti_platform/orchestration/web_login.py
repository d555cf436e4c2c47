"""Which user name is trusted: an ASGI middleware in front of everything that the webserver serves.

Here: the proxy that checks logins identifies itself by a secret; without a secret no user name is accepted. Not here:
the login itself (nginx, see ``deploy/nginx``), requests of pages of other sites (``web_guard``), and where the name is
recorded (``attribution``).
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

from dti_platform.orchestration.attribution import HEADER
from dti_platform.orchestration.web_guard import POLICY_VIOLATION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: The header with the proxy's secret.
TOKEN = "X-Proxy-Token"  # noqa: S105 - a header's name
REFUSED = "Refused: log in at the address of this platform; this port answers its proxy alone."


class Login:
    """Passes the requests of the proxy, where there is one; removes user names from any other source."""

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        """Wrap an app.

        Args:
            app: the ASGI app that gets the allowed requests.
            token: the secret of the proxy; empty: there is no proxy, and every request is passed without a user name.
        """
        self.app = app
        self.token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the app, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        token = headers.get(TOKEN, "")
        del headers[TOKEN]
        if not self.token:
            del headers[HEADER]
        elif not secrets.compare_digest(token.encode(), self.token):
            await refuse(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the reason; a WebSocket is closed, because no text of it would be shown."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await PlainTextResponse(f"{REFUSED}\n", HTTPStatus.FORBIDDEN)(scope, receive, send)
