"""The only room that uses Dagster: it wires the pipeline into assets, checks, schedules and sensors.

Here: asset keys, partitions, runs, metadata for the UI. Not here: what a step does and the order of the steps
(``pipeline``), any rule of the index, any check's content, any path on disk. An asset is a few lines.
"""

import warnings

import dagster as dg

# docs/private-apis.md lists the beta APIs in use; the lock pins the version, and the snapshot of all definitions shows
# any change.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
