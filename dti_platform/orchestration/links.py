"""Where the UI serves the platform's own pages: links to them, for metadata.

Here: the addresses, without a host, for only the browser knows by which name it came. Not here: serving them
(``web_pages``), nor what they show.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

#: Under which all pages are served, and a folder of them each.
PAGES = "/pages/"
CHECKS, ANSWERS = f"{PAGES}checks/", f"{PAGES}answers/"
#: Under which the site of the newest release is served, and below its name that of each other that is kept.
SITE = "/site/"


def checks_page(report: Path) -> dg.UrlMetadataValue:
    """The page of a run's checks, by the file that it is."""
    return dg.MetadataValue.url(f"{CHECKS}{report.name}")


def answers_pages() -> dg.UrlMetadataValue:
    """The list of all answers to senders."""
    return dg.MetadataValue.url(ANSWERS)


def site_page() -> dg.UrlMetadataValue:
    """The first page of the site of the newest release."""
    return dg.MetadataValue.url(SITE)
