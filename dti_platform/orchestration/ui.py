"""``dagster dev`` with the guarded webserver: ``python -m dti_platform.orchestration.ui``, options as Dagster's.

Dagster starts, watches and ends code server, webserver and daemon; only the webserver's module is another.
Here: that exchange. Not here: the guard (``web_guard``), and how it is put around the app (``webserver``).
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

#: What ``dagster dev`` starts with ``python -m`` -> what is started instead, in a process of its own.
INSTEAD = {"dagster_webserver": "dti_platform.orchestration.webserver", "dagster._daemon": "dagster._daemon"}
#: The function by which it starts them. Read when this module loads: without it, nothing is ever served.
SEAM = "open_ipc_subprocess"
start_as_asked = vars(dev)[SEAM]


class UnknownProcess(Exception):
    """``dagster dev`` starts something that may be an unguarded webserver."""


def start(command: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
    """Start a process of ``dagster dev``, the webserver behind the guard.

    Raises:
        UnknownProcess: the command is none that this version of Dagster is known to start.
    """
    python, flag, module, *arguments = command
    if flag != "-m" or module not in INSTEAD:
        raise UnknownProcess(f"dagster dev starts {module!r}: see whether it serves the UI, then name it in {__file__}")
    return start_as_asked([python, flag, INSTEAD[module], *arguments], **options)


def unblock() -> None:
    """End the runs of killed processes, for which the queue would wait; a data root out of order is said so.

    Raises:
        SystemExit: the history of runs can't be opened, without which there is no UI.
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

    A shell has its background jobs ignore interrupts; Dagster would then ignore SIGTERM, too, and never end.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unblock()
    setattr(dev, SEAM, start)
    dev.dev_command()


if __name__ == "__main__":
    main()
