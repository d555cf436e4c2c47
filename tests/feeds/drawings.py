"""Tables as Vietnamese public bodies draw them: sheets made for tests, and the figures that stand in them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import xlsxwriter

from dti_platform.reading import FOOTNOTE, NUMBERING, Column, Layout, Rule

__all__ = [
    "CAPTIONS", "CASES", "INDICES", "PLAIN", "RANK", "Case", "Drawn", "Merge", "Row", "Truth", "figure", "workbook",
]  # fmt: skip

Row = Sequence[object]
#: Unit, what the table or the group of columns is about, our name of the column -> the figure.
Truth = dict[tuple[str, str, str], float]
Merge = tuple[int, int, int, int]


@dataclass
class Drawn:
    """One or more sheets, how a feed declares them, and what it must find."""

    layouts: list[Layout]
    sheets: dict[str, tuple[list[Row], list[Merge]]] = field(default_factory=dict[str, tuple[list[Row], list[Merge]]])
    truth: Truth = field(default_factory=Truth)

    def sheet(self, rows: Sequence[Row], *merged: Merge, name: str = "Bảng") -> Drawn:
        self.sheets[name] = ([list(row) for row in rows], list(merged))
        return self

    def moved(self) -> Drawn:
        """Three rows above, and a column of remarks that nobody declared after the second."""
        sheets = {name: _moved(*sheet) for name, sheet in self.sheets.items()}
        return Drawn(self.layouts, sheets, self.truth)


def _moved(rows: list[Row], merged: list[Merge]) -> tuple[list[Row], list[Merge]]:
    at = 2
    crossed = {row for top, left, bottom, right in merged if left < at <= right for row in range(top, bottom + 1)}
    shifted = [(top + 3, left + (left >= at), bottom + 3, right + (right >= at)) for top, left, bottom, right in merged]
    wider = [
        [*row[:at], "nhận xét" if len(row) > at and row[at - 1] and number not in crossed else None, *row[at:]]
        for number, row in enumerate(rows)
    ]
    return [["Bản sao có chỉnh sửa"], [], [], *wider], shifted


def workbook(drawn: Drawn) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, (rows, merged) in drawn.sheets.items():
            into = book.add_worksheet(name)
            for area in merged:
                into.merge_range(*area, "")
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        into.write(number, column, value)
    return buffer.getvalue()


@dataclass(frozen=True)
class Case:
    """A way of drawing, by its name."""

    name: str
    draw: Callable[[Sequence[str]], Drawn]


CASES: list[Case] = []


def case(draw: Callable[[Sequence[str]], Drawn]) -> Callable[[Sequence[str]], Drawn]:
    CASES.append(Case(draw.__name__, draw))
    return draw


NO = Column("no", ("STT", "TT", "Số TT"), required=False)
NAME = Column("name", ("Tỉnh, thành phố", "Tỉnh", "Province", "Địa phương"))
SCORE = Column("score", ("Điểm", "Score", "Điểm số"))
RANK = Column("rank", ("Hạng", "Rank", "Xếp hạng"), required=False)
PLAIN = Layout((NO, NAME, SCORE), "name")
RULES = (
    Rule("total", "name", "tổng cộng|tổng số|cả nước|total|bình quân|trung vị.*"),
    Rule("total", "no", "tổng cộng|cả nước|total"),
    Rule("region", "no", "[ivx]+|[a-h]"),
    Rule("region", "name", "(đồng bằng|trung du|vùng|miền|tây nguyên).*"),
    Rule("note", "no", "(ghi chú|nguồn|đơn vị tính|\\*+|\\(\\*\\)).*"),
    Rule("note", "name", "(ghi chú|nguồn|đơn vị tính|\\*+|\\(\\*\\)).*"),
)
INDICES = {
    "entry": ("Gia nhập thị trường", "Entry Costs"),
    "land": ("Tiếp cận đất đai", "Land Access"),
    "openness": ("Tính minh bạch", "Transparency"),
    "time": ("Chi phí thời gian", "Time Costs"),
}
CAPTIONS = tuple(Column(name, titles) for name, titles in INDICES.items())


def figure(name: str, about: str, column: str = "score") -> float:
    """A figure of its own for each place, with two decimals."""
    return random.Random(f"{name} {about} {column}").randrange(100, 99_999) / 100


def ranked(names: Sequence[str], about: str) -> list[str]:
    return sorted(names, key=lambda name: -figure(name, about))


def pairs(
    names: Sequence[str], *, head: Sequence[str] = ("Tỉnh", "Điểm"), spacer: bool = False, short: bool = False,
    abouts: Sequence[str] = tuple(INDICES),
) -> tuple[list[Row], Truth, int]:  # fmt: skip
    """Columns side by side, each pair in the order of its own ranking; and how wide one is."""
    truth: Truth = {}
    columns: list[Row] = []
    for number, about in enumerate(abouts):
        order = ranked(names, about)[: len(names) - number if short else None]
        truth |= {(name, about, "score"): figure(name, about) for name in order}
        parts = {"Tỉnh": order, "Điểm": [figure(name, about) for name in order], "Hạng": list(range(1, len(order) + 1)),
                 "STT": list(range(1, len(order) + 1)), "": [None] * len(order)}  # fmt: skip
        columns += [[title or None, *parts[title]] for title in head]
        columns += [[]] if spacer else []
    rows: list[Row] = [[column[at] if at < len(column) else None for column in columns] for at in range(len(names) + 1)]
    return rows, truth, len(head) + spacer


def above(width: int, titles: Sequence[str], own: int | None = None) -> tuple[Row, list[Merge]]:
    """A row of titles of groups, each merged over its columns."""
    row: Row = [title for each in titles for title in (each, *[None] * (width - 1))]
    return row, [(0, at * width, 0, at * width + (own or width) - 1) for at in range(len(titles))]


def under(merged: Sequence[Merge], rows: int) -> list[Merge]:
    return [(top + rows, left, bottom + rows, right) for top, left, bottom, right in merged]


def captioned(head: Sequence[str], *, spacer: bool, short: bool, names: Sequence[str]) -> Drawn:
    rows, truth, width = pairs(names, head=head, spacer=spacer, short=short)
    titles, merged = above(width, [titles[0] for titles in INDICES.values()], len(head))
    layout = Layout((NO, NAME, SCORE, RANK), "name", captions=CAPTIONS)
    return Drawn([layout], truth=truth).sheet([titles, *rows], *merged)


@case
def pairs_under_merged_titles(names: Sequence[str]) -> Drawn:
    return captioned(("Tỉnh", "Điểm"), spacer=False, short=False, names=names)


@case
def pairs_with_a_blank_column_between(names: Sequence[str]) -> Drawn:
    return captioned(("Tỉnh", "Điểm"), spacer=True, short=False, names=names)


@case
def pairs_of_unequal_lengths_with_numbers_and_ranks(names: Sequence[str]) -> Drawn:
    return captioned(("STT", "Tỉnh", "Điểm", "Hạng"), spacer=False, short=True, names=names)


@case
def pairs_with_ranks_before_names_and_a_spacer(names: Sequence[str]) -> Drawn:
    return captioned(("Hạng", "Tỉnh", "Điểm"), spacer=True, short=True, names=names)


@case
def pairs_under_titles_in_two_rows_and_languages(names: Sequence[str]) -> Drawn:
    rows, truth, width = pairs(names)
    vi, merged = above(width, [titles[0] for titles in INDICES.values()])
    en, _ = above(width, [titles[1] for titles in INDICES.values()])
    whole: Merge = (0, 0, 0, 7)
    layout = Layout((NAME, SCORE), "name", captions=CAPTIONS)
    drawn = Drawn([layout], truth=truth)
    return drawn.sheet([["CHỈ SỐ PCI 2016"], vi, en, *rows], whole, *under(merged, 1), *under(merged, 2))


@case
def pairs_under_titles_that_are_not_merged(names: Sequence[str]) -> Drawn:
    rows, truth, width = pairs(names, head=("STT", "Tỉnh", "Điểm"))
    titles, _ = above(width, [f"{vi}\n{en}" for vi, en in INDICES.values()])
    layout = Layout((NAME, SCORE), "name", captions=CAPTIONS)
    return Drawn([layout], truth=truth).sheet([["Phụ lục 1. Các chỉ số thành phần"], titles, *rows])


@case
def pairs_whose_second_title_is_the_index_itself(names: Sequence[str]) -> Drawn:
    rows, truth, _ = pairs(names)
    rows[0] = [title for vi, en in INDICES.values() for title in ("Tỉnh,\nthành phố", f"{vi}\n({en})")]
    layouts = [Layout((NAME, Column(about, titles)), "name") for about, titles in INDICES.items()]
    own = {(name, "", about): value for (name, about, _), value in truth.items()}
    return Drawn(layouts, truth=own).sheet(rows)


@case
def one_sheet_for_each_index(names: Sequence[str]) -> Drawn:
    drawn = Drawn([Layout((NO, NAME, SCORE), "name", captions=CAPTIONS)])
    for about, (vi, en) in INDICES.items():
        rows, truth, _ = pairs(names, head=("STT", "Tỉnh", "Điểm"), abouts=[about])
        drawn.truth |= truth
        drawn.sheet([[vi], [en], [], *rows], name=about)
    return drawn


@case
def a_ranking_in_three_blocks(names: Sequence[str]) -> Drawn:
    order = ranked(names, "")
    blocks = [order[at : at + 21] for at in range(0, 63, 21)]
    rows: list[Row] = [["BẢNG XẾP HẠNG"], ["Hạng", "Tỉnh", "Điểm"] * 3]
    rows += [
        [cell for n, block in enumerate(blocks) for cell in (n * 21 + at + 1, block[at], figure(block[at], ""))]
        for at in range(21)
    ]
    truth = {(name, "", "score"): figure(name, "") for name in names}
    return Drawn([Layout((RANK, NAME, SCORE), "name")], truth=truth).sheet(rows, (0, 0, 0, 8))


YEARS = ("2015", "2016", "2017")


def years(names: Sequence[str], titles: Sequence[object], merged: bool, spacer: bool = False) -> Drawn:
    wide = 3 if spacer else 2
    truth = {
        (name, str(title).lower(), column): figure(name, year, column)
        for name in names for year, title in zip(YEARS, titles, strict=True) for column in ("score", "rank")
    }  # fmt: skip
    gap: Row = [None] if spacer else []
    rows: list[Row] = [
        ["TT", "Tỉnh, thành phố", *(cell for title in titles for cell in (title, None, *gap))],
        [None, None, *(cell for _ in titles for cell in ("Điểm", "Hạng", *gap))],
        *([number, name, *(cell for year in YEARS for cell in (figure(name, year), figure(name, year, "rank"), *gap))]
          for number, name in enumerate(names, 1)),
    ]  # fmt: skip
    areas = [(0, 2 + at * wide, 0, 3 + at * wide) for at in range(3)] + [(0, 0, 1, 0), (0, 1, 1, 1)] if merged else []
    layout = Layout((NO, NAME), "name", repeated=(SCORE, RANK))
    return Drawn([layout], truth=truth).sheet(rows, *areas)


@case
def years_as_numbers_merged(names: Sequence[str]) -> Drawn:
    return years(names, [2015, 2016, 2017], merged=True)


@case
def years_as_words_not_merged(names: Sequence[str]) -> Drawn:
    return years(names, ["Năm 2015", "Năm 2016", "Năm 2017"], merged=False)


@case
def years_with_blank_columns_between(names: Sequence[str]) -> Drawn:
    return years(names, ["2015", "2016", "2017"], merged=True, spacer=True)


@case
def years_over_three_rows(names: Sequence[str]) -> Drawn:
    drawn = years(names, [2015, 2016, 2017], merged=False)
    rows, _ = drawn.sheets["Bảng"]
    english: Row = [None, "Province", *["Score", "Rank"] * 3]
    top: Row = ["Kết quả các năm"]
    drawn.sheets["Bảng"] = ([top, rows[0], rows[1], english, *rows[2:]], [(0, 0, 0, 7)])
    return drawn


REVENUE = Layout((NO, NAME, Column("revenue", ("Tổng thu",))), "name", rules=RULES)
SPENDING = Layout((NO, NAME, Column("spending", ("Tổng chi",))), "name", rules=RULES)


def budget(names: Sequence[str], column: str) -> list[Row]:
    return [[number, name, figure(name, "", column)] for number, name in enumerate(names, 1)]


def budget_truth(names: Sequence[str], *columns: str) -> Truth:
    return {(name, "", column): figure(name, "", column) for name in names for column in columns}


@case
def two_tables_side_by_side(names: Sequence[str]) -> Drawn:
    left = [["STT", "Tỉnh", "Tổng thu"], *budget(names, "revenue"), [None, "Tổng số", 1]]
    right = [["STT", "Tỉnh", "Tổng chi"], *budget(ranked(names, ""), "spending"), [None, "Tổng số", 1]]
    rows = [[*one, *two] for one, two in zip(left, right, strict=True)]
    return Drawn([REVENUE, SPENDING], truth=budget_truth(names, "revenue", "spending")).sheet(rows)


@case
def two_tables_side_by_side_that_begin_in_different_rows(names: Sequence[str]) -> Drawn:
    left = [["STT", "Tỉnh", "Tổng thu"], *budget(names, "revenue"), [None] * 3, [None] * 3]
    right = [["Bảng 2", None, None], [None] * 3, ["STT", "Tỉnh", "Tổng chi"], *budget(names, "spending")]
    rows = [[*one, None, *two] for one, two in zip(left, right, strict=True)]
    return Drawn([REVENUE, SPENDING], truth=budget_truth(names, "revenue", "spending")).sheet(rows)


@case
def two_tables_one_below_the_other(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [
        ["Bảng 1. Thu ngân sách"], [None, None, "Đơn vị: tỷ đồng"], ["STT", "Tỉnh", "Tổng thu"],
        *budget(names, "revenue"), ["Ghi chú: (1) chưa kể dầu thô"], [], ["Bảng 2. Chi ngân sách"],
        ["STT", "Tỉnh", "Tổng chi"], *budget(names, "spending"), ["Nguồn: Bộ Tài chính"],
    ]  # fmt: skip
    return Drawn([REVENUE, SPENDING], truth=budget_truth(names, "revenue", "spending")).sheet(rows)


@case
def a_table_broken_over_pages(names: Sequence[str]) -> Drawn:
    head: list[Row] = [["TT", "Địa phương", "Tổng"], [None, None, "thu"], ["A", "B", "(1)"]]
    lines = budget(names, "revenue")
    rows = [["Thu ngân sách"], *head, *lines[:30], ["Thu ngân sách (tiếp theo)"], *head, *lines[30:]]
    layout = Layout(REVENUE.columns, "name", rules=RULES, captions=(Column("money", ("Thu ngân sách",)),))
    truth = {(name, "money", "revenue"): figure(name, "", "revenue") for name in names}
    return Drawn([layout], truth=truth).sheet(rows)


@case
def regions_totals_and_notes(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [
        ["Đơn vị tính: triệu đồng"], ["STT", "Tỉnh, thành phố:", "Điểm (*)"], ["CẢ NƯỚC", None, 63],
        ["I", "Đồng bằng sông Hồng", 31], *([n, name, figure(name, "")] for n, name in enumerate(names[:30], 1)),
        ["II", "Miền Trung", 32], *([n, name, figure(name, "")] for n, name in enumerate(names[30:], 31)),
        [None, "Bình quân", 1.5], [None, "Trung vị (Median)", 1.5], ["TỔNG CỘNG", None, 63], [],
        ["(*) Điểm đã làm tròn"], ["Nguồn: điều tra"],
    ]  # fmt: skip
    layout = Layout((NO, NAME, Column("score", ("Điểm",))), "name", rules=RULES)
    truth = {(name, "", "score"): figure(name, "") for name in names}
    return Drawn([layout], truth=truth).sheet(rows, (2, 0, 2, 1), (3 + 1 + 30 + 1 + 33 + 2, 0, 70, 1))


@case
def regions_merged_across_and_figures_as_text(names: Sequence[str]) -> Drawn:
    text = {name: f"\u00a0{figure(name, '')} " for name in names}
    rows: list[Row] = [
        ["Tỉnh", "Điểm"], ["Vùng 1"], *([name, text[name]] for name in names[:20]), ["Vùng 2"],
        *([name, text[name]] for name in names[20:]), ["Ghi chú: điểm tối đa 1000"],
    ]  # fmt: skip
    truth = {(name, "", "score"): figure(name, "") for name in names}
    layout = Layout((NAME, SCORE), "name", rules=RULES)
    return Drawn([layout], truth=truth).sheet(rows, (1, 0, 1, 1), (22, 0, 22, 1), (66, 0, 66, 1))


@case
def names_with_numbers_and_footnotes(names: Sequence[str]) -> Drawn:
    ways = ("{}. {}", "{}) {} (*)", "{}. {}1)", "{}-{}\u00b9", "{}. {} (1)", "{}. Tỉnh {}", "{}. {}**")
    rows: list[Row] = [["Tỉnh", "Điểm"]]
    rows += [[ways[n % len(ways)].format(n, name), figure(name, "")] for n, name in enumerate(names, 1)]
    layout = Layout((NAME, SCORE), "name", marks=(NUMBERING, FOOTNOTE))
    return Drawn([layout], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(rows)


@case
def titles_with_breaks_hyphens_and_colons(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [
        ["Tỉnh và điểm của các tỉnh"], ["T T", "Tỉnh,  thành\nphố :", "Tổng-\nsố", None, "Tỷ lệ (%)"],
        [None, None, "Điểm", "Hạng", None], ["(1)", "(2)", "(3=1+2)", "(4)", "(5)"],
        *([n, name, figure(name, ""), n, 5] for n, name in enumerate(names, 1)),
    ]  # fmt: skip
    columns = (NO, NAME, Column("score", ("Tổng số điểm",)), Column("rank", ("Tổng số hạng",)))
    truth = {(name, "", "score"): figure(name, "") for name in names}
    truth |= {(name, "", "rank"): float(n) for n, name in enumerate(names, 1)}
    return Drawn([Layout(columns, "name")], truth=truth).sheet(rows)


@case
def two_lines_for_each_province(names: Sequence[str]) -> Drawn:
    lines = Column("line", ("Chỉ tiêu",))
    layout = Layout((NO, NAME, lines, SCORE), "name")
    rows: list[Row] = [["STT", "Tỉnh", "Chỉ tiêu", "Điểm"]]
    merged: list[Merge] = []
    truth: Truth = {}
    for n, name in enumerate(names, 1):
        merged += [(len(rows), 0, len(rows) + 1, 0), (len(rows), 1, len(rows) + 1, 1)]
        rows += [[n, name, "Thu", figure(name, "thu")], [None, None, "Chi", figure(name, "chi")]]
        truth |= {(name, about, "score"): figure(name, about) for about in ("thu", "chi")}
    return Drawn([layout], truth=truth).sheet(rows, *merged)


@case
def names_merged_over_the_number_s_column(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [["STT", "Tỉnh", "Điểm"], *([name, None, figure(name, "")] for name in names)]
    merged = [(at, 0, at, 1) for at in range(1, 64)]
    return Drawn([PLAIN], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(rows, *merged)


@case
def another_table_beside_ours(names: Sequence[str]) -> Drawn:
    ministries = ("Bộ Tài chính", "Bộ Y tế", "Bộ Nội vụ")
    left: list[Row] = [["STT", "Bộ, ngành", "Điểm"], *([n, name, n] for n, name in enumerate(ministries, 1))]
    right: list[Row] = [["STT", "Tỉnh", "Điểm"], *([n, name, figure(name, "")] for n, name in enumerate(names, 1))]
    left += [[None] * 3] * (len(right) - len(left))
    rows = [[*two, None, *one, None, *one] for one, two in zip(left, right, strict=True)]
    return Drawn([PLAIN], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(rows)


@case
def spellings_of_every_kind(names: Sequence[str]) -> Drawn:
    ways = {
        "Hồ Chí Minh": "T.P Hồ Chí Minh", "Cần Thơ": "TP. CẦN THƠ", "Bà Rịa - Vũng Tàu": "BR-VT", "Đắk Lắk": "DakLak",
        "Thừa Thiên Huế": "Thừa Thiên-Huế", "Bắc Giang": "Tỉnh Bắc Giang", "Hà Nội": "Hà Nội (*)",
        "Đắk Nông": "ĐĂK NÔNG",
    }  # fmt: skip
    rows: list[Row] = [["Tỉnh", "Điểm"], *([ways.get(name, name.upper()), figure(name, "")] for name in names)]
    return Drawn([PLAIN], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(rows)


@case
def titles_above_scores_beside_merged_names(names: Sequence[str]) -> Drawn:
    rows, truth, _ = pairs(names, head=("Tỉnh", "Điểm", "Hạng"))
    top: Row = [title for vi, _ in INDICES.values() for title in ("Tỉnh", vi, None)]
    second: Row = [None, "Điểm", "Hạng"] * 4
    merged = [area for at in range(0, 12, 3) for area in ((0, at, 1, at), (0, at + 1, 0, at + 2))]
    scores = {(name, INDICES[about][0].lower(), column): value for (name, about, column), value in truth.items()}
    layout = Layout((NAME,), "name", repeated=(SCORE, RANK))
    return Drawn([layout], truth=scores).sheet([top, second, *rows[1:]], *merged)


@case
def a_second_header_in_the_other_language(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [["Tỉnh"], ["STT", "Tỉnh", "Điểm"], ["No.", "Province", "Score"], ["a", "b", "c"]]
    rows += [[n, name, figure(name, "")] for n, name in enumerate(names, 1)]
    return Drawn([PLAIN], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(rows)


@case
def seventy_indices_side_by_side(names: Sequence[str]) -> Drawn:
    abouts = [f"Chỉ số {n}" for n in range(70)]
    rows, truth, width = pairs(names, head=("STT", "Tỉnh", "Điểm"), short=False, abouts=abouts)
    titles, merged = above(width, abouts)
    captions = tuple(Column(about) for about in abouts)
    return Drawn([Layout(PLAIN.columns, "name", captions=captions)], truth=truth).sheet([titles, *rows], *merged)


@case
def tables_side_by_side_with_a_blank_column_within_each(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [["STT", "Tỉnh", "Điểm", None, "Hạng", None] * 2]
    halves = [
        [(n, name, figure(name, ""), None, n, None) for n, name in half]
        for half in (list(enumerate(names[:31], 1)), list(enumerate(names[31:62], 32)))
    ]
    rows += [[*left, *right] for left, right in zip(*halves, strict=True)]
    truth = {(name, "", "score"): figure(name, "") for name in names[:62]}
    truth |= {(name, "", "rank"): float(n) for n, name in enumerate(names[:62], 1)}
    return Drawn([Layout((NO, NAME, SCORE, RANK), "name")], truth=truth).sheet(rows)


@case
def captioned_tables_that_begin_in_different_rows(names: Sequence[str]) -> Drawn:
    drawn = captioned(("Tỉnh", "Điểm"), spacer=True, short=False, names=names)
    rows, _ = drawn.sheets["Bảng"]
    lower = len(rows) - 1  # the caption of the second table stands beside the last figure of the first
    columns = [[row[at] for row in rows] for at in range(12)]
    lagged = [[*[None] * (at // 3 % 2 * lower), *column, *[None] * lower] for at, column in enumerate(columns)]
    return drawn.sheet([[column[row] for column in lagged] for row in range(len(rows) + lower)])


@case
def names_that_are_merged_over_two_columns_like_their_title(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [
        ["STT", "Tỉnh", None, "Điểm", None],
        *([n, name, None, None, figure(name, "")] for n, name in enumerate(names, 1)),
    ]
    merged = [(at, 1, at, 2) for at in range(64)]
    return Drawn([PLAIN], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(
        rows, *merged, (0, 3, 0, 4)
    )


@case
def an_empty_column_between_names_and_figures_of_tables_side_by_side(names: Sequence[str]) -> Drawn:
    rows, truth, width = pairs(names, head=("Tỉnh", "", "Điểm"))
    titles, merged = above(width, [titles[0] for titles in INDICES.values()])
    return Drawn([Layout((NAME, SCORE), "name", captions=CAPTIONS)], truth=truth).sheet([titles, *rows], *merged)


@case
def an_empty_column_between_numbers_and_names_of_tables_side_by_side(names: Sequence[str]) -> Drawn:
    rows, truth, width = pairs(names, head=("STT", "", "Tỉnh", "Điểm"))
    titles, merged = above(width, [titles[0] for titles in INDICES.values()])
    return Drawn([Layout((NO, NAME, SCORE), "name", captions=CAPTIONS)], truth=truth).sheet([titles, *rows], *merged)


@case
def a_column_that_is_numbered_in_every_row(names: Sequence[str]) -> Drawn:
    half = budget(names, "revenue")
    rows: list[Row] = [["STT", "Tỉnh", "Tổng thu"], *half[:30], ["STT", "Tỉnh", "Tổng thu"], *half[30:]]
    numbered: list[Row] = [[*row, n] for n, row in enumerate(rows, 3000)]
    return Drawn([REVENUE], truth=budget_truth(names, "revenue")).sheet(numbered)


@case
def a_region_before_each_name_and_an_empty_column(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [["Vùng", "Tỉnh", None, "Điểm"], *(["Bắc", name, None, figure(name, "")] for name in names)]
    return Drawn([PLAIN], truth={(name, "", "score"): figure(name, "") for name in names}).sheet(rows)


@case
def titles_of_three_levels_that_are_not_merged(names: Sequence[str]) -> Drawn:
    rows: list[Row] = [
        ["TT", "Tỉnh", "Hạ tầng", None, None, None, "ICT Index", None],
        [None, None, "Xã hội", None, "Cơ quan"],
        [None, None, *["Điểm", "Hạng"] * 3],
    ]
    groups = ("hạ tầng xã hội", "hạ tầng cơ quan", "ict index")
    places = [(group, column) for group in groups for column in ("score", "rank")]
    rows += [[n, name, *(figure(name, *place) for place in places)] for n, name in enumerate(names, 1)]
    truth = {(name, *place): figure(name, *place) for name in names for place in places}
    return Drawn([Layout((NO, NAME), "name", repeated=(SCORE, RANK))], truth=truth).sheet(rows)
