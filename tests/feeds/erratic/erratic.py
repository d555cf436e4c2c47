"""A feed whose reader goes wrong in the way that a file asks for; any other file is read as a household survey is."""

from __future__ import annotations

import decimal
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import indicator, unit
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.wording import FIGURE, take_figure
from dti_platform.reading import Column

FEED = Feed(
    id="erratic",
    title_vi="Luồng báo cáo hay hỏng",
    title_en="Erratic feed",
    publisher="tests",
    licence="none",
    rhythm="P1Y",
    evidence="illustrative",
    columns=(Column("province", ("Tỉnh, thành phố",)), *FIGURE),
)


def raising(error: BaseException) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


def deeper() -> object:
    return deeper()


ERRORS = (
    AssertionError("x" * 1_000_000), AttributeError(), decimal.InvalidOperation(), IndexError(), KeyError("x"),
    MemoryError(), NameError(), OSError(28, "No space left on device"), OverflowError(), StopIteration(), SystemExit(0),
    TypeError(), UnicodeError(), ValueError(), ZeroDivisionError(),
)  # fmt: skip
TRICKS: Mapping[str, Callable[[], object]] = {
    **{type(error).__name__: raising(error) for error in ERRORS},
    "recursion": deeper,
}


def growing() -> object:
    return [bytes(2**26) for _ in range(2**6)]  # of zeros that no page is touched for: the limit is met at once


def looping() -> object:
    while True:
        pass


def chattering() -> object:
    sys.stdout.write("x" * 1_000_000)
    return os.write(1, b"nope"), sys.stdin.read()


#: What can't be caught in the process that it befalls, and how the file is refused; None: it is read.
WORSE: Mapping[str, tuple[Callable[[], object], str | None]] = {
    "sleep": (lambda: time.sleep(60), "unsafe"),
    "loop": (looping, "unsafe"),
    "exit": (lambda: os._exit(0), "unsafe"),
    "kill": (lambda: os.kill(os.getpid(), signal.SIGKILL), "unsafe"),
    "interrupt": (raising(KeyboardInterrupt()), "unsafe"),
    "memory": (growing, "broken_reader"),
    "chatter": (chattering, None),
}


def parse(received: Received, known: Known) -> Extract:
    book = opened(FEED, received, known)
    for cell in book.cells():
        mark, _, trick = cell.raw.partition("trick: ")
        if trick and not mark:
            (TRICKS.get(trick) or WORSE[trick][0])()
    intake = Intake(FEED, received, book, geography="VN63")
    for row in intake.declared_rows():
        with intake.row(row.values()):
            code = indicator(row["indicator"], "provincial", known)
            take_figure(intake, row, unit(row["province"], "VN63", known), code, "VN63")
    return intake.extract()
