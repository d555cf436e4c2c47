"""Delimited text and JSON to change, and changes at random: signs, quotes and line ends, spellings, encodings."""

import random
import re
from collections.abc import Callable
from pathlib import Path

__all__ = ["CSV", "JSON", "quoting", "signs", "spelling"]

PROJECT = Path(__file__).parents[2]
CSV = (PROJECT / "data" / "feeds" / "national_report" / "2022-S1" / "indicators.csv").read_bytes() + (
    'eid_accounts,"Tài khoản, ""định danh""","two\nlines",2022-S1,48,"million (over)",https://x.vn,verbatim,,,""\r\n'.encode()
)


def signs(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    new = chance.choice(
        [b'"', b"\0", b"\r", b",", b"\xff", b"\xef\xbb\xbf", b"{", b"]", b"\\", b"\n\n", b":", b"\\ud800"]
    )
    return content[:at] + new + content[at + chance.randrange(2) :]


ENDS = ["\r", "\n", "\r\n", "\n\r", "\r\r\n", "\n\n", "\v", "\u2028", "\x1c", "\x85", ""]
ENCODED = [
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("utf-16"),
    lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    lambda text: text.encode("utf-16-le"),
    lambda text: "\ufeff\ufeff".encode() + text.encode(),
    lambda text: text.encode("utf-8"),
]
Encode = Callable[[str], bytes]


def quoting(content: bytes, chance: random.Random) -> bytes:
    """A field of delimited text is quoted, holds a delimiter, a quote or a line end; or lines end in another way."""
    text = content.decode()
    for _ in range(chance.randrange(1, 4)):
        where = [match.span() for match in chance.choice(FIELDS).finditer(text)]
        if where:
            begin, end = chance.choice(where)
            field = text[begin:end]
            new = chance.choice([
                f'"{field}"', f'"{field},{field}"', f'""{field}""', f' "{field}"', f'"{field}" ', f'{field}"',
                f'"{field}', field.replace('"', ""), field.replace('""', '"'), f'"{field}""x"', f'"{field}\n"',
                chance.choice(ENDS), field + "\t", f"'{field},'", f'"{field}""',
            ])  # fmt: skip
            text = text[:begin] + new + text[end:]
    if chance.random() < 0.2:
        text = text.replace("\n", chance.choice(ENDS[:5]))
    encode: Encode = chance.choice(ENCODED) if chance.random() < 0.4 else str.encode
    return encode(text)


FIELDS = [re.compile(r"[^,\r\n]+"), re.compile(r"\r?\n"), re.compile(r'"[^"]*"'), re.compile(r'"')]
JSON = (
    '[{"code": "4.10", "self": 4.5, "note": null, "whole": 12}, {"code": "4.2", "self": 1e2, "note": "Hu\\u1ebf"},'
    ' {"code": "Đà Nẵng", "self": -0.25, "done": true, "note": "\\"x\\", \\ud83d\\ude00"}] \n \n'
).encode()
NUMBERS = [
    "1e400", "-1e400", "-0", "0.0", "-0.0", "01", "+1", ".5", "1.", "1E5", "1e+5", "0x1", "1_0", "١", "9" * 30,
    "9" * 60, "1e-400", "NaN", "Infinity", "-Infinity", "-", "1e", "12345678901234567890",
    "0.1000000000000000055511151231257827", "1.0", "1 2", "null", "true", "True", '"7"', "9007199254740993",
    "1e2.5", "",
]  # fmt: skip
STRINGS = [
    "\\u0000", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\x41", "\\/", "\n", "\t", "\\u00", "😀", "\\u0041", "\\\\",
    "\\", '\\"', '"', "\\u00e0", "a\u0300", "\u2028", "\x7f", "\\b\\f\\n\\r\\t", "  ", "\\u200b", "'", "\x00",
]  # fmt: skip
VALUES = [
    "[]", "{}", "[1]", '{"a": 1}', '[{"a": 1}]', "[[[[[1]]]]]", '"x"', '"4.10"', "4.10", "// x\n1", "/* x */ 1", "1,",
    '{"a": {"b": {"c": 1}}}',
]  # fmt: skip
KEYS = [
    '"code"',
    '"c\\u006fde"',
    '"self"',
    '"note"',
    '""',
    '"a/b~c"',
    '" "',
    "code",
    "'code'",
    "1",
    '"new"',
    '"\\ud800"',
]
TOKENS = [
    (re.compile(r"-?\d[\d.eE+-]*(?=[,}])"), NUMBERS),
    (re.compile(r'(?<=[^\\"{, ])(?=[^"]*")'), STRINGS),
    (re.compile(r"(?<=: )[^,}]+"), VALUES),
    (re.compile(r'"\w+"(?=:)'), KEYS),
    (re.compile(r"[\[\]{},:]"), ["", ",,", "[", "]", "{", "}", ":", "]]", ",\n\t", "[{", "}]"]),
]


def spelling(content: bytes, chance: random.Random) -> bytes:
    """A number, string, key, value or mark of JSON is another, or spelt in another way; or the bytes are."""
    text = content.decode()
    for _ in range(chance.randrange(1, 3)):
        pattern, new = chance.choice(TOKENS)
        where = [match.span() for match in pattern.finditer(text)]
        if where:
            begin, end = chance.choice(where)
            text = text[:begin] + chance.choice(new) + text[end:]
    if chance.random() < 0.1:
        text = chance.choice(
            ['{"Kỳ": "2022", "Phiếu": %s}', "%s %s", " %s\n", '{"a": %s, "b": %s}', '{"a": {"b": %s}}']
        ).replace("%s", text)
    encode: Encode = chance.choice(ENCODED) if chance.random() < 0.15 else str.encode
    return encode(text)
