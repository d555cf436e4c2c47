"""The kinds of page, one module each, with its template and its words beside it; see ``report.site.page``."""
