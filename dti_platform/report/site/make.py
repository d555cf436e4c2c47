"""From the pages of all kinds to the files of a site, each page once in each language.

Here: what every page gets beside its own values (its words, links, navigation, citation), and the files that pages
share. Not here: what a page says (``kinds``), where the files are put (``storage.sites``).
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
#: Where the templates of kinds lie, in the package.
TEMPLATES = "report/site/kinds"
#: Files that pages load, as they are.
SHARED = ("site.css", "site.js")
#: Below which folder the pages of a language lie.
BELOW: Mapping[Language, str] = {"vi": "", "en": "en/"}


def files_of(content: Content) -> Iterator[tuple[str, bytes]]:
    """Every file of the site of a release, by its path below the site's folder; the same content gives the same bytes.

    Raises:
        CorruptRelease: the bytes of the release are not those that were published.
        ValueError: two pages have one path.
    """
    for name in SHARED:
        yield name, (FOLDER / name).read_bytes()
    seen: set[str] = set()
    for name, kind in discover().items():
        if beside := getattr(kind, "files", None):
            yield from beside(content)
        for page in kind.pages(content):
            if page.path in seen:
                raise ValueError(f"{page.path}: two pages have this path, one of them of the kind {name}")
            seen.add(page.path)
            for language in LANGUAGES:
                yield BELOW[language] + page.path, rendered(page, name, content, language).encode()


def rendered(page: Page, name: str, content: Content, language: Language) -> str:
    """A page in one language."""
    link = Links(BELOW[language] + page.path, language)

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
    """The words of a kind of page in one language: ``own.heading``, or filled, ``own("peers", number=63)``."""

    _language: Language

    def __init__(self, kind: str, language: Language) -> None:
        super().__init__(**{code: text.text(language) for code, text in words(kind).items()})
        self._kind, self._language = kind, language

    def __call__(self, code: str, /, **values: object) -> str:
        """The text of a code, with its placeholders filled."""
        return words(self._kind)[code].format(**values).text(self._language)


@cache
def words(kind: str) -> Mapping[str, Bilingual]:
    """The words of a kind of page, in ``<kind>.toml`` beside its module; those of every page, in ``make.toml``."""
    folder = FOLDER if kind == "make" else FOLDER / "kinds"
    texts = tomllib.loads((folder / f"{kind}.toml").read_text(encoding="utf-8"))
    return {code: Bilingual(**each) for code, each in texts.items()}


words_in = cache(Words)


@dataclass(frozen=True, slots=True)
class Links:
    """Relative addresses from one page to others."""

    origin: str
    language: Language

    def __call__(self, path: str) -> str:
        """To a page in the same language."""
        return self.shared(BELOW[self.language] + path)

    def shared(self, path: str) -> str:
        """To a file by its path below the site's folder."""
        return "../" * self.origin.count("/") + path

    def twin(self, path: str) -> str:
        """To the same page in the other language."""
        return self.shared(BELOW["en" if self.language == "vi" else "vi"] + path)


def navigation(current: str, link: Links, language: Language) -> list[tuple[str, str, bool]]:
    """Label, address, and whether it is the kind of the page at hand."""
    return [
        (module.KIND.label.text(language), link(module.KIND.front), name == current)
        for name, module in discover().items()
        if module.KIND.label
    ]
