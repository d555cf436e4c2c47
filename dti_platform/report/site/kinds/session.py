"""The brief of a session of the Committee: its figures on one page, national ones first; and their sources.

Two pages for each session: the brief, one A4 page, and the evidence of its figures: file, cell, value, source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from dti_platform.amounts import amount, amount_of
from dti_platform.glossary import CERTAINTIES
from dti_platform.language import Bilingual, format_number, place
from dti_platform.periods import name_of
from dti_platform.report.site.figures import plan_of, signed
from dti_platform.report.site.page import Kind, Page

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.tables import Row

KIND = Kind(20, Bilingual("Phiên họp", "Sessions"), "phien-hop/index.html")
TITLE = Bilingual("Các phiên họp của Ủy ban Quốc gia", "Sessions of the National Committee")
EVIDENCE = Bilingual("Nguồn số liệu: {session}", "Sources of the figures: {session}")
#: The notation of results of an index; a score has four decimals, as it is published.
PRINTED = {"score": Bilingual.same("{value}"), "rank": Bilingual("hạng {value}", "rank {value}")}
DECIMALS = {"score": 4, "rank": 0}
NATIONAL = Bilingual("Quốc gia", "National")
#: The key of a figure of a session in the observations.
CELL = ("file", "locator", "node", "measure", "unit")


class SessionFigure(NamedTuple):
    """A figure of a session.

    Attributes:
        number: its position in the brief, and its anchor in the evidence.
        row: of the table ``sessions``, with ``raw``.
        value, plan, gap: as text; None if there is none.
        remarks: notes for the reader.
    """

    number: int
    row: Row
    value: Bilingual
    plan: Bilingual | None
    gap: Bilingual | None
    remarks: tuple[Bilingual, ...]

    @property
    def title(self) -> Bilingual:
        """The name of the figure."""
        return Bilingual(self.row["title_vi"], self.row["title_en"])

    @property
    def place(self) -> Bilingual:
        """The cell, in words."""
        return place(self.row["locator"] or "")

    @property
    def is_found(self) -> bool:
        """Whether the release holds its value."""
        return self.row["value"] is not None


def pages(content: Content) -> Iterator[Page]:
    """The list of sessions, and two pages for each, from the newest to the oldest."""
    sessions = sorted(by_session(content), key=lambda figures: figures[0].row["reported_period"], reverse=True)
    yield Page("phien-hop/index.html", TITLE, {"sessions": [figures[0].row for figures in sessions]})
    for figures in sessions:
        first = figures[0].row
        name = Bilingual(first["session_name_vi"], first["session_name_en"])
        values: dict[str, object] = {"figures": figures, "session": first, "brief": True, "units": by_unit(figures)}
        yield Page(f"phien-hop/{first['reported_period']}.html", name, values)
        path = f"phien-hop/{first['reported_period']}-nguon.html"
        yield Page(path, EVIDENCE.format(session=name), values | {"brief": False})


def by_session(content: Content) -> list[list[SessionFigure]]:
    """The figures of each session, in the order of its report."""
    raw = content.table("observations").select(*CELL, "raw").unique(CELL, keep="first", maintain_order=True)
    rows = content.table("sessions").join(raw, on=CELL, how="left", maintain_order="left")
    ordered = rows.sort("session", "position").partition_by("session", maintain_order=True)
    return [[figure_of(number, row) for number, row in enumerate(session.to_dicts(), start=1)] for session in ordered]


def by_unit(figures: Sequence[SessionFigure]) -> list[tuple[Bilingual, list[SessionFigure]]]:
    """The figures of the country and of each unit, under its name, in their order."""
    groups = groupby(
        figures, key=lambda figure: (figure.row["unit"], figure.row["unit_name_vi"], figure.row["unit_name_en"])
    )
    return [(NATIONAL if unit == "VN" else Bilingual(vi, en), list(group)) for (unit, vi, en), group in groups]


def figure_of(number: int, row: Row) -> SessionFigure:
    """A figure as shown in the brief."""
    plan = None if row["plan"] is None else amount(row["plan"], row["plan_unit_measure"] or row["unit_measure"])
    gap = None if row["gap"] is None else signed(row["gap"], row["gap_unit_measure"])
    return SessionFigure(number, row, _value(row), plan, gap, tuple(_remarks(row)))


def _value(row: Row) -> Bilingual:
    if row["value"] is not None and row["measure"] in PRINTED:
        return PRINTED[row["measure"]].format(value=format_number(row["value"], DECIMALS[row["measure"]]))
    return amount_of(row)


def _remarks(row: Row) -> Iterator[Bilingual]:
    if row["repeats_previous"]:
        yield Bilingual("lặp lại số liệu của {period}", "repeats the figure of {period}").format(
            period=name_of(row["report_before"])
        )
    if row["plan_of_other_period"]:
        yield plan_of(row)
    if row["plan_certainty"] in CERTAINTIES:
        yield Bilingual("kế hoạch: {how}", "plan: {how}").format(how=CERTAINTIES[row["plan_certainty"]])
    if row["certainty"] in CERTAINTIES:
        yield CERTAINTIES[row["certainty"]]
