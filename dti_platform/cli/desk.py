"""Commands of the desk: submit, confirm, receipts and withdraw.

Here: arguments, files named on the command line, exit codes. Not here: how a file is processed (``submissions``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import (
    AS_JSON,
    LANGUAGE,
    PlainFile,
    appending,
    at_data_root,
    not_blank,
    print_json,
    reported,
    say,
)
from dti_platform.language import shown

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.language import Bilingual, Language
    from dti_platform.reading import Unreadable
    from dti_platform.storage import Receipt, Store
    from dti_platform.submissions import AnsweredFile, Desk, Effect, Line


@click.command()
@click.argument("files", nargs=-1, required=True, type=PlainFile(), metavar="FILE...")
@click.option("--feed", required=True, metavar="FEED", help="self_assessment, for instance.")
@click.option("--sender", metavar="UNIT", help="Unit id or name; a file of another unit is refused.")
@click.option("--period", metavar="PERIOD", help="Default: as the file says; a file of another period is refused.")
@click.option("--dry-run", is_flag=True, help="Stop at the comparison with what is held; keep nothing.")
@click.option("--run", "then_run", is_flag=True, help="Run the main job for the period afterwards.")
@click.option("--answers", type=click.Path(path_type=Path, file_okay=False), help="A folder for the answers.")
@LANGUAGE
@AS_JSON
@appending
def submit(
    store: Store, files: tuple[Path, ...], feed: str, sender: str | None, period: str | None, answers: Path | None,
    lang: Language, *, dry_run: bool, then_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Submit files: each is read, compared, kept and answered at once.

    The answer lies in data/answers/<unit or feed>/<receipt> as JSON, as a page and as the workbook with its cells
    coloured. An accepted file counts from the next run on.

    Exits 0 accepted whole, 1 in part, 3 refused, 4 where it waits for confirmation, which its answer explains; of
    several files the highest.
    """
    from dti_platform.submissions import Offer, UsageError, list_answers
    from dti_platform.submissions.answer import EXIT
    from dti_platform.submissions.forms import discover
    from dti_platform.submissions.forms.text import lines

    discover()  # a form that can't be built is an error before any file is kept
    offers = [Offer(path.read_bytes(), path.name, feed, sender, period) for path in files]
    try:
        served = list(_desk(store).serve(offers, dry_run=dry_run))
    except UsageError as error:
        raise click.UsageError(shown(str(error))) from error
    for file in served:
        if not as_json:
            say(*lines(file.answer, lang))  # before it is kept, which a full disk may prevent: the file has its receipt
        folder = _keep(store, file, answers)
        if folder and not as_json:
            say(f"  → {folder}")
    if not dry_run:
        list_answers(store)
    store.derived.record()
    if as_json:
        print_json([file.answer.to_dict() for file in served])
    if then_run and not dry_run:
        ignored = ("refused", "waiting")
        periods = sorted({file.answer.period for file in served if file.answer.outcome not in ignored})
        _run(store, periods, lang, quiet=as_json)
    sys.exit(max(EXIT[file.answer.outcome] for file in served))


def _keep(store: Store, served: AnsweredFile, folder: Path | None) -> Path | None:
    """Keep the answer, also in ``folder``; its folder, or None for a dry run and a file that was answered before."""
    from dti_platform.submissions import keep_answer

    receipt = served.answer.receipt
    is_repeat = served.answer.outcome == "unchanged" and store.answers().has(str(receipt))
    kept = None if receipt is None or is_repeat else keep_answer(store, served)
    return keep_answer(store, served, folder) if folder else kept


def _run(store: Store, periods: list[str], language: Language, *, quiet: bool) -> None:
    """Run the main job for these periods and print its summary, unless JSON goes to standard output."""
    from dti_platform.orchestration.run import run_main_job
    from dti_platform.report.terminal import show, summary

    if periods:
        outcome = run_main_job(store, periods).to_dict()
        if not quiet:
            show(summary(outcome, language))
        if not outcome["success"]:
            raise click.ClickException(f"the run after the submission failed: {outcome['failure']}")


@click.command()
@click.argument("receipt", type=int)
@click.option(
    "--reason",
    default="confirmed by hand",
    show_default=True,
    callback=not_blank,
    help="Why, for everybody who asks later.",
)
@LANGUAGE
@AS_JSON
@appending
@reported
def confirm(store: Store, receipt: int, reason: str, lang: Language, *, as_json: bool) -> None:
    """Let a file count that waits for confirmation.

    From now on it counts. Where it waits only because it lacks figures that count, its sender does the same by sending
    it again.
    """
    from dti_platform.submissions import Register, keep_answer, list_answers
    from dti_platform.submissions.answer import EXIT
    from dti_platform.submissions.forms.text import lines

    _refuse(Register(store).why_not_confirmed(receipt))
    answered = _desk(store).confirm(receipt, reason)
    keep_answer(store, answered)
    list_answers(store)
    store.derived.record()
    if as_json:
        print_json(answered.answer.to_dict())
    else:
        say(*lines(answered.answer, lang))
    sys.exit(EXIT[answered.answer.outcome])


