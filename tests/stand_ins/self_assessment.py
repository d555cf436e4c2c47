"""A self-assessment as another system exports it: 62 rows, codes that look like numbers, rows without evidence."""

from __future__ import annotations

import csv
import io
import random

#: How many indicators each group has; two thirds of the rows are worth 20 points, so that all are worth 960.
GROUPS = {"Hạ tầng": 9, "Dữ liệu": 10, "Nhân lực": 11, "Chính quyền số": 12, "Kinh tế số": 10, "Xã hội số": 10}
WORTH_10, ABOVE_SELF, WITHOUT_EVIDENCE = 28, 5, 33
SELF, VERIFIED = 787.84, 606.27
HEADER = (
    "code", "name_vi", "group_vi", "max_points", "self_score", "verified_score", "diff", "status", "n_evidence_lines",
    "source",
)  # fmt: skip


def commune() -> bytes:
    codes = [(f"{group}.{number}", name) for group, (name, size) in enumerate(GROUPS.items(), start=1)
             for number in range(1, size + 1)]  # fmt: skip
    maxima = [10] * WORTH_10 + [20] * (len(codes) - WORTH_10)
    chance = random.Random(62)
    claimed = [7.04, *spread([most * 0.97 for most in maxima[1:]], SELF - 7.04, chance)]
    verified = [10.0] + [round(score + 0.2, 2) for score in claimed[1:ABOVE_SELF]]
    ceilings = [min(score, most) for score, most in zip(claimed, maxima, strict=True)][ABOVE_SELF:]
    verified += spread(ceilings, VERIFIED - sum(verified), chance)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for number, ((code, group), most, ours, theirs) in enumerate(zip(codes, maxima, claimed, verified, strict=True)):
        lines = 0 if number < WITHOUT_EVIDENCE else number % 4 + 1
        writer.writerow([code, f"Chỉ tiêu giả lập {code}", group, most, f"{ours:.10g}", f"{theirs:.10g}",
                         f"{ours - theirs:.2f}", "Đang thực hiện", lines, "giả lập / synthetic"])  # fmt: skip
    return text.getvalue().encode()


def spread(ceilings: list[float], total: float, chance: random.Random) -> list[float]:
    """Figures of two decimals under their ceilings that add up to the total."""
    share = total / sum(ceilings)
    drawn = [round(ceiling * (share - chance.uniform(0.001, 0.003)), 2) for ceiling in ceilings]
    rest = round(total - sum(drawn), 2)
    for at, ceiling in enumerate(ceilings):
        more = round(min(rest, ceiling - drawn[at] - 0.01), 2)
        drawn[at], rest = round(drawn[at] + more, 2), round(rest - more, 2)
    assert rest == 0
    return drawn
