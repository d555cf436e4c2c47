"""All that storage needs of a place for bytes: a folder of this machine today, an object store's keys later.

Here: the protocol, and the folder. No object is moved, nothing points to one, and none is locked: what needs an order
is ordered by the ledger, whose entry is created or is not. Not here: how bytes become durable (``files``), what is
only of this machine and may be removed at any time (``pruned``, ``sites``), nor the link to the newest release
(``latest``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from dti_platform.storage import files
from dti_platform.storage.errors import Missing, Unreadable


class Objects(Protocol):
    """Bytes under keys, which are names with ``/`` between their parts."""

    def create(self, key: str, content: bytes) -> bool:
        """Stores the content under a key that is not taken; False if it is taken. Of many callers one succeeds."""
        ...

    def put(self, contents: Mapping[str, bytes]) -> None:
        """Stores each content under its key, whole or not at all, in the place of what is there; all are durable then.

        Raises:
            WriteFailed: some may be stored.
        """
        ...

    def get(self, key: str) -> bytes:
        """The content under a key.

        Raises:
            Missing: there is none.
            Unreadable: it can't be read.
        """
        ...

    def list(self, prefix: str = "") -> list[str]:
        """The keys that begin with a prefix, which is empty or ends with ``/``, sorted.

        Raises:
            Unreadable: they can't be listed.
        """
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Removes what is under these keys, if there is anything; it is gone for good then.

        A key that ends with ``/`` stands for all that begin with it.
        """
        ...


class LocalObjects:
    """Objects as files below one folder; no symbolic link below it is followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, key: str, content: bytes) -> bool:
        """Stores the content under a key that is not taken; False if it is taken."""
        return files.create(self._path(key), content)

    def put(self, contents: Mapping[str, bytes]) -> None:
        """Stores each content under its key, in the place of what is there."""
        files.replace_all({self._path(key): content for key, content in contents.items()})

    def get(self, key: str) -> bytes:
        """The content under a key.

        Raises:
            Missing: there is none.
            Unreadable: it can't be read, or is a symbolic link.
        """
        try:
            return files.read_below(self.folder, key)
        except FileNotFoundError as error:
            raise Missing(f"{self.folder / key}: not there") from error
        except OSError as error:
            raise Unreadable(str(self.folder / key), error.strerror or "") from error

    def list(self, prefix: str = "") -> list[str]:
        """The keys of the files below a folder, but for those in the making.

        Raises:
            Unreadable: a folder can't be looked into.
        """
        paths, errors = files.below(self.folder / prefix)
        if errors:
            raise Unreadable(str(errors[0].filename), errors[0].strerror or "")
        found = (path for path in paths if not files.is_temporary(path) and (path.is_symlink() or not path.is_dir()))
        return [path.relative_to(self.folder).as_posix() for path in found]

    def delete(self, keys: Iterable[str]) -> None:
        """Removes files, or all of a folder, and the folders that are empty then."""
        files.remove_all(self.folder, [self.folder / key for key in keys])

    def _path(self, key: str) -> Path:
        path = self.folder / key
        files.refuse_links(self.folder, path)
        return path
