"""Commands about the workbooks that units send: template, generate."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import FRAMEWORK, at_data_root, reported

if TYPE_CHECKING:
    from dti_platform.feeds import Known
    from dti_platform.feeds.sheet.template import Before
    from dti_platform.methodology import Framework, Frameworks
    from dti_platform.storage import Store


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
    from dti_platform import methodology, units
    from dti_platform.feeds import synthetic

    known = units.load(check=False)
    chosen = overlaid(methodology.load(units=known), framework, level)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise click.ClickException(f"{out} is not empty: name an empty folder, so that nothing is overwritten")
    made = synthetic.generate(chosen, period, known.members(geography)[:number], seed, known)
    names = [name for name, content in made if (out / name).write_bytes(content)]
    click.echo(f"{len(names)} workbooks in {out}: synthetic, {chosen.name}, {period}, seed {seed}")


@click.command()
@FRAMEWORK
@click.option("--unit", required=True, metavar="UNIT", help="Unit id or name: VN63-19, Thái Nguyên.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: UNIT_PERIOD_VERSION.xlsx here.")
@at_data_root
@reported
def template(
    store: Store, framework: str, level: str, period: str, geography: str, unit: str, out: Path | None
) -> None:  # fmt: skip
    """Write the workbook that a unit fills in: drop-downs, locked headers, notes in Vietnamese.

    What was last accepted of the unit stands beside, with its evidence, as runs have read it. A workbook that is there
    already may be filled, and is never overwritten.
    """
    from dti_platform import feeds, methodology, units
    from dti_platform.feeds.sheet.template import template as blank

    known = units.load(check=False)
    match = known.find(unit, geography)
    unit_id = unit if unit in known.all else match.unit_id
    if unit_id is None:
        near = f"; did you mean {', '.join(match.suggestions)}?" if match.suggestions else ""
        raise click.ClickException(f"no unit of {geography} is called {unit!r}{near}")
    frameworks = methodology.load(units=known)
    chosen = overlaid(frameworks, framework, level)
    applied = chosen.of_group(chosen.group_of(unit_id, period, known))
    last = _last(store, feeds.Known(known, frameworks), applied, unit_id, period)
    target = out or Path(f"{unit_id}_{period.replace('/', '-')}_{framework}.xlsx")
    try:
        with target.open("xb") as file:
            file.write(blank(applied, period, known.all[unit_id], last))
    except FileExistsError as error:
        raise click.ClickException(f"{target} is there already, and may be filled: name another with --out") from error
    click.echo(f"{target}: {known.all[unit_id].name_vi}, {framework}, {period}; {len(last)} figures accepted before")


def _last(store: Store, known: Known, framework: Framework, unit: str, period: str) -> dict[str, Before]:
    """By node, what was last accepted of a unit under comparable frameworks."""
    from dti_platform.feeds.sheet.template import Before
    from dti_platform.submissions import comparable, last_accepted

    versions = comparable(known, framework)
    found = last_accepted(store, "self_assessment", unit, period, frameworks=versions, before=False)
    return {node: Before(Decimal(str(each.value)), each.evidence, each.document) for node, each in found.items()}
