"""What can happen to files between releases, as tables: each step, and what a release then says.

A file brings one printed score of 2021. A publication names what readers must find in it, and whether it is new.
"""

from __future__ import annotations

from dataclasses import dataclass

#: File -> the unit whose score it brings. ``publisher`` is the same unit as ``a``, from the address that leads.
UNITS = {"a": "VN63-19", "again": "VN63-19", "b": "VN63-27", "c": "VN63-01", "publisher": "VN63-19"}
NAMES = {"VN63-19": "Thái Nguyên", "VN63-27": "Bắc Ninh", "VN63-01": "Hà Nội"}
A, B, C = "VN63-19", "VN63-27", "VN63-01"


@dataclass(frozen=True)
class Send:
    """A file lies in a folder from now on; ``text`` instead of its content."""

    file: str
    value: str
    way: str = "inbox"
    text: bytes | None = None


@dataclass(frozen=True)
class Gone:
    """A file is no longer in its folder."""

    file: str
    way: str = "feeds"


@dataclass(frozen=True)
class Withdraw:
    """Somebody withdraws all that may count under a name, or one receipt."""

    file: str
    receipt: int | None = None


@dataclass(frozen=True)
class Retire:
    """A committed file is removed, and is in the list of those that no longer count."""

    file: str


@dataclass(frozen=True)
class Confirm:
    """Somebody lets a receipt count that waits."""

    receipt: int


@dataclass(frozen=True)
class Days:
    """Time passes."""

    number: int


@dataclass(frozen=True)
class Publish:
    """A run: readers find these scores; ``new`` says whether a release was made."""

    scores: dict[str, float]
    kind: str = "scheduled"
    reason: str | None = None
    new: bool = True


Step = Send | Gone | Withdraw | Retire | Confirm | Days | Publish
NEXT = Days(1)
NO_TABLE = b"no table at all"
#: What ``c`` would send, under another name.
OTHER_UNIT = "geography,unit,metric,value,source,certainty\nVN63,Hà Nội,score_overall,0.6,https://example.vn,verbatim\n"


def feeds(file: str, value: str) -> Send:
    return Send(file, value, "feeds")


def correction(scores: dict[str, float], reason: str = "a slip of the pen", *, new: bool = True) -> Publish:
    return Publish(scores, "correction", reason, new)


def revision(scores: dict[str, float], reason: str = "better data came", *, new: bool = True) -> Publish:
    return Publish(scores, "revision", reason, new)


FIRST: list[Step] = [Send("a", "0.5"), Send("b", "0.4"), Publish({A: 0.5, B: 0.4}), NEXT]
COMMITTED: list[Step] = [feeds("a", "0.5"), feeds("b", "0.4"), Publish({A: 0.5, B: 0.4}), NEXT]
BEGINNINGS = {"sent": FIRST, "committed": COMMITTED}
BOTH = {A: 0.5, B: 0.4}

