"""Opens a file of any supported format: its bytes decide the format, never its name.

Here: the choice of the reader, and the one check of every file. Not here: the readers, and the child process in which
they run (``sandbox``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dti_platform.reading.cells import Book, Unreadable
from dti_platform.reading.delimited import Headers, read_delimited
from dti_platform.reading.encoding import Names, in_unicode
from dti_platform.reading.grid import Gathered, check_grids
from dti_platform.reading.json_text import read_json
from dti_platform.reading.limits import ZIP, check_file
from dti_platform.reading.xls import is_xls, read_xls
from dti_platform.reading.xlsx import read_xlsx

#: The beginning of JSON and of markup after white space: in UTF-8, and in UTF-16 with a byte-order mark.
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t\r\n]*([\[{<])"
    rb"|\xff\xfe(?:[ \t\r\n]\x00)*([\[{<])\x00"
    rb"|\xfe\xff(?:\x00[ \t\r\n])*\x00([\[{<])"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a feed declares of its files."""

    delimiter: str = ","
    encoding: str | None = None
    """One of ``encoding.ENCODINGS`` if senders use it; UTF-8, and UTF-16 with a mark, need no declaration."""
    names: Names = ()
    """Known names, which may reveal a legacy encoding."""
    headers: Headers = ()
    """The headers of each required column of delimited text, which may reveal another delimiter."""


def read_file(content: bytes, name: str, form: Form = Form()) -> Book:
    """Reads a workbook (.xlsx, .xls), JSON, or delimited text.

    Raises Unreadable: the file is none of these, or can't be read.
    """
    opened = open_file(content, name, form)
    if isinstance(opened, Book):
        return opened
    return in_unicode(opened.book(name), form.encoding, form.names)


def read_workbook(content: bytes, name: str) -> Book:
    """Reads every sheet of a workbook, hidden ones too.

    Raises Unreadable: the file is not a workbook, encrypted, damaged, or unsafe to open.
    """
    check_file(content, name)
    workbook = _open_workbook(content, name)
    if workbook is None:
        raise Unreadable("not_a_workbook", "no_workbook", file=name)
    return workbook.book(name)


def read_top(content: bytes, name: str, rows: int) -> Book:
    """Reads the first rows of every worksheet of an .xlsx workbook, hidden ones too: a quick look at our own files.

    Raises Unreadable: as for the whole workbook; or the first rows can't be read without the rest.
    """
    check_file(content, name)
    return read_xlsx(content, name, rows).book(name)


def open_file(content: bytes, name: str, form: Form) -> Book | Gathered:
    """Like ``read_file``, but returns a workbook as grids, with only the filled cells."""
    check_file(content, name)
    if (workbook := _open_workbook(content, name)) is not None:
        return workbook
    match = _BEGINNING.match(content)
    bracket = match and match[match.lastindex or 0]
    if bracket in (b"[", b"{"):
        return read_json(content, name)
    if bracket == b"<":
        raise Unreadable("not_a_workbook", "markup", file=name)
    return read_delimited(content, name, form.delimiter, encoding=form.encoding, names=form.names, headers=form.headers)


def _open_workbook(content: bytes, name: str) -> Gathered | None:
    """The grids of a workbook; None: the content is not one."""
    if content.startswith(ZIP):
        workbook = read_xlsx(content, name)
    elif is_xls(content):
        workbook = read_xls(content, name)
    else:
        return None
    return workbook._replace(grids=check_grids(workbook.grids, name))
