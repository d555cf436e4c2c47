"""Checks of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import settings
from dti_platform.operations import channels
from dti_platform.operations.health import Finding, not_asked, ok
from dti_platform.operations.telling import NOT_DELIVERED

if TYPE_CHECKING:
    from dti_platform.operations.health import Place

#: What to do about an alert that could not be sent.
UNDELIVERED = "correct the server or DTI_ALERT_*; `./dti doctor --alert --within 60` sends again"


def setting(_: Place) -> Finding:
    """Every DTI_* variable is a setting, with a value that it takes."""
    if faults := settings.faults():
        return Finding("broken", "; ".join(faults), "correct or remove it; `./dti dev config` lists the settings")
    if strange := settings.strange():
        about = f"no setting is called {', '.join(strange)}, so it has no effect"
        return Finding("warning", about, "correct its name or remove it; `./dti dev config` lists the settings")
    return ok("every DTI_* variable is a setting")


def alerts(place: Place) -> Finding:
    """What is needed to send alerts is there, where any are asked for, and each way took the last one."""
    if faults := channels.faults(place.settings):
        return Finding("broken", "; ".join(faults), "complete the DTI_ALERT_* settings, or remove them")
    names = [each.name for each in channels.configured(place.settings)]
    if faults := [why for name, why in place.store.notes.read(NOT_DELIVERED).items() if name in names]:
        return Finding("broken", "; ".join(faults), UNDELIVERED)
    return ok(f"alerts go by {' and '.join(names)}") if names else not_asked("no alerts are configured (DTI_ALERT_*)")
