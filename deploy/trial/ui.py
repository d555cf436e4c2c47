"""What a browser asks of the UI through nginx: GraphQL over TLS, with a login."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.trial.host import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deploy.trial.rendered import Place

LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on UnauthorizedError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
RUNS = "query Runs { runsOrError { __typename ... on Runs { results { runId status startTime tags { key value } } } } }"
LOCATIONS = """
query Locations {
  workspaceOrError {
    ... on Workspace { locationEntries { name locationOrLoadError { __typename ... on PythonError { message } } } }
  }
  instance { daemonHealth { allDaemonStatuses { daemonType healthy required } } }
}
"""
SELECTOR = {"repositoryLocationName": "dti_platform", "repositoryName": "__repository__"}


@dataclass(frozen=True)
class Browser:
    """Somebody at the address of nginx.

    Attributes:
        place: the deployment.
        name: who logs in; None: nobody does.
    """

    place: Place
    name: str | None = None

    def open(self, path: str, body: object = None) -> tuple[int, bytes]:
        """Status and content of an answer; 0 where none came."""
        own = f"https://localhost:{self.place.https}"
        request = urllib.request.Request(own + path, json.dumps(body).encode() if body else None)
        request.add_header("Origin", own)
        request.add_header("X-Forwarded-User", "somebody else")
        if body:
            request.add_header("Content-Type", "application/json")
        if self.name:
            login = base64.b64encode(f"{self.name}:{PEOPLE[self.name]}".encode()).decode()
            request.add_header("Authorization", f"Basic {login}")
        trusted = ssl.create_default_context(cafile=str(self.place.root / "nginx/certificate.pem"))
        try:
            with urllib.request.urlopen(request, timeout=60, context=trusted) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def ask(self, query: str, **variables: object) -> dict[str, Any] | None:
        """The data of an answer; None while the UI is not up."""
        status, content = self.open("/graphql", {"query": query, "variables": variables})
        return json.loads(content).get("data") if status == 200 else None

    def is_ready(self) -> bool:
        """Whether the code is loaded and every daemon is at work."""
        said = self.ask(LOCATIONS)
        if not said:
            return False
        entries = said["workspaceOrError"].get("locationEntries", [])
        loaded = [(each["locationOrLoadError"] or {}).get("__typename") for each in entries]
        daemons = said["instance"]["daemonHealth"]["allDaemonStatuses"]
        return loaded == ["RepositoryLocation"] and all(each["healthy"] for each in daemons if each["required"])

    def runs(self) -> list[dict[str, Any]] | None:
        """Every run, the newest first, its tags as a mapping."""
        said = self.ask(RUNS)
        if not said or said["runsOrError"]["__typename"] != "Runs":
            return None
        results = said["runsOrError"]["results"]
        return [each | {"tags": {tag["key"]: tag["value"] for tag in each["tags"]}} for each in results]

    def launch(self, config: Mapping[str, object], assets: Sequence[str] = ()) -> dict[str, Any] | None:
        """The main job, or some of its assets, as the launchpad launches it."""
        chosen = {"assetSelection": [{"path": [each]} for each in assets]} if assets else {}
        selector = SELECTOR | {"jobName": "dti_main"} | chosen
        said = self.ask(LAUNCH, params={"selector": selector, "runConfigData": config, "mode": "default"})
        return said and said["launchRun"]
