"""What is made from a release and lies beside it, such as its site: folders that can be made again at any time.

Here: putting a whole folder in its place in one step, knowing whether it is what code of today would make, and pruning.
Not here: the pages (``report.site``), the tables of an audit (``audit``). Neither is evidence: ``verify`` doesn't read
it, and no release holds it. So their files are not synced one by one: what a loss of power tore is not what
``site.json`` says, and is made again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dti_platform.storage import files

#: Below ``published``.
PART, LATEST, MANIFEST = "sites", "latest", "site.json"
#: Of audits, as the manifest of each names them.
AUDITS = "audits"
#: Of a site, in its folder.
FIRST_PAGE = "index.html"
#: How many sites are kept.
MOST_SITES = 3
STAGING = ".staging-"


class Sites:
    """The sites in ``published/sites/<release>``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, release: str, version: str) -> Path | None:
        """The site of a release, if code of this version made it and all its files are as they were made.

        Args:
            release: the release's name.
            version: of the code and the data that make pages.
        """
        folder = self.folder / release
        manifest = _manifest(folder)
        if manifest.get("version") != version:
            return None
        return folder if all(_is_whole(folder / name, digest) for name, digest in manifest["files"].items()) else None

    def names(self) -> list[str]:
        """The releases that have a site, by their number."""
        if not self.folder.is_dir():
            return []
        there = [path.name for path in self.folder.iterdir() if path.name[:1].isdigit() and not path.is_symlink()]
        return sorted(there, key=lambda name: int(name.partition("-")[0]))

    def first_page(self, release: str | None) -> str | None:
        """Where the site of a release begins; None: it has none."""
        return str(self.folder / release / FIRST_PAGE) if release in self.names() else None

    def read(self, release: str, name: str) -> bytes | None:
        """A file of a site, by its path below the site's folder; no link is followed. None: there is none."""
        try:
            return files.read_below(self.folder, f"{release}/{name}")
        except OSError:
            return None

    def verified(self, release: str, name: str) -> bytes | None:
        """A file of a site whose bytes are those that were written; None: there is none."""
        content = self.read(release, name)
        hashes = _manifest(self.folder / release).get("files", {})
        return content if content is not None and files.digest(content) == hashes.get(name) else None

    def put(self, release: str, version: str, contents: Iterable[tuple[str, bytes]]) -> Path:
        """Puts the site of a release in its place, whole, and lets the oldest beyond the newest few go.

        Raises:
            WriteFailed: the site is not whole; the next run makes it again.
        """
        staging = self.folder / f"{STAGING}{release}-{secrets.token_hex(4)}"
        self.write(staging, release, version, contents)  # where it fails, the next sweep removes it
        target = self.folder / release
        if target.exists():
            files.remove_tree(target)
        files.move(staging, target)
        self._prune(but=release)
        files.point(self.folder / LATEST, self.names()[-1])
        return target

    @staticmethod
    def write(folder: Path, release: str, version: str, contents: Iterable[tuple[str, bytes]]) -> None:
        """Writes the files of a site into a new folder, and ``site.json``: the release and the sha256 of each.

        Raises:
            WriteFailed: the folder is not whole.
        """
        hashes: dict[str, str] = {}
        folders = {folder}
        for name, content in contents:
            path = folder / name
            folders.add(path.parent)
            files.make_folder(path.parent)
            files.stage(path, content, durable=False)
            hashes[name] = files.digest(content)
        manifest = {"release": release, "version": version, "files": dict(sorted(hashes.items()))}
        files.make_folder(folder)
        files.stage(folder / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
        for each in sorted(folders):
            files.sync(each)

    def sweep(self) -> list[Path]:
        """Removes what killed writers left; says which."""
        left = sorted(self.folder.glob(f"{STAGING}*"))
        for path in left:
            files.remove_tree(path)
        return left

    def _prune(self, but: str) -> None:
        """Removes the sites of all releases but the newest few, and but one that was just asked for."""
        for name in self.names()[:-MOST_SITES]:
            if name != but:
                files.remove_tree(self.folder / name)


def _is_whole(path: Path, digest: str) -> bool:
    """Whether a file is there as it was made."""
    try:
        return files.digest(files.read(path)) == digest
    except OSError:
        return False


def _manifest(folder: Path) -> Mapping[str, Any]:
    """What ``site.json`` says; nothing where it can't be read."""
    try:
        return json.loads(files.read(folder / MANIFEST))
    except (OSError, ValueError):
        return {}
