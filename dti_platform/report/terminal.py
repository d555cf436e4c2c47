"""The terminal summary of a run: what came in, what was checked, who leads, where the release is.

Headings are in both languages; words and numbers are as the chosen language writes them: ``0,8002`` in Vietnamese,
``0.8002`` in English, and thousands are not grouped, for 77.616 is two numbers in the two languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dti_platform.amounts import amount, amount_of
from dti_platform.codes import LISTS
from dti_platform.explain.text import bounds
from dti_platform.failing_row import sentence
from dti_platform.glossary import BASES, COMPARISONS, EVIDENCE, feed_name, terms
from dti_platform.language import Bilingual, Language, format_number
from dti_platform.periods import in_vietnam
from dti_platform.problems import catalogue
from dti_platform.report.failure import ending
from dti_platform.report.markup import foreign, markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import JustifyMethod, RenderableType

    from dti_platform.tables import Row

OURS = "°"
PILLARS = (("digital_government", "CQS"), ("digital_economy", "KTS"), ("digital_society", "XHS"))
MARKS = {
    "passed": "[green]✓[/]",
    "known": "[dim]·[/]",
    "noted": "[blue]i[/]",
    "warned": "[yellow]![/]",
    "failed": "[red]✗[/]",
    "could not run": "[magenta]?[/]",
}


#: What the columns of what came in, and the ends of a check, are called.
WORDS = terms("terminal_words")
RANKS = terms("rank_words")
CANDIDATE = terms("candidate_words")
LEAGUE = terms("league_words")
RECEIPTS = terms("receipt_words")
#: So many files that were refused or wait have a line of their own.
MOST_LINES = 20


def show(block: RenderableType) -> None:
    """Print a block; a pipe gets the same without colours."""
    from rich.console import Console

    Console().print(block, crop=False)


def printed(block: RenderableType) -> str:
    """A block as ``show`` prints it in a terminal, to be printed later."""
    from rich.console import Console

    console = Console(force_terminal=True, color_system="standard", width=Console().width)
    with console.capture() as captured:
        console.print(block, crop=False)
    return captured.get()


def summary(run: Mapping[str, Any], language: Language) -> RenderableType:
    """A run's outcome (``RunOutcome.to_dict``) as a few short blocks; reasons in one language (vi, en)."""
    if run["failure_kind"] == "locked":  # nothing was begun
        return Group(*map(markup, [*remarks(run), *ending(run, language)]))
    blocks: list[RenderableType] = [received(run["received"], language)]
    blocks += [markup(f"[yellow]! {lying(each)}[/]: {foreign(each['why'])}") for each in run["not_taken"]]
    blocks += map(markup, remarks(run))
    blocks += [markup(line) for line in arrivals(run, language)]
    blocks.append(checks(run["checks"], language))
    if run["ranking"]:
        blocks.append(ranking(run["ranking"], language))
    blocks += [markup(line) for line in [*closing(run, language)]]
    if run["success"] and run["candidate"]:
        blocks.append(to_type(run["candidate"], language))
    return Group(*blocks)


def arrivals(run: Mapping[str, Any], language: Language) -> list[str]:
    """One line for each file that is refused, withdrawn, waits or is an older one, and for each that took a place."""
    lines = [f"[red]✗ {named(each)}[/]: {foreign(why(each['reason'], language))}" for each in run["refused"]]
    asked = ((each, _to_confirm(each)) for each in run["waiting"])
    lines += [f"[yellow]? {named(each)}[/]: {foreign(question.text(language))}" for each, question in asked]
    was = ((each, RECEIPTS["lies_there"].format(reason=each["reason"])) for each in run["withdrawn"])
    lines += [f"[yellow]! {named(each)}[/]: {foreign(text.text(language))}" for each, text in was]
    lines += [
        f"[yellow]! {named(each)}[/]: {foreign(_counts_instead(each).text(language))}" for each in run["outdated"]
    ]
    lines += [f"→ {named(each)}: {foreign(_took(each).text(language))}" for each in run["replaced"]]
    more = RECEIPTS["more"].format(count=len(lines) - MOST_LINES).text(language)
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"[dim]{more}[/]"]


def _to_confirm(receipt: Mapping[str, Any]) -> Bilingual:
    """Why a file waits, and what to type to let it count."""
    case = "withdrawn_before" if receipt["withdrawn_before"] else "to_confirm"
    return RECEIPTS[case].format(number=receipt["receipt"], withdrawn=receipt["withdrawn_before"])


