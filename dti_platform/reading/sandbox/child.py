"""The child's side of reading: bounds first, then one file after the other.

Here: what runs inside the child process. Not here: starting it, or checking its answers (``parent``).
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
#: What is done with an open file.
Act = Callable[[Book, Asked], Mapping[str, object]]


def serve(memory: int, cpu: int) -> None:
    """Reads files from standard input until it ends, within bytes of memory, and CPU seconds for each file.

    The first message is the task: what is done with each file once it is open.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    given, answers = _channels()
    act = _act(*_message(given))
    while (message := _message(given)) != (b"", b""):
        head, content = message
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu + 1, resource.RLIM_INFINITY))
        _answer(answers, _read(content, json.loads(head), act))


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """Both ends of the talk with the parent: standard input and output are nothing from here on, whoever uses them."""
    given, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    return given, answers


def _message(given: BinaryIO) -> tuple[bytes, bytes]:
    """The two parts of the next message; empty both where there is none."""
    sizes = given.read(16) or bytes(16)
    head, content = (given.read(size) for size in struct.unpack("<QQ", sizes))
    return head, content


def _act(function: bytes, given: bytes) -> Act | None:
    """What the task's function makes of what it is given; None where files are only opened."""
    if not function:
        return None
    sys.modules["polars"] = _Absent("polars")
    module, _, name = function.decode().partition(":")
    return getattr(importlib.import_module(module), name)(given)


class _Absent(ModuleType):
    """A library that costs more to import than a file to read: modules may name it, and nothing here may use it."""

    def __getattr__(self, name: str) -> object:
        raise ImportError(f"{self.__name__}.{name} is not there in the process that reads files")


def _read(content: bytes, head: Asked, act: Act | None) -> bytes:
    try:
        return _encoded(_outcome(content, head["name"], unpack_form(head), act, head["asked"]))
    except Unreadable as refusal:
        return _encoded(pack(refusal))
    except MemoryError:
        pass  # the answer is made once the memory of the reader is free again
    return _encoded(pack(Unreadable("too_large", "memory", file=head["name"])))


def _outcome(content: bytes, name: str, form: Form, act: Act | None, asked: Asked) -> Mapping[str, object]:
    opened = open_file(content, name, form)
    if act is None:
        return pack(opened)
    book = opened if isinstance(opened, Book) else opened.book(name)
    unicode = in_unicode(book, form.encoding, form.names)
    as_it_was = all(new is old for new, old in zip(unicode.sheets, book.sheets, strict=True))
    return {**pack(opened), "unicode": as_it_was, "answer": act(unicode, asked)}


def _encoded(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _answer(answers: BinaryIO, answer: bytes) -> None:
    answers.write(struct.pack("<Q", len(answer)))
    answers.write(answer)
    answers.flush()
