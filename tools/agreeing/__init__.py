"""Points of synthetic units that agree with every figure published for a period, by an integer program.

Run from the project's root (numpy and scipy come with the development tools)::

    python -m tools.agreeing --framework 922 --period 2022 --geography VN63

It reads ``data/feeds/published_results`` and writes two files into ``dti_platform/synthetic/agreeing``: the points, and
the published figures that no points can meet, with the reason. ``dti dev generate`` fills its workbooks from them.

Here: the search. Not here: workbooks (``dti_platform.synthetic``). It is no part of the package that is installed.
"""