def _counts_instead(receipt: Mapping[str, Any]) -> Bilingual:
    """Which receipt counts instead of an older file that lies in its folder, and how to go back to that."""
    later = ", ".join(map(str, receipt["later"]))
    return RECEIPTS["outdated"].format(counting=receipt["counting"], later=later)


def _took(receipt: Mapping[str, Any]) -> Bilingual:
    """Which receipt waited and counts because of this one, and in whose place."""
    spelling = "replaces_spelling" if receipt["spelling"] else "replaces"
    cases = {"confirms": receipt["confirms"], spelling: receipt["replaces"]}
    sentences = [
        RECEIPTS[name].format(number=number, name=receipt["spelling"]) for name, number in cases.items() if number
    ]
    return Bilingual(*map(", ".join, zip(*sentences, strict=True)))


def named(receipt: Mapping[str, Any]) -> str:
    """A file by its feed, period and name, with the number of its receipt."""
    return foreign(f"{receipt['receipt']} {receipt['feed']}/{receipt['period']}/{receipt['file_name']}")


def lying(arrival: Mapping[str, Any]) -> str:
    """A file in a folder by its feed, the sender's folder, period and name, as far as it has them."""
    return foreign("/".join(filter(None, (arrival[name] for name in ("feed", "folder", "period", "file")))))


def why(reason: str, language: Language) -> str:
    """Why a file is refused, and what mends it; a code that the catalogue does not have stands for itself."""
    problem = catalogue("file").get(reason)
    return f"{problem.why.text(language)}. {problem.fix.text(language)}" if problem else reason


def remarks(outcome: Mapping[str, Any]) -> list[str]:
    """What went wrong beside a run, and stopped nothing."""
    return [f"[yellow]! {foreign(each)}[/]" for each in outcome["remarks"]]


def received(rows: Sequence[Row], language: Language) -> Table:
    """What each feed brought: files, cells accepted and quarantined; a refused file is neither official nor not."""
    table = Table(box=None, pad_edge=False, title="Đã nhận / Received", title_justify="left", title_style="bold")
    table.add_column(WORDS["feed"].text(language))
    for name in ("files", "refused", "cells", "accepted", "quarantined"):
        table.add_column(WORDS[name].text(language), justify="right")
    table.add_column(WORDS["evidence"].text(language))
    for row in rows:
        style = "dim" if row["evidence"] == "illustrative" else ""
        table.add_row(
            foreign(feed_name(row["feed"]).text(language)),
            *(count(row[name]) for name in ("files", "refused", "cells", "accepted", "quarantined")),
            EVIDENCE[row["evidence"]].text(language) if row["evidence"] else "–",
            style=style,
        )
    return table


def checks(counts: Mapping[str, Any], language: Language) -> Text:
    """One line of counts, one for each check that did not pass; what stops the publication is told at the end."""
    seen = [kind for kind in MARKS if counts[kind] or kind == "passed"]
    tally = "  ".join(f"{MARKS[kind]} {counts[kind]} {WORDS[kind].text(language)}" for kind in seen)
    lines = [line for each in counts["not_passed"] for line in _not_passed(each, language)]
    return markup("\n".join([f"\n[bold]Kiểm tra / Checks[/]  {tally}", *lines]))


def _not_passed(check: Mapping[str, Any], language: Language) -> list[str]:
    """A check with what it found; one that warns with its first row, for nothing else tells it."""
    line = f"  {MARKS[check['kind']]} {check['table']}.{check['name']} [dim]{foreign(check['found'])}[/]"
    rows = check["rows"][:1] if check["kind"] == "warned" else []
    return [line, *(f"      {foreign(sentence(row, language))}" for row in rows)]


def ranking(top: Mapping[str, Any], language: Language) -> RenderableType:
    """A ranking, or its first rows, with the pillars of which any is known and the change since the one before."""
    known = [(f"score_{concept}", label) for concept, label in PILLARS]
    pillars = [(name, label) for name, label in known if any(row.get(name) is not None for row in top["rows"])]
    table = _table(rank="right", change="right", language=language)
    apart = any(between(row, language) for row in top["rows"])
    if apart:
        table.add_column(RANKS["column"].text(language), justify="right")
    table.add_column(LEAGUE[top["level"]].both)
    for label in (top["index"], *(label for _, label in pillars)):
        table.add_column(label, justify="right")
    for row in top["rows"]:
        places = [count(row["rank"]), change(row["rank_change"]), *([between(row, language)] if apart else [])]
        scores = [shown_score(row, name, language) for name in ("score", *(name for name, _ in pillars))]
        table.add_row(*places, foreign(row[f"unit_name_{language}"]), *scores)
    return _told(_heading(top, language), table, _remarks(top["rows"], _unknown(top, language)))


