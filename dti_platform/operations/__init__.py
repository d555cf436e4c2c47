"""Whether the platform is well, and telling people what is not: ``dti doctor`` and alerts.

Here: the checks of an installation (``checks``), what people are told by themselves (``causes``), and by which way
(``channels``). Not here: what only Dagster knows (``orchestration.health``, ``orchestration.alerting``), and the checks
of the data (``quality``).
"""
