"""Commands about the workbooks that units send: template, generate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dti_platform.cli.options import FRAMEWORK, reported

if TYPE_CHECKING:
    from dti_platform.methodology import Framework, Frameworks


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
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The workbook to write.")
@reported
def template(framework: str, level: str, period: str, geography: str, unit: str, out: Path) -> None:
    """Write the workbook that a unit fills in: drop-downs, locked headers, notes in Vietnamese."""
    from dti_platform import methodology, units
    from dti_platform.feeds.sheet.template import template as blank

    known = units.load(check=False)
    match = known.find(unit, geography)
    if match.unit_id is None:
        near = f"; did you mean {', '.join(match.suggestions)}?" if match.suggestions else ""
        raise click.ClickException(f"no unit of {geography} is called {unit!r}{near}")
    chosen = overlaid(methodology.load(units=known), framework, level)
    applied = chosen.of_group(chosen.group_of(match.unit_id, period, known))
    out.write_bytes(blank(applied, period, known.all[match.unit_id]))
    click.echo(f"{out}: {known.all[match.unit_id].name_vi}, {framework}, {period}")
