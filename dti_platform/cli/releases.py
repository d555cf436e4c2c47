"""Commands about releases: releases, ranking, diff, export, verify, trace, rebuild."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, RELEASE, at_data_root, empty_folder, print_json, say
from dti_platform.cli.usage import InBothLanguages

if TYPE_CHECKING:
    from dti_platform.language import Bilingual, Language
    from dti_platform.pipeline.rebuild import Rebuilt
    from dti_platform.storage import Store


@click.command()
@LANGUAGE
@AS_JSON
@at_data_root
def releases(store: Store, lang: Language, *, as_json: bool) -> None:
    """List the candidate, the releases and the head of the ledger."""
    from dti_platform.glossary import RELEASE_TYPES, terms
    from dti_platform.periods import moment

    store.must_exist()
    candidate = waiting(store)
    rows = [
        {"release": release.name, "published_at": release.published_at, "type": release.kind, "reason": release.reason,
         "by": release.by, "for": release.on_behalf}
        for release in store.releases.list()
    ]  # fmt: skip
    head = store.ledger.head()
    if as_json:
        ledger = {"sequence": head.sequence, "sha256": head.sha256}
        print_json({"candidate": candidate, "releases": rows, "ledger": ledger})
        return
    if candidate:
        from dti_platform.report.terminal import candidate_lines, show

        show(candidate_lines(candidate, lang))
    for row in rows:
        publisher = " · ".join(name for name in (row["for"], row["by"]) if name)
        kind, time = RELEASE_TYPES[str(row["type"])].text(lang), moment(row["published_at"]).text(lang)
        facts = (row["release"], time, kind, publisher, row["reason"])
        say("  ".join(text for text in facts if text))
    say(terms("verify_words")["ledger_end"].format(sequence=head.sequence, sha256=head.sha256).text(lang))


def waiting(store: Store) -> dict[str, Any] | None:
    """The candidate that waits to be published; the pipeline is imported only if there is one."""
    if store.candidates.standing() is None:
        return None
    from dti_platform.pipeline import candidate

    return candidate.waiting(store)


@click.command()
@click.argument("release", required=False)
@click.option(
    "--head",
    metavar="SHA256",
    help="The last head of the ledger that you noted, or its first digits: finds what was cut off, too.",
)
@LANGUAGE
@AS_JSON
@at_data_root
def verify(store: Store, release: str | None, head: str | None, lang: Language, *, as_json: bool) -> None:
    """Check every byte that is kept or derived.

    Of ledger, landing, releases, candidate, tables, cache and answers; with RELEASE, of the ledger and of that release.
    Exits 1 if there is a fault. Faults are printed in English, for those who repair them.
    """
    from dti_platform.glossary import terms

    words = terms("verify_words")
    faults = store.verify(head, release)
    not_recorded = {} if release else {part: len(paths) for part, paths in store.unrecorded().items()}
    if as_json:
        print_json({"faults": faults, "not_recorded": not_recorded})
    else:
        for fault in faults:
            say(f"✗ {fault}")
        for part, number in not_recorded.items():
            say(f"· {words['not_recorded'].format(part=part, count=number).text(lang)}")
        end = words["faults"].format(count=len(faults), end=ledger_end(store)).text(lang)
        say(f"{'✗' if faults else '✓'} {end}")
    sys.exit(1 if faults else 0)


def ledger_end(store: Store) -> Bilingual:
    """The end of the ledger, or why it can't be read."""
    from dti_platform.glossary import terms
    from dti_platform.language import Bilingual
    from dti_platform.storage import StorageError

    try:
        end = store.ledger.head()
    except (StorageError, OSError) as error:
        return Bilingual.same(str(error))
    return terms("verify_words")["ledger_end"].format(sequence=end.sequence, sha256=end.sha256)


