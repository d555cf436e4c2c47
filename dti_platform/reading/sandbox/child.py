"""The child's side of reading: bounds first, then one file after the other.

Here: what runs inside the child process. Not here: starting it, or checking its answers (``parent``).
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from typing import Any, BinaryIO

from dti_platform.reading.cells import Unreadable
from dti_platform.reading.opening import open_file
from dti_platform.reading.sandbox.wire import pack, unpack_form


def serve(memory: int, cpu: int) -> None:
    """Reads files from standard input until it ends, within bytes of memory, and CPU seconds for each file."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    while sizes := given.read(16):
        head, content = (given.read(size) for size in struct.unpack("<QQ", sizes))
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu + 1, resource.RLIM_INFINITY))
        _answer(answers, _read(content, json.loads(head)))


def _read(content: bytes, head: Any) -> bytes:
    try:
        return _encoded(pack(open_file(content, head["name"], unpack_form(head))))
    except Unreadable as refusal:
        return _encoded(pack(refusal))
    except MemoryError:
        pass  # the answer is made once the memory of the reader is free again
    return _encoded(pack(Unreadable("too_large", "memory", file=head["name"])))


def _encoded(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _answer(answers: BinaryIO, answer: bytes) -> None:
    answers.write(struct.pack("<Q", len(answer)))
    answers.write(answer)
    answers.flush()
