"""What Dagster loads: ``defs``, over the data root of the environment (DTI_DATA, default ``data``)."""

from dti_platform.orchestration.build import build
from dti_platform.storage import Store

defs = build(Store.from_environment())