@click.command()
@click.option("--unit", metavar="UNIT", help="Unit id or name.")
@click.option("--feed", metavar="FEED", help="self_assessment, for instance.")
@click.option("--period", metavar="PERIOD", help="2022, for instance.")
@LANGUAGE
@AS_JSON
@at_data_root
def receipts(
    store: Store, unit: str | None, feed: str | None, period: str | None, lang: Language, *, as_json: bool
) -> None:
    """List what was received, and what became of each file.

    A file counts, is superseded, waits for confirmation, never counted, was refused or withdrawn. No file is opened.
    """
    from dti_platform.submissions import Register

    store.must_exist()
    lines = list(Register(store).lines(feed, period, _units(unit) if unit else ()))
    if as_json:
        print_json([line.to_dict() for line in lines])
        return
    if lines:
        say(*(_format(line, lang) for line in lines))


def _units(name: str) -> list[str]:
    """The ids of the units with this id or name: a merged province may keep the name of one of its parts."""
    from dti_platform import units

    known = units.load(check=False)
    if name in known.all:
        return [name]
    ids = [unit for geography in known.geographies if (unit := known.find(name, geography).unit_id)]
    if not ids:
        raise click.UsageError(f"no unit is called {name!r}; give its code, such as VN63-19")
    return ids


def _format(line: Line, language: Language) -> str:
    """Number, time in Vietnam, state, feed, period, unit and name of a received file, and who brought it."""
    from dti_platform.glossary import feed_name, terms
    from dti_platform.periods import in_vietnam
    from dti_platform.problems import catalogue

    receipt, state = line.receipt, terms("receipt_states")[line.state]
    refused = catalogue("file").get(line.reason) if line.state == "refused" else None
    why = refused.why.text(language) if refused else line.reason
    status = state.format(number=receipt.repeats, counting=line.counting or "–").text(language)
    status += f" ({why})" if why else ""
    sender = terms("receipt_words")["by"].format(by=receipt.by).text(language) if receipt.by else ""
    facts = (
        f"{in_vietnam(receipt.received_at):%d/%m/%Y %H:%M}",
        status,
        feed_name(receipt.feed).text(language),
        receipt.period,
        line.unit or "",
        receipt.name,
        sender,
    )
    return "  ".join((f"{receipt.number:>4}", *filter(None, facts)))


@click.command()
@click.argument("receipt", type=int)
@click.option("--reason", required=True, help="Why it no longer counts, for everybody who asks later.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@LANGUAGE
@AS_JSON
@appending
@reported
def withdraw(store: Store, receipt: int, reason: str, lang: Language, *, yes: bool, as_json: bool) -> None:
    """Withdraw a received file by the number of its receipt.

    Shows which figures and scores change and asks. Then it no longer counts, and nothing of it is removed; the version
    before it takes effect again. A file that can't be read can be withdrawn, too. Exits 2 where there is neither a
    terminal to ask at nor --yes.
    """
    from dti_platform.glossary import terms
    from dti_platform.submissions import Effect, Register, effect, list_answers

    words, register = terms("receipt_words"), Register(store)
    _refuse(register.why_not_withdrawn(receipt))
    withdrawn = store.landing.receipt(receipt)
    successor = register.counting_without(withdrawn)
    counts = f"{successor.number} ({_name(successor)})" if successor else words["nothing"]
    values = {"number": receipt, "name": _name(withdrawn), "counts": counts}
    changes = effect(store, _known(), withdrawn)
    if not yes:
        say(words["takes_away"].format(**values).text(lang), *_effect(changes, store, lang), err=True)
        if not at_a_terminal():
            raise click.UsageError(words["no_terminal"].both)
        click.confirm(words["ask"].text(lang), abort=True, err=True)
    known = changes if isinstance(changes, Effect) else None
    store.landing.withdraw_one(receipt, reason, known.begun if known else None)
    list_answers(store)
    store.derived.record()
    if as_json:
        file = {"feed": withdrawn.feed, "period": withdrawn.period, "file_name": withdrawn.name}
        figures = {"figures": known and known.counted, "begun": known and known.begun}
        fields = {"withdrawn": receipt, **file, "reason": reason, **figures}
        print_json({**fields, "counts": successor.number if successor else None})
        return
    say(words["withdrawn"].format(**values).text(lang), *_effect(changes, store, lang))


def _refuse(why: Bilingual | None) -> None:
    """End a command with the reason why it can't act, in both languages, because officials read it."""
    if why:
        raise click.ClickException(shown(why.both))


def _effect(changes: Effect | Unreadable, store: Store, language: Language) -> list[str]:
    """The figures and scores that a withdrawal changes, and the other files whose figures begin to count."""
    from dti_platform.glossary import terms
    from dti_platform.submissions import Effect
    from dti_platform.submissions.forms.text import moves

    words = terms("receipt_words")
    if not isinstance(changes, Effect):
        return [f"  {words['unread'].format(why=changes.detail).text(language)}"]
    begun = ((store.landing.receipt(number), count) for number, count in changes.begun.items())
    texts = [words["begun"].format(number=file.number, name=_name(file), count=count) for file, count in begun]
    lines = moves(changes.counted, changes.changes, changes.consequences, language)
    return [*lines, *(f"  {text.text(language)}" for text in texts)]


def _name(receipt: Receipt) -> str:
    return f"{receipt.feed}/{receipt.period}/{receipt.name}"


def at_a_terminal() -> bool:
    """Whether there is a terminal at which to ask."""
    return sys.stdin.isatty()


def _desk(store: Store) -> Desk:
    from dti_platform.submissions import Desk

    return Desk(store, _known())


def _known() -> Known:
    from dti_platform import feeds, methodology, units

    known = units.load(check=False)
    return feeds.Known(known, methodology.load(units=known))
