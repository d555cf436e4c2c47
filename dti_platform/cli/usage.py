"""Usage errors in the requested language: click's own are in English.

Here: errors in the options of a command. Not here: errors that the command itself reports.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

import click


class InBothLanguages(click.Command):
    """A command with ``--lang`` whose usage errors are also in Vietnamese."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The parsed arguments; a usage error is in the language of ``--lang`` or DTI_LANGUAGE."""
        unparsed = [*args]
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if requested_language(unparsed) == "en":
                raise
            raise click.UsageError(in_vietnamese(error, unparsed), ctx) from error


def requested_language(args: Sequence[str]) -> str:
    """The language that arguments or the environment request, before they are parsed."""
    return (_values(args, "--lang") or [os.environ.get("DTI_LANGUAGE", "vi")])[-1]


def _values(args: Sequence[str], option: str) -> list[str]:
    """The values of an option, as typed."""
    separate = [value for name, value in pairwise(args) if name == option]
    return separate + [text.removeprefix(f"{option}=") for text in args if text.startswith(f"{option}=")]


def in_vietnamese(error: click.UsageError, args: Sequence[str]) -> str:
    """The message of a usage error in Vietnamese."""
    from dti_platform.glossary import terms

    words = terms("usage_errors")
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return words["missing"].vi.format(name=_name(param))
        case click.NoSuchOption() | click.BadOptionUsage():
            code = "unknown" if isinstance(error, click.NoSuchOption) else "no_value"
            return words[code].vi.format(name=error.option_name)
        case click.BadParameter(param=click.Parameter() as param):
            values = " ".join(_values(args, _name(param)))
            return words["bad"].vi.format(name=f"{_name(param)} {values}".rstrip(), wanted=_valid_values(param))
        case _:
            return words["more"].vi


def _name(param: click.Parameter) -> str:
    return param.opts[0] if isinstance(param, click.Option) else param.make_metavar(click.Context(click.Command("")))


def _valid_values(param: click.Parameter) -> str:
    """The values that a parameter accepts."""
    from dti_platform.glossary import terms

    words = terms("usage_errors")
    if isinstance(param.type, click.Choice):
        return words["choice"].vi.format(values=", ".join(map(str, param.type.choices)))
    if isinstance(param.type, click.IntRange):
        return words["number"].vi.format(least=param.type.min)
    return words["file"].vi
