"""Sources: what kind of body stands behind an address.

Here: the class of a source by the table of domains. Not here: which source leads (``methodology.lead_source``), nor the
columns of the table (``reference_tables``).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

#: What is said of a domain that the table does not hold.
UNKNOWN = "third_party"
#: A document that is named by its number is issued by a public body.
DOCUMENT = "government_body"


def host(source: str) -> str | None:
    """The host of an address in small letters; None for a document that is named by its number.

    >>> host("https://en.dangcongsan.vn/x (copy)")
    'en.dangcongsan.vn'
    """
    return urlsplit(source.split(" ", maxsplit=1)[0]).hostname


def known(host: str, domains: Mapping[str, str]) -> str | None:
    """The class of a host, by the longest domain of the table that it is or lies in; None where there is none."""
    labels = host.split(".")
    return next((found for at in range(len(labels)) if (found := domains.get(".".join(labels[at:])))), None)


def source_class(source: str, domains: Mapping[str, str]) -> str:
    """The class of an address, or of a document."""
    address = host(source)
    return DOCUMENT if address is None else known(address, domains) or UNKNOWN
