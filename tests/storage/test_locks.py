"""Locks: one holder, whose id the others are told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dti_platform.storage import Locked, Store

HOLD = """
import sys, time
from dti_platform.storage import Store
with Store(sys.argv[1]).lock("2022", "run-7"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_told_who_holds_it_and_a_killed_holder_frees_it(store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(store.root)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Locked, match="run-7") as refused, store.lock("2022", "run-8"):
            pass
        assert refused.value.holder == "run-7"
        with store.lock("2021", "run-8"):
            pass
        holder.kill()
    with store.lock("2022", "run-9", wait=5):
        pass


def test_a_lock_is_free_again_when_the_block_ends(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.lock("2022", "run-1"):
        1 / 0  # noqa: B018
    with store.lock("2022", "run-2"), pytest.raises(Locked, match="run-2"), store.lock("2022", "run-3"):
        pass
