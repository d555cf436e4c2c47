"""What a file gave crosses over from the process that read it: the same rows, or a refusal."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dti_platform import feeds
from dti_platform.feeds import Known, Received
from dti_platform.feeds.extract import Account, HeldCell, Observation, packed, unpacked
from dti_platform.feeds.parsing import extracted
from dti_platform.reading.sandbox import Outcome
from dti_platform.tables import Observations, Quarantine, Submissions, polars_schema
from tests.feeds.drafts import HOME, Draft

ROOT = Path(__file__).parents[2]


def received(content: bytes) -> Received:
    return Received("self_assessment", "2022", "phieu.xlsx", hashlib.sha256(content).hexdigest(), content)


@pytest.fixture
def answer(known: Known) -> dict[str, Any]:
    """An extract with rows of every kind, as JSON."""
    draft = Draft.of(HOME.read_bytes())
    draft.put("1.2", "Tự đánh giá", "tốt")
    draft.put("1.3", "Thẩm định", 1)
    draft.say("Ngày lập", "1/1/1800")
    extract = extracted(feeds.discover()["self_assessment"], received(draft.xlsx()), known)
    assert not isinstance(extract, Exception)
    assert all([extract.observations, extract.quarantine, extract.remarks, extract.quotations])
    given = json.loads(json.dumps(packed(extract)))
    assert unpacked(given) == extract
    return given


def test_the_rows_are_those_of_the_tables() -> None:
    for row, model in ((Observation, Observations), (HeldCell, Quarantine), (Account, Submissions)):
        assert row._fields == tuple(polars_schema(model))


def test_what_can_not_be_an_extract_is_none(answer: dict[str, Any]) -> None:
    """No part of it may be of another type, too short or missing."""
    for name in answer:
        for spoilt in ({**answer, name: 7}, {each: answer[each] for each in answer if each != name}):
            with pytest.raises((ValueError, TypeError, KeyError)):
                unpacked(spoilt)
    for name in ("observations", "quarantine", "quotations"):
        for at, column in enumerate(answer[name]):
            for wrong in ([*column[:-1], [0]], [*column[:-1], True], column[:-1]):
                spoilt = copy.deepcopy(answer)
                spoilt[name][at] = wrong
                with pytest.raises((ValueError, TypeError, KeyError)):
                    unpacked(spoilt)


@pytest.mark.parametrize("given", [None, 3, [], {}, {"period": "2022"}, {"period": "2022", "refused": ["damaged"]},
                                   {"period": "2022", "extract": {}}])  # fmt: skip
def test_an_answer_that_is_none_refuses_its_file(known: Known, monkeypatch: pytest.MonkeyPatch, given: object) -> None:
    book = feeds.opened(feeds.discover()["self_assessment"].FEED, received(HOME.read_bytes()), known)
    monkeypatch.setattr(feeds, "ask_batch", lambda *_: iter([Outcome(book, given)]))
    (read,) = feeds.read_apart([received(HOME.read_bytes())], known)
    refusal = feeds.read(read, known).refusal
    assert refusal
    assert refusal.reason == "unsafe"


@pytest.mark.parametrize("column", ["feed", "file", "file_name"])
def test_rows_of_another_file_are_no_answer(
    known: Known, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], column: str
) -> None:
    sent = Draft.of(HOME.read_bytes()).xlsx()
    for name in ("observations", "quarantine"):
        for at, field in enumerate((Observation if name == "observations" else HeldCell)._fields):
            if field in ("file", "file_name", "feed"):
                true = {"feed": "self_assessment", "file": received(sent).sha256, "file_name": "phieu.xlsx"}[field]
                answer[name][at] = [true] * len(answer[name][at])
    answer["account"][1] = received(sent).sha256
    book = feeds.opened(feeds.discover()["self_assessment"].FEED, received(sent), known)
    monkeypatch.setattr(feeds, "ask_batch", lambda *_: iter([Outcome(book, {"period": "2022", "extract": answer})]))
    assert not isinstance(next(feeds.read_apart([received(sent)], known)).extract, Exception)
    answer["observations"][Observation._fields.index(column)][-1] = "another"
    assert isinstance(next(feeds.read_apart([received(sent)], known)).extract, Exception)


def test_the_process_that_reads_files_knows_no_frames(known: Known) -> None:
    """It starts without Polars and Pandera, and no feed here uses them."""
    code = (
        "import importlib, sys; from dti_platform.reading.sandbox import child;"
        "act = child._load_function(b'dti_platform.feeds.parsing:served', sys.stdin.buffer.read());"
        f"[importlib.import_module(name) for name in {[each.__name__ for each in feeds.discover().values()]}];"
        "print(*sorted({'polars.dataframe', 'pandera', 'pyarrow', 'pandas', 'dagster'} & sys.modules.keys()))"
    )
    given = pickle.dumps((known, [*feeds.__path__]))
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []
