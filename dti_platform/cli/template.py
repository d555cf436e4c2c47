"""The command that writes the workbooks that units fill in: ``template``."""

from __future__ import annotations

import functools
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import FRAMEWORK, at_data_root, empty_folder, geography_of, reported, say
from dti_platform.language import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dti_platform.feeds import Feed, Known
    from dti_platform.feeds.sheet.template import Before
    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.storage import Store
    from dti_platform.units import Unit, Units

#: The feed whose rows are those of a framework.
OF_FRAMEWORKS = "self_assessment"
#: The options that say which rows the table of another feed has.
_ROWS_OF = ("framework", "period", "geography")


@click.command()
@click.option("--feed", default=OF_FRAMEWORKS, show_default=True, help="Whose workbook: see `data/feeds/README.md`.")
@functools.partial(FRAMEWORK, required=False)
@click.option("--unit", metavar="UNIT", help="Unit id or name: VN63-19, Thái Nguyên.")
@click.option("--out", type=click.Path(path_type=Path), help="A file; without --unit an empty folder.")
@at_data_root
@reported
def template(store: Store, feed: str, out: Path | None, **chosen: str | None) -> None:
    """Write the workbook that a unit or the verifier fills in.

    It has drop-downs, locked headers and notes in Vietnamese. A self-assessment needs --framework, --period and --unit;
    the unit's own scores of the period before stand beside, with their evidence. Without --unit there is a workbook for
    every unit of the geography, in the folder --out. With --feed verification, --framework and --period every unit and
    indicator has its row, with the self score as it stands and the grades of its rule.
    Another feed needs no further option. An existing workbook may already be filled in, and is never overwritten.
    """
    given = {name: value or "" for name, value in chosen.items()}
    if feed != OF_FRAMEWORKS:
        _write(out, *_of_feed(store, feed, given))
        return
    needed = ("framework", "period") if given["unit"] or out else ("framework", "period", "unit")
    if missing := [f"--{name}" for name in needed if not given[name]]:
        raise click.UsageError(f"the template of a self-assessment needs {', '.join(missing)}")
    made = _of_units(store, **given)
    if given["unit"] or out is None:
        _write(out, *next(made))
        return
    empty_folder(out)
    number = sum(1 for content, _, name in made if (out / f"{name}.xlsx").write_bytes(content))
    say(f"{out}: {number} workbooks, {given['framework']}, {given['period']}")


def _write(out: Path | None, content: bytes, summary: str, name: str) -> None:
    """Write one workbook, never over another."""
    target = out or Path(f"{name}.xlsx")
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise click.ClickException(f"{target} exists and may be filled in: name another file with --out") from error
    say(f"{target}: {summary}")


def _of_feed(store: Store, name: str, chosen: Mapping[str, str]) -> tuple[bytes, str, str]:
    """The workbook of a feed that declares its columns, a summary of it, and its name."""
    from dti_platform import feeds, methodology, units
    from dti_platform.feeds.blank import Blank, choices_of, guide_of, limits_of
    from dti_platform.feeds.sheet.declaration import MADE_UP
    from dti_platform.glossary import terms
    from dti_platform.submissions import standing_scores

    if name not in feeds.discover():
        known_feeds = ", ".join(feeds.discover())
        raise click.UsageError(terms("desk_errors")["no_feed"].format(feed=name, feeds=known_feeds).both)
    module = feeds.discover()[name]
    frameworks = methodology.load(units=(loaded := units.load(check=False)))
    known = feeds.Known(loaded, frameworks)
    offered = choices_of(module, known)
    rows, version, period, geography = getattr(module, "rows", None), *(chosen[each] for each in _ROWS_OF)
    if rows is None or not (version and period):
        return Blank(module.FEED, offered).workbook(), module.FEED.title_vi, name
    overlaid = frameworks.overlaid(frameworks.get(version, chosen["level"]))
    _must_be_taken(module.FEED, overlaid)
    geography = geography_of(overlaid, period, geography)
    _must_be_in_force(frameworks, overlaid, period, loaded.all[geography])
    printed = list(rows(known, overlaid, period, geography, standing_scores(store, period, [overlaid.version])))
    summary = f"{module.FEED.title_vi}, {version}, {period}; {len(printed)} rows"
    made_up = MADE_UP if any(node.evidence == "illustrative" for node in overlaid.inputs) else ()
    guide = (*made_up, *guide_of(module))
    made = Blank(module.FEED, offered, printed, limits_of(module, known, printed), guide)
    return made.workbook(), summary, f"{name}_{period.replace('/', '-')}_{version}"


