"""Untrusted files are read in a child process, within bounds of memory and time; the parent lives whatever happens.

Here: one child for a batch of files, and the refusal of a file that ends the child. Not here: the messages (``wire``).
What comes back is plain JSON, never pickled: a child that a file has taken over can answer falsely for its batch, but
can't make the parent run anything.
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
    """CPU seconds for one file: what bounds it, however busy the machine is."""
    wall: float = 600.0
    """Seconds that the parent waits for one file, for a child that sleeps: far more than a busy machine needs."""
    answer: int = 256 * 2**20
    """Bytes of one answer."""


LIMITS = Limits()


class Request(NamedTuple):
    """A file to read, and what a task is asked about it (JSON)."""

    content: bytes
    name: str
    form: Form = Form()
    asked: object = None


class Task(NamedTuple):
    """What a child does with each file once it is open, in its own process and within its bounds."""

    function: str
    """``module:name`` of a function that takes what is given, and returns one from book and asked to the answer."""
    given: bytes


class Outcome(NamedTuple):
    """What a file holds, or why it is refused; and the answer to what was asked about it, not to be trusted."""

    opened: Book | Unreadable
    answer: Any = None


def read_batch(requests: Sequence[Request], limits: Limits = LIMITS) -> Iterator[Book | Unreadable]:
    """Opens files one after the other in one child; a new child takes over where one dies.

    Yields for each file its book, or why it is refused: a file that ends the child is refused, the others are not.
    """
    return (outcome.opened for outcome in ask_batch(requests, None, limits))


def ask_batch(requests: Sequence[Request], task: Task | None, limits: Limits = LIMITS) -> Iterator[Outcome]:
    """Like ``read_batch``, and does with each open file what the task says."""
    with one_child():
        for request in requests:
            yield _asked(request, task, limits)


def _asked(request: Request, task: Task | None, limits: Limits) -> Outcome:
    """What the child at hand makes of a file; one that is lost is ended before any other file is asked about."""
    kind = (task, limits)
    try:
        child = _children.get(kind) or _children.setdefault(kind, _Child.start(limits, task))
        return child.read(request)
    except _Lost as lost:
        if gone := _children.pop(kind, None):
            gone.stop()
        return Outcome(Unreadable("unsafe", lost.detail, file=request.name, **lost.values))


@contextmanager
def one_child() -> Generator[None]:
    """Batches of one task that are read inside share a child: one that begins while another is read, too."""
    _users.append(None)
    try:
        yield
    finally:
        _users.pop()
        if not _users:
            for child in _children.values():
                child.stop()
            _children.clear()


#: The children that are there, by what they do, and those who have use of them.
_children: dict[tuple[Task | None, Limits], _Child] = {}
_users: list[None] = []


class _Lost(Exception):
    """The child is gone, or must go."""

    def __init__(self, detail: str, **values: object) -> None:
        """``detail`` names a sentence that the catalogue has for a file that is unsafe."""
        super().__init__(detail)
        self.detail, self.values = detail, values


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    limits: Limits
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    @classmethod
    def start(cls, limits: Limits, task: Task | None) -> _Child:
        """Starts a Python that knows no more than this room; it bounds itself before it reads a byte."""
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
        """What the child returns for a file; _Lost where it ends, runs out of time or returns something invalid."""
        until = time.monotonic() + self.limits.wall
        try:
            stdin = _pipe(self.process.stdin)
            stdin.writelines(pack_request(*request))
            stdin.flush()
        except OSError as error:
            raise _Lost("ended") from error
        (size,) = struct.unpack("<Q", self._take(8, until))
        if size > self.limits.answer:
            raise _Lost("answer_size")
        try:
            message = json.loads(self._take(size, until))
            opened = unpack(message, request.name)
        except (ValueError, TypeError, KeyError, Unreadable) as error:
            raise _Lost("invalid_answer") from error
        if isinstance(opened, Book) and not message.get("unicode"):
            opened = in_unicode(opened, request.form.encoding, request.form.names)
        return Outcome(opened, message.get("answer"))

    def _take(self, size: int, until: float) -> bytes:
        """Exactly so many bytes of the answer."""
        stdout = _pipe(self.process.stdout)
        taken = bytearray()
        while len(taken) < size:
            if not self._selector.select(max(0.0, until - time.monotonic())):
                raise _Lost("time", seconds=f"{self.limits.wall:g}")
            piece = stdout.read1(min(size - len(taken), 2**20))  # type: ignore[attr-defined]
            if not piece:
                raise _Lost("memory_or_time")
            taken += piece
        return bytes(taken)

    def stop(self) -> None:
        """Ends the child, and waits for its end."""
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
