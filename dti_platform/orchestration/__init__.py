"""The only room that knows Dagster: it wires the pipeline into assets, checks, schedules and a sensor.

Here: asset keys, partitions, runs, metadata for the UI. Not here: what a step does and in which order the steps stand
(``pipeline``), any rule of the index, any check's content, any path on disk. An asset is a few lines.
"""

import warnings

import dagster as dg

# What is beta is listed in docs/private-apis.md; the lock pins the version, and the snapshot of all definitions would
# show a change.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
