"""Whose name is believed: an ASGI middleware in front of everything that the webserver serves.

Here: a proxy that has checked a login proves by a secret that it is the proxy; without a secret nobody has a name. Not
here: the login itself (nginx, see ``deploy/nginx``), what a page of another site may ask (``web_guard``), and where the
name is written (``attribution``).
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

#: The header in which the proxy gives the secret.
TOKEN = "X-Proxy-Token"  # noqa: S105 - a header's name
REFUSED = "Refused: log in at the address of this platform; this port answers its proxy alone."


class Login:
    """Lets through what the proxy sends, where there is one; nothing else gives anybody a name."""

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        """Stand in front of an app.

        Args:
            app: the ASGI app that gets what is let through.
            token: the secret of the proxy; empty: there is none, and everybody on this machine is let through.
        """
        self.app = app
        self.token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the app, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        given = headers.get(TOKEN, "")
        del headers[TOKEN]
        if not self.token:
            del headers[HEADER]
        elif not secrets.compare_digest(given.encode(), self.token):
            await refuse(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Say where to go; an upgrade is closed, for which no text is shown."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await PlainTextResponse(f"{REFUSED}\n", HTTPStatus.FORBIDDEN)(scope, receive, send)
