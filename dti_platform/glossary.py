"""The glossary: what people read, each term and sentence with one wording in Vietnamese and English.

Here: the terms of coded values, and ``terms``, which gives any section of ``glossary.toml``. Not here: problems of
files and cells (``problems``), nor the wording of models of released tables, which stands with them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dti_platform.language import Bilingual

GLOSSARY = Path(__file__).with_name("glossary.toml")


@cache
def _sections() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))


@cache
def terms(section: str) -> Mapping[str, Bilingual]:
    """The terms or sentences of a section of the glossary, by code."""
    return {code: Bilingual(**texts) for code, texts in _sections()[section].items()}


BASES = terms("bases")
MEASURES = terms("measures")
VERDICTS = terms("verdicts")
COMPARISONS = terms("comparisons")
QUALIFIERS = terms("qualifiers")
#: How a figure was read in its source, where it isn't simply as printed.
CERTAINTIES = terms("certainties")
OUTCOMES = terms("outcomes")
SEVERITIES = terms("severities")
CLASSES = terms("classes")
CHANGES = terms("changes")
ILLUSTRATIVE = Bilingual("MINH HỌA", "ILLUSTRATIVE")
