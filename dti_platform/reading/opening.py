"""A file of any format that is read here: what it is is told by its bytes, never by its name.

Here: which reader a file goes to. Not here: the readers, nor the child process in which they run (``child``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dti_platform.reading.bare import is_bare
from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.delimited import Headers, read_delimited
from dti_platform.reading.encoding import Names, in_unicode
from dti_platform.reading.grid import Gathered
from dti_platform.reading.guard import OLE, ZIP, weigh
from dti_platform.reading.json_text import read_json
from dti_platform.reading.strangers import refuse_stranger
from dti_platform.reading.workbook import read_grids

__all__ = ["Form", "open_file", "read_file"]

#: How JSON and marked-up text begin, white space aside: in UTF-8, and in UTF-16 with a byte-order mark.
_BEGIN = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t\r\n]*([\[{<])"
    rb"|\xff\xfe(?:[ \t\r\n]\x00)*([\[{<])\x00"
    rb"|\xfe\xff(?:\x00[ \t\r\n])*\x00([\[{<])"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of a feed's files before one is opened."""

    delimiter: str = ","
    encoding: str | None = None
    """One of ``legacy.ENCODINGS`` where its senders use it; UTF-8 and marked UTF-16 need no declaration."""
    names: Names = ()
    """Known names, that may show a legacy encoding."""
    headers: Headers = ()
    """Of its delimited text what each required column may be headed: they may show another delimiter."""


def read_file(content: bytes, name: str, form: Form = Form()) -> Book:
    """Reads a workbook (.xlsx, .xls), JSON, or delimited text.

    Raises Unreadable where it is none of these, or can't be read.
    """
    found = open_file(content, name, form)
    if isinstance(found, Book):
        return found
    return in_unicode(found.book(name), form.encoding, form.names)


def open_file(content: bytes, name: str, form: Form) -> Book | Gathered:
    """Likewise, but of a workbook only what stands where."""
    weigh(content, name)
    refuse_stranger(content, name)
    if content.startswith((ZIP, OLE)) or is_bare(content):
        return read_grids(content, name)
    begin = _BEGIN.match(content)
    mark = begin and begin[begin.lastindex or 0]
    if mark in (b"[", b"{"):
        return read_json(content, name)
    if mark == b"<":
        raise Unreadable(
            "not_a_workbook",
            f"{name} là trang web hoặc XML: hãy lưu thành .xlsx hoặc CSV UTF-8",
            f"{name} is a web page or XML: save it as .xlsx or CSV UTF-8",
        )
    return read_delimited(content, name, form.delimiter, encoding=form.encoding, names=form.names, headers=form.headers)
