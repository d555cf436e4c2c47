"""Sessions at which figures were reported, and where each figure stands in the feeds.

Here: the sessions of ``data/reference``. Not here: what the figures are, which the released tables say
(``publications.sessions``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dti_platform.language import Bilingual
from dti_platform.periods import Period


class Figure(NamedTuple):
    """A figure of a session, as a key to the observation that holds it."""

    session: str
    position: int
    title_vi: str
    title_en: str
    feed: str
    unit: str
    node: str
    """Code of an operational indicator, or of a node of the index."""
    measure: str
    period: str
    source: str
    """Where it was printed."""


class Session(NamedTuple):
    """A session, such as one of the National Committee on Digital Transformation, with its figures in their order."""

    id: str
    name: Bilingual
    held: str
    """The day, as a period; the month or the year where no source says more."""
    reported: str
    """The period that its reports tell of."""
    figures: tuple[Figure, ...]

    @property
    def year(self) -> int:
        """The year in which it was held."""
        return Period.parse(self.held).year


def read(
    sessions: Iterable[Mapping[str, str | None]], figures: Iterable[Mapping[str, str | None]]
) -> tuple[Session, ...]:
    """The sessions of the rows of ``sessions.csv`` and ``session_figures.csv``."""
    of_session: dict[str, list[Figure]] = {}
    for row in map(_texts, figures):
        of_session.setdefault(row["session"], []).append(_figure(row))
    return tuple(
        Session(
            row["session"],
            Bilingual(row["name_vi"], row["name_en"]),
            row["held"],
            row["reported"],
            tuple(sorted(of_session.get(row["session"], ()), key=lambda figure: figure.position)),
        )
        for row in map(_texts, sessions)
    )


def _figure(row: Mapping[str, str]) -> Figure:
    return Figure(
        row["session"], int(row["position"]), row["title_vi"], row["title_en"], row["feed"], row["unit"], row["node"],
        row["measure"], row["period"], row["address"],
    )  # fmt: skip


def _texts(row: Mapping[str, str | None]) -> Mapping[str, str]:
    return {column: cell or "" for column, cell in row.items()}
