"""The glossary: what people read, each term and sentence with one wording in Vietnamese and English.

Here: the names of coded values as sentences use them, and ``terms``, which gives any section of ``glossary.toml``.
Not here: the code lists themselves (``codes``), problems of files and cells (``problems``), nor what columns mean
(``columns``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dti_platform.codes import LISTS
from dti_platform.language import Bilingual

GLOSSARY = Path(__file__).with_name("glossary.toml")


@cache
def _sections() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))


@cache
def terms(section: str) -> Mapping[str, Bilingual]:
    """The terms or sentences of a section of the glossary, by code."""
    return {code: Bilingual(**texts) for code, texts in _sections()[section].items()}


def feed_name(code: str) -> Bilingual:
    """A feed in few words; one that was added without a name here, or any other source, as it is."""
    return terms("feed_names").get(code, Bilingual.same(code))


BASES = LISTS["basis"].names
MEASURES = LISTS["measure"].names
VERDICTS = LISTS["verdict"].names
COMPARISONS = LISTS["comparison"].names
#: Before a number; a figure that is exact has no word before it.
QUALIFIERS = {
    code: Bilingual("", "") if code == "exact" else Bilingual(f"{name.vi} ", f"{name.en} ")
    for code, name in LISTS["qualifier"].names.items()
}
#: How a figure was read in its source, where it isn't simply as printed.
CERTAINTIES = {code: name for code, name in LISTS["certainty"].names.items() if code not in ("verbatim", "submitted")}
EVIDENCE = LISTS["evidence"].names
CLASSES = LISTS["error_class"].names
UNIT_MEASURES = LISTS["unit_measure"].names
RELEASE_TYPES = LISTS["release_type"].names
OUTCOMES = terms("outcomes")
SEVERITIES = terms("severities")
CHANGES = terms("changes")
ILLUSTRATIVE = Bilingual("MINH HỌA", "ILLUSTRATIVE")


#: A metric: what is compared (of a list its length, too), and the concept of the node, or its code.
_METRIC = re.compile(r"([a-z]+?)(\d*)_(.+)")


def metric_name(metric: str) -> Bilingual:
    """What is compared, in words: ``rank_digital_economy`` is the rank in the digital economy.

    >>> metric_name("rank_digital_economy").en
    'rank · Digital economy'
    """
    match = _METRIC.fullmatch(metric)
    if match is None:
        return Bilingual.same(metric)
    measure, number, concept = match.groups()
    of = LISTS["concept"].names.get(concept, Bilingual.same(concept))
    what = Bilingual.same(f"{{measure}}{f' {number}' if number else ''} · {{of}}")
    return what.format(measure=LISTS["measure"].names[measure], of=of)
