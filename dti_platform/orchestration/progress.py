"""The progress of a run: one sentence for each completed step, without times and paths.

Here: the facts of a step that are reported. Not here: the words (``glossary``), and showing them (the command line).
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
    """Runs whose process is gone were marked as failed."""
    return WORDS["ended"].format(runs=", ".join(run[:8] for run in runs))


def landed(landed: Landed) -> Bilingual:
    """The files in the folders were received: how many count, and how many of them are new."""
    return WORDS["landed"].format(files=len(landed.standing), new=landed.new)


def read(year: int, parsed: Parsed) -> Bilingual:
    """The files of a year were read: the number of files, figures, and quarantined cells."""
    quarantined = parsed.quarantine.height
    facts = {"files": parsed.submissions.height, "figures": parsed.observations.height, "held": quarantined}
    return WORDS["read_held" if quarantined else "read"].format(year=year, **facts)


def unchanged(years: Iterable[int]) -> Bilingual:
    """The years whose tables are unchanged."""
    return WORDS["stand"].format(years=", ".join(map(str, years)))


def made(table: str, rows: int) -> Bilingual:
    """A table was made and written: its number of rows."""
    return WORDS[table if table in WORDS else "table"].format(table=table, rows=rows)


def checked(table: str, results: Sequence[CheckResult]) -> Bilingual:
    """The checks of a table were run: how many, and how many of them stop a publication."""
    stopping = sum(result.blocks for result in results)
    return WORDS["stopped" if stopping else "checked"].format(table=table, checks=len(results), stopping=stopping)


def proposed(proposal: Proposal) -> Bilingual:
    """A candidate was left, or nothing differs from the last release."""
    return WORDS["proposed"].format(name=proposal.candidate.name) if proposal.candidate else WORDS["unchanged"]


def released(publication: Publication | None) -> Bilingual:
    """A release was published, or nothing differs from the last one."""
    return (
        WORDS["released"].format(name=publication.release.name)
        if publication and publication.is_new
        else WORDS["unchanged"]
    )


def audited(audit: Audit) -> Bilingual:
    """The rankings of a release were audited: how many."""
    return WORDS["audited"].format(name=audit.release, rankings=audit.rankings.height)


def paged(site: Site) -> Bilingual:
    """The site of a release was made."""
    return WORDS["paged"].format(name=site.release)
