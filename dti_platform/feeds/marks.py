"""The marks by which a file states that its figures are made up.

Here: the words, and looking for them in a file. Not here: where our own files carry them (``sheet.writer``,
``synthetic``), nor a list of indicators that is made up (the framework's file says so).
"""

from __future__ import annotations

from dti_platform.reading import Book, comparable

#: What every synthetic file states of itself; where a file states either half, all of it is illustrative.
SYNTHETIC = ("DỮ LIỆU GIẢ LẬP – không phải số liệu chính thức", "SYNTHETIC DATA – not official figures")
#: What such files stated before. Landed ones are kept for ever, so these words never lose their meaning.
FORMER = ("DỮ LIỆU TỔNG HỢP – không phải số liệu chính thức",)


def is_synthetic(book: Book) -> bool:
    """Whether any cell states that the file is synthetic, in the words of today or in former ones."""
    marks = [comparable(mark) for mark in (*SYNTHETIC, *FORMER)]
    texts = map(comparable, {cell.raw for cell in book.cells()})
    return any(mark in text for text in texts for mark in marks)
