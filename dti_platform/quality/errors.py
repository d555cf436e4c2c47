"""The one error of what stands in ``expectations/``."""

from __future__ import annotations


class SuiteError(ValueError):
    """A suite, baseline or waiver that can't be read; the message names the file, the entry and the fix."""
