"""A file of any format that is read here: its bytes show what it is, never its name.

Here: which reader a file goes to; every file is checked here, once. Not here: the readers, nor the child process in
which they run (``sandbox``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.delimited import Headers, read_delimited
from dti_platform.reading.encoding import Names, in_unicode
from dti_platform.reading.grid import Gathered, measured
from dti_platform.reading.json_text import read_json
from dti_platform.reading.limits import ZIP, check_file
from dti_platform.reading.xls import is_xls, read_xls
from dti_platform.reading.xlsx import read_xlsx

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
    """The headers of each required column of delimited text, which may show another delimiter."""


def read_file(content: bytes, name: str, form: Form = Form()) -> Book:
    """Reads a workbook (.xlsx, .xls), JSON, or delimited text.

    Raises Unreadable where it is none of these, or can't be read.
    """
    opened = open_file(content, name, form)
    if isinstance(opened, Book):
        return opened
    return in_unicode(opened.book(name), form.encoding, form.names)


def read_workbook(content: bytes, name: str) -> Book:
    """Reads every sheet of a workbook, hidden ones too.

    Raises Unreadable: not a workbook, encrypted, damaged, or unsafe to open.
    """
    check_file(content, name)
    workbook = _open_workbook(content, name)
    if workbook is None:
        raise Unreadable("not_a_workbook", "no_workbook", file=name)
    return workbook.book(name)


def read_top(content: bytes, name: str, rows: int) -> Book:
    """The first rows of every worksheet of an .xlsx workbook, hidden ones too: a glance at a file of our own.

    Raises Unreadable: as the whole would be; or the first rows can't be read without the rest of the workbook.
    """
    check_file(content, name)
    return read_xlsx(content, name, rows).book(name)


def open_file(content: bytes, name: str, form: Form) -> Book | Gathered:
    """Like ``read_file``, but of a workbook only the cells that hold something, as its grids."""
    check_file(content, name)
    if (workbook := _open_workbook(content, name)) is not None:
        return workbook
    begin = _BEGIN.match(content)
    mark = begin and begin[begin.lastindex or 0]
    if mark in (b"[", b"{"):
        return read_json(content, name)
    if mark == b"<":
        raise Unreadable("not_a_workbook", "markup", file=name)
    return read_delimited(content, name, form.delimiter, encoding=form.encoding, names=form.names, headers=form.headers)


def _open_workbook(content: bytes, name: str) -> Gathered | None:
    """The grids of a workbook, or None where the content is not one."""
    if content.startswith(ZIP):
        workbook = read_xlsx(content, name)
    elif is_xls(content):
        workbook = read_xls(content, name)
    else:
        return None
    return workbook._replace(grids=measured(workbook.grids, name))
