"""The terminal summary of a run: received files, checks, the ranking, the release.

Headings are in both languages. Words and numbers follow the chosen language: ``0,8002`` in Vietnamese, ``0.8002`` in
English. Thousands are not grouped, because 77.616 means different numbers in the two languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dti_platform.amounts import amount, amount_of
from dti_platform.codes import LISTS
from dti_platform.explain.text import bounds, marked
from dti_platform.failing_row import sentence
from dti_platform.glossary import BASES, COMPARISONS, EVIDENCE, feed_name, terms
from dti_platform.language import Bilingual, Language, format_number
from dti_platform.periods import in_vietnam
from dti_platform.problems import catalogue
from dti_platform.report.failure import ending
from dti_platform.report.markup import escaped, markup

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


#: The titles of the columns of the received files, and the names of the outcomes of a check.
WORDS = terms("terminal_words")
RANKS = terms("rank_words")
CANDIDATE = terms("candidate_words")
LEAGUE = terms("league_words")
RECEIPTS = terms("receipt_words")
#: At most this many files have a line of their own.
MOST_LINES = 20


def show(block: RenderableType) -> None:
    """Print a block; a pipe gets it without colours."""
    from rich.console import Console

    Console().print(block, crop=False)


def printed(block: RenderableType) -> str:
    """A block as ``show`` prints it in a terminal, for printing later."""
    from rich.console import Console

    console = Console(force_terminal=True, color_system="standard", width=Console().width)
    with console.capture() as captured:
        console.print(block, crop=False)
    return captured.get()


def summary(run: Mapping[str, Any], language: Language) -> RenderableType:
    """A run's outcome (``RunOutcome.to_dict``) as a few short blocks; reasons in one language (vi, en)."""
    if run["failure_kind"] == "locked" or run.get("years") == []:  # the run did not start
        return Group(*map(markup, [*remarks(run), *ending(run, language)]))
    blocks: list[RenderableType] = [received(run["received"], language)]
    blocks += [markup(f"[yellow]! {path_label(arrival)}[/]: {escaped(arrival['why'])}") for arrival in run["not_taken"]]
    blocks += map(markup, remarks(run))
    blocks += [markup(line) for line in arrivals(run, language)]
    blocks.append(checks(run["checks"], language))
    if run["ranking"]:
        blocks.append(ranking(run["ranking"], language))
    blocks += [markup(line) for line in [*closing(run, language)]]
    if run["success"] and run["candidate"]:
        blocks.append(publish_line(run["candidate"], language))
    return Group(*blocks)


def arrivals(run: Mapping[str, Any], language: Language) -> list[str]:
    """One line for each file that is refused, withdrawn, waiting or outdated, and for each that replaced another."""
    lines = [f"[red]✗ {label(receipt)}[/]: {escaped(why(receipt['reason'], language))}" for receipt in run["refused"]]
    questions = ((receipt, _confirmation(receipt)) for receipt in run["waiting"])
    lines += [f"[yellow]? {label(receipt)}[/]: {escaped(question.text(language))}" for receipt, question in questions]
    withdrawals = ((receipt, RECEIPTS["lies_there"].format(reason=receipt["reason"])) for receipt in run["withdrawn"])
    lines += [f"[yellow]! {label(receipt)}[/]: {escaped(text.text(language))}" for receipt, text in withdrawals]
    lines += [
        f"[yellow]! {label(receipt)}[/]: {escaped(_outdated(receipt).text(language))}" for receipt in run["outdated"]
    ]
    lines += [f"→ {label(receipt)}: {escaped(_replacement(receipt).text(language))}" for receipt in run["replaced"]]
    more = RECEIPTS["more"].format(count=len(lines) - MOST_LINES).text(language)
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"[dim]{more}[/]"]


def _confirmation(receipt: Mapping[str, Any]) -> Bilingual:
    """Why a file waits, and the command that accepts it."""
    case = "withdrawn_before" if receipt["withdrawn_before"] else "to_confirm"
    return RECEIPTS[case].format(number=receipt["receipt"], withdrawn=receipt["withdrawn_before"])


def _outdated(receipt: Mapping[str, Any]) -> Bilingual:
    """Which receipt counts instead of an outdated file in its folder, and how to return to that file."""
    later = ", ".join(map(str, receipt["later"]))
    return RECEIPTS["outdated"].format(counting=receipt["counting"], later=later)


