"""Landed files that are gone or altered are put back from the folders that they came from, and from nothing else."""

from __future__ import annotations

import pytest

from dti_platform.storage import CorruptLanding, Refused, Store
from dti_platform.storage.repair import repair_landing


@pytest.fixture
def spoilt(store: Store) -> Store:
    """Three received files: one altered and one gone of which copies lie in feeds and inbox, one altered without."""
    for number, folder in enumerate((store.feeds, store.inbox, None)):
        content = f"content {number}".encode()
        receipt = store.landing.receive(content, feed="f", period="2022", name=f"{number}.csv")
        if folder:
            (folder / "f" / "2022").mkdir(parents=True)
            (folder / "f" / "2022" / "under another name.csv").write_bytes(content)
        store.landing.path(receipt.sha256).write_bytes(b"altered")
    store.landing.path(store.landing.receipt(2).sha256).unlink()
    return store


def test_what_has_a_copy_is_put_back_and_recorded(spoilt: Store) -> None:
    repaired = repair_landing(spoilt)
    contents = [spoilt.landing.read(spoilt.landing.receipt(number).sha256) for number in (1, 2)]
    assert contents == [b"content 0", b"content 1"]
    (entry,) = spoilt.ledger.entries("repair")
    sha256s = {spoilt.landing.receipt(number).sha256 for number in (1, 2)}
    assert {each["sha256"] for each in entry.body["landed"]} == sha256s
    first, _, last = repaired
    assert str(first).endswith(f"was gone or altered, put back from {spoilt.feeds / 'f/2022/under another name.csv'}")
    assert "received as f/2022/2.csv" in str(last)
    assert str(last).endswith("else restore it from the backup")
    (fault,) = spoilt.verify()
    assert fault == str(last)
    head = spoilt.ledger.head()
    assert len(repair_landing(spoilt)) == 1
    assert spoilt.ledger.head() == head, "what can't be put back takes no entry"


def test_other_bytes_under_the_same_name_put_nothing_back(spoilt: Store) -> None:
    for folder in (spoilt.feeds, spoilt.inbox):
        (folder / "f" / "2022" / "under another name.csv").write_bytes(b"other")
    assert [each.copy for each in repair_landing(spoilt)] == [None] * 3
    assert spoilt.ledger.entries("repair") == []
    with pytest.raises(CorruptLanding, match=r"`\./dti run` puts it back where the same file lies in"):
        spoilt.landing.read(spoilt.landing.receipt(1).sha256)
    with pytest.raises(Refused, match="another sha256"):
        spoilt.landing.put_back({spoilt.landing.receipt(1).sha256: b"other"})
