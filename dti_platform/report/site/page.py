"""A page of a site: where it lies, what it is called, what its template is given; and the kinds of page.

Here: what a page declares, and finding the kinds. Not here: rendering it (``make``), nor what it says (``kinds``).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from dti_platform.report.site import kinds

if TYPE_CHECKING:
    from dti_platform.language import Bilingual
    from dti_platform.report.site.content import Content


@dataclass(frozen=True, slots=True)
class Page:
    """One page in both languages.

    Attributes:
        path: below the site's folder, such as ``tinh/VN63-19.html``; its English twin has the same path in ``en/``.
        title: of the window and the first heading.
        values: for the template, beside what every page gets (``make``).
        illustrative: whether it shows figures on synthetic input or a made-up list, which no other page does.
    """

    path: str
    title: Bilingual
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page.

    Attributes:
        position: its place among the kinds.
        label: in the navigation of every page; None: it is reached from other pages.
        front: the page to which the label leads.
    """

    position: int
    label: Bilingual | None = None
    front: str = ""


class KindModule(Protocol):
    """What makes a module a kind of page."""

    KIND: Kind

    @staticmethod
    def pages(content: Content) -> Iterator[Page]:
        """Its pages, in the order of their paths; where it has ``files``, too, those lie beside them as they are."""
        ...


@cache
def discover() -> Mapping[str, KindModule]:
    """Every kind of page by its module's name, in their order.

    Raises:
        TypeError: a module has only one of ``KIND`` and ``pages``.
    """
    found: dict[str, KindModule] = {}
    for info in pkgutil.iter_modules(kinds.__path__):
        module = importlib.import_module(f"{kinds.__name__}.{info.name}")
        lacking = [name for name in ("KIND", "pages") if not hasattr(module, name)]
        if len(lacking) == 1:
            raise TypeError(f"{module.__name__}: {lacking[0]} is missing; a kind of page has KIND and pages")
        if not lacking:
            found[info.name] = cast("KindModule", module)
    return dict(sorted(found.items(), key=lambda item: item[1].KIND.position))
