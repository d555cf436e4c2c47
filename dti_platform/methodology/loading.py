"""Framework files (TOML) -> frameworks; an overlay is laid over the file that it names.

Here: the file format. Not here: whether the tree holds together (``tree``), which is asked of every framework
before it is handed out. Numbers are read as exact decimals.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dti_platform.methodology import rules, tree
from dti_platform.methodology.entries import typed
from dti_platform.methodology.framework import Exemption, Framework, FrameworkError, Frameworks, Merging, Node, Settings

if TYPE_CHECKING:
    from dti_platform.units import Units

#: The packaged framework files: adding a version is adding a file here.
FOLDER = Path(__file__).parent / "frameworks"

#: A table of a TOML file.
Table = Mapping[str, Any]
NODE = frozenset(entry.name for entry in fields(Node))
#: What a node's worth hangs on: from whom it comes, the node's evidence comes.
WORTH = frozenset({"max_points", "weight", "method", "members", "rule"})
HEAD = frozenset(entry.name for entry in fields(Framework)) - {"file", "sha256"} | {"sources", "without"}
#: What a node is where its entry does not say otherwise; evidence is its file's.
DEFAULTS: Table = {
    "parent": None,
    "concept": None,
    "max_points": None,
    "weight": None,
    "method": "sum",
    "members": (),
    "components": None,
    "complete": True,
    "rule": rules.Points(),
    "direction": "higher_is_better",
    "scored": True,
    "note_vi": "",
    "note_en": "",
}
#: Entries that are text, and stand in the framework as they are.
_NAMES = ("version", "level", "index", "family", "title_vi", "title_en", "decision")
Entry = TypeVar("Entry", Exemption, Merging, Settings)


def load(folder: Path | None = None, units: Units | None = None) -> Frameworks:
    """Read every ``*.toml`` of a folder, overlays after the files that they lie over, and check every tree.

    ``<version>-<level>.toml`` is a framework, ``<version>-<level>.<name>.toml`` an overlay of it.

    Raises:
        FrameworkError: naming file, node and fix.
    """
    paths = sorted((folder or FOLDER).glob("*.toml"), key=lambda path: (path.name.count("."), path.name))
    frameworks = load_files(tuple((path.name, path.read_bytes()) for path in paths))
    tree.check_together(frameworks.all, units)
    return frameworks


@lru_cache(maxsize=2)  # a process that lives on loads them at each run
def load_files(files: tuple[tuple[str, bytes], ...]) -> Frameworks:
    """The frameworks of files, given by name and content in the order in which they lie over one another.

    Raises:
        FrameworkError: naming file, node and fix.
    """
    loaded: dict[str, Framework] = {}
    for name, content in files:
        head = _parse(name, content)
        base = loaded.get(name.split(".")[0])
        framework = _overlay(name, head, base) if head.get("overlay") else _framework(name, head)
        digest = hashlib.sha256((base.sha256.encode() if base else b"") + content).hexdigest()
        loaded[framework.name] = tree.shaped(replace(framework, sha256=digest))
    return Frameworks(tuple(tree.checked(framework.summed()) for framework in loaded.values()))


def _parse(file: str, content: bytes) -> Table:
    try:
        head = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise FrameworkError(f"{file}: not readable as TOML in UTF-8 ({broken}). Fix that line.") from broken
    if unknown := sorted(set(head) - HEAD):
        raise FrameworkError(f"{file}: unknown entries {unknown}. Entries are {sorted(HEAD)}.")
    return head


def _framework(file: str, head: Table) -> Framework:
    try:
        return Framework(
            **{name: head[name] for name in _NAMES},
            overlay=None,
            decided_on=head.get("decided_on"),
            source=_addresses(file, head, head["source"], "the head"),
            publisher=head["publisher"],
            evidence=head["evidence"],
            aggregation=head["aggregation"],
            settings=_entry(file, "settings", Settings, head["settings"]),
            merging=_merging(file, head),
            exemptions=_exemptions(file, head),
            membership=_membership(file, head),
            in_force=tuple((str(entry["period"]), entry["geography"]) for entry in head["in_force"]),
            unknown_vi=tuple(head["unknown_vi"]),
            unknown_en=tuple(head["unknown_en"]),
            nodes=_nodes(file, head, {}, head["evidence"]),
            file=file,
            sha256="",
        )
    except KeyError as absent:
        raise FrameworkError(f"{file}: the entry {absent} is missing. Add it.") from absent


def _merging(file: str, head: Table) -> Merging | None:
    merging = _entry(file, "merging", Merging, head["merging"]) if "merging" in head else None
    return merging and replace(merging, source=_addresses(file, head, merging.source, "merging"))


def _entry(file: str, place: str, kind: type[Entry], table: Table) -> Entry:
    """A table of the file as a dataclass with the same entries, lists as tuples; one that has a default may lack."""
    names = sorted(entry.name for entry in fields(kind))
    required = {entry.name for entry in fields(kind) if entry.default is MISSING}
    if not required <= table.keys() <= set(names):
        raise FrameworkError(f"{file}: {place} has the entries {sorted(table)}. Give {names}.")
    return kind(**_typed(f"{file}: {place}", kind, table))


def _typed(place: str, kind: type, table: Table) -> dict[str, Any]:
    """The entries of a table as the fields of a dataclass."""
    try:
        return {name: typed(kind, name, value) for name, value in table.items()}
    except ValueError as wrong:
        raise FrameworkError(f"{place}: {wrong}") from wrong


def _exemptions(file: str, head: Table) -> tuple[Exemption, ...]:
    return tuple(_entry(file, "exemptions", Exemption, entry) for entry in head.get("exemptions", ()))


def _membership(file: str, head: Table) -> Mapping[tuple[str, str], str]:
    """Period and unit -> group; a unit is in one group."""
    members: dict[tuple[str, str], str] = {}
    for entry in head.get("membership", ()):
        if set(entry) != {"period", "group", "units"}:
            raise FrameworkError(f"{file}: membership has the entries {sorted(entry)}. Give period, group and units.")
        for unit in entry["units"]:
            if members.setdefault((str(entry["period"]), unit), entry["group"]) != entry["group"]:
                raise FrameworkError(f"{file}: membership puts {unit} in two groups in {entry['period']}. Remove one.")
    return members


def _overlay(file: str, head: Table, base: Framework | None) -> Framework:
    """The framework below, with the overlay's nodes laid over it: new ones added, known ones amended."""
    if base is None or (head.get("version"), head.get("level")) != (base.version, base.level):
        raise FrameworkError(
            f"{file}: no framework to lie over. Name it <version>-<level>.<name>.toml beside its base."
        )
    below = {code: node for code, node in base.nodes.items() if code not in head.get("without", ())}
    return replace(
        base,
        overlay=head["overlay"],
        title_vi=head.get("title_vi", base.title_vi),
        title_en=head.get("title_en", base.title_en),
        source=_addresses(file, head, head["source"], "the head"),
        evidence=head["evidence"],
        unknown_vi=tuple(head.get("unknown_vi", base.unknown_vi)),
        unknown_en=tuple(head.get("unknown_en", base.unknown_en)),
        exemptions=_exemptions(file, head) or base.exemptions,
        membership=_membership(file, head) or base.membership,
        nodes=_nodes(file, head, below, head["evidence"]),
        file=file,
    )


