"""HTML pages from templates: self-contained, without scripts or external addresses, escaped by default.

Here: the only use of Jinja2 (``environment``), and the base of every page (``base.html.j2``: style, content policy,
A4). Not here: the content of pages; a template is beside the module that uses it.
"""

from __future__ import annotations

__all__ = ["render"]


def render(template: str, **values: object) -> str:
    """A page from a template, given by its path in the package; the same values give the same text.

    Raises:
        jinja2.TemplateError: the template is missing, or uses a value that is not given: a bug in the platform.
    """
    from dti_platform.pages.environment import ENVIRONMENT  # imports Jinja2

    return ENVIRONMENT.get_template(template).render(values)
