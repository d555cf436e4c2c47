"""The Data Docs of a run: the answers of every suite so far, as one page that the UI links to.

Here: gathering answers by run. Not here: how they look (``quality.check_page``), nor where pages are kept
(``storage``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dti_platform import quality

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from dti_platform.storage import Store


class Docs:
    """One page for a run, written anew with each table's answers, so that a run that stops leaves its page too."""

    def __init__(self, store: Store, waivers: Iterable[quality.Waiver], today: dt.date) -> None:
        """Waivers that have expired by today are said aloud on the page."""
        self._store = store
        self._late = quality.expired(waivers, today)
        self._paths: dict[str, Path] = {}
        self._answers: dict[str, dict[str, list[quality.CheckResult]]] = {}

    def add(self, run_id: str, table: str, results: list[quality.CheckResult]) -> Path:
        """Takes in the answers of a table; says where the page lies."""
        path = self._paths.setdefault(run_id, self._store.pages.begin(run_id))
        answers = self._answers.setdefault(run_id, {})
        answers[table] = results
        every = [each for found in answers.values() for each in found]
        self._store.pages.write(path, quality.check_page(every, title=f"DTI · {run_id}", expired=self._late))
        return path
