"""Usage errors in the language that is asked for: click's own are in English.

Here: what was wrong with the options of a command. Not here: what a command finds wrong with their values.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

import click


class InBothLanguages(click.Command):
    """A command with ``--lang`` whose usage errors are in Vietnamese, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments read; a usage error in the language that they, or DTI_LANGUAGE, name."""
        given = [*args]
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if asked_language(given) == "en":
                raise
            raise click.UsageError(told(error, given), ctx) from error


def asked_language(args: Sequence[str]) -> str:
    """The language that arguments or the environment ask for, before they are read."""
    return (_given(args, "--lang") or [os.environ.get("DTI_LANGUAGE", "vi")])[-1]


def _given(args: Sequence[str], option: str) -> list[str]:
    """The values of an option, as they were typed."""
    said = [after for before, after in pairwise(args) if before == option]
    return said + [each.removeprefix(f"{option}=") for each in args if each.startswith(f"{option}=")]


def told(error: click.UsageError, args: Sequence[str]) -> str:
    """A usage error of some arguments in Vietnamese."""
    from dti_platform.glossary import terms

    words = terms("usage_errors")
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return words["missing"].vi.format(name=_name(param))
        case click.NoSuchOption() | click.BadOptionUsage():
            code = "unknown" if isinstance(error, click.NoSuchOption) else "no_value"
            return words[code].vi.format(name=error.option_name)
        case click.BadParameter(param=click.Parameter() as param):
            values = " ".join(_given(args, _name(param)))
            return words["bad"].vi.format(name=f"{_name(param)} {values}".rstrip(), wanted=_wanted(param))
        case _:
            return words["more"].vi


def _name(param: click.Parameter) -> str:
    return param.opts[0] if isinstance(param, click.Option) else param.make_metavar(click.Context(click.Command("")))


def _wanted(param: click.Parameter) -> str:
    """What a value must be."""
    from dti_platform.glossary import terms

    words = terms("usage_errors")
    if isinstance(param.type, click.Choice):
        return words["choice"].vi.format(values=", ".join(map(str, param.type.choices)))
    if isinstance(param.type, click.IntRange):
        return words["number"].vi.format(least=param.type.min)
    return words["file"].vi
