"""The platform's own pages behind the UI's guard: the sites of releases, checks of runs, answers to senders; read only.

Here: an ASGI middleware that answers below ``/pages/`` and ``/site/``, and the lists of pages. Not here: who may ask
(``web_guard``), what a page shows (``quality``, ``submissions``, ``report.site``), and which file may be read
(``storage``).
"""

from __future__ import annotations

import html
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from dti_platform.glossary import terms
from dti_platform.orchestration.links import ANSWERS, CHECKS, PAGES, SITE
from dti_platform.pages import render

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dti_platform.storage import Store

METHODS = ("GET", "HEAD")
#: A page's name below its folder: plain letters alone, no hidden file, no way up.
NAME = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
INDEX = "index.html"
HTML = "text/html"
#: Nothing is loaded or run, nothing is sent, and no page frames it.
BOUNDS = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
POLICY = f"default-src 'none'; style-src 'unsafe-inline'; {BOUNDS}"
#: A page of a site loads its own style and script, and images; it asks the UI nothing.
SITE_POLICY = f"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; {BOUNDS}"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
#: What the files of a site are, by the ends of their names; no other is served.
SITE_TYPES = {
    "html": HTML,
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "cff": "application/yaml",
    "csv": "text/csv",
    "xml": "application/xml",
    "parquet": "application/vnd.apache.parquet",
}
#: In the head of each page: what it says of itself.
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
DESCRIPTION = re.compile(r'<meta name="description" content="(.*?)">', re.DOTALL)
WORDS = terms("pages_words")


class WebPages:
    """Answers what is asked below ``/pages/`` and ``/site/``; everything else is the app's."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        """Stand in front of an app.

        Args:
            app: the ASGI app that gets everything else.
            store: the data root whose pages and sites are served.
        """
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a page, or hand over."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith((PAGES, SITE)):
            await self.app(scope, receive, send)
        elif scope["method"] not in METHODS:
            refused = PlainTextResponse("Refused: pages are read only.\n", HTTPStatus.METHOD_NOT_ALLOWED, headers())
            await refused(scope, receive, send)
        else:
            response = await run_in_threadpool(self.response, scope["path"])
            await response(scope, receive, send)

    def response(self, path: str) -> Response:
        """The page of an address, or that there is none."""
        return self.of_site(path) if f"{path}/".startswith(SITE) else self.of_pages(path)

    def of_pages(self, path: str) -> Response:
        """A report, an answer or a list of them."""
        if path in (PAGES, PAGES.rstrip("/")):
            return page(render_list(title=WORDS["title"].both, pages=[
                (SITE, WORDS["site"].both, ""),
                (CHECKS, WORDS["checks"].both, ""), (ANSWERS, WORDS["answers"].both, ""),
            ]))  # fmt: skip
        if f"{path}/" in (CHECKS, ANSWERS):
            return RedirectResponse(f"{path}/")
        if path == CHECKS:
            return page(render_list(title=WORDS["checks"].both, pages=self.reports()))
        for folder, read in ((CHECKS, self.store.check_reports.read), (ANSWERS, self.store.answers().file)):
            name = path.removeprefix(folder) + (INDEX if path.endswith("/") else "")
            kind = media_type(name)
            if path.startswith(folder) and NAME.fullmatch(name) and kind and (content := read(name)) is not None:
                return page(content, kind)
        if path == ANSWERS:
            return page(render_list(title=WORDS["answers"].both, pages=[]))
        there = [(PAGES, WORDS["title"].both, "")]
        return page(render_list(title=WORDS["gone"].both, pages=there), status=HTTPStatus.NOT_FOUND)

    def of_site(self, path: str) -> Response:
        """A file of the newest site, or below a release's name of that release's."""
        kept = self.store.sites.names()
        name = path.removeprefix(SITE)
        if path == SITE.rstrip("/") or name in kept:
            return RedirectResponse(f"{path}/")
        if not kept:
            return page(render_list(title=WORDS["no_site"].both, pages=[]), status=HTTPStatus.NOT_FOUND)
        release, _, below = name.partition("/")
        release, name = (release, below) if release in kept else (kept[-1], name)
        name += INDEX if path.endswith("/") else ""
        kind = SITE_TYPES.get(name.rpartition(".")[2])
        if NAME.fullmatch(name) and kind and (content := self.store.sites.read(release, name)) is not None:
            return page(content, kind, policy=SITE_POLICY)
        sites = [(f"{SITE}{each}/", each, "") for each in reversed(kept)]
        return page(render_list(title=WORDS["not_in_site"].both, pages=sites), status=HTTPStatus.NOT_FOUND)

    def reports(self) -> list[tuple[str, str, str]]:
        """Address, title and summary of each report of checks, the newest first."""
        read = ((name, self.store.check_reports.read(name)) for name in self.store.check_reports.names())
        return [(name, *described(content.decode(errors="replace"))) for name, content in read if content is not None]


def page(content: str | bytes, kind: str = HTML, status: int = HTTPStatus.OK, policy: str = POLICY) -> Response:
    """A response; only a page opens in the browser, other forms are saved."""
    saved = {} if kind.startswith("text/") or kind == "application/json" else {"Content-Disposition": "attachment"}
    return Response(content, status, headers(policy) | saved, kind)


def headers(policy: str = POLICY) -> dict[str, str]:
    """What goes with every response, and what its page may load."""
    return {"Content-Security-Policy": policy, **HEADERS}


def render_list(title: str, pages: list[tuple[str, str, str]]) -> str:
    """A list of pages as a page."""
    return render("orchestration/pages.html.j2", title=title, pages=pages, empty=WORDS["none"])


def described(text: str) -> tuple[str, str]:
    """The title and the description that a page gives itself; empty where it has none."""
    found = (pattern.search(text) for pattern in (TITLE, DESCRIPTION))
    title, description = (html.unescape(each[1]) if each else "" for each in found)
    return title, description


def media_type(name: str) -> str | None:
    """What a file of this name is; None: it is no page, and no form of an answer."""
    from dti_platform.submissions.forms import discover

    if (form := discover().get(name.rpartition("/")[2])) is not None:
        return form.FORM.media_type
    return {"html": HTML, "json": "application/json"}.get(name.rpartition(".")[2])