@click.command(cls=InBothLanguages)
@click.argument("unit", required=False)
@click.option("--period", metavar="PERIOD", help="2022, for instance.")
@click.option("--node", metavar="CODE", help="A pillar, main index or indicator (default: the index).")
@click.option("--full", is_flag=True, help="All figures, and the tree from the score to its cells.")
@click.option(
    "--from", "origin", nargs=2, metavar="FILE CELL", help="From a cell to the scores and ranks that it moves."
)
@RELEASE
@LANGUAGE
@AS_JSON
@at_data_root
def trace(
    store: Store,
    unit: str | None,
    period: str | None,
    node: str | None,
    origin: tuple[str, str] | None,
    release: str | None,
    lang: Language,
    *,
    full: bool,
    as_json: bool,
) -> None:
    """Trace a published score to its file, cell, raw text and rule.

    In five lines: the evidence, the score and rank, their source, the reason for the rank, the period before. The
    other way, --from FILE CELL gives the scores and ranks that a received cell moves.
    """
    from dti_platform import explain, units

    opened = store.open_release(release)
    try:
        if origin:
            result = explain.reach(opened, *origin)
            lines = explain.reach_lines(result, lang)
        elif unit and period:
            result = explain.trace(opened, units.load(check=False), unit, period, node)
            lines = (explain.trace_lines if full else explain.brief_lines)(result, lang)
        else:
            message = explain.WORDS["trace_period" if unit else "trace_unit"].format(unit=unit)
            raise click.UsageError(message.text(lang))
    except explain.NothingToTrace as error:
        raise click.ClickException(error.told.text(lang)) from error
    if as_json:
        print_json(result.to_dict())
    else:
        say(*lines)


@click.command()
@click.argument("period", required=False)
@click.option("--unit", metavar="NAME", help="One unit, over the years (with PERIOD, in that one).")
@click.option("--level", type=click.Choice(["provincial", "ministerial"]), help="Whose ranking (default: provincial).")
@click.option("--geography", help="VN63, VN34 or MIN22 (default: the one that is shown: for 2024 the 34 provinces).")
@click.option("--scorecard", is_flag=True, help="Operational figures against plan: the country's, or those of a unit.")
@RELEASE
@LANGUAGE
@AS_JSON
@at_data_root
def ranking(
    store: Store,
    period: str | None,
    unit: str | None,
    level: str | None,
    geography: str | None,
    release: str | None,
    lang: Language,
    *,
    scorecard: bool,
    as_json: bool,
) -> None:
    """Print who stands where.

    The ranking of PERIOD (default: the newest), one unit over the years, or operational figures against plan. What was
    published is shown wherever it is known; what is ours beside it is marked.
    """
    from dti_platform import units
    from dti_platform.explain import NothingToTrace
    from dti_platform.feeds.feed import OWN_INDEX
    from dti_platform.report import league, terminal

    if (level or geography) and (unit or scorecard):
        raise click.UsageError("--level and --geography choose a whole ranking: leave out --unit and --scorecard")
    opened = store.open_release(release)
    try:
        if scorecard:
            data: Any = league.figures(opened, units.load(check=False), unit, period).to_dict()
            blocks = [terminal.against_plan(data, lang)]
        elif unit:
            data = league.over_the_years(opened, units.load(check=False), unit, period).to_dict()
            blocks = [terminal.over_the_years(data, lang)]
        else:
            leagues = league.leagues(opened, level or "provincial", period, geography, OWN_INDEX)
            data = [table.to_dict() for table in leagues]
            blocks = [terminal.ranking(table, lang) for table in data]
    except NothingToTrace as error:
        raise click.ClickException(error.told.text(lang)) from error
    if as_json:
        print_json(data)
    else:
        for block in blocks:
            terminal.show(block)


@click.command()
@click.argument("one", metavar="R1")
@click.argument("other", metavar="R2")
@click.option("--all", "every_node", is_flag=True, help="Every pillar, main index and indicator, too.")
@LANGUAGE
@AS_JSON
@at_data_root
def diff(store: Store, one: str, other: str, lang: Language, *, every_node: bool, as_json: bool) -> None:
    """Show who moved between two releases, and why.

    Instead of a release, `candidate` names what waits to be published. Each change of a score or a rank has its old and
    new value, type, reason and cells; operational figures and rankings that are new follow.
    """
    from dti_platform import explain

    try:
        result = explain.difference(store.open_release(one), store.open_release(other), store.releases)
    except explain.NothingToTrace as error:
        raise click.ClickException(error.told.text(lang)) from error
    if as_json:
        print_json(result.to_dict())
    else:
        say(*explain.difference_lines(result, lang, whole=every_node))


@click.command()
@RELEASE
@click.option("--out", metavar="DIR", help="An empty folder to write the site into (default: published/sites).")
@click.option("--open", "to_open", is_flag=True, help="Open its first page in a browser.")
@AS_JSON
@at_data_root
def report(store: Store, release: str | None, out: str | None, *, to_open: bool, as_json: bool) -> None:
    """Make the site of a release: pages that open without a server.

    The newest release has its site from `dti run` already. The same release and the same code give the same bytes.
    """
    store.must_exist()
    from dti_platform.pipeline import site

    if out is None:
        result = site.make(store, release)
    else:
        folder = Path(out)
        empty_folder(folder)
        result = site.write(store, folder, release)
    first_page = result.path / "index.html"
    if as_json:
        print_json({"release": result.release, "path": str(result.path), "is_new": result.is_new})
    else:
        say(str(first_page))
    if to_open:
        click.launch(str(first_page))


