"""Commands about the workbooks that units send: template, generate."""

from __future__ import annotations

import functools
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import FRAMEWORK, at_data_root, reported

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dti_platform.feeds import Known
    from dti_platform.feeds.sheet.template import Before
    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.storage import Store
    from dti_platform.units import Units

#: The feed whose rows are those of a framework.
OF_FRAMEWORKS = "self_assessment"


def overlaid(frameworks: Frameworks, version: str, level: str) -> Framework:
    """A framework by version and level, with its overlay where there is one."""
    return frameworks.overlaid(frameworks.get(version, level))


@click.command()
@FRAMEWORK
@click.option("--units", "number", type=click.IntRange(min=1), help="Only the first N units (default: all).")
@click.option("--seed", type=int, default=2022, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="An empty folder.")
@reported
def generate(framework: str, level: str, period: str, geography: str, number: int | None, seed: int, out: Path) -> None:
    """Write labelled SYNTHETIC self-assessment workbooks, one for each unit.

    For framework 922, period 2022 and VN63 they agree with every figure that was published and can be met.
    """
    from dti_platform import methodology, synthetic, units

    known = units.load(check=False)
    chosen = overlaid(methodology.load(units=known), framework, level)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise click.ClickException(f"{out} is not empty: name an empty folder, so that nothing is overwritten")
    made = synthetic.generate(chosen, period, known.members(geography)[:number], seed, known)
    names = [name for name, content in made if (out / name).write_bytes(content)]
    click.echo(f"{len(names)} workbooks in {out}: synthetic, {chosen.name}, {period}, seed {seed}")


@click.command()
@click.option("--feed", default=OF_FRAMEWORKS, show_default=True, help="Another feed: no more is to be named then.")
@functools.partial(FRAMEWORK, required=False)
@click.option("--unit", metavar="UNIT", help="Unit id or name: VN63-19, Thái Nguyên.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: UNIT_PERIOD_VERSION.xlsx here.")
@at_data_root
@reported
def template(store: Store, feed: str, out: Path | None, **chosen: str | None) -> None:
    """Write the workbook that a unit fills in: drop-downs, locked headers, notes in Vietnamese.

    A self-assessment needs --framework, --period and --unit; what was last accepted of the unit stands beside, with
    its evidence, as runs have read it. A workbook that is there already may be filled, and is never overwritten.
    """
    if feed != OF_FRAMEWORKS:
        content, said = _of_feed(feed)
        name = feed
    elif missing := [f"--{each}" for each in ("framework", "period", "unit") if not chosen[each]]:
        raise click.UsageError(f"the template of a self-assessment needs {', '.join(missing)}")
    else:
        content, said, name = _of_unit(store, **{key: value or "" for key, value in chosen.items()})
    target = out or Path(f"{name}.xlsx")
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise click.ClickException(f"{target} is there already, and may be filled: name another with --out") from error
    click.echo(f"{target}: {said}")


def _of_feed(name: str) -> tuple[bytes, str]:
    """The blank workbook of a feed that declares its columns, and what is said of it."""
    from dti_platform import feeds, methodology, units
    from dti_platform.feeds.blank import blank

    if name not in feeds.discover():
        raise click.UsageError(f"no feed is called {name!r}; known: {', '.join(feeds.discover())}")
    module = feeds.discover()[name]
    known = units.load(check=False)
    choices = getattr(module, "choices", _nothing)
    offered = choices(feeds.Known(known, methodology.load(units=known)))
    return blank(module.FEED, offered), module.FEED.title_vi


def _nothing(_: Known) -> Mapping[str, Collection[str]]:
    return {}


def _of_unit(
    store: Store, framework: str, level: str, period: str, geography: str, unit: str
) -> tuple[bytes, str, str]:
    """The self-assessment of a unit by a framework, what is said of it, and its name."""
    from dti_platform import feeds, methodology, units
    from dti_platform.feeds.sheet.template import template as sheet

    known = units.load(check=False)
    unit_id = _unit(known, unit, geography)
    frameworks = methodology.load(units=known)
    whole = overlaid(frameworks, framework, level)
    _must_be_in_force(frameworks, whole, period, known.all[unit_id].geography)
    applied = whole.of_group(whole.group_of(unit_id, period, known))
    last = _last(store, feeds.Known(known, frameworks), applied, unit_id, period)
    said = f"{known.all[unit_id].name_vi}, {framework}, {period}; {len(last)} figures accepted before"
    name = f"{unit_id}_{period.replace('/', '-')}_{framework}"
    return sheet(applied, period, known.all[unit_id], last), said, name


def _unit(known: Units, unit: str, geography: str) -> str:
    """The id of a unit that is named by id, or by its name in a geography."""
    if unit in known.all:
        return unit
    if geography not in known.geographies:
        raise click.ClickException(f"no geography is called {geography}; known: {', '.join(known.geographies)}")
    match = known.find(unit, geography)
    if match.unit_id is None:
        near = f"; did you mean {', '.join(match.suggestions)}?" if match.suggestions else ""
        raise click.ClickException(f"no unit of {geography} is called {unit!r}{near}")
    return match.unit_id


def _must_be_in_force(frameworks: Frameworks, framework: Framework, period: str, geography: str) -> None:
    """A sheet by another framework than the one in force would be refused once it is filled."""
    found = frameworks.for_period(period, geography)
    if found is None or (found.version, found.level) != (framework.version, framework.level):
        there = f"{found.version} ({found.level}) is" if found else "none is"
        asked = f"{framework.version} ({framework.level})"
        raise click.ClickException(f"{asked} is not in force for {geography} in {period}: {there}")


def _last(store: Store, known: Known, framework: Framework, unit: str, period: str) -> dict[str, Before]:
    """By node, what was last accepted of a unit under comparable frameworks."""
    from dti_platform.feeds.sheet.template import Before
    from dti_platform.submissions import comparable, last_accepted

    versions = comparable(known, framework)
    found = last_accepted(store, OF_FRAMEWORKS, unit, period, frameworks=versions, before=False)
    return {
        node: Before(Decimal(str(each.value)), each.evidence, each.document, each.period)
        for node, each in found.items()
    }