SCENARIOS: dict[str, list[Step]] = {
    "nothing new": [*FIRST, Publish(BOTH, new=False)],
    "late": [*FIRST, Send("c", "0.6"), Publish({**BOTH, C: 0.6})],
    "late, announced": [*FIRST, Send("c", "0.6"), revision({**BOTH, C: 0.6}, "the third came late")],
    "very late": [*FIRST, Days(400), Send("c", "0.6"), Publish({**BOTH, C: 0.6})],
    "better data": [*FIRST, Send("a", "0.55"), revision({A: 0.55, B: 0.4})],
    "a mistake": [*FIRST, Send("a", "0.45"), correction({A: 0.45, B: 0.4})],
    "a revision, then a correction": [
        *FIRST,
        Send("a", "0.55"),
        revision({A: 0.55, B: 0.4}),
        NEXT,
        Send("a", "0.54"),
        correction({A: 0.54, B: 0.4}),
    ],
    "a correction corrected": [
        *FIRST,
        Send("a", "0.45"),
        correction({A: 0.45, B: 0.4}),
        NEXT,
        Send("a", "0.46"),
        correction({A: 0.46, B: 0.4}),
    ],
    "a correction taken back": [
        *FIRST,
        Send("a", "0.45"),
        correction({A: 0.45, B: 0.4}),
        NEXT,
        Send("a", "0.5"),
        correction(BOTH, "it was right"),
    ],
    "two corrections on one day": [
        *FIRST,
        Send("a", "0.45"),
        correction({A: 0.45, B: 0.4}),
        Send("b", "0.3"),
        correction({A: 0.45, B: 0.3}),
    ],
    "two files, one reason": [*FIRST, Send("a", "0.51"), Send("b", "0.41"), revision({A: 0.51, B: 0.41})],
    "one corrected, another late": [*FIRST, Send("a", "0.51"), Send("c", "0.6"), correction({A: 0.51, B: 0.4, C: 0.6})],
    "a correction of nothing": [*FIRST, correction(BOTH, new=False)],
    "withdrawn": [*FIRST, Withdraw("b"), correction({A: 0.5}, "sent to the wrong feed")],
    "withdrawn, then sent anew": [
        *FIRST,
        Withdraw("b"),
        correction({A: 0.5}),
        NEXT,
        Send("b", "0.42"),
        revision({A: 0.5, B: 0.42}),
    ],
    "withdrawn, though it still lies there": [
        *FIRST,
        Withdraw("b"),
        correction({A: 0.5}),
        NEXT,
        Publish({A: 0.5}, new=False),
    ],
    "withdrawn, another late": [*FIRST, Withdraw("b"), Send("c", "0.6"), correction({A: 0.5, C: 0.6})],
    "withdrawn after a resubmission": [
        *FIRST,
        Send("b", "0.41"),
        revision({A: 0.5, B: 0.41}),
        NEXT,
        Withdraw("b"),
        correction({A: 0.5}),
    ],
    "all withdrawn, then sent anew": [
        *FIRST,
        Withdraw("a"),
        Withdraw("b"),
        correction({}),
        NEXT,
        Send("a", "0.52"),
        revision({A: 0.52}),
        NEXT,
        Send("a", "0.53"),
        revision({A: 0.53}),
    ],
    "retired": [*COMMITTED, Retire("b"), Publish({A: 0.5})],
    "retired, and sent otherwise": [
        *COMMITTED,
        Retire("b"),
        Publish({A: 0.5}),
        NEXT,
        feeds("b", "0.43"),
        revision({A: 0.5, B: 0.43}),
    ],
    "gone from the committed feeds": [*COMMITTED, Gone("b"), Publish(BOTH, new=False)],
    "gone and back": [
        *COMMITTED,
        Gone("b"),
        Publish(BOTH, new=False),
        NEXT,
        feeds("b", "0.4"),
        Publish(BOTH, new=False),
    ],
    "a checkout that is behind": [
        *COMMITTED,
        feeds("b", "0.45"),
        revision({A: 0.5, B: 0.45}),
        NEXT,
        feeds("b", "0.4"),
        Publish({A: 0.5, B: 0.45}, new=False),
    ],
    "gone and back otherwise": [
        *COMMITTED,
        Gone("b"),
        Publish(BOTH, new=False),
        NEXT,
        feeds("b", "0.43"),
        revision({A: 0.5, B: 0.43}),
    ],
    "the inbox emptied": [*FIRST, Gone("b", "inbox"), Publish(BOTH, new=False)],
    "resubmitted unchanged": [*FIRST, Send("a", "0.5"), Publish(BOTH, new=False)],
    "resubmitted under another name": [
        *FIRST,
        Send("again", "0.5"),
        Publish(BOTH, new=False),
        NEXT,
        Withdraw("a"),
        correction(BOTH, "twice", new=True),
    ],
    "older after newer": [
        *FIRST,
        Send("a", "0.55"),
        revision({A: 0.55, B: 0.4}),
        NEXT,
        Send("a", "0.5"),
        correction(BOTH, "the old file again"),
    ],
    "older by another way": [
        *COMMITTED,
        Send("a", "0.55"),
        Publish(BOTH, new=False),
        Confirm(3),
        revision({A: 0.55, B: 0.4}),
        NEXT,
        Publish({A: 0.55, B: 0.4}, new=False),
    ],
    "committed over what was sent": [*FIRST, feeds("a", "0.57"), revision({A: 0.57, B: 0.4})],
    "committed over what was sent, then retired": [
        *FIRST,
        feeds("a", "0.57"),
        revision({A: 0.57, B: 0.4}),
        NEXT,
        Retire("a"),
        correction(BOTH, "what was sent counts again"),
    ],
    "a cell that can't be read": [*FIRST, Send("a", "0.4x6"), Publish(BOTH, new=False)],
    "a cell that is mended": [
        *FIRST,
        Send("a", "0.4x6"),
        Publish(BOTH, new=False),
        NEXT,
        Send("a", "0.46"),
        revision({A: 0.46, B: 0.4}),
    ],
    "a file that is refused": [*FIRST, Send("a", "", text=NO_TABLE), Publish(BOTH, new=False)],
    "a refused file mended": [
        *FIRST,
        Send("a", "", text=NO_TABLE),
        Publish(BOTH, new=False),
        NEXT,
        Send("a", "0.51"),
        revision({A: 0.51, B: 0.4}, "mended"),
    ],
    "a refused file withdrawn": [
        *FIRST,
        Send("a", "", text=NO_TABLE),
        Publish(BOTH, new=False),
        NEXT,
        Withdraw("a", 3),
        Publish(BOTH, new=False),
    ],
    "a refused file first": [
        Send("a", "", text=NO_TABLE),
        feeds("b", "0.4"),
        Publish({B: 0.4}),
        NEXT,
        Send("a", "0.5"),
        revision(BOTH, "mended"),
    ],
    "a committed file spoilt": [*COMMITTED, Send("a", "", "feeds", NO_TABLE), Publish(BOTH, new=False)],
    "a committed file spoilt, then retired": [
        *COMMITTED,
        Send("a", "", "feeds", NO_TABLE),
        Publish(BOTH, new=False),
        NEXT,
        Retire("a"),
        correction({B: 0.4}),
    ],
    "a file that lacks figures": [*FIRST, Send("a", "", text=OTHER_UNIT.encode()), Publish(BOTH, new=False)],
    "a file that lacks figures, confirmed": [
        *FIRST,
        Send("a", "", text=OTHER_UNIT.encode()),
        Publish(BOTH, new=False),
        NEXT,
        Confirm(3),
        correction({C: 0.6, B: 0.4}, "it was the other unit's"),
    ],
    "a committed file that lacks figures": [
        *COMMITTED,
        Send("a", "", "feeds", OTHER_UNIT.encode()),
        correction({C: 0.6, B: 0.4}, "it was the other unit's"),
    ],
    "a resubmission withdrawn, the one before counts again": [
        *FIRST,
        Send("a", "0.55"),
        revision({A: 0.55, B: 0.4}),
        NEXT,
        Withdraw("a", 3),
        correction(BOTH, "sent by mistake"),
    ],
    "the publisher speaks later": [*FIRST, Send("publisher", "0.51"), revision({A: 0.51, B: 0.4})],
    "the publisher's file withdrawn": [
        *FIRST,
        Send("publisher", "0.51"),
        revision({A: 0.51, B: 0.4}),
        NEXT,
        Withdraw("publisher"),
        correction(BOTH),
    ],
    "a long history": [
        *FIRST,
        *(
            step
            for number in range(5)
            for step in (Send("a", f"0.6{number}"), revision({A: 0.6 + number / 100, B: 0.4}), NEXT)
        ),
    ],
}
