"""Verification: the verified and the final scores of many units, one unit and indicator a row.

Here: whose row it is, and the rows of its template. Not here: what a row gives (``sheet.scores``), nor self scores,
which are the units' own to give: in this table they are quotations, printed for the verifier.

All files of a period are one voice: each may hold some units or some indicators, and none says anything twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dti_platform.feeds import Extract, Feed, Known, Received, opened
from dti_platform.feeds.fields import Held, text
from dti_platform.feeds.fields import period as stated
from dti_platform.feeds.fields import unit as named
from dti_platform.feeds.intake import Intake
from dti_platform.feeds.marks import is_synthetic
from dti_platform.feeds.sheet.declaration import BASES, UNSCORED, decimal_mark, lines
from dti_platform.feeds.sheet.scores import Row, ScoreRows, is_code
from dti_platform.feeds.sheet.template import score_rule
from dti_platform.language import Bilingual
from dti_platform.reading import Book, Column, Convention, Sheet, find_table, normalise, tables_of

if TYPE_CHECKING:
    from dti_platform.methodology import Framework
    from dti_platform.units import Unit

#: Under a Vietnamese or English header; a field name such as ``verified`` declares a decimal point.
_SCORE = Convention(",", minimum=0)
FEED = Feed(
    id="verification",
    title_vi="Điểm thẩm định chuyển đổi số của các đơn vị",
    title_en="Verified scores of the units' digital transformation",
    publisher="Cơ quan thẩm định",
    licence="Scores given by the verifier; synthetic files say so themselves",
    rhythm="P1Y",
    evidence="official",
    columns=(
        Column("unit_id", ("Mã đơn vị", "Unit code"), note_vi="Mã của đơn vị, ví dụ VN63-19."),
        Column("unit", ("Đơn vị", "Tên đơn vị", "Unit"), required=False, note_vi="Tên của mã đơn vị trong dòng."),
        Column("period", ("Kỳ", "Kỳ đánh giá", "Period"), required=False, note_vi="Ví dụ 2022."),
        Column("code", ("Mã", "Mã chỉ số", "Code"), note_vi="Mã của bộ chỉ số: 4.1 và 4.10 là hai mã khác nhau."),
        Column("name", ("Chỉ số thành phần", "Chỉ tiêu", "Indicator"), required=False, note_vi="Tên của mã."),
        Column("maximum", ("Điểm tối đa", "Maximum"), required=False, number=_SCORE),
        Column(
            "self", ("Tự đánh giá", "Điểm tự đánh giá", "Self score"), required=False, number=_SCORE,
            note_vi="Chỉ để đối chiếu: điểm tự đánh giá do đơn vị gửi.",
        ),
        Column(
            "verified", ("Thẩm định", "Điểm thẩm định", "Verified score"), number=_SCORE,
            note_vi="Từ 0 đến điểm tối đa. Để trống nếu chưa thẩm định; nếu được 0 điểm, hãy ghi 0.",
        ),
        Column(
            "final", ("Điểm cuối cùng (sau giải trình)", "Kết quả cuối cùng", "Điểm cuối cùng", "Final score"),
            required=False, number=_SCORE, note_vi="Điểm sau khi đơn vị giải trình; để trống nếu chưa có.",
        ),
        Column("opinion", ("Ý kiến thẩm định", "Opinion"), required=False, note_vi="Lý do, văn bản căn cứ."),
    ),
)  # fmt: skip
#: The columns that a template with rows has filled; the self score only where there is one.
PRINTED = ("unit_id", "unit", "period", "code", "name", "maximum", "self")
#: How the verifier fills the rows of a framework.
GUIDE = (
    "Chỉ điền các ô màu vàng: Thẩm định, Điểm cuối cùng (sau giải trình), Ý kiến thẩm định. Các ô khác đã khóa.",
    "Mỗi dòng là một chỉ số thành phần của một đơn vị. Dùng bộ lọc ở dòng tiêu đề để chọn đơn vị hoặc chỉ số.",
    "Điểm từ 0 đến Điểm tối đa của dòng; ô có danh sách thì chọn trong danh sách.",
    "Ô để trống nghĩa là chưa thẩm định, không phải điểm 0. Nếu được 0 điểm, hãy ghi 0.",
    "Chỉ số cuối cùng chỉ tính được khi mọi chỉ số thành phần của đơn vị đều có Điểm cuối cùng.",
    "Tự đánh giá là điểm do đơn vị gửi, chỉ để đối chiếu. Điểm thẩm định cao hơn điểm tự đánh giá sẽ bị cảnh báo.",
    "Có thể chia thành nhiều tệp theo đơn vị hoặc chỉ số; một điểm chỉ ghi trong một tệp.",
    "Fill the yellow cells only. An empty cell is not verified, not zero. Filter by unit or indicator in the header.",
)
#: The bases that this feed alone brings.
OWN = ("verified", "final")
#: The one voice of all its files.
SOURCE = "verification"


def choices(known: Known) -> Mapping[str, Collection[str]]:
    """The codes of all units, for the template."""
    return {"unit_id": [unit.id for unit in known.units.all.values() if unit.kind != "aggregate"]}


def rows(
    known: Known, framework: Framework, period: str, geography: str, scores: Mapping[tuple[str, str, str], float]
) -> Iterator[Mapping[str, object]]:
    """What the template prints: every unit with every indicator, its maximum and the self score as it stands.

    ``scores``: by unit, node and basis.
    """
    for unit in known.units.members(geography):
        applied = framework.of_group(framework.group_of(unit.id, period, known.units))
        for line in lines(applied):
            if line.kind == "row":
                yield {
                    "unit_id": unit.id, "unit": unit.name_vi, "period": period, "code": line.code, "name": line.name,
                    "maximum": line.maximum if line.scored else UNSCORED,
                    "self": scores.get((unit.id, line.code, "self")),
                }  # fmt: skip


def limits(known: Known, printed: Sequence[Mapping[str, object]]) -> list[dict[str, object] | None]:
    """What the scores of each printed row may be: the grades of its indicator's rule, else points up to its maximum."""
    applied = {place: _applied(known, *place) for place in {_place(row) for row in printed}}
    nodes = ((framework := applied[_place(row)]) and framework.nodes.get(str(row["code"])) for row in printed)
    return [score_rule(node, node.max_points if node.scored else None) if node else None for node in nodes]


