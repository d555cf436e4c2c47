"""The error that is raised for a fault in ``expectations/``."""

from __future__ import annotations


class SuiteError(ValueError):
    """A suite, baseline or waiver can't be read; the message names the file, the entry and the fix."""
