"""A page of a site: its path, title and template values; and the kinds of page.

Here: what a page declares, and finding the kinds. Not here: rendering (``make``), or content (``kinds``).
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
        path: in the site's folder, for example ``tinh/VN63-19.html``; the English page has the same path in ``en/``.
        title: the title of the window and the first heading.
        values: the values for the template, besides those of every page (``make``).
        illustrative: whether it shows figures from synthetic input or a made-up list; no other page does.
    """

    path: str
    title: Bilingual
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page.

    Attributes:
        position: its order among the kinds.
        label: in the navigation of every page; None: it is only linked from other pages.
        front: the page that the label links to.
    """

    position: int
    label: Bilingual | None = None
    front: str = ""


class KindModule(Protocol):
    """What a module must have to be a kind of page."""

    KIND: Kind

    @staticmethod
    def pages(content: Content) -> Iterator[Page]:
        """Its pages, in the order of their paths; an optional ``files`` gives further files of the site."""
        ...


@cache
def discover() -> Mapping[str, KindModule]:
    """Every kind of page by the name of its module, in order of position.

    Raises:
        TypeError: a module has only one of ``KIND`` and ``pages``.
    """
    modules: dict[str, KindModule] = {}
    for info in pkgutil.iter_modules(kinds.__path__):
        module = importlib.import_module(f"{kinds.__name__}.{info.name}")
        missing = [name for name in ("KIND", "pages") if not hasattr(module, name)]
        if len(missing) == 1:
            raise TypeError(f"{module.__name__}: {missing[0]} is missing; a kind of page has KIND and pages")
        if not missing:
            modules[info.name] = cast("KindModule", module)
    return dict(sorted(modules.items(), key=lambda item: item[1].KIND.position))
