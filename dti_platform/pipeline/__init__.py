"""What a run does, without Dagster: land, read, make every table, judge, publish, and make a release again.

Here: the order of the flow and the objects that carry it out over one data root. Not here: any rule of the index,
any check's content, any path on disk, and how Dagster is told of it (``orchestration``).
"""
