"""What a run says of itself as it goes: one sentence for each step that is done, no time and no path in it.

Here: which facts of a step are told. Not here: the words (``glossary``), and where they are shown (the command line).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform.glossary import terms
from dti_platform.language import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dti_platform.feeds import Parsed
    from dti_platform.pipeline.candidate import Proposal
    from dti_platform.pipeline.inputs import Landed
    from dti_platform.pipeline.publish import Publication
    from dti_platform.pipeline.robustness import Audit
    from dti_platform.pipeline.site import Site
    from dti_platform.quality import CheckResult

WORDS = terms("progress_words")


def ended(runs: Sequence[str]) -> Bilingual:
    """Runs whose process is gone are marked failed."""
    return WORDS["ended"].format(runs=", ".join(run[:8] for run in runs))


def landed(landed: Landed) -> Bilingual:
    """What lay in the folders is received: how many files count, and how many of them are new."""
    return WORDS["landed"].format(files=len(landed.standing), new=landed.new)


def read(year: int, parsed: Parsed) -> Bilingual:
    """The files of a year are read: how many, how many figures they gave, and how many cells are held back."""
    held = parsed.quarantine.height
    facts = {"files": parsed.submissions.height, "figures": parsed.observations.height, "held": held}
    return WORDS["read_held" if held else "read"].format(year=year, **facts)


def stand(years: Iterable[int]) -> Bilingual:
    """The years whose tables stand as they were made."""
    return WORDS["stand"].format(years=", ".join(map(str, years)))


def made(table: str, rows: int) -> Bilingual:
    """A table is made and written: with how many rows."""
    return WORDS[table if table in WORDS else "table"].format(table=table, rows=rows)


def checked(table: str, results: Sequence[CheckResult]) -> Bilingual:
    """The checks of a table are answered: how many, and how many of them stop a publication."""
    stopping = sum(each.blocks for each in results)
    return WORDS["stopped" if stopping else "checked"].format(table=table, checks=len(results), stopping=stopping)


def proposed(proposal: Proposal) -> Bilingual:
    """A candidate is left, or nothing differs."""
    return WORDS["proposed"].format(name=proposal.candidate.name) if proposal.candidate else WORDS["unchanged"]


def released(made: Publication | None) -> Bilingual:
    """A release is published, or nothing differs from the last one."""
    return WORDS["released"].format(name=made.release.name) if made and made.is_new else WORDS["unchanged"]


def audited(made: Audit) -> Bilingual:
    """How robust the rankings of a release are is known."""
    return WORDS["audited"].format(name=made.release, rankings=made.rankings.height)


def paged(made: Site) -> Bilingual:
    """The site of a release is made."""
    return WORDS["paged"].format(name=made.release)
