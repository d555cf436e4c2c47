"""The site of a release: pages for those who read no Parquet, in Vietnamese with an English twin.

Here: which kinds of page there are, and making all files of a site from one release; the same release and code give the
same bytes. Not here: where a site is put (``storage.sites``), nor any figure that the release doesn't hold.

A module of ``kinds`` that has ``KIND`` and ``pages`` is a kind of page: found by scanning, never registered. Beside it
lie its template (``<name>.html.j2``) and its words (``<name>.toml``). All paths are relative, so that a folder works
wherever it lies: ``file://``, a stick, ``/site/`` of the UI.
"""

from dti_platform.report.site.content import Content
from dti_platform.report.site.make import files_of
from dti_platform.report.site.page import Kind, Page

__all__ = ["Content", "Kind", "Page", "files_of"]
