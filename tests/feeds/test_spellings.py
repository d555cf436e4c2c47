"""Every province, however it is spelt and in whatever encoding it is sent, is found in its own geography."""

import unicodedata
from collections.abc import Callable

import pytest

from dti_platform.feeds import Known
from dti_platform.feeds.fields import unit
from dti_platform.reading.delimited import read_delimited
from tests.reading.test_encoding import to_1258, to_tcvn3, to_vni

Spell = Callable[[str], str]


def older_tone(name: str) -> str:
    """The tone on the other vowel of oa and oe, as in Hoà for Hòa."""
    for new, old in (("òa", "oà"), ("óa", "oá"), ("ỏa", "oả"), ("ọa", "oạ"), ("òe", "oè")):
        name = name.replace(new, old)
    return name


SPELLINGS: dict[str, Spell] = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "the older tone": older_tone,
    "a kind before it": lambda name: f"tỉnh {name}",
    "a city": lambda name: f"TP. {name}",
    "its committee": lambda name: f"UBND tỉnh {name}",
    "spaces about it": lambda name: f"  {name} ",
    "no-break spaces in it": lambda name: name.replace(" ", "\u00a0"),
    "a hyphen": lambda name: name.replace(" ", " - "),
    "a line break": lambda name: name.replace(" ", "\n", 1),
}
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16"),
    "tcvn3": lambda text: to_tcvn3(lowered(text)),
    "vni": to_vni,
    "windows-1258": to_1258,
}


def lowered(text: str) -> str:
    """TCVN3 has no capitals with tones."""
    return "".join(char if char.isascii() or char in "ĂÂÊÔƠƯĐ" else char.lower() for char in text)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("geography", ["VN63", "VN34"])
def test_a_province_is_found(known: Known, geography: str, spelling: str, encoding: str) -> None:
    ids = known.units.geographies[geography]
    spelt = [SPELLINGS[spelling](known.units.all[each].name_vi) for each in ids]
    text = "unit,value\n" + "".join(f'"{name}",1\n' for name in spelt)
    declared = encoding if encoding in ("tcvn3", "vni", "windows-1258") else None
    rows = read_delimited(ENCODINGS[encoding](text), "t.csv", encoding=declared).sheets[0].rows[1:]
    assert [unit(row[0], geography, known) for row in rows] == list(ids)
