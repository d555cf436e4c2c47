"""A throw-away Debian in which the blocks of docs/operations.md are played as they stand, by root, at their real paths.

An overlay over a root (this machine's; another that ``DTI_DEBIAN`` names, such as one that debootstrap made), in
namespaces of its own, without a network: what is changed goes with it, and what was started ends with it. Where the
root has ``/mnt/wheels``, the packages are installed from there; else the environment of this checkout stands for them.
Here: the blocks, and the root around them. Not here: what must be true of them (``test_operations``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
#: The version to which the page upgrades.
VERSION = "v1.0.0"
#: What is typed where the page asks for passwords.
TYPED = "doc-thoi\nphat-hanh\n"
#: Around the blocks: as a host is before the first of them, and what stands for a block that can't be played here.
BEGIN = "set -eux -o pipefail; export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LINKED = 'ln -sfn "{venv}" /opt/dti/.venv && touch -d 2030-01-01 "{venv}/.lock.sha256" && chmod o+x {above}'
WHEELS = "/opt/dti/deploy/install /mnt/wheels"
DATABASE = "service postgresql start && until runuser -u postgres -- psql -c 'select 1'; do sleep 1; done"
#: What systemd starts at a boot.
BOOT = "systemctl start dti-code dti-daemon dti-web dti-web-viewers"


@dataclass(frozen=True)
class Block:
    """A fenced block of shell.

    Attributes:
        heading: the heading below which it stands.
        needs: the word after its language: what it needs, if that is not everywhere.
        text: its lines.
    """

    heading: str
    needs: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The blocks of shell of a page, in their order."""
    found = list[Block]()
    for section in re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        heading = section.partition("\n")[0]
        found += [
            Block(heading, *each) for each in re.findall(r"^```sh ?(\w*)\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
        ]
    return found


def script(played: list[Block], *, wheels: bool) -> str:
    """All blocks as one shell session, with the packages from a wheelhouse or from this checkout."""
    venv = (PROJECT / ".venv").resolve()
    above = " ".join(map(str, (venv / "bin/python").resolve().parents))  # an interpreter may lie in somebody's home
    packages = WHEELS if wheels else LINKED.format(venv=venv, above=above)
    lines = [BEGIN, DATABASE]
    booted = next((block for block in played if block.heading == "After a power cut"), None)
    for number, block in enumerate(played, start=1):
        if block is booted:
            lines.append(BOOT)
        lines.append(f": '### {number} {block.heading} after '$SECONDS' s'")
        lines.append({"": block.text, "packages": packages}.get(block.needs, ":"))
    return "\n".join([*lines, ": '### end after '$SECONDS' s'"])


def repository(folder: Path) -> Path:
    """The project as it lies here as a repository of its own, with a later version to upgrade to."""
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.vn"]
    listed = subprocess.run(
        ["git", "-C", str(PROJECT), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (PROJECT / name).is_file() and not (PROJECT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message=here"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message=later"], check=True)
    subprocess.run([*git, "tag", VERSION], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard", "HEAD^"], check=True)
    return folder


def play(page: Path, place: Path) -> tuple[int, str]:
    """Exit code of the blocks of a page, from its first to its last, and what they said.

    Args:
        page: has the blocks.
        place: an empty folder, in memory or on a plain disk, as an overlay lies on no other.
    """
    base = Path(os.environ.get("DTI_DEBIAN", "/"))
    root = place / "root"
    for each in (place / "upper", place / "work", root, place / "dti.git"):
        each.mkdir()
    repository(place / "dti.git")
    (place / "played").write_text(script(blocks(page), wheels=(base / "mnt/wheels").is_dir()), encoding="utf-8")
    around = f"""
        set -eu
        mount -t overlay overlay -o lowerdir={base},upperdir={place}/upper,workdir={place}/work {root}
        mount -t proc proc {root}/proc
        mount --rbind /dev {root}/dev
        mount -t tmpfs -o mode=1777 tmpfs {root}/dev/shm
        mkdir -p {root}/mnt/dti.git {root}/var/lib/dti {root}/var/backups/dti
        mount -t tmpfs tmpfs {root}/var/backups/dti
        mount --bind {place}/dti.git {root}/mnt/dti.git
        cp {place}/played {root}/root/played
        cp {Path(__file__).parent}/systemctl {root}/usr/local/bin/systemctl
        git config --file {root}/root/.gitconfig --add safe.directory '*'
        ip link set lo up
        exec chroot {root} bash /root/played
    """
    own = ["--mount", "--pid", "--fork", "--kill-child", "--net"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DTI_", "DAGSTER_", "PYTHON"))}
    with (place / "said").open("w", encoding="utf-8") as said:
        done = subprocess.run(
            ["unshare", *own, "sh", "-c", around],
            input=TYPED, env=kept | {"HOME": "/root"}, stdout=said, stderr=said, text=True, check=False,
        )  # fmt: skip
    return done.returncode, (place / "said").read_text(encoding="utf-8", errors="replace")
