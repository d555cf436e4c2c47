"""The audit of a composite indicator: what its ranks rest on. It never alters an official score.

Here: the steps of the craft, one file a verb (denominate, impute, screen, treat, normalise, weight, aggregate), and the
chain of them (``stages``). Pure: arrays in, arrays out; it knows no file, no clock. Missing is NaN everywhere.
Sources: OECD and JRC, Handbook on Constructing Composite Indicators (2008); COINr 1.1 (Becker et al. 2022), whose
definitions are followed where none is named, and whose known faults are not.
"""
