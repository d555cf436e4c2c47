"""Files from outside read in the process of the tests, so that a test may watch or change their reader."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pytest

from dti_platform import feeds
from dti_platform.feeds import parsing
from dti_platform.reading import Request, Task, Unreadable, read_file
from dti_platform.reading.sandbox import Limits, Outcome


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a child would do is done here, its answers as JSON all the same."""
    monkeypatch.setattr(feeds, "ask_batch", _ask_batch)


#: Units and frameworks are there once, as in the child of a reception; so are files that are read again and again.
_served = lru_cache(maxsize=4)(parsing.served)
_opened = lru_cache(maxsize=32)(read_file)


def _ask_batch(requests: Sequence[Request], task: Task, _: Limits) -> Iterator[Outcome]:
    act = _served(task.given)
    for request in requests:
        try:
            book = _opened(request.content, request.name, request.form)
        except Unreadable as refusal:
            yield Outcome(refusal)
        else:
            yield Outcome(book, json.loads(json.dumps(act(book, json.loads(json.dumps(request.asked))))))
