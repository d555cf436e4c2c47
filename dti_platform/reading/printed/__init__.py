"""Tables laid out for print: declared by a layout, found anywhere in a book, and read row by row.

Here: titles over several rows and in two languages, captions, totals, tables side by side. Not here: tables with a
single header row (``reading.table``), and what a row means.
"""

from dti_platform.reading.printed.layout import FOOTNOTE, NUMBERING, Body, Layout, Line, Rule
from dti_platform.reading.printed.survey import Survey, find_bodies, survey
from dti_platform.reading.printed.titles import Meaning

__all__ = ["FOOTNOTE", "NUMBERING", "Body", "Layout", "Line", "Meaning", "Rule", "Survey", "find_bodies", "survey"]
