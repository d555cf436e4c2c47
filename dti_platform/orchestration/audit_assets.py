"""The asset beside the flow: how robust the rankings of a release are. It runs after the release and changes nothing.

Here: what the UI shows of it, and how many draws it takes. Not here: what is audited, and where it is stored
(``pipeline.robustness``), nor the audit itself (``audit``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from dti_platform import publications
from dti_platform.audit import results
from dti_platform.orchestration import progress, static_metadata
from dti_platform.orchestration.static_metadata import OWNERS
from dti_platform.pipeline import Platform, robustness
from dti_platform.pipeline.robustness import Effort
from dti_platform.pipeline.versions import source_version
from dti_platform.settings import Settings
from dti_platform.storage import Store

NAME = "rank_robustness"


class Draws(dg.Config):
    """How many draws an audit takes; the draws of rankings on official figures are published."""

    draws: int | None = Field(
        None, ge=0, description="of a ranking on official figures; 0: no audit; default: DTI_AUDIT_DRAWS"
    )
    sample: int = Field(Effort.sample, ge=0, description="N of the variance-based design of such a ranking; 0: none")
    illustrative_draws: int = Field(Effort.illustrative_draws, ge=1, description="of a ranking on made-up figures")
    illustrative_sample: int = Field(Effort.illustrative_sample, ge=0, description="N of its design; 0: none")

    def effort(self) -> Effort | None:
        """How many draws each audit takes, never more of made-up figures than of official ones; None: no audit."""
        draws = Settings().audit_draws if self.draws is None else self.draws
        capped = (min(number, draws) for number in (self.sample, self.illustrative_draws, self.illustrative_sample))
        return Effort(draws, *capped) if draws else None


def rank_robustness(store: Store) -> dg.AssetsDefinition:
    """Group release: the ranks that each unit may have in the rankings of the newest release."""
    model = results.TABLES[NAME]

    @dg.asset(
        deps=["release"],
        group_name="release",
        owners=OWNERS,
        kinds={"parquet"},
        code_version=source_version("audit"),
        metadata=static_metadata.table(NAME, model, (), store.audits.folder, robustness.make),
        tags=static_metadata.tags("release"),
        description=f"{publications.dictionary_entry(model)}\n\nNo release holds it, and none waits for it. What rests "
        "on made-up figures lies in illustrative/.",
        output_required=False,
    )
    def rank_robustness(
        context: dg.AssetExecutionContext, config: Draws, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """Makes the audit, unless it exists; rankings that did not change are carried over."""
        if (effort := config.effort()) is None:
            context.log.info("no draws were asked for, so that no ranking is audited")
            return
        audit = robustness.make(platform.store, effort)
        if audit.is_new:
            platform.on_step(progress.audited(audit))
        headlines = {results.name_of(row): results.headline(row).en for row in audit.rankings.iter_rows(named=True)}
        evidence = audit.rankings["evidence"].unique().sort().to_list()
        yield dg.MaterializeResult(
            metadata={
                "rankings": dg.MetadataValue.json(headlines),
                "evidence": dg.MetadataValue.json(evidence),
                "release": audit.release,
                "path": str(audit.path),
                "new": audit.is_new,
            },
            data_version=dg.DataVersion(f"{audit.release}-{robustness.version(effort)}"),
        )

    return rank_robustness
