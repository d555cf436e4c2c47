"""Disks that fail: a process that dies at one operation, a power cut, an error of the device.

A disk stands in for the module ``os`` (and ``shutil``) of ``storage.files``, through which all that
storage changes goes. It counts what changes something, and does at one count what it is told.
"""

# ruff: noqa: ARG002, PLR0911, PTH102, PTH104, PTH105, PTH106, PTH108, PTH112, PTH120, PTH211

from __future__ import annotations

import os
import random
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dti_platform.storage import files

CHANGES = ("open", "write", "fsync", "link", "symlink", "replace", "rename", "unlink", "mkdir", "rmdir", "rmtree")


class Died(BaseException):
    """The process is dead: nothing after this may reach the disk."""


class Disk:
    """Passes everything on, and counts the operations that change something."""

    def __init__(self) -> None:
        self.count = 0
        self.done: list[str] = []
        self.open_descriptors: dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def _do(self, name: str, do: Callable[[], Any], **_: Any) -> Any:
        self.count += 1
        self.done.append(name)
        return do()

    def open(self, path: Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if not flags & os.O_CREAT:
            return self._opened(os.open(path, flags, mode, dir_fd=dir_fd), path)
        return self._do("open", lambda: self._opened(os.open(path, flags, mode), path), path=path)

    def _opened(self, descriptor: int, path: Path) -> int:
        self.open_descriptors[descriptor] = os.fspath(path)
        return descriptor

    def close(self, descriptor: int) -> None:
        self.open_descriptors.pop(descriptor, None)
        os.close(descriptor)

    def write(self, descriptor: int, content: Any) -> int:
        return self._do("write", lambda: os.write(descriptor, content), descriptor=descriptor, content=content)

    def fsync(self, descriptor: int) -> None:
        return self._do("fsync", lambda: None, descriptor=descriptor)

    def link(self, source: Path, target: Path) -> None:
        return self._do("link", lambda: os.link(source, target), path=target)

    def symlink(self, text: str, path: Path) -> None:
        return self._do("symlink", lambda: os.symlink(text, path), path=path)

    def replace(self, source: Path, target: Path) -> None:
        return self._do("replace", lambda: os.replace(source, target), source=source, path=target)

    def rename(self, source: Path, target: Path) -> None:
        return self._do("rename", lambda: os.rename(source, target), source=source, path=target)

    def unlink(self, path: Path) -> None:
        return self._do("unlink", lambda: os.unlink(path), path=path)

    def mkdir(self, path: Path) -> None:
        return self._do("mkdir", lambda: os.mkdir(path), path=path)

    def rmdir(self, path: Path) -> None:
        return self._do("rmdir", lambda: os.rmdir(path), path=path)

    def rmtree(self, path: Path) -> None:
        return self._do("rmtree", lambda: shutil.rmtree(path), path=path)


class Killed(Disk):
    """Dies before, in the middle of, or after the operation of a given number."""

    def __init__(self, number: int, moment: str) -> None:
        super().__init__()
        self.number = number
        self.moment = moment
        self.dead = False

    def _do(self, name: str, do: Callable[[], Any], **what: Any) -> Any:
        self.count += 1
        if self.dead or (self.count == self.number and self.moment == "before"):
            raise self._die()
        if self.count == self.number and self.moment == "amid":
            self._half(name, **what)
            raise self._die()
        try:
            return self._perform(name, do, **what)
        finally:
            if self.count == self.number:
                raise self._die()

    def _perform(self, name: str, do: Callable[[], Any], **_: Any) -> Any:
        return do()

    def _die(self) -> Died:
        self.dead = True
        return Died()

    def _half(self, name: str, **what: Any) -> None:
        """Operations that aren't one step get half way: a write, and the removal of a folder."""
        if name == "write":
            os.write(what["descriptor"], what["content"][: len(what["content"]) // 2])
        if name == "rmtree":
            for path in sorted(Path(what["path"]).iterdir())[::2]:
                path.unlink()

    def bury(self) -> None:
        """What the system does for the dead: closes its files, which frees its locks."""
        for descriptor in self.open_descriptors:
            os.close(descriptor)
        self.open_descriptors.clear()


class PowerCut(Killed):
    """Dies, and loses what was not synced, contents of files and names in folders: all of it, or a part by chance."""

    def __init__(self, number: int, moment: str, vault: Path, *, chance: random.Random | None = None) -> None:
        super().__init__(number, moment)
        self.chance = chance
        self.vault = vault
        self.undo: list[tuple[set[str], Callable[[], None]]] = []  # by the folders that must be synced
        self.synced: dict[int, int] = {}  # inode -> bytes on disk

    def fsync(self, descriptor: int) -> None:
        path = self.open_descriptors[descriptor]
        return self._do("fsync", lambda: self._sync(path, descriptor))

    def _sync(self, path: str, descriptor: int) -> None:
        if not os.path.isdir(path):
            self.synced[os.fstat(descriptor).st_ino] = os.fstat(descriptor).st_size
            return
        for folders, _ in self.undo:
            folders.discard(path)
        self.undo = [(folders, step) for folders, step in self.undo if folders]

    def _perform(self, name: str, do: Callable[[], Any], **what: Any) -> Any:
        undo = self._reversal(name, **what)
        answer = do()
        if undo:
            touched = {os.path.dirname(os.fspath(what[each])) for each in ("path", "source") if each in what}
            self.undo.append((touched, undo))
        return answer

    def _reversal(self, name: str, *, path: Any = None, source: Any = None, **_: Any) -> Callable[[], None] | None:
        if name in ("open", "link", "symlink"):
            return lambda: Path(path).unlink(missing_ok=True)
        if name == "mkdir":
            return lambda: shutil.rmtree(path)
        if name == "rmdir":
            return lambda: os.mkdir(path)
        if name == "unlink":
            kept = self._kept(path)
            return lambda: os.replace(kept, path)
        if name == "rename":
            return lambda: os.rename(path, source)
        if name == "replace":
            before = self._kept(path) if os.path.lexists(path) else None
            return lambda: self._put_back(path, source, before)
        return None

    def _kept(self, path: Any) -> Path:
        """A second name for a file that is about to lose its own."""
        kept = self.vault / secrets.token_hex(8)
        os.link(path, kept, follow_symlinks=False)
        return kept

    def _put_back(self, path: Any, source: Any, before: Path | None) -> None:
        os.rename(path, source)
        if before:
            os.replace(before, path)

    def bury(self) -> None:
        """Loses what was not synced."""
        super().bury()
        kept = {
            folder
            for folders, _ in self.undo
            for folder in sorted(folders)
            if self.chance and self.chance.random() < 0.5
        }
        for folders, step in reversed(self.undo):
            if folders - kept:
                step()
        self.undo.clear()

    def lose_contents(self, root: Path, before: set[int]) -> None:
        """Empties the files made since that were never synced."""
        for path in root.rglob("*"):
            status = path.lstat()
            if path.is_file() and not path.is_symlink() and status.st_ino not in before:
                least = min(status.st_size, self.synced.get(status.st_ino, 0))
                os.truncate(path, self.chance.randint(least, status.st_size) if self.chance else least)


class Failing(Disk):
    """Answers with an error of the system: once at a given operation, or from there on."""

    def __init__(self, number: int, code: int, *, forever: bool) -> None:
        super().__init__()
        self.number = number
        self.code = code
        self.forever = forever

    def _do(self, name: str, do: Callable[[], Any], **what: Any) -> Any:
        self.count += 1
        if self.count == self.number or (self.forever and self.count > self.number):
            raise OSError(self.code, os.strerror(self.code))
        return do()


@contextmanager
def using(disk: Disk) -> Iterator[None]:
    """Lets storage work on this disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "os", disk)
        patch.setattr(files, "shutil", disk)
        yield
