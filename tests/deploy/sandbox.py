"""A throw-away Debian in which the blocks of docs/operations.md are played as they stand, by root, at their real paths.

An overlay over a root (this machine's; another that ``DTI_DEBIAN`` names, such as one that debootstrap made), in
namespaces of its own, without a network: what is changed goes with it, and what was started ends with it. Where the
root has ``/mnt/wheels``, the packages are installed from there; else the environment of this checkout stands for them.
A root with systemd that ``DTI_DEBIAN`` names is booted with it as process 1, and its power is cut before the block that
says what to do then; in any other, ``systemctl`` beside this file starts what the units say.
Here: the blocks, and the root around them. Not here: what must be true of them (``test_operations``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
#: The version to which the page upgrades.
VERSION = "v1.0.0"
#: What is typed where the page asks for passwords.
TYPED = "doc-thoi\nphat-hanh\nphat-hanh\n"
#: Around the blocks: as a host is before the first of them, and what stands for a block that can't be played here.
BEGIN = "set -eux -o pipefail; export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LINKED = 'ln -sfn "{venv}" /opt/dti/.venv && touch -d 2030-01-01 "{venv}/.lock.sha256" && chmod o+x {above}'
WHEELS = "/opt/dti/deploy/install /mnt/wheels"
DATABASE = "service postgresql start && until runuser -u postgres -- psql -c 'select 1'; do sleep 1; done"
#: What systemd starts at a boot.
BOOT = "systemctl start dti-code dti-daemon dti-web dti-web-viewers"
#: The heading of the blocks after a power cut.
CUT = "After a power cut"
#: Plays, keeps the exit code, and cuts the power of all that systemd started.
UNIT = """[Unit]
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
Environment=HOME=/root
ExecStart=bash /root/played
ExecStopPost=sh -c 'echo $EXIT_STATUS >/root/exit; exec systemctl poweroff -ff'
StandardInput=file:/root/typed
StandardOutput=append:/root/said
StandardError=append:/root/said
"""
#: In the mounted root: the blocks by a shell, with what stands for systemctl.
FAKED = f"""
    cp {Path(__file__).parent}/systemctl usr/local/bin/systemctl
    exec chroot . bash /root/played <root/typed >root/said 2>&1
"""
#: In the mounted root: systemd as process 1, with devices and control groups of its own; the settings of the kernel are
#: those of the machine, and not its to write.
BOOTED = """
    mount --bind proc/sys proc/sys
    mount -o remount,bind,ro proc/sys
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=755 tmpfs dev
    for each in null zero full random urandom tty; do touch dev/$each; mount --bind /dev/$each dev/$each; done
    ln -s /proc/self/fd dev/fd
    ln -s pts/ptmx dev/ptmx
    mkdir -p dev/pts dev/shm old
    mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
    mount -t tmpfs -o mode=1777 tmpfs dev/shm
    mount -t tmpfs -o mode=755 tmpfs run
    pivot_root . old
    umount -l old
    exec env -i container=other PATH="$PATH" /lib/systemd/systemd
"""


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


def script(played: list[Block], *, wheels: bool, booted: bool = False) -> str:
    """All blocks as one shell session, with the packages from a wheelhouse or from this checkout."""
    venv = (PROJECT / ".venv").resolve()
    above = " ".join(map(str, (venv / "bin/python").resolve().parents))  # an interpreter may lie in somebody's home
    packages = WHEELS if wheels else LINKED.format(venv=venv, above=above)
    lines = [BEGIN, DATABASE]
    first = next((block for block in played if block.heading == CUT), None)
    for number, block in enumerate(played, start=1):
        if block is first and not booted:
            lines.append(BOOT)
        lines.append(f": '### {number} {block.heading} after '$SECONDS' s'")
        systemd = re.sub(r".* --follow .*\n", "", block.text) if booted else ":"
        lines.append({"": block.text, "packages": packages, "systemd": systemd}.get(block.needs, ":"))
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
    for each in (place / "upper/root", place / "work", place / "root", place / "dti.git"):
        each.mkdir(parents=True)
    repository(place / "dti.git")
    wheels, played = (base / "mnt/wheels").is_dir(), blocks(page)
    (place / "upper/root/typed").write_text(TYPED, encoding="utf-8")
    if base == Path("/") or not (base / "lib/systemd/systemd").exists():
        return _played(place, base, script(played, wheels=wheels), FAKED), _said(place)
    cut = next(number for number, block in enumerate(played) if block.heading == CUT)
    units = place / "upper/etc/systemd/system"
    (units / "multi-user.target.wants").mkdir(parents=True)
    (units / "played.service").write_text(UNIT, encoding="utf-8")
    (units / "multi-user.target.wants/played.service").symlink_to("../played.service")
    for part in (played[:cut], played[cut:]):
        (place / "upper/root/exit").unlink(missing_ok=True)
        _played(place, base, script(part, wheels=wheels, booted=True), BOOTED)
        if code := int((place / "upper/root/exit").read_text(encoding="utf-8")):
            break
    return code, _said(place)


def _played(place: Path, base: Path, played: str, how: str) -> int:
    """Exit code of what is played in a root, of which the upper part stays in its place."""
    root = place / "root"
    (place / "upper/root/played").write_text(played, encoding="utf-8")
    around = f"""
        set -eu
        mount -t overlay overlay -o lowerdir={base},upperdir={place}/upper,workdir={place}/work {root}
        cd {root}
        mount -t proc proc proc
        mount --rbind /dev dev
        mount -t tmpfs -o mode=1777 tmpfs dev/shm
        mkdir -p mnt/dti.git var/lib/dti var/backups/dti
        mount -t tmpfs tmpfs var/backups/dti
        mount --bind {place}/dti.git mnt/dti.git
        git config --file root/.gitconfig --add safe.directory '*'
        ip link set lo up
        {how}
    """
    own = ["--mount", "--pid", "--fork", "--kill-child", "--net", "--cgroup", "--ipc", "--uts"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DTI_", "DAGSTER_", "PYTHON"))}
    found = subprocess.run(["findmnt", "-nro", "TARGET", "-t", "cgroup2"], capture_output=True, text=True, check=False)
    group = Path((found.stdout.split() or [place])[0], f"dti-{os.getpid()}")
    group.mkdir()
    enter = f'[ ! -e {group}/cgroup.procs ] || echo $$ >{group}/cgroup.procs; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", enter, "sh", "unshare", *own, "sh", "-c", around], env=kept | {"HOME": "/root"}, check=False
    )
    for each in sorted((path for path in (group, *group.rglob("*")) if path.is_dir()), reverse=True):
        with suppress(OSError):  # what was killed has not all ended
            each.rmdir()
    return done.returncode


def _said(place: Path) -> str:
    return (place / "upper/root/said").read_text(encoding="utf-8", errors="replace")