def between(row: Row, language: Language) -> str:
    """Between which ranks a unit may stand, where that is not settled."""
    told = bounds(row.get("rank_best"), row.get("rank_worst"))
    return told.text(language) if told else ""


def _told(title: str, table: Table, remarks: Sequence[str] = ()) -> RenderableType:
    """A table with its title above and remarks below, over the whole width."""
    return Group(markup(f"\n[bold]{foreign(title)}[/]"), table, *(markup(f"[dim]{each}[/]") for each in remarks))


def _table(*, language: Language, **columns: JustifyMethod) -> Table:
    """A table without lines, with its first columns by their name in the glossary and how they stand."""
    table = Table(box=None, pad_edge=False)
    for name, justify in columns.items():
        table.add_column(LEAGUE[name].text(language), justify=justify)
    return table


def _heading(top: Mapping[str, Any], language: Language) -> str:
    """What is ranked, of when, among whom, and who says so."""
    group = [LISTS["peer_group"].names[top["peer_group"]].text(language)] if top["peer_group"] else []
    kind = f"{BASES[top['basis']].text(language)}, {EVIDENCE[top['evidence']].text(language)}"
    facts = " · ".join((f"{top['index']} {top['period']}", top["geography"], *group, kind))
    return f"{facts} ({top['source']})"


def _unknown(top: Mapping[str, Any], language: Language) -> list[str]:
    """How many ranks of the ranking are known, where not all are."""
    lacking = top["peers"] is None or top["ranked"] < top["peers"]
    known = LEAGUE["known"] if top["peers"] else LEAGUE["known_alone"]
    return [known.format(ranked=top["ranked"], peers=top["peers"]).text(language)] if lacking else []


def _remarks(rows: Sequence[Row], others: Sequence[str] = ()) -> list[str]:
    """The lines below a table: what the mark of ours means, where one stands there; then others."""
    ours = [f"{OURS} {LEAGUE['ours'].both}"] if any(row["recomputed"] for row in rows) else []
    return [*ours, *map(foreign, others)]


def over_the_years(unit: Mapping[str, Any], language: Language) -> RenderableType:
    """One unit in each ranking: rank among how many, the rank before, change, scores with the ranks of pillars."""
    table = _table(period="left", rank="right", before="right", change="right", language=language)
    for label in (unit["rows"][-1]["index_name"], *(label for _, label in PILLARS)):
        table.add_column(label, justify="right")
    for row in unit["rows"]:
        rank = count(row["rank"]) or "·"
        among = f"{rank}/{row['peers']}" if row["peers"] else rank
        pillars = [_pillar(row, concept, language) for concept, _ in PILLARS]
        places = among, count(row["previous_rank"]) or "·", change(row["rank_change"])
        table.add_row(row["period"], *places, shown_score(row, "score", language), *pillars)
    remarks = _remarks(unit["rows"], [*_not_settled(unit["rows"], language), *_not_compared(unit["rows"], language)])
    return _told(unit[f"unit_name_{language}"], table, remarks)


def _pillar(row: Row, concept: str, language: Language) -> str:
    """A pillar's score with its rank, as far as each is known."""
    rank = row[f"rank_{concept}"]
    return shown_score(row, f"score_{concept}", language) + (f"({rank})" if rank else "")


def _not_settled(rows: Sequence[Row], language: Language) -> list[str]:
    """Of each row whose rank is not settled, between which ranks it may be."""
    told = ((row, between(row, language)) for row in rows)
    return [
        RANKS["of_year"].format(period=row["period"], rank=row["rank"], bounds=ranks).text(language)
        for row, ranks in told
        if ranks
    ]


def _not_compared(rows: Sequence[Row], language: Language) -> list[str]:
    """Of each row without a change, why."""
    return [
        f"{row['period']}, {row['geography']}: {COMPARISONS[row['comparison']].text(language)}"
        for row in rows
        if row["comparison"]
    ]


def against_plan(figures: Mapping[str, Any], language: Language) -> RenderableType:
    """Operational figures of a period: value, plan with its period where that is another one, and gap."""
    table = _table(indicator="left", value="right", plan="right", gap="right", language=language)
    for row in figures["rows"]:
        value = amount_of(row).text(language)
        plan = amount(row["plan"], row["plan_unit_measure"]).text(language)
        of_period = f" ({row['plan_period']})" if row["plan_of_other_period"] else ""
        gap = amount(row["gap"], row["gap_unit_measure"]).text(language)
        ahead = "+" if row["gap"] and row["gap"] > 0 else ""
        table.add_row(foreign(row[f"indicator_name_{language}"]), value, f"{plan}{of_period}", f"{ahead}{gap}")
    return _told(f"{figures[f'unit_name_{language}']} · {figures['period']}", table)


