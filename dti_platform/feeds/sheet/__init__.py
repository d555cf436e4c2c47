"""The sheet of a self-assessment: what it declares, its bytes, and the template that a unit fills.

Here: the sheet as a thing of its own, whoever fills or reads it. Not here: the feed that reads it
(``feeds.self_assessment``), nor made-up figures (``dti_platform.synthetic``).
"""
