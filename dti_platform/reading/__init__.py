"""Untrusted bytes become cells, each with its place, its raw text and its type.

Here: reading of workbooks, delimited text and JSON, numbers as people write them, text as it should
compare. Not here: any name of the domain (known names and columns are handed in), and any disk:
a file arrives as bytes.
"""

from dti_platform.reading.cells import Book, Cell, Sheet, Unreadable, letters, place
from dti_platform.reading.child import Request, read_batch
from dti_platform.reading.delimited import read_delimited
from dti_platform.reading.json_text import read_json
from dti_platform.reading.layout import FOOTNOTE, NUMBERING, Body, Layout, Line, Rule
from dti_platform.reading.numbers import Convention, Doubt, Number, parse
from dti_platform.reading.opening import Form, read_file
from dti_platform.reading.survey import Survey, find_bodies, survey
from dti_platform.reading.table import Column, Table, find_table
from dti_platform.reading.text import comparable, normalise, one_spelling
from dti_platform.reading.workbook import read_workbook
from dti_platform.reading.xlsx import read_top

__all__ = [
    "FOOTNOTE",
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
    "Number",
    "Request",
    "Rule",
    "Sheet",
    "Survey",
    "Table",
    "Unreadable",
    "comparable",
    "find_bodies",
    "find_table",
    "letters",
    "normalise",
    "one_spelling",
    "parse",
    "place",
    "read_batch",
    "read_delimited",
    "read_file",
    "read_json",
    "read_top",
    "read_workbook",
    "survey",
]
