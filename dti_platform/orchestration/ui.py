"""``dagster dev`` with the guarded webserver: ``python -m dti_platform.orchestration.ui``, with Dagster's options.

Dagster starts, monitors and stops code server, webserver and daemon; only the webserver's module is replaced.
Here: that replacement. Not here: the guard (``web_guard``), and how it wraps the app (``webserver``).
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

from dagster._cli import dev

from dti_platform.language import shown
from dti_platform.orchestration import liveness
from dti_platform.orchestration.liveness import instance
from dti_platform.storage import StorageError, Store

#: The module that ``dagster dev`` starts with ``python -m`` -> the module that is started instead.
REPLACEMENTS = {"dagster_webserver": "dti_platform.orchestration.webserver", "dagster._daemon": "dagster._daemon"}
#: Dagster's function that starts them. Looked up on import, so that nothing is served where Dagster has renamed it.
SEAM = "open_ipc_subprocess"
open_original = vars(dev)[SEAM]


class UnknownProcess(Exception):
    """``dagster dev`` starts something that may be an unguarded webserver."""


def start(command: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
    """Start a process of ``dagster dev``; the webserver starts behind the guard.

    Raises:
        UnknownProcess: no known command of this version of ``dagster dev``.
    """
    python, flag, module, *arguments = command
    if flag != "-m" or module not in REPLACEMENTS:
        raise UnknownProcess(f"dagster dev starts {module!r}: see whether it serves the UI, then name it in {__file__}")
    return open_original([python, flag, REPLACEMENTS[module], *arguments], **options)


def unblock() -> None:
    """Mark the runs of killed processes as failed, which would block the queue; report a damaged data root.

    Raises:
        SystemExit: the history of runs can't be opened, which the UI needs.
    """
    try:
        with instance() as history:
            liveness.end_dead_runs(history, Store.from_environment())
    except liveness.NoHistory as error:
        sys.exit(shown(str(error)))
    except StorageError as error:
        sys.stderr.write(f"{shown(str(error))}\n")


def main() -> None:
    """Run the UI and the daemon until interrupted.

    Background jobs of a shell ignore interrupts; Dagster would then ignore SIGTERM, too, and never stop.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unblock()
    setattr(dev, SEAM, start)
    dev.dev_command()


if __name__ == "__main__":
    main()