def _place(row: Mapping[str, object]) -> tuple[str, str]:
    return str(row["unit_id"]), str(row["period"])


def _applied(known: Known, unit_id: str, period: str) -> Framework | None:
    """What a unit is scored by in a period."""
    unit = known.units.all.get(unit_id)
    framework = known.frameworks.for_period(period, unit.geography, FEED.index) if unit else None
    if framework is None:
        return None
    overlaid = known.frameworks.overlaid(framework)
    return overlaid.of_group(overlaid.group_of(unit_id, period, known.units))


def period_said(book: Book) -> str | None:
    """The one period that all rows name; None where they name none, or several.

    Raises Unreadable where there is no table.
    """
    rows = (row for table in tables_of(book, FEED.columns) for row in table.rows())
    periods = {normalise(row["period"].raw) for row in rows if "period" in row} - {""}
    return periods.pop() if len(periods) == 1 else None


def parse(received: Received, known: Known) -> Extract:
    """The scores of every unit in the table; a row that is of no unit of the period is held back.

    Raises Unreadable where the file is not such a table.
    """
    book = opened(FEED, received, known)
    evidence = "illustrative" if is_synthetic(book) else None
    intake = Intake(FEED, received, book, geography="VN", source=SOURCE, evidence=evidence)
    sheet = intake.only_sheet(FEED.columns)
    table = find_table(sheet, FEED.columns)
    mark = decimal_mark(next(cell.raw for cell in table.header if cell.column == table.columns["verified"]))
    for unit_id, rows_of_unit in _by_unit(intake, sheet, known).items():
        unit = known.units.all[unit_id]
        codes = Counter(normalise(row["code"].raw) for row in rows_of_unit if is_code(row["code"]))
        framework = _framework(unit, received.period, codes, known)
        group = known.frameworks.overlaid(framework).group_of(unit.id, received.period, known.units)
        ScoreRows(intake, framework.of_group(group), unit, group, codes, mark, OWN).take(rows_of_unit)
    return intake.extract()


def _by_unit(intake: Intake, sheet: Sheet, known: Known) -> Mapping[str, list[Row]]:
    """The rows of each unit; what has neither code nor score is note."""
    by_unit = defaultdict[str, list[Row]](list)
    for row in intake.rows(sheet, FEED.columns):
        if all(row[name].blank for name in ("code", *BASES) if name in row):
            intake.mark("note", row.values())
            continue
        try:
            by_unit[_unit(row, intake.received.period, known)].append(row)
        except Held:
            with intake.row(row.values()):
                raise
    return by_unit


def _unit(row: Row, period: str, known: Known) -> str:
    """The id of a row's unit: by its code, which a name beside it must not contradict, in the period of the file.

    Raises Held.
    """
    code = text(row["unit_id"])
    unit = known.units.all.get(code)
    if unit is None or unit.kind == "aggregate":
        raise Held(row["unit_id"], "unknown_unit", suggestions=Bilingual.same(""))
    if "unit" in row and not row["unit"].blank and named(row["unit"], unit.geography, known) != code:
        raise Held(row["unit"], "name_of_another_unit", code=code, name=unit.name_vi)
    if "period" in row and not row["period"].blank and stated(row["period"], period) != period:
        raise Held(row["period"], "wrong_period", period=period)
    if known.frameworks.for_period(period, unit.geography, FEED.index) is None:
        raise Held(row["unit_id"], "no_framework", period=period, geography=unit.geography)
    return code


def _framework(unit: Unit, period: str, codes: Collection[str], known: Known) -> Framework:
    """The framework in force; with its overlay where the unit has rows that only the overlay knows."""
    framework = known.frameworks.for_period(period, unit.geography, FEED.index)
    assert framework, "rows of units without a framework are held back"
    overlaid = known.frameworks.overlaid(framework)
    return overlaid if any(code in overlaid.nodes and code not in framework.nodes for code in codes) else framework
