"""The command about frameworks: methodology."""

from __future__ import annotations

from typing import Literal

import click

from dti_platform.cli.options import AS_JSON, LANGUAGE, print_json, reported


@click.command()
@click.argument("framework")
@click.option("--page", is_flag=True, help="The page of docs/methodology, in both languages.")
@LANGUAGE
@AS_JSON
@reported
def methodology(framework: str, lang: Literal["vi", "en"], *, page: bool, as_json: bool) -> None:
    """Print a FRAMEWORK (922, or 922-ministerial.illustrative): tree, maxima, rules, sources, what is unknown."""
    from dti_platform.methodology import load
    from dti_platform.methodology.description import described, lines, page_of

    data = described(load().named(framework))
    if as_json:
        print_json(data)
    else:
        click.echo(page_of(data) if page else "\n".join(lines(data, lang)))
