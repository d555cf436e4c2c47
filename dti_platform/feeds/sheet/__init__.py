"""The sheet of a self-assessment: what it declares, its bytes, and the template that a unit fills.

Here: the sheet itself, for filling and reading alike. Not here: the feed that reads it
(``feeds.self_assessment``), nor made-up figures (``dti_platform.synthetic``).
"""
