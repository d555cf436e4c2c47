"""From the pages of all kinds to the files of a site, each page in both languages.

Here: the values that every page gets besides its own (words, links, navigation, release), and the files that pages
share. Not here: the content of pages (``kinds``), or where the files are stored (``storage.sites``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from dti_platform.codes import LISTS
from dti_platform.glossary import CERTAINTIES
from dti_platform.language import LANGUAGES, Bilingual, Language
from dti_platform.pages import render
from dti_platform.periods import name_of
from dti_platform.report.site.page import discover

if TYPE_CHECKING:
    from dti_platform.report.site.content import Content
    from dti_platform.report.site.page import Page

FOLDER = Path(__file__).parent
#: The folder of the kinds' templates, in the package.
TEMPLATES = "report/site/kinds"
#: Files that pages load, copied unchanged.
SHARED = ("site.css", "site.js")
#: The folder of the pages of each language.
PREFIXES: Mapping[Language, str] = {"vi": "", "en": "en/"}


def files_of(content: Content) -> Iterator[tuple[str, bytes]]:
    """Every file of the site of a release, by its path in the site's folder; the same content gives the same bytes.

    Raises:
        CorruptRelease: the bytes of the release are not those that were published.
        ValueError: two pages have the same path.
    """
    for name in SHARED:
        yield name, (FOLDER / name).read_bytes()
    paths: set[str] = set()
    for name, kind in discover().items():
        if files := getattr(kind, "files", None):
            yield from files(content)
        for page in kind.pages(content):
            if page.path in paths:
                raise ValueError(f"{page.path}: two pages have this path, one of them of the kind {name}")
            paths.add(page.path)
            for language in LANGUAGES:
                yield PREFIXES[language] + page.path, rendered(page, name, content, language).encode()


def rendered(page: Page, name: str, content: Content, language: Language) -> str:
    """A page in one language."""
    link = Links(PREFIXES[language] + page.path, language)

    return render(
        f"{TEMPLATES}/{name}.html.j2",
        page=page,
        title=page.title,
        language=language,
        when=name_of,
        words=words_in("make", language),
        own=words_in(name, language),
        link=link,
        shared=link.shared,
        lists=LISTS,
        certainties=CERTAINTIES,
        twin=link.twin(page.path),
        navigation=navigation(name, link, language),
        release=content.record,
        **page.values,
    )


class Words(SimpleNamespace):
    """The words of a kind of page in one language: ``own.heading``, or with values, ``own("peers", number=63)``."""

    _language: Language

    def __init__(self, kind: str, language: Language) -> None:
        super().__init__(**{code: text.text(language) for code, text in words(kind).items()})
        self._kind, self._language = kind, language

    def __call__(self, code: str, /, **values: object) -> str:
        """The text of a key, with its placeholders filled."""
        return words(self._kind)[code].format(**values).text(self._language)


@cache
def words(kind: str) -> Mapping[str, Bilingual]:
    """The words of a kind of page, from ``<kind>.toml`` beside its module; those of all pages, from ``make.toml``."""
    folder = FOLDER if kind == "make" else FOLDER / "kinds"
    texts = tomllib.loads((folder / f"{kind}.toml").read_text(encoding="utf-8"))
    return {code: Bilingual(**text) for code, text in texts.items()}


words_in = cache(Words)


@dataclass(frozen=True, slots=True)
class Links:
    """Relative addresses of pages and files, from one page."""

    origin: str
    language: Language

    def __call__(self, path: str) -> str:
        """The address of a page in the same language."""
        return self.shared(PREFIXES[self.language] + path)

    def shared(self, path: str) -> str:
        """The address of a file, by its path in the site's folder."""
        return "../" * self.origin.count("/") + path

    def twin(self, path: str) -> str:
        """The address of the same page in the other language."""
        return self.shared(PREFIXES["en" if self.language == "vi" else "vi"] + path)


def navigation(current: str, link: Links, language: Language) -> list[tuple[str, str, bool]]:
    """Label and address of each kind, and whether the current page is of that kind."""
    return [
        (module.KIND.label.text(language), link(module.KIND.front), name == current)
        for name, module in discover().items()
        if module.KIND.label
    ]
