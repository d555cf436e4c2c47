"""The words of every Vietnamese text that the project owns: as officials write them, none of those replaced."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from dti_platform.feeds.marks import FORMER
from tests.syntax import PACKAGE, modules, nodes, tree

ROOT = PACKAGE.parent
#: What no text says, and what it says in its place. A key is a regular expression, in lower case.
BETTER: Mapping[str, str] = {
    r"(dữ liệu|số liệu|phiếu|tệp) tổng hợp\b|\(tổng hợp\b": "giả lập (synthetic); tổng hợp là consolidated",
    r"bị giữ lại|'giữ lại'|được giữ lại": "tạm giữ, chưa tính (quarantined); không tính điểm (withhold)",
    r"\b(của|mỗi|các|một) nút\b|\bnút (này|của)\b": "mục (node)",
    r"tập đơn vị|tập hợp đơn vị": "danh mục đơn vị",
    r"tự chấm": "tự đánh giá",
    r"chính thức sau phản hồi": "điểm cuối cùng (sau giải trình)",
    r"cùng cơ sở|theo cơ sở|\(cơ sở\b": "loại điểm (basis)",
    r"\b(đã|như|nguồn|được|số|không) in\b(?! sẵn)": "đã công bố, nguồn công bố",
    r"nửa lên": "từ 0,5 trở lên thì làm tròn lên",
    r"điểm được cho": "điểm chấm (chuyên gia), (khảo sát), (đo tự động)",
    r"theo loại, phần|thang bậc|phần của điểm tối đa": "theo mức, theo bậc, tính theo tỷ lệ điểm tối đa",
    r"không trọng số": "trung bình cộng",
    r"(?<!sánh )không so được|(?<!so )không so\b(?! sánh| với)": "không so sánh được",
    r"do cách dựng": "khớp vì dữ liệu được dựng theo số đã công bố",
    r"không ai ": "câu khẳng định, như: Số đếm không thể là số âm",
    r"vượt quá toàn thể": "lớn hơn 100 %",
    r"chín phần mười": "90 %",
    r"trả lời đơn vị|thư trả lời": "phản hồi",
    r"^đừng |\. đừng ": "không",
    r"là tất yếu": "đương nhiên",
    r"lặng lẽ|âm thầm": "mà không nêu lý do, tự động",
    r"gắn cờ": "đánh dấu",
    r"bản phát hành|phát hành số liệu": "lần công bố",
    r"(danh mục|mã|tên) chỉ tiêu (của phiếu|minh họa|chính thức)|chỉ tiêu (chính thức|minh họa)": "chỉ số thành phần",
    r"(?<!\()\b(null|true|false|none)\b": "trống, có, không",
}
#: Texts that keep an old word, because files that came once are read for ever.
KEPT = {*FORMER}
VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]")


def in_toml(value: object) -> Iterator[str]:
    """Every text of a TOML or JSON file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from in_toml(each)
    elif isinstance(value, list):
        for each in value:
            yield from in_toml(each)


def in_code(path: Path) -> Iterator[str]:
    """Every string of a module but its docstrings, parts of one f-string together."""
    every = nodes(tree(path))
    bodies = (node for node in every if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    docs = {id(node.body[0].value) for node in bodies if node.body and isinstance(node.body[0], ast.Expr)}
    for node in every:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@cache
def texts() -> list[tuple[str, str]]:
    """Each Vietnamese text with its file."""
    return [*looked_up()]


def looked_up() -> Iterator[tuple[str, str]]:
    for path in sorted([*PACKAGE.rglob("*.toml"), *(ROOT / "expectations").glob("*.toml")]):
        yield from ((path.name, text) for text in in_toml(tomllib.loads(path.read_text(encoding="utf-8"))))
    for path in sorted((ROOT / "expectations").glob("*.json")):
        yield from ((path.name, text) for text in in_toml(json.loads(path.read_text(encoding="utf-8"))))
    for path in modules():
        yield from ((path.name, text) for text in in_code(path))
    for path in sorted([*PACKAGE.rglob("*.j2"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.md")]):
        prose = "".join(path.read_text(encoding="utf-8").split("```")[::2])
        yield from ((path.name, line) for line in prose.splitlines() if not line.startswith("|"))  # tables show data


def faults(text: str) -> list[str]:
    """What stands in a text, and the better word."""
    halves = (half.strip() for half in re.split(" [·/] ", text.casefold()) if text not in KEPT)
    vietnamese = " · ".join(half for half in halves if VIETNAMESE.search(half))
    return [f"{found[0]!r}: {better}" for old, better in BETTER.items() if (found := re.search(old, vietnamese))]


def test_no_text_uses_a_word_that_was_replaced() -> None:
    found = [f"{file}: {text[:90]!r}: {fault}" for file, text in texts() for fault in faults(text)]
    assert found == []


def test_the_texts_of_every_kind_are_looked_at() -> None:
    files = {file for file, text in texts() if VIETNAMESE.search(text)}
    assert files >= {
        "glossary.toml", "problems.toml", "codes.toml", "columns.toml", "printed.toml", "922-provincial.toml",
        "scores.json", "baseline.toml", "publish.py", "declaration.py", "coverage.py", "922-provincial.md",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Bảng dựa trên dữ liệu tổng hợp, không phải số liệu chính thức",
        "Số 12/MH-4.10 (tổng hợp / synthetic)",
        "Ô bị giữ lại được coi là thiếu",
        "các phần của nút này không công khai",
        "Mỗi dòng là một bảng xếp hạng (kỳ, tập đơn vị)",
        "điểm tự chấm",
        "Hạng kỳ trước cùng cơ sở",
        "Số liệu đã in chỉ được thay bằng lần cập nhật",
        "làm tròn: nửa lên",
        "điểm được cho (expert)",
        "Không ai đếm được ít hơn không.",
        "Danh mục chỉ tiêu của phiếu này là MINH HỌA",
        "giá trị là null khi chưa có số liệu",
        "Đừng mở rồi lưu tệp",
    ],
)
def test_an_old_word_is_found(text: str) -> None:
    assert faults(text), text


@pytest.mark.parametrize(
    "text",
    [
        "Tỷ lệ cơ sở dữ liệu đã vận hành",
        "Phòng Tổng hợp công bố",
        "Đã in sẵn và khóa; không cần sửa.",
        "Chỉ tiêu điều hành cấp quốc gia",
        "không so sánh được với kỳ trước",
        "Thiếu số liệu thì giữ lại một trong hai dòng",
    ],
)
def test_an_official_word_is_let_through(text: str) -> None:
    assert faults(text) == []
