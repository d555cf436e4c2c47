"""Reads untrusted files in a child process with limits of memory and time.

Here: the parent's side (``parent``), the child's side (``child``), and the messages between them (``wire``). Not here:
the readers (``reading.opening``).
"""

from dti_platform.reading.sandbox.parent import LIMITS, Limits, Outcome, Request, Task, ask_batch, one_child, read_batch

__all__ = ["LIMITS", "Limits", "Outcome", "Request", "Task", "ask_batch", "one_child", "read_batch"]
