"""Dagster's webserver behind the guard: ``python -m dti_platform.orchestration.webserver``, options as Dagster's.

Here: what is put around the webserver's app. Not here: what the guard refuses (``web_guard``), whose name is
believed (``web_login``), the platform's own pages (``web_pages``), and the processes beside it (``ui``).
"""

from __future__ import annotations

from dagster_webserver import cli

from dti_platform.orchestration.web_guard import LOOPBACK, WebGuard
from dti_platform.orchestration.web_login import Login
from dti_platform.orchestration.web_pages import WebPages
from dti_platform.settings import Settings
from dti_platform.storage import Store

#: The function of Dagster's that makes the app. Read when this module loads: without it, nothing is ever served.
SEAM = "create_app_from_workspace_process_context"
unguarded = vars(cli)[SEAM]


def guarded(*context: object, **options: object) -> Login:
    """The webserver's app and the platform's pages, guarded; arguments are those of Dagster's own function."""
    settings = Settings()
    bound = f"[{settings.ui_host}]" if ":" in settings.ui_host else settings.ui_host
    app = WebPages(unguarded(*context, **options), Store.from_environment())
    guard = WebGuard(app, names=(*LOOPBACK, bound), hosts=settings.ui_hosts.replace(",", " ").split())
    return Login(guard, settings.proxy_token.get_secret_value())


def main() -> None:
    """Serve until interrupted."""
    setattr(cli, SEAM, guarded)
    cli.main()


if __name__ == "__main__":
    main()
