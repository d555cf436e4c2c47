"""What people are told by themselves: how things stand now, read from the data root alone.

Each public function is one question, found here and not registered; its name is the kind of its alerts. An alert stands
as long as its cause does, so that it makes no difference who looks, how often, and after which restart. Here: the
questions. Not here: which answers were told already (``telling``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dti_platform.glossary import feed_name, terms
from dti_platform.language import Bilingual
from dti_platform.operations import stopped
from dti_platform.operations.alert import Alert
from dti_platform.operations.checks import disk as room
from dti_platform.periods import VIETNAM, just_ended
from dti_platform.pipeline.rhythms import RHYTHMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dti_platform.operations.health import Answer, Finding, Place

WORDS = terms("alert_words")


def failed_run(place: Place) -> Iterator[Alert]:
    """The last run failed: a check stops it, with the rows, or anything else."""
    runs = place.store.ledger.entries("run")
    if runs and not (last := runs[-1].body)["success"]:
        yield stopped.alert(place, str(last["run"]), str(last["failure"]), last["release"])


def candidate(place: Place) -> Iterator[Alert]:
    """A release waits for a person."""
    if waiting := place.store.candidates.standing():
        title = WORDS["candidate"].format(name=waiting.name)
        facts = {name: number for name, number in waiting.record.get("differing", {}).items() if number}
        differing = ", ".join(f"{name} {number}" for name, number in facts.items())
        lines = [WORDS["candidate_differs"].format(differing=differing)] if differing else []
        yield Alert(
            "candidate",
            waiting.name,
            title,
            [*lines, WORDS["candidate_to_do"].format(name=waiting.name)],
            link(place, "/assets/release"),
        )


def refused_file(place: Place) -> Iterator[Alert]:
    """A file was refused and still lies where it came."""
    from dti_platform.problems import catalogue
    from dti_platform.submissions import Register

    for each in Register(place.store).to_look_at().refused:
        receipt, problem = each.receipt, catalogue("file").get(each.reason)
        name = f"{receipt.feed}/{receipt.period}/{receipt.name}"
        why = Bilingual(problem.why.vi, problem.why.en) if problem else Bilingual.same(each.reason)
        lines = [why, *([problem.fix] if problem else []), WORDS["refused_to_do"].format(receipt=str(receipt.number))]
        yield Alert(
            "refused_file",
            str(receipt.number),
            WORDS["refused"].format(file=name),
            lines,
            link(place, "/pages/answers/"),
        )


def late_feed(place: Place) -> Iterator[Alert]:
    """A feed's period has ended, its schedule has looked, some days more went by, and nothing came."""
    from dti_platform import feeds, methodology, units
    from dti_platform.pipeline.inputs import Arrivals

    today = (place.now - timedelta(days=place.settings.alert_late_days)).astimezone(VIETNAM).date()
    arrivals = Arrivals(place.store, lambda: feeds.Known(units.load(check=False), methodology.load()))
    for rhythm in RHYTHMS:
        period = just_ended(rhythm.looked_on(today), rhythm.frequency)
        if not arrivals.has_any(rhythm.feed, period):
            title = WORDS["late"].format(feed=feed_name(rhythm.feed), period=period.text)
            folder = str(place.store.inbox / rhythm.feed / period.text)
            yield Alert("late_feed", f"{rhythm.feed} {period.text}", title, [WORDS["late_to_do"].format(folder=folder)])


def data_root(place: Place) -> Iterator[Alert]:
    """The data root is gone, or closed to this account."""
    found = room.data_root(place)
    if found.state == "broken":
        yield of_health("data root", found)


def disk(place: Place) -> Iterator[Alert]:
    """The disk is nearly full."""
    found = room.disk(place)
    if found.state == "broken":
        yield of_health("disk", found)


def of_health(name: str, found: Finding | Answer) -> Alert:
    """What a check of the installation found, which is told once for as long as it is broken."""
    title = WORDS["broken"].format(name=name, what=found.what)
    return Alert(name.replace(" ", "_"), name, title, [WORDS["fix"].format(fix=found.fix)])


def link(place: Place, path: str) -> str:
    """An address of the UI, as people reach it; empty where that is not set."""
    base = place.settings.alert_link.rstrip("/")
    return f"{base}{path}" if base else ""
