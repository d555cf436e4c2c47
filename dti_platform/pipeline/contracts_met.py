"""Which rows met their contracts, remembered from run to run: where nothing changed, Pandera is not even imported.

Here: keeping it as one entry of the cache, under all that a contract depends on but the rows, and believing it as any
answer of the cache is: by the hash that the ledger records. Not here: what meets a contract (``quality``), nor whether
the bytes of a table are those that were written (``storage``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dti_platform import quality
from dti_platform.pipeline.versions import contract_check

if TYPE_CHECKING:
    from dti_platform.storage.pruned import Cache


def recall(cache: Cache) -> None:
    """Takes up what runs before noted; where another version of the code did, nothing."""
    quality.recall_contracts(_kept(cache))


def note(cache: Cache) -> None:
    """Keeps what is known now for the runs to come, where it is more or less than is kept."""
    met = quality.contracts_met()
    if {*met} != {*_kept(cache)}:
        cache.put(contract_check(), "\n".join(met).encode())


def _kept(cache: Cache) -> list[str]:
    return (cache.get(contract_check()) or b"").decode().split()
