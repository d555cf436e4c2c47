"""The platform's own pages behind the UI's guard: the sites of releases, checks of runs, answers to senders; read only.

Here: an ASGI middleware that serves ``/pages/`` and ``/site/``, and the lists of pages. Not here: which requests are
allowed (``web_guard``), what a page shows (``quality``, ``submissions``, ``report.site``), and which file may be read
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
#: A page's path below its folder: ASCII letters, digits and ``_-.`` only, no hidden file, no ``..``.
NAME = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
INDEX = "index.html"
HTML = "text/html"
#: A page sends no form, and no other page frames it.
BOUNDS = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
POLICY = f"default-src 'none'; style-src 'unsafe-inline'; {BOUNDS}"
#: A page of a site loads its own style, script and images; it sends no requests to the UI.
SITE_POLICY = f"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; {BOUNDS}"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
#: The media types of the files of a site, by file extension; no others are served.
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
#: The title and the description in the head of a page.
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
DESCRIPTION = re.compile(r'<meta name="description" content="(.*?)">', re.DOTALL)
WORDS = terms("pages_words")


class WebPages:
    """Serves ``/pages/`` and ``/site/``; passes every other request to the app."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        """Wrap an app.

        Args:
            app: the ASGI app that gets everything else.
            store: the data root whose pages and sites are served.
        """
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a page, or pass the request to the app."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith((PAGES, SITE)):
            await self.app(scope, receive, send)
        elif scope["method"] not in METHODS:
            refused = PlainTextResponse("Refused: pages are read only.\n", HTTPStatus.METHOD_NOT_ALLOWED, headers())
            await refused(scope, receive, send)
        else:
            response = await run_in_threadpool(self.response, scope["path"])
            await response(scope, receive, send)

    def response(self, path: str) -> Response:
        """The page of an address, or a page that says there is none."""
        return self.site_response(path) if f"{path}/".startswith(SITE) else self.page_response(path)

    def page_response(self, path: str) -> Response:
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
        links = [(PAGES, WORDS["title"].both, "")]
        return page(render_list(title=WORDS["gone"].both, pages=links), status=HTTPStatus.NOT_FOUND)

    def site_response(self, path: str) -> Response:
        """A file of the newest site; below a release's name, of the site of that release."""
        releases = self.store.sites.names()
        name = path.removeprefix(SITE)
        if path == SITE.rstrip("/") or name in releases:
            return RedirectResponse(f"{path}/")
        if not releases:
            return page(render_list(title=WORDS["no_site"].both, pages=[]), status=HTTPStatus.NOT_FOUND)
        release, _, rest = name.partition("/")
        release, name = (release, rest) if release in releases else (releases[-1], name)
        name += INDEX if path.endswith("/") else ""
        kind = SITE_TYPES.get(name.rpartition(".")[2])
        if NAME.fullmatch(name) and kind and (content := self.store.sites.read(release, name)) is not None:
            return page(content, kind, policy=SITE_POLICY)
        sites = [(f"{SITE}{release}/", release, "") for release in reversed(releases)]
        return page(render_list(title=WORDS["not_in_site"].both, pages=sites), status=HTTPStatus.NOT_FOUND)

    def reports(self) -> list[tuple[str, str, str]]:
        """Address, title and summary of each report of checks, the newest first."""
        reports = ((name, self.store.check_reports.read(name)) for name in self.store.check_reports.names())
        return [
            (name, *title_and_description(report.decode(errors="replace")))
            for name, report in reports
            if report is not None
        ]


def page(content: str | bytes, kind: str = HTML, status: int = HTTPStatus.OK, policy: str = POLICY) -> Response:
    """A response; text and JSON open in the browser, other files are saved."""
    saved = {} if kind.startswith("text/") or kind == "application/json" else {"Content-Disposition": "attachment"}
    return Response(content, status, headers(policy) | saved, kind)


def headers(policy: str = POLICY) -> dict[str, str]:
    """The headers of every response, with the policy of what its page may load."""
    return {"Content-Security-Policy": policy, **HEADERS}


def render_list(title: str, pages: list[tuple[str, str, str]]) -> str:
    """A page that lists pages: address, title and summary of each."""
    return render("orchestration/pages.html.j2", title=title, pages=pages, empty=WORDS["none"])


def title_and_description(source: str) -> tuple[str, str]:
    """The title and the description in the head of a page; empty where it has none."""
    matches = (pattern.search(source) for pattern in (TITLE, DESCRIPTION))
    title, description = (html.unescape(match[1]) if match else "" for match in matches)
    return title, description


def media_type(name: str) -> str | None:
    """The media type of a file of this name; None: it is neither a page nor a form of an answer."""
    from dti_platform.submissions.forms import discover

    if (form := discover().get(name.rpartition("/")[2])) is not None:
        return form.FORM.media_type
    return {"html": HTML, "json": "application/json"}.get(name.rpartition(".")[2])
