"""Checks of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import settings
from dti_platform.operations import channels
from dti_platform.operations.health import Finding, not_asked, ok

if TYPE_CHECKING:
    from dti_platform.operations.health import Place


def setting(_: Place) -> Finding:
    """Every DTI_* variable is a setting, with a value that it takes."""
    if faults := settings.faults():
        return Finding("broken", "; ".join(faults), "correct or remove it; `./dti dev config` lists the settings")
    if strange := settings.strange():
        about = f"no setting is called {', '.join(strange)}, so it has no effect"
        return Finding("warning", about, "correct its name or remove it; `./dti dev config` lists the settings")
    return ok("every DTI_* variable is a setting")


def alerts(place: Place) -> Finding:
    """What is needed to send alerts is there, where any are asked for."""
    if faults := channels.faults(place.settings):
        return Finding("broken", "; ".join(faults), "complete the DTI_ALERT_* settings, or remove them")
    names = [each.name for each in channels.configured(place.settings)]
    return ok(f"alerts go by {' and '.join(names)}") if names else not_asked("no alerts are configured (DTI_ALERT_*)")