def _nodes(file: str, head: Table, below: Mapping[str, Node], evidence: str) -> Mapping[str, Node]:
    nodes = dict(below)
    seen: set[str] = set()
    for entry in head["nodes"]:
        code = entry.get("code")
        if not isinstance(code, str) or not code or code in seen:
            raise FrameworkError(
                f"{file}: node {code!r} has no code or stands twice. Give every node its own code, in quotes."
            )
        if unknown := sorted(set(entry) - NODE):
            raise FrameworkError(f"{file}: node {code} has unknown entries {unknown}. Entries are {sorted(NODE)}.")
        seen.add(code)
        given = _given(f"{file}: node {code}", entry)
        if "source" in given:
            given["source"] = _addresses(file, head, given["source"], f"node {code}")
        if code in nodes and not WORTH & set(given):
            nodes[code] = replace(nodes[code], **given)
        elif code in nodes:
            nodes[code] = replace(nodes[code], **{"evidence": evidence, **given})
        else:
            nodes[code] = _node(file, {"evidence": evidence, **given})
    return nodes


def _given(place: str, entry: Table) -> dict[str, Any]:
    """The entries of a node as its fields; what it doesn't say is left out, so that an overlay keeps it."""
    given = _typed(place, Node, {name: value for name, value in entry.items() if name != "rule"})
    return given | ({"rule": _rule(place, entry["rule"])} if "rule" in entry else {})


def _node(file: str, given: Table) -> Node:
    entries: dict[str, Any] = {**DEFAULTS, "source": (), **given}
    if missing := sorted(NODE - set(entries)):
        raise FrameworkError(f"{file}: node {entries['code']} lacks the entries {missing}. Add them.")
    return Node(**entries)


def _rule(place: str, entries: object) -> rules.Rule:
    if not isinstance(entries, dict):
        raise FrameworkError(f"{place}: its rule is {entries!r}. Give {{ kind = ... }} with the entries of the kind.")
    try:
        return rules.parse(entries)
    except ValueError as fault:
        raise FrameworkError(f"{place}: {fault}") from fault


def _addresses(file: str, head: Table, keys: Iterable[str], place: str) -> tuple[str, ...]:
    known: Mapping[str, str] = head.get("sources", {})
    if absent := [key for key in keys if key not in known]:
        raise FrameworkError(f"{file}: {place} names the sources {absent}. Add their addresses under [sources].")
    return tuple(known[key] for key in keys)
