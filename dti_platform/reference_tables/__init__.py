"""The files of ``data/reference``: reading, the contract of each file, and the rules between files.

Here: contracts and reading of reference files. Not here: looking units up in them (``units``), and files that senders
send. Importing this package is cheap: Pandera is imported when the files are checked.
"""