def _of_units(
    store: Store, framework: str, level: str, period: str, geography: str, unit: str
) -> Iterator[tuple[bytes, str, str]]:
    """The self-assessment by a framework of a unit, or of all units of a geography: workbook, summary and name."""
    from dti_platform import feeds, methodology, units
    from dti_platform.feeds.sheet.template import template as sheet

    known = units.load(check=False)
    frameworks = methodology.load(units=known)
    overlaid = frameworks.overlaid(frameworks.get(framework, level))
    _must_be_taken(feeds.discover()[OF_FRAMEWORKS].FEED, overlaid)
    geography = geography_of(overlaid, period, geography)
    chosen = [known.all[_unit(known, unit, geography)]] if unit else known.members(_geography(known, geography))
    _must_be_in_force(frameworks, overlaid, period, known.all[chosen[0].geography])
    for each in chosen:
        applied = overlaid.of_group(overlaid.group_of(each.id, period, known))
        last = _last(store, feeds.Known(known, frameworks), applied, each.id, period)
        summary = f"{each.name_vi}, {framework}, {period}; {len(last)} figures of the period before"
        yield sheet(applied, period, each, last), summary, f"{each.id}_{period.replace('/', '-')}_{framework}"


def _geography(known: Units, geography: str) -> str:
    if geography not in known.geographies:
        raise click.ClickException(f"no geography is called {geography}; known: {', '.join(known.geographies)}")
    return geography


def _unit(known: Units, unit: str, geography: str) -> str:
    """The id of a unit that is named by id, or by its name in a geography."""
    if unit in known.all:
        return unit
    match = known.find(unit, _geography(known, geography))
    if match.unit_id is None:
        near = f"; did you mean {', '.join(match.suggestions)}?" if match.suggestions else ""
        raise click.ClickException(f"no unit of {geography} is called {unit!r}{near}")
    return match.unit_id


def _must_be_taken(feed: Feed, framework: Framework) -> None:
    """A sheet of an index that its feed doesn't take would be refused once it is filled."""
    if framework.index != feed.index:
        raise click.ClickException(
            f"{framework.version} is of the index {framework.index}, and the feed {feed.id} takes files of {feed.index}"
            f" alone: there is no template of it. Figures of {framework.index} need a feed of their own, whose"
            f' declaration says index="{framework.index}": recipe (a) of CONTRIBUTING.md'
        )


def _must_be_in_force(frameworks: Frameworks, framework: Framework, period: str, whole: Unit) -> None:
    """A sheet by another framework than the one in force for a geography would be refused once it is filled."""
    from dti_platform.glossary import terms

    in_force = frameworks.for_period(period, whole.id, framework.index)
    if in_force and (in_force.version, in_force.level) == (framework.version, framework.level):
        return
    geography = Bilingual(f"{whole.name_vi} ({whole.id})", whole.id)
    error = terms("desk_errors")["other_framework" if in_force else "no_framework"]
    details = {"framework": f"{in_force.version} ({in_force.level})"} if in_force else {}
    asked = f"{framework.version} ({framework.level})"
    raise click.ClickException(error.format(asked=asked, period=period, geography=geography, **details).both)


def _last(store: Store, known: Known, framework: Framework, unit: str, period: str) -> dict[str, Before]:
    """By node, the self score of a unit in the period before, under comparable frameworks."""
    from dti_platform.feeds.sheet.template import Before
    from dti_platform.submissions import comparable, last_accepted

    versions = comparable(known, framework)
    figures = last_accepted(store, OF_FRAMEWORKS, unit, period, frameworks=versions)
    return {
        node: Before(Decimal(str(each.value)), each.evidence, each.document, each.period)
        for node, each in figures.items()
    }
