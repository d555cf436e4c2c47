"""Reads untrusted bytes into cells, each with its location, its raw text and its type.

Here: reading of workbooks, delimited text and JSON, numbers as people write them, and text normalised for
comparison. Not here: names of the domain (callers pass known names and columns), and file access: a file
arrives as bytes.
"""

from dti_platform.language import place
from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable, letters
from dti_platform.reading.encoding import ENCODINGS
from dti_platform.reading.number_formats import held_and_shown
from dti_platform.reading.numbers import Convention, Doubt, Number, parse
from dti_platform.reading.opening import Form, read_file, read_top, read_workbook
from dti_platform.reading.printed import (
    FOOTNOTE,
    NUMBERING,
    Body,
    Layout,
    Line,
    Meaning,
    Rule,
    Survey,
    find_bodies,
    survey,
)
from dti_platform.reading.sandbox import LIMITS, Outcome, Request, Task, ask_batch, one_child, read_batch
from dti_platform.reading.table import Column, Table, find_table, tables_of
from dti_platform.reading.text import comparable, normalise, one_spelling

__all__ = [
    "ENCODINGS",
    "FOOTNOTE",
    "LIMITS",
    "NUMBERING",
    "Body",
    "Book",
    "Cell",
    "Column",
    "Convention",
    "Doubt",
    "Form",
    "Layout",
    "Line",
    "Meaning",
    "Number",
    "Outcome",
    "Request",
    "Rule",
    "Sheet",
    "Survey",
    "Table",
    "Task",
    "Unreadable",
    "ask_batch",
    "comparable",
    "find_bodies",
    "find_table",
    "held_and_shown",
    "letters",
    "normalise",
    "one_child",
    "one_spelling",
    "parse",
    "place",
    "read_batch",
    "read_file",
    "read_top",
    "read_workbook",
    "survey",
    "tables_of",
]
