"""Feeds: one module each, a small declaration (``FEED``) and ``parse``.

Here: finding feeds, and reading files by them. Not here: the types of a feed (``feed``), reading of formats
(``reading``), and landing of files (``storage``). A module of this package that has ``FEED`` and ``parse`` is a feed:
found by scanning, never registered; one that lacks ``parse`` is an error. The package ``sheet`` is no feed: it holds
the self-assessment's sheet and its template.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pickle
import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from dti_platform.feeds.boundary import contained
from dti_platform.feeds.extract import Extract, Quotation, Remark, Stated, unpacked
from dti_platform.feeds.feed import RULE, Feed, FeedModule, Known, Parsed, Received
from dti_platform.feeds.parsing import extracted, form_of, opened
from dti_platform.language import Bilingual
from dti_platform.periods import Period
from dti_platform.reading import LIMITS, Outcome, Request, Task, Unreadable, ask_batch
from dti_platform.reference_tables.files import default_folder

__all__ = [
    "RULE",
    "Extract",
    "Feed",
    "FeedModule",
    "Known",
    "Parsed",
    "Quotation",
    "Received",
    "Remark",
    "Stated",
    "discover",
    "form_of",
    "opened",
    "read",
    "read_all",
    "read_apart",
    "reader_version",
]


@cache
def discover() -> Mapping[str, FeedModule]:
    """Every feed by its id, in the order of the ids."""
    modules: dict[str, FeedModule] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.ispkg:
            continue
        module: Any = importlib.import_module(f"{__name__}.{info.name}")
        if not hasattr(module, "FEED"):
            continue
        if not hasattr(module, "parse"):
            raise TypeError(f"{module.__name__}: parse missing; a feed has FEED and parse(received, known)")
        modules[module.FEED.id] = module
    return dict(sorted(modules.items()))


@cache
def reader_version(feed: str) -> str:
    """Twelve hex digits over everything that decides how files of a feed are read: another version may read others.

    Raises KeyError where there is no such feed.
    """
    modules = {each: Path(inspect.getfile(module.parse)) for each, module in discover().items()}
    package = Path(__file__).parents[1]
    shared = (package / "reading", package / "feeds", package / "methodology" / "frameworks", default_folder())
    files = {file for folder in shared for file in folder.rglob("*") if file.suffix in {".py", ".toml", ".csv"}}
    digest = hashlib.sha256()
    for file in sorted(files - {*modules.values()} | {modules[feed]}):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def read_apart(
    batch: Sequence[Received], known: Known | None, otherwise: Callable[[Received], str] | None = None
) -> Iterator[Received]:
    """Received files, those that are not ours opened and read by their feeds in one child, within its bounds.

    A file without a period gets the one that it says itself: none where it says none, what ``otherwise`` gives where it
    can't be read. Where nothing is known, the period is all that is asked for. A refused file without a sender gets
    the unit that it says itself.

    Raises KeyError where there is no such feed.
    """
    strange = [each for each in batch if not (each.ours or each.opened)]
    modules = {each: discover()[each] for each in {received.feed for received in strange}}
    forms = {name: form_of(module.FEED, known) for name, module in modules.items()}
    periods = [each.period or (otherwise(each) if otherwise else "") for each in strange]
    requests = [
        Request(each.content, each.name, forms[each.feed], _asked(each, modules[each.feed], period))
        for each, period in zip(strange, periods, strict=True)
    ]
    read = zip(periods, ask_batch(requests, _task(known), LIMITS), strict=True)
    for received in batch:
        yield received if received.ours or received.opened else _read(received, *next(read), known)


def _task(known: Known | None) -> Task:
    """What a child does with each file; made once for what is known."""
    if not (_tasks and _tasks[0][0] is known and _tasks[0][1] == __path__):
        _tasks[:] = [(known, [*__path__], Task(f"{__name__}.parsing:served", pickle.dumps((known, [*__path__]))))]
    return _tasks[0][2]


_tasks: list[tuple[Known | None, list[str], Task]] = []
_FACTS = ("feed", "name", "sha256", "sender", "number", "rule")


def _asked(received: Received, module: FeedModule, otherwise: str) -> Mapping[str, object]:
    """What the child is asked about a file."""
    facts = {name: getattr(received, name) for name in _FACTS}
    return {"module": module.__name__, "period": received.period, "otherwise": otherwise, "received": facts}


def _read(received: Received, otherwise: str, outcome: Outcome, known: Known | None) -> Received:
    """The file with what the child answered, which is not to be trusted."""
    opened, answer = outcome
    if isinstance(opened, Unreadable):
        return replace(received, opened=opened, extract=opened, period=otherwise)
    try:
        said = str(answer["period"])
        extract = _extract(answer, received) if said and known else None
        sender = answer.get("sender") if known and answer.get("sender") in known.units.all else None
    except (ValueError, TypeError, KeyError):
        invalid = Unreadable("unsafe", "invalid_answer", file=received.name)
        return replace(received, opened=invalid, extract=invalid, period=otherwise)
    sender = received.sender or sender
    return replace(received, opened=opened, extract=extract, period=received.period or said, sender=sender)


def _extract(answer: Mapping[str, Any], received: Received) -> Extract | Unreadable:
    """What the child read, which must be of the file that it was given."""
    if "refused" in answer:
        reason, detail = answer["refused"]
        return Unreadable(str(reason), Bilingual(*map(str, detail)))
    extract = unpacked(answer["extract"])
    rows = (*extract.observations, *extract.quarantine, extract.account)
    if any((row.feed, row.file, row.file_name) != (received.feed, received.sha256, received.name) for row in rows):
        raise ValueError("rows of another file")
    return extract


def read(received: Received, known: Known) -> Parsed:
    """What a received file gives; see ``read_all``."""
    (parsed,) = read_all([received], known)
    return parsed


def read_all(batch: Iterable[Received], known: Known) -> list[Parsed]:
    """What received files give; one that can't be read is a refused submission, not an error.

    Not read yet (``read_apart``), each is read in this process: fit for files of our own. Known errors of the source
    are corrected (``corrections``), unless the source has outlived a declared one.

    Raises KeyError where there is no such feed.
    """
    files = [(replace(each, content=b"", opened=None, extract=None), _framed(each, known)) for each in batch]
    alike = defaultdict[tuple[str, int, str], list[int]](list)
    for at, (received, parsed) in enumerate(files):
        if parsed.refusal is None:
            year, evidence = Period.parse(received.period).year, parsed.submissions["evidence"][0]
            alike[discover()[received.feed].FEED.index, year, evidence].append(at)
    admitted = {
        at: parsed
        for (index, *_), places in alike.items()
        for at, parsed in zip(places, _admitted([files[at] for at in places], known, index), strict=True)
    }
    return [admitted.get(at, parsed) for at, (_, parsed) in enumerate(files)]


def _framed(received: Received, known: Known) -> Parsed:
    from dti_platform.feeds import framed  # imports Polars and Pandera

    module = discover()[received.feed]
    extract = received.extract or extracted(module, received, known)
    if not isinstance(extract, Unreadable):
        given = extract
        outcome = contained(received.name, lambda: framed.framed(given))
        if isinstance(outcome, Parsed):
            return outcome
        extract = outcome
    return framed.refused(module.FEED, received, extract)


def _admitted(files: Sequence[tuple[Received, Parsed]], known: Known, index: str) -> list[Parsed]:
    """Files at the door, together; where anything goes wrong, one by one: it is one file's, and refuses no other."""
    from dti_platform.feeds import door, framed

    received, _ = files[0]
    outcome = contained(received.name, lambda: door.admitted([parsed for _, parsed in files], known, index))
    if not isinstance(outcome, Unreadable):
        return outcome
    if len(files) > 1:
        return [parsed for each in files for parsed in _admitted([each], known, index)]
    return [framed.refused(discover()[received.feed].FEED, received, outcome)]
