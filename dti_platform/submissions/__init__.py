"""The desk where submissions come in: read, compared with what counts, judged, kept, and answered at once.

Here: everything between a sender's file and the answer to it. Not here: reading a file (``feeds``), keeping it
(``storage``), nor scores: an accepted file counts from the next run on.
"""

from dti_platform.submissions.answer import AnsweredFile
from dti_platform.submissions.delivery import keep_answer, list_answers, unanswered
from dti_platform.submissions.desk import Desk, Offer, UsageError
from dti_platform.submissions.folders import arrived, may_be_taken, pending_periods
from dti_platform.submissions.owners import with_one_owner
from dti_platform.submissions.reception import Intake, Reception
from dti_platform.submissions.register import Line, Register, withdraw
from dti_platform.submissions.standing_scores import standing_scores
from dti_platform.submissions.versions import comparable, counting, landed, last_accepted, read_versions
from dti_platform.submissions.withdrawal import Effect, effect

__all__ = [
    "AnsweredFile",
    "Desk",
    "Effect",
    "Intake",
    "Line",
    "Offer",
    "Reception",
    "Register",
    "UsageError",
    "arrived",
    "comparable",
    "counting",
    "effect",
    "keep_answer",
    "landed",
    "last_accepted",
    "list_answers",
    "may_be_taken",
    "pending_periods",
    "read_versions",
    "standing_scores",
    "unanswered",
    "with_one_owner",
    "withdraw",
]
