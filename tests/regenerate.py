"""Writes what is generated from the code, after a change that is meant: ``python -m tests.regenerate``.

Pages of ``docs/methodology``, the output in ``docs/audit.md``, frozen schemas of new versions of released tables, the
list of all rules of contracts, that of definitions in Dagster, and the answers in ``docs/questions.md``, for which it
runs the main job on the committed feeds. The tests compare each with the code; read the difference before you commit
it.
"""

from __future__ import annotations

from tests import questions
from tests.audit import page
from tests.golden import freeze
from tests.methodology import pages
from tests.orchestration import snapshot
from tests.quality import contract_rules

if __name__ == "__main__":
    pages.write()
    page.write()
    freeze.freeze_schemas()
    contract_rules.write()
    snapshot.write()
    questions.write()
    print("written; `git diff` shows what changed")  # noqa: T201
