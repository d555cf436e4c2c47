"""Reads untrusted files in a child process with limits of memory and time; the parent survives any file.

Here: one child for a batch of files, and the refusal of a file that ends the child. Not here: the messages (``wire``).
Answers are plain JSON, never pickles: a child that a file has taken over can give false answers for its batch, but
can't make the parent execute anything.
"""

from __future__ import annotations

import json
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.encoding import in_unicode
from dti_platform.reading.opening import Form
from dti_platform.reading.sandbox.wire import pack_request, unpack, with_sizes


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use."""

    memory: int = 512 * 2**20
    """Bytes of address space."""
    cpu: int = 20
    """CPU seconds for one file: a limit that does not depend on the load of the machine."""
    wall: float = 600.0
    """Seconds that the parent waits for one file, in case the child sleeps: far more than a busy machine needs."""
    answer: int = 256 * 2**20
    """Bytes of one answer."""


LIMITS = Limits()


class Request(NamedTuple):
    """A file to read, and the question to the task about it (JSON)."""

    content: bytes
    name: str
    form: Form = Form()
    asked: object = None


class Task(NamedTuple):
    """What a child does with each open file, in its process and within its limits."""

    function: str
    """``module:name`` of a function that takes ``given``, and returns a function from book and ``asked`` to answer."""
    given: bytes


class Outcome(NamedTuple):
    """The content of a file, or its refusal; and the answer about it, which is not to be trusted."""

    opened: Book | Unreadable
    answer: Any = None


def read_batch(requests: Sequence[Request], limits: Limits = LIMITS) -> Iterator[Book | Unreadable]:
    """Opens files one after the other in one child; a new child takes over where one dies.

    Yields the book of each file, or its refusal: a file that ends the child is refused, but not the others.
    """
    return (outcome.opened for outcome in ask_batch(requests, None, limits))


def ask_batch(requests: Sequence[Request], task: Task | None, limits: Limits = LIMITS) -> Iterator[Outcome]:
    """Like ``read_batch``, and applies the task to each open file."""
    with one_child():
        for request in requests:
            yield _ask(request, task, limits)


def _ask(request: Request, task: Task | None, limits: Limits) -> Outcome:
    """The outcome of a file in the current child; a lost child is stopped before the next file."""
    kind = (task, limits)
    try:
        child = _children.get(kind) or _children.setdefault(kind, _Child.start(limits, task))
        return child.read(request)
    except _Lost as lost:
        if lost_child := _children.pop(kind, None):
            lost_child.stop()
        return Outcome(Unreadable("unsafe", lost.detail, file=request.name, **lost.values))


@contextmanager
def one_child() -> Generator[None]:
    """Batches of one task within this context share a child, even if one begins while another is read."""
    _open_batches.append(None)
    try:
        yield
    finally:
        _open_batches.pop()
        if not _open_batches:
            for child in _children.values():
                child.stop()
            _children.clear()


#: The running children by task and limits, and an item for each open ``one_child``.
_children: dict[tuple[Task | None, Limits], _Child] = {}
_open_batches: list[None] = []


class _Lost(Exception):
    """The child has ended, or must be stopped."""

    def __init__(self, detail: str, **values: object) -> None:
        """``detail`` is the key of a sentence in the catalogue for unsafe files."""
        super().__init__(detail)
        self.detail, self.values = detail, values


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    limits: Limits
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    @classmethod
    def start(cls, limits: Limits, task: Task | None) -> _Child:
        """Starts an isolated Python that imports only this package; it sets its limits before it reads a byte."""
        command = [
            sys.executable,
            "-I",
            "-c",
            _MAIN,
            str(Path(__file__).parents[3]),
            str(limits.memory),
            str(limits.cpu),
        ]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
        )
        child = cls(process, limits)
        child._selector.register(_pipe(process.stdout), selectors.EVENT_READ)
        try:
            _pipe(process.stdin).writelines(with_sizes(*(task.function.encode(), task.given) if task else (b"", b"")))
        except OSError as error:
            child.stop()
            raise _Lost("ended") from error
        return child

    def read(self, request: Request) -> Outcome:
        """The outcome of a file; raises _Lost if the child ends, runs out of time, or returns an invalid answer."""
        deadline = time.monotonic() + self.limits.wall
        try:
            stdin = _pipe(self.process.stdin)
            stdin.writelines(pack_request(*request))
            stdin.flush()
        except OSError as error:
            raise _Lost("ended") from error
        (size,) = struct.unpack("<Q", self._receive(8, deadline))
        if size > self.limits.answer:
            raise _Lost("answer_size")
        try:
            message = json.loads(self._receive(size, deadline))
            opened = unpack(message, request.name)
        except (ValueError, TypeError, KeyError, Unreadable) as error:
            raise _Lost("invalid_answer") from error
        if isinstance(opened, Book) and not message.get("unicode"):
            opened = in_unicode(opened, request.form.encoding, request.form.names)
        return Outcome(opened, message.get("answer"))

    def _receive(self, size: int, deadline: float) -> bytes:
        """Exactly ``size`` bytes of the answer."""
        stdout = _pipe(self.process.stdout)
        received = bytearray()
        while len(received) < size:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise _Lost("time", seconds=f"{self.limits.wall:g}")
            piece = stdout.read1(min(size - len(received), 2**20))  # type: ignore[attr-defined]
            if not piece:
                raise _Lost("memory_or_time")
            received += piece
        return bytes(received)

    def stop(self) -> None:
        """Kills the child, and waits for its end."""
        self._selector.close()
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self.process.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise _Lost("no_pipe")
    return pipe


_MAIN = """
import sys
sys.path.insert(0, sys.argv[1])
from dti_platform.reading.sandbox.child import serve
serve(int(sys.argv[2]), int(sys.argv[3]))
"""
