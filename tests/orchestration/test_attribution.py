"""Whoever launches a run behind the login stands in its tags and in the ledger; nobody else's word counts."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import RemoteJobOrigin
from dagster._core.test_utils import create_run_for_test
from dagster._core.workspace.context import WorkspaceRequestContext

from dti_platform.orchestration import origin
from dti_platform.orchestration.attribution import HEADER, USER, AttributedRunCoordinator, launched_by
from dti_platform.orchestration.web_login import TOKEN, Login


def tags_after(headers: dict[str, str] | None, **tags: str) -> dict[str, str]:
    """The tags of a run that was submitted by a request with these headers; None: by the daemon."""
    with dg.DagsterInstance.ephemeral() as instance:
        run = create_run_for_test(instance, tags=tags, remote_job_origin=RemoteJobOrigin(origin.REPOSITORY, "any"))
        coordinator = AttributedRunCoordinator()
        coordinator.register_instance(instance)
        source = None if headers is None else SimpleNamespace(headers=headers)
        workspace = WorkspaceRequestContext(
            instance=instance,
            current_workspace=None,
            process_context=None,
            version=None,
            source=source,
            read_only=False,
        )
        coordinator.submit_run(dg.SubmitRunContext(run, workspace))
        return dict(instance.get_run_by_id(run.run_id).tags)


@pytest.mark.parametrize(
    ("headers", "given", "named"),
    [
        ({HEADER: "lan"}, {}, "lan"),
        ({HEADER: "lan"}, {USER: "the minister"}, "lan"),
        ({HEADER: "l\x1ban"}, {}, r"l\x1ban"),
        ({HEADER: "x" * 300}, {}, "x" * 200),
        ({}, {}, None),
        (None, {}, None),
        (None, {USER: "lan"}, "lan"),  # tried again by the daemon
    ],
)
def test_a_run_bears_the_name_of_whoever_logged_in(
    headers: dict[str, str] | None, given: dict[str, str], named: str | None
) -> None:
    assert launched_by(tags_after(headers, **given)) == named


def passed(token: str, headers: dict[str, str], kind: str = "http") -> dict[str, str] | str:
    """The headers that the app gets, or how it was refused."""
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append({name.decode(): value.decode() for name, value in scope["headers"]})

    async def send(message: dict[str, Any]) -> None:
        seen.append(str(message.get("status") or message["type"]))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(Login(app, token)({"type": kind, "headers": raw, "method": "GET"}, receive, send))
    return seen[0]


def test_a_name_is_believed_from_the_proxy_alone_and_its_secret_goes_no_further() -> None:
    from_the_proxy = {HEADER: "lan", TOKEN: "secret"}
    assert passed("secret", from_the_proxy) == {"x-forwarded-user": "lan"}
    assert passed("secret", {HEADER: "lan"}) == passed("secret", {HEADER: "lan", TOKEN: "guessed"}) == "403"
    assert passed("secret", {HEADER: "lan"}, kind="websocket") == "websocket.close"
    assert passed("", from_the_proxy) == {}
