"""The operator's command: doctor."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import AS_JSON, at_data_root, print_json, say

if TYPE_CHECKING:
    from dti_platform.operations.health import Answer, Place
    from dti_platform.storage import Store

MARKS = {"ok": "✓", "warning": "!", "broken": "✗", "not asked": "·"}
#: Within how many seconds everything is asked, so that what watches this command need not wait.
WITHIN = 9.0
#: The check whose finding is told with its rows (``causes.failed_run``).
LAST_RUN = "last run"
#: The check of alerts.
ALERTS = "alerts"


@click.command()
@click.option("--url", metavar="URL", help="Ask the UI at this address, too, such as http://127.0.0.1:3000.")
@click.option(
    "--within", type=float, default=WITHIN, show_default=True, metavar="SECONDS",
    help="Give up what takes longer; more on a busy machine.",
)  # fmt: skip
@click.option("--alert", is_flag=True, help="Tell by mail and webhook what is broken and not yet told (DTI_ALERT_*).")
@click.option("--only", multiple=True, metavar="CHECK", help="Answer of this check alone (may be repeated).")
@AS_JSON
@at_data_root
def doctor(store: Store, url: str | None, within: float, only: tuple[str, ...], *, alert: bool, as_json: bool) -> None:
    """Is it well? Name what is broken, where, and the fix.

    Exits 0 if nothing is broken (warnings are well), 1 if something is, or an alert could not be sent.
    """
    place = place_of(store, url)
    answers = asked(place, within)
    failed = tell(place, answers) if alert else []
    if unknown := {*only} - {each.name for each in answers}:
        names = ", ".join(each.name for each in answers)
        raise click.BadParameter(
            f"there is no check {', '.join(sorted(unknown))}; there are: {names}", param_hint="--only"
        )
    answers = [each for each in with_undelivered(answers, failed) if not only or each.name in only]
    if as_json:
        print_json([each._asdict() for each in answers])
    else:
        say(*map(line, answers), summary(answers))
    say(*failed, err=True)
    sys.exit(1 if failed or any(each.state == "broken" for each in answers) else 0)


def place_of(store: Store, url: str | None) -> Place:
    """What is asked about: a data root, and Dagster's home of the environment."""
    from dti_platform.operations.health import Place

    return Place.of(store, os.environ.get("DAGSTER_HOME"), url)


def asked(place: Place, within: float) -> list[Answer]:
    """The answer of every check, the broken first."""
    from dti_platform.operations import health
    from dti_platform.operations.beside import Beside

    end = time.monotonic() + within
    beside = Beside()
    own = list(health.ask(health.discover(), place))
    found = [*own, *beside.answers(end - time.monotonic())]
    order = ["broken", "warning", "ok", "not asked"]
    return sorted(found, key=lambda each: order.index(each.state))


def tell(place: Place, answers: list[Answer]) -> list[str]:
    """Tells what is broken, and all else that people are told by themselves; gives what could not be told."""
    from dti_platform.operations import causes, channels, telling

    broken = [causes.of_health(each.name, each) for each in answers if each.state == "broken" and each.name != LAST_RUN]
    asked = [*telling.kinds(), *(each.name.replace(" ", "_") for each in answers)]
    failed = telling.tell(place, [*broken, *telling.standing(place)], asked)
    if not failed:
        try:
            channels.beat(place.settings)
        except channels.NOT_SENT as error:
            failed.append(f"DTI_ALERT_HEARTBEAT does not answer ({channels.reason(error)})")
    return failed


def with_undelivered(answers: list[Answer], failed: list[str]) -> list[Answer]:
    """The answers, that of alerts broken where one could not be sent just now."""
    from dti_platform.operations.checks.settings import UNDELIVERED
    from dti_platform.operations.health import Finding, answer

    if not failed:
        return answers
    others = [each for each in answers if each.name != ALERTS]
    return [answer(ALERTS, Finding("broken", "; ".join(failed), UNDELIVERED), 0), *others]


def line(answer: Answer) -> str:
    """An answer in a line: the check, what it found, and what to do."""
    fix = f" → {answer.fix}" if answer.fix else ""
    return f"{MARKS[answer.state]} {answer.name}: {answer.what}{fix}"


def summary(answers: list[Answer]) -> str:
    """The last line: whether all is well."""
    count = {state: sum(each.state == state for each in answers) for state in MARKS}
    what = f"{count['broken']} broken, {count['warning']} warnings, {count['ok']} well, {count['not asked']} not asked"
    return f"{'Not well' if count['broken'] else 'All is well'}: {what}"
