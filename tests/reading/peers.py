"""Readers that are not ours, over the same bytes, in a process of their own: what they see, or that they fail.

Openpyxl reads .xlsx, calamine .xls; delimited text is read by a machine of RFC 4180 and by Python's csv, JSON by jiter
and by Python's json. A file of any format is known by its first bytes.
"""

import csv
import io
import json
import pickle
import resource
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Place", "Seen", "look"]

PROJECT = Path(__file__).parents[2]
#: Sheet, row and column; of JSON the pointer, as (pointer, 0, 0).
Place = tuple[str | None, int, int]
#: What is not blank, by its place.
Seen = dict[Place, Any]
RELATED = b'="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MEMORY, SECONDS = 2 * 2**30, 5


def look(contents: Sequence[bytes]) -> list[dict[str, Seen]]:
    """For each file what each of its readers sees that did not fail; a file that a reader dies of is seen by none."""
    found: list[dict[str, Seen]] = []
    while len(found) < len(contents):
        found += _look(contents[len(found) :])
        found += [{}] * (len(found) < len(contents))
    return found


def _look(contents: Sequence[bytes]) -> list[dict[str, Seen]]:
    """What one process says until it ends, or dies."""
    command = [sys.executable, "-m", "tests.reading.peers"]
    done = subprocess.run(command, cwd=PROJECT, input=pickle.dumps(contents), capture_output=True, check=False)
    return list(_answers(io.BytesIO(done.stdout)))


def _answers(stream: io.BytesIO) -> Iterator[dict[str, Seen]]:
    while True:
        try:
            yield pickle.load(stream)
        except (EOFError, pickle.UnpicklingError):
            return


def _serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    for content in pickle.load(sys.stdin.buffer):
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        sys.stdout.buffer.write(pickle.dumps(dict(_seen(content))))
        sys.stdout.buffer.flush()


def _seen(content: bytes) -> Iterator[tuple[str, Seen]]:
    for read in _readers(content):
        try:
            yield read.__name__, {place: value for place, value in read(content) if not _blank(value)}
        except Exception:  # noqa: BLE001 - whatever a foreign reader raises of a broken file is its failure
            continue
        except BaseException as error:  # what Rust calls a panic is no Exception to Python
            if type(error).__name__ != "PanicException":
                raise


def _readers(content: bytes) -> Sequence[Callable[[bytes], Iterator[tuple[Place, Any]]]]:
    if content.startswith(b"PK\3\4"):
        return [openpyxl, calamine]
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return [calamine]
    return [jiter, python_json] if _first(content) in ("[", "{") else [rfc4180, python_csv]


def _first(content: bytes) -> str:
    """The first sign of a text; of what is no text none."""
    try:
        return _text(content).lstrip(" \t\r\n")[:1]
    except UnicodeDecodeError:
        return ""


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def openpyxl(content: bytes) -> Iterator[tuple[Place, Any]]:
    from openpyxl import load_workbook

    if not all(map(_spoken, _parts(content))):
        raise ValueError("it passes in silence over what stands in another namespace")
    if any(name.startswith("XL/WORKSHEETS/") for name in _names(content)):
        raise ValueError("it passes in silence over sheets whose parts are named in another case")
    for sheet in load_workbook(io.BytesIO(content), data_only=True).worksheets:
        for (row, column), cell in sheet._cells.items():
            yield (sheet.title, row, column), cell.value


def _names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def _parts(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from (
            archive.read(name) for name in archive.namelist() if name.startswith(("xl/workbook.", "xl/worksheets/"))
        )


def _spoken(part: bytes) -> bool:
    return part.count(b'="http://schemas.openxmlformats.org/spreadsheetml/2006/main"') == 1 and RELATED in part


def calamine(content: bytes) -> Iterator[tuple[Place, Any]]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        for row, values in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
            for column, value in enumerate(values, 1):
                yield (name, row, column), value


def _text(content: bytes) -> str:
    """UTF-16 with its mark, or UTF-8 with or without one."""
    return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def python_csv(content: bytes) -> Iterator[tuple[Place, Any]]:
    return _placed(csv.reader(io.StringIO(_text(content), newline=""), strict=True))


def rfc4180(content: bytes) -> Iterator[tuple[Place, Any]]:
    return _placed(_records(_text(content)))


def _placed(records: Any) -> Iterator[tuple[Place, Any]]:
    for row, record in enumerate(records, 1):
        for column, value in enumerate(record, 1):
            yield (None, row, column), value


def _records(text: str) -> Iterator[list[str]]:
    """Records by the grammar of RFC 4180; lines may end in CR, LF or both, and plain text may hold a quote."""
    at = 0
    while at < len(text):
        record: list[str] = []
        while True:
            field, at = _quoted(text, at + 1) if text[at : at + 1] == '"' else _plain(text, at)
            record.append(field)
            if text[at : at + 1] != ",":
                break
            at += 1
        yield [] if record == [""] else record
        at += 2 if text[at : at + 2] == "\r\n" else 1


def _plain(text: str, at: int) -> tuple[str, int]:
    end = next((here for here in range(at, len(text)) if text[here] in ",\r\n"), len(text))
    return text[at:end], end


def _quoted(text: str, at: int) -> tuple[str, int]:
    end = text.index('"', at)
    while text[end + 1 : end + 2] == '"':
        end = text.index('"', end + 2)
    if text[end + 1 : end + 2] not in ("", ",", "\r", "\n"):
        raise ValueError("text behind a closed quote")
    return text[at:end].replace('""', '"'), end + 1


def python_json(content: bytes) -> Iterator[tuple[Place, Any]]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    return _pointed(json.loads(_text(content), object_pairs_hook=once))


def jiter(content: bytes) -> Iterator[tuple[Place, Any]]:
    import pydantic_core

    return _pointed(pydantic_core.from_json(_text(content), allow_inf_nan=False))


def _pointed(found: Any) -> Iterator[tuple[Place, Any]]:
    """Every value of a table or of a title block, by its pointer; what lies deeper is one value."""
    if isinstance(found, dict):
        for key, value in found.items():
            if isinstance(value, list):
                yield from _rows(value, f"/{_escaped(key)}")
            else:
                yield (f"/{_escaped(key)}", 0, 0), value
    elif isinstance(found, list):
        yield from _rows(found, "")


def _rows(items: list[Any], pointer: str) -> Iterator[tuple[Place, Any]]:
    for at, item in enumerate(items):
        for key, value in item.items() if isinstance(item, dict) else [("", item)]:
            yield (f"{pointer}/{at}/{_escaped(key)}", 0, 0), value


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


if __name__ == "__main__":
    _serve()
