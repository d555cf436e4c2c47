"""The check of the UI from outside, as a browser reaches it."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dti_platform.operations.health import Finding, not_asked, ok

if TYPE_CHECKING:
    from dti_platform.operations.health import Place

SECONDS = 4
#: A certificate that ends in fewer days is broken, or warned of.
DAYS_BROKEN, DAYS_WARNED = 7, 30
#: By what the UI knows the proxy with the login (``orchestration.web_login``).
PROXY = "X-Proxy-Token"
#: A heartbeat comes every 30 seconds.
STALE_SECONDS = 180
#: What to do where it does not answer, and where it has not loaded our code.
UI = "start it: its services (`systemctl start dti-web dti-web-viewers`), or `./dti ui`"
CODE = "start the code server (`systemctl restart dti-code`), once what it names is corrected"
#: Its answer 200 says nothing: a location that can't be loaded is among what it answers.
QUESTION = """{
  workspaceOrError { __typename ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } }
  } } }
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy lastHeartbeatTime } } }
}"""


def web(place: Place) -> Finding:
    """The UI answers, has loaded every code location, and says that each daemon lives."""
    if place.url is None:
        return not_asked("no address of the UI is given (--url)")
    try:
        answer = _asked(place.url, place.settings.proxy_token.get_secret_value())
    except (OSError, ValueError) as error:
        return Finding("broken", f"{place.url}: the UI does not answer ({error})", UI)
    entries = answer["workspaceOrError"].get("locationEntries", [])
    for entry in entries:
        loaded = entry["locationOrLoadError"] or {"__typename": "nothing"}
        if loaded["__typename"] != "RepositoryLocation":
            why = str(loaded.get("message", entry["loadStatus"])).strip().splitlines()[-1]
            about = f"{place.url}: the code location {entry['name']} is not loaded: {why}"
            return Finding("broken", about, CODE)
    if not entries:
        return Finding("broken", f"{place.url}: the UI has no code location", "see workspace.yaml and its code server")
    statuses = answer["instance"]["daemonHealth"]["allDaemonStatuses"]
    dead = [each["daemonType"] for each in statuses if each["required"] and not _lives(each, place)]
    if dead and place.settings.daemon != "none":
        about = f"{place.url}: {', '.join(dead)} of the daemon does not live"
        return Finding("broken", about, "start the daemon: its service (`systemctl start dti-daemon`), or `./dti ui`")
    return ok(f"{place.url} has loaded {', '.join(entry['name'] for entry in entries)}")


def certificate(place: Place) -> Finding:
    """The certificate of the proxy is valid for some weeks."""
    if not (path := place.settings.certificate):
        return not_asked("no certificate is named (DTI_CERTIFICATE)")
    command = ["openssl", "x509", "-noout", "-enddate", "-in", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    fix = "put the new one in its place (docs/operations.md, Install), then `systemctl reload nginx`"
    if done.returncode:
        return Finding("broken", f"{path}: {done.stderr.strip().splitlines()[0]}", fix)
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(done.stdout.strip().partition("=")[2]), UTC)
    days = (end - place.now).days
    if end <= place.now:
        return Finding("broken", f"{path} expired on {end:%Y-%m-%d}: browsers refuse the UI", fix)
    about = f"{path} is valid until {end:%Y-%m-%d}: {days} days are left"
    if days < DAYS_BROKEN:
        return Finding("broken", about, fix)
    return Finding("warning", about, fix) if days < DAYS_WARNED else ok(about)


def _lives(daemon: dict[str, Any], place: Place) -> bool:
    """Whether a part of the daemon is healthy and spoke lately: Dagster itself waits for half an hour."""
    return daemon["healthy"] and place.now.timestamp() - (daemon["lastHeartbeatTime"] or 0) < STALE_SECONDS


def _asked(url: str, token: str) -> dict[str, Any]:
    """What the UI answers; no proxy is asked, for it is on this network, and the secret of the login leaves no host."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    is_here = urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
    body = json.dumps({"query": QUESTION}).encode()
    headers = {"Content-Type": "application/json"} | ({PROXY: token} if token and is_here else {})
    request = urllib.request.Request(f"{url.rstrip('/')}/graphql", body, headers)  # noqa: S310
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS) as response:
        answer = json.loads(response.read())
    if "data" not in answer:
        raise ValueError(f"GraphQL says {answer.get('errors')}")
    return answer["data"]
