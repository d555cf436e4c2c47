"""What lies in the folders of feeds: the committed ones and the inbox.

Here: walking ``<folder>/<feed>/<file>``, ``<feed>/<period>/<file>``, ``<feed>/<sender>/<file>`` and
``<feed>/<sender>/<period>/<file>`` without trusting what is found. Not here: keeping it (``landing``) nor deciding what
a file or a folder's name means (``submissions``).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dti_platform.language import Bilingual
from dti_platform.problems import catalogue
from dti_platform.storage.errors import Refused
from dti_platform.storage.receipts import Slot, slot_of, year_of

#: How hidden files, and the locks of Word and Excel beside an open file, begin.
_BESIDE = (".", "~$")
_OF_FILE_MANAGERS = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini"))
#: How programs name a file as long as it is being transferred.
_IN_TRANSFER = frozenset((".tmp", ".part", ".partial", ".crdownload", ".filepart"))
#: What is larger is not read at all: no file that the platform can read is.
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that lies in a feed's folder.

    Attributes:
        feed: the name of the feed's folder, printable.
        period: the name of the folder that it lies in, printable; empty if that is the feed's.
        name: the file's name, printable.
        path: where it lies.
        channel: the name of the folder that holds all feeds: ``feeds`` or ``inbox``.
        refusal: why it can't be taken, or None.
        folder: the name of the folder between the feed's and the period's; empty if there is none.
    """

    feed: str
    period: str
    name: str
    path: Path
    channel: str
    refusal: str | None = None
    folder: str = ""

    @property
    def year(self) -> int | None:
        """The year in which the period of its folder ends; None where the folder names no year."""
        return year_of(self.period) if _begins_with_a_year(self.period) else None

    @property
    def slot(self) -> Slot:
        """Where it lies, as its receipt will say."""
        return slot_of(self.channel, self.feed, self.period, self.folder, self.name)

    @property
    def size(self) -> int:
        """Bytes; 0 where it is gone."""
        try:
            return self.path.lstat().st_size
        except OSError:
            return 0

    def mark(self) -> str:
        """Size and time of the last write: a file whose mark stays the same between two looks has stopped growing.

        Empty where the file is gone.
        """
        try:
            known = self.path.lstat()
        except OSError:
            return ""
        return f"{known.st_size}-{known.st_mtime_ns}"

    def written_within(self, seconds: float) -> bool:
        """Whether it was last written to less than so long ago, as the two clocks say."""
        try:
            return abs(time.time() - self.path.lstat().st_mtime) < seconds
        except OSError:
            return False

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            Refused: it is not a plain file, or became something else since it was seen, or is larger than 64 MiB, or is
                written to while it is read.
        """
        if self.refusal:
            raise Refused(f"{self.name}: {self.refusal}")
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Refused(f"{self.name}: {not_taken('unopenable', error=str(error.strerror))}") from error
        with os.fdopen(descriptor, "rb") as stream:
            known = os.fstat(descriptor)
            if not stat.S_ISREG(known.st_mode):
                raise Refused(f"{self.name}: {not_taken('not_plain')}")
            content = stream.read(MOST_BYTES + 1) if known.st_size <= MOST_BYTES else None
            now = os.fstat(descriptor)
        if content is None or len(content) > MOST_BYTES:
            raise Refused(f"{self.name}: {_too_large()}")
        if len(content) != now.st_size or known.st_mtime_ns != now.st_mtime_ns:
            raise Refused(f"{self.name}: {not_taken('growing')}")
        return content


def not_taken(code: str, **details: str) -> str:
    """Why what lies in a folder is not taken, and what to do, in both languages: whoever put it there may read it."""
    problem = catalogue("arrival")[code]
    return Bilingual(*map("; ".join, zip(problem.why, problem.fix, strict=True))).format(**details).both


def _too_large() -> str:
    return not_taken("too_large", most=str(MOST_BYTES // 2**20))


def printable(name: str) -> str:
    """A received name as it may be shown: what can't be printed, and what is no Unicode, is escaped."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def arrivals(folders: Iterable[Path]) -> Iterator[Arrival]:
    """Every file in the folders, sorted by feed, period and name.

    Hidden files, and those that office programs and file managers leave beside a file that is open or shown, are not
    files sent.
    """
    for folder in folders:
        for feed in _visible(folder):
            if _is_folder(feed):
                yield from _of_feed(feed, folder.name)
            elif feed.suffix != ".md":
                yield Arrival("", "", printable(feed.name), feed, folder.name, _refusal(feed) or not_taken("outside"))


def _of_feed(feed: Path, channel: str) -> Iterator[Arrival]:
    name = printable(feed.name)
    for entry in _visible(feed):
        if _is_folder(entry):
            yield from _of_folder(name, entry, channel)
        elif entry.suffix != ".md":
            yield Arrival(name, "", printable(entry.name), entry, channel, _refusal(entry))


def _of_folder(feed: str, folder: Path, channel: str, above: str = "") -> Iterator[Arrival]:
    """What lies in a folder of a feed; folders in it are looked into unless it is a period's."""
    name = printable(folder.name)
    for path in _visible(folder):
        if _is_folder(path) and not above and not _begins_with_a_year(name):
            yield from _of_folder(feed, path, channel, name)
        else:
            yield Arrival(feed, name, printable(path.name), path, channel, _refusal(path), above)


def _begins_with_a_year(name: str) -> bool:
    return name[:4].isascii() and name[:4].isdigit()


def _visible(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not _left_by_a_program(path.name))


def _left_by_a_program(name: str) -> bool:
    return name.startswith(_BESIDE) or name.casefold() in _OF_FILE_MANAGERS


def _is_folder(path: Path) -> bool:
    """A folder itself, not a link to one, that this account may look into."""
    return stat.S_ISDIR(_mode(path)) and os.access(path, os.R_OK | os.X_OK)


def _mode(path: Path) -> int:
    """What it is; 0 where it is gone since it was seen."""
    return known.st_mode if (known := _stat(path)) else 0


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _refusal(path: Path) -> str | None:
    known = _stat(path)
    if known is None:
        return not_taken("gone")
    mode = known.st_mode
    if stat.S_ISREG(mode):
        too_large = _too_large() if known.st_size > MOST_BYTES else None
        return not_taken("unfinished") if path.suffix.casefold() in _IN_TRANSFER else too_large
    if stat.S_ISLNK(mode):
        return not_taken("link")
    if stat.S_ISDIR(mode) and not os.access(path, os.R_OK | os.X_OK):
        return not_taken("closed_folder")
    if stat.S_ISDIR(mode):
        return not_taken("folder")
    return not_taken("device")
