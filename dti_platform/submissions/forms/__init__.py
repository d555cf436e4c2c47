"""The forms in which an answer is shown: a page, a workbook, lines of text; and the list of answers."""
