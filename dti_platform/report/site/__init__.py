"""The site of a release: HTML pages for readers who do not use Parquet, in Vietnamese and English.

Here: the kinds of page, and making all files of a site from one release; the same release and code give the same
bytes. Not here: where a site is stored (``storage.sites``), or any figure that the release does not hold.

A module of ``kinds`` that has ``KIND`` and ``pages`` is a kind of page, found by scanning, never registered. Its
template (``<name>.html.j2``) and its words (``<name>.toml``) are beside it. All paths are relative, so that the folder
works anywhere: as ``file://``, on a USB stick, as ``/site/`` of the UI.
"""

from dti_platform.report.site.content import Content
from dti_platform.report.site.make import files_of
from dti_platform.report.site.page import Kind, Page

__all__ = ["Content", "Kind", "Page", "files_of"]
