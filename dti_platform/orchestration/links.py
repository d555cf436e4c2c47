"""Links to the platform's own pages in the UI, for metadata.

Here: their addresses, without a host, because only the browser knows under which host name it reached the UI. Not here:
serving them (``web_pages``), nor what they show.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

#: The address below which all pages are served, and that of each group of them.
PAGES = "/pages/"
CHECKS, ANSWERS = f"{PAGES}checks/", f"{PAGES}answers/"
#: The address of the site of the newest release; each other site is served below its release's name.
SITE = "/site/"


def checks_page(report: Path) -> dg.UrlMetadataValue:
    """The page of a run's checks, by its file."""
    return dg.MetadataValue.url(f"{CHECKS}{report.name}")


def answers_pages() -> dg.UrlMetadataValue:
    """The page that lists all answers to senders."""
    return dg.MetadataValue.url(ANSWERS)


def site_page() -> dg.UrlMetadataValue:
    """The first page of the site of the newest release."""
    return dg.MetadataValue.url(SITE)
