"""The files of ``data/reference``: how they are read, what each promises, and what holds between them.

Here: contracts and reading of reference files. Not here: looking units up in them (``units``), nor
any file that a sender may send. Importing this package costs nothing: Pandera is imported when the
files are checked.
"""
