"""Files opened in the process of the tests: fast, where the child process is not what is tested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from dti_platform import feeds
from dti_platform.reading import Book, Request, Unreadable, read_file


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets files be opened here for the rest of the test."""

    def read_batch(requests: Sequence[Request]) -> Iterator[Book | Unreadable]:
        for each in requests:
            try:
                yield read_file(each.content, each.name, each.form)
            except Unreadable as refusal:
                yield refusal

    monkeypatch.setattr(feeds, "read_batch", read_batch)
