"""The candidate: a release that is made and checked, and that nobody has published yet; readers don't see it.

Here: keeping it, and knowing which one stands. Not here: what is in it, and whether it may still be published
(``pipeline``).

Its files lie in ``candidate/<name>``, named as it would be released on schedule. They are written before the entry
``candidate`` of the ledger that names each by its sha256: killed before the entry, the folder is a stray. It stands
until another candidate or a release follows it in the ledger, or until its files are removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dti_platform.storage import files
from dti_platform.storage.accounts import account
from dti_platform.storage.objects import LocalObjects, Objects
from dti_platform.storage.release import OpenRelease, faults_of
from dti_platform.storage.releases import name_of

if TYPE_CHECKING:
    from dti_platform.storage.ledger import Entry, Ledger
    from dti_platform.storage.package import Draft


@dataclass(frozen=True, slots=True)
class Candidate:
    """What waits to be published, as the ledger records it.

    Attributes:
        name: as it would be released on schedule: number and short hash of content.
        content: sha256 of all that it says.
        files: sha256 of each of its files.
        record: what it was made from, as its maker gave it.
        path: where it lies.
        entry: the ledger's entry that records it.
    """

    name: str
    content: str
    files: Mapping[str, str]
    record: Mapping[str, Any]
    path: Path
    entry: Entry

    def open(self) -> OpenRelease:
        """It, to read from as from a release; what lies beside its tables, too."""
        return OpenRelease(self.name, self.path, self.files)

    def faults(self) -> list[str]:
        """Every way in which its folder is not what was left there."""
        return faults_of(self.path, self.files)


class Candidates:
    """The one candidate of a data root, if there is one."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder = folder
        self._objects: Objects = LocalObjects(folder)
        self._ledger = ledger

    def begin(self, number: int, draft: Draft) -> OpenRelease:
        """Writes the tables of a candidate, which does not stand yet.

        Args:
            number: the number of the release that it would be.
            draft: the release.
        """
        name = name_of(number, draft.content)
        return OpenRelease(name, self.folder / name, self._write(name, draft.finish(name)))

    def leave(
        self, begun: OpenRelease, content: str, beside: Mapping[str, bytes], record: Mapping[str, object]
    ) -> Candidate:
        """Lets a candidate stand in the place of the one before; the same one again leaves no entry.

        Args:
            begun: its tables.
            content: sha256 of all that it says.
            beside: what else lies with it, by name.
            record: what it was made from.
        """
        hashes = {**begun.files, **self._write(begun.name, beside)}
        body = {"candidate": begun.name, "content": content, "files": hashes, "record": dict(record)}
        last = self._last()
        if last is None or _without_run(last.body) != _without_run(body):
            last = self._ledger.append("candidate", body | {"by": account()})
        self._remove(but=begun.name)
        return self._recorded(last)

    def standing(self) -> Candidate | None:
        """The candidate that waits to be published; its bytes are checked when they are read."""
        entry = self._last()
        candidate = entry and self._recorded(entry)
        return candidate if candidate and candidate.path.is_dir() else None

    def clear(self) -> None:
        """Lets the candidate go: it was published, or there is nothing to publish any more."""
        self._remove()

    def _last(self) -> Entry | None:
        """The entry of the last candidate, unless a release follows it."""
        entries = [entry for entry in self._ledger.entries() if entry.kind in ("candidate", "release")]
        return entries[-1] if entries and entries[-1].kind == "candidate" else None

    def _recorded(self, entry: Entry) -> Candidate:
        body = entry.body
        name = body["candidate"]
        return Candidate(name, body["content"], body["files"], body["record"], self.folder / name, entry)

    def _write(self, name: str, contents: Mapping[str, bytes]) -> dict[str, str]:
        """Writes files of a candidate; returns the sha256 of each."""
        self._objects.put({f"{name}/{file}": content for file, content in contents.items()})
        return {file: files.digest(content) for file, content in contents.items()}

    def _remove(self, but: str = "") -> None:
        """Removes all candidates but one."""
        names = {key.partition("/")[0] for key in self._objects.list()}
        self._objects.delete(f"{name}/" for name in sorted(names - {but}))


def _without_run(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a candidate is, whatever run left it."""
    record = {name: value for name, value in body["record"].items() if name != "run"}
    return {**{name: value for name, value in body.items() if name != "by"}, "record": record}
