"""Dagster's webserver behind the guard: ``python -m dti_platform.orchestration.webserver``, with Dagster's options.

Here: wrapping the webserver's app. Not here: what the guard refuses (``web_guard``), which user name is trusted
(``web_login``), the platform's own pages (``web_pages``), and the other processes of the UI (``ui``).
"""

from __future__ import annotations

from dagster_webserver import cli

from dti_platform.orchestration.web_guard import LOOPBACK, WebGuard
from dti_platform.orchestration.web_login import Login
from dti_platform.orchestration.web_pages import WebPages
from dti_platform.settings import Settings
from dti_platform.storage import Store

#: Dagster's function that creates the app. Looked up on import, so that nothing is served where Dagster has renamed it.
SEAM = "create_app_from_workspace_process_context"
create_unguarded_app = vars(cli)[SEAM]


def create_guarded_app(*context: object, **options: object) -> Login:
    """The webserver's app and the platform's pages, guarded; the arguments are those of Dagster's function."""
    settings = Settings()
    bound_host = f"[{settings.ui_host}]" if ":" in settings.ui_host else settings.ui_host
    app = WebPages(create_unguarded_app(*context, **options), Store.from_environment())
    guard = WebGuard(app, names=(*LOOPBACK, bound_host), hosts=settings.ui_hosts.replace(",", " ").split())
    return Login(guard, settings.proxy_token.get_secret_value())


def main() -> None:
    """Serve until interrupted."""
    setattr(cli, SEAM, create_guarded_app)
    cli.main()


if __name__ == "__main__":
    main()