@click.command()
@click.argument("table")
@click.option("--illustrative", is_flag=True, help="The illustrative rows of the table: those on synthetic input.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx", "parquet", "sdmx-csv", "sdmx-structure"]),
    default="csv",
    show_default=True,
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(["vi", "en"]),
    help="The form to print on A4 in this language, names for codes (xlsx).",
)
@RELEASE
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The newest published by this day.")
@click.option("--out", metavar="FILE", help="The file to write; - is standard output (default: TABLE-RELEASE.FORMAT).")
@at_data_root
def export(
    store: Store,
    table: str,
    form: str,
    release: str | None,
    as_of: datetime | None,
    out: str | None,
    language: Language | None,
    *,
    illustrative: bool,
) -> None:
    """Write a released table as CSV, Excel, Parquet or SDMX.

    Its illustrative rows are a table of their own: --illustrative, or illustrative/TABLE. No text becomes a formula in
    a spreadsheet. sdmx-csv is SDMX-CSV 2.0, sdmx-structure the SDMX-ML 3.0 that describes it.
    """
    from dti_platform.publications.halves import halves_of
    from dti_platform.report import export as exports
    from dti_platform.report import printed as forms
    from dti_platform.report import sdmx

    if release and as_of:
        raise click.UsageError("say which release or as of which day, not both")
    if language and form != "xlsx":
        raise click.UsageError("--lang is the form to print, which is a workbook: add --format xlsx")
    if form in sdmx.FORMS and release == "candidate":
        raise click.UsageError("SDMX names a published release; `dti release` publishes the candidate")
    opened = store.open_release(release, as_of=as_of.date() if as_of else None)
    table = halves_of(table)[1] if illustrative else table
    try:
        if form in sdmx.FORMS:
            content = sdmx.FORMS[form](sdmx.Released.of(store.releases.find(opened.name), opened), table)
        else:
            content = forms.printed(opened, table, language) if language else exports.export(opened, table, form)
    except (exports.TooLong, sdmx.NoDataflow) as error:
        raise click.ClickException(str(error)) from error
    file = f"{table.replace('/', '-')}-{opened.name}.{sdmx.EXTENSIONS.get(form, form)}"
    with click.open_file(out or file, "wb") as stream:
        stream.write(content)
    say(f"{table}, {opened.name}: {len(content):,} bytes", err=True)


@click.command()
@click.argument("release")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the files of the release here, too."
)
@AS_JSON
@at_data_root
def rebuild(store: Store, release: str, out: Path | None, *, as_json: bool) -> None:
    """Rebuild a release and compare every byte.

    It is made from landing and ledger; what is gone or damaged in its folder is put back. Exits 1 and names what
    prevents it: inputs that are gone, or files that differ, with the code, lock, reference data and frameworks that are
    not those of the release, and the commit that made it.
    """
    from dti_platform.pipeline import Platform
    from dti_platform.pipeline.rebuild import rebuild as rebuild_release

    result = rebuild_release(Platform(store), release)
    if as_json:
        print_json(result.to_dict())
    else:
        say(*rebuilt_lines(result))
    if out and result.whole:
        copy_files(store, result.release, out)
    sys.exit(0 if result.whole else 1)


def rebuilt_lines(result: Rebuilt) -> list[str]:
    """The result: one line if every byte is as published, else one for each difference; then the changed inputs."""
    changed = [f"  {change}" for change in result.changed]
    put_back = [f"→ {file}: was gone or damaged, put back as published" for file in result.put_back]
    if result.whole:
        return [*put_back, f"✓ {result.release}: {result.files} files, every byte as published", *changed]
    error = [f"✗ {result.release}: this code can't make it: {result.error}"] if result.error else []
    fault = "not made" if result.error else "differs from the published file"
    differing = [f"✗ {file}: {fault}" for file in result.differing]
    commit = result.commit or "of that day (none was recorded)"
    advice = [f"  to rebuild it, check out commit {commit}"] if result.differing else []
    faults = [f"✗ {line}" for line in (*result.gone, *result.faults)]
    return [*put_back, *faults, *error, *differing, *changed, *advice]


def copy_files(store: Store, release: str, out: Path) -> None:
    """Write the verified files of a release to another folder, which must be empty."""
    empty_folder(out)
    opened = store.releases.open(release)
    for name in opened.files:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(opened.read(name))