def _replacement(receipt: Mapping[str, Any]) -> Bilingual:
    """Which waiting receipt this one confirms, and which it replaces."""
    spelling = "replaces_spelling" if receipt["spelling"] else "replaces"
    cases = {"confirms": receipt["confirms"], spelling: receipt["replaces"]}
    sentences = [
        RECEIPTS[name].format(number=number, name=receipt["spelling"]) for name, number in cases.items() if number
    ]
    return Bilingual(*map(", ".join, zip(*sentences, strict=True)))


def label(receipt: Mapping[str, Any]) -> str:
    """A file by its feed, period and name, with its receipt number."""
    return escaped(f"{receipt['receipt']} {receipt['feed']}/{receipt['period']}/{receipt['file_name']}")


def path_label(arrival: Mapping[str, Any]) -> str:
    """A file in a folder by feed, sender's folder, period and name, as far as these are known."""
    return escaped("/".join(filter(None, (arrival[name] for name in ("feed", "folder", "period", "file")))))


def why(reason: str, language: Language) -> str:
    """Why a file is refused and how to fix it; a code that is not in the catalogue is shown as it is."""
    problem = catalogue("file").get(reason)
    return f"{problem.why.text(language)}. {problem.fix.text(language)}" if problem else reason


def remarks(outcome: Mapping[str, Any]) -> list[str]:
    """Problems that did not stop the run."""
    return [f"[yellow]! {escaped(remark)}[/]" for remark in outcome["remarks"]]


def received(rows: Sequence[Row], language: Language) -> Table:
    """For each feed: files, cells accepted and quarantined; a row with refused files alone has no evidence."""
    table = Table(box=None, pad_edge=False, title="Đã nhận / Received", title_justify="left", title_style="bold")
    table.add_column(WORDS["feed"].text(language))
    for name in ("files", "refused", "cells", "accepted", "quarantined"):
        table.add_column(WORDS[name].text(language), justify="right")
    table.add_column(WORDS["evidence"].text(language))
    for row in rows:
        style = "dim" if row["evidence"] == "illustrative" else ""
        table.add_row(
            escaped(feed_name(row["feed"]).text(language)),
            *(count(row[name]) for name in ("files", "refused", "cells", "accepted", "quarantined")),
            EVIDENCE[row["evidence"]].text(language) if row["evidence"] else "–",
            style=style,
        )
    return table


def checks(counts: Mapping[str, Any], language: Language) -> Text:
    """One line of counts, and one line for each check that did not pass; ``ending`` explains those that block."""
    kinds = [kind for kind in MARKS if counts[kind] or kind == "passed"]
    tally = "  ".join(f"{MARKS[kind]} {counts[kind]} {WORDS[kind].text(language)}" for kind in kinds)
    lines = [line for check in counts["not_passed"] for line in _not_passed(check, language)]
    return markup("\n".join([f"\n[bold]Kiểm tra / Checks[/]  {tally}", *lines]))


def _not_passed(check: Mapping[str, Any], language: Language) -> list[str]:
    """A check with its finding; a warning with its first row, which is shown nowhere else."""
    line = f"  {MARKS[check['kind']]} {check['table']}.{check['name']} [dim]{escaped(check['found'])}[/]"
    rows = check["rows"][:1] if check["kind"] == "warned" else []
    return [line, *(f"      {escaped(sentence(row, language))}" for row in rows)]


def ranking(league: Mapping[str, Any], language: Language) -> RenderableType:
    """A ranking, or its first rows, with the pillars that have a score and the change from the previous ranking."""
    columns = [(f"score_{concept}", heading) for concept, heading in PILLARS]
    pillars = [(name, heading) for name, heading in columns if any(row.get(name) is not None for row in league["rows"])]
    table = _table(rank="right", change="right", language=language)
    unsettled = any(rank_bounds(row, language) for row in league["rows"])
    if unsettled:
        table.add_column(RANKS["column"].text(language), justify="right")
    table.add_column(LEAGUE[league["level"]].both)
    for heading in (league["index"], *(heading for _, heading in pillars)):
        table.add_column(heading, justify="right")
    for row in league["rows"]:
        places = [count(row["rank"]), change(row["rank_change"]), *([rank_bounds(row, language)] if unsettled else [])]
        scores = [marked_score(row, name, language) for name in ("score", *(name for name, _ in pillars))]
        table.add_row(*places, escaped(row[f"unit_name_{language}"]), *scores)
    return _titled(_heading(league, language), table, _remarks(league["rows"], _unknown(league, language)))


def rank_bounds(row: Row, language: Language) -> str:
    """The best and worst possible rank of a unit whose rank is not settled; else an empty text."""
    possible = bounds(row["rank"], row.get("rank_best"), row.get("rank_worst"))
    return possible.text(language) if possible else ""


