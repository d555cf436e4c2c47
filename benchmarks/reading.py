"""Reading 100 workbooks of 98 rows, guarded and with locators, beside openpyxl (read-only) and bare python-calamine.

Run: ``.venv/bin/python -m benchmarks.reading``. One JSON line per figure: name, ours, peer, ratio, goal, met. CPU
seconds of the process and its children, best of three, all in one run; the answers are checked to be equal.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
from collections.abc import Callable

import openpyxl
import python_calamine
import xlsxwriter

from dti_platform.reading import Book, Request, read_batch, read_workbook

FILES, ROWS = 100, 98
COLUMNS = ("Mã", "Chỉ tiêu", "Nhóm", "Điểm tối đa", "Tự đánh giá", "Thẩm định", "Chênh lệch", "Trạng thái", "Phụ trách")


def workbook(number: int) -> bytes:
    """A made-up sheet of 98 indicators: no official figure."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Tự đánh giá")
        sheet.write(0, 0, "DỮ LIỆU GIẢ LẬP – không phải số liệu chính thức / SYNTHETIC DATA – not official figures")
        sheet.write_row(2, 0, COLUMNS)
        for row in range(ROWS):
            score = (row * 7 + number) % 11
            cells = (f"{row // 10 + 1}.{row % 10 + 1}", f"Chỉ tiêu số {row}", f"Nhóm {row // 10}", 10, score, score / 2)
            sheet.write_row(row + 3, 0, (*cells, score / 2, "Hoàn thành", f"Sở {row % 7}"))
    return buffer.getvalue()


def cpu() -> float:
    """CPU seconds so far, of this process and of children that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def ours_in_child(files: list[bytes]) -> list[int]:
    """Guarded, in one child, back as cells with locators."""
    books = read_batch([Request(content, f"{number}.xlsx") for number, content in enumerate(files)])
    return [sum(1 for _ in book.cells()) for book in books if isinstance(book, Book)]


def ours_here(files: list[bytes]) -> list[int]:
    """Guarded, in this process."""
    return [sum(1 for _ in read_workbook(content, "t.xlsx").cells()) for content in files]


def openpyxl_read_only(files: list[bytes]) -> list[int]:
    """Values alone, without locators."""
    books = (openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True) for content in files)
    return [
        sum(value is not None for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)
        for book in books
    ]


def bare_calamine(files: list[bytes]) -> list[int]:
    """Values alone: no guard, no locators, no formats, and errors as empty cells."""
    books = (python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) for content in files)
    return [
        sum(
            value != ""
            for name in book.sheet_names
            for row in book.get_sheet_by_name(name).to_python()
            for value in row
        )
        for book in books
    ]


def start() -> float:
    """CPU seconds of a child that reads next to nothing: the fixed start."""
    before = cpu()
    list(read_batch([Request(b"a\n1\n", "t.csv")]))
    return cpu() - before


def imports() -> float:
    """CPU seconds of the import that any command pays."""
    before = cpu()
    subprocess.run([sys.executable, "-c", "import polars, pandera.polars"], check=True)
    return cpu() - before


def measure(*works: Callable[[list[bytes]], list[int]]) -> dict[str, float]:
    """The best of three rounds of every work, in turn; all must count the same cells."""
    files = [workbook(number) for number in range(FILES)]
    best: dict[str, float] = {}
    counts: set[tuple[int, ...]] = set()
    for _ in range(3):
        for work in works:
            before = cpu()
            counts.add(tuple(work(files)))
            best[work.__name__] = min(best.get(work.__name__, 1e9), cpu() - before)
    assert len(counts) == 1, "the readers do not see the same cells"
    return best


def report(name: str, ours: float, peer: float, goal: float | None = None) -> None:
    """One line; a goal is of our seconds."""
    line = {"name": name, "ours": round(ours, 3), "peer": round(peer, 3), "ratio": round(ours / peer, 3), "goal": goal}
    print(json.dumps(line | {"met": None if goal is None else ours <= goal}))


def main() -> None:
    """Prints every figure; CPU seconds."""
    best = measure(ours_in_child, ours_here, openpyxl_read_only, bare_calamine)
    fixed = min(start() for _ in range(3))
    child, here, peer = best["ours_in_child"] - fixed, best["ours_here"], best["openpyxl_read_only"]
    report(
        "100 workbooks in a child beyond its start, beside openpyxl read-only", child, best["openpyxl_read_only"], 1.0
    )
    report("100 workbooks in a child beyond its start, beside bare calamine", child, best["bare_calamine"])
    report("100 workbooks in this process, beside openpyxl read-only", here, peer)
    report("100 workbooks in this process, beside bare calamine", here, best["bare_calamine"])
    report("the fixed start of a child, beside the imports of any command", fixed, imports())


if __name__ == "__main__":
    main()
