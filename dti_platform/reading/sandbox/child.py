"""The child's side of reading: sets its limits, then reads one file after the other.

Here: what runs in the child process. Not here: starting it, and checking its answers (``parent``).
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, BinaryIO

from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.encoding import in_unicode
from dti_platform.reading.opening import Form, open_file
from dti_platform.reading.sandbox.wire import pack, unpack_form

Asked = Mapping[str, Any]
#: The function that a task applies to an open file.
Act = Callable[[Book, Asked], Mapping[str, object]]


def serve(memory: int, cpu: int) -> None:
    """Reads files from standard input until it ends, within ``memory`` bytes, and ``cpu`` seconds for each file.

    The first message is the task: the function to apply to each open file.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests, answers = _channels()
    act = _load_function(*_read_message(requests))
    while (message := _read_message(requests)) != (b"", b""):
        head, content = message
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu + 1, resource.RLIM_INFINITY))
        _send(answers, _read(content, json.loads(head), act))


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """The channels from and to the parent; standard input and output are /dev/null from here on."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(null, number)
    return requests, answers


def _read_message(requests: BinaryIO) -> tuple[bytes, bytes]:
    """The two parts of the next message; both empty at the end of input."""
    sizes = requests.read(16) or bytes(16)
    head, content = (requests.read(size) for size in struct.unpack("<QQ", sizes))
    return head, content


def _load_function(function: bytes, argument: bytes) -> Act | None:
    """Calls the task's function with its argument, for the function of files; None: files are only opened."""
    if not function:
        return None
    sys.modules["polars"] = _Absent("polars")
    module, _, name = function.decode().partition(":")
    return getattr(importlib.import_module(module), name)(argument)


class _Absent(ModuleType):
    """A library that takes longer to import than a file to read: modules may import it, but nothing may use it."""

    def __getattr__(self, name: str) -> object:
        raise ImportError(f"{self.__name__}.{name} is not there in the process that reads files")


def _read(content: bytes, head: Asked, act: Act | None) -> bytes:
    try:
        return _encode(_act_on(content, head["name"], unpack_form(head), act, head["asked"]))
    except Unreadable as refusal:
        return _encode(pack(refusal))
    except MemoryError:
        pass  # the answer is made after the reader's memory is free again
    return _encode(pack(Unreadable("too_large", "memory", file=head["name"])))


def _act_on(content: bytes, name: str, form: Form, act: Act | None, asked: Asked) -> Mapping[str, object]:
    opened = open_file(content, name, form)
    if act is None:
        return pack(opened)
    book = opened if isinstance(opened, Book) else opened.book(name)
    converted = in_unicode(book, form.encoding, form.names)
    is_unchanged = all(new is old for new, old in zip(converted.sheets, book.sheets, strict=True))
    return {**pack(opened), "unicode": is_unchanged, "answer": act(converted, asked)}


def _encode(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(struct.pack("<Q", len(answer)))
    answers.write(answer)
    answers.flush()
