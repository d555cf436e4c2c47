"""Hashes of the rows that met their contracts, cached from run to run: without changes, Pandera is not even imported.

Here: one entry of the cache, whose key is all that a contract depends on but the rows. It is trusted like any entry of
the cache, by the hash that the ledger records. Not here: what meets a contract (``quality``), nor whether the bytes of
a table are those that were written (``storage``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import quality
from dti_platform.pipeline.versions import contract_check

if TYPE_CHECKING:
    from dti_platform.storage.pruned import Cache


def recall(cache: Cache) -> None:
    """Load what previous runs noted; entries of another version of the code are not used."""
    quality.recall_contracts(_cached(cache))


def note(cache: Cache) -> None:
    """Store what is known now for later runs, where it differs from the cached entry."""
    met = quality.contracts_met()
    if {*met} != {*_cached(cache)}:
        cache.put(contract_check(), "\n".join(met).encode())


def _cached(cache: Cache) -> list[str]:
    return (cache.get(contract_check()) or b"").decode().split()
