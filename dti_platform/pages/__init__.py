"""HTML pages from templates: self-contained, without script or any address outside, and escaped by default.

Here: the one way into Jinja2 (``environment``), and what every page shares (``base.html.j2``: style, content policy,
A4). Not here: what a page says; its template stands beside the module that makes it.
"""

from __future__ import annotations

__all__ = ["render"]


def render(template: str, **values: object) -> str:
    """A page from a template, named by its path within the package; the same values give the same text.

    Raises:
        jinja2.TemplateError: the template is missing, or names a value that is not given: a fault of ours.
    """
    from dti_platform.pages.environment import ENVIRONMENT  # imports Jinja2

    return ENVIRONMENT.get_template(template).render(values)
