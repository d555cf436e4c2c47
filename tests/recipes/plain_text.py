"""The answer as plain text, for a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform.language import Bilingual
from dti_platform.submissions.forms import Form
from dti_platform.submissions.forms.text import lines

if TYPE_CHECKING:
    from dti_platform.submissions.answer import AnsweredFile

FORM = Form("answer.txt", "text/plain", Bilingual("Văn bản để gửi thư", "Text for a mail"))


def make(answered: AnsweredFile) -> bytes:
    """The lines of any answer, in Vietnamese."""
    return "\n".join(lines(answered.answer, "vi")).encode()
