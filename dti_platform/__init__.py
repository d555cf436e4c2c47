"""The DTI platform: feeds in, a defended ranking out.

Read the rooms in the order of the flow: ``reading``, ``feeds``, ``methodology``, ``publications``,
``quality``, ``storage``, ``pipeline``, ``orchestration``; ``tables`` and ``units`` are their shared words.

For readers of what was released there is ``open_release``; it costs nothing until it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from dti_platform.storage import OpenRelease

__all__ = ["__version__", "open_release"]
__version__ = "0.3.0"


def open_release(
    data: Path | str | None = None, release: str | None = None, as_of: date | str | None = None
) -> OpenRelease:
    """A release to read from: ``open_release().table("province_ranking")`` gives a Polars frame.

    Illustrative rows lie apart: ``table("illustrative/province_ranking")`` gives them. No row is given before the
    file's sha256 was checked against the ledger.

    Args:
        data: the data root (default: DTI_DATA, else ``data`` of the project).
        release: a release by its name or number (default: the newest).
        as_of: instead, the newest that was published on or before this day in Vietnam, such as ``2026-11-24``.

    Raises:
        ValueError: both a release and a day are given, or ``as_of`` is not a day.
        dti_platform.storage.Missing: there is no such release.
    """
    from datetime import date

    from dti_platform.storage import Store

    if release is not None and as_of is not None:
        raise ValueError("say which release or as of which day, not both")
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    store = Store(data) if data is not None else Store.from_environment()
    return store.releases.open(release, as_of=day)
