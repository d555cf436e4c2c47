"""Untrusted files are read in a child process, within bounds of memory and time.

Here: the parent's side (``parent``), the child's side (``child``), and what is sent between them (``wire``). Not here:
reading itself (``reading.opening``).
"""

from dti_platform.reading.sandbox.parent import LIMITS, Limits, Outcome, Request, Task, ask_batch, one_child, read_batch

__all__ = ["LIMITS", "Limits", "Outcome", "Request", "Task", "ask_batch", "one_child", "read_batch"]