def _titled(title: str, table: Table, remarks: Sequence[str] = ()) -> RenderableType:
    """A table with its title above and remarks below, each as wide as the terminal."""
    return Group(markup(f"\n[bold]{escaped(title)}[/]"), table, *(markup(f"[dim]{remark}[/]") for remark in remarks))


def _table(*, language: Language, **columns: JustifyMethod) -> Table:
    """A table without borders; the first columns are given by glossary key and alignment."""
    table = Table(box=None, pad_edge=False)
    for name, justify in columns.items():
        table.add_column(LEAGUE[name].text(language), justify=justify)
    return table


def _heading(league: Mapping[str, Any], language: Language) -> str:
    """Index, period, geography, peer group, basis, evidence and source of a ranking."""
    group = [LISTS["peer_group"].names[league["peer_group"]].text(language)] if league["peer_group"] else []
    kind = f"{BASES[league['basis']].text(language)}, {EVIDENCE[league['evidence']].text(language)}"
    facts = " · ".join((f"{league['index']} {league['period']}", league["geography"], *group, kind))
    return f"{facts} ({league['source']})"


def _unknown(league: Mapping[str, Any], language: Language) -> list[str]:
    """How many ranks of the ranking are known, unless all are."""
    incomplete = league["peers"] is None or league["ranked"] < league["peers"]
    known = LEAGUE["known"] if league["peers"] else LEAGUE["known_alone"]
    return [known.format(ranked=league["ranked"], peers=league["peers"]).text(language)] if incomplete else []


def _remarks(rows: Sequence[Row], others: Sequence[str] = ()) -> list[str]:
    """The lines below a table: what ``OURS`` means, if it is in the table, then other remarks."""
    mark = [f"{OURS} {LEAGUE['ours'].both}"] if any(row["recomputed"] for row in rows) else []
    return [*mark, *map(escaped, others)]


def over_the_years(unit: Mapping[str, Any], language: Language) -> RenderableType:
    """One unit in each ranking: rank of peers, previous rank, change, scores with the ranks of pillars."""
    table = _table(period="left", rank="right", before="right", change="right", language=language)
    for heading in (unit["rows"][-1]["index_name"], *(heading for _, heading in PILLARS)):
        table.add_column(heading, justify="right")
    for row in unit["rows"]:
        rank = count(row["rank"]) or "·"
        rank_of_peers = f"{rank}/{row['peers']}" if row["peers"] else rank
        pillars = [_pillar(row, concept, language) for concept, _ in PILLARS]
        places = rank_of_peers, count(row["previous_rank"]) or "·", change(row["rank_change"])
        table.add_row(row["period"], *places, marked_score(row, "score", language), *pillars)
    remarks = _remarks(unit["rows"], [*_not_settled(unit["rows"], language), *_not_compared(unit["rows"], language)])
    return _titled(unit[f"unit_name_{language}"], table, remarks)


def _pillar(row: Row, concept: str, language: Language) -> str:
    """The score of a pillar with its rank, as far as they are known."""
    rank = row[f"rank_{concept}"]
    return marked_score(row, f"score_{concept}", language) + (f"({rank})" if rank else "")


def _not_settled(rows: Sequence[Row], language: Language) -> list[str]:
    """The best and worst possible rank for each row whose rank is not settled."""
    rows_with_ranks = ((row, rank_bounds(row, language)) for row in rows)
    return [
        RANKS["of_year"].format(period=row["period"], rank=row["rank"], bounds=ranks).text(language)
        for row, ranks in rows_with_ranks
        if ranks
    ]


def _not_compared(rows: Sequence[Row], language: Language) -> list[str]:
    """The reason for each row without a change."""
    return [
        f"{row['period']}, {row['geography']}: {COMPARISONS[row['comparison']].text(language)}"
        for row in rows
        if row["comparison"]
    ]


def against_plan(figures: Mapping[str, Any], language: Language) -> RenderableType:
    """Operational figures of a period: value, plan (with its period if it differs) and gap."""
    table = _table(indicator="left", value="right", plan="right", gap="right", language=language)
    for row in figures["rows"]:
        value = amount_of(row).text(language)
        plan = amount(row["plan"], row["plan_unit_measure"]).text(language)
        of_period = f" ({row['plan_period']})" if row["plan_of_other_period"] else ""
        gap = amount(row["gap"], row["gap_unit_measure"]).text(language)
        ahead = "+" if row["gap"] and row["gap"] > 0 else ""
        name = marked(row[f"indicator_name_{language}"], row["evidence"], language)
        table.add_row(escaped(name), value, f"{plan}{of_period}", f"{ahead}{gap}")
    return _titled(f"{figures[f'unit_name_{language}']} · {figures['period']}", table)


