"""Telling people once a cause, whoever looks: the sensor, a run of the command line, ``dti doctor --alert``.

What was told stands in the data root by cause and channel: so a restart tells nothing twice, and a mail server that was
down is asked again at the next look. A cause that is over is forgotten an hour later: one that comes and goes within it
is told once. Where the data root takes nothing (closed, full, gone), it stands outside, and a data root that is closed
is the only cause: what can't be asked then is neither new nor over. Here: that. Not here: the causes, nor the channels.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dti_platform.operations import causes
from dti_platform.operations.channels import NOT_SENT, configured, faults, reason
from dti_platform.operations.health import UNREADABLE, Finding, public_functions
from dti_platform.storage import Locked, WriteFailed
from dti_platform.storage.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from dti_platform.operations.alert import Alert
    from dti_platform.operations.channels import Channel
    from dti_platform.operations.health import Place

#: Under which name what was told is kept: by cause, the channels, and since when it is over.
NAME = "told"
#: Under which name it is kept by which way the last alert could not be sent, and why.
NOT_DELIVERED = "not_delivered"
#: How long a cause that is over is remembered.
FORGOTTEN = timedelta(hours=1)
#: Functions of ``causes`` that make no alerts of their own.
_NOT_CAUSES = ("of_health", "link")
#: Seconds to wait for another process that tells.
WAIT = 30
#: What is raised where a data root takes nothing.
NOT_TAKEN = (WriteFailed, PermissionError)
#: The kind of the cause beside which there is no other.
CLOSED = causes.data_root.__name__


def kinds() -> list[str]:
    """The questions of ``causes``."""
    return [name for name in public_functions(causes) if name not in _NOT_CAUSES]


def standing(place: Place) -> list[Alert]:
    """Everything that people should know now; a question that can't be answered is told itself."""
    return [alert for kind in kinds() for alert in _of(kind, place)]


def _of(kind: str, place: Place) -> Iterator[Alert]:
    try:
        yield from getattr(causes, kind)(place)
    except UNREADABLE as error:
        yield causes.of_health(
            kind, Finding("broken", str(error) or repr(error), "`./dti doctor` names what is broken")
        )


def tell(place: Place, alerts: Iterable[Alert], asked: Collection[str]) -> list[str]:
    """Tells what was not told yet; a failing server fails nothing else.

    Args:
        place: data root, settings and time.
        alerts: all that stand, of the kinds that were asked.
        asked: these kinds: of them, what is not among the alerts is over.

    Returns:
        What could not be told, in a sentence each.
    """
    channels = configured(place.settings)
    if not channels:
        return []
    if wrong := faults(place.settings):
        return [f"alerts are not sent: {'; '.join(wrong)}"]
    named = {each.cause: each for each in alerts}
    if closed := {cause: each for cause, each in named.items() if each.kind == CLOSED}:
        return _tell(place, closed, [CLOSED], channels)
    try:
        with place.store.lock("alerts", "alerts", wait=WAIT):
            return _tell(place, named, asked, channels)
    except Locked as error:
        return [f"alerts are not sent: {error}"]
    except NOT_TAKEN:  # what takes no lock, a full disk, is just what is to be told
        return _tell(place, named, asked, channels)


def _tell(place: Place, alerts: dict[str, Alert], asked: Collection[str], channels: Sequence[Channel]) -> list[str]:
    before = place.store.notes.read(NAME) | _outside(place).read(NAME)
    told = {cause: known for cause, known in before.items() if not _is_forgotten(known, place.now)}
    for cause, known in told.items():
        if cause in alerts:
            told[cause] = {"by": known["by"]}
        elif cause.partition(" ")[0] in asked and "over" not in known:
            told[cause] = {**known, "over": place.now.isoformat()}
    failed: dict[str, str] = {}
    for channel in channels:
        new = [each for cause, each in alerts.items() if channel.name not in told.get(cause, {"by": []})["by"]]
        if not new:
            continue
        try:
            channel.send(new, place.now)
        except NOT_SENT as error:
            why = reason(error)
            failed[channel.name] = (
                f"{len(new)} alerts could not be sent by {channel.name} ({why}); they will be sent again"
            )
        else:
            for each in new:
                told[each.cause] = {"by": [*told.get(each.cause, {"by": []})["by"], channel.name]}
            _remember(place, told)  # before the next channel: killed there, this one tells nothing twice
        _note_delivery(place, channel.name, failed.get(channel.name))
    if told != before:
        _remember(place, told)
    return [*failed.values()]


def _note_delivery(place: Place, channel: str, fault: str | None) -> None:
    """Keeps for the check of alerts that a way failed, or forgets it once that way takes alerts again."""
    before = place.store.notes.read(NOT_DELIVERED)
    others = {name: why for name, why in before.items() if name != channel}
    if (now := others | ({channel: fault} if fault else {})) != before:
        with suppress(*NOT_TAKEN, FileNotFoundError):  # then the next look keeps it
            place.store.root.lstat()
            place.store.notes.keep(NOT_DELIVERED, now)


def _remember(place: Place, told: dict[str, Any]) -> None:
    outside = _outside(place)
    try:
        place.store.root.lstat()  # one that is gone is not made anew, nothing then names it
        place.store.notes.keep(NAME, told)
    except (*NOT_TAKEN, FileNotFoundError):
        with suppress(*NOT_TAKEN):  # then this process remembers it
            outside.keep(NAME, told)
    else:
        if outside.read(NAME):
            outside.keep(NAME, {})


def _outside(place: Place) -> Notes:
    """What is remembered outside the data root as long as that takes nothing: until the next boot under systemd."""
    return Notes(Path(os.environ.get("RUNTIME_DIRECTORY") or place.home or os.devnull))


def _is_forgotten(known: dict[str, str], now: datetime) -> bool:
    return "over" in known and now - datetime.fromisoformat(known["over"]) > FORGOTTEN
