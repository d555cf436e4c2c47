"""The DTI platform: feeds in, a defended ranking out.

Read the rooms in the order of the flow: ``reading``, ``feeds``, ``methodology``, ``publications``,
``quality``, ``storage``, ``orchestration``; ``tables`` and ``units`` are their shared words.
"""
