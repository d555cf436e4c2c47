"""Commands of the desk: submit and withdraw.

Here: arguments, files named on the command line, exit codes. Not here: what becomes of a file (``submissions``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, PlainFile, appending, print_json, reported, say
from dti_platform.language import shown

if TYPE_CHECKING:
    from dti_platform.language import Language
    from dti_platform.storage import Store
    from dti_platform.submissions import AnsweredFile, Desk


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

    Exits 0 accepted whole, 1 in part, 3 refused; of several files the worst.
    """
    from dti_platform.submissions import Offer, UsageError, list_answers
    from dti_platform.submissions.answer import EXIT
    from dti_platform.submissions.forms import discover
    from dti_platform.submissions.forms.text import lines

    discover()  # a form that can't be made is an error before a file is kept
    offers = [Offer(path.read_bytes(), path.name, feed, sender, period) for path in files]
    try:
        served = list(_desk(store).serve(offers, dry_run=dry_run))
    except UsageError as error:
        raise click.UsageError(shown(str(error))) from error
    for each in served:
        folder = _kept(store, each, answers)
        if not as_json:
            say(*lines(each.answer, lang), *([f"  → {folder}"] if folder else []))
    if not dry_run and answers is None:
        list_answers(store)
    store.derived.record()
    if as_json:
        print_json([each.answer.to_dict() for each in served])
    if then_run and not dry_run:
        periods = sorted({each.answer.period for each in served if each.answer.outcome != "refused"})
        _run(store, periods, lang, quiet=as_json)
    sys.exit(max(EXIT[each.answer.outcome] for each in served))


def _kept(store: Store, served: AnsweredFile, folder: Path | None) -> Path | None:
    """Where the answer was put; None: nowhere, for it was only tried, or its file has an answer already."""
    from dti_platform.submissions import keep_answer

    receipt = served.answer.receipt
    answered = served.answer.outcome == "unchanged" and store.answers().has(str(receipt))
    if folder is None and (receipt is None or answered):
        return None
    return keep_answer(store, served, folder)


def _run(store: Store, periods: list[str], language: Language, *, quiet: bool) -> None:
    """The main job for these periods; its summary goes to standard error where JSON goes to standard output."""
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
@click.option("--reason", required=True, help="Why it no longer counts, for everybody who asks later.")
@LANGUAGE
@AS_JSON
@appending
@reported
def withdraw(store: Store, receipt: int, reason: str, lang: Language, *, as_json: bool) -> None:
    """Withdraw a received file by the number of its receipt.

    It no longer counts, and nothing of it is removed. The version before it takes effect again, and is named.
    """
    gone, counting = _desk(store).withdraw(receipt, reason)
    if as_json:
        fields = {"withdrawn": receipt, "file_name": gone.name, "reason": reason}
        print_json({**fields, "counts": counting.number if counting else None})
        return
    counts = f"{counting.number} ({counting.name})" if counting else {"vi": "không có", "en": "none"}[lang]
    words = {"vi": ("Đã rút biên nhận", "Phiên bản được tính"), "en": ("Withdrawn: receipt", "The version that counts")}
    say(f"{words[lang][0]} {receipt} ({gone.name}). {words[lang][1]}: {counts}")


def _desk(store: Store) -> Desk:
    from dti_platform import feeds, methodology, units
    from dti_platform.submissions import Desk

    known = units.load(check=False)
    return Desk(store, feeds.Known(known, methodology.load(units=known)))