def marked_score(row: Row, name: str, language: Language) -> str:
    """A score, marked if we computed it and no source published it."""
    return f"{score(row[name], language)}{OURS if name in row['recomputed'] else ' '}"


def closing(run: Mapping[str, Any], language: Language) -> list[str]:
    """Where the release or the candidate is, or why there is none."""
    candidate = run["candidate"] if run["success"] else None
    outcome = candidate_summary(candidate, language) if candidate else release_lines(run, language)
    docs = [f"[dim]kiểm tra, từng dòng / checks, line by line  {escaped(run['docs'])}[/]"] if run["docs"] else []
    seconds = format_number(run["seconds"], 1).text(language)
    technical = WORDS["made"].format(ledger=run["ledger_head"], run=run["run_id"][:8], seconds=seconds)
    details = [*docs, f"[dim]{technical.text(language)}[/]"]
    if since := run["unchanged_since"]:
        details.append(WORDS["again"].format(at=f"{in_vietnam(since):%Y-%m-%d %H:%M}").text(language))
    return ["", *outcome, *details] if run["success"] else ["", *details, "", *outcome]


def release_lines(outcome: Mapping[str, Any], language: Language) -> list[str]:
    """The current release and its site; after a failure first why nothing was published."""
    path = escaped(outcome["release_path"])
    if not outcome["success"]:
        return ending(outcome, language)
    site = [f"[dim]{WORDS['site'].both}  {escaped(outcome['site'])}[/]"] if outcome["site"] else []
    if outcome["release_is_new"]:
        return [f"[green bold]Đã công bố / Released[/] [bold]{outcome['release']}[/]  {path}", *site]
    return [f"[bold]Không có gì thay đổi / Nothing changed[/]: {outcome['release']}  {path}", *site]


def published(outcome: Mapping[str, Any], language: Language) -> RenderableType:
    """The result of publishing the candidate."""
    if outcome["candidate"] is None:
        return markup("\n".join(CANDIDATE[name].text(language) for name in ("nothing", "how")))
    return markup("\n".join([*remarks(outcome), *release_lines(outcome, language)]))


def candidate_lines(candidate: Mapping[str, Any], language: Language) -> RenderableType:
    """The waiting candidate, and the command that publishes it."""
    return Group(*map(markup, candidate_summary(candidate, language)), publish_line(candidate, language))


def candidate_summary(candidate: Mapping[str, Any], language: Language) -> list[str]:
    """What the candidate would change, where its page is, and what was received since."""
    changes = CANDIDATE["against" if candidate["before"] else "first"].format(**candidate).text(language)
    lines = [f"[yellow bold]{CANDIDATE['title'].both}[/] [bold]{candidate['candidate']}[/]  {changes}"]
    lines.append(f"  [dim]{escaped(candidate['page'])}[/]")
    if since := candidate["received_since"]:
        lines.append(f"  [yellow]![/] {escaped(CANDIDATE['since'].format(files=', '.join(since)).text(language))}")
    if corrected := candidate["corrected"]:
        reasons = CANDIDATE["corrected"].format(reasons="; ".join(corrected)).text(language)
        lines.append(f"  [yellow]![/] {escaped(reasons)}")
    if stale := candidate["stale"]:
        lines.append(f"  [red]✗[/] {escaped(CANDIDATE['stale'].format(why=stale[language]).text(language))}")
    return lines


def publish_line(candidate: Mapping[str, Any], language: Language) -> Text:
    """The command that publishes the candidate, or makes one if it is stale; on one line, so that it can be copied."""
    if candidate["stale"]:
        return markup(CANDIDATE["how"].text(language))
    line = markup(f"{CANDIDATE['to_publish'].text(language)} [bold]{escaped(candidate['command'])}[/]")
    line.no_wrap, line.overflow = True, "ignore"
    return line


def count(value: int | None) -> str:
    """A count; blank if there is none."""
    return str(value) if value else ""


def score(value: float | None, language: Language) -> str:
    """A score with four decimals, as it is published; a dot if it is unknown."""
    return "·" if value is None else format_number(value, 4).text(language)


def change(value: int | None) -> str:
    """Ranks gained or lost; a dot if the two rankings can't be compared."""
    return "·" if value is None else f"+{value}" if value > 0 else str(value)
