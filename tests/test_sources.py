"""The class of a source: by the longest domain that the table holds; every domain of the committed feeds is in it."""

import csv
from pathlib import Path

import pytest

from dti_platform import units
from dti_platform.codes import SOURCE_CLASSES
from dti_platform.sources import host, known, source_class

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
DOMAINS = units.load(check=False).domains


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://dti.gov.vn/ (stored copy of about August 2022)", "publisher"),
        ("https://www.dti.gov.vn/x", "publisher"),
        ("https://honquan.binhphuoc.gov.vn/x", "government_body"),
        ("https://ansinhxahoionline.tapchibaohiemxahoi.gov.vn/x", "state_press"),
        ("https://en.dangcongsan.vn/x", "state_press"),
        ("https://news.laodong.vn/x", "press"),
        ("http://S-Tech.info/x", "third_party"),
        ("https://nobody.example/x", "third_party"),
        ("https://notgov.vn/x", "third_party"),
        ("1726/QĐ-BTTTT ngày 12/10/2020", "government_body"),
    ],
)
def test_the_class_of_a_source(source: str, expected: str) -> None:
    assert source_class(source, DOMAINS) == expected


def test_every_domain_of_the_committed_feeds_has_a_class() -> None:
    sources = {
        row["source"]
        for path in FEEDS.glob("*/*/*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if "source" in row
    }
    hosts = {address for each in sources if (address := host(each))}
    assert len(hosts) > 60
    assert {each for each in hosts if known(each, DOMAINS) is None} == set()


def test_the_table_uses_every_class() -> None:
    assert {*DOMAINS.values()} == {*SOURCE_CLASSES}