def shown_score(row: Row, name: str, language: Language) -> str:
    """A score; ours is marked, for it was not published."""
    return f"{score(row[name], language)}{OURS if name in row['recomputed'] else ' '}"


def closing(run: Mapping[str, Any], language: Language) -> list[str]:
    """Where the release or the candidate is, or why there is none."""
    waiting = run["candidate"] if run["success"] else None
    told = waiting_lines(waiting, language) if waiting else standing(run, language)
    docs = [f"[dim]kiểm tra, từng dòng / checks, line by line  {foreign(run['docs'])}[/]"] if run["docs"] else []
    seconds = format_number(run["seconds"], 1).text(language)
    made = WORDS["made"].format(ledger=run["ledger_head"], run=run["run_id"][:8], seconds=seconds)
    about = [*docs, f"[dim]{made.text(language)}[/]"]
    if since := run["unchanged_since"]:
        about.append(WORDS["again"].format(at=f"{in_vietnam(since):%Y-%m-%d %H:%M}").text(language))
    return ["", *told, *about] if run["success"] else ["", *about, "", *told]


def standing(outcome: Mapping[str, Any], language: Language) -> list[str]:
    """Which release stands now, and its site; before it why nothing was published, and what stops it."""
    path = foreign(outcome["release_path"])
    if not outcome["success"]:
        return ending(outcome, language)
    site = [f"[dim]{WORDS['site'].both}  {foreign(outcome['site'])}[/]"] if outcome["site"] else []
    if outcome["release_is_new"]:
        return [f"[green bold]Đã công bố / Released[/] [bold]{outcome['release']}[/]  {path}", *site]
    return [f"[bold]Không có gì thay đổi / Nothing changed[/]: {outcome['release']}  {path}", *site]


def published(outcome: Mapping[str, Any], language: Language) -> RenderableType:
    """What came of publishing the candidate."""
    if outcome["candidate"] is None:
        return markup("\n".join(CANDIDATE[name].text(language) for name in ("nothing", "how")))
    return markup("\n".join([*remarks(outcome), *standing(outcome, language)]))


def candidate_lines(waiting: Mapping[str, Any], language: Language) -> RenderableType:
    """The candidate that waits, and what to type to publish it."""
    return Group(*map(markup, waiting_lines(waiting, language)), to_type(waiting, language))


def waiting_lines(waiting: Mapping[str, Any], language: Language) -> list[str]:
    """What the candidate would change, where its page is, and what came since."""
    summary = CANDIDATE["against" if waiting["before"] else "first"].format(**waiting).text(language)
    lines = [f"[yellow bold]{CANDIDATE['title'].both}[/] [bold]{waiting['candidate']}[/]  {summary}"]
    lines.append(f"  [dim]{foreign(waiting['page'])}[/]")
    if since := waiting["received_since"]:
        lines.append(f"  [yellow]![/] {foreign(CANDIDATE['since'].format(files=', '.join(since)).text(language))}")
    if corrected := waiting["corrected"]:
        why = CANDIDATE["corrected"].format(reasons="; ".join(corrected)).text(language)
        lines.append(f"  [yellow]![/] {foreign(why)}")
    if stale := waiting["stale"]:
        lines.append(f"  [red]✗[/] {foreign(CANDIDATE['stale'].format(why=stale[language]).text(language))}")
    return lines


def to_type(waiting: Mapping[str, Any], language: Language) -> Text:
    """How the candidate is published, or one that can be is made, in one line however long: it is copied."""
    if waiting["stale"]:
        return markup(CANDIDATE["how"].text(language))
    line = markup(f"{CANDIDATE['to_publish'].text(language)} [bold]{foreign(waiting['command'])}[/]")
    line.no_wrap, line.overflow = True, "ignore"
    return line


def count(value: int | None) -> str:
    """A count; a blank where there is none."""
    return str(value) if value else ""


def score(value: float | None, language: Language) -> str:
    """A score with the four decimals of its publication; a dot where none is known."""
    return "·" if value is None else format_number(value, 4).text(language)


def change(value: int | None) -> str:
    """Places gained or lost; a dot where the two rankings can't be compared."""
    return "·" if value is None else f"+{value}" if value > 0 else str(value)
