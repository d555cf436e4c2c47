"""The one mechanism by which anything reaches the disk: whole and durable, or not at all.

Here: temp + fsync + rename (or link) + fsync of the folder, and the sweeping of what a killed process
left. Every change to the disk by this project is made by the functions of this module. Not here: what
the files mean, nor in which order several of them are changed.

A temporary file is locked (``flock``) by its writer until it has its final name, so that a sweep can
tell a file in the making from an orphan without asking a clock or a process table.
"""

# ruff: noqa: PTH102, PTH104, PTH105, PTH106, PTH108, PTH211 - what changes the disk is named as the system calls are

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from dti_platform.storage.errors import WriteFailed

TEMPORARY = ".temporary-"
#: How a file is opened to be read: no link is followed, and no pipe waited for.
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def digest(content: bytes | memoryview) -> str:
    """The sha256 of the bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def reported(path: Path) -> Generator[None]:
    """Turns the system's error into one that names the file and the fix."""
    try:
        yield
    except OSError as error:
        message = f"{path}: could not be written ({error.strerror}). What stood before is untouched: "
        raise WriteFailed(message + "free space or repair the disk or its permissions, then run again") from error


def replace(path: Path, content: bytes) -> None:
    """Gives ``path`` this content in one step: a reader sees the old bytes or the new ones.

    Raises:
        WriteFailed: the old file still stands.
    """
    replace_all({path: content})


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Gives each path its content in a step of its own; each folder is made durable once.

    Raises:
        WriteFailed: of some paths the old file may still stand.
    """
    for path, content in contents.items():
        with reported(path), _temporary(path.parent, content) as temporary:
            os.replace(temporary, path)
    for folder in sorted({path.parent for path in contents}):
        sync(folder)


def refuse_links(folder: Path, path: Path) -> None:
    """Refuses a file to be written below a folder through a symbolic link, which may lead anywhere.

    Raises:
        WriteFailed: a folder on the way is one.
    """
    for place in path.parents[: len(path.relative_to(folder).parts) - 1]:
        if place.is_symlink():
            raise WriteFailed(f"{place}: a symbolic link, through which nothing is written: remove it, then run again")


def create(path: Path, content: bytes) -> bool:
    """Creates ``path`` with this content unless it exists; says whether it did.

    Two callers can't both succeed: this is the compare-and-swap of the ledger.

    Raises:
        WriteFailed: nothing was created.
    """
    with reported(path), _temporary(path.parent, content) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        sync(path.parent)
        return True


@contextmanager
def _temporary(folder: Path, content: bytes) -> Generator[Path]:
    """A synced and locked temporary file with this content; gone at the end unless renamed."""
    make_folder(folder)
    descriptor, path = _open_locked(folder)
    try:
        _write_all(descriptor, content)
        os.fsync(descriptor)
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)
        os.close(descriptor)


def _open_locked(folder: Path) -> tuple[int, Path]:
    """A new temporary file that no sweep will touch; tried again if a sweep came first."""
    while True:
        path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)


def stage(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Writes a new file into a folder that no reader sees yet; the caller syncs the folder.

    With ``durable=False`` a loss of power can leave the file empty: the caller can tell, and make it again.

    Raises:
        WriteFailed: the file may be there in part.
    """
    with reported(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            _write_all(descriptor, content)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, content: bytes | memoryview) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def make_folder(path: Path) -> None:
    """Makes a folder and its missing parents, each durable in its parent."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with reported(path):
        with suppress(FileExistsError):
            os.mkdir(path)
        sync(path.parent)


def sync(folder: Path) -> None:
    """Makes the names in a folder durable."""
    with reported(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def move(source: Path, target: Path) -> None:
    """Gives a finished folder its final name in one step; the target must not exist."""
    with reported(target):
        os.rename(source, target)
        sync(target.parent)
        if source.parent != target.parent:
            sync(source.parent)


def point(link: Path, target: str) -> None:
    """Lets the symbolic link point to ``target`` in one step."""
    if link.is_symlink() and link.readlink() == Path(target):
        return
    temporary = link.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    with reported(link):
        try:
            os.symlink(target, temporary)
            os.replace(temporary, link)
        finally:
            with suppress(OSError):
                os.unlink(temporary)
        sync(link.parent)


def read(path: Path) -> bytes:
    """The bytes of a file, which is no symbolic link, pipe or device: those are not what was written there.

    Raises:
        OSError: it can't be read.
    """
    return _content(os.open(path, _PLAIN))


def read_below(folder: Path, name: str) -> bytes:
    """The bytes of a file below a folder, by its name with ``/``: nothing below the folder is a symbolic link.

    Each folder is opened within the one before, so that none can be exchanged in between.

    Raises:
        OSError: it can't be read, or the name leads out of the folder.
    """
    *folders, last = name.split("/")
    if {"", ".", ".."} & {*folders, last}:
        raise OSError(errno.EINVAL, "not a name below the folder", name)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for each in folders:
            inner = os.open(each, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place)
            os.close(place)
            place = inner
        return _content(os.open(last, _PLAIN, dir_fd=place))
    finally:
        os.close(place)


def _content(descriptor: int) -> bytes:
    """All of a plain file, which is closed then."""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a plain file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def below(folder: Path) -> tuple[list[Path], list[OSError]]:
    """Everything below a folder, and what can't be looked into; no symbolic link is followed.

    A folder that is not there has nothing below it.
    """
    errors: list[OSError] = []
    walked = os.walk(folder, onerror=errors.append)
    paths = sorted(Path(place, name) for place, folders, names in walked for name in (*folders, *names))
    return paths, [error for error in errors if not isinstance(error, FileNotFoundError)]


def is_temporary(path: Path) -> bool:
    """Whether it is a file in the making, or what a killed writer left of one."""
    return path.name.startswith(TEMPORARY)


def remove(path: Path) -> None:
    """Removes a file, if it is there."""
    with reported(path):
        path.unlink(missing_ok=True)


def remove_all(folder: Path, paths: Iterable[Path]) -> None:
    """Removes files and folders below a folder, and those that are empty then; a power cut brings none of them back."""
    gone = sorted(paths)
    for path in gone:
        with reported(path), suppress(FileNotFoundError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else os.unlink(path)
    for place in sorted({path.parent for path in gone}):
        sync(_standing(place))
    for place in sorted({each for path in gone for each in path.parents if folder in each.parents}, reverse=True):
        if place.is_dir() and not any(place.iterdir()):
            with reported(place):
                os.rmdir(place)
            sync(place.parent)


def _standing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return folder if folder.is_dir() else _standing(folder.parent)


def remove_tree(folder: Path) -> None:
    """Removes an unfinished folder with all that is in it."""
    with reported(folder):
        shutil.rmtree(folder)


def sweep(folder: Path) -> list[Path]:
    """Removes the temporary files that killed writers left in a folder; says which."""
    if not folder.is_dir():
        return []
    leftovers = sorted(path for path in folder.iterdir() if is_temporary(path))
    return [path for path in leftovers if _remove_orphan(path)]


def _remove_orphan(path: Path) -> bool:
    """Removes a temporary file unless its writer lives."""
    if path.is_symlink():
        os.unlink(path)
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True
